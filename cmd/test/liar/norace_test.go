//go:build !race

package liar

const (
	liarSeeds = 3000
	liarShare = 1 // of the meetings of keys, one in so many
)

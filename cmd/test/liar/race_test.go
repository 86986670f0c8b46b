//go:build race

package liar

// The race detector makes a world many times as expensive.
const (
	liarSeeds = 300
	liarShare = 7
)

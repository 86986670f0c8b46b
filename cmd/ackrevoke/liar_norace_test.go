//go:build !race

package main

const liarSeeds = 3000

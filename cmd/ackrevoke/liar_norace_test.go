//go:build !race

package main

const liarSeeds = 2000

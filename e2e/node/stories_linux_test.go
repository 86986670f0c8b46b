package node

import "testing"

// stories are played one after the other: all of them use the one node.
func stories(t *testing.T, n *node) {
	n.loadProgram(t)
	n.loadBusybox(t)
	n.nodeNetwork(t)
	for _, s := range []struct {
		name string
		play func(*testing.T, *node)
	}{
		{"release", storyOfARelease},
		{"deadline", storyOfADeadline},
		{"killed", storyOfAKill},
		{"drained", storyOfADrain},
		{"fleet", storyOfAFleet},
		{"documented", storyOfTheDocument},
	} {
		t.Run(s.name, func(t *testing.T) { s.play(t, n) })
	}
}

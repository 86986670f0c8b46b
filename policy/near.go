package policy

import (
	"slices"
	"strings"
)

// NearUIDs returns the live principals whose uid a slip of the hand, or a
// spreadsheet that keeps 15 digits, turns into this one: it differs in the last
// four digits only, or in one digit. Sorted by uid, at most five.
func NearUIDs(uid string, d Directory) []Identity {
	const most = 5
	var near []Identity
	for _, id := range slices.Concat(d.Users, d.Roles) {
		if nearUID(uid, id.UID) {
			near = append(near, id)
		}
	}
	slices.SortFunc(near, func(a, b Identity) int { return strings.Compare(a.UID, b.UID) })
	return near[:min(len(near), most)]
}

func nearUID(a, b string) bool {
	const rounded = 4
	if len(a) != len(b) || a == b {
		return false
	}
	differ := 0
	for i := range len(a) {
		if a[i] != b[i] {
			differ++
		}
	}
	n := len(a) - rounded
	return differ == 1 || n > 0 && a[:n] == b[:n]
}

package policy

import (
	"cmp"
	"slices"
)

// mostNear is how many principals a message names as the likely meaning.
const mostNear = 5

// roundedDigits are the last digits that a spreadsheet or a number of 64 bits
// loses of a uid: both keep the first 15 or so, and a uid has about 18.
const roundedDigits = 4

// NearUIDs returns the live users and roles whose uid a rounded or mistyped one
// could have meant, by uid and at most five: those of the same number of
// digits that differ in nothing but the last four digits, or in exactly one.
// They are for a message; nothing is decided by them.
func NearUIDs(uid string, d Directory) []Identity {
	var near []Identity
	for _, id := range slices.Concat(d.Users, d.Roles) {
		if nearUID(uid, id.UID) {
			near = append(near, id)
		}
	}
	slices.SortFunc(near, func(a, b Identity) int { return cmp.Compare(a.UID, b.UID) })
	return near[:min(len(near), mostNear)]
}

// nearUID reports whether one of two different uids could be the other as a
// slip of the hand or a rounding left it.
func nearUID(a, b string) bool {
	if len(a) != len(b) || a == b {
		return false
	}
	differ := 0
	for i := range len(a) {
		if a[i] != b[i] {
			differ++
		}
	}
	head := len(a) - roundedDigits
	return differ == 1 || head > 0 && a[:head] == b[:head]
}

package lint

import (
	"fmt"

	"gopkg.in/yaml.v3"
)

const (
	shortest = 9  // digits of a uid that is compared; those of RAM have 16 and more
	longest  = 32 // digits of a uid [policy.Load]
	tail     = 4  // digits that are lost or mixed up at the end
)

// near warns of an entry whose uid is one digit, or the last few digits, away from
// that of an entry before it: one of the two may be a slip that hits a colleague. A
// user and a role are told apart by the guard of kinds, whatever their uids.
//
// Entries are not compared with each other: those that share a uid with one digit
// blotted out are found by that text, so 10,000 cost as many steps as digits.
func (c *checker) near(rows []*yaml.Node) {
	first := map[string]int{} // entries by kind and the digits that the tail leaves
	to := make([]int, len(c.policy.Principals))
	digit := make([]bool, len(to)) // whether it is one digit alone
	for i, p := range c.policy.Principals {
		to[i] = -1
		if n := len(p.UID); n >= shortest {
			key := fmt.Sprint(p.Kind, n, " ", p.UID[:n-tail])
			if k, ok := first[key]; ok {
				to[i] = k
			} else {
				first[key] = i
			}
		}
	}
	c.oneDigit(to, digit)
	for i, p := range c.policy.Principals {
		if to[i] < 0 {
			continue
		}
		other, how := c.policy.Principals[to[i]], "in the last four digits only"
		if digit[i] {
			how = "in one digit only"
		}
		c.at(NearUID, value(rows[i], "uid"), fmt.Sprintf("uid %s differs from %s (line %d) %s", p.UID, other.UID, other.Line, how))
	}
}

// oneDigit finds, for each entry, one before it from which it differs in one digit.
func (c *checker) oneDigit(to []int, digit []bool) {
	type key struct {
		kind   byte // the first letter of user and role
		digits [longest]byte
	}
	seen := make(map[key]int, len(to))
	for at := range longest {
		clear(seen)
		for i, p := range c.policy.Principals {
			if at >= len(p.UID) || len(p.UID) < shortest {
				continue
			}
			k := key{kind: p.Kind[0]}
			copy(k.digits[:], p.UID)
			k.digits[at] = '_'
			switch before, ok := seen[k]; {
			case !ok:
				seen[k] = i
			case !digit[i]:
				to[i], digit[i] = before, true
			}
		}
	}
}

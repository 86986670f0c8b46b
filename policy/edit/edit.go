// Package edit changes the text of a policy file and nothing else of it.
//
//	bytes --Load--> policy         what the file says
//	      --nodes--> parts         where text goes in, by line and column
//	      --apply--> bytes --Load--> policy, which must differ by the intended change alone
//
// A policy is written by people: its comments, its order and its layout are
// theirs. So nothing is encoded anew. New text goes in at places that the
// parser's positions show, every other byte stays, and the proof that it went
// in at the right place is not the cleverness of the search but the last step:
// the new file is loaded like any other and compared, field by field, with the
// old one. Where no place passes that test, the change is refused and its text
// is handed over to be pasted by hand.
//
// Like the room around it, this one has no clock, no files and no log. Begin with
// this file, then place.go.
package edit

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"ackrevoke/policy"
)

// Edit is a change of one policy file that is proven to change nothing else.
type Edit struct {
	Old, New []byte
	parts    []part // of the text, in order
}

// part is new text at one place: cut bytes at an offset make room for it.
type part struct {
	at, cut int
	text    string
}

// ByHand is the error of a change for which no place in the text was proven
// right: the file has a layout that only its author knows how to go on with.
type ByHand struct {
	Why  string
	Text string // what is to be pasted
}

func (b *ByHand) Error() string { return b.Why }

// apply puts the parts in.
func apply(text string, parts []part) string {
	var b strings.Builder
	done := 0
	for _, p := range parts {
		b.WriteString(text[done:p.at])
		b.WriteString(p.text)
		done = p.at + p.cut
	}
	b.WriteString(text[done:])
	return b.String()
}

// sorted puts parts in the order of the text; those at one place stay in the
// order in which they were made.
func sorted(parts []part) []part {
	slices.SortStableFunc(parts, func(a, b part) int { return a.at - b.at })
	return parts
}

// with proves a change: the new text must be a policy that says the same as
// the old one with these principals.
func (s *source) with(parts []part, want []policy.Principal) (*Edit, error) {
	parts = sorted(slices.Clone(parts))
	for i, p := range parts {
		if p.at < 0 || p.at+p.cut > len(s.text) || i > 0 && p.at < parts[i-1].at+parts[i-1].cut {
			return nil, errors.New("the places of the change overlap")
		}
	}
	e := &Edit{Old: []byte(s.mark + s.text), New: []byte(s.mark + apply(s.text, parts)), parts: parts}
	now, err := policy.Load(s.policy.Path, e.New)
	if err != nil {
		return nil, err
	}
	if err := same(s.policy, now, want); err != nil {
		return nil, err
	}
	return e, nil
}

// same reports how two policies differ otherwise than by these principals.
func same(old, now *policy.Policy, want []policy.Principal) error {
	a, b := plain(old), plain(now)
	a.Principals = nil
	for _, p := range want {
		a.Principals = append(a.Principals, plainPrincipal(p))
	}
	switch {
	case old.Location.String() != now.Location.String():
		return errors.New("the time zone would change")
	case len(a.Principals) != len(b.Principals):
		return fmt.Errorf("there would be %d entries, not %d", len(b.Principals), len(a.Principals))
	}
	for i := range a.Principals {
		if !reflect.DeepEqual(a.Principals[i], b.Principals[i]) {
			return fmt.Errorf("the entry of %s would not be what is meant", a.Principals[i].UID)
		}
	}
	if !reflect.DeepEqual(a, b) {
		return errors.New("something else than the principals would change")
	}
	return nil
}

// plain is a policy without what a change of its text may move: places in the
// file, and its sum.
func plain(p *policy.Policy) policy.Policy {
	c := *p
	c.Path, c.SHA256, c.Location = "", "", nil
	c.Accepted = slices.Clone(c.Accepted)
	for i := range c.Accepted {
		c.Accepted[i].Line = 0
	}
	c.Principals = slices.Clone(c.Principals)
	for i := range c.Principals {
		c.Principals[i] = plainPrincipal(c.Principals[i])
	}
	return c
}

func plainPrincipal(p policy.Principal) policy.Principal {
	p.Line = 0
	p.Pins = slices.Clone(p.Pins)
	for i := range p.Pins {
		p.Pins[i].Line = 0
	}
	return p
}

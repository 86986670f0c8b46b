package edit

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"ackrevoke/policy"
)

// Change completes one entry with what it does not state yet. What is zero is
// left as it is.
type Change struct {
	UID       string
	Kind      policy.Kind
	Name      string
	CreatedAt time.Time
	Pins      []policy.Pin // beside those that it has
}

// Complete completes entries of a policy, all of them or none.
func Complete(name string, data []byte, changes []Change) (*Edit, error) {
	s, err := open(name, data)
	if err != nil {
		return nil, err
	}
	want := slices.Clone(s.policy.Principals)
	var parts []part
	for _, c := range changes {
		if !c.meant(want) {
			return nil, fmt.Errorf("%s has no entry for %s", name, c.UID)
		}
		if ways := s.ways(c); len(ways) > 0 {
			parts = append(parts, ways[0]...)
		}
	}
	if done, err := s.with(parts, want); err == nil {
		return done, nil
	}
	// Some entry has a layout of its own: each is tried by itself.
	parts = nil
	for _, c := range changes {
		one, err := s.alone(c)
		if err != nil {
			return nil, &ByHand{Why: fmt.Sprintf("%s: no place in the entry of %s was found that changes nothing else: %v", name, c.UID, err),
				Text: c.text()}
		}
		parts = append(parts, one...)
	}
	done, err := s.with(parts, want)
	if err != nil {
		return nil, &ByHand{Why: fmt.Sprintf("%s: the entries cannot be completed together: %v", name, err), Text: changes[0].text()}
	}
	return done, nil
}

// meant makes the change on the value.
func (c Change) meant(list []policy.Principal) bool {
	i := slices.IndexFunc(list, func(p policy.Principal) bool { return p.UID == c.UID })
	if i < 0 {
		return false
	}
	p := &list[i]
	if c.Kind != "" {
		p.Kind = c.Kind
	}
	if c.Name != "" {
		p.Name = c.Name
	}
	if !c.CreatedAt.IsZero() {
		p.CreatedAt = c.CreatedAt.UTC().Truncate(time.Second)
	}
	p.Pins = slices.Clone(p.Pins)
	for _, pin := range c.Pins {
		p.Pins = append(p.Pins, policy.Pin{Cluster: pin.Cluster, Expires: pin.Expires.UTC().Truncate(time.Second)})
	}
	return true
}

func (s *source) alone(c Change) ([]part, error) {
	want := slices.Clone(s.policy.Principals)
	c.meant(want)
	err := fmt.Errorf("the layout of the entry is not known")
	for _, parts := range s.ways(c) {
		if _, wrong := s.with(parts, want); wrong != nil {
			err = wrong
			continue
		}
		return parts, nil
	}
	return nil, err
}

// stated are the new fields, without the pins.
func (c Change) stated(d dialect) (first, last []pair) {
	if c.Kind != "" {
		first = append(first, pair{key: "kind", value: d.word(string(c.Kind))})
	}
	if c.Name != "" {
		first = append(first, pair{key: "name", value: d.word(c.Name)})
	}
	if !c.CreatedAt.IsZero() {
		last = append(last, pair{key: "createdAt", value: d.stamp(c.CreatedAt)})
	}
	return first, last
}

// text is the change as it can be typed into the entry.
func (c Change) text() string {
	first, last := c.stated(dialect{})
	all := slices.Concat(first, last)
	if len(c.Pins) > 0 {
		all = append(all, pair{key: "certificates", items: pinItems(dialect{}, c.Pins)})
	}
	return strings.Join(dialect{}.block(all), "\n") + "\n"
}

func pinItems(d dialect, pins []policy.Pin) []string {
	var items []string
	for _, p := range pins {
		items = append(items, d.pin(p))
	}
	return items
}

// ways are the sets of parts that could make the change, the likeliest first.
func (s *source) ways(c Change) [][]part {
	n := s.entry(c.UID)
	d := dialectOf(n)
	first, last := c.stated(d)
	_, uid := field(n, "uid")
	behind := uid
	if len(first) == 0 { // the order of the format: uid, kind, name, createdAt
		for _, key := range []string{"kind", "name"} {
			if _, v := field(n, key); v != nil {
				if _, ok := s.end(v); ok {
					behind = v
				}
			}
		}
	}
	var parts []part
	if all := slices.Concat(first, last); len(all) > 0 {
		parts = append(parts, s.fields(n, behind, d, all)...)
	}
	if len(c.Pins) == 0 {
		return [][]part{parts}
	}
	key, list := field(n, "certificates")
	if list == nil {
		_, v := field(n, "until")
		if v == nil {
			v = uid
		}
		return [][]part{append(parts, s.fields(n, v, d, []pair{{key: "certificates", items: pinItems(d, c.Pins)}})...)}
	}
	var ways [][]part
	for _, way := range s.insert(key, list, len(list.Content), func(at dialect) (all [][]string) {
		for _, item := range pinItems(at, c.Pins) {
			all = append(all, []string{item})
		}
		return all
	}) {
		ways = append(ways, append(slices.Clone(parts), way...))
	}
	return ways
}

// fields puts fields into an entry, behind one of its values.
func (s *source) fields(entry, value *yaml.Node, d dialect, pairs []pair) []part {
	if d.flow {
		end, ok := s.end(value)
		if !ok {
			return nil
		}
		return []part{{at: end, text: ", " + d.inline(pairs)}}
	}
	indent := strings.Repeat(" ", entry.Column-1)
	return []part{s.newLines(value.Line+1, indented(d.block(pairs), indent, indent))}
}

// Stated returns the keys that stand in each entry, by uid: a default that
// nobody wrote is not among them.
func Stated(name string, data []byte) (map[string][]string, error) {
	s, err := open(name, data)
	if err != nil {
		return nil, err
	}
	keys := map[string][]string{}
	for _, n := range s.principals.Content {
		_, uid := field(n, "uid")
		for i := 0; i+1 < len(n.Content); i += 2 {
			keys[uid.Value] = append(keys[uid.Value], n.Content[i].Value)
		}
	}
	return keys, nil
}

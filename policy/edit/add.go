package edit

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"ackrevoke/policy"
)

// Entry is a new entry of a policy. Effective and Until are as a person writes
// them: a date, or a time with offset.
type Entry struct {
	UID              string
	Kind             policy.Kind
	Name             string
	CreatedAt        time.Time
	Reason           policy.Reason
	Effective, Until string
	Deleted          bool
	Clusters         []string
	Pins             []policy.Pin
	Ticket, Note     string
}

// pairs are the fields in the order of the format.
func (e Entry) pairs(d dialect) []pair {
	all := []pair{{key: "uid", value: quoted(e.UID)}, {key: "kind", value: d.word(string(e.Kind))}}
	add := func(given bool, p pair) {
		if given {
			all = append(all, p)
		}
	}
	add(e.Name != "", pair{key: "name", value: d.word(e.Name)})
	add(!e.CreatedAt.IsZero(), pair{key: "createdAt", value: d.stamp(e.CreatedAt)})
	add(true, pair{key: "reason", value: d.word(string(e.Reason))})
	add(e.Effective != "", pair{key: "effective", value: d.date(e.Effective)})
	add(e.Until != "", pair{key: "until", value: d.date(e.Until)})
	add(e.Deleted, pair{key: "deleted", value: "true"})
	var clusters, pins []string
	for _, c := range e.Clusters {
		clusters = append(clusters, d.word(c))
	}
	for _, p := range e.Pins {
		pins = append(pins, d.pin(p))
	}
	add(clusters != nil, pair{key: "clusters", items: clusters})
	add(pins != nil, pair{key: "certificates", items: pins})
	add(e.Ticket != "", pair{key: "ticket", value: d.word(e.Ticket)})
	add(e.Note != "", pair{key: "note", value: d.word(e.Note)})
	return all
}

// Text is the entry as it can be pasted into a list of principals.
func (e Entry) Text() string {
	return strings.Join(indented(dialect{}.block(e.pairs(dialect{})), "  - ", "    "), "\n") + "\n"
}

// Principal is what the entry means in a policy of this time zone, by the
// rules of the format themselves.
func (e Entry) Principal(zone *time.Location) (policy.Principal, error) {
	for _, s := range append([]string{e.UID, e.Name, e.Ticket, e.Note}, e.Clusters...) {
		if !utf8.ValidString(s) {
			return policy.Principal{}, fmt.Errorf("%q is not UTF-8", s)
		}
	}
	text := "version: 1\naccount: \"0\"\ntimeZone: " + quoted(zone.String()) + "\nprincipals:\n" + e.Text()
	p, err := policy.Load("entry", []byte(text))
	var wrong policy.Errors
	if errors.As(err, &wrong) && len(wrong) > 0 {
		return policy.Principal{}, errors.New(wrong[0].Message) // the place is in a text that nobody has seen
	}
	if err != nil {
		return policy.Principal{}, err
	}
	return p.Principals[0], nil
}

// Add puts one entry into a policy: in its place where the list is in order of
// uids, else at its end.
func Add(name string, data []byte, e Entry) (*Edit, error) {
	s, err := open(name, data)
	if err != nil {
		return nil, err
	}
	p, err := e.Principal(s.policy.Location)
	if err != nil {
		return nil, err
	}
	i := position(s.policy.Principals, e.UID)
	want := slices.Insert(slices.Clone(s.policy.Principals), i, p)
	why := errors.New("the layout of the list is not known")
	for _, parts := range s.insert(s.key, s.principals, i, func(d dialect) [][]string { return [][]string{d.lines(e.pairs(d))} }) {
		done, err := s.with(parts, want)
		if err == nil {
			return done, nil
		}
		why = err
	}
	return nil, &ByHand{Why: fmt.Sprintf("%s: no place for the entry of %s was found that changes nothing else: %v", name, e.UID, why),
		Text: e.Text()}
}

// position is where an entry belongs.
func position(list []policy.Principal, uid string) int {
	byUID := func(a, b policy.Principal) int { return policy.CompareUID(a.UID, b.UID) }
	if !slices.IsSortedFunc(list, byUID) {
		return len(list)
	}
	i, _ := slices.BinarySearchFunc(list, policy.Principal{UID: uid}, byUID)
	return i
}

// entry is the node of a principal.
func (s *source) entry(uid string) *yaml.Node {
	for _, n := range s.principals.Content {
		if _, v := field(n, "uid"); v != nil && v.Value == uid {
			return n
		}
	}
	return nil
}

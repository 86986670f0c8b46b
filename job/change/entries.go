package change

import (
	"fmt"
	"strconv"
	"strings"

	"ackrevoke/policy"
)

// entries compares the list. The uid is who is meant, so it is what two entries
// have in common.
func (c *comparison) entries() {
	old, new := map[string]policy.Principal{}, map[string]bool{}
	for _, e := range c.before.Principals {
		old[e.UID] = e
	}
	for _, e := range c.after.Principals {
		new[e.UID] = true
		if was, ok := old[e.UID]; ok {
			c.entry(was, e)
			continue
		}
		c.add(Change{Class: Added, Key: "principals", UID: e.UID, Name: e.Name, New: entryText(e, c.after), NewLine: e.Line,
			Effects: []Effect{Takes}, Says: "what it holds in scope is taken away"})
	}
	for _, e := range c.before.Principals {
		if !new[e.UID] {
			c.add(Change{Class: Removed, Key: "principals", UID: e.UID, Name: e.Name, Old: entryText(e, c.before), OldLine: e.Line,
				Effects: []Effect{Leaves}, Says: "it may hold again: its credentials are looked at no more"})
		}
	}
}

// pair is one entry as it was and as it is.
type pair struct {
	*comparison
	was, is policy.Principal
}

// says adds a change of the entry.
func (p pair) says(class Class, key, old, new string, effects []Effect, text string) {
	p.add(Change{Class: class, Key: "principals." + key, UID: p.is.UID, Name: p.is.Name, Old: old, New: new, Effects: effects, Says: text,
		OldLine: p.was.Line, NewLine: p.is.Line})
}

func (c *comparison) entry(was, is policy.Principal) {
	p := pair{c, was, is}
	p.reason()
	p.identity()
	p.moments()
	p.reach()
	p.pins()
	if was.Force != is.Force {
		effects, text := []Effect{Takes}, "it is taken away also where the principal used the cluster in the last 7 days"
		if was.Force {
			effects, text = []Effect{Leaves}, "the service may decline where the principal used the cluster in the last 7 days"
		}
		p.says(Changed, "force", strconv.FormatBool(was.Force), strconv.FormatBool(is.Force), effects, text)
	}
	if was.Ticket != is.Ticket {
		p.says(Changed, "ticket", was.Ticket, is.Ticket, nil, "words only")
	}
	if was.Note != is.Note {
		p.says(Changed, "note", was.Note, is.Note, nil, "words only")
	}
}

func (p pair) reason() {
	if p.was.Reason == p.is.Reason {
		return
	}
	effects, text := []Effect{Takes}, "everything it holds in scope is taken away, now and on every later run"
	if p.is.Reason == policy.Compromised {
		effects, text = []Effect{Leaves}, "everything is taken away until a date, and no longer"
		if p.is.Pinned() {
			text = "only the certificates that are named are taken away: all else it holds, or fetches anew, stays"
		}
	}
	p.says(Moved, "reason", string(p.was.Reason), string(p.is.Reason), effects, text)
}

// identity compares what says who is meant, beside the uid.
func (p pair) identity() {
	if p.was.Kind != p.is.Kind {
		p.says(Changed, "kind", string(p.was.Kind), string(p.is.Kind), []Effect{Takes, Leaves},
			"another kind of principal: a role's credential is everybody's who assumes it")
	}
	checks := func(old, new string) ([]Effect, string) {
		switch {
		case new == "" && p.is.Name == "" && p.is.CreatedAt.IsZero():
			return []Effect{Takes}, "nothing checks the uid any more: a mistyped one hits somebody else"
		case new == "":
			return []Effect{Takes}, "one check less on the uid"
		case old == "":
			return nil, "one check more on the uid"
		}
		return nil, "another check on the uid: the entry is refused where it does not hold"
	}
	if p.was.Name != p.is.Name {
		effects, text := checks(p.was.Name, p.is.Name)
		p.says(Changed, "name", p.was.Name, p.is.Name, effects, text)
	}
	if !p.was.CreatedAt.Equal(p.is.CreatedAt) {
		old, new := moment(p.was.CreatedAt), moment(p.is.CreatedAt)
		effects, text := checks(old, new)
		p.says(Changed, "createdAt", old, new, effects, text)
	}
	if p.was.Deleted != p.is.Deleted {
		effects, text := []Effect{Hides}, "the author says that it is deleted in RAM: no trace of it counts as settled, no longer as unknown"
		if p.was.Deleted {
			effects, text = nil, "no trace of it is unknown again"
		}
		p.says(Changed, "deleted", strconv.FormatBool(p.was.Deleted), strconv.FormatBool(p.is.Deleted), effects, text)
	}
}

func (p pair) moments() {
	if a, b := p.was.Effective, p.is.Effective; !a.Equal(b) {
		effects, text := []Effect{Takes}, "in effect sooner"
		if b.After(a) {
			effects, text = []Effect{Leaves}, "in effect later: until then nothing is taken away"
		}
		old, new := begins(a, p.before, b, p.after)
		p.says(Changed, "effective", old, new, effects, text)
	}
	if a, b := p.was.Until, p.is.Until; !a.Equal(b) {
		effects, text := []Effect{Takes}, "it lapses later, or never"
		if a.IsZero() || !b.IsZero() && b.Before(a) {
			effects, text = []Effect{Leaves}, "it lapses sooner: from then on nothing is looked at"
		}
		old, new := ends(a, p.before, b, p.after)
		p.says(Changed, "until", old, new, effects, text)
	}
}

// reach compares the clusters that the entry is narrowed to.
func (p pair) reach() {
	m := reach(p.was.Clusters, p.is.Clusters, false)
	if m == nil {
		return
	}
	text := map[*meaning]string{
		&wider:     "on more clusters: more is taken away",
		&narrower:  "on fewer clusters: what it holds on the others is looked at no more, and stays",
		&elsewhere: "on other clusters: what it holds where it is narrowed no more to stays",
	}[m]
	p.says(Changed, "clusters", list(p.was.Clusters), list(p.is.Clusters), m.effects, text)
}

// pins compares the certificates that are named. None is everything.
func (p pair) pins() {
	gone, come := apart(texts(p.was.Pins, pinText), texts(p.is.Pins, pinText))
	const key = "certificates"
	switch {
	case len(gone)+len(come) == 0:
	case !p.was.Pinned():
		p.says(Changed, key, "", list(come), []Effect{Leaves}, "only these certificates are taken away, and no longer everything")
	case !p.is.Pinned():
		p.says(Changed, key, list(gone), "", []Effect{Takes}, "everything is taken away, and no longer these certificates alone")
	default:
		for _, pin := range gone {
			p.says(Changed, key, pin, "", []Effect{Leaves}, "this certificate is looked for no more, and may be in force")
		}
		for _, pin := range come {
			p.says(Changed, key, "", pin, []Effect{Takes}, "this certificate is taken away as well")
		}
	}
}

func pinText(p policy.Pin) string { return p.Cluster + " until " + moment(p.Expires) }

// mostPins is how many certificates the text of an entry names.
const mostPins = 3

// entryText is an entry in short.
func entryText(e policy.Principal, p *policy.Policy) string {
	parts := []string{string(e.Reason)}
	if e.Kind == policy.Role {
		parts[0] = "role, " + parts[0]
	}
	if !e.Effective.IsZero() {
		parts = append(parts, "effective "+firstDay(e.Effective, p))
	}
	if !e.Until.IsZero() {
		parts = append(parts, "until "+lastDay(e.Until, p))
	}
	if len(e.Clusters) > 0 {
		parts = append(parts, "on "+list(e.Clusters))
	}
	for i, pin := range e.Pins {
		if i == mostPins {
			parts = append(parts, fmt.Sprintf("and %d more certificates", len(e.Pins)-mostPins))
			break
		}
		parts = append(parts, "certificate "+pinText(pin))
	}
	if e.Deleted {
		parts = append(parts, "deleted in RAM")
	}
	if !e.Force {
		parts = append(parts, "not forced")
	}
	if e.Ticket != "" {
		parts = append(parts, e.Ticket)
	}
	return strings.Join(parts, ", ")
}

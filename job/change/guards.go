package change

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ackrevoke/policy"
)

// account compares whose account it is and who works on it.
func (c *comparison) account() {
	both := []Effect{Takes, Leaves}
	c.text("account", c.before.Account, c.after.Account, Loosened, both,
		"the policy is about another account: what its entries hold on the old one is looked at no more, and "+
			"on the new one their uids mean others, or nobody")
	c.text("assumeRole", c.before.AssumeRole, c.after.AssumeRole, Loosened, both,
		"the run works as somebody else: see what that one may read and do")
	c.text("externalId", c.before.ExternalID, c.after.ExternalID, Loosened, both,
		"the role is taken with another external id: see that its trust policy asks for this one")
	c.text("timeZone", zone(c.before), zone(c.after), Changed, nil,
		"the days of all dates begin at another hour: entries whose moments move are named on their own")
}

// text compares a value of which there is one.
func (c *comparison) text(key, old, new string, class Class, effects []Effect, says string) {
	if old != new {
		c.add(Change{Class: class, Key: key, Old: old, New: new, Effects: effects, Says: says})
	}
}

// number compares a limit: up is what more of it means, down what less.
func (c *comparison) number(key string, old, new int, up, down meaning) {
	m := up
	switch {
	case old == new:
		return
	case new < old:
		m = down
	}
	c.add(Change{Class: m.class, Key: key, Old: strconv.Itoa(old), New: strconv.Itoa(new), Effects: m.effects, Says: m.says})
}

// meaning is what a change in one direction comes to.
type meaning struct {
	class   Class
	effects []Effect
	says    string
}

func (c *comparison) guards() {
	old, new := c.before.Guards, c.after.Guards
	c.protect(old.Protect, new.Protect)
	for _, x := range caps {
		c.number("guards."+x.key, *x.of(&old), *x.of(&new), meaning{Loosened, []Effect{Takes}, "one run may take from more " + x.whom},
			meaning{Tightened, []Effect{Leaves}, "a run that would take from more " + x.whom + " is refused"})
	}
	c.raise(old, new)
	c.flag("guards.allowEmpty", old.AllowEmpty, new.AllowEmpty,
		meaning{Loosened, []Effect{Leaves}, "a list that loses all its entries is refused no more"},
		meaning{Tightened, nil, "a list that loses all its entries is refused again"})
}

// limit is one of the caps.
type limit struct {
	key, whom string
	of        func(*policy.Guards) *int
	raised    func(*policy.Raise) *int
}

var caps = []limit{
	{"maxPrincipals", "departed principals", func(g *policy.Guards) *int { return &g.MaxPrincipals },
		func(r *policy.Raise) *int { return r.MaxPrincipals }},
	{"maxRevocations", "places (each one an action)", func(g *policy.Guards) *int { return &g.MaxRevocations },
		func(r *policy.Raise) *int { return r.MaxRevocations }},
	{"maxCompromised", "compromised principals", func(g *policy.Guards) *int { return &g.MaxCompromised },
		func(r *policy.Raise) *int { return r.MaxCompromised }},
}

func (c *comparison) flag(key string, old, new bool, on, off meaning) {
	m := on
	switch {
	case old == new:
		return
	case old:
		m = off
	}
	c.add(Change{Class: m.class, Key: key, Old: strconv.FormatBool(old), New: strconv.FormatBool(new), Effects: m.effects, Says: m.says})
}

func (c *comparison) protect(old, new []policy.Protect) {
	gone, come := apart(texts(old, protectText), texts(new, protectText))
	for _, p := range gone {
		c.add(Change{Class: Loosened, Key: "guards.protect", Old: p, Effects: []Effect{Takes},
			Says: "it is protected no more: an entry may hit whoever this means"})
	}
	for _, p := range come {
		c.add(Change{Class: Tightened, Key: "guards.protect", New: p, Effects: []Effect{Leaves},
			Says: "entries that it means are refused: what those principals hold stays"})
	}
}

func protectText(p policy.Protect) string {
	if p.UID != "" {
		return "uid " + p.UID
	}
	return "name " + p.Name
}

// raise compares the exception from the caps, where there is one. What it comes
// to is told by the caps that it stands for, so one that lowers them tightens.
func (c *comparison) raise(old, new policy.Guards) {
	const key = "guards.raise"
	switch a, b := old.Raise, new.Raise; {
	case a == nil && b == nil:
	case a == nil:
		c.exception(Change{Key: key, New: raiseText(b, c.after)}, lifts(new, b), "added, with a date: until then these caps are replaced")
	case b == nil:
		c.exception(Change{Key: key, Old: raiseText(a, c.before)}, !lifts(old, a), "taken out: the caps of the policy hold again")
	default:
		if !a.Until.Equal(b.Until) {
			x := Change{Key: key + ".until"}
			x.Old, x.New = ends(a.Until, c.before, b.Until, c.after)
			longer := b.Until.After(a.Until)
			says := "it ends sooner: from then on the caps of the policy hold"
			if longer {
				says = "extended: it replaces the caps for longer"
			}
			c.exception(x, longer == lifts(new, b), says)
		}
		for _, x := range caps {
			c.raisedCap(key+"."+x.key, x.raised(a), x.raised(b), *x.of(&old), *x.of(&new), x.whom)
		}
	}
}

// exception adds a change of the exception.
func (c *comparison) exception(x Change, loosens bool, says string) {
	x.Class, x.Effects, x.Says = Tightened, []Effect{Leaves}, says
	if loosens {
		x.Class, x.Effects = Loosened, []Effect{Takes}
	}
	c.add(x)
}

// raisedCap compares a cap of the exception; where it states none, that of the
// policy holds.
func (c *comparison) raisedCap(key string, old, new *int, oldCap, newCap int, whom string) {
	if count(old) == count(new) {
		return
	}
	before, after := oldCap, newCap
	if old != nil {
		before = *old
	}
	if new != nil {
		after = *new
	}
	x := Change{Key: key, Old: count(old), New: count(new)}
	if after == before {
		x.Class, x.Says = Changed, "the cap is as it was"
		c.add(x)
		return
	}
	c.exception(x, after > before, fmt.Sprintf("until its date the cap on %s is %d, and was %d", whom, after, before))
}

// lifts reports whether an exception lets more through than the policy does.
func lifts(g policy.Guards, r *policy.Raise) bool {
	return slices.ContainsFunc(caps, func(x limit) bool {
		raised := x.raised(r)
		return raised != nil && *raised > *x.of(&g)
	})
}

func raiseText(r *policy.Raise, p *policy.Policy) string {
	var parts []string
	for _, x := range caps {
		if n := x.raised(r); n != nil {
			parts = append(parts, x.key+" "+strconv.Itoa(*n))
		}
	}
	return strings.Join(append(parts, "until "+lastDay(r.Until, p)), ", ")
}

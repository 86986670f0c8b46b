package change

import (
	"slices"
	"strconv"
	"strings"

	"ackrevoke/policy"
)

// A scope has two dangerous directions. Wider, the policy takes away where it
// did not; narrower, what its principals hold out there is looked at no more.
// So every change of it stands among what loosens.
var (
	wider    = meaning{Loosened, []Effect{Takes}, "the policy acts on more clusters: more may be taken away"}
	narrower = meaning{Loosened, []Effect{Leaves},
		"the policy acts on fewer clusters: what its principals hold on the others is looked at no more, and stays"}
	elsewhere = meaning{Loosened, []Effect{Takes, Leaves},
		"the policy acts on other clusters: more may be taken away there, and what is held where it acts no more stays"}
)

func (c *comparison) scope() {
	old, new := c.before.Scope, c.after.Scope
	for _, x := range []struct {
		key      string
		old, new []string
		leaveOut bool
	}{
		{"scope.regions", old.Regions, new.Regions, false},
		{"scope.include", old.Include, new.Include, false},
		{"scope.exclude", old.Exclude, new.Exclude, true},
	} {
		if m := reach(x.old, x.new, x.leaveOut); m != nil {
			c.add(Change{Class: m.class, Key: x.key, Old: list(x.old), New: list(x.new), Effects: m.effects, Says: m.says})
		}
	}
	c.minClusters(old.MinClusters, new.MinClusters)
	c.flag("scope.allClustersGrants", old.AllClustersGrants, new.AllClustersGrants,
		meaning{Loosened, []Effect{Takes}, "a grant on all clusters may be taken away although the scope is narrower"},
		meaning{Loosened, []Effect{Leaves}, "a grant on all clusters stays where the scope is narrower"})
}

// reach says how the clusters changed that a list stands for; nil where they did
// not. An empty list that takes in stands for everything.
func reach(old, new []string, leaveOut bool) *meaning {
	gone, come := apart(old, new)
	all := func(s []string) bool { return len(s) == 0 && !leaveOut }
	switch {
	case len(gone)+len(come) == 0:
		return nil
	case all(old):
		return &narrower
	case all(new):
		return &wider
	case len(gone) > 0 && len(come) > 0:
		return &elsewhere
	case len(come) > 0 == leaveOut:
		return &narrower
	}
	return &wider
}

// minClusters compares how many clusters must be listed: at least one, where
// that is not stated.
func (c *comparison) minClusters(old, new *int) {
	before, after := 1, 1
	if old != nil {
		before = *old
	}
	if new != nil {
		after = *new
	}
	x := Change{Class: Changed, Key: "scope.minClusters", Old: count(old), New: count(new), Says: "one cluster at least, as before"}
	switch {
	case count(old) == count(new):
		return
	case after < before:
		x.Class, x.Effects, x.Says = Loosened, []Effect{Leaves},
			"a shorter list of clusters is believed: what is on one that it lacks would not be missed"
	case after > before:
		x.Class, x.Effects, x.Says = Tightened, nil, "a shorter list of clusters stops the run"
	}
	c.add(x)
}

// accepted compares the known leftovers. A row is known by what it is about;
// its date and its reason may change.
func (c *comparison) accepted() {
	old, new := byText(c.before.Accepted), byText(c.after.Accepted)
	gone, come := apart(texts(c.before.Accepted, stated), texts(c.after.Accepted, stated))
	left := map[string][]string{} // of those that came, by what they are about
	for _, k := range come {
		left[about(new[k])] = append(left[about(new[k])], k)
	}
	for _, k := range gone {
		a := old[k]
		if same := left[about(a)]; len(same) > 0 {
			c.acceptedAnew(a, new[same[0]])
			left[about(a)] = same[1:]
			continue
		}
		c.add(Change{Class: Tightened, Key: "accepted", UID: a.UID, Old: acceptedText(a, c.before), OldLine: a.Line,
			Says: "this leftover keeps the run red again"})
	}
	for _, k := range come {
		if a := new[k]; slices.Contains(left[about(a)], k) {
			c.add(Change{Class: Loosened, Key: "accepted", UID: a.UID, New: acceptedText(a, c.after), NewLine: a.Line, Effects: []Effect{Hides},
				Says: "this leftover keeps the run red no more"})
		}
	}
}

// about is what a row accepts, and stated all that it says; no value has a NUL.
func about(a policy.Accepted) string {
	return strings.Join([]string{string(a.What), a.UID, a.Cluster, a.Region}, "\x00")
}

func stated(a policy.Accepted) string {
	return strings.Join([]string{about(a), moment(a.Until), a.Why}, "\x00")
}

func byText(rows []policy.Accepted) map[string]policy.Accepted {
	all := map[string]policy.Accepted{}
	for _, a := range rows {
		all[stated(a)] = a
	}
	return all
}

// acceptedAnew compares two rows about the same leftover.
func (c *comparison) acceptedAnew(a, b policy.Accepted) {
	x := Change{UID: a.UID, OldLine: a.Line, NewLine: b.Line}
	if !a.Until.Equal(b.Until) {
		x.Key, x.Class, x.Says = "accepted.until", Tightened, "it keeps the run red from an earlier day on"
		if b.Until.After(a.Until) {
			x.Class, x.Effects, x.Says = Loosened, []Effect{Hides}, "extended: it keeps the run red only later"
		}
		old, new := ends(a.Until, c.before, b.Until, c.after)
		x.Old, x.New = whatText(a)+", until "+old, "until "+new
		c.add(x)
	}
	if a.Why != b.Why {
		c.add(Change{Class: Changed, Key: "accepted.why", UID: a.UID, OldLine: a.Line, NewLine: b.Line, Old: whatText(a) + ", why: " + a.Why,
			New: "why: " + b.Why, Says: "another reason for what is accepted"})
	}
}

// whatText is what a row is about.
func whatText(a policy.Accepted) string {
	parts := []string{string(a.What)}
	for _, x := range []struct{ key, value string }{{"uid", a.UID}, {"cluster", a.Cluster}, {"region", a.Region}} {
		if x.value != "" {
			parts = append(parts, x.key+" "+x.value)
		}
	}
	return strings.Join(parts, ", ")
}

func acceptedText(a policy.Accepted, p *policy.Policy) string {
	return strings.Join([]string{whatText(a), "until " + lastDay(a.Until, p), "why: " + a.Why}, ", ")
}

// count is a number that need not be stated.
func count(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

package liar

import (
	"slices"
	"testing"
	"time"

	"ackrevoke/cmd/test/stage"
)

// shrink takes away from a fable what it can while it still fails.
func shrink(f *fable, fails func(*fable) bool) *fable {
	for smaller := true; smaller; {
		smaller = false
		for i := 0; ; {
			g := f.clone()
			more, changed := g.cut(i)
			if !more {
				break
			}
			if changed && fails(g) {
				f, smaller = g, true
				continue // what was at i is gone; the next one is there now
			}
			i++
		}
	}
	return f
}

func (f *fable) clone() *fable {
	g := *f
	g.people, g.clusters, g.certs, g.grants = slices.Clone(g.people), slices.Clone(g.clusters), slices.Clone(g.certs), slices.Clone(g.grants)
	g.services, g.faults = slices.Clone(g.services), slices.Clone(g.faults)
	l := &g.list
	l.regions, l.include, l.exclude, l.protect = slices.Clone(l.regions), slices.Clone(l.include), slices.Clone(l.exclude),
		slices.Clone(l.protect)
	l.accepted, l.entries = slices.Clone(l.accepted), slices.Clone(l.entries)
	for i := range l.entries {
		l.entries[i].clusters, l.entries[i].pins = slices.Clone(l.entries[i].clusters), slices.Clone(l.entries[i].pins)
	}
	return &g
}

// cutter counts down to the one cut that is wanted.
type cutter struct {
	left          int
	done, changed bool
}

// here says whether the cut is the wanted one.
func (c *cutter) here() bool {
	c.left--
	c.done = c.done || c.left == -1
	return c.left == -1
}

func drop[T any](c *cutter, items *[]T, gone func(T)) {
	for i := range *items {
		if c.here() {
			item := (*items)[i]
			*items = slices.Delete(*items, i, i+1)
			c.changed = true
			if gone != nil {
				gone(item)
			}
			return
		}
	}
}

// plain puts a value back to what needs no words.
func plain[T comparable](c *cutter, at *T, value T) {
	if c.here() {
		c.changed = *at != value
		*at = value
	}
}

// cut makes the i-th of all simplifications there are, the coarse ones first;
// more is false past the last one.
func (f *fable) cut(i int) (more, changed bool) {
	c := &cutter{left: i}
	l := &f.list
	drop(c, &f.faults, nil)
	drop(c, &l.entries, nil)
	drop(c, &f.clusters, func(p drawnCluster) { f.forget("", p.id) })
	for j := range f.people {
		if c.here() && f.people[j].uid != f.runner {
			f.forget(f.people[j].uid, "")
			f.people = slices.Delete(f.people, j, j+1)
			c.changed = true
			break
		}
	}
	drop(c, &f.services, nil)
	drop(c, &f.certs, nil)
	drop(c, &f.grants, nil)
	drop(c, &l.accepted, nil)
	drop(c, &l.protect, nil)
	drop(c, &l.regions, nil)
	drop(c, &l.include, nil)
	drop(c, &l.exclude, nil)
	plain(c, &l.minClusters, -1)
	plain(c, &l.allClusters, false)
	plain(c, &l.caps, drawnCaps{-1, -1, -1})
	plain(c, &l.raiseUntil, time.Time{})
	plain(c, &f.flags.allow, -1)
	plain(c, &f.flags.maxPrincipals, -1)
	plain(c, &f.flags.maxRevocations, -1)
	plain(c, &f.flags.check, false)
	plain(c, &f.flags.expect, false)
	plain(c, &f.flags.single, false)
	plain(c, &f.emptied, "")
	f.cutOpen(c)
	for j := range l.entries {
		e := &l.entries[j]
		drop(c, &e.clusters, nil)
		if len(e.pins) > 1 {
			drop(c, &e.pins, nil)
		}
		plain(c, &e.name, "")
		plain(c, &e.created, time.Time{})
		plain(c, &e.effective, time.Time{})
		plain(c, &e.unforced, false)
		plain(c, &e.deleted, false)
	}
	for j := range f.clusters {
		p := &f.clusters[j]
		plain(c, &p.state, "running")
		plain(c, &p.typ, "ManagedKubernetes")
		plain(c, &p.created, stage.Noon.Add(-2*year))
		plain(c, &p.noAudit, false)
		plain(c, &p.hidden, false)
		plain(c, &p.unreachable, false)
	}
	for j := range f.certs {
		plain(c, &f.certs[j].lastUsed, time.Time{})
		plain(c, &f.certs[j].previous, time.Time{})
	}
	return c.done, c.changed
}

func (f *fable) cutOpen(c *cutter) {
	o := &f.open
	plain(c, &o.lag, 0)
	plain(c, &o.effect, 0)
	plain(c, &o.enumerate, true)
	plain(c, &o.listDeleted, true)
	plain(c, &o.goneRows, false)
	plain(c, &o.deletedStates, "rows")
	plain(c, &o.deletedGrants, "rows")
	plain(c, &o.nobody, "empty")
	plain(c, &o.cleanAll, "keep")
	plain(c, &o.cleanOwner, "keep")
	plain(c, &o.cleanRenewed, "both")
	plain(c, &o.cleanNothing, "ok")
	plain(c, &o.allRow, "admin")
	plain(c, &o.pageDefault, 10)
	plain(c, &o.pageMax, 100)
	plain(c, &o.refusalCode, "ErrorKubeConfigInUse")
	plain(c, &o.refusalStatus, 400)
	plain(c, &o.unreachableCode, "ErrorClusterUnreachable")
	plain(c, &o.unreachableStatus, 400)
	plain(c, &o.throttleStatus, 429)
	plain(c, &o.throttleAfter, 0)
	plain(c, &o.task, drawnTask{})
}

// forget takes along what hangs on somebody or on a cluster.
func (f *fable) forget(uid, cluster string) {
	gone := func(u, c string) bool { return uid != "" && u == uid || cluster != "" && c == cluster }
	f.certs = slices.DeleteFunc(f.certs, func(c drawnCert) bool { return gone(c.uid, c.cluster) })
	f.grants = slices.DeleteFunc(f.grants, func(g drawnGrant) bool { return gone(g.uid, g.cluster) })
	f.services = slices.DeleteFunc(f.services, func(s drawnService) bool { return gone(s.uid, s.cluster) })
}

// The shrinker is only of use if it finds the core, and it must not be fooled
// by what the core hangs on.
func TestLiarShrinks(t *testing.T) {
	found := 0
	for seed := range uint64(300) {
		f := drawFable(seed)
		core := func(f *fable) bool { // somebody deleted is listed who has a grant on a cluster in Europe
			return slices.ContainsFunc(f.list.entries, func(e drawnEntry) bool {
				who, known := f.person(e.uid)
				return known && who.deleted && slices.ContainsFunc(f.grants, func(g drawnGrant) bool {
					place, _ := f.place(g.cluster)
					return g.uid == e.uid && place.region == "eu-central-1"
				})
			})
		}
		if !core(f) {
			continue
		}
		found++
		g := shrink(f, core)
		runner := 1
		if g.caller == "Account" {
			runner = 0
		}
		if len(g.list.entries) != 1 || len(g.people) != 1+runner || len(g.clusters) != 1 || len(g.grants) != 1 ||
			len(g.certs)+len(g.faults)+len(g.list.accepted) != 0 {
			t.Errorf("seed %d shrinks to\n%s\n%s", seed, g.estate(), g.policy())
		}
		if !core(f) || string(f.estate()) != string(drawFable(seed).estate()) || string(f.policy()) != string(drawFable(seed).policy()) {
			t.Errorf("seed %d: shrinking changes the world that it was given", seed)
		}
	}
	if found == 0 {
		t.Error("no world has the core")
	}
}

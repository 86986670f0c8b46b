package liar

import (
	"slices"
	"time"

	"ackrevoke/cmd/test/stage"
)

// drawOpen draws what the documentation leaves open, within what the oracle
// can compute: reads that lag less than a proof waits, and effects that come
// well within it or long after all runs.
func (f *fable) drawOpen(p pencil) {
	f.open = drawnOpen{
		lag:       mostly(p, 30, 0, time.Second, 8*time.Second, 30*time.Second),
		effect:    mostly(p, 12, 0, 0, 10*time.Second, 45*time.Second, 12*time.Hour),
		enumerate: p.chance(60), listDeleted: p.chance(80), goneRows: p.chance(30),
		deletedStates: mostly(p, 35, "rows", "empty", "notFound"), deletedGrants: mostly(p, 35, "rows", "empty", "notFound"),
		nobody: oneOf(p, "empty", "rows", "notFound"), cleanAll: mostly(p, 25, "keep", "remove"), cleanOwner: mostly(p, 40, "keep", "remove"),
		cleanRenewed: mostly(p, 30, "both", "newest"), cleanNothing: oneOf(p, "ok", "notFound"), allRow: oneOf(p, "admin", "always"),
		refusalCode: oneOf(p, "ErrorKubeConfigInUse", "RecentlyUsed"), refusalStatus: 400,
		unreachableCode: oneOf(p, "ErrorClusterUnreachable", "ClusterNotReady"), unreachableStatus: 400,
		pageDefault: 1 + p.IntN(10), pageMax: oneOf(p, 1, 2, 3, 100), throttleStatus: oneOf(p, 400, 429, 503),
		throttleAfter: oneOf(p, 0, 3*time.Second),
	}
}

func (f *fable) drawScope(p pencil) {
	f.list.account, f.list.minClusters = stage.Account, -1
	if p.chance(0.8) {
		f.list.account = "1234567890123457"
	}
	if p.chance(8) {
		f.list.minClusters = mostly(p, 6, oneOf(p, 0, 1), len(f.clusters), len(f.clusters)+1)
	}
	some := func() string { return f.drawPattern(p) }
	if p.chance(8) {
		f.list.regions = append(f.list.regions, oneOf(p, f.clusters...).region)
	}
	if p.chance(15) {
		f.list.include = append(f.list.include, mostly(p, 50, some(), "*", "prod-*", "*-*"))
		if p.chance(50) {
			f.list.include = append(f.list.include, some())
		}
	}
	if p.chance(15) && len(f.clusters) > 2 {
		f.list.exclude = append(f.list.exclude, mostly(p, 50, some(), "sandbox*", "nothing-*"))
	}
	f.list.allClusters = p.chance(25)
}

// drawPattern names a cluster, mostly one that is there.
func (f *fable) drawPattern(p pencil) string {
	c := oneOf(p, f.clusters...)
	for range 3 {
		if !c.there() || !f.inScope(c) {
			c = oneOf(p, f.clusters...)
		}
	}
	return mostly(p, 6, oneOf(p, c.id, c.name), "prod-*")
}

func (f *fable) drawEntries(p pencil) {
	var uids []string
	for _, i := range p.Perm(len(f.people)) {
		if who := f.people[i]; who.uid != f.runner {
			uids = append(uids, who.uid)
		}
	}
	switch {
	case p.chance(1.2):
		uids = append([]string{f.runner}, uids...)
	case p.chance(1):
		uids = append([]string{stage.Account}, uids...)
	case p.chance(3):
		uids = append([]string{"200000000000000404"}, uids...)
	}
	uids = slices.Compact(uids)
	for _, uid := range uids[:min(len(uids), p.IntN(oneOf(p, 4, 5, 6)))] {
		f.list.entries = append(f.list.entries, f.drawEntry(p, uid))
	}
}

func (f *fable) drawEntry(p pencil, uid string) drawnEntry {
	who, known := f.person(uid)
	e := drawnEntry{uid: uid, kind: mostly(p, 1, who.kind, "user", "role"), reason: "departed", unforced: p.chance(10)}
	if e.kind == "" {
		e.kind = "user"
	}
	e.deleted = mostly(p, 3, who.deleted && p.chance(70), true)
	if who.hidden || !known {
		e.deleted = p.chance(60)
	}
	if known && p.chance(50) {
		e.name = mostly(p, 2, who.name, "somebody-else")
	}
	if known && p.chance(30) {
		e.created = mostly(p, 2, who.created, who.created.Add(time.Hour))
		if p.chance(10) {
			e.name = "maiden-name"
		}
	}
	if p.chance(12) && len(f.clusters) > 0 {
		e.clusters = []string{mostly(p, 30, f.drawPattern(p), "*", "*-*")}
		if p.chance(40) {
			e.clusters = append(e.clusters, f.drawPattern(p))
		}
		e.clusters = slices.Compact(e.clusters)
	}
	switch kind := p.IntN(100); {
	case kind < 5:
		e.effective = stage.Noon.Add(oneOf(p, 3*day, 40*day))
	case kind < 20:
		e.effective = stage.Noon.Add(-30 * day)
	}
	if p.chance(10) {
		e.until = stage.Noon.Add(mostly(p, 30, 60*day, -5*day))
	}
	if e.effective.After(stage.Noon) && !e.until.IsZero() {
		e.until = e.effective.Add(10 * day)
	}
	if e.until.Before(stage.Noon) && !e.until.IsZero() {
		e.effective = time.Time{}
	}
	if p.chance(30) {
		e.reason = "compromised"
		if e.until.IsZero() {
			e.until = stage.Noon.Add(60 * day)
		}
		if p.chance(70) {
			f.drawPins(p, &e)
		}
	}
	return e
}

// drawPins names certificates as their expiry, mostly as the owner would.
func (f *fable) drawPins(p pencil, e *drawnEntry) {
	if p.chance(80) {
		e.clusters = nil
	}
	if p.chance(50) {
		e.until = time.Time{}
	}
	for _, c := range f.certs {
		ended := c.shown() == "Unissued" || c.shown() == "Expired"
		if c.uid != e.uid || len(e.pins) > 0 && p.chance(50) || ended && p.chance(85) {
			continue
		}
		at := c.expires
		if at.IsZero() {
			at = stage.Noon.Add(200 * day)
		}
		switch kind := p.IntN(100); {
		case kind < 10:
			at = at.Add(oneOf(p, -9*time.Minute, 9*time.Minute))
		case kind < 12:
			at = at.Add(oneOf(p, -11*time.Minute, 11*time.Minute, 90*day))
		case kind < 20:
			at = stage.Noon.Add(-oneOf(p, 2*day, 500*day))
		case kind < 28:
			at = at.Add(-oneOf(p, 50*day, 200*day)) // the present one is later
		}
		if !c.previous.IsZero() && p.chance(50) {
			at = c.previous
		}
		e.pins = append(e.pins, drawnPin{c.cluster, at})
		if p.chance(3) {
			e.pins = append(e.pins, drawnPin{c.cluster, at.Add(oneOf(p, -50*day, 50*day))})
		}
	}
	if len(e.pins) == 0 || p.chance(3) {
		e.pins = append(e.pins, drawnPin{mostly(p, 20, oneOf(p, f.clusters...).id, "c77"), stage.Noon.Add(mostly(p, 20, -20*day, 300*day))})
	}
}

func (f *fable) drawGuards(p pencil) {
	none := drawnCaps{-1, -1, -1}
	f.list.caps, f.list.raise = none, none
	f.flags = drawnFlags{allow: -1, maxPrincipals: -1, maxRevocations: -1, check: p.chance(15), expect: p.chance(15)}
	if p.chance(3) {
		f.list.protect = []string{oneOf(p, "ci-*", "alice", "gone-*", "role-?")}
	}
	if p.chance(8) {
		f.list.caps = drawnCaps{mostly(p, 50, 5, 0, 1, 2), mostly(p, 50, 20, 0, 1, 3), mostly(p, 50, 5, 0, 1)}
		if p.chance(30) {
			f.list.raise = oneOf(p, drawnCaps{10, -1, -1}, drawnCaps{10, 50, 5}, drawnCaps{-1, 50, -1})
			f.list.raiseUntil = stage.Noon.Add(mostly(p, 30, 10*day, -10*day))
		}
	}
	if p.chance(3) {
		f.flags.maxPrincipals = p.IntN(4)
	}
	if p.chance(3) {
		f.flags.maxRevocations = p.IntN(6)
	}
	if p.chance(3) {
		f.flags.allow = p.IntN(8)
	}
}

// drawAccepted accepts what would keep this world red, and now and then what
// would not.
func (f *fable) drawAccepted(p pencil) {
	add := func(a drawnAccepted) {
		a.until = stage.Noon.Add(mostly(p, 6, 50*day, -3*day))
		if !slices.ContainsFunc(f.list.accepted, func(b drawnAccepted) bool {
			return a.uid == b.uid && a.cluster == b.cluster &&
				a.what == b.what
		}) {
			f.list.accepted = append(f.list.accepted, a)
		}
	}
	sees := f.sightOf()
	for _, c := range f.clusters {
		if (sees.blind(c.id) || c.hidden) && p.chance(85) {
			add(drawnAccepted{cluster: c.id, what: "unknown"})
		}
	}
	if !sees.all && p.chance(85) {
		add(drawnAccepted{what: "all-clusters"})
	}
	for _, g := range f.grants {
		switch {
		case g.owner && g.uid != f.runner && p.chance(60):
			add(drawnAccepted{uid: g.uid, cluster: oneOf(p, "", g.cluster), what: "owner"})
		case g.all && g.uid != f.runner && p.chance(50):
			add(drawnAccepted{uid: g.uid, what: "all-clusters"})
		}
	}
	for _, c := range f.certs {
		if c.state == "Unknown" && p.chance(50) {
			add(drawnAccepted{uid: oneOf(p, c.uid, c.uid, ""), cluster: c.cluster, what: "unknown"})
		}
	}
	for _, e := range f.list.entries {
		if p.chance(1.5) {
			add(drawnAccepted{uid: e.uid, what: oneOf(p, "unknown", "owner", "all-clusters")})
		}
	}
}

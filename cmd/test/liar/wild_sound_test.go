package liar

import (
	"fmt"
	"slices"
	"time"

	"ackrevoke/cmd/test/stage"
)

// drawSound makes a healthy account of a world, with all that a healthy account
// can have: old Swarm clusters, clusters that come and go, people who were
// deleted, certificates beside older ones that each surface shows its own of. The
// program has no excuse to be red there for ever.
func (f *fable) drawSound(p pencil) {
	f.wild, f.sound = true, true
	f.faults, f.list.accepted, f.list.protect, f.services = nil, nil, nil, nil
	f.list.account, f.list.minClusters, f.list.allClusters = stage.Account, -1, p.chance(50)
	f.list.regions, f.list.include = nil, nil
	f.list.exclude = slices.DeleteFunc(f.list.exclude, func(s string) bool { return true })
	f.list.caps, f.list.raise, f.list.raiseUntil = drawnCaps{-1, -1, -1}, drawnCaps{-1, -1, -1}, time.Time{}
	f.flags = drawnFlags{allow: -1, maxPrincipals: -1, maxRevocations: -1}
	f.open = drawnOpen{lag: oneOf(p, 0, 8*time.Second), effect: oneOf(p, 0, 10*time.Second), enumerate: p.chance(50), listDeleted: true,
		goneRows:      p.chance(50),
		deletedStates: oneOf(p, "rows", "empty", "notFound"), deletedGrants: oneOf(p, "rows", "empty", "notFound"), nobody: "empty",
		cleanAll: "keep", cleanOwner: oneOf(p, "keep", "remove"), cleanRenewed: oneOf(p, "both", "newest"),
		cleanNothing: oneOf(p, "ok", "notFound"),
		allRow:       "admin", refusalCode: "X", refusalStatus: 400, unreachableCode: "Y", unreachableStatus: 400, pageDefault: 3,
		pageMax:        oneOf(p, 2, 100),
		throttleStatus: 429, zones: p.chance(30), v1: oneOf(p, "", "served", "short")}
	f.clusters = append(f.clusters, drawnCluster{id: "swarm1", name: "old-swarm", region: "cn-hangzhou", typ: "aliyun", state: "running",
		created: stage.Noon.Add(-9 * year)})
	for i := range f.clusters {
		c := &f.clusters[i]
		c.hidden, c.unreachable, c.noAudit = c.gone() && p.chance(50), false, false
	}
	if len(f.places) == 0 && p.chance(50) {
		f.places = []drawnRegion{{id: "ap-southeast-1"}, {id: "cn-hangzhou"}, {id: "eu-central-1"}}
	}
	f.makeSoundPeople(p)
	f.drawSurfaces(p)
	for i := range f.certs {
		if c := &f.certs[i]; c.state == "Unknown" {
			c.state, c.expires = "Removed", time.Time{}
		}
	}
	f.makeSoundEntries(p)
}

// makeSoundPeople makes the caller one who sees everything, and the people who
// they are called.
func (f *fable) makeSoundPeople(p pencil) {
	f.people = slices.DeleteFunc(f.people, func(who drawnPerson) bool { return !who.deleted && who.kind == "role" && who.name[0] == 'A' })
	for i := range f.people {
		f.people[i].hidden = false
		if f.people[i].deleted {
			f.people[i].name = fmt.Sprintf("gone-%d", i)
		}
	}
	known := func(uid string) bool { _, is := f.person(uid); return is || uid == stage.Account }
	f.certs = slices.DeleteFunc(f.certs, func(c drawnCert) bool { return !known(c.uid) })
	f.grants = slices.DeleteFunc(f.grants, func(g drawnGrant) bool { return !known(g.uid) || g.uid == f.runner || g.owner })
	if f.caller != "Account" {
		f.grants = append(f.grants, drawnGrant{uid: f.runner, role: "admin", all: true})
	}
	for _, who := range f.people { // and somebody has an old certificate on the Swarm cluster
		if who.uid != f.runner && p.chance(40) {
			f.certs = append(f.certs, drawnCert{uid: who.uid, cluster: "swarm1", expires: stage.Noon.Add(300 * day)})
		}
	}
}

// makeSoundEntries keeps the entries that have an answer: of people who leave,
// and of pins that the account shows.
func (f *fable) makeSoundEntries(p pencil) {
	var entries []drawnEntry
	for _, e := range f.list.entries {
		who, known := f.person(e.uid)
		if !known || e.uid == f.runner {
			continue
		}
		e.kind, e.name, e.created, e.unforced, e.clusters = who.kind, who.name, time.Time{}, false, nil
		e.deleted = who.deleted
		e.pins = slices.DeleteFunc(e.pins, func(q drawnPin) bool {
			c := f.cert(e.uid, q.cluster)
			place, _ := f.place(q.cluster)
			if c == nil || place.gone() || place.deferred() || place.typ == "aliyun" {
				return true
			}
			// Of somebody deleted no list need say that a certificate was removed, and then the pin is never shown to be gone.
			return who.deleted || c.shown() != "Unexpired" || !c.previous.IsZero() || c.expires.Sub(q.expires).Abs() > 9*time.Minute
		})
		if e.reason == "compromised" && len(e.pins) == 0 && e.until.IsZero() {
			e.until = stage.Noon.Add(60 * day)
		}
		entries = append(entries, e)
	}
	f.list.entries = entries
	if !slices.ContainsFunc(f.clusters, func(c drawnCluster) bool { return c.there() && !c.deferred() && c.typ != "aliyun" }) {
		f.clusters = append(f.clusters, drawnCluster{id: "c90", name: "plain", region: "cn-hangzhou", typ: "ManagedKubernetes",
			state: "running", created: stage.Noon.Add(-2 * year)})
	}
	_ = p
}

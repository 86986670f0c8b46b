package liar

import (
	"slices"
	"time"

	"ackrevoke/cmd/test/stage"
)

// clearGuards takes away what would keep the program from acting at all, so that
// something comes of what is wrong.
func (f *fable) clearGuards() {
	f.list.account, f.list.minClusters, f.list.protect = stage.Account, -1, nil
	f.list.caps, f.list.raise, f.list.raiseUntil = drawnCaps{-1, -1, -1}, drawnCaps{-1, -1, -1}, time.Time{}
	f.flags = drawnFlags{allow: -1, maxPrincipals: -1, maxRevocations: -1}
	f.list.include, f.list.exclude = nil, nil
}

// drawSharp draws a world in which little is wrong, so that much comes of it: one
// entry is plain, nothing keeps the program from acting, and one thing is not as
// anybody would think.
func (f *fable) drawSharp(p pencil) {
	f.clearGuards()
	f.faults, f.list.accepted, f.list.regions = nil, nil, nil
	i := slices.IndexFunc(f.list.entries, func(e drawnEntry) bool {
		who, known := f.person(e.uid)
		return known && !who.deleted && !who.hidden && e.uid != f.runner
	})
	if i < 0 {
		f.drawSurfaces(p)
		f.drawMistakenIdentity(p)
		return
	}
	e := &f.list.entries[i]
	who, _ := f.person(e.uid)
	*e = drawnEntry{uid: e.uid, kind: who.kind, name: who.name, reason: "departed"}
	if p.chance(20) {
		f.kill = 1 + p.IntN(3)
	}
	switch p.IntN(8) {
	case 0, 6:
		f.drawElsewhere(p, e.uid)
	case 5:
		f.drawGone(p, e)
	case 1: // a uid that a spreadsheet has rounded
		if rounded := e.uid[:len(e.uid)-3] + "000"; !slices.ContainsFunc(f.people, func(o drawnPerson) bool { return o.uid == rounded }) {
			e.uid, e.created, e.deleted = rounded, who.created, true
		}
	case 2, 3:
		f.drawPinned(p, e)
		if p.chance(50) {
			f.drawRejections(p)
		}
	case 4: // the write does half of it, and then somebody fetches a new kubeconfig
		f.drawPinned(p, e)
		f.regret, f.fetches = true, true
		f.faults = append(f.faults, drawnFault{on: "CleanClusterUserPermissions", from: 1, times: oneOf(p, 0, 3), do: "grantsOnly"})
	default:
		f.drawSurfaces(p)
		f.drawMistakenIdentity(p)
		f.drawRejections(p)
	}
}

// drawGone lists somebody deleted who is not whom the entry means, or whom nobody
// may touch: the lists of the clusters say so and RAM does not.
func (f *fable) drawGone(p pencil, e *drawnEntry) {
	name := oneOf(p, "ci-deploy", "AliyunCSManagedLogRole", "mallory")
	gone := drawnPerson{uid: "200000000000000097", name: name, kind: "user", created: stage.Noon.Add(-2 * year), deleted: true}
	if name == "AliyunCSManagedLogRole" {
		gone.kind = "role"
	}
	f.people = append(f.people, gone)
	place := slices.IndexFunc(f.clusters, func(c drawnCluster) bool { return c.real() && !c.deferred() })
	if place < 0 {
		return
	}
	f.clusters[place].hidden = false
	f.certs = append(f.certs, drawnCert{uid: gone.uid, cluster: f.clusters[place].id, expires: stage.Noon.Add(2 * year)})
	*e = drawnEntry{uid: gone.uid, kind: gone.kind, reason: "departed", deleted: p.chance(50)}
	f.list.protect = []string{"ci-*"}
	if name == "mallory" {
		e.name = "trent"
	}
}

// drawElsewhere gives somebody a grant on all clusters, and lets there be clusters
// of which a policy of one region knows nothing, or nobody tells.
func (f *fable) drawElsewhere(p pencil, uid string) {
	f.grants = slices.DeleteFunc(f.grants, func(g drawnGrant) bool { return g.uid == uid && g.all })
	f.grants = append(f.grants, drawnGrant{uid: uid, role: "dev", all: true})
	f.open.regions, f.open.regionalList, f.list.allClusters = "", "", false
	for i := range f.clusters {
		f.clusters[i].region = "cn-hangzhou"
	}
	far := drawnCluster{id: "c80", name: "far", region: "us-west-1", typ: "ManagedKubernetes", state: "running",
		created: stage.Noon.Add(-year)}
	f.list.regions = []string{"cn-hangzhou"}
	f.places = []drawnRegion{{id: "cn-hangzhou"}, {id: "us-west-1"}}
	f.open.enumerate = p.chance(20) // a list of states that has every cluster in it tells of this one, too
	switch p.IntN(6) {
	default:
		f.places[1].clusters = oneOf(p, "failed", "denied")
	case 1:
		f.places[1].hidden = true
	case 2:
		far.hidden, far.detail = true, oneOf(p, "", "failed", "denied")
	case 3:
		f.open.regions, f.open.v1 = "denied", "short"
		f.places[1].notV1 = true
	}
	f.clusters = append(f.clusters, far)
	if p.chance(50) { // else nothing but the grant on all clusters opens it
		f.certs = append(f.certs, drawnCert{uid: uid, cluster: far.id, expires: stage.Noon.Add(year)})
	}
	if f.caller != "Account" {
		f.grants = slices.DeleteFunc(f.grants, func(g drawnGrant) bool { return g.uid == f.runner && g.all })
		f.grants = append(f.grants, drawnGrant{uid: f.runner, role: "admin", all: true})
	}
}

// drawPinned pins one of two certificates, of which the surfaces show one or the
// other.
func (f *fable) drawPinned(p pencil, e *drawnEntry) {
	for i := range f.certs {
		c := &f.certs[i]
		if place, known := f.place(c.cluster); !known || c.uid != e.uid || c.state != "" || !place.real() || place.deferred() {
			continue
		}
		c.expires = stage.Noon.Add(oneOf(p, 100*day, 170*day, 3*year))
		if p.chance(70) {
			c.previous = c.expires.Add(-oneOf(p, 40*day, 60*day))
		}
		c.userOlder, c.clusterOlder = !c.previous.IsZero() && p.chance(50), !c.previous.IsZero() && p.chance(50)
		pin := drawnPin{cluster: c.cluster, expires: c.expires}
		if !c.previous.IsZero() && p.chance(60) {
			pin.expires = c.previous
			if !c.userOlder && !c.clusterOlder { // nothing shows it: then the newer one is a renewal, as the service makes them
				c.previous = stage.Noon.Add(oneOf(p, 40*day, 170*day))
				c.expires, pin.expires = c.previous.AddDate(3, 0, -oneOf(p, 1, 60, 170)), c.previous
			}
		}
		e.reason, e.pins = "compromised", append(e.pins, pin)
		if !slices.ContainsFunc(f.grants, func(g drawnGrant) bool { return g.uid == e.uid && g.cluster == c.cluster }) {
			f.grants = append(f.grants, drawnGrant{uid: e.uid, cluster: c.cluster, role: "dev"})
		}
	}
}

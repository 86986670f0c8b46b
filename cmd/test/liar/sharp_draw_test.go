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
	switch p.IntN(11) {
	case 8:
		f.drawUnread(p, e)
	case 9:
		f.drawRetired(p, e)
	case 10:
		f.drawAlong(p, e)
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
		if p.chance(60) { // and that can be a renewal of the one that is pinned
			pin := drawnPin{f.plainly(e.uid), stage.Noon.Add(oneOf(p, 100*day, 170*day))}
			f.certs = append(f.certs, drawnCert{uid: e.uid, cluster: pin.cluster, expires: pin.expires})
			f.grants = append(f.grants, drawnGrant{uid: e.uid, cluster: pin.cluster, role: "dev"})
			e.reason, e.pins = "compromised", []drawnPin{pin}
		} else {
			f.drawPinned(p, e)
		}
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

// plainly lets the caller see everything, the listing be whole, and somebody hold
// nothing; it returns the first cluster that is in order, made where there is none.
func (f *fable) plainly(uid string) string {
	f.open.regions, f.open.regionalList, f.open.endpoint, f.open.lag, f.open.effect, f.places = "", "", "", 0, 0, nil
	f.certs = slices.DeleteFunc(f.certs, func(c drawnCert) bool { return c.uid == uid })
	f.grants = slices.DeleteFunc(f.grants, func(g drawnGrant) bool { return g.uid == uid || g.uid == f.runner && g.all })
	if f.caller != "Account" {
		f.grants = append(f.grants, drawnGrant{uid: f.runner, role: "admin", all: true})
	}
	for i := range f.clusters {
		c := &f.clusters[i]
		c.region, c.hidden, c.conditioned, c.unreachable = "cn-hangzhou", c.gone(), false, false
	}
	f.clusters = append(f.clusters, drawnCluster{id: "c81", name: "near", region: "cn-hangzhou", typ: "ManagedKubernetes", state: "running",
		created: stage.Noon.Add(-year)})
	return "c81"
}

// drawUnread accepts what is unknown of somebody, and lets a read of what he holds
// fail for good: that is another thing.
func (f *fable) drawUnread(p pencil, e *drawnEntry) {
	place := f.plainly(e.uid)
	f.list.entries = []drawnEntry{*e}
	e = &f.list.entries[0]
	f.list.accepted = []drawnAccepted{{what: "unknown", until: stage.Noon.Add(50 * day)}}
	if a := &f.list.accepted[0]; p.chance(50) {
		a.uid = e.uid
	} else {
		a.cluster = place
	}
	m := drawnFault{from: 1, times: 0, do: oneOf(p, "empty500", "html502", "denied", "hang")}
	switch p.IntN(5) {
	default: // what somebody's rows tell of, and nobody says what it is
		c := &f.clusters[len(f.clusters)-1]
		c.hidden, c.detail = true, oneOf(p, "failed", "denied")
		f.certs = append(f.certs, drawnCert{uid: e.uid, cluster: place, expires: stage.Noon.Add(year)})
		return
	case 0: // a certificate alone
		m.on, m.uid = "ListUserKubeConfigStates", e.uid
		f.certs = append(f.certs, drawnCert{uid: e.uid, cluster: place, expires: stage.Noon.Add(year)})
	case 1: // a grant alone
		m.on, m.uid = "DescribeUserPermission", oneOf(p, e.uid, f.runner)
		f.certs = append(f.certs, drawnCert{uid: e.uid, cluster: place, state: "Removed"})
		f.grants = append(f.grants, drawnGrant{uid: e.uid, cluster: place, role: "dev"})
	case 2: // of somebody deleted, whom the list of the cluster alone shows
		m.on, m.cluster = "ListClusterKubeconfigStates", place
		f.makeGone(e)
		f.certs = append(f.certs, drawnCert{uid: e.uid, cluster: place, expires: stage.Noon.Add(year)})
	}
	f.faults = []drawnFault{m}
}

// makeGone makes a deleted person of the one whom an entry lists: no list but
// those of the clusters shows him.
func (f *fable) makeGone(e *drawnEntry) {
	for i := range f.people {
		if f.people[i].uid == e.uid {
			f.people[i].deleted, f.people[i].name = true, "gone-9"
		}
	}
	e.name, e.deleted = "", true
	f.open.listDeleted, f.open.deletedStates, f.open.deletedGrants, f.open.deletedState = true, "empty", "empty", ""
	for i := range f.list.entries {
		if f.list.entries[i].uid == e.uid {
			f.list.entries[i] = *e
		}
	}
}

// drawRetired lets the listing that is being switched off leave out a region in
// which nobody tells of what somebody deleted holds.
func (f *fable) drawRetired(p pencil, e *drawnEntry) {
	place := f.plainly(e.uid)
	f.makeGone(e)
	f.list.entries = []drawnEntry{*e}
	far := drawnCluster{id: "c80", name: "far", region: "us-west-1", typ: "ManagedKubernetes", state: "running",
		created: stage.Noon.Add(-year)}
	f.clusters = append(f.clusters, far)
	f.places = []drawnRegion{{id: "cn-hangzhou"}, {id: "us-west-1", notV1: true}}
	f.open.enumerate, f.open.v1 = false, "short"
	if p.chance(50) {
		f.open.regions = "denied"
	} else {
		f.open.regionalList = oneOf(p, "denied", "absent")
	}
	for _, id := range []string{place, far.id} { // he has left a trace where everybody looks
		f.certs = append(f.certs, drawnCert{uid: e.uid, cluster: id, expires: stage.Noon.Add(year)})
	}
}

// drawAlong lets a clean take along what nobody asked for, where none of the
// writes can be proven: the certificates cannot be read any more.
func (f *fable) drawAlong(p pencil, e *drawnEntry) {
	place := f.plainly(e.uid)
	f.list.entries = []drawnEntry{*e}
	far := drawnCluster{id: "c80", name: "far", region: "us-west-1", typ: "ManagedKubernetes", state: "running",
		created: stage.Noon.Add(-year)}
	f.clusters, f.list.regions = append(f.clusters, far), []string{"cn-hangzhou"}
	f.places = []drawnRegion{{id: "ap-southeast-1", hidden: true}, {id: "cn-hangzhou"}, {id: "us-west-1"}}
	f.certs = append(f.certs, drawnCert{uid: e.uid, cluster: place, expires: stage.Noon.Add(year)})
	f.grants = append(f.grants, drawnGrant{uid: e.uid, cluster: far.id, role: oneOf(p, "dev", "ops")})
	f.faults = []drawnFault{{on: "CleanClusterUserPermissions", from: 1, times: 1, do: "takesTooMuch"},
		{on: "ListUserKubeConfigStates", uid: e.uid, from: oneOf(p, 3, 3, 2), times: 60, do: oneOf(p, "empty500", "denied", "html502")}}
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
	switch p.IntN(8) {
	default:
		f.places[1].clusters = oneOf(p, "failed", "denied")
	case 1:
		f.places[1].hidden = true
	case 2, 6, 7:
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
		} else if !c.previous.Before(c.expires) {
			c.previous = time.Time{}
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

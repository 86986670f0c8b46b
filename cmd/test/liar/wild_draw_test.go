package liar

import (
	"slices"
	"time"

	"ackrevoke/cmd/test/stage"
)

// A wild world is drawn without a thought of what the program does about it, and
// nothing but the ground truth judges it (ground_test.go): an oracle that
// knows the program's rules shares its mistakes.

// drawWild adds what nobody foresaw to a world.
func (f *fable) drawWild(p pencil) {
	f.wild = true
	f.regret = p.chance(50)
	if p.chance(50) {
		f.drawSharp(p)
		return
	}
	f.drawShortListing(p)
	f.drawSurfaces(p)
	f.drawMistakenIdentity(p)
	f.drawRejections(p)
	f.drawWildAccepted(p)
	if p.chance(20) {
		f.kill = 1 + p.IntN(4)
	}
	if p.chance(40) { // the caller has files of its own
		for _, c := range f.clusters {
			if p.chance(50) && f.cert(f.runner, c.id) == nil {
				f.certs = append(f.certs, drawnCert{uid: f.runner, cluster: c.id, expires: stage.Noon.Add(oneOf(p, 100*day, 400*day))})
			}
		}
	}
}

// drawShortListing makes regions that cannot be read, listings that are short
// without a word, clusters that are no Kubernetes and details that are denied.
func (f *fable) drawShortListing(p pencil) {
	for i := range f.clusters {
		c := &f.clusters[i]
		c.region = oneOf(p, "cn-hangzhou", "cn-hangzhou", "eu-central-1", "us-west-1")
		if p.chance(12) {
			c.typ = "aliyun"
		}
		c.conditioned = p.chance(8)
		c.hidden = c.hidden || p.chance(8)
		c.detail = mostly(p, 10, "", "failed", "denied")
	}
	if p.chance(60) {
		for _, id := range []string{"ap-southeast-1", "cn-hangzhou", "eu-central-1", "us-west-1"} {
			f.places = append(f.places, drawnRegion{id: id, clusters: mostly(p, 14, "", "failed", "denied", "absent", "empty"),
				hidden: p.chance(4), notV1: p.chance(30)})
		}
	}
	o := &f.open
	o.regions = mostly(p, 20, "", "denied", "absent")
	o.regionalList = mostly(p, 20, "", "denied", "absent")
	o.v1 = mostly(p, 50, "", "served", "short")
	o.zones = p.chance(20)
	if p.chance(8) {
		o.endpoint = oneOf(p, f.clusters...).region
	}
	if p.chance(35) {
		f.list.regions = []string{oneOf(p, "cn-hangzhou", "eu-central-1", "us-west-1")}
		if p.chance(30) {
			f.list.regions = append(f.list.regions, "cn-hangzhou")
			slices.Sort(f.list.regions)
			f.list.regions = slices.Compact(f.list.regions)
		}
	}
	if p.chance(30) { // a grant on all clusters is where a short listing hurts most
		if len(f.list.entries) > 0 {
			uid := oneOf(p, f.list.entries...).uid
			f.grants = slices.DeleteFunc(f.grants, func(g drawnGrant) bool { return g.uid == uid && g.all })
			if _, known := f.person(uid); known && uid != f.runner {
				f.grants = append(f.grants, drawnGrant{uid: uid, role: "dev", all: true})
			}
		}
	}
}

// drawSurfaces lets the two surfaces show different ones of two certificates, and
// pins one or the other of them.
func (f *fable) drawSurfaces(p pencil) {
	for i := range f.certs {
		c := &f.certs[i]
		if c.previous.IsZero() && c.state == "" && c.expires.After(stage.Noon.Add(60*day)) && p.chance(30) {
			c.previous = c.expires.Add(-oneOf(p, 40*day, 50*day, 400*day)) // an older one beside it
			if c.previous.Before(stage.Noon) && p.chance(50) {
				c.previous = stage.Noon.Add(30 * day)
			}
		}
		if c.previous.After(stage.Noon) { // a list that shows an expired one of two would hide all access from everybody
			c.userOlder, c.clusterOlder = p.chance(35), p.chance(35)
		}
	}
	for i := range f.list.entries {
		e := &f.list.entries[i]
		for j := range e.pins {
			if c := f.cert(e.uid, e.pins[j].cluster); c != nil && !c.previous.IsZero() && p.chance(60) {
				e.pins[j].expires = oneOf(p, c.previous, c.expires)
			}
		}
	}
}

func (f *fable) cert(uid, cluster string) *drawnCert {
	i := slices.IndexFunc(f.certs, func(c drawnCert) bool { return c.uid == uid && c.cluster == cluster })
	if i < 0 {
		return nil
	}
	return &f.certs[i]
}

// drawMistakenIdentity lists people who are not who the entry says: the deleted
// under other and protected names, and uids that a spreadsheet has rounded.
func (f *fable) drawMistakenIdentity(p pencil) {
	for i := range f.people {
		who := &f.people[i]
		if who.deleted && p.chance(25) {
			who.name = oneOf(p, "ci-deploy", "AliyunCSManagedLogRole", "AliyunServiceRoleForGone", "mallory")
		}
		if who.deleted && p.chance(10) { // another name on one cluster
			for j := range f.certs {
				if f.certs[j].uid == who.uid {
					f.certs[j].calledOf = oneOf(p, "trent", "ci-other", "")
				}
			}
		}
	}
	if p.chance(20) {
		f.list.protect = append(f.list.protect, "ci-*")
		slices.Sort(f.list.protect)
		f.list.protect = slices.Compact(f.list.protect)
	}
	f.open.deletedState = mostly(p, 6, "", "Active", "InActive")
	for i := range f.list.entries {
		e := &f.list.entries[i]
		who, known := f.person(e.uid)
		if known && who.deleted && p.chance(25) {
			e.name = oneOf(p, who.name, "trent", "alice")
		}
		rounded := e.uid[:len(e.uid)-3] + "000"
		if _, taken := f.person(rounded); known && !taken && p.chance(6) &&
			!slices.ContainsFunc(f.list.entries, func(x drawnEntry) bool { return x.uid == rounded }) {
			e.uid, e.deleted = rounded, p.chance(70)
			e.name, e.created = oneOf(p, "", who.name), oneOf(p, time.Time{}, who.created)
			e.pins = nil
			if e.reason == "compromised" {
				e.until = stage.Noon.Add(60 * day)
			}
		}
	}
}

// drawRejections loses answers and then rejects what is sent again, in every way
// that the service has, beside any other fault.
func (f *fable) drawRejections(p pencil) {
	switch kind := p.IntN(100); {
	case kind < 14: // the first write takes its time, its answer is lost, and what is sent again is rejected
		f.open.effect, f.open.lag = oneOf(p, 12*time.Second, 20*time.Second), 0
		f.faults = append(f.faults, drawnFault{on: "write", from: 1, times: 1, do: "resetAfter"},
			drawnFault{on: "write", from: 2, times: oneOf(p, 1, 3, 6), do: "error",
				code: oneOf(p, "ErrAuthorizationConflict", "StatusForbidden", "InvalidParameter"), status: oneOf(p, 400, 403, 409)})
	case kind < 37:
		f.faults = append(f.faults,
			drawnFault{on: "write", from: 1 + p.IntN(2), times: 1 + p.IntN(2), do: oneOf(p, "resetAfter", "resetBefore", "empty500", "hang")},
			drawnFault{on: "write", from: 1 + p.IntN(2), times: oneOf(p, 1, 3, 6, 12), do: "error",
				code: oneOf(p, "ErrAuthorizationConflict", "StatusForbidden", "InvalidParameter", "ErrorKubeConfigNotFound", "Throttling.User",
					"InternalError"), status: oneOf(p, 400, 403, 404, 409, 500)})
		f.open.effect = oneOf(p, 0, 0, 5*time.Second, 20*time.Second)
	case kind < 58:
		f.faults = append(f.faults, drawnFault{on: "CleanClusterUserPermissions", from: 1, times: 1 + p.IntN(3),
			do: oneOf(p, "takesTooMuch", "takesAllClusters", "certificateOnly", "grantsOnly")},
			drawnFault{on: oneOf(p, "ListUserKubeConfigStates", "DescribeUserPermission"), from: 2 + p.IntN(4), times: oneOf(p, 1, 8, 40),
				do: oneOf(p, "empty500", "denied", "html502", "lag"), delay: time.Hour})
	case kind < 65:
		f.drawFaults(p)
	case kind < 72:
		f.faults = append(f.faults, drawnFault{on: "DescribeUserPermission", uid: f.runner, from: 1, times: 0,
			do: oneOf(p, "empty500", "denied")})
	case kind < 78:
		f.faults = append(f.faults, drawnFault{on: oneOf(p, "DescribeRegions", "DescribeClustersForRegion", "DescribeClusterDetail"),
			from: 1 + p.IntN(3), times: oneOf(p, 1, 5, 30),
			do: oneOf(p, "empty500", "denied", "html502", "short", "wrongTotal", "error"), code: "InvalidAction.NotFound", status: 404})
	}
}

// drawWildAccepted accepts leftovers of every kind, more than is good.
func (f *fable) drawWildAccepted(p pencil) {
	add := func(a drawnAccepted) {
		a.until = stage.Noon.Add(50 * day)
		if !slices.ContainsFunc(f.list.accepted, func(b drawnAccepted) bool {
			return a.uid == b.uid && a.cluster == b.cluster && a.what == b.what && a.region == b.region
		}) {
			f.list.accepted = append(f.list.accepted, a)
		}
	}
	for _, c := range f.clusters {
		if p.chance(35) {
			add(drawnAccepted{cluster: c.id, what: oneOf(p, "unknown", "unknown", "unread")})
		}
		if p.chance(20) {
			add(drawnAccepted{cluster: c.id, what: "unread"})
		}
		if p.chance(35) {
			add(drawnAccepted{region: c.region, what: "unread"})
		}
	}
	for _, e := range f.list.entries {
		if p.chance(20) {
			add(drawnAccepted{uid: e.uid, what: oneOf(p, "unknown", "owner", "all-clusters")})
		}
	}
	if p.chance(30) {
		add(drawnAccepted{what: "listing"})
	}
	if p.chance(40) {
		add(drawnAccepted{what: "all-clusters"})
	}
	if p.chance(15) {
		add(drawnAccepted{region: "*", what: "unread"})
	}
}

package liar

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"ackrevoke/cmd/test/stage"
)

// drawnTask is how a call of several clusters goes, of which the documentation
// says next to nothing; empty: the default.
type drawnTask struct {
	ends, refuse, reach string
	after               time.Duration
}

func (t drawnTask) flow() string {
	return yamlFlow("ends", t.ends, "after", t.after.String(), "refuse", t.refuse, "reach", t.reach)
}

// drawTask draws it for a world of any kind. It has a stream of its own, so that it
// changes no other thing of any world.
func (f *fable) drawTask() {
	p := pencil{rand.New(rand.NewPCG(f.seed, 14))}
	f.open.task = drawnTask{ends: mostly(p, 60, "success", "fail", "failed", "never", "halfway", "nothing"),
		after: oneOf(p, 0, time.Second, 3*time.Second, 12*time.Second, 25*time.Second, 29*time.Second), refuse: oneOf(p, "whole", "cluster"),
		reach: mostly(p, 6, "named", "all")}
	f.flags.single = p.chance(15)
	if f.sound {
		f.open.task.reach = "named"
	}
	if f.bulk {
		f.flags.single = p.chance(3)
	}
}

// bulkSeeds are those of worlds in which people leave who hold something on many
// clusters; all others are below.
const bulkSeeds = 1 << 62

// drawBulk makes such a world.
func drawBulk(seed uint64) *fable {
	p := pencil{rand.New(rand.NewPCG(seed, 15))}
	f := &fable{seed: seed, bulk: true}
	f.drawClusters(p)
	for i := range 3 + p.IntN(3) {
		f.clusters = append(f.clusters, drawnCluster{id: fmt.Sprintf("c%d", 71+i), name: fmt.Sprintf("more-%d", i+1), region: "cn-hangzhou",
			typ: "ManagedKubernetes", state: "running", created: stage.Noon.Add(-2 * year), noAudit: p.chance(8), unreachable: p.chance(4)})
	}
	f.drawPeople(p)
	f.drawCaller(p)
	f.drawHoldings(p)
	f.drawOpen(p)
	f.drawScope(p)
	f.drawEntries(p)
	f.drawGuards(p)
	f.clearGuards()
	f.drawLeavers(p)
	f.drawAccepted(p)
	switch kind := p.IntN(100); {
	case kind < 45:
		f.open.lag, f.open.effect = min(f.open.lag, 8*time.Second), 0 // what the oracle computes
	case kind < 55:
		f.drawFaults(p)
		f.drawBulkFault(p)
	case kind < 60:
		f.drawSound(p)
	default:
		f.wild, f.regret = true, p.chance(50)
		f.open.lag, f.open.effect = oneOf(p, 0, 0, 8*time.Second, 30*time.Second), oneOf(p, 0, 0, 5*time.Second, 20*time.Second, 45*time.Second)
		for range p.IntN(3) {
			f.drawBulkFault(p)
		}
		if p.chance(25) {
			f.drawSurfaces(p)
		}
		if p.chance(25) {
			f.kill = 1 + p.IntN(4)
		}
	}
	f.drawTask()
	return f
}

// drawLeavers lists people who left, and gives them something on most clusters.
func (f *fable) drawLeavers(p pencil) {
	for range oneOf(p, 1, 1, 2, 3) {
		who := oneOf(p, f.people...)
		if who.uid == f.runner || who.hidden {
			continue
		}
		f.list.entries = slices.DeleteFunc(f.list.entries, func(e drawnEntry) bool { return e.uid == who.uid })
		e := drawnEntry{uid: who.uid, kind: who.kind, reason: "departed", deleted: who.deleted, unforced: p.chance(25)}
		if p.chance(25) { // and keeps what he has elsewhere
			for _, c := range f.clusters {
				if c.there() && p.chance(75) {
					e.clusters = append(e.clusters, c.id)
				}
			}
		}
		f.list.entries = append(f.list.entries, e)
		for i, c := range f.clusters {
			if own := f.cert(who.uid, c.id); own == nil && p.chance(85) {
				f.certs = append(f.certs, drawnCert{uid: who.uid, cluster: c.id, expires: stage.Noon.Add(year + time.Duration(i)*time.Hour)})
			}
			if p.chance(50) && !slices.ContainsFunc(f.grants, func(g drawnGrant) bool { return g.uid == who.uid && g.cluster == c.id }) {
				f.grants = append(f.grants, f.drawGrants(p, who.uid, c.id)...)
			}
		}
	}
	if p.chance(15) {
		f.list.exclude = []string{oneOf(p, f.clusters...).id}
	}
}

// drawBulkFault spoils a call of several clusters, the question for its task, or
// what follows from either.
func (f *fable) drawBulkFault(p pencil) {
	m := drawnFault{from: mostly(p, 25, 1, 2, 3), times: mostly(p, 40, 1, 2, 6, 0)}
	m.on = oneOf(p, "CleanUserPermissions", "CleanUserPermissions", "CleanUserPermissions", "DescribeTaskInfo", "DescribeTaskInfo",
		"CleanClusterUserPermissions", "write", "read")
	m.do = oneOf(p, "throttle", "error", "error", "denied", "empty500", "html502", "redirect", "resetBefore", "hang", "acceptNothing",
		"resetAfter", "resetAfter", "noContent", "truncated", "slow")
	if m.on == "CleanUserPermissions" && p.chance(35) {
		m.do = oneOf(p, "certificateOnly", "grantsOnly", "takesTooMuch", "takesAllClusters")
	}
	if m.on == "read" { // after the plan
		m.on, m.from, m.times = oneOf(p, "DescribeUserPermission", "ListUserKubeConfigStates", "ListClusterKubeconfigStates"), 3+p.IntN(4),
			oneOf(p, 1, 3, 8, 40)
		m.do, m.delay = oneOf(p, "empty500", "denied", "html502", "lag", "truncated"), time.Hour
	}
	switch m.do {
	case "error":
		m.code, m.status = oneOf(p, "Whatever", "ErrAuthorizationConflict", "InternalError", "StatusForbidden", "ErrorTaskNotFound"),
			oneOf(p, 400, 403, 404, 409, 500)
	case "slow":
		m.delay = oneOf(p, 3*time.Second, 20*time.Second, 40*time.Second)
	}
	f.faults = append(f.faults, m)
}

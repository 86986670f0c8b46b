package liar

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"ackrevoke/cmd/test/stage"
)

// pencil draws.
type pencil struct{ *rand.Rand }

func (p pencil) chance(percent float64) bool { return p.Float64()*100 < percent }

func oneOf[T any](p pencil, items ...T) T { return items[p.IntN(len(items))] }

// mostly is the first in all but percent of the cases, else one of the rest.
func mostly[T any](p pencil, percent float64, first T, rest ...T) T {
	if p.chance(percent) {
		return oneOf(p, rest...)
	}
	return first
}

const (
	day  = 24 * time.Hour
	year = 365 * day
)

// drawFable makes the world of a seed. Worlds are small, so that thousands can
// be lived through, and mostly healthy, as real accounts are: each trouble is
// rare by itself, and what would keep a run red is often accepted.
func drawFable(seed uint64) *fable {
	if seed >= bulkSeeds {
		return drawBulk(seed)
	}
	p := pencil{rand.New(rand.NewPCG(seed, 2026))}
	f := &fable{seed: seed}
	f.drawClusters(p)
	f.drawPeople(p)
	f.drawCaller(p)
	f.drawHoldings(p)
	f.drawOpen(p)
	f.drawScope(p)
	f.drawEntries(p)
	f.drawGuards(p)
	f.drawAccepted(p)
	switch kind := p.IntN(100); {
	case kind < 10:
		f.drawStrange(p)
	case kind < 32:
		f.drawFaults(p)
	case kind < 57:
		f.drawWild(p)
	case kind < 63:
		f.drawSound(p)
	}
	f.drawEmptied()
	f.drawTask()
	return f
}

func (f *fable) drawClusters(p pencil) {
	names := []string{"prod-eu", "prod-us", "prod-cn", "dev-1", "dev-2", "sandbox"}
	p.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	for i := range 1 + p.IntN(oneOf(p, 3, 4, 5, 6)) {
		c := drawnCluster{
			id: fmt.Sprintf("c%d", i+1), name: names[i], region: mostly(p, 30, "cn-hangzhou", "eu-central-1"),
			typ: mostly(p, 20, "ManagedKubernetes", "Kubernetes", "ExternalKubernetes", "Ask"),
			state: mostly(p, 18, "running", "stopped", "failed", "disconnected", "unavailable", "updating", "upgrading", "scaling", "removing",
				"draining", "delete_failed", "waiting", "initial", "initial", "deleting", "deleting", "deleted", "deleted", "deleted"),
			created: mostly(p, 10, stage.Noon.Add(-2*year), stage.Noon.Add(-8*year)),
			noAudit: p.chance(10), hidden: p.chance(1), unreachable: p.chance(1),
		}
		if i > 0 && p.chance(3) {
			c.name = names[0] // names of clusters need not be unique
		}
		c.hidden = c.hidden || c.gone() && p.chance(50)
		f.clusters = append(f.clusters, c)
	}
}

func (f *fable) drawPeople(p pencil) {
	names := []string{"alice", "bob", "carol", "dave", "erin", "frank", "grace"}
	add := func(who drawnPerson) { f.people = append(f.people, who) }
	born := func() time.Time { return stage.Noon.Add(-time.Duration(400+p.IntN(900)) * day).Truncate(time.Second) }
	for i := range 1 + p.IntN(5) {
		name := names[i]
		if p.chance(4) {
			name = fmt.Sprintf("ci-%d", i)
		}
		add(drawnPerson{uid: fmt.Sprintf("20000000000000000%d", i+1), name: name, kind: "user", created: born(), hidden: p.chance(1.5)})
	}
	for i := range 1 + p.IntN(2) {
		name := fmt.Sprintf("role-%d", i+1)
		if p.chance(3) {
			name = oneOf(p, "AliyunServiceRoleForLog", "AliyunCSManagedLogRole")
		}
		add(drawnPerson{uid: fmt.Sprintf("30000000000000000%d", i+1), name: name, kind: "role", created: born()})
		if name != fmt.Sprintf("role-%d", i+1) {
			break // names of roles are unique
		}
	}
	for i := range mostly(p, 45, 0, 1, 1, 2) {
		name := mostly(p, 40, fmt.Sprintf("gone-%d", i+1), names...)
		if p.chance(2) {
			name = "AliyunServiceRoleForGone"
		}
		add(drawnPerson{uid: fmt.Sprintf("20000000000000009%d", i+1), name: name, kind: mostly(p, 25, "user", "role"), created: born(),
			deleted: true})
	}
}

// drawCaller decides who runs the program, and as whom it sees grants.
func (f *fable) drawCaller(p pencil) {
	if p.chance(25) {
		f.caller, f.runner = "Account", stage.Account
		return
	}
	who := drawnPerson{name: "runner", created: stage.Noon.Add(-year), hidden: p.chance(1)}
	if p.chance(50) {
		f.caller, who.kind, who.uid = "RAMUser", "user", "290000000000000001"
	} else {
		f.caller, who.kind, who.uid = "AssumedRoleUser", "role", "390000000000000001"
	}
	f.runner = who.uid
	f.people = append(f.people, who)
	admin := drawnGrant{uid: who.uid, role: "admin"}
	if p.chance(30) {
		admin.role, admin.custom = "cluster-admin", true
	}
	kind := p.IntN(100)
	switch {
	case kind < 55: // administrator of all clusters by one row
		admin.all = true
		f.grants = append(f.grants, admin)
		return
	case kind < 96: // of each, or of some
		skip := 0.0
		if kind >= 80 {
			skip = 40
		}
		for _, c := range f.clusters {
			switch g := admin; {
			case c.gone() || p.chance(skip):
			case p.chance(15):
				f.grants = append(f.grants, drawnGrant{uid: who.uid, cluster: c.id, role: "admin", owner: true})
			default:
				g.cluster = c.id
				f.grants = append(f.grants, g)
			}
		}
	case kind < 98: // of namespaces only, or with a role that is no administrator's
		for _, c := range f.clusters {
			f.grants = append(f.grants, oneOf(p, drawnGrant{uid: who.uid, cluster: c.id, namespace: "default", role: "dev"},
				drawnGrant{uid: who.uid, cluster: c.id, role: "ops"}, drawnGrant{uid: who.uid, cluster: c.id, role: "viewer", custom: true}))
		}
	}
}

func (f *fable) owned(cluster string) bool {
	return slices.ContainsFunc(f.grants, func(g drawnGrant) bool { return g.owner && g.cluster == cluster })
}

// drawHoldings gives everybody certificates and grants.
func (f *fable) drawHoldings(p pencil) {
	for i, who := range f.people {
		if who.uid == f.runner {
			continue
		}
		for j, c := range f.clusters {
			if p.chance(60) {
				f.certs = append(f.certs, f.drawCert(p, who.uid, c.id, time.Duration(i*10+j)*time.Hour))
			}
			if p.chance(40) {
				f.grants = append(f.grants, f.drawGrants(p, who.uid, c.id)...)
			}
			if p.chance(2) && !f.owned(c.id) {
				f.grants = append(f.grants, drawnGrant{uid: who.uid, cluster: c.id, role: "admin", owner: true})
			}
		}
		if p.chance(6) {
			f.grants = append(f.grants, drawnGrant{uid: who.uid, role: oneOf(p, "admin", "dev", "restricted"), all: true})
			if p.chance(25) {
				f.grants = append(f.grants, drawnGrant{uid: who.uid, role: "log-reader", custom: true, all: true})
			}
		}
	}
	if p.chance(5) { // a cloud service; mostly of its own, or a role that looks like any other
		s := drawnService{uid: "380000000000000001", name: "AliyunCSManagedArmsRole", cluster: oneOf(p, f.clusters...).id}
		if i := slices.IndexFunc(f.people, func(q drawnPerson) bool { return q.kind == "role" && q.uid != f.runner }); p.chance(70) {
			s.uid = f.people[i].uid
		}
		f.services = append(f.services, s)
	}
}

// drawCert draws one certificate; off keeps the expiries of an account apart.
func (f *fable) drawCert(p pencil, uid, cluster string, off time.Duration) drawnCert {
	c := drawnCert{uid: uid, cluster: cluster}
	if p.chance(15) {
		c.lastUsed = stage.Noon.Add(-oneOf(p, 1*day, 20*day))
	}
	left := oneOf(p, 100*day, year, 2*year, 3*year-20*day) + off
	switch kind := p.IntN(1000); {
	case kind < 530:
		c.expires = stage.Noon.Add(left)
	case kind < 680:
		c.expires = stage.Noon.Add(-oneOf(p, 10*day, year) - off)
	case kind < 820:
		c.state, c.expires = "Removed", mostly(p, 50, time.Time{}, stage.Noon.Add(left))
	case kind < 900:
		c.state = "Unissued"
	case kind < 910:
		c.state = "Unknown"
		c.expires = mostly(p, 50, time.Time{}, stage.Noon.Add(left))
	default: // renewed within the last 180 days of the older one, for three years
		c.previous = stage.Noon.Add(oneOf(p, -30*day, 20*day, 100*day) + off)
		c.expires = c.previous.Add(3*year - oneOf(p, 110*day, 150*day, 170*day))
	}
	return c
}

func (f *fable) drawGrants(p pencil, uid, cluster string) []drawnGrant {
	g := drawnGrant{uid: uid, cluster: cluster, role: oneOf(p, "admin", "ops", "dev", "restricted")}
	switch p.IntN(4) {
	case 0:
		g.namespace, g.role = "payments", oneOf(p, "dev", "restricted")
	case 1:
		g.custom, g.role = true, "log-reader"
	}
	out := []drawnGrant{g}
	if p.chance(20) && !g.custom {
		out = append(out, drawnGrant{uid: uid, cluster: cluster, namespace: g.namespace, role: "extra", custom: true})
	}
	return out
}

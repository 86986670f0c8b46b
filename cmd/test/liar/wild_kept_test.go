package liar

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/report"
	"ackrevoke/job/write"
)

// kept holds the runs to G3: whatever vanished stands in one of these files.
func (p *play) kept() {
	said := map[string]bool{}
	note := func(uid, cluster string, g report.Grant) {
		said[fmt.Sprint(uid, cluster, g.Scope, g.Namespace, g.Role, g.Custom, g.Owner)] = true
	}
	for _, path := range p.sources() {
		raw, err := os.ReadFile(path)
		if err != nil {
			p.say("world: %v", err)
			continue
		}
		if r, err := report.Decode(raw); err == nil {
			for _, a := range r.Plan.Actions {
				said[a.UID+" "+a.Cluster.ID] = true
				for _, g := range a.Before.Grants {
					note(a.UID, a.Cluster.ID, g)
				}
			}
			for _, o := range r.Outcomes {
				_, uid, _ := strings.Cut(o.Action, "/")
				for _, l := range o.Collateral {
					note(uid, l.Cluster, l.Grant)
				}
			}
			continue
		}
		for _, l := range write.ReadLines(raw) {
			if l.Cluster != nil {
				said[l.UID+" "+l.Cluster.ID] = true
			}
			for _, g := range l.Grants {
				note(l.UID, g.Cluster, report.Grant{Scope: g.Scope, Namespace: g.Namespace, Role: g.Role, Custom: g.Custom, Owner: g.Owner})
			}
		}
	}
	for _, l := range p.lost {
		switch {
		case l.grant == nil && p.along(l.uid): // whoever saw it has named it
		case l.grant == nil && !l.previous && !said[l.uid+" "+l.cluster]:
			p.say("G3: no report and no journal tells of the certificate of %s on %s", l.uid, l.cluster)
		case l.grant != nil && !said[fmt.Sprint(l.uid, l.cluster, scopeOf(*l.grant), l.grant.Namespace, l.grant.Role, l.grant.Custom,
			l.grant.Owner)]:
			p.say("G3: no report and no journal tells of %+v", *l.grant)
		}
	}
}

func scopeOf(g sim.Grant) string {
	switch {
	case g.AllClusters:
		return "all-clusters"
	case g.Namespace != "":
		return "namespace"
	}
	return "cluster"
}

// meant are the certificates that a run which took a grant was to end: the pinned
// ones, or all.
func (p *play) meant(r stage.Ran, before sim.Truth, g sim.Grant) []sim.Certificate {
	if !slices.ContainsFunc(r.Calls, func(c sim.Call) bool { return wroteOn(c, g.UID, g.Cluster) }) {
		return nil // another write took it along
	}
	e, _ := p.f.acting(g.UID)
	var all []sim.Certificate
	for _, c := range before.Certificates {
		pinned := slices.ContainsFunc(e.pins, func(q drawnPin) bool {
			return q.cluster == c.Cluster && q.expires.Sub(c.Expires).Abs() <= 10*time.Minute
		})
		if c.UID == g.UID && c.Cluster == g.Cluster && c.State == "Unexpired" && (len(e.pins) == 0 || pinned) {
			all = append(all, c)
		}
	}
	return all
}

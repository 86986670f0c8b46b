package liar

import (
	"slices"
	"time"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/test/stage"
)

// left holds exit 0 to its word (G2): whoever is listed holds nothing in scope
// that any surface shows, nor an older certificate behind it, but what the policy
// lives with; and no pinned certificate is in force.
func (p *play) left(after sim.Truth) {
	now := truthOf(after, p.f)
	look := look{p.f, now, p.f.sightOf()}
	for _, e := range p.f.list.entries {
		if _, acts := p.f.acting(e.uid); !acts {
			continue
		}
		who, _ := p.f.person(e.uid)
		if other, is := p.f.described(e); is {
			p.say("G2: exit 0, and %s, whom the entry of %s describes, has all that he had", other.uid, e.uid)
		}
		for _, c := range p.f.clusters {
			accepted := p.f.accepts(e.uid, c.id, "", "unknown") // which counts where the account does not say, and not where it was not asked
			if !c.real() || c.deferred() || !p.f.within(e, c) || p.livesWithout(e.uid, c) || accepted && !p.f.listedPlainly(c) && !c.askedInVain() {
				continue
			}
			user, _ := look.userRow(e.uid, c.id)
			list, _ := look.listRow(e.uid, c.id)
			for _, x := range after.Certificates {
				if x.UID != e.uid || x.Cluster != c.id || x.State != "Unexpired" || accepted && user != "Unexpired" {
					continue
				}
				pinned := slices.ContainsFunc(e.pins, func(q drawnPin) bool {
					return q.cluster == c.id && q.expires.After(stage.Noon) && q.expires.Sub(x.Expires).Abs() <= 10*time.Minute
				})
				if d := p.f.cert(e.uid, c.id); x.Previous && d != nil && !d.userOlder && !d.clusterOlder && !renews(d.expires, x.Expires) {
					continue // nobody shows it, and the service makes no such pair
				}
				if shown := user != "" || list != "" && !c.hidden && !c.conditioned; shown && (pinned || len(e.pins) == 0) {
					p.say("G2: exit 0, and %s holds a certificate on %s until %s (older of two %v)", e.uid, c.id, x.Expires.Format(time.DateOnly),
						x.Previous)
				}
			}
			for _, g := range look.seen(e.uid) {
				if g.cluster == c.id && len(e.pins) == 0 && (!g.owner || !who.deleted && !who.hidden) && !g.all {
					p.say("G2: exit 0, and %s holds the grant %+v", e.uid, g)
				}
			}
		}
		everywhere := slices.ContainsFunc(look.seen(e.uid), func(g drawnGrant) bool { return g.all })
		if everywhere && len(e.pins) == 0 && !p.f.accepts(e.uid, "", "", "all-clusters") {
			p.say("G2: exit 0, and %s holds a grant on all clusters", e.uid)
		}
	}
}

// described is the one alive who has the name and the creation time of an entry
// whose uid nobody has.
func (f *fable) described(e drawnEntry) (drawnPerson, bool) {
	if _, known := f.person(e.uid); known || e.name == "" || e.created.IsZero() {
		return drawnPerson{}, false
	}
	i := slices.IndexFunc(f.people, func(who drawnPerson) bool {
		return !who.deleted && !who.hidden && who.kind == e.kind && who.name == e.name && who.created.Equal(e.created)
	})
	if i < 0 {
		return drawnPerson{}, false
	}
	return f.people[i], true
}

// askedInVain says that no listing shows a cluster, and that whoever asks what it
// is gets no answer.
func (p drawnCluster) askedInVain() bool { return p.hidden && p.detail != "" }

// listedPlainly says that every listing shows a cluster, so that nothing is unknown
// there but what the surfaces of somebody do not say.
func (f *fable) listedPlainly(c drawnCluster) bool {
	spoilt := func(m drawnFault) bool {
		return slices.Contains([]string{"DescribeRegions", "DescribeClustersForRegion", "read", "any"}, m.on)
	}
	if slices.ContainsFunc(f.faults, spoilt) {
		return false
	}
	return !c.hidden && !c.conditioned && !f.unread(c.region) && f.open.regions+f.open.regionalList+f.open.endpoint == ""
}

// livesWithout says that the policy lives with not reading, or not ending, what
// somebody holds on a cluster: in whatever way, which is more than is meant.
func (p *play) livesWithout(uid string, c drawnCluster) bool {
	return p.f.accepts(uid, c.id, "", "unread") || p.f.accepts(uid, c.id, "", "owner") ||
		p.f.accepts("", "", c.region, "unread") || p.f.accepts("", "", "*", "unread") || p.f.accepts("", "", "", "listing")
}

func (f *fable) accepts(uid, cluster, region, what string) bool {
	return slices.ContainsFunc(f.list.accepted, func(a drawnAccepted) bool {
		return a.what == what && a.until.After(stage.Noon) && (a.uid == "" || a.uid == uid) && (a.cluster == "" || a.cluster == cluster) &&
			a.region == region
	})
}

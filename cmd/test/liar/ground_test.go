package liar

import (
	"path"
	"slices"
	"strings"
	"time"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/end"
)

// The invariants of the ground truth. They know the account before and after, as
// the account itself keeps it, and what the policy says; they know nothing of how
// the program decides, so they cannot share its mistakes.
//
//	G1  what vanished was listed: on a cluster of the scope of a departed entry in effect, or by a pin in force;
//	    and it was that of the very person whom the entry names
//	G2  exit 0 of a run that applies: nothing of the listed is left in scope, however hidden
//	G3  what vanished stands in a report that is kept or in a journal, and a restore can be asked for it
//	G4  a sound world ends in exit 0 within three runs
//	G5  no write is sent again once its effect has been seen
//	G6  a list that had entries on the last run and has none now is refused, and no other is; see emptied_test.go
//	G7  a call of several clusters is about somebody who left, and names four or more, all listed; what is called revoked
//	    after one is gone; see ground_bulk_test.go

// real says that there is a Kubernetes cluster.
func (p drawnCluster) real() bool { return !p.gone() && p.typ != "aliyun" }

// within says whether the policy's scope, and the entry's own, hold a cluster.
func (f *fable) within(e drawnEntry, c drawnCluster) bool {
	return f.inScope(c) && (len(e.clusters) == 0 || f.matches(e.clusters, c))
}

// acting returns the entry in effect about somebody.
func (f *fable) acting(uid string) (drawnEntry, bool) {
	i := slices.IndexFunc(f.list.entries, func(e drawnEntry) bool { return e.uid == uid })
	if i < 0 {
		return drawnEntry{}, false
	}
	e := f.list.entries[i]
	return e, !e.effective.After(stage.Noon) && (e.until.IsZero() || e.until.After(stage.Noon))
}

// ground checks G1, G2 and G5 of one run.
func (p *play) ground(r stage.Ran, before, after sim.Truth) {
	dry := !slices.Contains(r.Args, "--dry-run=false")
	lost := vanished(before, after)
	for _, c := range lost.certificates {
		if why := p.unlisted(c.UID, c.Cluster, before); why != "" && !p.along(c.UID) || dry {
			p.say("G1: the certificate of %s on %s, until %s, vanished: %s (dry run %v)", c.UID, c.Cluster, c.Expires.Format(time.DateOnly),
				why, dry)
		}
	}
	for _, g := range lost.grants {
		why := ""
		switch {
		case dry:
			why = "a dry run"
		case p.byTheService(r, g):
		case g.AllClusters:
			why = p.unlistedEverywhere(g.UID)
		default:
			why = p.unlisted(g.UID, g.Cluster, before)
		}
		if why != "" {
			p.say("G1: the grant %+v vanished: %s", g, why)
		}
	}
	for _, g := range after.Grants {
		if !slices.Contains(before.Grants, g) {
			p.say("G1: the grant %+v came", g)
		}
	}
	if r.Code == end.CodeClean && !dry {
		p.left(after)
	}
	p.repeats(r)
}

// losses are what somebody had before and has no more.
type losses struct {
	certificates []sim.Certificate // that were in force
	grants       []sim.Grant
}

func vanished(before, after sim.Truth) losses {
	var l losses
	for _, c := range before.Certificates {
		still := slices.ContainsFunc(after.Certificates, func(d sim.Certificate) bool {
			return d.UID == c.UID && d.Cluster == c.Cluster && d.Expires.Equal(c.Expires) && d.State == "Unexpired"
		})
		if c.State == "Unexpired" && !still {
			l.certificates = append(l.certificates, c)
		}
	}
	for _, g := range before.Grants {
		if !slices.Contains(after.Grants, g) {
			l.grants = append(l.grants, g)
		}
	}
	return l
}

// byTheService says that the service itself takes more than it is asked for: by
// what its documentation leaves open, or by a fault.
func (p *play) byTheService(r stage.Ran, g sim.Grant) bool {
	return p.along(g.UID) || slices.ContainsFunc(r.Calls, func(c sim.Call) bool {
		takes := strings.HasPrefix(c.Fault, "takes") || g.AllClusters && p.f.open.cleanAll == "remove"
		return c.Write && c.UID == g.UID && slices.Contains([]string{"CleanClusterUserPermissions", bulkCall}, c.Operation) && takes
	})
}

// unlisted says why nothing of somebody may vanish from a cluster; "" if it may.
func (p *play) unlisted(uid, cluster string, before sim.Truth) string {
	e, ok := p.f.acting(uid)
	c, _ := p.f.place(cluster)
	switch {
	case !ok:
		return "no entry in effect lists it"
	case !c.real() || !p.f.within(e, c):
		return "the cluster is not in scope"
	}
	if why := p.somebodyElse(e); why != "" || len(e.pins) == 0 {
		return why
	}
	pinned := slices.ContainsFunc(before.Certificates, func(x sim.Certificate) bool {
		return x.UID == uid && x.Cluster == cluster && x.State == "Unexpired" && slices.ContainsFunc(e.pins, func(q drawnPin) bool {
			return q.cluster == cluster && q.expires.Sub(x.Expires).Abs() <= 10*time.Minute
		})
	})
	if !pinned && !p.f.lagsOf(uid) {
		return "no pinned certificate was in force there"
	}
	return ""
}

// unlistedEverywhere is the same for a grant on all clusters: the entry must be
// about all of them, as far as anybody can know of them.
func (p *play) unlistedEverywhere(uid string) string {
	e, ok := p.f.acting(uid)
	switch {
	case !ok:
		return "no entry in effect lists it"
	case len(e.pins) > 0:
		return "the entry is about certificates"
	}
	if why := p.somebodyElse(e); why != "" {
		return why
	}
	scoped := len(p.f.list.regions)+len(p.f.list.include)+len(p.f.list.exclude)+len(e.clusters) > 0
	for _, c := range p.f.clusters {
		if scoped && !p.f.list.allClusters && c.real() && !p.f.within(e, c) && p.known(c) {
			return "cluster " + c.id + " exists, and the entry is not about it"
		}
	}
	return ""
}

// known says whether a run can know that there may be a cluster: it is listed, or
// its region could not be read, or the listing may be short, or a row that a run
// reads names it. What is left out without a word nobody can know of.
func (p *play) known(c drawnCluster) bool {
	look := look{p.f, truthOf(p.account.Truth(), p.f), p.f.sightOf()}
	shown := func(uid string) bool {
		row, _ := look.userRow(uid, c.id)
		return row != "" || slices.ContainsFunc(look.seen(uid), func(g drawnGrant) bool { return g.cluster == c.id })
	}
	for _, e := range p.f.list.entries {
		if _, acts := p.f.acting(e.uid); acts && shown(e.uid) {
			return true
		}
	}
	return !c.hidden && !c.conditioned && p.f.open.endpoint == "" && !p.f.concealed(c.region)
}

// unread says that a region does not give what is there, whatever it says of that.
func (f *fable) unread(region string) bool {
	return slices.ContainsFunc(f.places, func(r drawnRegion) bool { return r.id == region && (r.clusters != "" || r.hidden) })
}

// concealed says that a region is kept back without a word: it is not told of, or
// called empty.
func (f *fable) concealed(region string) bool {
	return slices.ContainsFunc(f.places, func(r drawnRegion) bool { return r.id == region && (r.clusters == "empty" || r.hidden) })
}

// somebodyElse says why the entry's uid is not whom the entry names, or nobody's
// to touch; "" where it is. Of somebody deleted the lists of clusters have the
// name, where they show him at all.
func (p *play) somebodyElse(e drawnEntry) string {
	who, known := p.f.person(e.uid)
	names, kinds := []string{who.name}, who.kind != e.kind
	if !known {
		return ""
	}
	gone := who.deleted || who.hidden // from the listing of RAM, and nobody can tell which
	if gone {
		names, kinds = p.calledOf(e.uid), kinds && len(p.calledOf(e.uid)) > 0
	}
	renamed := !gone && !e.created.IsZero() && e.created.Equal(who.created)
	for _, name := range names {
		service := strings.HasPrefix(name, "AliyunServiceRoleFor") || strings.HasPrefix(name, "AliyunCS")
		switch {
		case service && (who.kind == "role" || gone):
			return name + " is a service role"
		case slices.ContainsFunc(p.f.list.protect, func(glob string) bool { hit, _ := path.Match(glob, name); return hit }):
			return name + " is protected"
		case e.name != "" && e.name != name && !renamed:
			return "the entry says " + e.name + ", and it is " + name
		}
	}
	switch {
	case kinds:
		return "it is a " + who.kind
	case !gone && e.deleted:
		return "the entry says that it is deleted"
	case !gone && !e.created.IsZero() && !e.created.Equal(who.created):
		return "it was created at another time"
	case e.uid == p.f.runner || e.uid == stage.Account:
		return "it is the caller or the root account"
	}
	return ""
}

// calledOf are the names that the lists of clusters in scope have for somebody.
func (p *play) calledOf(uid string) []string {
	var names []string
	who, _ := p.f.person(uid)
	look := look{p.f, p.f.truth(), p.f.sightOf()}
	for _, c := range p.f.clusters {
		listed := c.real() && !c.hidden && !c.conditioned && !c.deferred() && p.f.inScope(c) && p.f.open.endpoint == "" && !p.f.unread(c.region)
		if row, _ := look.listRow(uid, c.id); row == "" || !listed || p.f.open.regions+p.f.open.regionalList != "" || len(p.f.faults) > 0 {
			continue
		}
		name := who.name
		if own := p.f.cert(uid, c.id); own != nil && own.calledOf != "" {
			name = own.calledOf
		}
		names = append(names, name)
	}
	return names
}

// lagsOf says that a list shows for an hour what somebody had before: then the
// service itself says that a pinned certificate is in force.
func (f *fable) lagsOf(uid string) bool { return f.lagging(uid, "States") }

// grantsLagOf says the same of what somebody is granted.
func (f *fable) grantsLagOf(uid string) bool { return f.lagging(uid, "DescribeUserPermission") }

func (f *fable) lagging(uid, operation string) bool {
	return slices.ContainsFunc(f.faults, func(m drawnFault) bool {
		return m.do == "lag" && (m.uid == "" || m.uid == uid) && (strings.Contains(m.on, operation) || m.on == "read" || m.on == "any")
	})
}

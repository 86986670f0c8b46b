package liar

import (
	"slices"
	"strings"
	"time"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/end"
	"ackrevoke/job/report"
)

// safe is what holds for every run, whatever the service does.
func (p *play) safe(r stage.Ran, before, after sim.Truth) {
	o := foretell(p.f, truthOf(after, p.f))
	dry := r.Report.Run.Mode == report.DryRun
	p.safeWrites(r, o, dry)
	p.safeLosses(r, o, before, after)
	p.safeReads(r, o)
	p.safeRepeats(r)
	for _, out := range r.Report.Outcomes {
		p.tally["outcome "+string(out.Status)]++
		cluster, uid, _ := strings.Cut(out.Action, "/")
		if out.Status == report.WasRevoked || out.Status == report.WasAbsent || out.Status == report.WasCollateral {
			for _, left := range o.held(uid, cluster, true) {
				if o.hides(drawnEntry{uid: uid}, cluster, left) {
					continue
				}
				p.say("proof: %s is called %s, but there is %s", out.Action, out.Status, left)
			}
		}
	}
	converged := r.Report.Verdict.Name == end.Converged
	for _, e := range p.f.list.entries {
		i := slices.IndexFunc(r.Report.Principals, func(q report.Principal) bool { return q.UID == e.uid })
		if i < 0 {
			continue
		}
		said := r.Report.Principals[i]
		inEffect := said.Verdict != report.PendingYet && said.Verdict != report.LapsedSince
		if !inEffect || !converged && said.Verdict != report.Out {
			continue
		}
		for _, cluster := range append(slices.Clone(o.targets[e.uid]), "all-clusters") {
			for _, left := range o.held(e.uid, cluster, false) {
				switch {
				case said.Verdict == report.Out && !o.hides(e, cluster, left):
					p.say("clean: %s is called out, but on %s there is %s", e.uid, cluster, left)
				case converged && !o.hides(e, cluster, left) && !o.livesWith(e, cluster, left):
					p.say("clean: exit %d over %s, who has %s on %s", r.Code, e.uid, left, cluster)
				}
			}
		}
		if said.Retirable {
			p.safeRetirable(e, o)
		}
	}
}

// safeWrites allows writes to targets of entries in effect only, and to grants
// on all clusters where entry or policy reaches that far.
func (p *play) safeWrites(r stage.Ran, o *oracle, dry bool) {
	for _, c := range r.Calls {
		if !c.Write {
			continue
		}
		ids := named(c)
		ok := len(ids) > 0 && !slices.ContainsFunc(ids, func(id string) bool { return !slices.Contains(o.targets[c.UID], id) })
		if c.Operation == "UpdateUserPermissions" {
			i := slices.IndexFunc(p.f.list.entries, func(e drawnEntry) bool { return e.uid == c.UID })
			ok = i >= 0 && slices.Contains(o.inEffect, c.UID) && len(p.f.list.entries[i].pins) == 0 && c.Query.Get("mode") == "delete" &&
				(p.f.list.allClusters || o.reachesAll(p.f.list.entries[i]))
		}
		if dry || !ok || o.denied || o.stopped {
			p.say("write: %s of %s on %q is not allowed (dry run %v)", c.Operation, c.UID, c.Cluster, dry)
		}
	}
}

// safeRepeats lets a write be sent again only where the service said that it did
// not do it, or where the state was asked in between and does not show that it
// did.
func (p *play) safeRepeats(r stage.Ran) {
	about := func(c sim.Call) string { return c.Operation + " " + c.UID + " " + c.Cluster }
	last := map[string]int{}
	for i, c := range r.Calls {
		if !c.Write {
			continue
		}
		if j, again := last[about(c)]; again {
			before := r.Calls[j]
			refused := strings.HasPrefix(before.Code, "Throttling") || before.Code == "ErrAuthorizationConflict"
			asked := slices.ContainsFunc(r.Calls[j:i], func(d sim.Call) bool { return d.UID == c.UID && d.Operation == "DescribeUserPermission" })
			done := slices.Contains([]string{"resetAfter", "noContent", "slow"}, before.Fault) && before.Changed && p.f.prompt()
			if !refused && (!asked || done) {
				p.say("repeat: %s is sent again after %q (%d %s), the state having been asked: %v", about(c), before.Fault, before.Status,
					before.Code, asked)
			}
		}
		last[about(c)] = i
	}
}

// safeReads holds a run in which every read of one surface of somebody failed to
// settling nothing for him: a read that failed is never "nothing". Of a deleted
// principal the service may say that it knows nothing; that is no failure.
func (p *play) safeReads(r stage.Ran, o *oracle) {
	for _, s := range r.Report.Plan.Settled {
		for _, operation := range []string{"DescribeUserPermission", "ListUserKubeConfigStates"} {
			reads, failed := 0, 0
			for _, c := range r.Calls {
				if c.Operation == operation && c.UID == s.UID {
					reads++
					// What is done to an answer is not done to a refusal, which says what it says.
					spared := c.Code != "" && slices.Contains([]string{"resetAfter", "noContent", "truncated"}, c.Fault)
					if slices.Contains(noAnswers, c.Fault) && !spared {
						failed++
					}
				}
			}
			if reads == failed && !o.pins(s.UID) {
				p.say("reads: %s has %d settled clusters, and none of %d calls of %s had an answer", s.UID, s.Clusters, reads, operation)
			}
		}
	}
}

// noAnswers are the faults after which a read has no answer that can be read.
var noAnswers = []string{"throttle", "error", "denied", "tokenExpires", "empty500", "html502", "redirect", "resetBefore", "hang",
	"acceptNothing",
	"resetAfter", "noContent", "truncated"}

// safeLosses compares what was with what is: only what a write was about may
// be gone, and what else went with it must be in the report.
func (p *play) safeLosses(r stage.Ran, o *oracle, before, after sim.Truth) {
	wrote := func(uid, cluster string) bool {
		return slices.ContainsFunc(r.Calls, func(c sim.Call) bool {
			return wroteOn(c, uid, cluster) || c.Write && c.UID == uid && cluster == "*"
		})
	}
	took := func(uid string) bool {
		return p.along(uid) || slices.ContainsFunc(r.Calls, func(c sim.Call) bool { return c.UID == uid && strings.HasPrefix(c.Fault, "takes") })
	}
	lost := map[string]int{}
	for _, c := range before.Certificates {
		i := slices.IndexFunc(after.Certificates, func(d sim.Certificate) bool {
			return d.UID == c.UID && d.Cluster == c.Cluster && d.Expires.Equal(c.Expires) && d.State == c.State
		})
		if i < 0 && c.State == "Unexpired" && !wrote(c.UID, c.Cluster) && !p.along(c.UID) {
			p.say("loss: the certificate of %s on %s went without a write", c.UID, c.Cluster)
		}
	}
	for _, g := range before.Grants {
		switch {
		case slices.Contains(after.Grants, g), wrote(g.UID, g.Cluster) && !g.AllClusters:
		case g.AllClusters && wrote(g.UID, "*") && (p.f.open.cleanAll == "remove" || wrote(g.UID, "")):
		case took(g.UID):
		default:
			p.say("loss: %+v went without a write", g)
		}
		if !slices.Contains(after.Grants, g) {
			lost[g.UID]++
		}
	}
	for _, g := range after.Grants {
		if !slices.Contains(before.Grants, g) {
			p.say("gain: %+v came", g)
		}
	}
}

// held is what somebody really has on a target ("all-clusters" for grants on all of them)
// that his entry says he must not have.
func (o *oracle) held(uid, cluster string, written bool) []string {
	var out []string
	i := slices.IndexFunc(o.f.list.entries, func(e drawnEntry) bool { return e.uid == uid })
	if i < 0 {
		return []string{"no entry"}
	}
	e := o.f.list.entries[i]
	if cluster == "all-clusters" {
		if len(e.pins) == 0 && len(o.now.on(uid, "")) > 0 {
			out = append(out, "a grant on all clusters")
		}
		return out
	}
	c := o.now.certs[[2]string{uid, cluster}]
	for _, expires := range []time.Time{c.expires, c.previous} {
		live := expires.After(stage.Noon) && (expires.Equal(c.previous) || c.shown() == "Unexpired")
		pinned := slices.ContainsFunc(e.pins, func(q drawnPin) bool {
			return q.cluster == cluster && q.expires.After(stage.Noon) && q.expires.Sub(expires).Abs() <= 10*time.Minute
		})
		if live && (pinned || len(e.pins) == 0 && !written) || live && written && len(e.pins) == 0 {
			out = append(out, "a certificate")
		}
	}
	for _, g := range o.now.on(uid, cluster) {
		switch {
		case len(e.pins) > 0 && !written:
		case !g.owner:
			out = append(out, "a grant")
		case o.listed(uid) && !written:
			out = append(out, "an owner row")
		}
	}
	return out
}

// hides says that the service shows nothing of what is left: no program could
// know of it.
func (o *oracle) hides(e drawnEntry, cluster, left string) bool {
	switch left {
	case "a certificate":
		return o.certificate(e.uid, cluster).kind == "ended"
	case "a grant on all clusters":
		return len(o.judgedAll(e.uid)) == 0 && o.sees.all
	}
	return !o.sees.blind(cluster) && o.answers(e.uid, o.f.open.deletedGrants) != "rows"
}

func (o *oracle) judgedAll(uid string) []drawnGrant {
	return slices.DeleteFunc(o.seen(uid), func(g drawnGrant) bool { return !g.all })
}

// livesWith says that the policy accepts what is left.
func (o *oracle) livesWith(e drawnEntry, cluster, left string) bool {
	switch left {
	case "a certificate":
		return len(e.pins) == 0 && o.certificate(e.uid, cluster).kind == "unclear" && o.acceptedRow(e.uid, cluster, "unknown")
	case "a grant on all clusters":
		return o.acceptedRow(e.uid, "", "all-clusters")
	case "an owner row": // or the whole target, where the certificate is unclear
		unclear := o.certificate(e.uid, cluster).kind == "unclear"
		return o.acceptedRow(e.uid, cluster, "owner") || (unclear || o.sees.blind(cluster)) && o.acceptedRow(e.uid, cluster, "unknown")
	}
	return o.sees.blind(cluster) && o.acceptedRow(e.uid, cluster, "unknown")
}

// safeRetirable holds an entry that may be taken out to having nothing anywhere.
func (p *play) safeRetirable(e drawnEntry, o *oracle) {
	if o.listed(e.uid) && len(e.pins) == 0 {
		p.say("retirable: %s is neither deleted nor pinned", e.uid)
	}
	for _, c := range p.f.clusters {
		if !c.there() {
			continue
		}
		if cert := o.certificate(e.uid, c.id); cert.kind == "valid" {
			p.say("retirable: %s has a certificate on %s", e.uid, c.id)
		}
		if slices.ContainsFunc(o.seen(e.uid), func(g drawnGrant) bool { return g.all || g.cluster == c.id && (!g.owner || o.listed(e.uid)) }) {
			p.say("retirable: %s has a grant on %s", e.uid, c.id)
		}
	}
}

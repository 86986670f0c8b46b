package liar

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/report"
)

// compare holds a run to what the oracle foretold of it, in every class.
func (p *play) compare(name string, r stage.Ran, o *oracle, outcomes map[string]string) {
	dry := outcomes == nil
	p.tallyOracle(o)
	if code := o.exit(outcomes, dry && p.f.flags.check); r.Code != code {
		p.say("exit: %s: %d, want %d (%v)\n%s", name, r.Code, code, r.Report.Verdict.Reasons, lastLines(r.Stderr))
	}
	if o.denied || o.stopped {
		return // nothing but that is judged; safe has seen that nothing was written
	}
	got := &r.Report.Plan
	p.same(name, "actions", o.actionLines(), stage.Lines(got.Actions, func(a report.Action) string {
		because := slices.DeleteFunc(slices.Clone(a.Because), func(b string) bool { return b == report.Resurrected }) // recalls is about it
		return fmt.Sprintf("%s because %s refused %v", a.ID, strings.Join(because, ","), a.RefusedBy != "")
	}))
	p.same(name, "unknown", rowLines(o.unknown), stage.Lines(got.Unknown, func(u report.Unknown) string {
		return fmt.Sprintf("%s/%s %s accepted %v", u.Cluster, u.UID, u.Why, u.Accepted)
	}))
	p.same(name, "residual", rowLines(o.residual), stage.Lines(got.Residual, func(u report.Residual) string {
		return fmt.Sprintf("%s/%s %s accepted %v", u.Cluster, u.UID, u.What, u.Accepted)
	}))
	p.same(name, "settled", o.settledLines(), stage.Lines(got.Settled, func(s report.Settled) string {
		if o.pins(s.UID) {
			return fmt.Sprintf("%s: %d", s.UID, s.Clusters)
		}
		return fmt.Sprintf("%s: removed %d unissued %d expired %d unlisted %d owner %d", s.UID, s.Removed, s.Unissued, s.Expired,
			s.Unlisted, s.OwnerOfRecord)
	}))
	p.same(name, "outside", stage.Lines(slices.Collect(maps.Keys(o.outside)), func(r oracleRow) string { return r.cluster + "/" + r.uid }),
		stage.Lines(got.OutOfScope, func(u report.Outside) string { return u.Cluster + "/" + u.UID }))
	p.same(name, "refused", stage.Lines(slices.Collect(maps.Keys(o.refused)), func(uid string) string { return uid }),
		stage.Lines(got.Refused, func(e report.RefusedEntry) string {
			if !slices.Contains(o.refused[e.UID], e.Guard) {
				return e.UID + " by " + e.Guard
			}
			return e.UID
		}))
	p.same(name, "pending", stage.Lines(o.pending, strings.Clone), stage.Lines(got.Pending, func(e report.Pending) string { return e.UID }))
	p.same(name, "lapsed", stage.Lines(o.lapsed, strings.Clone), stage.Lines(got.Lapsed, func(e report.Lapsed) string { return e.UID }))
	p.compareOutcomes(name, r, o, outcomes)
	p.compareCoverage(name, r, o)
	var verdicts []string
	for _, e := range p.f.list.entries {
		verdicts = append(verdicts, e.uid+" "+o.standing(e, outcomes))
	}
	p.same(name, "verdicts", stage.Lines(verdicts, strings.Clone),
		stage.Lines(r.Report.Principals, func(q report.Principal) string { return q.UID + " " + string(q.Verdict) }))
}

func (p *play) compareOutcomes(name string, r stage.Ran, o *oracle, outcomes map[string]string) {
	want := map[string]string{}
	for _, a := range o.actions {
		if !a.refused {
			want[a.id] = "planned"
		}
	}
	var writes []string
	if outcomes != nil {
		want = outcomes
		writes = o.calls
	}
	got := map[string]string{}
	for _, out := range r.Report.Outcomes {
		got[out.Action] = string(out.Status)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		p.say("outcomes: %s (-want +got)\n%s", name, diff)
	}
	p.same(name, "writes", stage.Lines(writes, strings.Clone), stage.Lines(r.Writes(), func(w string) string {
		f := strings.Split(w, " ")
		switch {
		case f[0] == bulkCall:
			f[1] = "bulk"
		case f[1] == "":
			f[1] = "all-clusters"
		}
		return f[1] + "/" + f[2]
	}))
}

func (p *play) compareCoverage(name string, r stage.Ran, o *oracle) {
	want := report.Coverage{Listing: "regions", Regions: []report.Region{}, Blind: []string{}, AllClustersGrants: report.Unseen}
	for _, id := range p.f.regions() {
		region := report.Region{ID: id, Read: true}
		for _, c := range p.f.clusters {
			if c.there() && c.region == id {
				region.Clusters++
			}
		}
		want.Regions = append(want.Regions, region)
	}
	for _, c := range p.f.clusters {
		if !c.there() {
			continue
		}
		want.Clusters++
		if o.sees.blind(c.id) {
			want.Blind = append(want.Blind, c.id)
		}
		switch {
		case !o.inScope(c):
		case c.deferred():
			want.Deferred++
		default:
			want.InScope++
		}
	}
	if o.sees.all {
		want.AllClustersGrants = report.Seen
	}
	if diff := cmp.Diff(want, r.Report.Coverage); diff != "" {
		p.say("coverage: %s (-want +got)\n%s", name, diff)
	}
}

// compareTruth says whether the account became what the writes should make it:
// certificates in force and grants, of everybody.
func (p *play) compareTruth(name string, want, got truth) {
	list := func(t truth) []string {
		var out []string
		for _, c := range t.certs {
			if c.shown() == "Unexpired" {
				out = append(out, fmt.Sprint(c.uid, c.cluster, c.expires))
			}
			if c.previous.After(stage.Noon) {
				out = append(out, fmt.Sprint(c.uid, c.cluster, c.previous))
			}
		}
		for _, g := range t.grants {
			out = append(out, fmt.Sprintf("%+v", g))
		}
		return out
	}
	p.same(name, "truth", stage.Lines(list(want), strings.Clone), stage.Lines(list(got), strings.Clone))
}

func (p *play) same(name, what string, want, got []string) {
	if diff := cmp.Diff(want, got); diff != "" {
		p.say("%s: %s (-want +got)\n%s", what, name, diff)
	}
}

// standing is the verdict about one entry; the first that holds.
func (o *oracle) standing(e drawnEntry, outcomes map[string]string) string {
	of := func(m map[oracleRow]bool) bool {
		return slices.ContainsFunc(slices.Collect(maps.Keys(m)), func(r oracleRow) bool { return r.uid == e.uid })
	}
	var acts, capped, failed bool
	for _, a := range o.actions {
		if a.uid == e.uid {
			acts, capped = true, capped || a.refused
			failed = failed || outcomes != nil && !a.refused && outcomes[a.id] != "revoked" && outcomes[a.id] != "absent"
		}
	}
	switch {
	case len(o.refused[e.uid]) > 0:
		return "refused"
	case slices.Contains(o.pending, e.uid):
		return "pending"
	case slices.Contains(o.lapsed, e.uid):
		return "lapsed"
	case failed, of(o.residual):
		return "left"
	case capped:
		return "refused"
	case of(o.unknown):
		return "unknown"
	case acts && outcomes == nil:
		return "acting"
	case len(e.pins) == 0 && !o.sees.all: // a grant on all clusters could be there unseen
		return "unknown"
	}
	return "out"
}

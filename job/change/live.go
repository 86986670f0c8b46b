package change

import (
	"fmt"

	"ackrevoke/job/report"
)

// preview is what is said of the dry run of the new policy, beside its actions.
type preview struct {
	title, digest string
	notes         []string // text of others in them
}

// mostNotes is how many rows of a kind are named.
const mostNotes = 8

func (d *Diff) preview() preview {
	r := d.Live
	where := "account " + r.Account.ID
	if r.Account.ID == "" {
		where = "the account could not be read"
	}
	if r.Run.Simulated {
		where += ", simulated"
	}
	s := r.Summary
	p := preview{digest: r.Plan.Digest}
	p.title = fmt.Sprintf("Plan of the new policy (%s): %s, %s settled, %d unknown, %d residual; %s (exit %d)",
		where, plural(s.Actions, "action", "actions"), plural(s.Settled, "target", "targets"), s.Unknown, s.Residual, r.Verdict.Name,
		r.Verdict.ExitCode)
	for _, e := range r.Errors {
		p.notes = append(p.notes, "error: "+e.Message+" ("+e.Hint+")")
	}
	for _, g := range r.Plan.Guards {
		p.notes = append(p.notes, guardText(g))
	}
	p.some(len(r.Plan.Refused), "refused", func(i int) string {
		f := r.Plan.Refused[i]
		return f.UID + " by " + f.Guard + ": " + f.Message
	})
	p.some(len(r.Plan.Unknown), "unknown", func(i int) string {
		u := r.Plan.Unknown[i]
		return at(u.UID, u.Cluster, u.Region) + string(u.Why) + acceptedMark(u.Accepted)
	})
	p.some(len(r.Plan.Residual), "residual", func(i int) string {
		x := r.Plan.Residual[i]
		return at(x.UID, x.Cluster, "") + string(x.What) + acceptedMark(x.Accepted)
	})
	for _, w := range r.Plan.Warnings {
		p.notes = append(p.notes, "warning: "+w)
	}
	return p
}

// some names the first few rows of a kind.
func (p *preview) some(n int, kind string, text func(i int) string) {
	for i := range min(n, mostNotes) {
		p.notes = append(p.notes, kind+": "+text(i))
	}
	if n > mostNotes {
		p.notes = append(p.notes, fmt.Sprintf("%s: and %d more", kind, n-mostNotes))
	}
}

func guardText(g report.Guard) string {
	s := "guard " + g.Guard
	if g.Group != "" {
		s += fmt.Sprintf(" (%s): %d found, %d allowed", g.Group, g.Found, g.Limit)
	}
	if g.Tripped {
		s += ", tripped"
	}
	if g.Message != "" {
		s += ": " + g.Message
	}
	return s
}

// at is what a row is about, and a colon.
func at(uid, cluster, region string) string {
	s := uid
	if s == "" {
		s = "the run"
	}
	if cluster != "" {
		s += " on " + report.Plain(cluster)
	}
	if region != "" {
		s += " in region " + report.Plain(region)
	}
	return s + ": "
}

func acceptedMark(accepted bool) string {
	if accepted {
		return ", accepted"
	}
	return ""
}

package report

import (
	"errors"
	"fmt"
	"slices"

	"ackrevoke/policy"
)

// Check asserts the accounting of a report and names every sum that does not
// add up:
//
//	targets = targets with an action + settled + unknown + residual without an action
//	entries = in effect + pending + lapsed + refused (of run.only, where it names some)
//	summary = lengths of the lists, statuses of the outcomes
//	outcome = one for each action that no guard refused, when applying
//	verdict = its exit code, and no clean one over something that is left
//	proof   = nothing allowed where it says dead or powerless
//
// A report that does not pass says more, or less, than was found.
func Check(r *Report) error {
	c := &checker{report: r}
	c.head()
	c.entries()
	c.targets()
	c.summary()
	c.principals()
	c.outcomes()
	c.resurrections()
	c.verdict()
	c.proofs()
	for _, l := range r.lists() {
		c.that(l.sorted(), "%s is not sorted", l.name)
	}
	if len(c.wrong) > 0 {
		return fmt.Errorf("the report does not add up: %w", errors.Join(c.wrong...))
	}
	return nil
}

type checker struct {
	report *Report
	wrong  []error
}

func (c *checker) that(ok bool, format string, args ...any) {
	if !ok {
		c.wrong = append(c.wrong, fmt.Errorf(format, args...))
	}
}

func (c *checker) head() {
	c.that(c.report.Schema == SchemaName, "schema is %q, not %q", c.report.Schema, SchemaName)
	c.that(c.report.Run.Mode == DryRun || c.report.Run.Mode == Apply, "run.mode is %q", c.report.Run.Mode)
}

func (c *checker) entries() {
	s := c.report.Summary
	c.that(s.Entries == s.InEffect+s.Pending+s.Lapsed+s.Refused,
		"entries: %d, but in effect %d + pending %d + lapsed %d + refused %d", s.Entries, s.InEffect, s.Pending, s.Lapsed, s.Refused)
	only := c.report.Run.Only
	c.that(s.Entries == c.report.entries(), "entries: %d in the summary, %d in the policy, of which the run was about %d", s.Entries,
		c.report.Policy.Entries, c.report.entries())
	c.that(s.Entries <= c.report.Policy.Entries, "entries: %d of run.only, but %d in the policy", s.Entries, c.report.Policy.Entries)
	if n := len(c.report.Principals); n > 0 {
		c.that(n == s.Entries, "principals: %d rows for %d entries", n, s.Entries)
	}
	for _, p := range c.report.Principals {
		c.that(len(only) == 0 || slices.Contains(only, p.UID), "principal %s is not of run.only", p.UID)
	}
}

// targets holds the rows of the plan to what they say they are about, and their
// sum to the number of targets.
func (c *checker) targets() {
	p := &c.report.Plan
	refused := c.report.refusedUIDs()
	for _, a := range p.Actions {
		id := policy.AllClusters + "/" + a.UID
		if a.Cluster.ID != "" {
			id = a.Cluster.ID + "/" + a.UID
		}
		c.that(a.ID == id, "action %q is about %q", a.ID, id)
		c.that(!refused[a.UID], "action %s belongs to an entry that is refused", a.ID)
	}
	for _, s := range p.Settled {
		sum := s.Removed + s.Unissued + s.Expired + s.Unlisted + s.OtherCertificate + s.OwnerOfRecord
		c.that(s.Clusters == sum, "settled: %d clusters of %s, but their reasons sum to %d", s.Clusters, s.UID, sum)
	}
	for _, u := range p.Unknown {
		c.that(u.Cluster == "" || !aboutNoCluster(u.Why), "unknown: %s of %s is not about a cluster, but names %s", u.Why, u.UID, u.Cluster)
	}
	n, t := c.report.Summary.Targets, c.report.Targets()
	c.that(n == t.Acted+t.Settled+t.Unknown+t.Residual,
		"targets: %d, but with an action %d + settled %d + unknown %d + residual without an action %d", n, t.Acted, t.Settled, t.Unknown,
		t.Residual)
}

func (c *checker) summary() {
	got, want := c.report.Summary, c.report.count(c.report.Summary.Targets)
	for _, n := range []struct {
		name      string
		got, want int
	}{
		{"inEffect", got.InEffect, want.InEffect}, {"actions", got.Actions, want.Actions},
		{"revoked", got.Revoked, want.Revoked}, {"absent", got.Absent, want.Absent}, {"blocked", got.Blocked, want.Blocked},
		{"failed", got.Failed, want.Failed}, {"unverified", got.Unverified, want.Unverified}, {"skipped", got.Skipped, want.Skipped},
		{"collateral", got.Collateral, want.Collateral}, {"settled", got.Settled, want.Settled}, {"unknown", got.Unknown, want.Unknown},
		{"residual", got.Residual, want.Residual}, {"accepted", got.Accepted, want.Accepted}, {"refused", got.Refused, want.Refused},
		{"pending", got.Pending, want.Pending}, {"lapsed", got.Lapsed, want.Lapsed},
		{"resurrected", got.Resurrected, want.Resurrected},
	} {
		c.that(n.got == n.want, "summary.%s: %d, but the lists say %d", n.name, n.got, n.want)
	}
}

func (c *checker) principals() {
	counts := c.report.Plan.tally()
	for _, p := range c.report.Principals {
		want := p
		counts[p.UID].fill(&want)
		for _, n := range []struct {
			name      string
			got, want int
		}{
			{"actions", p.Actions, want.Actions}, {"settled", p.Settled, want.Settled}, {"unknown", p.Unknown, want.Unknown},
			{"residual", p.Residual, want.Residual}, {"outOfScope", p.OutOfScope, want.OutOfScope},
		} {
			c.that(n.got == n.want, "principal %s: %s %d, but the lists say %d", p.UID, n.name, n.got, n.want)
		}
		c.that(slices.Contains(standings, p.Verdict), "principal %s: verdict %q is none", p.UID, p.Verdict)
	}
}

var standings = []Standing{Out, Acting, Left, Unclear, Refusal, PendingYet, LapsedSince}

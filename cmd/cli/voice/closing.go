package voice

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ackrevoke/job/report"
)

// closing is the one line that a reader in a hurry reads.
func closing(r *report.Report) string {
	parts := []string{happened(r)}
	s := r.Summary
	for _, n := range []struct {
		n    int
		text string
	}{
		{s.Unknown, "unknown"}, {s.Residual, "residual"}, {s.Refused, "refused"},
		{s.Pending, "pending"}, {s.Lapsed, "lapsed"},
	} {
		if n.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n.n, n.text))
		}
	}
	if outside := len(r.Plan.OutOfScope); outside > 0 {
		parts = append(parts, "outside the scope still held: "+held(r))
	}
	if len(r.Plan.Unlisted) > 0 {
		parts = append(parts, "deleted and listed by nobody: "+overlooked(r)+" (ackrevoke audit finds all)")
	}
	if n := retirable(r); n > 0 {
		parts = append(parts, Count(n, "entry", "entries")+" may be taken out of the policy")
	}
	if n := len(r.Unfinished); n > 0 {
		parts = append(parts, Count(n, "write", "writes")+" of an earlier run ended without a report: "+unfinished(r))
	}
	return ended(string(r.Verdict.Name)+chosen(r), r.Verdict.ExitCode, parts)
}

// chosen says how much of the policy a verdict is about, where it is not all.
func chosen(r *report.Report) string {
	if len(r.Run.Only) == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d of %s)", len(r.Run.Only), Count(r.Policy.Entries, "entry", "entries"))
}

func happened(r *report.Report) string {
	s := r.Summary
	simulated := ""
	if r.Run.Simulated {
		simulated = " on the simulated account"
	}
	switch {
	case r.Plan.Digest == "" && len(r.Errors) > 0:
		text := "the run could not be made" + simulated + ": " + Name(r.Errors[0].Message) + " (" + r.Errors[0].Hint + ")"
		if n := len(r.Errors) - 1; n > 0 {
			text += ", and " + Count(n, "error", "errors") + " more"
		}
		return text
	case r.Run.Mode == report.DryRun && s.Actions > 0:
		text := fmt.Sprintf("dry run%s, nothing was written: %s planned for %s, %d settled", simulated,
			Count(s.Actions, "action", "actions"), Count(acting(r), "principal", "principals"), s.Settled)
		if n := refused(r); n > 0 {
			text += fmt.Sprintf(", %d refused by %s", n, refusing(r))
		}
		return text
	case s.Actions == 0:
		return fmt.Sprintf("nothing to revoke%s, nothing was written, %d settled", simulated, s.Settled)
	}
	text := fmt.Sprintf("%d of %s revoked and proven%s, %d settled", s.Revoked+s.Absent, Count(s.Actions, "action", "actions"),
		simulated, s.Settled)
	for _, n := range []struct {
		n    int
		text string
	}{{s.Blocked, "blocked"}, {s.Failed, "failed"}, {s.Unverified, "unverified"}, {s.Collateral, "with collateral"},
		{s.Skipped, "skipped"}, {refused(r), "refused by " + refusing(r)}} {
		if n.n > 0 {
			text += fmt.Sprintf(", %d %s", n.n, n.text)
		}
	}
	return text
}

func acting(r *report.Report) int {
	n := 0
	for _, p := range r.Principals {
		if p.Actions > 0 {
			n++
		}
	}
	return n
}

func refused(r *report.Report) int {
	n := 0
	for _, a := range r.Plan.Actions {
		if a.RefusedBy != "" {
			n++
		}
	}
	return n
}

// refusing names the guards that refused actions.
func refusing(r *report.Report) string {
	var guards []string
	for _, a := range r.Plan.Actions {
		if a.RefusedBy != "" && !slices.Contains(guards, a.RefusedBy) {
			guards = append(guards, a.RefusedBy)
		}
	}
	return strings.Join(guards, ", ")
}

func retirable(r *report.Report) int {
	n := 0
	for _, p := range r.Principals {
		if p.Retirable {
			n++
		}
	}
	return n
}

// mostNamed is how many rows of a list the closing line names.
const mostNamed = 3

// held names what is held outside the scope, the first few of it.
func held(r *report.Report) string {
	var rows []string
	for _, o := range r.Plan.OutOfScope {
		rows = append(rows, fmt.Sprintf("%s on %s", o.UID, Name(cmp.Or(o.Name, o.Cluster))))
	}
	return report.First(mostNamed, rows)
}

// overlooked names who holds a certificate and is in no entry, the first few.
func overlooked(r *report.Report) string {
	var rows []string
	for _, u := range r.Plan.Unlisted {
		rows = append(rows, fmt.Sprintf("%s on %s", Whom(u.Name, u.UID), Count(len(u.Clusters), "cluster", "clusters")))
	}
	return report.First(mostNamed, rows)
}

// unfinished names the writes of earlier runs whose end nobody saw, the first
// few.
func unfinished(r *report.Report) string {
	var rows []string
	for _, u := range r.Unfinished {
		rows = append(rows, Name(u.Action))
	}
	return report.First(mostNamed, rows)
}

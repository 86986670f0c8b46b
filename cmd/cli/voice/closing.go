package voice

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/policy"
)

// closing is the one line that a reader in a hurry reads.
func closing(r *report.Report) string {
	s := r.Summary
	idle := counts(count{s.Refused, "refused"}, count{s.Pending, "pending"}, count{s.Lapsed, "lapsed"})
	parts := append([]string{happened(r)}, counts(count{s.Unknown, "unknown"}, count{s.Residual, "residual"})...)
	if late(r) && r.Plan.Digest != "" {
		parts = append(parts, end.ErrTimeLimit.Error())
	}
	if r.NothingInEffect() {
		parts = append([]string{nobody(r, idle)}, parts...) // first, or "nothing to revoke" would read as clean
	} else {
		parts = append(parts, idle...)
	}
	if r.Summary.Resurrected > 0 {
		parts = append(parts, fmt.Sprintf("%d resurrected, proven gone by an earlier run: %s", r.Summary.Resurrected, resurrected(r)))
	}
	if given := givenBack(r); given != "" {
		parts = append(parts, "given back by a restore since it was proven gone: "+given)
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

// late reports whether the time of the run was up before it was through.
func late(r *report.Report) bool {
	return slices.ContainsFunc(r.Errors, func(e report.Error) bool { return e.Message == end.ErrTimeLimit.Error() })
}

// count is a number of something.
type count struct {
	n    int
	text string
}

// counts words those that are not 0.
func counts(all ...count) []string {
	var words []string
	for _, c := range all {
		if c.n > 0 {
			words = append(words, fmt.Sprintf("%d %s", c.n, c.text))
		}
	}
	return words
}

// nobody says that the policy has no entry in effect, and of what kind those are
// that it has.
func nobody(r *report.Report, idle []string) string {
	if emptied := tripped(r, policy.GuardEmptied); emptied != nil {
		return fmt.Sprintf("no entry is in effect: 0 listed, and %d on the last run", emptied.Found)
	}
	if r.Summary.Entries == 0 {
		return "no entry is in effect: 0 listed"
	}
	return Count(r.Summary.Entries, "entry", "entries") + ", none in effect: " + strings.Join(idle, ", ")
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
	also := counts(count{s.Blocked, "blocked"}, count{s.Failed, "failed"}, count{s.Unverified, "unverified"},
		count{s.Collateral, "with collateral"}, count{s.Skipped, "skipped"}, count{refused(r), "refused by " + refusing(r)})
	return strings.Join(append([]string{text}, also...), ", ")
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

// resurrected names what is back, and the runs that had proven it gone: the first
// few.
func resurrected(r *report.Report) string {
	var rows []string
	for _, a := range r.Plan.Actions {
		if e := a.Resurrected; e != nil {
			rows = append(rows, back(Whom(a.Name, a.UID), a.Cluster.Name, *e))
		}
	}
	for _, x := range r.Plan.Residual {
		if e := x.Resurrected; e != nil {
			rows = append(rows, back(x.UID, "all clusters", *e))
		}
	}
	return report.First(mostNamed, rows)
}

func back(who, where string, e report.Earlier) string {
	text := fmt.Sprintf("%s on %s (run %s of %s", who, Name(where), Name(e.Run), e.At)
	switch e.Certificate {
	case report.SameCertificate:
		text += ", the same certificate"
	case report.NewCertificate:
		text += ", a new certificate"
	}
	return text + ")"
}

// givenBack names what a restore gave back and this run takes away again, likewise.
func givenBack(r *report.Report) string {
	var rows []string
	for _, a := range r.Plan.Actions {
		if e := a.GivenBack; e != nil {
			rows = append(rows, back(Whom(a.Name, a.UID), a.Cluster.Name, *e))
		}
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

package voice

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ackrevoke/job/end"
	"ackrevoke/job/report"
)

// mostRows is how many policy files a run shows that did not end well; the
// summary has them all.
const mostRows = 20

// CloseAccounts speaks the last words of a run over a folder of policy files: who
// did not end well, and one line about all. to is where the summary went.
func (v *Voice) CloseAccounts(a *report.Accounts, to, next string) {
	defer v.speak()()
	if v.console {
		rows := weightiest(a)
		_ = report.SummaryTable(v.w, rows[:min(mostRows, len(rows))], v.Look())
		if more := len(rows) - mostRows; more > 0 {
			Say(v.w, "and %d more: see the summary", more)
		}
	}
	v.summed(a, to, next)
}

// CloseSummary shows every row of merged summaries, and one line about all.
func (v *Voice) CloseSummary(a *report.Accounts, to string) {
	defer v.speak()()
	if v.console {
		_ = report.SummaryTable(v.w, a.Files, v.Look())
	} else {
		for _, r := range a.Files {
			v.Info().Str("file", r.File).Str("account", r.Account).Str("verdict", string(r.Verdict)).Int("exitCode", r.ExitCode).
				Whole("report", r.Report).Text("error", r.Error).Say("policy file")
		}
	}
	v.summed(a, to, "")
}

func (v *Voice) summed(a *report.Accounts, to, next string) {
	if !v.console {
		v.verdict(string(a.Verdict.Name), a.Verdict.ExitCode).List("reasons", a.Verdict.Reasons).
			Whole("summary", to).Whole("next", next).Say(closingAccounts(a))
		return
	}
	v.close(closingAccounts(a), "")
	if to != "" && to != "-" {
		fmt.Fprintf(v.w, "Summary: %s\n", report.Harmless(to))
	}
	Next(v.w, next)
}

// Missed says that a policy is gone, and what to do about it.
func (v *Voice) Missed(account, what, hint string) {
	v.clear()
	v.Error().Str("account", account).Whole("hint", hint).Say(what)
}

// Superseded says that a summary is of an earlier number of shards, and counts no more.
func (v *Voice) Superseded(path string, was, is int) {
	v.Info().Whole("file", path).Int("shards", was).Say(fmt.Sprintf("passed over: it is of a run in %s, and there is a later one in %d",
		Count(was, "shard", "shards"), is))
}

// Unproven says why summaries prove nothing, and ends.
func (v *Voice) Unproven(reasons []string, hint string) {
	defer v.speak()()
	for _, r := range reasons {
		v.Error().Say(r)
	}
	held := end.Held{Incomplete: true}.Verdict(end.Complete, end.Planned)
	text := ended(string(held.Name), held.ExitCode, []string{"the summaries do not prove that every policy file was handled exactly once: " +
		Count(len(reasons), "reason", "reasons"), hint})
	if v.console {
		v.close(text, "")
		return
	}
	v.verdict(string(held.Name), held.ExitCode).List("reasons", held.Reasons).Say(text)
}

// closingAccounts is the one line that a reader in a hurry reads.
func closingAccounts(a *report.Accounts) string {
	files := Count(len(a.Files), "policy file", "policy files")
	if a.Shard.Count > 1 {
		files = fmt.Sprintf("%d of %s, shard %d of %d", len(a.Files), Count(len(a.Set.Files), "policy file", "policy files"), a.Shard.Index,
			a.Shard.Count)
	}
	said := []string{files + byVerdict(a), happenedAll(a)}
	if len(a.Gone) > 0 {
		said = append(said, "no policy file is about "+report.First(mostNamed, gone(a))+" any more")
	}
	if idle := a.Idle(); len(idle) > 0 {
		said = append(said, "no entry is in effect in "+report.First(mostNamed, named(idle)))
	}
	if n := unfinishedOf(a); n > 0 {
		said = append(said, Count(n, "write", "writes")+" of earlier runs ended without a report: see unfinished in the reports")
	}
	s := a.Totals.Summary
	for _, n := range []struct {
		n    int
		text string
	}{{s.Unknown, "unknown"}, {s.Residual, "residual"}, {s.Refused, "refused"}, {s.Pending, "pending"}, {s.Lapsed, "lapsed"}} {
		if n.n > 0 {
			said = append(said, fmt.Sprintf("%d %s", n.n, n.text))
		}
	}
	var names []string
	for _, r := range weightiest(a) {
		names = append(names, fmt.Sprintf("%s (%s)", Name(r.File), r.Verdict))
	}
	if len(names) > 0 {
		said = append(said, "look at "+report.First(mostNamed, names))
	}
	return ended(string(a.Verdict.Name), a.Verdict.ExitCode, said)
}

func gone(a *report.Accounts) (names []string) {
	for _, g := range a.Gone {
		name := "account " + g.Account
		if g.File != "" {
			name += " (" + Name(g.File) + ")"
		}
		names = append(names, name)
	}
	return names
}

func named(files []string) (names []string) {
	for _, f := range files {
		names = append(names, Name(f))
	}
	return names
}

func unfinishedOf(a *report.Accounts) (n int) {
	for _, row := range a.Files {
		n += row.Unfinished
	}
	return n
}

// byVerdict says how many files ended how, the weightiest first.
func byVerdict(a *report.Accounts) string {
	var counts []string
	for _, e := range end.Table {
		text := fmt.Sprintf("%d %s", a.Totals.Verdicts[string(e.Name)], e.Name)
		if a.Totals.Verdicts[string(e.Name)] > 0 && !slices.Contains(counts, text) { // two signals have one name
			counts = append(counts, text)
		}
	}
	if len(counts) == 0 {
		return ""
	}
	return ": " + strings.Join(counts, ", ")
}

func happenedAll(a *report.Accounts) string {
	s := a.Totals.Summary
	switch {
	case a.Run.Mode == report.DryRun && s.Actions > 0:
		return fmt.Sprintf("dry run, nothing was written: %s planned, %d settled", Count(s.Actions, "action", "actions"), s.Settled)
	case s.Actions == 0:
		return fmt.Sprintf("nothing to revoke, nothing was written, %d settled", s.Settled)
	}
	text := fmt.Sprintf("%d of %s revoked and proven, %d settled", s.Revoked+s.Absent, Count(s.Actions, "action", "actions"), s.Settled)
	for _, n := range []struct {
		n    int
		text string
	}{{s.Blocked, "blocked"}, {s.Failed, "failed"}, {s.Unverified, "unverified"}, {s.Collateral, "with collateral"}, {s.Skipped, "skipped"}} {
		if n.n > 0 {
			text += fmt.Sprintf(", %d %s", n.n, n.text)
		}
	}
	return text
}

// weightiest are the rows that did not end with exit code 0, the weightiest first.
func weightiest(a *report.Accounts) []report.AccountRow {
	rows := slices.DeleteFunc(slices.Clone(a.Files), func(r report.AccountRow) bool { return r.ExitCode == end.CodeClean })
	slices.SortStableFunc(rows, func(x, y report.AccountRow) int { return cmp.Compare(end.Rank(x.ExitCode), end.Rank(y.ExitCode)) })
	return rows
}

package page

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ackrevoke/job/end"
	"ackrevoke/job/report"
)

// viewSummary shows a run over many policy files: how each of them ended.
func viewSummary(a *report.Accounts) *Page {
	p := &Page{Kind: "Summary of many accounts", Verdict: Verdict{Name: string(a.Verdict.Name), ExitCode: a.Verdict.ExitCode,
		Tone: toneOf(a.Verdict.Name), Reasons: a.Verdict.Reasons, Sentence: summarySentence(a), Also: summaryAlso(a)}}
	if len(a.Files) < len(a.Set.Files) && p.Verdict.Tone == Good {
		p.Verdict.Tone = Unsure // of the other files nothing is known here
	}
	p.Title = strings.Join(texts(string(a.Verdict.Name), mode(a.Run.Mode), count(len(a.Files), "policy file", "policy files"),
		stamp(a.Run.StartedAt)), " · ")
	p.fact("Policy files", fmt.Sprintf("%s of %s", thousands(len(a.Files)), thousands(len(a.Set.Files))), false)
	p.fact("Shard", yes(a.Shard.Count > 1, fmt.Sprintf("%d of %d, counted from 0", a.Shard.Index, a.Shard.Count)), false)
	p.fact("Folder", report.Plain(a.Set.Folder), true)
	p.fact("Digest of the set", prefixed("sha256:", a.Set.SHA256), true)
	p.fact("When", span(a.Run.StartedAt, a.Run.FinishedAt), false)
	p.fact("Mode", modeText(report.Run{Mode: a.Run.Mode}), false)
	p.fact("Run", a.Run.ID, true)
	p.fact("Merged from", strings.Join(first(10, plain(a.MergedFrom)), ", "), false)
	p.fact("Version", "ackrevoke "+report.Plain(a.Run.Version), false)
	if a.Run.Interrupted {
		p.Notices = append(p.Notices, Notice{Unsure, "A signal ended this run early: what it had not begun was not begun."})
	}
	summaryGone(p, a.Gone)
	summaryFiles(p, a)
	summaryTotals(p, a)
	summarySet(p, a)
	return p
}

func summarySentence(a *report.Accounts) string {
	s, files := a.Totals.Summary, count(len(a.Files), "policy file", "policy files")
	if len(a.Files) < len(a.Set.Files) {
		files = thousands(len(a.Files)) + " of " + count(len(a.Set.Files), "policy file", "policy files")
	}
	good, bad := 0, 0
	for _, r := range a.Files {
		if r.ExitCode == end.CodeClean {
			good++
		} else {
			bad++
		}
	}
	switch {
	case len(a.Files) == 0:
		return "No policy file was handled: this says nothing about any account."
	case bad == 0 && len(a.Gone) > 0:
		return fmt.Sprintf("%s ended well, and %s no policy file any more. %s", files,
			count(len(a.Gone), "account has", "accounts have"), summaryDone(a))
	case bad > 0:
		return fmt.Sprintf("%s of %s did not end well. %s", thousands(bad), files, summaryDone(a))
	case a.Run.Mode == report.DryRun && s.Actions > 0:
		return fmt.Sprintf("A dry run of %s: %s would be made; nothing was changed.", files, count(s.Actions, "revocation", "revocations"))
	case a.Run.Mode == report.DryRun:
		return fmt.Sprintf("A dry run of %s found nothing to take away, and changed nothing.", files)
	case s.Actions == 0:
		return fmt.Sprintf("All is as %s ask: there was nothing to take away.", files)
	}
	return fmt.Sprintf("All is as %s ask: %s made and proven.", files, count(s.Revoked+s.Absent, "revocation was", "revocations were"))
}

func summaryDone(a *report.Accounts) string {
	s := a.Totals.Summary
	if a.Run.Mode == report.DryRun {
		return fmt.Sprintf("A dry run: %s would be made; nothing was changed.", count(s.Actions, "revocation", "revocations"))
	}
	return fmt.Sprintf("Over all of them %s of %s made and proven.", thousands(s.Revoked+s.Absent), count(s.Actions,
		"planned revocation was",
		"planned revocations were"))
}

func summaryAlso(a *report.Accounts) []string {
	var out []string
	if n := len(a.Set.Files) - len(a.Files); n > 0 {
		out = append(out, sentence(count(n, "policy file of the set is", "policy files of the set are")+" not in this summary"))
	}
	if n := len(a.Gone); n > 0 {
		out = append(out, sentence(count(n, "account has", "accounts have")+" no policy file any more: nobody is looked for there"))
	}
	if n := len(a.Idle()); n > 0 {
		out = append(out, "No entry is in effect in "+count(n, "file", "files")+": there nobody was looked for.")
	}
	unfinished := 0
	for _, r := range a.Files {
		unfinished += r.Unfinished
	}
	if unfinished > 0 {
		out = append(out, sentence(count(unfinished, "write", "writes")+" of earlier runs ended without a report"))
	}
	s := a.Totals.Summary
	if n := s.Resurrected; n > 0 {
		out = append(out, sentence(count(n, "access came", "accesses came")+" back that an earlier run had proven gone"))
	}
	if words := clauses(clause{s.Unknown, "thing is not known", "things are not known"}, clause{s.Residual, "access is left",
		"accesses are left"},
		clause{s.Refused, "entry was refused", "entries were refused"}, clause{s.Accepted, "of these is accepted", "of these are accepted"},
	); len(words) > 0 {
		out = append(out, sentence(and(words)))
	}
	return out
}

// summaryGone are the accounts that had a policy file and have none.
func summaryGone(p *Page, gone []report.Gone) {
	if len(gone) == 0 {
		return
	}
	t := Table{Caption: "Accounts that nobody looks at any more",
		Columns: columns("Account", "Policy file", "#Entries", "Last run", "What to do")}
	for _, g := range gone {
		hint := "Put the file back; if it is meant, say so once: --forget " + report.Plain(g.Account)
		t.Lines = append(t.Lines, Line{Tone: Bad, Cells: []Cell{{Text: report.Plain(g.Account), Code: true}, {Text: report.Plain(g.File)},
			{Text: thousands(g.Entries)}, {Text: report.Plain(g.RunID), More: texts(prefixed("journal ", report.Plain(g.Journal)), long(g.Error))},
			{Text: hint}}})
		p.row(Row{Type: "gone", UID: g.Account, Name: g.File, State: "gone", Why: g.RunID, Message: g.Error, Hint: hint})
	}
	p.section(Section{ID: "gone", Title: "Policy files that are gone", Count: len(gone), Tables: []Table{t}})
}

func summaryFiles(p *Page, a *report.Accounts) {
	t := Table{Caption: "How each policy file ended, the weightiest first", Filter: true,
		Columns: columns("Policy file", "Verdict", "Account", "#Actions", "#Proven", "#Settled", "#Unknown", "#Left", "Why", "Report")}
	rows := slices.Clone(a.Files)
	slices.SortStableFunc(rows, func(x, y report.AccountRow) int { return cmp.Compare(end.Rank(x.ExitCode), end.Rank(y.ExitCode)) })
	for _, r := range rows {
		tone := toneOf(r.Verdict)
		s := r.Summary
		t.Lines = append(t.Lines, Line{State: report.Plain(string(r.Verdict)), Tone: tone, Cells: []Cell{
			{Text: report.Plain(r.File), More: texts(prefixed("sha256 ", report.Plain(r.SHA256)))},
			{Text: report.Plain(string(r.Verdict)), Tone: tone, More: []string{fmt.Sprintf("exit code %d", r.ExitCode)}},
			{Text: report.Plain(r.Account), Code: true}, {Text: thousands(s.Actions)}, {Text: thousands(s.Revoked + s.Absent)},
			{Text: thousands(s.Settled)}, {Text: thousands(s.Unknown)}, {Text: thousands(s.Residual)},
			{Text: long(r.Error), More: texts(yes(r.Unfinished > 0, count(r.Unfinished, "unfinished write", "unfinished writes")))},
			{Text: report.Plain(r.Report), More: texts(report.Plain(r.RunID), span(r.StartedAt, r.FinishedAt)), Code: true}}})
		p.row(Row{Type: "file", UID: r.Account, Name: r.File, Kind: r.Report, State: string(r.Verdict), Message: r.Error, Why: r.RunID,
			StartedAt: r.StartedAt.String(), VerifiedAt: r.FinishedAt.String()})
	}
	p.section(Section{ID: "files", Title: "Policy files", Count: len(a.Files), Tables: []Table{t}})
}

func summaryTotals(p *Page, a *report.Accounts) {
	t := Table{Caption: "All files together", Columns: columns("What", "#How many")}
	t.Lines = numbers("", []amount{{"files", a.Totals.Files}}).Lines
	for _, name := range slices.Sorted(maps.Keys(a.Totals.Verdicts)) {
		t.Lines = append(t.Lines, numbers("", []amount{{"files " + report.Plain(name), a.Totals.Verdicts[name]}}).Lines...)
	}
	t.Lines = append(t.Lines, totals("", a.Totals.Summary).Lines...)
	p.section(Section{ID: "totals", Title: "Totals", Count: -1, Tables: []Table{t}, Folded: true})
}

// summarySet are the files that this summary has no row for.
func summarySet(p *Page, a *report.Accounts) {
	var others []string
	for _, f := range a.Set.Files {
		if !slices.ContainsFunc(a.Files, func(r report.AccountRow) bool { return r.File == f.File }) {
			others = append(others, report.Plain(f.File)+" "+prefixed("sha256 ", report.Plain(f.SHA256)))
		}
	}
	if len(others) > 0 {
		p.section(Section{ID: "set", Title: "Files of other shards", Count: len(others), List: others, Folded: true})
	}
}

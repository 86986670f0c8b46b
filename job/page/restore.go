package page

import (
	"strings"

	"ackrevoke/job/end"
	"ackrevoke/job/report"
)

// viewRestore shows a restore: each row of permissions, and what became of it.
func viewRestore(r *report.Restore) *Page {
	p := &Page{Kind: "Restore report", Verdict: Verdict{Name: string(r.Verdict.Name), ExitCode: r.Verdict.ExitCode,
		Tone: toneOf(r.Verdict.Name), Reasons: r.Verdict.Reasons, Sentence: restoreSentence(r)}}
	p.Title = strings.Join(texts(string(r.Verdict.Name), mode(r.Run.Mode), accountTitle(r.Account.ID), stamp(r.Run.StartedAt)), " · ")
	p.simulated(r.Run.Simulated)
	restoreFacts(p, r)
	p.errors(r.Errors)
	p.refused(&names{nil, nil}, nil, r.Refused)
	restoreRows(p, r)
	restoreWrites(p, r)
	restoreProofs(p, r)
	if n := len(r.Warnings); n > 0 {
		p.section(Section{ID: "warnings", Title: "Warnings", Count: n, List: longs(r.Warnings)})
	}
	p.calls(r.Calls)
	return p
}

// restoreSentence tells what was given: "given back" of what was read back alone.
func restoreSentence(r *report.Restore) string {
	n := map[report.RowState]int{}
	for _, row := range r.Rows {
		n[row.State]++
	}
	to := report.Plain(r.Principal.Name)
	if to == "" {
		to = report.Plain(r.Principal.UID)
	}
	on := where(r.Cluster).Text
	of := func(s report.RowState) string { return count(n[s], "grant", "grants") }
	switch {
	case n[report.RowUnseen] > 0 || len(r.Rows) == 0:
		return "Nothing was given to " + to + ": the run did not come so far as to look."
	case r.Verdict.Name == end.Refused && n[report.RowGiven]+n[report.RowTakenBack]+n[report.RowPerhaps] == 0:
		return "The restore was refused: nothing was given to " + to + "."
	case n[report.RowTakenBack] > 0:
		return of(report.RowTakenBack) + " of " + to + " on " + on +
			" were given and taken away again, for the leaked file came back to life."
	case n[report.RowPerhaps] > 0:
		return of(report.RowPerhaps) + " of " + to + " on " + on + " may be there or not: that is not proven."
	case n[report.RowGiven] > 0 && n[report.RowMissing] > 0:
		return "Of what " + to + " held on " + on + ", " + of(report.RowGiven) + " were given back and read back, and " +
			of(report.RowMissing) +
			" are still missing."
	case n[report.RowGiven] > 0:
		return of(report.RowGiven) + " on " + on + " " + either(n[report.RowGiven], "was", "were") + " given back to " + to +
			", and read back."
	case n[report.RowMissing] > 0 && r.Run.Mode == report.DryRun:
		return "A dry run: " + of(report.RowMissing) + " would be given back to " + to + " on " + on + "; nothing was changed."
	case n[report.RowMissing] > 0:
		return "Nothing was given back to " + to + ": " + of(report.RowMissing) + " on " + on + " " + either(n[report.RowMissing], "is",
			"are") +
			" still missing."
	}
	return "Nothing is missing of what " + to + " held on " + on + " that can be given back; nothing was changed."
}

func restoreFacts(p *Page, r *report.Restore) {
	p.fact("Account", r.Account.ID, true)
	p.caller(r.Account.Caller)
	p.fact("When", span(r.Run.StartedAt, r.Run.FinishedAt), false)
	p.fact("Mode", modeText(r.Run), false)
	to := who(r.Principal.Name, r.Principal.UID, r.Principal.Kind)
	p.fact("Given to", strings.Join(texts(to.Text, strings.Join(to.More, " "), prefixed("created ", stamp(r.Principal.CreatedAt))),
		" · "), false)
	on := where(r.Cluster)
	p.fact("On", strings.Join(texts(on.Text, strings.Join(on.More, " ")), " · "), false)
	p.fact("Taken from", strings.Join(texts(report.Plain(r.Source.Kind)+" "+report.Plain(r.Source.Path), prefixed("run ",
		report.Plain(r.Source.RunID)),
		prefixed("action ", report.Plain(r.Source.Action)), prefixed("status ", report.Plain(r.Source.Status))), " · "), false)
	p.fact("Snapshot of", strings.Join(texts(stamp(r.Source.At), prefixed("last write ", stamp(r.Source.LastWriteAt))), ", "), false)
	p.fact("Held before", after(r.Before), false)
	if r.Now != nil {
		p.fact("Held now", after(*r.Now), false)
	}
	p.fact("Run", r.Run.ID, true)
	p.fact("Only", strings.Join(first(10, plain(r.Run.Only)), ", "), false)
	p.fact("Endpoints", endpoints(r.Run.Endpoints), true)
	p.fact("Journal", report.Plain(r.Run.Journal), true)
	p.fact("Version", "ackrevoke "+report.Plain(r.Run.Version), false)
	if r.Run.Interrupted {
		p.Notices = append(p.Notices, Notice{Unsure, "A signal ended this restore early."})
	}
}

// rowStates say what became of a row.
var rowStates = map[report.RowState]struct {
	tone        Tone
	word, after string
}{
	report.RowThere: {Quiet, "there", "there before, and left as it is"}, report.RowMissing: {Act, "missing", "missing, and not given"},
	report.RowGiven: {Good, "given", "given, and read back"}, report.RowPerhaps: {Unsure, "perhaps", "given or not: not proven"},
	report.RowTakenBack: {Bad, "taken back", "given, and taken away again"},
	report.RowOwner:     {Quiet, "owner", "comes from having created the cluster: it cannot be given"},
	report.RowUnseen:    {Unsure, "unknown", "nobody looked"},
}

func restoreRows(p *Page, r *report.Restore) {
	if len(r.Rows) == 0 {
		return
	}
	t := Table{Caption: "What was held before, and what became of it", Columns: columns("Before", "Cluster", "Now")}
	for _, row := range r.Rows {
		s := rowStates[row.State]
		if s.word == "" {
			s.tone, s.word = Unsure, report.Plain(string(row.State))
		}
		place := Cell{Text: "all clusters"}
		if row.Cluster == r.Cluster.ID {
			place = where(r.Cluster)
		} else if row.Cluster != "" {
			place = Cell{Text: report.Plain(row.Cluster), Code: true}
		}
		t.Lines = append(t.Lines, Line{State: s.word, Tone: s.tone, Cells: []Cell{{Text: grant(row.Grant)}, place, {Text: s.word,
			Tone: s.tone,
			More: texts(s.after)}}})
		p.row(Row{Type: "grant", UID: r.Principal.UID, Name: r.Principal.Name, Kind: string(r.Principal.Kind), State: string(row.State),
			ClusterID: row.Cluster, Grants: []string{grant(row.Grant)}})
	}
	p.section(Section{ID: "rows", Title: "Before, and now", Count: len(r.Rows), Tables: []Table{t}})
}

func restoreWrites(p *Page, r *report.Restore) {
	if len(r.Writes) == 0 {
		return
	}
	t := Table{Caption: "Writes, in their order", Columns: columns("Operation", "Status", "Begun and proven", "What happened",
		"What to do")}
	for _, w := range r.Writes {
		tone := map[string]Tone{report.Done: Good, report.NotProven: Unsure, report.Rejected: Bad}[w.Status]
		hint := ""
		if w.Error != nil {
			hint = w.Error.Hint
		}
		happened := fault(w.Error)
		happened.More = append(happened.More, texts(prefixed("request ", report.Plain(w.RequestID)))...)
		t.Lines = append(t.Lines, Line{State: w.Status, Tone: tone, Cells: []Cell{{Text: report.Plain(string(w.Operation))},
			{Text: report.Plain(w.Status), Tone: tone},
			times(report.Outcome{StartedAt: w.StartedAt, EndedAt: w.EndedAt, VerifiedAt: w.VerifiedAt, Attempts: w.Attempts}), happened,
			{Text: long(hint)}}})
		p.row(Row{Type: "write", UID: r.Principal.UID, Name: r.Principal.Name, State: w.Status, Why: string(w.Operation),
			StartedAt: w.StartedAt.String(), EndedAt: w.EndedAt.String(), VerifiedAt: w.VerifiedAt.String()}.failed(w.Error))
	}
	p.section(Section{ID: "writes", Title: "Writes", Count: len(r.Writes), Tables: []Table{t}})
}

func restoreProofs(p *Page, r *report.Restore) {
	if len(r.Proofs) == 0 {
		return
	}
	t := Table{Caption: "What the cluster said of the leaked file", Columns: columns("When", "Verdict", "What it said", "At")}
	for _, x := range r.Proofs {
		tone := provenTone(report.EvidenceVerdict(x.Verdict))
		t.Lines = append(t.Lines, Line{Tone: tone, Cells: []Cell{{Text: report.Plain(x.When)}, {Text: report.Plain(x.Verdict), Tone: tone},
			{Text: long(x.Message)}, {Text: stamp(x.At)}}})
		p.row(Row{Type: "proof", State: x.Verdict, Why: x.When, Message: x.Message, VerifiedAt: x.At.String()})
	}
	p.section(Section{ID: "proofs", Title: "Proofs", Count: len(r.Proofs), Tables: []Table{t}})
}

package voice

import (
	"ackrevoke/job/end"
	"ackrevoke/job/report"
)

// CloseRestore speaks the last words of a restore; to is where its report went.
func (v *Voice) CloseRestore(r *report.Restore, to string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.clear()
	v.errors(r.Errors)
	for _, g := range r.Refused {
		v.Error().Str("guard", g.Guard).Say("refused: " + g.Message)
	}
	for _, w := range r.Writes {
		if w.Error != nil {
			v.Error().Str("operation", string(w.Operation)).Str("status", w.Status).Str("requestId", w.RequestID).
				Text("hint", w.Error.Hint).Say(w.Error.Message)
		}
	}
	for _, row := range r.Rows {
		v.Info().Str("role", row.Role).Str("scope", string(row.Scope)).Str("namespace", row.Namespace).
			Str("state", string(row.State)).Say("grant")
	}
	next := ""
	if r.Run.Mode == report.DryRun && r.Verdict.Name == end.Planned {
		next = v.Again("--dry-run=false")
	}
	if v.console {
		v.close(closingRestore(r), next)
		return
	}
	v.verdict(string(r.Verdict.Name), r.Verdict.ExitCode).List("reasons", r.Verdict.Reasons).
		Whole("report", to).Whole("next", next).Say(closingRestore(r))
}

// closingRestore is the one line that a reader in a hurry reads.
func closingRestore(r *report.Restore) string {
	counts := map[report.RowState]int{}
	for _, row := range r.Rows {
		counts[row.State]++
	}
	on := Name(r.Cluster.Name)
	if r.Cluster.ID == "" {
		on = "all clusters"
	} else if on == "" {
		on = Name(r.Cluster.ID)
	}
	of := Whom(r.Principal.Name, r.Principal.UID) + " on " + on
	grants := func(s report.RowState) string { return Count(counts[s], "grant", "grants") }
	var said []string
	switch {
	case counts[report.RowUnseen] > 0 && len(r.Rows) > 0:
		said = append(said, "nothing was looked at and nothing was given to "+of)
	case counts[report.RowTakenBack] > 0:
		said = append(said, grants(report.RowTakenBack)+" of "+of+" given, and taken away again: the leaked file came back to life")
	case counts[report.RowPerhaps] > 0:
		said = append(said, grants(report.RowPerhaps)+" of "+of+" perhaps there, not proven")
	case counts[report.RowGiven] > 0:
		said = append(said, grants(report.RowGiven)+" given back to "+of+" and read back")
	case counts[report.RowMissing] > 0 && r.Run.Mode == report.DryRun:
		said = append(said, "dry run, nothing was written: "+grants(report.RowMissing)+" of "+of+" missing")
	case counts[report.RowMissing] > 0:
		said = append(said, "nothing was given: "+grants(report.RowMissing)+" of "+of+" missing")
	default:
		said = append(said, "nothing is missing of "+of+", nothing was written")
	}
	if counts[report.RowThere] > 0 {
		said = append(said, grants(report.RowThere)+" there before")
	}
	if counts[report.RowOwner] > 0 {
		said = append(said, "the row of the cluster's creator cannot be given")
	}
	for _, p := range r.Proofs {
		said = append(said, "the leaked file is "+p.Verdict+" "+p.When)
	}
	if r.Run.Simulated {
		said = append(said, "simulated")
	}
	return ended(string(r.Verdict.Name), r.Verdict.ExitCode, said)
}

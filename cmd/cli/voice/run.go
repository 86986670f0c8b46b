package voice

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"ackrevoke/job/report"
	"ackrevoke/policy"
)

// CloseRun speaks the last words of a run: what could not be proven, who is out,
// and one line that says what happened, what is left, and what to do next. kept
// is the copy of the report that stays, "" for none.
func (v *Voice) CloseRun(r *report.Report, kept string) {
	defer v.speak()()
	v.troubles(r)
	v.notStarted(r)
	v.rate(r.Calls)
	next := v.next(r)
	if !v.console {
		for _, p := range r.Principals {
			v.Info().Str("uid", p.UID).Str("name", p.Name).Str("verdict", string(p.Verdict)).Int("actions", p.Actions).Int("settled", p.Settled).
				Int("unknown", p.Unknown).Int("residual", p.Residual).Int("outOfScope", p.OutOfScope).Say("principal")
		}
		v.verdict(string(r.Verdict.Name), r.Verdict.ExitCode).List("reasons", r.Verdict.Reasons).Int("resurrected", r.Summary.Resurrected).
			Whole("report", v.report).Whole("kept", kept).Whole("next", next).Say(closing(r))
		return
	}
	v.tables(r)
	fmt.Fprintln(v.w)
	Say(v.w, "%s", closing(r))
	if v.report != "-" {
		text := "Report: " + report.Harmless(v.report)
		if kept != "" {
			text += " (kept as " + report.Harmless(kept) + ")"
		}
		Say(v.w, "%s", text)
	}
	Next(v.w, next)
}

// tables are the plan of a dry run, or what became of each principal.
func (v *Voice) tables(r *report.Report) {
	tables := []func(io.Writer, *report.Report, report.Look) error{report.ResultTable}
	if r.Run.Mode == report.DryRun {
		tables = slices.Insert(tables, 0, report.PlanTable)
	}
	for _, write := range tables {
		var table strings.Builder
		if _ = write(&table, r, v.Look()); table.Len() > 0 {
			fmt.Fprintln(v.w)
			_, _ = io.WriteString(v.w, table.String())
		}
	}
}

// verdict begins the log line with which a command ends.
func (v *Voice) verdict(name string, code int) Line {
	return v.Info().Str("verdict", name).Int("exitCode", code)
}

// close prints the closing line for people, and the command that goes on.
func (v *Voice) close(text, next string) {
	fmt.Fprintln(v.w)
	Say(v.w, "%s", text)
	Next(v.w, next)
}

// ended words how a command ended: its verdict, its exit code, and what there is
// to say of it.
func ended(verdict string, code int, said []string) string {
	return fmt.Sprintf("%s (exit %d): %s.", verdict, code, strings.Join(said, "; "))
}

// troubles names what a reader must know before the tables.
func (v *Voice) troubles(r *report.Report) {
	v.errors(r.Errors)
	for _, f := range r.Plan.Refused {
		v.Error().Str("uid", f.UID).Str("guard", f.Guard).Int("line", f.Line).Say("entry refused: " + f.Message)
	}
	for _, g := range r.Plan.Guards {
		if g.Tripped && g.Guard != policy.GuardAccount && g.Guard != policy.GuardListing {
			v.Error().Str("guard", g.Guard).Int("limit", g.Limit).Int("found", g.Found).Say(g.Message)
		}
	}
	for _, u := range r.Plan.Unknown {
		v.unknown(u)
	}
	for _, x := range r.Plan.Residual {
		v.Warn().Str("uid", x.UID).Str("cluster", x.Cluster).Whether("accepted", x.Accepted).Text("hint", report.AdviceOn(x.What)).
			Say("residual: " + string(x.What))
	}
	v.Unfinished(r)
}

// rate says what was found of the service's rate, where it throttled.
func (v *Voice) rate(c report.Calls) {
	if r := c.Rate; r != nil {
		v.Info().Int("throttled", c.Throttled).Say(fmt.Sprintf("the service throttled: it allows about %.4g calls a second, "+
			"of which %.4g were used (--max-share %v)", r.Found, r.Used, r.Share))
	}
}

func (v *Voice) errors(all []report.Error) {
	for _, e := range all {
		v.Error().Str("kind", string(e.Kind)).Text("hint", e.Hint).Say(e.Message)
	}
}

func (v *Voice) unknown(u report.Unknown) {
	line := v.Warn().Str("uid", u.UID).Str("cluster", u.Cluster).Whether("accepted", u.Accepted)
	if u.Region != "" {
		line = line.Str("region", u.Region)
	}
	if u.Error != nil {
		line = line.Text("error", u.Error.Message).Text("hint", u.Error.Hint)
	} else {
		line = line.Text("hint", report.Advice(u.Why))
	}
	line.Say("unknown: " + string(u.Why))
}

// Unfinished names what earlier runs intended and never reported.
func (v *Voice) Unfinished(r *report.Report) {
	for _, u := range r.Unfinished {
		v.Warn().Str("action", u.Action).Str("run", u.RunID).Say("a run ended here without a report; it intended this write")
	}
}

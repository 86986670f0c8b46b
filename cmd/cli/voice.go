package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"ackrevoke/job"
	"ackrevoke/job/report"
	"ackrevoke/policy"
)

// The voice of the program: every word to a person is spoken here. Its rules:
//
//   - an error says what happened and to what; the line below it, marked
//     "hint:", says what to do next;
//   - a terminal gets tables and one closing line, anything else gets JSON log
//     lines; both carry the same facts;
//   - text that others control (names, messages of the service) is made
//     harmless before it is printed;
//   - standard output is never spoken to.

// complain prints an error and its hint.
func complain(w io.Writer, err error, hint string) {
	for _, m := range messages(err) {
		fmt.Fprintln(w, "ackrevoke: "+report.Harmless(m))
	}
	if hint != "" {
		fmt.Fprintln(w, "hint: "+report.Harmless(hint))
	}
}

// voice speaks of one run.
type voice struct {
	o       *options
	args    []string
	w       io.Writer
	log     zerolog.Logger
	console bool // people read it
	live    bool // a terminal: a line may be rewritten
	style   report.Style

	now   func() time.Time
	mu    sync.Mutex
	stage string
	count int
	begun time.Time // the stage
}

func newVoice(p Program, o *options) *voice {
	v := &voice{o: o, args: p.Args, w: p.Stderr, now: p.Now, live: p.Terminal && o.logFormat != "json"}
	v.console = o.logFormat == "console" || o.logFormat == "auto" && p.Terminal
	if p.Terminal && colourWanted(p.Env) {
		v.style = colour
	}
	var to io.Writer = escaping{p.Stderr}
	if v.console {
		to = zerolog.ConsoleWriter{Out: p.Stderr, NoColor: v.style == nil, PartsExclude: []string{zerolog.TimestampFieldName}}
	}
	level, _ := zerolog.ParseLevel(o.logLevel) // validated with the flags
	v.log = zerolog.New(to).Level(level).Hook(clock(p.Now))
	return v
}

// clock stamps log lines with the program's clock.
type clock func() time.Time

// Run implements zerolog.Hook.
func (c clock) Run(e *zerolog.Event, _ zerolog.Level, _ string) {
	e.Time(zerolog.TimestampFieldName, c().UTC())
}

// escaping makes JSON lines harmless to look at: what a terminal could take
// for a command, and encoding/json leaves as it is, is escaped.
type escaping struct{ w io.Writer }

func (e escaping) Write(line []byte) (int, error) {
	if _, err := e.w.Write(report.EscapeJSON(line)); err != nil {
		return 0, err
	}
	return len(line), nil
}

// hear speaks of what a run tells while it goes on.
func (v *voice) hear(e job.Event) {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch e.Kind {
	case job.Progress:
		v.progress(e.Stage, e.Of)
	case job.PlanReady:
		v.clear()
		v.plan(e.Report)
	case job.Intended:
		v.clear()
		v.intended(e.Line)
	case job.Done:
		v.clear()
		v.done(e.Outcome)
		v.progress(e.Stage, e.Of)
	case job.Noted:
		v.clear()
		v.log.Info().Msg(report.Harmless(e.Message))
	case job.Warned:
		v.clear()
		v.log.Warn().Msg(report.Harmless(e.Message))
	}
}

// intended says what is about to be taken away. Off a terminal the whole
// snapshot is one log line: logs outlive the disk of a pod.
func (v *voice) intended(l *job.Line) {
	line := v.log.Info()
	if snapshot, err := json.Marshal(l); err == nil && !v.console {
		line = line.RawJSON("snapshot", snapshot)
	}
	line.Str("action", report.Plain(l.Action)).Msg(intention(l))
}

func (v *voice) done(o *job.Outcome) {
	line := v.log.Info()
	if o.Status != job.Revoked && o.Status != job.Absent {
		line = v.log.Error()
	}
	if e := o.Error(); e != nil {
		line = line.Str("error", report.Harmless(e.Message)).Str("hint", report.Harmless(e.Hint))
	}
	line.Str("action", report.Plain(o.Action.ID)).Str("status", string(o.Status)).Str("requestId", report.Plain(o.RequestID)).Int("attempts", o.Attempts).
		Msg(string(o.Status) + " " + whom(o.Action.Name, o.Action.UID) + " on " + report.Plain(o.Action.Cluster.Name))
}

func whom(name, uid string) string {
	if name == "" {
		return uid
	}
	return report.Plain(name) + " (" + uid + ")"
}

// progress rewrites one line on a terminal.
func (v *voice) progress(stage string, of int) {
	if !v.live {
		return
	}
	if v.stage != stage {
		v.stage, v.count, v.begun = stage, 0, v.now()
	}
	v.count++
	fmt.Fprintf(v.w, "\r\x1b[K%s: %d of %d%s", stage, v.count, of, remaining(v.now().Sub(v.begun), v.count, of))
}

// remaining says how long the rest of a stage takes if it goes on as it went,
// once that can be told and is worth a word. The first has no beginning that
// was seen, so it does not count.
func remaining(took time.Duration, done, of int) string {
	if done < 2 || took < 3*time.Second || done >= of {
		return ""
	}
	left := took / time.Duration(done-1) * time.Duration(of-done)
	switch {
	case left < 2*time.Second:
		return ""
	case left < 2*time.Minute:
		return fmt.Sprintf(", about %ds left", int(left.Round(time.Second).Seconds()))
	}
	return fmt.Sprintf(", about %dm left", int(left.Round(time.Minute).Minutes()))
}

func (v *voice) clear() {
	if v.live {
		fmt.Fprint(v.w, "\r\x1b[K")
	}
}

// plan shows what would be, or is about to be, done.
func (v *voice) plan(r *report.Report) {
	for _, w := range r.Plan.Warnings {
		v.log.Warn().Msg(report.Harmless(w))
	}
	if !v.console {
		for _, a := range r.Plan.Actions {
			v.log.Info().Str("action", report.Plain(a.ID)).Str("uid", a.UID).Str("cluster", report.Plain(a.Cluster.Name)).Strs("because", a.Because).Str("refusedBy", a.RefusedBy).Msg("planned")
		}
		return
	}
	if len(r.Plan.Actions) > 0 {
		fmt.Fprintln(v.w)
		_ = report.PlanTable(v.w, r, v.style)
		fmt.Fprintln(v.w)
	}
}

// close speaks the last words of a run: what could not be proven, who is out,
// and one line that says what happened, what is left, and what to do next.
func (v *voice) close(r *report.Report, kept string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.clear()
	v.troubles(r)
	next := v.next(r)
	if v.console {
		fmt.Fprintln(v.w)
		_ = report.PrincipalTable(v.w, r, v.style)
		fmt.Fprintln(v.w)
		fmt.Fprintln(v.w, report.Harmless(closing(r)))
		if v.o.report != "-" {
			fmt.Fprintf(v.w, "Report: %s", report.Harmless(v.o.report))
			if kept != "" {
				fmt.Fprintf(v.w, " (kept as %s)", report.Harmless(kept))
			}
			fmt.Fprintln(v.w)
		}
		if next != "" {
			fmt.Fprintln(v.w, "Next: "+next) // whole, or it is not the command; quoted has made it harmless
		}
		return
	}
	for _, p := range r.Principals {
		v.log.Info().Str("uid", p.UID).Str("name", report.Plain(p.Name)).Str("verdict", string(p.Verdict)).Int("actions", p.Actions).Int("settled", p.Settled).
			Int("unknown", p.Unknown).Int("residual", p.Residual).Int("outOfScope", p.OutOfScope).Msg("principal")
	}
	v.log.Info().Str("verdict", string(r.Verdict.Name)).Int("exitCode", r.Verdict.ExitCode).Strs("reasons", r.Verdict.Reasons).
		Str("report", v.o.report).Str("kept", kept).Str("next", next).Msg(report.Harmless(closing(r)))
}

// troubles names what a reader must know before the tables.
func (v *voice) troubles(r *report.Report) {
	for _, e := range r.Errors {
		v.log.Error().Str("kind", string(e.Kind)).Str("hint", report.Harmless(e.Hint)).Msg(report.Harmless(e.Message))
	}
	for _, f := range r.Plan.Refused {
		v.log.Error().Str("uid", f.UID).Str("guard", f.Guard).Int("line", f.Line).Msg("entry refused: " + report.Harmless(f.Message))
	}
	for _, g := range r.Plan.Guards {
		if g.Tripped && g.Guard != policy.GuardAccount && g.Guard != policy.GuardListing {
			v.log.Error().Str("guard", g.Guard).Int("limit", g.Limit).Int("found", g.Found).Msg(report.Harmless(g.Message))
		}
	}
	for _, u := range r.Plan.Unknown {
		line := v.log.Warn().Str("uid", u.UID).Str("cluster", report.Plain(u.Cluster)).Bool("accepted", u.Accepted)
		if u.Region != "" {
			line = line.Str("region", report.Plain(u.Region))
		}
		if u.Error != nil {
			line = line.Str("error", report.Harmless(u.Error.Message)).Str("hint", report.Harmless(u.Error.Hint))
		} else {
			line = line.Str("hint", report.Advice(u.Why))
		}
		line.Msg("unknown: " + string(u.Why))
	}
	for _, x := range r.Plan.Residual {
		v.log.Warn().Str("uid", x.UID).Str("cluster", report.Plain(x.Cluster)).Bool("accepted", x.Accepted).Msg("residual: " + string(x.What))
	}
	v.unfinished(r)
}

// unfinished names what earlier runs intended and never reported.
func (v *voice) unfinished(r *report.Report) {
	for _, u := range r.Unfinished {
		v.log.Warn().Str("action", report.Plain(u.Action)).Str("run", report.Plain(u.RunID)).Msg("a run ended here without a report; it intended this write")
	}
}

// problems prints what is wrong with a policy, one message a line.
func (v *voice) problems(err error) {
	for _, m := range messages(err) {
		fmt.Fprintln(v.w, report.Harmless(m))
	}
	complain(v.w, fmt.Errorf("the policy is not valid: nothing was called"), "correct what is named above; ackrevoke validate checks it again")
}

func (v *voice) failedToWrite(err error) {
	if err != nil {
		v.clear()
		complain(v.w, fmt.Errorf("the report could not be written: %w", err), "the journal holds what was done; free the path and run again")
	}
}

// exposed warns of folders in which others can exchange what a run leaves
// there. It is no error: the emptyDir of a pod is one.
func (v *voice) exposed(folders []string) {
	for _, f := range folders {
		v.log.Warn().Str("folder", report.Harmless(f)).Msg("everybody may put files into this folder of the report or the journal, and take them away: " +
			"where others share it, give a folder of your own, or chmod +t it")
	}
}

// panicked tells a defect with all that finds it.
func (v *voice) panicked(err error) {
	var p *job.Panic
	if !errors.As(err, &p) {
		return
	}
	v.clear()
	v.log.Error().Str("stack", string(p.Stack)).Msg(report.Harmless(p.Error()))
}

func (v *voice) waiting(next time.Time) {
	v.log.Info().Time("next", next).Msg("waiting for the next run")
}

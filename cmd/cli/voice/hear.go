package voice

import (
	"encoding/json"
	"fmt"
	"time"

	"ackrevoke/job"
	"ackrevoke/job/report"
	"ackrevoke/job/sight"
	"ackrevoke/job/write"
)

// Hear speaks of what a command tells while it works.
func (v *Voice) Hear(e sight.Event) {
	if e, is := e.(sight.Progress); is {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.progress(e.Stage, e.Of)
		return
	}
	defer v.speak()()
	switch e := e.(type) {
	case job.PlanReady:
		v.plan(e.Report)
	case write.Intended:
		v.intended(e.Line)
	case job.Done:
		v.done(e.Outcome)
	case sight.Noted:
		v.Info().Say(string(e))
	case sight.Warned:
		v.Warn().Say(string(e))
	}
}

// intended says what is about to be written. Off a terminal the whole snapshot
// is one log line: logs outlive the disk of a pod.
func (v *Voice) intended(l *write.Line) {
	line := v.Info()
	if snapshot, err := json.Marshal(l); err == nil && !v.console {
		line.event.RawJSON("snapshot", snapshot)
	}
	line.Str("action", l.Action).Say(intention(l))
}

// intention words what is about to be written.
func intention(l *write.Line) string {
	where := " on " + Name(l.Cluster.Name)
	switch l.Operation {
	case write.GivesBack:
		return "giving " + Count(len(l.Rows), "grant", "grants") + " back to " + Whom(l.Name, l.UID) + where
	case write.TakesBack:
		return "taking " + Count(len(l.Rows), "grant", "grants") + " away again from " + Whom(l.Name, l.UID) + where
	case write.RevokesOwn:
		return "revoking the caller's own credential" + where
	}
	return "revoking " + Whom(l.Name, l.UID) + where
}

// done says what became of one action.
func (v *Voice) done(o *job.Outcome) {
	line := v.Info()
	if o.Status != report.WasRevoked && o.Status != report.WasAbsent {
		line = v.Error()
	}
	if e := o.Error(); e != nil {
		line = line.Text("error", e.Message).Text("hint", e.Hint)
	}
	line.Str("action", o.Action.ID).Str("status", string(o.Status)).Str("requestId", o.RequestID).Int("attempts", o.Attempts).
		Say(string(o.Status) + " " + Whom(o.Action.Name, o.Action.UID) + " on " + Name(o.Action.Cluster.Name))
}

// plan shows what would be, or is about to be, done.
func (v *Voice) plan(r *report.Report) {
	for _, w := range r.Plan.Warnings {
		v.Warn().Say(w)
	}
	if !v.console {
		for _, a := range r.Plan.Actions {
			v.Info().Str("action", a.ID).Str("uid", a.UID).Str("cluster", a.Cluster.Name).List("because", a.Because).
				Str("refusedBy", a.RefusedBy).Say("planned")
		}
		return
	}
	if len(r.Plan.Actions) > 0 {
		fmt.Fprintln(v.w)
		_ = report.PlanTable(v.w, r, v.style)
		fmt.Fprintln(v.w)
	}
}

// Waiting says when the next run begins.
func (v *Voice) Waiting(next time.Time) { v.Info().Time("next", next).Say("waiting for the next run") }

// Serving says where the metrics can be had.
func (v *Voice) Serving(address string) {
	v.Info().Str("address", address).Say("serving /metrics and /healthz")
}

// Proving says, before a cluster is asked, what asking leaves behind.
func (v *Voice) Proving(server string) {
	v.Warn().Str("server", server).Say("proving is access: for 7 days the records of the cluster show it, and an unforced clean declines")
}

// progress rewrites one line on a terminal.
func (v *Voice) progress(stage string, of int) {
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

// clear takes the line of progress away.
func (v *Voice) clear() {
	if v.live {
		fmt.Fprint(v.w, "\r\x1b[K")
	}
}

// Quiet ends the line of progress.
func (v *Voice) Quiet() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.clear()
}

package voice

import (
	"cmp"
	"encoding/json"
	"time"

	"ackrevoke/job"
	"ackrevoke/job/report"
	"ackrevoke/job/sight"
	"ackrevoke/job/write"
)

// Hear speaks of what a command tells while it works.
func (v *Voice) Hear(e sight.Event) {
	switch e := e.(type) {
	case sight.Began:
		v.begin(e.Stage, e.Of)
		return
	case sight.Progress:
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
	if v.console {
		text := intention(l)
		if what := v.taken[l.Action]; what != "" {
			text += ": " + what
		}
		line.Say(text)
		return
	}
	if snapshot, err := json.Marshal(l); err == nil {
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

// done says what became of one action. Of those that were not started it is said
// once, at the end; people who see one succeed need no more than that.
func (v *Voice) done(o *job.Outcome) {
	line, text := v.Info(), string(o.Status)+" "+Whom(o.Action.Name, o.Action.UID)+" on "+Name(o.Action.Cluster.Name)
	good := o.Status == report.WasRevoked || o.Status == report.WasAbsent
	switch {
	case o.Status == report.WasSkipped && !o.Begun():
		return
	case good && v.console:
		line.Say(text)
		return
	case !good:
		line = v.Error()
	}
	if e := o.Error(); e != nil {
		line = line.Text("error", e.Message).Text("hint", e.Hint)
	}
	line.Str("action", o.Action.ID).Str("status", string(o.Status)).Str("requestId", o.RequestID).Int("attempts", o.Attempts).
		Say(text)
}

// plan says what would be, or is about to be, done: to people at the end, in a
// table, or as each write is made.
func (v *Voice) plan(r *report.Report) {
	for _, w := range r.Plan.Warnings {
		v.Warn().Say(w)
	}
	if !v.console {
		for _, a := range r.Plan.Actions {
			v.Info().Str("action", a.ID).Str("uid", a.UID).Str("cluster", a.Cluster.Name).List("because", a.Because).
				Str("refusedBy", a.RefusedBy).Say(planned(r.Run.Mode, a))
		}
		return
	}
	for _, a := range r.Plan.Actions {
		v.taken[a.ID] = report.Taken(a.Before)
	}
}

// planned words what one action takes away, or would.
func planned(mode report.Mode, a report.Action) string {
	verb := "takes"
	switch {
	case a.RefusedBy != "":
		verb = "refused by " + Name(a.RefusedBy) + ": does not take"
	case mode == report.DryRun:
		verb = "would take"
	}
	return verb + " from " + Name(cmp.Or(a.Name, a.UID)) + " on " + Name(cmp.Or(a.Cluster.Name, a.Cluster.ID)) + ": " + report.Taken(a.Before)
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

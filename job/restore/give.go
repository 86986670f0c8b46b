package restore

import (
	"cmp"
	"context"
	"slices"

	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/job/write"
	"ackrevoke/policy"
)

// apply gives, and proves it, and takes back what would revive a leaked file.
func (x *restore) apply(ctx context.Context) end.Held {
	if held, stop := x.clear(ctx); stop {
		return held
	}
	if x.prover != nil {
		switch power := x.prove(ctx, before); {
		case ctx.Err() != nil:
			return end.Held{}
		case power == Alive:
			x.unknown("the leaked file still has power, before anything was given",
				"nothing was given: find out by ackrevoke prove what it may do; bindings made by hand are beyond a revocation")
			return end.Held{}
		case power != Dead && power != Powerless:
			return x.unknown("the cluster could not be asked about the leaked file",
				"nothing was given: make its API server reachable from here, or restore without --prove-with")
		}
	}
	give := x.seen.missing
	w := x.perform(ctx, write.GivesBack, give, x.Granter.Grant, func(held int) bool { return held == len(give) })
	switch w.Status {
	case report.Done:
		x.mark(give, report.RowGiven)
	case report.NotProven:
		x.mark(give, report.RowPerhaps)
	}
	if x.prover == nil || w.Status != report.Done && w.Status != report.NotProven {
		return end.Held{}
	}
	x.note("waiting 10 s for the grants to reach the cluster")
	if !write.Sleep(ctx, write.Lag) || ctx.Err() != nil {
		return x.unknown("the grants are there, and the restore was stopped before the leaked file was proven again",
			"prove it now with ackrevoke prove; if it is alive, take the grants away again")
	}
	switch power := x.prove(ctx, after); power {
	case Alive:
		w := x.perform(ctx, write.TakesBack, give, x.Granter.RevokeGrants, func(held int) bool { return held == 0 })
		if w.Status == report.Done {
			x.mark(give, report.RowTakenBack)
			x.unknown("the grants brought the leaked file back to life, and were taken away again",
				"give the person another RAM identity, or wait until the certificate expires; the grants must not come back before")
			return end.Held{}
		}
		x.mark(give, report.RowPerhaps)
		x.unknown("the grants brought the leaked file back to life, and it is not proven that they were taken away again",
			"take the grants of the report's rows away now, in the console or by a run of the policy")
	case Unreachable:
		return x.unknown("the grants are there, and the cluster could not be asked about the leaked file",
			"prove it with ackrevoke prove as soon as its API server answers; if it is alive, take the grants away again")
	}
	return end.Held{}
}

// perform makes one write of a restore, and reads until done says so of the number
// of rows that are there. Where the service says that the principal or the cluster
// does not exist, the write has failed.
func (x *restore) perform(ctx context.Context, op policy.Operation, rows []policy.Grant,
	send func(context.Context, string, policy.Kind, []policy.Grant) (string, int, error), done func(held int) bool) report.Written {
	s := x.Source
	o := &write.Outcome{Action: &policy.Action{ID: s.actionID(), Operation: op, UID: s.UID, Kind: s.Kind, Name: s.Name, Cluster: s.Cluster,
		Force: true},
		Status: report.WasSkipped}
	look := func(ctx context.Context) write.Seen { return x.shown(ctx, rows, done) }
	x.writes.Do(ctx, write.Write{
		Into:   o,
		Intent: func() write.Line { return x.intent(rows) },
		Send:   func(ctx context.Context) (string, int, error) { return send(ctx, s.UID, s.Kind, rows) },
		Probe:  func() func(context.Context) write.Seen { return look },
		Absent: report.WasFailed,
	})
	if o.Status == write.Accepted {
		o.Status = report.WasUnverified
		switch {
		case x.writes.Prove(ctx, &o.EndedAt, func(ctx context.Context) bool { return look(ctx) == write.Done }, write.Sleep):
			o.Status, o.Fault, o.VerifiedAt = proven, nil, x.Now()
		case ctx.Err() != nil:
			o.Fault = write.Interrupted(ctx)
		}
	}
	if o.Begun() && o.Status != report.WasFailed {
		x.writes.Note(o, nil, nil)
	}
	w := written(o)
	x.r.Writes = append(x.r.Writes, w)
	return w
}

const proven report.Status = "proven" // a write of a restore was read back

// shown is what a reading says of the rows of a write.
func (x *restore) shown(ctx context.Context, rows []policy.Grant, done func(held int) bool) write.Seen {
	f := x.read(ctx)
	switch {
	case f == nil && done(x.held(rows)):
		return write.Done
	case f == nil:
		return write.Standing
	}
	return write.Unseen
}

// held counts which of the rows are there by the last reading.
func (x *restore) held(rows []policy.Grant) int {
	n := 0
	for _, g := range rows {
		if !slices.Contains(x.seen.missing, g) {
			n++
		}
	}
	return n
}

// intent is what is about to be given or taken back, beside all that the principal
// holds at that moment.
func (x *restore) intent(rows []policy.Grant) write.Line {
	s := x.Source
	return write.Line{Name: s.Name, CreatedAt: write.Moment(s.CreatedAt),
		Cluster:     &write.JournalCluster{ID: x.r.Cluster.ID, Name: cmp.Or(x.r.Cluster.Name, "all clusters"), Region: x.r.Cluster.Region},
		Certificate: write.NewJournalCertificate(x.seen.certificate.Certificate), GrantsSeen: true,
		Grants: write.JournalGrants(x.seen.all), Rows: write.JournalGrants(rows)}
}

// actionID names the write in the journal as a run would.
func (s *Source) actionID() string { return cmp.Or(s.Cluster.ID, policy.AllClusters) + "/" + s.UID }

// written is a write as it stands in the report.
func written(o *write.Outcome) report.Written {
	w := report.Written{Operation: o.Action.Operation, Attempts: o.Attempts, RequestID: o.RequestID,
		StartedAt: report.At(o.StartedAt), EndedAt: report.At(o.EndedAt), VerifiedAt: report.At(o.VerifiedAt),
		Error: report.NewError(o.Fault, o.Hint)}
	switch o.Status {
	case proven:
		w.Status = report.Done
	case report.WasFailed:
		w.Status = report.Rejected
	case report.WasSkipped:
		w.Status = report.NotStarted
	default:
		w.Status = report.NotProven
		if w.Error == nil {
			w.Error = &report.Error{Kind: policy.Unavailable,
				Message: "accepted, but the rows are not shown so at the end of the verify timeout, or could not be read",
				Hint:    "start the restore again: it looks anew and gives only what is missing"}
		}
	}
	return w
}

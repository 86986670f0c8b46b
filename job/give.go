package job

import (
	"cmp"
	"context"
	"slices"

	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/job/sight"
	"ackrevoke/policy"
)

// The operations of the journal that are none of a run.
const (
	GivesBack  policy.Operation = "give-back"
	TakesBack  policy.Operation = "take-back" // exactly the rows that were given
	RevokesOwn policy.Operation = "revoke-own"
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
			x.unknown("the leaked file still has power, before anything was given", "nothing was given: find out by ackrevoke prove what it may do; bindings made by hand are beyond a revocation")
			return end.Held{}
		case power != Dead && power != Powerless:
			return x.unknown("the cluster could not be asked about the leaked file", "nothing was given: make its API server reachable from here, or restore without --prove-with")
		}
	}
	give := x.seen.missing
	w := x.perform(ctx, GivesBack, give, x.Granter.Grant, func(held int) bool { return held == len(give) })
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
	if !sleep(ctx, clearFor) || ctx.Err() != nil {
		return x.unknown("the grants are there, and the restore was stopped before the leaked file was proven again", "prove it now with ackrevoke prove; if it is alive, take the grants away again")
	}
	switch power := x.prove(ctx, after); power {
	case Alive:
		w := x.perform(ctx, TakesBack, give, x.Granter.RevokeGrants, func(held int) bool { return held == 0 })
		if w.Status == report.Done {
			x.mark(give, report.RowTakenBack)
			x.unknown("the grants brought the leaked file back to life, and were taken away again", "give the person another RAM identity, or wait until the certificate expires; the grants must not come back before")
			return end.Held{}
		}
		x.mark(give, report.RowPerhaps)
		x.unknown("the grants brought the leaked file back to life, and it is not proven that they were taken away again", "take the grants of the report's rows away now, in the console or by a run of the policy")
	case Unreachable:
		return x.unknown("the grants are there, and the cluster could not be asked about the leaked file", "prove it with ackrevoke prove as soon as its API server answers; if it is alive, take the grants away again")
	}
	return end.Held{}
}

// perform makes one write of a restore, a line of the journal before each try,
// and reads until done says so of the number of rows that are there.
func (x *restore) perform(ctx context.Context, op policy.Operation, rows []policy.Grant,
	send func(context.Context, string, policy.Kind, []policy.Grant) (string, int, error), done func(held int) bool) report.Written {
	s := x.Source
	o := &Outcome{Action: &policy.Action{ID: s.actionID(), Operation: op, UID: s.UID, Kind: s.Kind, Name: s.Name, Cluster: s.Cluster, Force: true}, Status: Skipped}
	for try := 1; ; try++ {
		if ctx.Err() != nil {
			if try == 1 {
				o.Status, o.Fault, o.Hint = x.job.skipped(ctx)
			}
			break
		}
		if err := x.intent(o.Action, rows, try); err != nil {
			o.Fault = &policy.Fault{Op: "journal", Kind: policy.Internal, Message: err.Error()}
			break
		}
		if try == 1 {
			o.StartedAt = x.Now()
		}
		id, attempts, err := send(ctx, s.UID, s.Kind, rows)
		o.Attempts, o.EndedAt, o.RequestID = o.Attempts+attempts, x.Now(), cmp.Or(id, o.RequestID)
		if o.Fault = sight.Fault(string(op), err); o.Fault != nil {
			o.RequestID = cmp.Or(o.RequestID, o.Fault.RequestID)
		}
		x.job.classify(o)
		if o.doubt(); o.Status == gone {
			o.Status = Failed // who or what is to have the rows is not there
		}
		if o.Status != ambiguous {
			x.job.note(o)
			break
		}
		o.lost = true
		held, known := x.await(ctx, rows, done)
		if known && done(held) {
			o.Status = accepted
			break
		}
		o.Status = Unverified
		if !known || try == maxTries || x.Now().Sub(o.StartedAt) >= x.VerifyTimeout {
			break
		}
	}
	if o.Status == accepted {
		x.verify(ctx, o, rows, done)
	}
	if !o.StartedAt.IsZero() && o.Status != Failed {
		x.job.note(o)
	}
	w := written(o)
	x.r.Writes = append(x.r.Writes, w)
	return w
}

// verify reads until the write shows, or the verify timeout has passed.
func (x *restore) verify(ctx context.Context, o *Outcome, rows []policy.Grant, done func(int) bool) {
	o.Status = Unverified
	until := o.EndedAt.Add(x.VerifyTimeout)
	for wait := firstWait; ctx.Err() == nil; wait = min(2*wait, longestWait) {
		if f := x.read(ctx); f == nil && done(x.held(rows)) {
			o.Status, o.Fault, o.VerifiedAt = proven, nil, x.Now()
			return
		}
		left := until.Sub(x.Now())
		if left <= 0 || !sleep(ctx, min(wait, left)) {
			break
		}
	}
	if ctx.Err() != nil {
		o.Fault = &policy.Fault{Op: "verify", Kind: policy.Canceled, Message: "perhaps accepted, and not proven: " + context.Cause(ctx).Error()}
	}
}

const proven Status = "proven" // a write of a restore was read back

// await asks the state after an answer was lost, as long as a lag could hide it.
func (x *restore) await(ctx context.Context, rows []policy.Grant, done func(int) bool) (held int, known bool) {
	until := x.Now().Add(ambiguousPolls)
	for {
		f := x.read(ctx)
		if held = x.held(rows); f == nil && done(held) {
			return held, true
		}
		left := until.Sub(x.Now())
		if ctx.Err() != nil {
			return 0, false
		}
		if left <= 0 {
			return held, f == nil
		}
		if !sleep(ctx, min(pollStep, left)) {
			return 0, false
		}
	}
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

// intent puts on disk what is about to be given or taken back, beside all that
// the principal holds at that moment.
func (x *restore) intent(a *policy.Action, rows []policy.Grant, try int) error {
	s := x.Source
	return x.job.put(Line{Type: "intent", Run: x.RestoreConfig.Run.ID, At: x.Now().UTC(), Account: s.Account, Action: a.ID, Try: try, Simulated: x.RestoreConfig.Run.Simulated,
		Operation: a.Operation, UID: s.UID, Kind: s.Kind, Name: s.Name, CreatedAt: moment(s.CreatedAt),
		Cluster:     &JournalCluster{ID: x.r.Cluster.ID, Name: cmp.Or(x.r.Cluster.Name, "all clusters"), Region: x.r.Cluster.Region},
		Certificate: &JournalCertificate{State: x.seen.certificate.Certificate.State, Expires: moment(x.seen.certificate.Certificate.Expires)},
		GrantsSeen:  true, Grants: journalGrants(x.seen.all), Rows: journalGrants(rows)})
}

// actionID names the write in the journal as a run would.
func (s *Source) actionID() string { return cmp.Or(s.Cluster.ID, policy.AllClusters) + "/" + s.UID }

// written is a write as it stands in the report.
func written(o *Outcome) report.Written {
	w := report.Written{Operation: o.Action.Operation, Attempts: o.Attempts, RequestID: o.RequestID,
		StartedAt: report.At(o.StartedAt), EndedAt: report.At(o.EndedAt), VerifiedAt: report.At(o.VerifiedAt), Error: report.NewError(o.Fault, o.Hint)}
	switch o.Status {
	case proven:
		w.Status = report.Done
	case Failed:
		w.Status = report.Rejected
	case Skipped:
		w.Status = report.NotStarted
	default:
		w.Status = report.NotProven
		if w.Error == nil {
			w.Error = &report.Error{Kind: policy.Unavailable, Message: "accepted, but the rows are not shown so at the end of the verify timeout, or could not be read",
				Hint: "start the restore again: it looks anew and gives only what is missing"}
		}
	}
	return w
}

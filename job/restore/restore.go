// Package restore gives back what one run took away from one principal on one
// cluster:
//
//	who is it --> may it have it --> what is missing --> is the old certificate gone --> give --> read back
//	                                                       prove powerless                 prove again, else take back
//
// It is a command of its own: a run has no way to a [Granter], as job cannot
// import this package.
//
// Begin with this file; source.go finds what was taken, give.go makes the writes.
package restore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/job/sight"
	"ackrevoke/job/write"
	"ackrevoke/policy"
)

// Granter is what a restore may do: give rows, and take the same rows away
// again. Both calls are accepted or not; only a later read proves anything.
type Granter interface {
	Grant(ctx context.Context, uid string, kind policy.Kind, rows []policy.Grant) (requestID string, attempts int, err error)
	RevokeGrants(ctx context.Context, uid string, kind policy.Kind, rows []policy.Grant) (requestID string, attempts int, err error)
}

// Config is what one restore works with.
type Config struct {
	Source        *Source
	Current       *policy.Policy // the policy in force
	Older         bool           // an old snapshot will do
	Reader        sight.Reader
	Granter       Granter        // nil: a dry run
	Leaked        OpenLeaked     // the leaked file; nil: none
	Journal       *write.Journal // nil in a dry run
	Concurrency   int
	VerifyTimeout time.Duration
	Now           func() time.Time
	Run           report.Run
	Calls         func() report.Calls
	Tell          func(sight.Event)
}

const freshRuns = time.Minute // a run that wrote within it may not show yet

// restore is one restore at work.
type restore struct {
	Config
	look   *sight.Sight
	writes *write.Session
	r      *report.Restore
	on     *policy.Resolution
	seen   sighting // the last one

	prover Prover // nil: none
}

// sighting is what the two surfaces show at a moment.
type sighting struct {
	all, here   []policy.Grant // of the principal; where the snapshot is about
	missing     []policy.Grant
	certificate policy.Evidence // without the grants; its state is empty where the snapshot has no certificate
}

// still says why the certificate that was taken away may still be in force.
func (x *restore) still() string { return x.Source.Still(x.seen.certificate, x.Now()) }

// Run makes one restore and returns its report, whatever happens. An error
// is a *Panic: then the report says so too.
func Run(ctx context.Context, c Config) (*report.Restore, error) {
	x := &restore{Config: c, r: report.NewRestore()}
	x.look = &sight.Sight{Reader: c.Reader, Account: c.Source.Account, Regions: x.regions(), Concurrency: c.Concurrency, Now: c.Now,
		Tell: c.Tell}
	x.writes = &write.Session{Journal: c.Journal, Run: c.Run.ID, Simulated: c.Run.Simulated, Account: c.Source.Account,
		Timeout: c.VerifyTimeout, Sight: x.look}
	x.look.Net.Halt = x.writes.Defect
	x.introduce()
	var held end.Held
	x.look.Net.Safely(func() { held = x.giveBack(ctx) })
	p := x.look.Net.Caught()
	if p != nil {
		held.Error = true
		x.r.Errors = append(x.r.Errors, report.Defect(p.Error()))
	}
	x.finish(ctx, held)
	if p != nil {
		return x.r, p
	}
	return x.r, nil
}

// regions are those that can be listed where the service does not name its own:
// those of the policy in force, and that of the cluster of the snapshot.
func (x *restore) regions() []string {
	known := slices.Clone(x.Current.Scope.Regions)
	if region := x.Source.Cluster.Region; region != "" {
		known = append(known, region)
	}
	slices.Sort(known)
	return slices.Compact(known)
}

// introduce says what is known before anything is called.
func (x *restore) introduce() {
	r, s := x.r, x.Source
	r.Run = x.Config.Run
	r.Run.StartedAt, r.Run.Mode = report.At(x.Now()), report.DryRun
	if x.Granter != nil {
		r.Run.Mode = report.Apply
	}
	r.Source = report.Source{Path: s.Path, Kind: s.From, RunID: s.Run, Action: s.Action, Status: s.Status, At: report.At(s.At),
		LastWriteAt: report.At(s.LastWrite)}
	r.Principal = report.Restored{UID: s.UID, Kind: s.Kind, Name: s.Name, CreatedAt: report.At(s.CreatedAt)}
	r.Cluster = report.Cluster{ID: s.Cluster.ID, Name: s.Cluster.Name, Region: s.Cluster.Region}
	r.Before = report.NewSnapshot(policy.Snapshot{Certificate: s.Certificate, GrantsSeen: s.GrantsSeen, Grants: s.Grants})
	x.rows(report.RowUnseen, s.rows())
}

// giveBack is the way of a restore.
func (x *restore) giveBack(ctx context.Context) end.Held {
	if held, stop := x.identify(ctx); stop {
		return held
	}
	if why := x.Source.Reach(x.on); why != "" {
		return x.unknown(why, "make the caller administrator there and start again, or give the grants back by hand; nothing was written")
	}
	if x.Leaked != nil {
		clusters, f := x.clusters(ctx)
		if f != nil {
			return x.unreadable(f)
		}
		var err error
		if x.prover, err = x.Leaked(clusters); err != nil {
			x.unknown(err.Error(), "nothing was asked of a cluster and nothing given; ackrevoke inspect says what is in the file")
			return end.Held{Invalid: true}
		}
	}
	if give := x.Source.rows(); len(give) == 0 {
		x.warn("nothing but a certificate was taken away there, and a certificate cannot be given back: the principal fetches a new kubeconfig")
		return end.Held{}
	}
	if f := x.read(ctx); f != nil {
		return x.unreadable(f)
	}
	if len(x.seen.missing) == 0 {
		if held, stop := x.lookAgain(ctx); stop {
			return held
		}
	}
	if held, stop := x.displaced(); stop {
		return held
	}
	if x.Granter == nil {
		if still := x.still(); still != "" {
			return x.unknown(still, "nothing is given before it is gone: look again in a minute; if it stays, let a run revoke it")
		}
		return end.Held{}
	}
	return x.apply(ctx)
}

// identify reads who and what is there, and refuses what may not be.
func (x *restore) identify(ctx context.Context) (end.Held, bool) {
	s := x.Source
	refuse := func(rows ...policy.GuardRow) (end.Held, bool) {
		for _, g := range rows {
			x.r.Refused = append(x.r.Refused, report.NewGuard(g))
		}
		return end.Held{Refused: true}, len(rows) > 0
	}
	if x.Current.Account != s.Account {
		return refuse(policy.GuardRow{Guard: policy.GuardAccount, Found: 1, Tripped: true,
			Message: fmt.Sprintf("%s is for account %s and %s for account %s: give the policy that is in force there", x.Current.Path,
				x.Current.Account, s.Path, s.Account)})
	}
	caller, unseen := x.look.Caller(ctx)
	if unseen != nil && unseen.Nobody {
		return x.stopped(unseen), true
	}
	x.r.Account = report.NewAccount(caller)
	if unseen != nil {
		return refuse(policy.GuardRow{Guard: policy.GuardAccount, Found: 1, Tripped: true,
			Message: fmt.Sprintf("the credentials belong to account %s, and %s is of account %s: nothing was read or written", caller.AccountID,
				s.Path, s.Account)})
	}
	directory, faults := x.look.Directory(ctx, caller, sight.All)
	if p := x.look.Net.Caught(); p != nil {
		return x.stopped(&sight.Unseen{Fault: &policy.Fault{Op: "directory", Kind: policy.Internal, Message: p.Error()}}), true
	}
	if f := sight.First(faults); f != nil {
		return x.stopped(&sight.Unseen{Fault: f}), true
	}
	x.on = policy.Resolve(&policy.Policy{Account: s.Account}, directory, x.Now())
	if wrong := x.on.Listing(); len(wrong) > 0 {
		for _, g := range wrong {
			x.unknown(g.Message, "nothing was written; correct this and start again")
		}
		return end.Held{Incomplete: true}, true
	}
	if c, ok := x.on.Cluster(s.Cluster.ID); ok {
		x.r.Cluster = report.Cluster{ID: c.ID, Name: c.Name, Region: c.Region}
	}
	return refuse(policy.Restorable(s.Taken, x.on, x.Current, x.Older, x.Now())...)
}

// clusters are those that the leaked file may be of, with where their API servers
// answer.
func (x *restore) clusters(ctx context.Context) ([]policy.Cluster, *policy.Fault) {
	at := &sight.Addresses{Sight: x.look}
	ids := []string{x.Source.Cluster.ID}
	if x.Source.Cluster.ID == "" {
		ids = sight.Existing(x.on.Directory.Clusters)
	}
	if at.Ask(ctx, ids); len(at.Failed) > 0 {
		return nil, at.Failed[0]
	}
	return at.Clusters, nil
}

// read looks at both surfaces.
func (x *restore) read(ctx context.Context) *policy.Fault {
	s := x.Source
	subject := policy.Subject{UID: s.UID}
	if s.Certificate.State == "" { // the snapshot is about no certificate
		rows, err := x.Reader.Grants(ctx, s.UID)
		subject.Grants, subject.GrantsErr = rows, sight.Fault("DescribeUserPermission", err)
	} else {
		subject = x.look.Subject(ctx, s.UID)
	}
	if subject.GrantsErr != nil {
		return subject.GrantsErr
	}
	now := sighting{all: subject.Grants, here: s.On(subject.Grants), missing: s.Missing(subject.Grants)}
	if s.Certificate.State != "" {
		// Both surfaces, whatever the first one says: of two certificates each may
		// show another one, and access that comes back needs both to be clear.
		list := policy.Doubt(x.look.List(ctx, s.Cluster.ID), &subject)
		ev := policy.Look(policy.Live, &subject, &list, s.Cluster.ID, false, x.Now())
		if f := cmp.Or(ev.CertFault, list.Err); f != nil {
			return f
		}
		now.certificate = ev
	}
	x.seen = now
	snapshot := report.NewSnapshot(policy.Snapshot{Certificate: now.certificate.Certificate, GrantsSeen: true, Grants: now.here})
	x.r.Now = &snapshot
	give, owner := s.Rows()
	x.r.Rows = nil
	x.rows(report.RowOwner, owner)
	x.rows(report.RowMissing, now.missing)
	x.rows(report.RowThere, slices.DeleteFunc(give, func(g policy.Grant) bool { return slices.Contains(now.missing, g) }))
	return nil
}

// lookAgain makes sure that nothing is missing: shortly after a run, reads may
// still show what is gone.
func (x *restore) lookAgain(ctx context.Context) (end.Held, bool) {
	if x.Now().Sub(x.Source.LastWrite) < freshRuns {
		x.note("nothing is missing, but the last write is younger than a minute: reading again in 10 s")
		if !write.Sleep(ctx, write.Lag) {
			return end.Held{}, true
		}
		if f := x.read(ctx); f != nil {
			return x.unreadable(f), true
		}
	}
	if len(x.seen.missing) > 0 {
		return end.Held{}, false
	}
	if !x.Source.Ended && x.still() != "" {
		x.warn("the write of the run was not proven, and its certificate is still in force: should it take effect later, start the restore " +
			"again then")
	}
	return end.Held{}, true
}

// displaced refuses to push aside a role that somebody has granted since.
func (x *restore) displaced() (end.Held, bool) {
	for _, g := range policy.Displaced(x.seen.here, x.seen.missing) {
		x.r.Refused = append(x.r.Refused, report.NewGuard(policy.GuardRow{Guard: policy.GuardOtherRole, Found: 1, Tripped: true,
			Message: fmt.Sprintf("the principal holds the role %s by now where it had another one, and there can be one only: decide by hand which",
				where(g))}))
	}
	return end.Held{Refused: true}, len(x.r.Refused) > 0
}

// where names a row.
func where(g policy.Grant) string {
	name := g.Role
	if g.Namespace != "" {
		name += " in " + g.Namespace
	}
	return name
}

// clear waits until the certificate that was taken away is gone and the same
// rows are missing, without a break, for as long as reads can lag: whatever the
// run began has then come to its end, and cannot take away what is given now.
func (x *restore) clear(ctx context.Context) (held end.Held, stop bool) {
	until := x.Now().Add(x.VerifyTimeout)
	var since time.Time
	var missing []policy.Grant
	x.note("waiting until what was taken away has been gone for 10 s")
	for {
		began := x.Now()
		f := x.read(ctx)
		var still string
		if f == nil {
			still = x.still()
		}
		switch {
		case f != nil || still != "":
			since = time.Time{}
		case len(x.seen.missing) == 0:
			return end.Held{}, true // somebody else gave them back
		case since.IsZero() || !slices.Equal(missing, x.seen.missing):
			since, missing = x.Now(), x.seen.missing
		case began.Sub(since) >= write.Lag:
			return x.displaced()
		}
		if left := until.Sub(x.Now()); left > 0 && write.Sleep(ctx, min(write.Step, left)) {
			continue
		}
		switch {
		case ctx.Err() != nil:
			return end.Held{}, true
		case f != nil:
			return x.unreadable(f), true
		case still != "":
			return x.unknown(still, "nothing was given: let a run revoke it, and start again"), true
		}
		return x.unknown("what is missing did not stay the same for 10 s",
			"nothing was given: start again when the account is quiet, or with a longer --verify-timeout"), true
	}
}

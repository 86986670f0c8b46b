// Package self revokes the caller's own credential on named clusters. It needs
// no policy and no administrator: whoever lost a file can end it at once. The
// grants stay, and the service issues a new certificate in its place
// [RevokeK8sClusterKubeConfig].
package self

import (
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

// Revoker is what self may do.
type Revoker interface {
	RevokeOwn(ctx context.Context, cluster string) (requestID string, attempts int, err error)
}

// Config is what one such command works with.
type Config struct {
	Clusters      []string // ids
	Reader        sight.Reader
	Revoker       Revoker        // nil: a dry run
	Journal       *write.Journal // nil in a dry run
	Concurrency   int
	VerifyTimeout time.Duration
	Now           func() time.Time
	Run           report.Run
	Tell          func(sight.Event)
}

// Result is what became of it.
type Result struct {
	Caller   policy.Caller
	Clusters []Cluster // in order of ids
	Errors   []report.Error
	Verdict  end.Verdict
}

// Cluster is one cluster of the command line.
type Cluster struct {
	policy.Cluster
	Before, After policy.Certificate // zero where it was not read
	Warnings      []string
	Status        report.Status // planned, revoked, settled (nothing to revoke), unverified, failed, skipped, unknown
	Attempts      int
	RequestID     string
	Error         *report.Error
}

// The statuses of a cluster beside those of outcomes.
const (
	NothingThere report.Status = "settled"
	NotKnown     report.Status = "unknown"
)

// self is one command at work.
type self struct {
	Config
	look   *sight.Sight
	writes *write.Session
	out    *Result
}

// Run looks at every cluster first and writes then. An error is a *Panic.
func Run(ctx context.Context, c Config) (*Result, error) {
	x := &self{Config: c, out: &Result{}}
	x.look = &sight.Sight{Reader: c.Reader, Concurrency: c.Concurrency, Now: c.Now, Tell: c.Tell}
	x.writes = &write.Session{Journal: c.Journal, Run: c.Run.ID, Simulated: c.Run.Simulated, Timeout: c.VerifyTimeout, Sight: x.look}
	x.look.Net.Halt = x.writes.Defect
	var held end.Held
	x.look.Net.Safely(func() { held = x.disown(ctx) })
	p := x.look.Net.Caught()
	if p != nil {
		held.Error = true
		x.out.Errors = append(x.out.Errors, report.Defect(p.Error()))
	}
	x.out.Verdict = x.verdict(ctx, held)
	if p != nil {
		return x.out, p
	}
	return x.out, nil
}

func (x *self) disown(ctx context.Context) end.Held {
	caller, unseen := x.look.Caller(ctx)
	if unseen != nil {
		x.out.Errors = append(x.out.Errors, report.Stopping(unseen.Fault))
		return end.Held{Error: unseen.Fault.Kind != policy.Canceled}
	}
	x.out.Caller = caller
	x.writes.Account = caller.AccountID
	states, err := x.Reader.States(ctx, caller.UID)
	subject := policy.Subject{UID: caller.UID, States: policy.NewStates(states...), StatesErr: sight.Fault("ListUserKubeConfigStates", err)}
	ids := slices.Compact(slices.Sorted(slices.Values(x.Config.Clusters)))
	x.out.Clusters = make([]Cluster, len(ids))
	x.look.Each(len(ids), func(i int) { x.out.Clusters[i] = x.inspect(ctx, &subject, ids[i]) })
	if x.look.Net.Caught() != nil || x.Revoker == nil {
		return end.Held{}
	}
	for i := range x.out.Clusters { // two writes of one principal at a time are refused
		if c := &x.out.Clusters[i]; c.Status == report.WasPlanned {
			x.revoke(ctx, c)
		}
	}
	return end.Held{}
}

// inspect says what the caller holds on one cluster, and what is planned there.
func (x *self) inspect(ctx context.Context, s *policy.Subject, id string) Cluster {
	c := Cluster{Cluster: policy.Cluster{ID: id}}
	unknown := func(f *policy.Fault, hint string) Cluster {
		c.Status, c.Error = NotKnown, report.NewError(f, hint)
		return c
	}
	read, err := x.Reader.Cluster(ctx, id)
	if f := sight.Fault("DescribeClusterDetail", err); f != nil {
		hint := ""
		if f.Kind == policy.NotFound {
			hint = "check the cluster id, and --region or the endpoint"
		}
		return unknown(f, hint)
	}
	c.Cluster = read
	c.ID = id
	if possible, since := read.OwnRevocation(); possible == policy.OwnTooOld {
		c.Warnings = append(c.Warnings, fmt.Sprintf("old-cluster: it was created on %s, and this operation is documented for clusters of its "+
			"kind from %s on; it is tried all the same",
			read.CreatedAt.UTC().Format(time.DateOnly), since.Format(time.DateOnly)))
	}
	if read.Gone() || read.Deferred() {
		return unknown(&policy.Fault{Op: "DescribeClusterDetail", Kind: policy.Unavailable, Message: "the cluster is in state " + read.State},
			"leave it out, or wait until it is there")
	}
	ev := x.certificate(ctx, s, id)
	if ev.CertFault != nil {
		return unknown(ev.CertFault, "")
	}
	switch c.Before = ev.Certificate; c.Before.State {
	case policy.Unexpired:
		c.Status = report.WasPlanned
	case policy.Unclear:
		return unknown(&policy.Fault{Op: "ListUserKubeConfigStates", Kind: policy.Unavailable,
			Message: "the service does not say what state the certificate has"},
			"look at the KubeConfig in the console; start again when it is shown there")
	default:
		c.Status = NothingThere
	}
	return c
}

// certificate of the caller on one cluster, from both lists where one is open.
func (x *self) certificate(ctx context.Context, s *policy.Subject, id string) policy.Evidence {
	var list *policy.ClusterList
	for _, missing := range policy.Missing(policy.Live, s, []string{id}) {
		l := policy.Doubt(x.look.List(ctx, missing), s)
		list = &l
	}
	return policy.Look(policy.Live, s, list, id, true, x.Now())
}

// revoke makes the write, and reads until another certificate is there, or none.
func (x *self) revoke(ctx context.Context, c *Cluster) {
	o := &write.Outcome{Action: &policy.Action{ID: c.ID + "/" + x.out.Caller.UID, Operation: write.RevokesOwn, UID: x.out.Caller.UID,
		Kind: x.out.Caller.Kind(), Cluster: c.Cluster, Force: true}, Status: report.WasSkipped}
	before := c.Before
	x.writes.Do(ctx, write.Write{
		Into: o,
		Intent: func() write.Line {
			return write.Line{Cluster: write.NewJournalCluster(c.Cluster), Certificate: write.NewJournalCertificate(before)}
		},
		Send: func(ctx context.Context) (string, int, error) { return x.Revoker.RevokeOwn(ctx, c.ID) },
		Probe: func() func(context.Context) write.Seen {
			return func(ctx context.Context) write.Seen { return x.shown(ctx, c, true) }
		},
		Absent: write.Accepted, // to be proven
	})
	if o.Status == write.Accepted {
		o.Status = report.WasUnverified
		now := x.Now()
		if x.writes.Prove(ctx, &now, func(ctx context.Context) bool { return x.shown(ctx, c, o.Lost) == write.Done }, write.Sleep) {
			o.Status, o.Fault = report.WasRevoked, nil
		}
	}
	if o.Begun() && o.Status != report.WasFailed {
		x.writes.Note(o, nil, nil)
	}
	c.Status, c.Attempts, c.RequestID, c.Error = o.Status, o.Attempts, o.RequestID, x.explain(ctx, o)
}

// explain says what went wrong and what to do next; nil where nothing did.
func (x *self) explain(ctx context.Context, o *write.Outcome) *report.Error {
	hint := o.Hint
	if o.Status == report.WasFailed && (o.Fault.Kind == policy.Denied || o.Fault.Kind == policy.Invalid) {
		hint = "it is not documented that this works for every identity and cluster: let an administrator revoke the credential by a run of " +
			"ackrevoke"
	}
	switch {
	case o.Status == report.WasRevoked:
		return nil
	case o.Fault != nil:
		return report.NewError(o.Fault, hint)
	case ctx.Err() != nil:
		return &report.Error{Kind: policy.Canceled, Message: "perhaps accepted, and not proven: " + context.Cause(ctx).Error(),
			Hint: "start again: it looks anew"}
	}
	return &report.Error{Kind: policy.Unavailable, Message: "accepted, but the same certificate is still shown, or could not be read, at " +
		"the end of the verify timeout",
		Hint: "start again in some minutes; if it stays, let an administrator revoke it by a run of ackrevoke"}
}

// shown is whether a reading shows another certificate, or none. Where the answer to
// the write was lost, a new certificate may be a renewal that somebody fetched, which
// leaves the old one alive: it proves nothing then.
func (x *self) shown(ctx context.Context, c *Cluster, lost bool) write.Seen {
	states, err := x.Reader.States(ctx, x.out.Caller.UID)
	subject := policy.Subject{UID: x.out.Caller.UID, States: policy.NewStates(states...),
		StatesErr: sight.Fault("ListUserKubeConfigStates", err)}
	ev := x.certificate(ctx, &subject, c.ID)
	renewed := lost && slices.ContainsFunc(ev.InForce, func(t time.Time) bool { return policy.Renews(t, c.Before.Expires, x.Now()) })
	if ev.CertFault != nil || ev.Certificate.State == policy.Unclear || renewed {
		return write.Unseen
	}
	c.After = ev.Certificate
	if slices.ContainsFunc(ev.InForce, c.Before.Expires.Equal) {
		return write.Standing
	}
	return write.Done
}

// verdict says how it ended, from what became of the clusters and what else holds.
func (x *self) verdict(ctx context.Context, held end.Held) end.Verdict {
	if late := held.Cut(ctx); late != nil {
		x.out.Errors = append(x.out.Errors, report.Error{Kind: policy.Timeout, Message: late.Error(),
			Hint: "start again with a longer --timeout: what was not reached is still to do"})
	}
	clean := end.Converged
	for _, c := range x.out.Clusters {
		aside := c.Error != nil && (c.Error.Kind == policy.Canceled || c.Error.Kind == policy.Timeout)
		held.Failed = held.Failed || c.Status == report.WasFailed || c.Status == report.WasUnverified || c.Status == report.WasSkipped && !aside
		held.Incomplete = held.Incomplete || c.Status == NotKnown
		if c.Status == report.WasPlanned {
			clean = end.Planned
		}
	}
	return held.Verdict(clean, end.Planned)
}

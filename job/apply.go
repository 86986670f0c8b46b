package job

import (
	"cmp"
	"context"
	"slices"
	"time"

	"ackrevoke/job/report"
	"ackrevoke/job/sight"
	"ackrevoke/job/write"
	"ackrevoke/policy"
)

// Outcome is what became of one action.
type Outcome struct {
	write.Outcome
	After      *policy.Snapshot // nil where nothing was read after the write
	Collateral []policy.Grant   // rows that went missing on clusters without an action

	// clusters without an action whose certificate was taken as well, by id
	Certificates []string

	certGone, grantsGone bool // each surface, as soon as it was seen gone
	standing             bool // the last look showed what the write is about
	fading               bool // and less of it than any look before
	least                int  // of what it is about, that was shown before the write or in any look
	owner                bool // an owner row of a live principal was left
	taken                bool // one call was made for it and others, and the service took it
	handled              bool // by that call, so that it needs none of its own
	hinted               bool // its own lists show it gone since, and the list of the cluster has not been asked
}

func (j *job) newOutcome(a *policy.Action) *Outcome {
	return &Outcome{Outcome: write.Outcome{Action: a, Status: report.WasSkipped}, least: j.shown(a)}
}

// apply does what the plan says and proves it: all of compromised, verified,
// before departed begins. Principals run side by side, and the writes of one
// principal one after another: two at once are refused by the service
// [ErrAuthorizationConflict]. Outcomes come back in the order of the actions.
func (j *job) apply(ctx context.Context) []*Outcome {
	outcomes := make([]*Outcome, 0, len(j.plan.Actions))
	for i := range j.plan.Actions {
		if a := &j.plan.Actions[i]; a.RefusedBy == "" {
			outcomes = append(outcomes, j.newOutcome(a))
		}
	}
	if len(outcomes) > 0 { // whatever comes of telling, every action has an outcome
		j.sight.Net.Safely(func() { j.sight.Say(sight.Began{Stage: actionsDone, Of: j.allowed()}) })
	}
	for _, reason := range []policy.Reason{policy.Compromised, policy.Departed} {
		groups := perPrincipal(outcomes, reason)
		j.gathering.each(ctx, len(groups), func(i int) { j.principal(ctx, groups[i]) })
	}
	for _, o := range outcomes {
		o.Settle()
	}
	return outcomes
}

const actionsDone = "actions done"

// allowed is the number of actions that no guard refused.
func (j *job) allowed() (n int) {
	for i := range j.plan.Actions {
		if j.plan.Actions[i].RefusedBy == "" {
			n++
		}
	}
	return n
}

// perPrincipal groups the outcomes of one reason: principals in uid order,
// within one all clusters first, then cluster ids.
func perPrincipal(outcomes []*Outcome, reason policy.Reason) [][]*Outcome {
	var all []*Outcome
	for _, o := range outcomes {
		if o.Action.Reason == reason {
			all = append(all, o)
		}
	}
	slices.SortStableFunc(all, func(a, b *Outcome) int {
		return cmp.Or(cmp.Compare(a.Action.UID, b.Action.UID), cmp.Compare(a.Action.Cluster.ID, b.Action.Cluster.ID))
	})
	var groups [][]*Outcome
	for i, o := range all {
		if i == 0 || o.Action.UID != all[i-1].Action.UID {
			groups = append(groups, nil)
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], o)
	}
	return groups
}

// principal writes all actions of one principal and then proves them.
func (j *job) principal(ctx context.Context, mine []*Outcome) {
	everywhere := 0 // how many are about all clusters: they come first
	for _, o := range mine {
		if o.Action.Operation == policy.RevokeGrant {
			j.writes.Do(ctx, j.writing(o))
			everywhere++
		}
	}
	rest, seen := j.bulk(ctx, mine[everywhere:])
	for i, o := range rest {
		if o.hinted {
			j.poll(ctx, []*Outcome{o}, notRead(), j.own)
		}
		if o.taken && j.decided(o) {
			continue
		}
		w := j.writing(o)
		w.Probe = func() func(context.Context) write.Seen { return j.probe(o.Action, rest[i+1:]) }
		j.writes.Do(ctx, w)
	}
	j.verify(ctx, mine, seen)
	for _, o := range mine {
		if o.Begun() && (!o.Noted() || len(o.Collateral)+len(o.Certificates) > 0) {
			j.writes.Note(&o.Outcome, o.Collateral, o.Certificates)
		}
		j.sight.Say(Done{o})
		j.sight.Say(sight.Progress{Stage: actionsDone, Of: j.allowed()})
	}
}

// writing is the write of one action: the intent has all that the principal
// holds, so that whatever it takes away can be given back.
func (j *job) writing(o *Outcome) write.Write {
	a := o.Action
	return write.Write{
		Into: &o.Outcome,
		Intent: func() write.Line {
			return write.Line{Name: a.Name, CreatedAt: write.Moment(a.CreatedAt), Reason: a.Reason, Force: a.Force,
				Cluster:     write.NewJournalCluster(a.Cluster),
				Certificate: write.NewJournalCertificate(a.Before.Certificate), GrantsSeen: a.Before.GrantsSeen,
				Grants: write.JournalGrants(j.before[a.UID]), Pins: pinned(a)}
		},
		Send:   func(ctx context.Context) (string, int, error) { return j.send(ctx, a) },
		Probe:  func() func(context.Context) write.Seen { return j.probe(a, nil) },
		Absent: write.Gone,
	}
}

// pinned are the expiries of the certificates that an action is about; none where
// it is about all that the principal holds on the cluster.
func pinned(a *policy.Action) []time.Time {
	var expiries []time.Time
	for _, p := range a.Pins {
		expiries = append(expiries, p.Expires.UTC())
	}
	return expiries
}

func (j *job) send(ctx context.Context, a *policy.Action) (string, int, error) {
	if a.Operation == policy.RevokeGrant {
		return j.Revoker.RevokeGrants(ctx, a.UID, a.Kind, a.Before.Grants)
	}
	return j.Revoker.Clean(ctx, a.Cluster.ID, a.UID, a.Force)
}

// probe looks whether a write whose answer was lost took effect. What it shows of
// the next ones counts where a call of all may have done them meanwhile; where a list
// of a cluster is needed to say so, it is read when their turn comes.
func (j *job) probe(a *policy.Action, next []*Outcome) func(context.Context) write.Seen {
	o := j.newOutcome(a)
	return func(ctx context.Context) write.Seen {
		s := j.poll(ctx, []*Outcome{o}, notRead(), j.own)
		for _, n := range next {
			c := n.Action.Cluster.ID
			switch {
			case !n.taken:
			case !policy.NeedsList(n.Action.Identity, &s, c) && !j.seen.showed[place{s.UID, c}]:
				j.see(n, &s, nil)
			case n.Action.Identity != policy.Deleted && !unread(n.Action, &s) && n.Action.Shown(&s, nil) == 0:
				n.hinted = true
			}
		}
		switch {
		case o.tookEffect():
			return write.Done
		case o.standing && o.fading:
			return write.Fading
		case o.standing:
			return write.Standing
		}
		return write.Unseen
	}
}

// Revoker is what a run may do. A dry run has none. The calls are accepted
// or not; only a later read proves what they did. attempts counts those that
// went out.
type Revoker interface {
	// Clean removes the credential and the grants of one principal on one cluster.
	Clean(ctx context.Context, cluster, uid string, force bool) (requestID string, attempts int, err error)
	// CleanMany begins to do what Clean does, on exactly these clusters, in a task.
	CleanMany(ctx context.Context, clusters []string, uid string, force bool) (task, requestID string, attempts int, err error)
	// TaskEnded reports whether a task is over, for good or bad.
	TaskEnded(ctx context.Context, task string) (bool, error)
	// RevokeGrants removes exactly these all-clusters rows.
	RevokeGrants(ctx context.Context, uid string, kind policy.Kind, rows []policy.Grant) (requestID string, attempts int, err error)
}

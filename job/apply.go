package job

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"ackrevoke/job/end"
	"ackrevoke/job/sight"
	"ackrevoke/policy"
)

// Status says what became of an action; contract.md section 6.
type Status string

// The statuses of outcomes. Accepted is not revoked: it never leaves this room.
const (
	Planned    Status = "planned"
	Revoked    Status = "revoked"
	Absent     Status = "absent"
	Blocked    Status = "blocked"
	Failed     Status = "failed"
	Unverified Status = "unverified"
	Skipped    Status = "skipped"
	Collateral Status = "collateral"

	accepted Status = "accepted" // the service took it, or may have
	gone     Status = "gone"     // the service says that there is nothing
)

// Outcome is what became of one action.
type Outcome struct {
	Action     *policy.Action
	Status     Status
	Attempts   int
	RequestID  string
	StartedAt  time.Time
	EndedAt    time.Time
	VerifiedAt time.Time
	After      *policy.Snapshot // nil where nothing was read after the write
	Fault      *policy.Fault
	Hint       string         // what to do next; job words only what it alone knows
	Collateral []policy.Grant // rows that went missing on clusters without an action

	certGone, grantsGone bool // each surface, as soon as it was seen gone
	standing             bool // the last look showed what the write is about
	owner                bool // an owner row of a live principal was left
	lost                 bool // the answer to an earlier try was lost: it may have been accepted
}

const (
	maxTries       = 6                // writes of one action, the first included
	ambiguousPolls = 10 * time.Second // how long the state is asked after an answer was lost
	pollStep       = 2 * time.Second
	denialLimit    = 3 // denials on as many clusters, without one success, skip the rest
)

// apply does what the plan says and proves it: all of compromised, verified,
// before departed begins. Principals run side by side, and the writes of one
// principal one after another: two at once are refused by the service
// [ErrAuthorizationConflict]. Outcomes come back in the order of the actions.
func (j *job) apply(ctx context.Context) []*Outcome {
	outcomes := make([]*Outcome, 0, len(j.plan.Actions))
	byAction := map[string]*Outcome{}
	for i := range j.plan.Actions {
		if a := &j.plan.Actions[i]; a.RefusedBy == "" {
			o := &Outcome{Action: a, Status: Skipped}
			outcomes, byAction[a.ID] = append(outcomes, o), o
		}
	}
	for _, reason := range []policy.Reason{policy.Compromised, policy.Departed} {
		var g errgroup.Group
		g.SetLimit(j.Concurrency)
		for _, mine := range perPrincipal(outcomes, reason) {
			g.Go(func() error { j.sight.Net.Safely(func() { j.principal(ctx, mine) }); return nil })
		}
		_ = g.Wait()
	}
	for _, o := range outcomes {
		o.settle()
	}
	return outcomes
}

// settle gives an outcome that was left in the middle a name that holds:
// accepted is not revoked.
func (o *Outcome) settle() {
	switch {
	case o.Status == accepted || o.Status == gone || o.Status == ambiguous:
		o.Status = Unverified
	case o.Status == Skipped && !o.StartedAt.IsZero() && o.Fault == nil:
		o.Status = Unverified // the intent is on disk, and nothing is known of the write
	case o.Status == Skipped && o.Fault == nil:
		o.Fault = &policy.Fault{Op: "run", Kind: policy.Internal, Message: "not started"}
	}
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
	for _, o := range mine {
		j.write(ctx, o)
	}
	j.verify(ctx, mine)
	for _, o := range mine {
		noted := o.Status == Failed || o.Status == Blocked // by write, unless more came to light since
		if !o.StartedAt.IsZero() && (!noted || len(o.Collateral) > 0) {
			j.note(o)
		}
		j.sight.Say(Done{o})
		j.sight.Say(sight.Progress{Stage: "actions done", Of: len(j.plan.Actions)})
	}
}

// write makes one write, again where an answer was lost and the state shows
// that it is needed. It leaves the outcome accepted, gone, or final.
func (j *job) write(ctx context.Context, o *Outcome) {
	for try := 1; ; try++ {
		if ctx.Err() != nil || j.halt.stopped() != nil {
			if try == 1 {
				o.Status, o.Fault, o.Hint = j.skipped(ctx)
			}
			return
		}
		if err := j.intent(o.Action, try); err != nil {
			// No line, no write. What one action cannot put on disk the next cannot either.
			f := &policy.Fault{Op: "journal", Kind: policy.Internal, Message: err.Error()}
			j.halt.stop(f)
			if try == 1 {
				o.Status, o.Fault = Skipped, f
			}
			return
		}
		if try == 1 {
			o.StartedAt = j.Now()
		}
		id, attempts, err := j.send(ctx, o.Action)
		o.Attempts, o.EndedAt, o.RequestID = o.Attempts+attempts, j.Now(), cmp.Or(id, o.RequestID)
		o.Fault = sight.Fault(string(o.Action.Operation), err)
		if o.Fault != nil && o.RequestID == "" {
			o.RequestID = o.Fault.RequestID
		}
		j.classify(o)
		if o.doubt(); o.Status != ambiguous {
			j.note(o)
			return
		}
		o.lost = true
		switch seen := j.settleAmbiguity(ctx, o); {
		case seen == goneNow:
			o.Status = accepted
			return
		case seen == unseen, try == maxTries, j.Now().Sub(o.StartedAt) >= j.VerifyTimeout:
			o.Status = Unverified
			return
		}
		o.Status = Unverified // unless the next try says better
	}
}

// doubt takes back that a repetition was rejected, or was stopped before it was
// sent, after an answer was lost: what came to nothing is the repetition, and the
// lost one may have been accepted. The surfaces decide, and the rejection stays
// as the reason if they do not.
func (o *Outcome) doubt() {
	if o.lost && o.Status != ambiguous {
		o.Status = accepted
	}
}

func (j *job) send(ctx context.Context, a *policy.Action) (string, int, error) {
	if a.Operation == policy.RevokeGrant {
		return j.Revoker.RevokeGrants(ctx, a.UID, a.Kind, a.Before.Grants)
	}
	return j.Revoker.Clean(ctx, a.Cluster.ID, a.UID, a.Force)
}

const ambiguous Status = "ambiguous" // the answer was lost: done or not

// classify says what an answer to a write means.
//
//	no error                          accepted, to be proven
//	not found                         gone, to be proven
//	no answer, 5xx, time-out          ambiguous
//	interrupted in flight             accepted perhaps, never proven
//	interrupted before it was sent    skipped
//	credentials                       failed, and no further writes at all
//	denied                            failed; the third cluster in a row skips the rest
//	other 4xx to an unforced clean    blocked, verbatim
//	anything else                     failed
func (j *job) classify(o *Outcome) {
	if o.Fault == nil {
		j.halt.succeeded()
		o.Status = accepted
		return
	}
	switch o.Fault.Kind {
	case policy.NotFound:
		o.Status = gone
	case policy.Unavailable, policy.Timeout:
		o.Status = ambiguous
	case policy.Canceled:
		o.Status = Unverified
		if !o.Fault.Sent {
			o.Status = Skipped
		}
	case policy.Credentials:
		o.Status = Failed
		j.halt.stop(o.Fault)
	case policy.Denied:
		o.Status = Failed
		j.halt.denied(o.Action.Cluster.ID, o.Fault)
	case policy.Invalid, policy.Declined:
		o.Status = Failed
		if o.Action.Operation == policy.Clean && !o.Action.Force {
			declined := *o.Fault
			declined.Kind = policy.Declined
			o.Status, o.Fault = Blocked, &declined
		}
	default:
		o.Status = Failed
	}
}

// skipped says why a write is not started; an empty hint is that of the fault.
func (j *job) skipped(ctx context.Context) (Status, *policy.Fault, string) {
	if f := j.halt.stopped(); f != nil {
		return Skipped, &policy.Fault{Op: f.Op, Kind: f.Kind, Code: f.Code, Message: "not started, because an earlier action ended all writes: " + f.Message}, ""
	}
	if errors.Is(context.Cause(ctx), end.ErrTimeLimit) {
		return Skipped, &policy.Fault{Op: "run", Kind: policy.Timeout, Message: "not started: " + end.ErrTimeLimit.Error()},
			"run again with a longer --timeout: what was not started is still to do"
	}
	message := "not started: the run was stopped"
	if cause := context.Cause(ctx); cause != nil {
		message = "not started: " + cause.Error()
	}
	return Skipped, &policy.Fault{Op: "run", Kind: policy.Canceled, Message: message}, "run again: what was not started is still to do"
}

// halt ends all further writes of a run.
type halt struct {
	mu       sync.Mutex
	why      *policy.Fault
	success  bool
	clusters map[string]bool
}

func (h *halt) stop(f *policy.Fault) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.why == nil {
		h.why = f
	}
}

func (h *halt) stopped() *policy.Fault {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.why
}

func (h *halt) succeeded() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.success = true
}

func (h *halt) denied(cluster string, f *policy.Fault) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.clusters == nil {
		h.clusters = map[string]bool{}
	}
	h.clusters[cluster] = true
	if !h.success && len(h.clusters) >= denialLimit && h.why == nil {
		h.why = &policy.Fault{Op: f.Op, Kind: policy.Denied, Code: f.Code, RequestID: f.RequestID,
			Message: fmt.Sprintf("denied on %d clusters and nowhere accepted: %s", len(h.clusters), f.Message)}
	}
}

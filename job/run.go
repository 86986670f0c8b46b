// Package job says in what order things happen, and with what proof.
//
//	directory --Resolve--> targets --observe--> observation --Decide--> plan --Guard--> plan
//	    --apply--> outcomes --verify--> outcomes --> report --> verdict
//
// Deciding is policy's; touching the account is behind two ports that ack
// satisfies by shape; the wording is cmd/cli's. What is left is order (the
// caller before the account, compromised before departed, a journal line
// before each write), time (Now is given; waits end with the context), and
// proof: nothing is called revoked that was not read back as gone.
//
// A dry run has a nil Revoker, and so nothing to write with.
//
// Begin with this file (the order), then apply.go and verify.go (the writes and
// their proof).
package job

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"ackrevoke/job/end"
	"ackrevoke/job/history"
	"ackrevoke/job/report"
	"ackrevoke/job/sight"
	"ackrevoke/job/write"
	"ackrevoke/policy"
)

// Config is what one run works with.
type Config struct {
	Policy        *policy.Policy
	Reader        sight.Reader
	Revoker       Revoker               // nil: a dry run
	Journal       *write.Journal        // held by this run; nil in a dry run
	Unfinished    []write.Line          // of earlier runs, where there is no Journal
	LastList      *policy.LastList      // as the last run with this journal read it; nil: there was none
	Past          func() *history.Known // reads what earlier runs proved, once, beside the first calls; nil: nobody looks
	Approval      policy.Approval
	Check         bool             // something left to revoke has an exit code of its own
	Concurrency   int              // principals at a time, reading and writing
	Most          int              // clusters that one call may be about; 0: each has its own
	VerifyTimeout time.Duration    // per principal, from its last write
	Now           func() time.Time // the only clock
	Run           report.Run       // id, version, endpoints: what the run says of itself
	Calls         func() report.Calls
	Tell          func(sight.Event) // may be called from several goroutines; nil: nobody listens
}

// job is one run at work.
type job struct {
	Config
	sight      *sight.Sight
	resolution *policy.Resolution
	plan       *policy.Plan
	judged     []policy.GuardRow         // of the list itself, before anything is read
	before     map[string][]policy.Grant // grants of each principal as observed
	seen       evidence
	writes     *write.Session
	together   together
	gathering  *gathering
}

// Run makes one reconciliation and returns its report, whatever happens. An
// error is a *Panic: then the report says so too.
func Run(ctx context.Context, c Config) (*report.Report, error) {
	j := &job{Config: c, judged: policy.Emptied(c.Policy, c.LastList)}
	j.sight = &sight.Sight{Reader: c.Reader, Regions: c.Policy.Scope.Regions, Concurrency: c.Concurrency, Now: c.Now, Tell: c.Tell,
		Keep: c.Policy.Concerns,
		Net:  sight.Net{Halt: func(p *sight.Panic) { j.writes.Defect(p) }}}
	j.writes = &write.Session{Journal: c.Journal, Run: c.Run.ID, Simulated: c.Run.Simulated, Account: c.Policy.Account,
		Timeout: c.VerifyTimeout, Sight: j.sight}
	r := report.New()
	r.Run = c.Run
	r.Policy = report.NewPolicyInfo(c.Policy)
	r.Run.StartedAt, r.Run.Mode = report.At(c.Now()), report.DryRun
	if c.Revoker != nil {
		r.Run.Mode = report.Apply
	}
	r.Plan, r.Principals = report.Unstarted(c.Policy, c.Now())
	var held end.Held
	j.sight.Net.Safely(func() { held = j.reconcile(ctx, r) })
	if p := j.sight.Net.Caught(); p != nil {
		held.Error = true
		r.Errors = append(r.Errors, report.Defect(p.Error()))
	}
	if j.plan == nil {
		j.planless(r)
	}
	held.Refused = held.Refused || tripped(r)
	j.finish(ctx, r, held)
	if p := j.sight.Net.Caught(); p != nil {
		return r, p
	}
	return r, nil
}

// reconcile is the way of the data. It returns what holds of the run as a
// whole; what holds of targets is in the report.
func (j *job) reconcile(ctx context.Context, r *report.Report) end.Held {
	known := j.remember()
	defer known() // nothing of this run is under way after it
	caller, unseen := j.sight.Caller(ctx)
	if unseen != nil {
		return j.stopped(r, unseen)
	}
	r.Account = report.NewAccount(caller)
	if caller.AccountID != j.Policy.Account {
		return j.otherAccount(r, caller)
	}
	defer j.sight.Early(ctx, j.Policy.Acting(j.Now()))()
	directory, faults := j.sight.Directory(ctx, caller, sight.All)
	if f := sight.First(faults); f != nil || j.sight.Net.Caught() != nil {
		return j.stopped(r, &sight.Unseen{Fault: f})
	}
	j.resolution = policy.Resolve(j.Policy, directory, j.Now())
	r.Coverage = report.NewCoverage(j.resolution.Coverage)
	if wrong := j.resolution.Listing(); len(wrong) > 0 {
		return listingRefused(r, wrong)
	}
	observation := j.sight.Observe(ctx, j.resolution)
	past := known()
	if j.sight.Net.Caught() != nil {
		return end.Held{} // what was read is not to be decided on
	}
	plan := policy.Decide(j.resolution, observation)
	j.plan = policy.Guard(plan, j.Policy.Guards, j.Approval, j.Now(), j.judged...)
	r.Coverage = report.NewCoverage(plan.Coverage) // rows may have named clusters that the listing lacks
	j.before = map[string][]policy.Grant{}
	for _, s := range observation.Subjects {
		j.before[s.UID] = s.Grants
	}
	j.seen = newEvidence(observation, j.plan)
	j.gathering = j.gather(observation.Lists)
	j.fill(r, past)
	j.sight.Say(PlanReady{r})
	if j.Revoker != nil {
		j.proof(r, j.apply(ctx))
	}
	return end.Held{Left: j.Check}
}

// remember begins to read what earlier runs proved. The plan is the first to need it,
// and to read the journals of years takes longer than a call.
func (j *job) remember() (known func() *history.Known) {
	var past *history.Known
	var reading sync.WaitGroup
	if j.Past != nil {
		reading.Go(func() { j.sight.Net.Safely(func() { past = j.Past() }) })
	}
	return func() *history.Known {
		reading.Wait()
		return past
	}
}

// planless puts into the report of a run without a plan the guards that need none.
func (j *job) planless(r *report.Report) {
	rows := j.judged
	if j.Approval.Expect != "" {
		rows = append(slices.Clone(rows), policy.GuardRow{Guard: policy.GuardPlanDrift, Found: 1, Tripped: true,
			Message: "no plan came about, so it cannot be compared with the one that was reviewed: everything is refused"})
	}
	for _, row := range rows {
		r.Plan.Guards = append(r.Plan.Guards, report.NewGuard(row))
	}
}

// otherAccount refuses the whole run: nothing of a foreign account is read.
func (j *job) otherAccount(r *report.Report, caller policy.Caller) end.Held {
	message := fmt.Sprintf("the credentials belong to account %s and the policy is for account %s: nothing was read or written",
		caller.AccountID, j.Policy.Account)
	r.Plan.Guards = append(r.Plan.Guards, report.NewGuard(policy.GuardRow{Guard: policy.GuardAccount, Found: 1, Tripped: true,
		Message: message}))
	r.Errors = append(r.Errors, report.Error{Kind: policy.Denied, Message: message,
		Hint: "run with credentials of the policy's account, or correct account in the policy"})
	for i := range r.Principals {
		if p := &r.Principals[i]; p.Verdict == report.Unclear {
			p.Verdict = report.Refusal
		}
	}
	return end.Held{Refused: true}
}

// listingRefused ends a run whose directory cannot be believed.
func listingRefused(r *report.Report, wrong []policy.GuardRow) end.Held {
	for _, g := range wrong {
		r.Plan.Guards = append(r.Plan.Guards, report.NewGuard(g))
		r.Errors = append(r.Errors, report.Error{Kind: policy.Unavailable, Message: g.Message,
			Hint: "nothing was written; correct this and run again"})
	}
	return end.Held{Incomplete: true}
}

// stopped ends a run for want of a read that everything else hangs on: with
// an error if nothing can be read at all, else as incomplete. Where a panic is the
// reason, that is said alone.
func (j *job) stopped(r *report.Report, u *sight.Unseen) end.Held {
	if j.sight.Net.Caught() != nil {
		return end.Held{}
	}
	r.Errors = append(r.Errors, report.Stopping(u.Fault))
	if u.Fault.Kind == policy.Canceled {
		return end.Held{}
	}
	return end.Held{Error: u.Nothing(), Incomplete: !u.Nothing()}
}

// The events of a run, beside those of every command.
type (
	// PlanReady says that the plan is in the report, and nothing has been written.
	PlanReady struct{ Report *report.Report }
	// Done says that an outcome is final.
	Done struct{ Outcome *Outcome }
)

// tripped reports whether a guard refused the plan, a group of it, or an entry.
func tripped(r *report.Report) bool {
	for _, g := range r.Plan.Guards {
		if g.Tripped && slices.Contains([]string{policy.GuardPlanDrift, policy.GuardAllowRevocations, policy.GuardEmptied}, g.Guard) {
			return true
		}
	}
	for _, a := range r.Plan.Actions {
		if a.RefusedBy != "" {
			return true
		}
	}
	return len(r.Plan.Refused) > 0
}

// fill puts the plan into the report, before anything is written.
func (j *job) fill(r *report.Report, past *history.Known) {
	r.Plan = report.NewPlan(j.plan, j.plan.Digest())
	if past != nil {
		past.Mark(&r.Plan)
	}
	r.Principals = report.Principals(j.plan, &r.Plan)
	r.Outcomes = []report.Outcome{}
	for _, a := range j.plan.Actions {
		if a.RefusedBy == "" && j.Revoker == nil {
			r.Outcomes = append(r.Outcomes, report.Outcome{Action: a.ID, Status: report.WasPlanned, Collateral: []report.Lost{}})
		}
	}
}

// finish adds what every report has, whatever became of the run.
func (j *job) finish(ctx context.Context, r *report.Report, held end.Held) {
	lines := j.Unfinished
	if j.Journal != nil {
		lines = j.Journal.Unfinished
	}
	for _, l := range lines {
		r.Unfinished = append(r.Unfinished, write.Unfinished(l))
	}
	if j.Calls != nil {
		r.Calls = j.Calls()
	}
	if late := held.Cut(ctx); late != nil {
		r.Errors = slices.Insert(r.Errors, 0, report.Error{Kind: policy.Timeout, Message: late.Error(), // the cause of the others
			Hint: "run again with a longer --timeout: what was not reached is still to do"})
	}
	r.Run.Interrupted = held.Signal != 0
	r.Run.FinishedAt = report.At(j.Now())
	targets := 0
	if j.plan != nil {
		targets = j.plan.Targets
	}
	r.Complete(targets)
	r.Verdict = Verdict(r, held)
}

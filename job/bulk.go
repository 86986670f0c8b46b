package job

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"ackrevoke/job/sight"
	"ackrevoke/job/write"
	"ackrevoke/policy"
)

// The cleans of somebody departed are asked for together first, and mopped up after:
//
//	lines of all --> one call --> task --> both surfaces --> gone: proven
//	                    | refused             | still there, or not to be seen
//	                    v                     v
//	              a call of its own, whose answer says why
//
// What the task says of itself is a hint when to look, and no more: only the
// surfaces are believed. A call that names several clusters could do more than it
// was told, so what goes missing beside it ends all such calls of the run.
const (
	fewest   = 4                // cleans of one principal that are worth a call of all
	patience = 30 * time.Second // with a task that does not come to its end
)

// together is what the bulk calls of one run share.
type together struct {
	off    atomic.Bool // one was denied, or did more than it was told
	warned atomic.Bool
}

// bulk makes the cleans of one principal that can be made together. It returns the
// outcomes that need a write of their own, and the principal as last seen, where
// none does.
func (j *job) bulk(ctx context.Context, mine []*Outcome) (rest []*Outcome, seen *policy.Subject) {
	if j.Most == 0 {
		return mine, nil
	}
	for _, force := range []bool{true, false} {
		for part := range slices.Chunk(j.fit(mine, force), j.Most) {
			if len(part) < fewest || j.together.off.Load() {
				continue
			}
			seen = j.atOnce(ctx, part)
		}
	}
	rest = slices.DeleteFunc(slices.Clone(mine), func(o *Outcome) bool { return o.handled })
	if len(rest) > 0 {
		seen = nil // it will be read again
	}
	return rest, seen
}

// fit are the outcomes that one call can be made for: never of somebody who stays,
// and never of single certificates.
func (j *job) fit(mine []*Outcome, force bool) []*Outcome {
	return slices.DeleteFunc(slices.Clone(mine), func(o *Outcome) bool {
		a := o.Action
		return a.Operation != policy.Clean || a.Reason != policy.Departed || len(a.Pins) > 0 || a.Force != force
	})
}

// atOnce makes one call for all of these, and looks what came of it. What needs no
// write of its own any more is marked as handled.
func (j *job) atOnce(ctx context.Context, part []*Outcome) *policy.Subject {
	writes := make([]write.Write, len(part))
	ids := make([]string, len(part))
	for i, o := range part {
		writes[i], ids[i] = j.writing(o), o.Action.Cluster.ID
	}
	task, first := "", part[0].Action
	answer, fault := j.writes.Many(ctx, writes, func(ctx context.Context) (string, int, error) {
		id, request, attempts, err := j.Revoker.CleanMany(ctx, ids, first.UID, first.Force)
		task = id
		return request, attempts, err
	})
	switch answer {
	case write.Refused:
		j.singly(fault)
		fallthrough
	case write.Unsent:
		return nil
	case write.Over:
		for _, o := range part {
			o.handled = true
		}
		return nil
	}
	seen, ended := j.await(ctx, task, part)
	for _, o := range part {
		unanswered := o.Lost
		o.taken, o.Lost = true, !ended // the rejection of a call of its own is the last word only about a task that is over
		switch {
		case !o.VerifiedAt.IsZero(), o.hopeless():
			o.handled = true
		case unanswered && !o.standing:
			o.handled = true
			o.GiveUp() // what cannot be seen is not made again, as of any write
		}
	}
	j.beside(part, seen)
	return seen
}

// singly says once why a call of all was refused. A denial will be one for everybody.
func (j *job) singly(f *policy.Fault) {
	hint := "where one cluster is the cause, the call of that one says so"
	if f.Kind == policy.Denied {
		j.together.off.Store(true)
		hint = "if that is slow, give the caller cs:CleanUserPermissions and cs:DescribeTaskInfo; --no-bulk spares the attempt"
	}
	if j.together.warned.CompareAndSwap(false, true) {
		j.sight.Say(sight.Warned(fmt.Sprintf("several clusters in one call were refused (%s): they are revoked one by one instead, at "+
			"--write-qps; %s", f, hint)))
	}
}

// await looks until all are seen gone, or the task and the lag of reads have had
// their time: what one surface shows no more has the time that another one may need.
// ended says that the task is over for certain.
func (j *job) await(ctx context.Context, task string, part []*Outcome) (seen *policy.Subject, ended bool) {
	until := j.Now().Add(patience)
	open := part
	for wait := write.FirstWait; ; wait = min(2*wait, write.LongestWait) {
		if task != "" && !ended {
			over, err := j.Revoker.TaskEnded(ctx, task)
			switch {
			case err != nil:
				task = "" // a hint that cannot be had
			case over:
				ended, until = true, j.Now().Add(write.Lag)
			}
		}
		if late := !j.Now().Before(until); task == "" || ended || late {
			seen = j.look(ctx, open, seen, ended || late, j.waiting(&until))
			if slices.ContainsFunc(open, func(o *Outcome) bool { return o.standing && o.fading }) {
				if lag := j.Now().Add(write.Lag); lag.After(until) {
					until = lag
				}
			}
			open = slices.DeleteFunc(slices.Clone(open), j.decided)
		}
		left := until.Sub(j.Now())
		sleep := j.gathering.sleep
		if task != "" && !ended { // it is a write that is under way
			sleep = write.Sleep
		}
		if len(open) == 0 || left <= 0 || !sleep(ctx, min(wait, left)) {
			return seen, ended
		}
	}
}

// look reads both surfaces. Of somebody deleted the list of each cluster must be
// read: while nothing tells whether the task is over, that of the first cluster
// alone, and all of them as soon as it shows nothing any more.
func (j *job) look(ctx context.Context, open []*Outcome, seen *policy.Subject, over bool, lists lister) *policy.Subject {
	before := notRead()
	if seen != nil {
		before = *seen
	}
	if open[0].Action.Identity == policy.Deleted && !over {
		before = j.poll(ctx, open[:1], before, lists)
		if len(open) == 1 || !j.proven(open[0]) {
			return &before
		}
	}
	now := j.poll(ctx, open, before, lists)
	return &now
}

// beside ends the calls of all, where one took more than it was told.
func (j *job) beside(part []*Outcome, seen *policy.Subject) {
	if seen == nil {
		return
	}
	planned := map[string]bool{}
	for i := range j.plan.Actions {
		if a := &j.plan.Actions[i]; a.UID == seen.UID && a.RefusedBy == "" {
			planned[a.Cluster.ID] = true
		}
	}
	lost, certificates := j.missing(*seen, planned)
	if len(lost)+len(certificates) > 0 && !j.together.off.Swap(true) {
		j.sight.Say(sight.Warned(fmt.Sprintf("a call that named %d clusters took away more than that from %s: from here on they are "+
			"revoked one by one", len(part), seen.UID)))
	}
}

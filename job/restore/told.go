package restore

import (
	"context"
	"slices"

	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/job/sight"
	"ackrevoke/policy"
)

// finish adds what every report has, whatever became of the restore.
func (x *restore) finish(ctx context.Context, held end.Held) {
	if x.Calls != nil {
		x.r.Calls = x.Calls()
	}
	if late := held.Cut(ctx); late != nil {
		x.unknown(late.Error(), "start again with a longer --timeout: what is missing is still to give")
	}
	x.r.Run.Interrupted = held.Signal != 0
	slices.SortStableFunc(x.r.Rows, func(a, b report.Row) int { return a.Compare(b) })
	x.r.Run.FinishedAt = report.At(x.Now())
	x.r.Verdict = restoreVerdict(x.r, held)
}

// restoreVerdict says how a restore ended, from what its report lists and what
// else holds.
func restoreVerdict(r *report.Restore, held end.Held) end.Verdict {
	for _, w := range r.Writes {
		aside := w.Error != nil && (w.Error.Kind == policy.Canceled || w.Error.Kind == policy.Timeout)
		held.Failed = held.Failed || w.Status != report.Done && (w.Status != report.NotStarted || !aside)
	}
	for _, p := range r.Proofs {
		held.Failed = held.Failed || p.Verdict == string(Alive)
		held.Incomplete = held.Incomplete || p.Verdict == string(Unreachable)
	}
	clean := end.Converged
	if r.Run.Mode == report.DryRun && slices.ContainsFunc(r.Rows, func(row report.Row) bool { return row.State == report.RowMissing }) {
		clean = end.Planned
	}
	return held.Verdict(clean, end.Planned)
}

func (x *restore) rows(state report.RowState, rows []policy.Grant) {
	for _, g := range rows {
		x.r.Rows = append(x.r.Rows, report.NewRow(g, state))
	}
}

// mark says what became of rows.
func (x *restore) mark(rows []policy.Grant, state report.RowState) {
	for i := range x.r.Rows {
		for _, g := range rows {
			if marked := report.NewRow(g, x.r.Rows[i].State); marked == x.r.Rows[i] {
				x.r.Rows[i].State = state
			}
		}
	}
}

// unknown notes why nothing can be said, and so nothing is written.
func (x *restore) unknown(message, hint string) end.Held {
	x.r.Errors = append(x.r.Errors, report.Error{Kind: policy.Unavailable, Message: message, Hint: hint})
	return end.Held{Incomplete: true}
}

// unreadable is unknown, for a read that failed.
func (x *restore) unreadable(f *policy.Fault) end.Held {
	x.r.Errors = append(x.r.Errors, report.Stopping(f))
	return end.Held{Incomplete: f.Kind != policy.Canceled}
}

// stopped is for want of a read that everything else hangs on.
func (x *restore) stopped(u *sight.Unseen) end.Held {
	held := x.unreadable(u.Fault)
	if held.Incomplete && u.Nothing() {
		return end.Held{Error: true}
	}
	return held
}

func (x *restore) warn(message string) {
	x.r.Warnings = append(x.r.Warnings, message)
	x.look.Say(sight.Warned(message))
}

func (x *restore) note(message string) { x.look.Say(sight.Noted(message)) }

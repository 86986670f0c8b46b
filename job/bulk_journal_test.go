package job

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"ackrevoke/job/end"
	"ackrevoke/job/jobtest"
	"ackrevoke/job/report"
	"ackrevoke/job/write"
	"ackrevoke/policy"
)

// The last line of each write says what the report says of it, whatever became of the
// call of all or of its own, so that the journal is put away and no later run tells of
// a write of which nobody knows.
func TestTheLastWordIsInTheJournal(t *testing.T) {
	for _, c := range []struct {
		call string
		kind policy.FaultKind
	}{
		{ofAll, ""}, {ofAll, policy.Credentials}, {ofAll, policy.Denied}, {ofAll, policy.Declined}, {ofAll, policy.Unavailable},
		{ofAll, policy.Canceled}, {"clean c1 1", policy.NotFound}, {"clean c1 1", policy.Credentials}, {"clean c1 1", policy.Canceled},
		{"clean c1 1", policy.Invalid},
	} {
		s := holder()
		s.On = func(call string, _ int) (bool, error) {
			if call == c.call && c.kind != "" {
				return false, &policy.Fault{Kind: c.kind, Sent: true, Message: "no"}
			}
			return true, nil
		}
		s.run(t, jobtest.Departed("1"), func(x *Config) {
			if c.call == ofAll {
				x.Most = 200
			}
		}, func(r *report.Report) {
			data, err := os.ReadFile(filepath.Join(s.dir, "ackrevoke.journal"))
			if err != nil {
				t.Fatal(err)
			}
			last := map[string]string{}
			for _, l := range write.ReadLines(data) {
				last[l.Action] = l.Type + " " + l.Status
			}
			for _, o := range r.Outcomes {
				if got, want := last[o.Action], "outcome "+string(o.Status); got != want && (got != "" || o.Status != report.WasSkipped) {
					t.Errorf("%s to %s: the last line of %s is %q, want %q", c.kind, c.call, o.Action, got, want)
				}
			}
		})
	}
}

// A call of all that was taken may do its work yet: where a run is stopped before a
// call of its own goes out, a write was made all the same.
func TestBulkIsNotForgottenByAStop(t *testing.T) {
	ctx, stop := context.WithCancelCause(context.Background())
	s := holder()
	s.ctx = ctx
	s.On = func(call string, _ int) (bool, error) {
		if call == "clean c1 1" {
			stop(end.ErrTimeLimit)
			return false, &policy.Fault{Kind: policy.Canceled, Message: "canceled before it was sent"}
		}
		return call != ofAll, nil
	}
	s.run(t, jobtest.Departed("1"), func(c *Config) { c.Most = 200 }, func(r *report.Report) {
		for _, o := range r.Outcomes {
			if o.Status != report.WasUnverified || o.Error == nil || o.Error.Hint == "" {
				t.Errorf("%s is %s: %+v", o.Action, o.Status, o.Error)
			}
		}
	})
}

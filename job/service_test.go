package job

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"ackrevoke/job/jobtest"
	"ackrevoke/job/report"
	"ackrevoke/job/write"
	"ackrevoke/policy"
)

// service is a hand-made account, and how a run is made against it.
type service struct {
	*jobtest.Service
	dir    string          // of the journal of the last run
	panics bool            // is expected to
	ctx    context.Context // of the run, where a test ends it
}

func newService(uids ...string) *service { return &service{Service: jobtest.New(uids...)} }

// run makes one applying run in a bubble and returns its report; with says
// what is different from the usual.
func (s *service) run(t *testing.T, ps []policy.Principal, with func(*Config), then func(*report.Report)) {
	t.Helper()
	s.dir = t.TempDir()
	dir := s.dir
	synctest.Test(t, func(t *testing.T) {
		j, err := write.OpenJournal(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer j.Close()
		c := Config{Policy: &policy.Policy{Account: jobtest.Account, Guards: policy.Guards{MaxPrincipals: 10, MaxRevocations: 200,
			MaxCompromised: 5}, Principals: ps},
			Reader: s, Revoker: s, Journal: j, Concurrency: 4, VerifyTimeout: 2 * time.Minute, Now: time.Now, Run: report.Run{ID: "run-1"}}
		if with != nil {
			with(&c)
		}
		ctx := s.ctx
		if ctx == nil {
			ctx = t.Context()
		}
		r, err := Run(ctx, c)
		if err != nil && !s.panics {
			t.Error(err)
		}
		if err := report.Check(r); err != nil {
			t.Error(err)
		}
		then(r)
	})
}

func statuses(r *report.Report) map[string]report.Status {
	m := map[string]report.Status{}
	for _, o := range r.Outcomes {
		m[o.Action] = o.Status
	}
	return m
}

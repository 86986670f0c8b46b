package self

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ackrevoke/job/jobtest"
	"ackrevoke/job/report"
	"ackrevoke/job/write"
	"ackrevoke/policy"
)

// owner is the service as self may use it; before is called at each write.
type owner struct {
	*jobtest.Service
	before func(n int) error
	sent   []string
}

func (o *owner) Cluster(_ context.Context, id string) (policy.Cluster, error) {
	return policy.Cluster{ID: id, State: "running"}, nil
}

func (o *owner) RevokeOwn(_ context.Context, cluster string) (string, int, error) {
	o.sent = append(o.sent, cluster)
	if err := o.before(len(o.sent)); err != nil {
		return "", 1, err
	}
	for i, row := range o.StateRows[jobtest.Account] {
		if row.Cluster == cluster {
			o.StateRows[jobtest.Account][i].Expires = row.Expires.AddDate(1, 0, 0)
		}
	}
	return "request", 1, nil
}

// revokes lets the caller end what it holds on three clusters.
func revokes(t *testing.T, before func(j *write.Journal, n int) error) (*owner, *Result) {
	t.Helper()
	dir := t.TempDir()
	o := &owner{Service: jobtest.New()}
	for _, c := range []string{"c1", "c2", "c3"} {
		o.Holds(jobtest.Account, c)
	}
	var r *Result
	synctest.Test(t, func(t *testing.T) {
		j, err := write.OpenJournal(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer j.Close()
		o.before = func(n int) error { return before(j, n) }
		r, err = Run(t.Context(), Config{Clusters: []string{"c1", "c2", "c3"}, Reader: o, Revoker: o, Journal: j, Concurrency: 2,
			VerifyTimeout: time.Minute, Now: time.Now, Run: report.Run{ID: "run-1"}})
		if err != nil {
			t.Fatal(err)
		}
	})
	return o, r
}

func TestRevokesOneAfterTheOther(t *testing.T) {
	o, r := revokes(t, func(*write.Journal, int) error { return nil })
	if strings.Join(o.sent, " ") != "c1 c2 c3" || r.Verdict.ExitCode != 0 || r.Clusters[2].Status != report.WasRevoked {
		t.Errorf("%v, %+v", o.sent, r)
	}
}

// What one write cannot put on disk the next cannot either: nothing more is begun,
// and each cluster says why.
func TestJournalThatTakesNoLineEndsAllWrites(t *testing.T) {
	o, r := revokes(t, func(j *write.Journal, n int) error { return j.Close() })
	if strings.Join(o.sent, " ") != "c1" || r.Verdict.ExitCode != 5 {
		t.Errorf("%v, %+v", o.sent, r.Verdict)
	}
	if e := r.Clusters[2].Error; r.Clusters[2].Status != report.WasSkipped || e == nil ||
		!strings.Contains(e.Message, "an earlier action ended all writes: journal") {
		t.Errorf("%+v %+v", r.Clusters[2], e)
	}
}

// Credentials that are not taken end all writes, and a repetition that is rejected
// after a lost answer is no failure.
func TestRejections(t *testing.T) {
	o, r := revokes(t, func(*write.Journal, int) error { return &policy.Fault{Op: "X", Kind: policy.Credentials, Sent: true} })
	if strings.Join(o.sent, " ") != "c1" || r.Clusters[0].Status != report.WasFailed || r.Clusters[1].Status != report.WasSkipped {
		t.Errorf("%v, %+v", o.sent, r.Clusters)
	}
	o, r = revokes(t, func(_ *write.Journal, n int) error {
		switch n {
		case 1:
			return &policy.Fault{Op: "X", Kind: policy.Timeout, Sent: true}
		case 2:
			return &policy.Fault{Op: "X", Kind: policy.Denied, Sent: true}
		}
		return nil
	})
	if strings.Join(o.sent, " ") != "c1 c1 c2 c3" || r.Clusters[0].Status != report.WasUnverified ||
		r.Clusters[2].Status != report.WasRevoked {
		t.Errorf("%v, %+v", o.sent, r.Clusters)
	}
}

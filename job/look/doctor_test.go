package look

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/job/end"
	"ackrevoke/job/jobtest"
	"ackrevoke/job/report"
	"ackrevoke/job/sight"
	"ackrevoke/policy"
)

func doctored(t *testing.T, ctx context.Context, s *jobtest.Service, pol *policy.Policy) (*report.Doctor, error) {
	t.Helper()
	c := DoctorConfig{Policy: pol, Reader: s, Concurrency: 4, Now: time.Now,
		Ahead: func() (time.Duration, bool) { return 0, true }, Calls: func() report.Calls { return report.Calls{} }}
	for _, op := range []string{"GetCallerIdentity", "ListUsers", "DescribeUserPermission", "ListUserKubeConfigStates",
		"ListClusterKubeconfigStates", "DescribeClusterDetail"} {
		c.Reads = append(c.Reads, report.Reading{Operation: op, Actions: []string{"cs:" + op}})
	}
	e, err := Doctor(ctx, c)
	if len(s.Writes()) > 0 {
		t.Errorf("writes %v", s.Writes())
	}
	return e, err
}

func TestEnumeration(t *testing.T) {
	clusters := []policy.Cluster{{ID: "c2"}, {ID: "c1"}, {ID: "c3", State: "initial"}, {ID: "c4", State: "deleted"}}
	row := func(cluster string, cert policy.CertState) policy.State {
		return policy.State{Cluster: cluster, Cert: cert}
	}
	for _, tt := range []struct {
		name     string
		states   []policy.State
		clusters []policy.Cluster
		want     report.Enumeration
		missing  []string
	}{
		{"all, one without a credential", []policy.State{row("c1", policy.Unexpired), row("c2", policy.Unissued)}, clusters, report.Enumerates,
			nil},
		{"all have a credential: it does not tell", []policy.State{row("c1", policy.Unexpired), row("c2", policy.Removed)}, clusters,
			report.NotTold, nil},
		{"one is missing", []policy.State{row("c1", policy.Unexpired)}, clusters, report.LeavesOut, []string{"c2"}},
		{"one is missing, another is unissued", []policy.State{row("c2", policy.Unissued)}, clusters, report.LeavesOut, []string{"c1"}},
		{"nothing", nil, clusters, report.LeavesOut, []string{"c1", "c2"}},
		{"a cluster that is not listed tells nothing", []policy.State{row("c1", policy.Unexpired), row("c2", policy.Expired),
			row("c9", policy.Unissued)}, clusters, report.NotTold, nil},
		{"only what comes and goes is missing", nil, clusters[2:], report.NotTold, nil},
		{"no cluster", nil, nil, report.NotTold, nil},
	} {
		got := Enumeration("1", tt.states, tt.clusters)
		if tt.missing == nil {
			tt.missing = []string{}
		}
		if got.Answer != tt.want || !cmp.Equal(got.Missing, tt.missing) || (got.Why == "") != (tt.want != report.NotTold) {
			t.Errorf("%s: %+v, want %s without %v", tt.name, got, tt.want, tt.missing)
		}
	}
}

// The states of the deleted are not documented: what they leave out says
// nothing of the lists of the living.
func TestEnumerationAsksTheLiving(t *testing.T) {
	s := jobtest.New("2")
	s.Holds("2", "c1")
	e, err := doctored(t, t.Context(), s, &policy.Policy{Account: jobtest.Account, Guards: policy.Guards{MaxPrincipals: 9, MaxRevocations: 9},
		Principals: jobtest.Departed("1", "2")})
	if err != nil || e.StatesList.Answer != report.Enumerates || e.StatesList.UID != "2" {
		t.Errorf("%+v, %v", e.StatesList, err)
	}
}

// A panic is an examination that says so, with exit code 1.
func TestExamineSurvivesAPanic(t *testing.T) {
	s := jobtest.New("1")
	s.On = func(call string, _ int) (bool, error) { panic("while " + call) }
	e, err := doctored(t, t.Context(), s, nil)
	var p *sight.Panic
	if !errors.As(err, &p) || e.Verdict.ExitCode != couldNot || !strings.Contains(e.Findings[0].Message, "panic: while") {
		t.Errorf("%v, %+v", err, e)
	}
}

// An examination that is cut short judges nothing that it did not read: a
// signal ends it with 1, the time limit with 6.
func TestExamineCutShort(t *testing.T) {
	for _, tt := range []struct {
		cause error
		exit  int
	}{{end.SIGINT, couldNot}, {end.ErrTimeLimit, unclear}} {
		ctx, cancel := context.WithCancelCause(t.Context())
		s := jobtest.New("1")
		s.On = func(string, int) (bool, error) {
			cancel(tt.cause)
			return false, &policy.Fault{Op: "X", Kind: policy.Canceled, Message: "canceled"}
		}
		e, err := doctored(t, ctx, s, nil)
		if err != nil || e.Verdict.ExitCode != tt.exit || len(e.Findings) != 2 || !strings.HasPrefix(e.Findings[0].Message, tt.cause.Error()) {
			t.Errorf("%v: exit %d, %+v, %v", tt.cause, e.Verdict.ExitCode, e.Findings, err)
		}
	}
}

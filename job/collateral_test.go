package job

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/job/jobtest"
	"ackrevoke/job/report"
	"ackrevoke/job/write"
	"ackrevoke/policy"
)

// takes makes the first clean take all grants of its principal, wherever they
// are, and give the answer that the case says.
func (s *service) takes(err error) {
	s.On = func(call string, _ int) (bool, error) {
		if call == "clean c1 1" {
			s.GrantRows["1"] = nil
			return true, err
		}
		return true, nil
	}
}

func lostOf(r *report.Report) map[string][]string {
	lost := map[string][]string{}
	for _, o := range r.Outcomes {
		for _, row := range o.Collateral {
			lost[o.Action] = append(lost[o.Action], row.Cluster+" "+row.Role)
		}
	}
	return lost
}

// An outcome that is absent keeps its name, and tells what is gone beside it.
func TestCollateralBesideWhatIsAbsent(t *testing.T) {
	s := newService("1")
	s.Holds("1", "c1")
	s.GrantRows["1"] = append(s.GrantRows["1"], policy.Grant{Cluster: "c9", Scope: policy.OnCluster, Role: "ops"})
	s.takes(&policy.Fault{Op: "clean", Kind: policy.NotFound, Sent: true})
	s.run(t, jobtest.Departed("1"), nil, func(r *report.Report) {
		if diff := cmp.Diff(map[string][]string{"c1/1": {"c9 ops"}}, lostOf(r)); diff != "" || r.Outcomes[0].Status != report.WasAbsent {
			t.Errorf("%s (-want +got):\n%s", r.Outcomes[0].Status, diff)
		}
	})
}

// An action that was not started does not stand for what is gone from its
// cluster: that is named, so that restore finds it (see TestSourceBesideASkippedAction).
func TestCollateralOnTheClusterOfASkippedAction(t *testing.T) {
	s := newService("1")
	s.Holds("1", "c1")
	s.Holds("1", "c2")
	s.takes(nil)
	var j *write.Journal
	take := s.On
	s.On = func(call string, n int) (bool, error) {
		if call == "clean c1 1" {
			_ = j.Close() // from now on it takes no line
		}
		return take(call, n)
	}
	s.run(t, jobtest.Departed("1"), func(c *Config) { j = c.Journal }, func(r *report.Report) {
		if diff := cmp.Diff(map[string]report.Status{"c1/1": report.WasCollateral, "c2/1": report.WasSkipped}, statuses(r)); diff != "" {
			t.Fatalf("statuses (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(map[string][]string{"c1/1": {"c2 dev"}}, lostOf(r)); diff != "" {
			t.Errorf("collateral (-want +got):\n%s", diff)
		}
	})
}

package job

import (
	"testing"

	"ackrevoke/job/jobtest"
	"ackrevoke/job/report"
)

// The list of a cluster that lacks somebody who holds a certificate there
// proves nothing about anybody else, before a write or after it.
func TestListThatLacksSomebodyProvesNothing(t *testing.T) {
	for other, want := range map[string]report.Status{"c2": report.WasUnverified, "c1": report.WasRevoked} {
		s := newService() // both are deleted, and the lists show nobody
		s.Holds("8", "c1")
		s.Holds("9", "c1")
		ps := jobtest.Departed("8", "9")
		ps[0].Clusters = []string{other} // c1: it is revoked as well, and the list is right in the end
		s.run(t, ps, nil, func(r *report.Report) {
			if got := statuses(r)["c1/9"]; got != want {
				t.Errorf("8 is acted on on %s: 9 is %s, want %s", other, got, want)
			}
		})
	}
}

// A cluster that only a row names is one of all clusters.
func TestCoverageKnowsOfStrays(t *testing.T) {
	s := newService("1")
	s.Holds("1", "c9")
	s.Own, s.Strays = []string{"c1", "c2", "c3", "c4"}, true
	s.run(t, jobtest.Departed("1"), nil, func(r *report.Report) {
		if r.Coverage.AllClustersGrants != report.Unseen || len(r.Coverage.Blind) != 0 || r.Verdict.ExitCode != 6 {
			t.Errorf("%+v, verdict %+v", r.Coverage, r.Verdict)
		}
	})
}

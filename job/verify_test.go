package job

import (
	"testing"
	"time"

	"ackrevoke/job/end"
	"ackrevoke/job/jobtest"
	"ackrevoke/job/report"
	"ackrevoke/policy"
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

// A creator's grant that was seen once is left, though later reads of the grants fail.
func TestOwnerIsNotForgottenByAReadThatFails(t *testing.T) {
	s := newService("1")
	s.Holds("1", "c1")
	s.GrantRows["1"][0].Owner = true
	looks := 0
	s.On = func(call string, _ int) (bool, error) {
		if s.N["clean c1 1"] == 0 || call == "clean c1 1" {
			return false, nil
		}
		switch call {
		case "states 1":
			if looks++; looks > 1 {
				s.Take("c1", "1")
			}
		case "grants 1":
			if s.N["grants 1"] > 2 { // one of the decision, and one of the first look
				return false, &policy.Fault{Kind: policy.Unavailable}
			}
		}
		return true, nil
	}
	s.run(t, jobtest.Departed("1"), nil, func(r *report.Report) {
		if s.N["grants 1"] < 3 || r.Summary.Revoked != 1 || r.Summary.Residual != 1 || r.Verdict.ExitCode != end.CodeFailed {
			t.Errorf("exit %d, %+v after %v", r.Verdict.ExitCode, r.Summary, s.Log)
		}
	})
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

// Behind the certificate that was taken away there may be an older one, which no
// surface showed before: whoever holds it is not to be taken off the list.
func TestOlderCertificateKeepsThePrincipalOnTheList(t *testing.T) {
	s := newService("1")
	newer := time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)
	older := newer.AddDate(-39, 0, 0).AddDate(0, 0, 10) // in force in the bubble, which begins in 2000
	s.StateRows["1"] = []policy.State{{Cluster: "c1", Cert: policy.Unexpired, Expires: newer}}
	s.On = func(call string, _ int) (bool, error) {
		if call == "clean c1 1" {
			s.StateRows["1"][0].Expires = older
			return false, nil
		}
		return true, nil
	}
	ps := jobtest.Departed("1")
	ps[0].Reason, ps[0].Until, ps[0].Pins = policy.Compromised, time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC),
		[]policy.Pin{{Cluster: "c1", Expires: newer}}
	s.run(t, ps, nil, func(r *report.Report) {
		if got := r.Outcomes[0]; got.Status != report.WasRevoked || got.After.Certificate.State != policy.OtherCertificate {
			t.Fatalf("%+v", got)
		}
		if p := r.Principals[0]; p.Retirable {
			t.Errorf("%+v", p)
		}
	})
}

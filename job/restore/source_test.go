package restore

import (
	"strings"
	"testing"
	"time"

	"ackrevoke/job/jobtest"
	"ackrevoke/job/report"
	"ackrevoke/job/write"
	"ackrevoke/policy"
)

// A journal may hold several runs and tries, lines of a restore, torn ones; a
// source is found in it, or it is said why not.
func TestFromJournal(t *testing.T) {
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	row := func(cluster, role string) write.JournalGrant {
		return write.JournalGrant{Cluster: cluster, Scope: policy.OnCluster, Role: role}
	}
	intends := func(run string, rows ...write.JournalGrant) write.Line {
		return write.Line{Type: "intent", Run: run, At: at, Account: jobtest.Account, Action: "c1/1", Operation: policy.Clean, UID: "1",
			Kind: policy.User, Name: "alice",
			Cluster: &write.JournalCluster{ID: "c1"}, GrantsSeen: true, Grants: rows}
	}
	ends := func(run, status string, lost ...write.JournalGrant) write.Line {
		return write.Line{Type: "outcome", Run: run, At: at.Add(time.Minute), Action: "c1/1", Status: status, Collateral: lost}
	}
	gives := intends("r9", row("c1", "dev"))
	gives.Operation = write.GivesBack
	for _, c := range []struct {
		name    string
		lines   []write.Line
		cluster string
		run     string
		rows    int
		want    string // of the run, or part of the error
	}{
		{"killed in between", []write.Line{intends("r1", row("c1", "dev"), row("c2", "dev"))}, "c1", "", 1, "r1"},
		{"revoked", []write.Line{intends("r1", row("c1", "dev")), ends("r1", "accepted"), ends("r1", "revoked")}, "c1", "", 1, "r1"},
		{"unverified", []write.Line{intends("r1", row("c1", "dev")), ends("r1", "unverified")}, "c1", "", 1, "r1"},
		{"failed", []write.Line{intends("r1", row("c1", "dev")), ends("r1", "failed")}, "c1", "", 0, "c1/1 is failed"},
		{"blocked", []write.Line{intends("r1", row("c1", "dev")), ends("r1", "blocked")}, "c1", "", 0, "is blocked"},
		{"two tries", []write.Line{intends("r1", row("c1", "dev")), intends("r1", row("c1", "dev"))}, "c1", "", 1, "r1"},
		{"two runs, the same rows", []write.Line{intends("r1", row("c1", "dev")), intends("r2", row("c1", "dev")), ends("r2", "revoked")}, "c1",
			"", 1, "r2"},
		{"two runs, other rows", []write.Line{intends("r1", row("c1", "dev")), intends("r2"), ends("r2", "revoked")}, "c1", "", 0,
			"name one of r1, r2 with --run"},
		{"two runs, one named", []write.Line{intends("r1", row("c1", "dev")), intends("r2"), ends("r2", "revoked")}, "c1", "r1", 1, "r1"},
		{"two runs, one failed", []write.Line{intends("r1", row("c1", "dev")), intends("r2"), ends("r2", "failed")}, "c1", "", 1, "r1"},
		{"a restore took nothing", []write.Line{gives}, "c1", "", 0, "nothing was taken away"},
		{"beside", []write.Line{intends("r1", row("c1", "dev"), row("c3", "ops"), row("c4", "ops")), ends("r1", "collateral", row("c3", "ops"))},
			"c3", "", 1, "r1"},
		{"not beside", []write.Line{intends("r1", row("c1", "dev"), row("c4", "ops")), ends("r1", "collateral", row("c3", "ops"))}, "c4", "", 0,
			"the journal tells of c1/1"},
		{"nothing", nil, "c1", "", 0, "no action at all"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := FromJournal("j", c.lines, "1", c.cluster, c.run)
			if err != nil {
				if c.rows > 0 || !strings.Contains(err.Error(), c.want) {
					t.Errorf("%v, want %q", err, c.want)
				}
				return
			}
			if s.Run != c.want || len(s.rows()) != c.rows || s.Cluster.ID != c.cluster || !s.GrantsSeen || s.Name != "alice" || s.UID != "1" {
				t.Errorf("%+v", s)
			}
			if want := s.Status == "revoked"; s.Ended != want {
				t.Errorf("%s: ended %t", s.Status, s.Ended)
			}
		})
	}
}

// A write of a restore that came to its end is nothing unfinished; one without
// an outcome is.
func TestJournalOfARestore(t *testing.T) {
	line := write.Line{Type: "intent", Run: "r1", Action: "c1/1", Operation: write.GivesBack}
	if n := len(write.Intents([]write.Line{line})); n != 1 {
		t.Errorf("%d", n)
	}
	if n := len(write.Intents([]write.Line{line, {Type: "outcome", Run: "r2", Action: "c1/1"}})); n != 1 {
		t.Errorf("the outcome of another run: %d", n)
	}
	if n := len(write.Intents([]write.Line{line, {Type: "outcome", Run: "r1", Action: "c1/1", Status: "unverified"}})); n != 0 {
		t.Errorf("%d", n)
	}
}

// What went missing from the cluster of an action that was not started stands
// under that cluster, and its certificate is the one that must be gone.
func TestSourceBesideASkippedAction(t *testing.T) {
	r := report.New()
	r.Run.Mode = report.Apply
	for _, c := range []string{"c1", "c2"} {
		a := report.Action{ID: c + "/1", UID: "1", Kind: policy.User, Operation: policy.Clean, Cluster: report.Cluster{ID: c}}
		a.Before = report.NewSnapshot(policy.Snapshot{Certificate: policy.Certificate{State: policy.Unexpired}, GrantsSeen: true})
		r.Plan.Actions = append(r.Plan.Actions, a)
	}
	lost := report.NewLost([]policy.Grant{{Cluster: "c2", Scope: policy.OnCluster, Role: "dev"}})
	r.Outcomes = []report.Outcome{{Action: "c1/1", Status: report.WasCollateral, Collateral: lost},
		{Action: "c2/1", Status: report.WasSkipped}}
	got, err := FromReport("report.json", r, "1", "c2")
	if err != nil || len(got.Grants) != 1 || got.Grants[0].Role != "dev" || got.Certificate.State != policy.Unexpired {
		t.Errorf("%v: %+v", err, got)
	}
}

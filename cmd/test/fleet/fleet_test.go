package fleet

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/end"
	"ackrevoke/job/report"
)

// account is the id of the n-th member account.
func account(n int) string { return fmt.Sprintf("200000000000000%d", n) }

// members are the estates of some of them.
func members(ns ...int) (all [][]byte) {
	for _, n := range ns {
		all = append(all, stage.MemberEstate(account(n), ""))
	}
	return all
}

// policyOf lists alice in a member account.
func policyOf(n int) string { return stage.MemberPolicy(account(n), "") }

// six are accounts of which one cannot be reached, one has an invalid policy, and
// one is in two files.
func six() map[string]string {
	return map[string]string{
		"a.yaml": policyOf(1), "b.yaml": policyOf(2), "c.yml": policyOf(3), "d.yaml": "version: 1\naccount: " + account(4) + "\n",
		"e.yaml": policyOf(5), "f.yaml": policyOf(5), "g.yaml": policyOf(6),
		// none of these is a policy of the folder
		".hidden.yaml": policyOf(7), "README.md": "x", "policy.yaml.bak": policyOf(8),
	}
}

func unreachable(t *testing.T) *sim.Faults {
	return stage.Must(sim.LoadFaults("faults.yaml", []byte(`faults: [{on: any, account: "`+account(2)+`", times: 0, do: denied}]`)))
}

// summaryIn reads the summary of a folder of reports, and holds it to its schema.
func summaryIn(t *testing.T, path string) *report.Accounts {
	t.Helper()
	raw := stage.Must(os.ReadFile(path))
	stage.Fits(t, "summary", raw)
	return stage.Must(report.DecodeAccounts(raw))
}

// lines are the rows of a summary in short.
func lines(a *report.Accounts) []string {
	return stage.Each(a.Files, func(r report.AccountRow) string {
		return fmt.Sprintf("%s %s %s %s %d %d", r.File, r.Account, r.Report, r.Verdict, r.ExitCode, r.Summary.Revoked)
	})
}

// What is wrong with one file, or with its account, stops no other: each is the
// run that it would be alone.
func TestSixAccounts(t *testing.T) {
	dir, out := stage.Put(t, six()), filepath.Join(t.TempDir(), "reports")
	stage.BubbleOfAccounts(t, stage.HubEstate(), members(1, 2, 3, 5, 6), unreachable(t), func(w *stage.Accounts) {
		got := w.Enter(context.Background(), nil, "run", "--policy-dir", dir, "-o", out, "--dry-run=false")
		s := summaryIn(t, filepath.Join(out, "summary.json"))
		want := []string{
			"a.yaml " + account(1) + " a.json converged 0 1",
			"b.yaml " + account(2) + " b.json error 1 0",
			"c.yml " + account(3) + " c.json converged 0 1",
			"d.yaml  d.json invalid 2 0",
			"e.yaml " + account(5) + " e.json invalid 2 0",
			"f.yaml " + account(5) + " f.json invalid 2 0",
			"g.yaml " + account(6) + " g.json converged 0 1",
		}
		if diff := cmp.Diff(want, lines(s)); diff != "" {
			t.Errorf("rows (-want +got):\n%s\n%s", diff, got.Stderr)
		}
		if got.Code != 2 || s.Verdict.ExitCode != 2 || s.Run.Mode != report.Apply ||
			!cmp.Equal(s.Verdict.Reasons, []string{"invalid", "error"}) || s.Totals.Summary.Revoked != 3 ||
			!cmp.Equal(s.Totals.Verdicts, map[string]int{"converged": 3, "invalid": 3, "error": 1}) {
			t.Errorf("exit %d, %+v, %+v", got.Code, s.Verdict, s.Totals)
		}
		for n, writes := range map[int]int{1: 1, 3: 1, 6: 1, 2: 0, 5: 0} {
			if saw := got.In(account(n)); saw["CleanClusterUserPermissions"] != writes || n == 5 && len(saw) > 0 {
				t.Errorf("account %d saw %v", n, saw)
			}
		}
		if hub := got.In(stage.Account); len(hub) != 1 || hub["AssumeRole"] != 4 {
			t.Errorf("the hub saw %v", hub)
		}
		for _, row := range s.Files {
			r := stage.Must(report.Read(filepath.Join(out, row.Report)))
			if why := row.Disagrees(r); why != "" || report.Check(r) != nil {
				t.Errorf("%s: %s %v", row.Report, why, report.Check(r))
			}
		}
		stage.Says(t, got.Stderr, `"file":"a.yaml"`, "several policy files are about account "+account(5)+": e.yaml, f.yaml",
			"d.yaml: "+filepath.Join(dir, "d.yaml")+":2:10: account must be quoted",
			"invalid (exit 2): 7 policy files: 3 invalid, 1 error, 3 converged; 3 of 3 actions revoked and proven, 3 settled; "+
				"look at d.yaml (invalid), e.yaml (invalid), f.yaml (invalid), and 1 more.")

		// Once more, nothing is left to do where something was done.
		again := w.Enter(context.Background(), nil, "run", "--policy-dir", dir, "-o", out, "--dry-run=false")
		if len(again.Writes()) > 0 {
			t.Errorf("the second round wrote %v", again.Writes())
		}
	})
}

// A signal lets what is under way end as a run does, and what has not begun does
// not begin; the next round does it.
func TestInterrupted(t *testing.T) {
	dir, out := stage.Put(t, map[string]string{"a.yaml": policyOf(1), "b.yaml": policyOf(2), "c.yaml": policyOf(3)}), t.TempDir()
	stage.BubbleOfAccounts(t, stage.HubEstate(), members(1, 2, 3), nil, func(w *stage.Accounts) {
		ctx, cancel := context.WithCancelCause(context.Background())
		defer time.AfterFunc(5*time.Second, func() { cancel(end.SIGTERM) }).Stop() // while the first one is proven
		args := []string{"run", "--policy-dir", dir, "-o", out, "--dry-run=false", "--accounts-concurrency", "1", "--read-qps", "1"}
		got := w.Enter(ctx, nil, args...)
		s := summaryIn(t, filepath.Join(out, "summary.json"))
		if got.Code != 143 || !s.Run.Interrupted || s.Verdict.Name != end.Interrupted {
			t.Errorf("exit %d, %+v", got.Code, s.Verdict)
		}
		for i, row := range s.Files {
			if row.Verdict != end.Interrupted || row.ExitCode != 143 || (row.Report == "") != (i > 0) {
				t.Errorf("%+v", row)
			}
		}
		if row := s.Files[2]; row.Error != "not started: interrupted by SIGTERM" || len(got.In(account(3))) > 0 {
			t.Errorf("%s; it saw %v", row.Error, got.In(account(3)))
		}
		stage.Says(t, got.Stderr, "interrupted (exit 143): 3 policy files: 3 interrupted")
		proof := w.Enter(context.Background(), nil, "summary", out, "--proof-only")
		stage.Says(t, proof.Stderr, "missing: c.yaml was not handled: not started: interrupted by SIGTERM")
		if whole := w.Enter(context.Background(), nil, "summary", out); proof.Code != 6 || whole.Code != 143 {
			t.Errorf("summary: exit %d of the proof, %d of the whole", proof.Code, whole.Code)
		}
		w.Must(w.Enter(context.Background(), nil, args...), 0)
		if s := summaryIn(t, filepath.Join(out, "summary.json")); s.Totals.Verdicts["converged"] != 3 {
			t.Errorf("the next round: %+v", s.Totals)
		}
	})
}

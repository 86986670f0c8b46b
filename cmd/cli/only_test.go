package cli_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/cmd/test/stage"
)

// run --only is a run of its own over part of the list: the rest is neither
// read nor counted, and every place that says how it ended says so.
func TestOnly(t *testing.T) {
	stage.Keys(t, stage.Account)
	estate := stage.Must(os.ReadFile("../../testdata/estate.yaml"))
	policy := "../../policy.yaml"
	stage.Bubble(t, estate, stage.Noon, func(w *stage.World) {
		ctx := context.Background()
		all := w.Run(ctx, "-p", policy)
		if len(all.Report.Run.Only) != 0 || all.Report.Summary.Entries != 7 {
			t.Errorf("without --only: %v, %d entries", all.Report.Run.Only, all.Report.Summary.Entries)
		}
		plan := w.Run(ctx, "-p", policy, "--only", "200000000000000004,200000000000000001", "--only", "200000000000000001", "--log-format",
			"console")
		r := plan.Report
		stage.Fits(t, "report", plan.Raw)
		want := []string{"200000000000000001", "200000000000000004"}
		if diff := cmp.Diff(want, r.Run.Only); diff != "" {
			t.Errorf("run.only (-want +got):\n%s", diff)
		}
		if r.Policy.Entries != 7 || r.Summary.Entries != 2 || r.Summary.InEffect != 2 || len(r.Principals) != 2 || r.Summary.Targets != 16 {
			t.Errorf("accounting: %+v of %d entries", r.Summary, r.Policy.Entries)
		}
		for _, a := range r.Plan.Actions {
			if a.UID != want[0] && a.UID != want[1] {
				t.Errorf("planned beside --only: %s", a.ID)
			}
		}
		if n := plan.Count("ListUserKubeConfigStates"); n != 2 {
			t.Errorf("%d principals were read for 2 entries", n)
		}
		stage.Says(t, plan.Stderr, "planned (2 of 7 entries) (exit 0): ",
			"--only 200000000000000004,200000000000000001 --only 200000000000000001 --log-format console --dry-run=false "+
				"--expect-plan "+r.Plan.Digest)

		// The digest is that of the reduced plan, and of no other.
		if all.Report.Plan.Digest == r.Plan.Digest {
			t.Error("the reduced plan has the digest of the whole one")
		}
		drift := w.Run(ctx, "-p", policy, "--only", want[0], "--dry-run=false", "--expect-plan", r.Plan.Digest)
		if drift.Code != 4 || len(drift.Writes()) > 0 {
			t.Errorf("another choice with the digest of this one: exit %d, writes %v", drift.Code, drift.Writes())
		}
		applied := w.Run(ctx, "-p", policy, "--only", strings.Join(want, ","), "--dry-run=false", "--expect-plan", r.Plan.Digest,
			"--log-format", "console")
		if applied.Code != 0 || applied.Report.Summary.Revoked != 3 {
			t.Errorf("exit %d, %+v\n%s", applied.Code, applied.Report.Summary, applied.Stderr)
		}
		for _, write := range applied.Writes() {
			if !strings.HasSuffix(write, want[0]) && !strings.HasSuffix(write, want[1]) {
				t.Errorf("written beside --only: %s", write)
			}
		}
		stage.Says(t, applied.Stderr, "converged (2 of 7 entries) (exit 0): 3 of 3 actions revoked and proven")

		// What was not chosen is as it was.
		rest := w.Run(ctx, "-p", policy)
		if got, want := len(rest.Report.Plan.Actions), len(all.Report.Plan.Actions)-3; got != want {
			t.Errorf("%d actions are left for the whole policy, want %d", got, want)
		}
		one := w.Run(ctx, "-p", policy, "--only", want[0], "--log-format", "console")
		stage.Says(t, one.Stderr, "converged (1 of 7 entries) (exit 0): nothing to revoke")
	})
}

// A cap is over the plan of the run, so a choice can fit where all do not.
func TestOnlyGuards(t *testing.T) {
	stage.Keys(t, stage.Account)
	estate := stage.Must(os.ReadFile("../../testdata/estate.yaml"))
	file := strings.Replace(string(stage.Must(os.ReadFile("../../policy.yaml"))), "maxPrincipals: 10", "maxPrincipals: 1", 1)
	file = strings.Replace(file, "effective: 2026-11-01", "effective: 2027-11-01", 1)
	policy := filepath.Join(t.TempDir(), "policy.yaml")
	if err := os.WriteFile(policy, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	stage.Bubble(t, estate, stage.Noon, func(w *stage.World) {
		ctx := context.Background()
		if got := w.Run(ctx, "-p", policy); got.Code != 4 {
			t.Errorf("all: exit %d", got.Code)
		}
		if got := w.Run(ctx, "-p", policy, "--only", "200000000000000004"); got.Code != 0 || got.Report.Summary.Actions != 1 {
			t.Errorf("one: exit %d, %+v", got.Code, got.Report.Summary)
		}
		got := w.Run(ctx, "-p", policy, "--only", "200000000000000001")
		if s := got.Report.Summary; got.Code != 0 || s.Pending != 1 || s.InEffect != 0 || s.Entries != 1 {
			t.Errorf("one that is pending: exit %d, %+v", got.Code, s)
		}
		// Under another account, too, the entries add up.
		other := strings.Replace(file, `"1234567890123456"`, `"1234567890123457"`, 1)
		if err := os.WriteFile(policy, []byte(other), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := w.Run(ctx, "-p", policy, "--only", "200000000000000004"); got.Code != 4 || got.Report.Policy.Entries != 7 ||
			got.Report.Summary.Entries != 1 {
			t.Errorf("another account: exit %d, %+v", got.Code, got.Report.Summary)
		}
	})
}

func TestOnlyIsUsedWrongly(t *testing.T) {
	stage.Keys(t, stage.Account)
	stage.Bubble(t, stage.Must(os.ReadFile("../../testdata/estate.yaml")), stage.Noon, func(w *stage.World) {
		for _, c := range []struct {
			args []string
			want string
		}{
			{[]string{"--only", "200000000000000003"}, "--only: ../../policy.yaml has no entry for 200000000000000003"},
			{[]string{"--only", "200000000000000001,1,2"}, "has no entry for 1, 2"},
			{[]string{"--only", "alice"}, `--only "alice" is no uid`},
			{[]string{"--only", ""}, "--only is empty"},
			{[]string{"--only", "1,"}, `--only "" is no uid`},
			{[]string{"--only", "200000000000000001", "--schedule", "@daily"}, "--only is for a single run"},
		} {
			got := w.Run(context.Background(), append([]string{"-p", "../../policy.yaml"}, c.args...)...)
			if got.Code != 2 || got.Report != nil || len(got.Calls) > 0 {
				t.Errorf("%v: exit %d, %d calls, report %v", c.args, got.Code, len(got.Calls), got.Report != nil)
			}
			stage.Says(t, got.Stderr, c.want)
		}
		// An invalid policy is reported as ever.
		bad := filepath.Join(w.Dir, "bad.yaml")
		if err := os.WriteFile(bad, []byte("version: 2\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := w.Run(context.Background(), "-p", bad, "--only", "1"); got.Code != 2 || got.Report == nil || got.Report.Summary.Entries != 0 {
			t.Errorf("invalid policy: exit %d, report %+v", got.Code, got.Report)
		}
		for _, command := range [][]string{{"run", "-p", "../../policy.yaml", "-o", filepath.Join(w.Dir, "r.json")}} {
			got := w.AskAs(context.Background(), "", []string{"ACKREVOKE_ONLY=200000000000000001"}, command...)
			got.MustExit(t, 2)
			stage.Says(t, got.Stderr, "--only is taken from the command line only")
		}
	})
}

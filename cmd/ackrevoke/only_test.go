package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// run --only is a run of its own over part of the list: the rest is neither
// read nor counted, and every place that says how it ended says so.
func TestOnly(t *testing.T) {
	keys(t, showcaseAccount)
	estate := must(os.ReadFile("../../testdata/estate.yaml"))
	policy := "../../policy.yaml"
	bubble(t, estate, noon, func(w *world) {
		ctx := context.Background()
		all := w.run(ctx, "-p", policy)
		if len(all.report.Run.Only) != 0 || all.report.Summary.Entries != 7 {
			t.Errorf("without --only: %v, %d entries", all.report.Run.Only, all.report.Summary.Entries)
		}
		plan := w.run(ctx, "-p", policy, "--only", "200000000000000004,200000000000000001", "--only", "200000000000000001", "--log-format", "console")
		r := plan.report
		fits(t, "report", plan.raw)
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
		if n := plan.count("ListUserKubeConfigStates"); n != 2 {
			t.Errorf("%d principals were read for 2 entries", n)
		}
		says(t, plan.stderr, "planned (2 of 7 entries) (exit 0): ", "--only 200000000000000004,200000000000000001 --only 200000000000000001 --log-format console --dry-run=false --expect-plan "+r.Plan.Digest)

		// The digest is that of the reduced plan, and of no other.
		if all.report.Plan.Digest == r.Plan.Digest {
			t.Error("the reduced plan has the digest of the whole one")
		}
		drift := w.run(ctx, "-p", policy, "--only", want[0], "--dry-run=false", "--expect-plan", r.Plan.Digest)
		if drift.code != 4 || len(drift.writes()) > 0 {
			t.Errorf("another choice with the digest of this one: exit %d, writes %v", drift.code, drift.writes())
		}
		applied := w.run(ctx, "-p", policy, "--only", strings.Join(want, ","), "--dry-run=false", "--expect-plan", r.Plan.Digest, "--log-format", "console")
		if applied.code != 0 || applied.report.Summary.Revoked != 3 {
			t.Errorf("exit %d, %+v\n%s", applied.code, applied.report.Summary, applied.stderr)
		}
		for _, write := range applied.writes() {
			if !strings.HasSuffix(write, want[0]) && !strings.HasSuffix(write, want[1]) {
				t.Errorf("written beside --only: %s", write)
			}
		}
		says(t, applied.stderr, "converged (2 of 7 entries) (exit 0): 3 of 3 actions revoked and proven")

		// What was not chosen is as it was.
		rest := w.run(ctx, "-p", policy)
		if got, want := len(rest.report.Plan.Actions), len(all.report.Plan.Actions)-3; got != want {
			t.Errorf("%d actions are left for the whole policy, want %d", got, want)
		}
		one := w.run(ctx, "-p", policy, "--only", want[0], "--log-format", "console")
		says(t, one.stderr, "converged (1 of 7 entries) (exit 0): nothing to revoke")
	})
}

// A cap is over the plan of the run, so a choice can fit where all do not.
func TestOnlyGuards(t *testing.T) {
	keys(t, showcaseAccount)
	estate := must(os.ReadFile("../../testdata/estate.yaml"))
	file := strings.Replace(string(must(os.ReadFile("../../policy.yaml"))), "maxPrincipals: 10", "maxPrincipals: 1", 1)
	file = strings.Replace(file, "effective: 2026-11-01", "effective: 2027-11-01", 1)
	policy := filepath.Join(t.TempDir(), "policy.yaml")
	if err := os.WriteFile(policy, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	bubble(t, estate, noon, func(w *world) {
		ctx := context.Background()
		if got := w.run(ctx, "-p", policy); got.code != 4 {
			t.Errorf("all: exit %d", got.code)
		}
		if got := w.run(ctx, "-p", policy, "--only", "200000000000000004"); got.code != 0 || got.report.Summary.Actions != 1 {
			t.Errorf("one: exit %d, %+v", got.code, got.report.Summary)
		}
		got := w.run(ctx, "-p", policy, "--only", "200000000000000001")
		if s := got.report.Summary; got.code != 0 || s.Pending != 1 || s.InEffect != 0 || s.Entries != 1 {
			t.Errorf("one that is pending: exit %d, %+v", got.code, s)
		}
		// Under another account, too, the entries add up.
		other := strings.Replace(file, `"1234567890123456"`, `"1234567890123457"`, 1)
		if err := os.WriteFile(policy, []byte(other), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := w.run(ctx, "-p", policy, "--only", "200000000000000004"); got.code != 4 || got.report.Policy.Entries != 7 || got.report.Summary.Entries != 1 {
			t.Errorf("another account: exit %d, %+v", got.code, got.report.Summary)
		}
	})
}

func TestOnlyIsUsedWrongly(t *testing.T) {
	keys(t, showcaseAccount)
	bubble(t, must(os.ReadFile("../../testdata/estate.yaml")), noon, func(w *world) {
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
			got := w.run(context.Background(), append([]string{"-p", "../../policy.yaml"}, c.args...)...)
			if got.code != 2 || got.report != nil || len(got.calls) > 0 {
				t.Errorf("%v: exit %d, %d calls, report %v", c.args, got.code, len(got.calls), got.report != nil)
			}
			says(t, got.stderr, c.want)
		}
		// An invalid policy is reported as ever.
		bad := filepath.Join(w.dir, "bad.yaml")
		if err := os.WriteFile(bad, []byte("version: 2\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := w.run(context.Background(), "-p", bad, "--only", "1"); got.code != 2 || got.report == nil || got.report.Summary.Entries != 0 {
			t.Errorf("invalid policy: exit %d, report %+v", got.code, got.report)
		}
		for _, command := range [][]string{{"run", "-p", "../../policy.yaml", "-o", filepath.Join(w.dir, "r.json")}} {
			got := w.askAs(context.Background(), "", []string{"ACKREVOKE_ONLY=200000000000000001"}, command...)
			got.mustExit(t, 2)
			says(t, got.stderr, "--only is taken from the command line only")
		}
	})
}

// count is how often an operation was called.
func (r ran) count(operation string) int {
	n := 0
	for _, c := range r.calls {
		if c.Operation == operation {
			n++
		}
	}
	return n
}

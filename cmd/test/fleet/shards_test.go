package fleet

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/report"
)

// job is the environment of the pod of an Indexed Job.
func job(index, completions int) []string {
	return []string{fmt.Sprintf("JOB_COMPLETION_INDEX=%d", index), fmt.Sprintf("JOB_COMPLETIONS=%d", completions)}
}

// fleet is a folder of five policies whose accounts are all well.
func fleet(t *testing.T) (dir, out string) {
	files := map[string]string{}
	for n := 1; n <= 5; n++ {
		files[fmt.Sprintf("%c.yaml", 'a'+n-1)] = policyOf(n)
	}
	return stage.Put(t, files), filepath.Join(t.TempDir(), "reports")
}

// The pods of an Indexed Job share the files, each is handled once, and that is
// proven; without the summary of one pod it is not.
func TestShards(t *testing.T) {
	dir, out := fleet(t)
	stage.BubbleOfAccounts(t, stage.HubEstate(), members(1, 2, 3, 4, 5), nil, func(w *stage.Accounts) {
		ctx := context.Background()
		for i, want := range []string{"a.yaml d.yaml", "b.yaml e.yaml", "c.yaml"} {
			args := []string{"run", "--policy-dir", dir, "-o", out, "--dry-run=false", "--shard", "auto"}
			got := w.Enter(ctx, job(i, 3), args...)
			w.Must(got, 0)
			s := summaryIn(t, filepath.Join(out, fmt.Sprintf("summary-%d-of-3.json", i)))
			names := strings.Join(stage.Each(s.Files, func(r report.AccountRow) string { return r.File }), " ")
			if names != want || len(s.Set.Files) != 5 || s.Shard != (report.Shard{Index: i, Count: 3}) {
				t.Errorf("shard %d: %s of %d", i, names, len(s.Set.Files))
			}
			if i == 1 {
				before := w.Enter(ctx, nil, "summary", out, "-o", "-")
				if before.Code != 6 || before.Stdout != "" {
					t.Errorf("with a pod that is still missing: exit %d, %s", before.Code, before.Stdout)
				}
				stage.Says(t, before.Stderr, "missing: shard 2 of 3 has no summary; its files: c.yaml")
			}
		}
		got := w.Enter(ctx, nil, "summary", out, "-o", "-", "--policy-dir", dir, "--max-age", "1h")
		w.Must(got, 0)
		stage.Fits(t, "summary", []byte(got.Stdout))
		all := stage.Must(report.DecodeAccounts([]byte(got.Stdout)))
		if all.Totals.Summary.Revoked != 5 || len(all.MergedFrom) != 3 || all.Files[2].Report != filepath.Join(out, "c.json") {
			t.Errorf("%+v %v %+v", all.Totals, all.MergedFrom, all.Files[2])
		}
		stage.Says(t, got.Stderr, "converged (exit 0): 5 policy files: 5 converged; 5 of 5 actions revoked and proven, 5 settled.")
		if len(got.Calls) > 0 {
			t.Errorf("summary called %v", got.Calls)
		}

		// A merged one among them is none of them.
		merged := filepath.Join(out, "summary.json")
		for range 2 {
			w.Must(w.Enter(ctx, nil, "summary", out, "-o", merged), 0)
		}
		summaryIn(t, merged)
	})
}

// A shard that is run by hand is the one that a pod would run; where there are
// more shards than files, some have nothing to do.
func TestShardByHand(t *testing.T) {
	dir, out := fleet(t)
	stage.BubbleOfAccounts(t, stage.HubEstate(), members(1, 2, 3, 4, 5), nil, func(w *stage.Accounts) {
		for i := range 7 {
			got := w.Enter(context.Background(), nil, "run", "--policy-dir", dir, "-o", out, "--shard", fmt.Sprintf("%d/7", i))
			if w.Must(got, 0); i > 4 && len(got.Calls) > 0 {
				t.Errorf("shard %d saw %v", i, got.Calls)
			}
		}
		got := w.Enter(context.Background(), nil, "summary", out)
		w.Must(got, 0)
		stage.Says(t, got.Stderr, "planned (exit 0): 5 policy files: 5 planned; dry run, nothing was written: 5 actions planned")
	})
}

// What a summary says and what lies beside it must be of one run, and the set must
// be the one of today where that is asked.
func TestSummaryRefuses(t *testing.T) {
	dir, out := fleet(t)
	stage.BubbleOfAccounts(t, stage.HubEstate(), members(1, 2, 3, 4, 5), nil, func(w *stage.Accounts) {
		run := func(args ...string) {
			w.Must(w.Enter(context.Background(), nil, append([]string{"run", "--policy-dir", dir, "-o", out}, args...)...), 0)
		}
		refused := func(want string, args ...string) {
			t.Helper()
			got := w.Enter(context.Background(), nil, append([]string{"summary", out}, args...)...)
			got2 := stage.Asked{Code: got.Code, Stdout: got.Stdout, Stderr: got.Stderr}
			got2.MustExit(t, 6)
			stage.Says(t, got.Stderr, want)
		}
		refusedWith := func(path, text, want string, args ...string) { // and puts the file back
			t.Helper()
			was := stage.Must(os.ReadFile(path))
			stage.NoError(t, os.WriteFile(path, []byte(text), 0o600))
			refused(want, args...)
			stage.NoError(t, os.WriteFile(path, was, 0o600))
		}
		run()
		w.Must(w.Enter(context.Background(), nil, "summary", out, "--policy-dir", dir), 0)
		report, policy := filepath.Join(out, "b.json"), filepath.Join(dir, "b.yaml")
		refusedWith(report, "{}", "schema is")
		refusedWith(report, string(stage.Must(os.ReadFile(filepath.Join(out, "a.json")))), "b.json of b.yaml: its run is")
		refusedWith(filepath.Join(out, "summary.json"), "{", "damaged: "+filepath.Join(out, "summary.json"))
		refusedWith(policy, policyOf(2)+"# changed\n", "another state: "+policy+" changed since it was run", "--policy-dir", dir)
		stage.NoError(t, os.WriteFile(filepath.Join(dir, "z.yaml"), []byte(policyOf(9)), 0o600))
		refused("missing: z.yaml is in "+dir+" now", "--policy-dir", dir)
		stage.NoError(t, os.Remove(filepath.Join(dir, "z.yaml")))
		stage.NoError(t, os.Rename(policy, policy+".old"))
		refused("foreign: b.yaml was run, and is not in "+dir+" now", "--policy-dir", dir)
		stage.NoError(t, os.Rename(policy+".old", policy))
		stage.NoError(t, os.Remove(report))
		refused("report " + report + " of b.yaml: it is missing")
		run()
		time.Sleep(time.Hour) // in a bubble it costs nothing
		refused("old: "+filepath.Join(out, "summary.json")+" is of a run that began at", "--max-age", "30m")

		// A shard of a folder that ran whole before, and one of another state of the policy.
		run("--shard", "0/2")
		refused("missing: shard 1 of 2 has no summary; its files: b.yaml, d.yaml")
		stage.NoError(t, os.WriteFile(policy, []byte(policyOf(2)+"# changed\n"), 0o600))
		run("--shard", "1/2")
		refused("another set of policy files")
	})
}

// Where the number of shards was changed, the summaries of the old number prove
// nothing and are in nobody's way: all of the new number have to be there. Two
// numbers at work at one time are refused.
func TestAnotherNumberOfShards(t *testing.T) {
	dir, out := fleet(t)
	stage.BubbleOfAccounts(t, stage.HubEstate(), members(1, 2, 3, 4, 5), nil, func(w *stage.Accounts) {
		run := func(shards ...string) {
			for _, s := range shards {
				w.Must(w.Enter(context.Background(), nil, "run", "--policy-dir", dir, "-o", out, "--shard", s), 0)
			}
		}
		summary := func(code int, says ...string) {
			t.Helper()
			got := w.Enter(context.Background(), nil, "summary", out)
			if got.Code != code {
				t.Errorf("exit %d, want %d", got.Code, code)
			}
			stage.Says(t, got.Stderr, says...)
		}
		run("0/3", "1/3", "2/3")
		summary(0)
		time.Sleep(time.Hour)
		run("0/2")
		summary(6, "missing: shard 1 of 2 has no summary", "passed over: it is of a run in 3 shards, and there is a later one in 2")
		run("1/2")
		summary(0, "passed over", "5 policy files: 5 planned")
		time.Sleep(24 * time.Hour)
		run("1/2") // the other one of yesterday's is too old, and those before it do not count
		summary(6, "old: "+filepath.Join(out, "summary-0-of-2.json"))
		run("0/2")
		summary(0)
		run("0/1") // while others are at work
		late := filepath.Join(out, "summary-0-of-2.json")
		s := summaryIn(t, late)
		s.Run.FinishedAt = report.At(s.Run.FinishedAt.Add(time.Hour))
		stage.NoError(t, report.Write(late, s))
		summary(6, "another number of shards")
	})
}

// Whoever asks for the proof alone is not told a second time how the runs ended.
func TestProofOnly(t *testing.T) {
	dir, out := fleet(t)
	stage.BubbleOfAccounts(t, stage.HubEstate(), members(1, 2, 3, 4, 5), nil, func(w *stage.Accounts) {
		enter := func(code int, args ...string) {
			t.Helper()
			if got := w.Enter(context.Background(), nil, args...); got.Code != code {
				t.Errorf("%v: exit %d, want %d\n%s", args, got.Code, code, got.Stderr)
			}
		}
		enter(3, "run", "--policy-dir", dir, "-o", out, "--check", "--shard", "0/2")
		enter(6, "summary", out, "--proof-only")
		// A file that is added between two shards is looked at by neither.
		stage.NoError(t, os.WriteFile(filepath.Join(dir, "0.yaml"), []byte(policyOf(9)), 0o600))
		enter(3, "run", "--policy-dir", dir, "-o", out, "--check", "--shard", "1/2")
		enter(6, "summary", out, "--proof-only")
		stage.NoError(t, os.Remove(filepath.Join(dir, "0.yaml")))
		for _, shard := range []string{"0/2", "1/2"} {
			enter(3, "run", "--policy-dir", dir, "-o", out, "--check", "--shard", shard)
		}
		enter(3, "summary", out)
		enter(0, "summary", out, "--proof-only")
		time.Sleep(13 * time.Hour)
		enter(6, "summary", out, "--proof-only") // of another night
	})
}

// The digest of the set is what sha256sum says of its own output.
func TestDigestOfTheSet(t *testing.T) {
	dir, out := fleet(t)
	stage.BubbleOfAccounts(t, stage.HubEstate(), members(1, 2, 3, 4, 5), nil, func(w *stage.Accounts) {
		w.Must(w.Enter(context.Background(), nil, "run", "--policy-dir", dir, "-o", out), 0)
		var said string
		for _, name := range []string{"a.yaml", "b.yaml", "c.yaml", "d.yaml", "e.yaml"} {
			said += fmt.Sprintf("%x  %s\n", sha256.Sum256(stage.Must(os.ReadFile(filepath.Join(dir, name)))), name)
		}
		if s := summaryIn(t, filepath.Join(out, "summary.json")); s.Set.SHA256 != fmt.Sprintf("%x", sha256.Sum256([]byte(said))) {
			t.Errorf("%s", s.Set.SHA256)
		}
	})
}

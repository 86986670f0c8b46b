package node

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"ackrevoke/e2e/plane"
)

const (
	example  = "1234567890123456" // the account of testdata/estate.yaml
	policy   = "--set-file=policy=policy.yaml"
	revoking = "--set=revoke=true"
)

// estate is the account of the example policy.
func estate() string { return filepath.Join(plane.Repository, "testdata/estate.yaml") }

// report is what the stories read of one.
type report struct {
	Verdict struct {
		Name     string
		ExitCode int
		Reasons  []string
	}
	Run        struct{ FinishedAt time.Time }
	Outcomes   []struct{ Action, Status string }
	Unfinished []json.RawMessage
}

func (r *release) report(t *testing.T) report {
	t.Helper()
	var out report
	plane.Must(t, json.Unmarshal(r.read(t, "report.json"), &out))
	return out
}

// dry, revoked, quiet, given back, and looked at again: the life of a release.
func storyOfARelease(t *testing.T, n *node) {
	a := simulate(t, "", estate())
	r := n.prepare(t, "whole", a, example)
	plane.Step(t, "dry run, as installed by default: something is left, so pod exit code 3, Job failed, closing line as termination message",
		func(t *testing.T) {
			r.install(t, policy)
			e := r.run(t, "dry")
			wantEnd(t, e, 3, "PodFailurePolicy")
			wantMessage(t, e, "exit 3")
			if writes := a.writes(0); len(writes) > 0 {
				t.Errorf("a dry run wrote: %+v", writes)
			}
		})
	plane.Step(t, "revoke: exit code 0, Job complete, the account saw the writes", func(t *testing.T) {
		r.install(t, policy, revoking)
		e := r.run(t, "revoke")
		wantEnd(t, e, 0, "")
		wantMessage(t, e, "")
		if writes := a.writes(0); len(writes) != 9 {
			t.Errorf("the account saw %d writes, want the 9 of make demo: %+v", len(writes), writes)
		}
	})
	plane.Step(t, "report and journal lie on the volume, of user 65532, closed to others", func(t *testing.T) {
		if got := r.report(t); got.Verdict.ExitCode != 0 || len(got.Outcomes) != 9 {
			t.Errorf("%+v", got)
		}
		for _, pattern := range []string{"report.json", "report-*.json", "journal/*.done.jsonl"} {
			wantOwned(t, filepath.Join(r.volume, pattern))
		}
	})
	plane.Step(t, "the second run is quiet: exit code 0, no write", func(t *testing.T) {
		before := len(a.calls())
		wantEnd(t, r.run(t, "again"), 0, "")
		if writes := a.writes(before); len(writes) > 0 {
			t.Errorf("it wrote: %+v", writes)
		}
	})
	restoring(t, r)
}

// wantEnd expects how a Job and its pod ended.
func wantEnd(t *testing.T, e ended, code int, reason string) {
	t.Helper()
	if got := e.exit(); got.ExitCode != code || e.reason() != reason {
		t.Errorf("exit code %d, Job failed for %q; want %d, %q\n%+v\n%s", got.ExitCode, e.reason(), code, reason, got, e.log)
	}
}

// wantMessage expects that the pod says how it ended: an exit code other than 0
// comes with the end of the log, whose last line is the closing one.
func wantMessage(t *testing.T, e ended, says string) {
	t.Helper()
	if message := e.exit().Message; says == "" && message != "" || !strings.Contains(lastLine(message), says) ||
		message != "" && lastLine(message) != lastLine(e.log) {
		t.Errorf("the termination message is %q, want %q in the last line of\n%s", message, says, e.log)
	}
}

// wantOwned expects files that only the program's user can open.
func wantOwned(t *testing.T, pattern string) {
	t.Helper()
	found, err := filepath.Glob(pattern)
	plane.Must(t, err)
	if len(found) == 0 {
		t.Error("there is no " + pattern)
	}
	for _, path := range found {
		info, err := os.Stat(path)
		plane.Must(t, err)
		if owner := info.Sys().(*syscall.Stat_t).Uid; owner != 65532 || info.Mode().Perm() != 0o600 {
			t.Errorf("%s is of user %d, mode %v", path, owner, info.Mode())
		}
	}
}

// alice is whom the restore Job gives back what she had on one cluster.
const alice, prod = "200000000000000001", "c0a1000000000000000000000000000001"

// restore runs the restore Job of the chart, as docs/operate.md has it.
func (r *release) restore(t *testing.T, apply bool, values ...string) ended {
	t.Helper()
	args := append([]string{"template", "ackrevoke", chart, "--namespace", r.namespace, "--show-only", "templates/restore-job.yaml", revoking,
		"--set=restore.enabled=true", "--set-string=restore.uid=" + alice, "--set=restore.cluster=" + prod, "--set=restore.report=" + taken(t, r),
		"--set=restore.args={" + strings.Join(r.account.flags(), ",") + "}"}, append(r.values, values...)...)
	name := "ackrevoke-restore"
	if apply {
		args, name = append(args, "--set=restore.apply=true"), name+"-apply"
	}
	r.kubectl(t, "delete", "job", name, "--ignore-not-found")
	r.Kubectl(t, r.Helm(t, args...), "create", "--filename=-")
	return r.wait(t, name)
}

// restoring gives one principal its grants back by the template of the chart.
func restoring(t *testing.T, r *release) {
	t.Helper()
	before := len(r.account.calls())
	nothing := func(t *testing.T) {
		if writes := r.account.writes(before); len(writes) > 0 {
			t.Errorf("it wrote: %+v", writes)
		}
	}
	plane.Step(t, "the restore Job refuses (exit code 4) while the policy still lists whom it is to give back to", func(t *testing.T) {
		wantEnd(t, r.restore(t, false, policy), 4, "BackoffLimitExceeded")
		nothing(t)
	})
	without := "--set-file=policy=" + withoutAlice(t)
	plane.Step(t, "the restore Job looks first: no write", func(t *testing.T) {
		r.install(t, without, revoking)
		wantEnd(t, r.restore(t, false, without), 0, "")
		nothing(t)
	})
	plane.Step(t, "the restore Job gives back: one write, and a run with the entry would take it again", func(t *testing.T) {
		wantEnd(t, r.restore(t, true, without), 0, "")
		if writes := r.account.writes(before); len(writes) != 1 || writes[0].UID != alice {
			t.Errorf("it wrote: %+v", writes)
		}
		r.install(t, policy) // a dry run again
		wantEnd(t, r.run(t, "after"), 3, "PodFailurePolicy")
	})
}

// withoutAlice is the example policy without its first entry.
func withoutAlice(t *testing.T) string {
	t.Helper()
	text := string(plane.ReadFile(t, filepath.Join(plane.Repository, "policy.yaml")))
	from := strings.Index(text, `  - uid: "`+alice)
	to := strings.Index(text[from:], "\n\n")
	path := filepath.Join(t.TempDir(), "policy.yaml")
	plane.Write(t, path, []byte(text[:from]+text[from+to:]))
	return path
}

// taken is the report of the run that wrote; later ones do not replace it.
func taken(t *testing.T, r *release) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(r.volume, "report-*.json"))
	plane.Must(t, err)
	if len(found) == 0 {
		t.Fatal("the run that revoked left no report of its own")
	}
	return filepath.Base(found[0])
}

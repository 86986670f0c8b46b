package node

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"ackrevoke/e2e/plane"
)

// A script that holds up the third write, or the first read, as long as nobody
// gives up; and the flags with which nobody does, and one write follows the other.
const (
	hangingWrite = "faults: [{on: write, from: 3, do: hang}]"
	hangingRead  = "faults: [{on: read, do: hang}]"
)

var patient = []string{"--call-timeout=20m", "--concurrency=1"}

// done are the writes that the account answered, as a report names them.
func (a *account) done() []string {
	a.t.Helper()
	var out []string
	for _, c := range a.writes(0) {
		if c.Fault == "" {
			out = append(out, c.Cluster+"/"+c.UID)
		}
	}
	return out
}

// wantTrue expects a report that says of every write that was done that it was
// made, and of no other that it had any effect.
func wantTrue(t *testing.T, r *release, got report) {
	t.Helper()
	var revoked, unverified []string
	for _, o := range got.Outcomes {
		switch o.Status {
		case "revoked":
			revoked = append(revoked, o.Action)
		case "unverified": // made, and not proven: the answer did not come, or there was no time to look
			unverified = append(unverified, o.Action)
		}
	}
	done := r.account.done()
	t.Logf("revoked %v, unverified %v; the account took away %v", revoked, unverified, done)
	for _, action := range revoked {
		if !slices.Contains(done, action) {
			t.Errorf("%s is called revoked and was not", action)
		}
	}
	for _, action := range done {
		if !slices.Contains(append(revoked, unverified...), action) {
			t.Errorf("%s was taken away, and the report does not say so", action)
		}
	}
	if len(done) != 2 || len(got.Outcomes) != 9 || len(revoked)+len(unverified) != 3 {
		t.Errorf("%d writes were done and one was not answered, of %d outcomes", len(done), len(got.Outcomes))
	}
}

// A Job that is out of time.
func storyOfADeadline(t *testing.T, n *node) {
	a := simulate(t, hangingWrite, estate())
	r := n.prepare(t, "deadline", a, example, patient...)
	r.install(t, policy, revoking)
	plane.Step(t, "SIGTERM by activeDeadlineSeconds in the middle of a write: a true report, exit code 143",
		func(t *testing.T) {
			r.begin(t, "late")
			a.hangs(t)
			sent := time.Now()
			r.kubectl(t, "patch", "job", "late", "--patch", `{"spec": {"activeDeadlineSeconds": 1}}`)
			if e := r.wait(t, "late"); e.reason() != "DeadlineExceeded" {
				t.Errorf("%+v", e.Status.Conditions)
			}
			plane.Await(t, "the report", func() (bool, string) {
				_, err := os.Stat(filepath.Join(r.volume, "report.json"))
				return err == nil, fmt.Sprint(err)
			})
			got := r.report(t)
			t.Logf("the report was finished %s after the Job ran out of time", got.Run.FinishedAt.Sub(sent).Round(time.Second))
			if got.Verdict.ExitCode != 143 || got.Verdict.Name != "interrupted" {
				t.Errorf("%+v", got.Verdict)
			}
			wantTrue(t, r, got)
		})
	plane.Step(t, "and the next run converges", func(t *testing.T) { converges(t, r) })
}

// A process that is killed.
func storyOfAKill(t *testing.T, n *node) {
	a := simulate(t, hangingWrite, estate())
	r := n.prepare(t, "killed", a, example, patient...)
	r.install(t, policy, revoking)
	r.begin(t, "killed")
	a.hangs(t)
	process := r.process(t, "killed", "")
	plane.Step(t, "the process in the pod: user 65532, read-only root, no capability, no new privileges, system calls filtered",
		func(t *testing.T) { wantConfined(t, process) })
	plane.Step(t, "SIGKILL in the middle of a write: exit code 137, the Job failed, the journal is left open", func(t *testing.T) {
		plane.Must(t, syscall.Kill(process, syscall.SIGKILL))
		wantEnd(t, r.wait(t, "killed"), 137, "PodFailurePolicy")
		if open := r.read(t, "journal/ackrevoke.journal"); len(open) == 0 {
			t.Error("the journal is empty")
		}
	})
	plane.Step(t, "and the next run converges, and names the writes of which no report tells", func(t *testing.T) {
		e := converges(t, r)
		if !strings.Contains(lastLine(e.log), "3 writes of an earlier run ended without a report") || len(r.report(t).Unfinished) != 3 {
			t.Errorf("%d unfinished in the report\n%s", len(r.report(t).Unfinished), lastLine(e.log))
		}
	})
}

// A node that is drained.
func storyOfADrain(t *testing.T, n *node) {
	a := simulate(t, hangingRead, estate())
	r := n.prepare(t, "drained", a, example, patient...)
	r.install(t, policy, revoking)
	plane.Step(t, "a node drain in the middle of a run: podFailurePolicy lets the Job go on, and the second pod ends it", func(t *testing.T) {
		r.begin(t, "drained")
		a.hangs(t)
		first := r.pods(t, "drained")[0].Metadata
		said := n.Kubectl(t, "", "drain", nodeName, "--ignore-daemonsets", "--delete-emptydir-data",
			"--pod-selector=app.kubernetes.io/component=run")
		if !strings.Contains(said, first.Name+" evicted") {
			t.Error(said)
		}
		n.Kubectl(t, "", "uncordon", nodeName)
		e := r.wait(t, "drained")
		wantEnd(t, e, 0, "")
		if e.Status.Succeeded != 1 || len(e.pods) != 1 || e.pods[0].Metadata.UID == first.UID {
			t.Errorf("%+v, and of the pods %+v the evicted one was %+v", e.Status, e.pods, first)
		}
	})
}

// converges runs again until nothing is left, which one run does.
func converges(t *testing.T, r *release) ended {
	t.Helper()
	e := r.run(t, "next")
	wantEnd(t, e, 0, "")
	if got := r.report(t); got.Verdict.Name != "converged" {
		t.Errorf("%+v", got.Verdict)
	}
	if all := r.account.done(); len(all) != 9 {
		t.Errorf("%d writes were done in both runs, want 9, each once: %v", len(all), all)
	}
	return e
}

// process is that of a Job's pod on this machine, in an Indexed Job of the one
// with that index.
func (r *release) process(t *testing.T, job, index string) int {
	t.Helper()
	var id string
	plane.Await(t, "the container of the Job "+job, func() (bool, string) {
		for _, p := range r.pods(t, job) {
			if p.Metadata.Annotations["batch.kubernetes.io/job-completion-index"] == index {
				for _, s := range p.Status.ContainerStatuses {
					id = strings.TrimPrefix(s.ContainerID, "containerd://")
				}
			}
		}
		return id != "", "the pod has none"
	})
	return r.runtime.pid(t, id)
}

// pid finds the task of a container.
func (c containerd) pid(t *testing.T, container string) int {
	t.Helper()
	tasks := c.run(t, "tasks", "list")
	for line := range strings.Lines(tasks) {
		if f := strings.Fields(line); f[0] == container {
			pid, err := strconv.Atoi(f[1])
			plane.Must(t, err)
			return pid
		}
	}
	t.Fatalf("%q is none of\n%s", container, tasks)
	return 0
}

// wantConfined asks the kernel what a process may do.
func wantConfined(t *testing.T, pid int) {
	t.Helper()
	status := string(plane.ReadFile(t, fmt.Sprintf("/proc/%d/status", pid)))
	const none = "0000000000000000"
	for _, want := range []string{"Uid:\t65532\t65532\t65532\t65532", "Gid:\t65532\t65532\t65532\t65532", "NoNewPrivs:\t1", "Seccomp:\t2",
		"CapInh:\t" + none, "CapPrm:\t" + none, "CapEff:\t" + none, "CapBnd:\t" + none, "CapAmb:\t" + none} {
		if !strings.Contains(status, want) {
			t.Errorf("%q is not in its status:\n%s", want, status)
		}
	}
	for line := range strings.Lines(string(plane.ReadFile(t, fmt.Sprintf("/proc/%d/mountinfo", pid)))) {
		if f := strings.Fields(line); f[4] == "/" && !slices.Contains(strings.Split(f[5], ","), "ro") {
			t.Errorf("its root is %s", line)
		}
	}
}

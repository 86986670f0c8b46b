package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/ack/sim"
	"ackrevoke/job/report"
)

// leaving is the account of somebody who left, with something to lose of each
// kind.
const leaving = `
account: "1234567890123456"
caller: {type: Account}
users: [{uid: "200000000000000001", name: alice, created: 2024-01-01T00:00:00Z}]
roles: [{uid: "300000000000000001", name: role, created: 2024-01-01T00:00:00Z}]
clusters:
  - {id: c1, name: one, region: r, created: 2024-01-01T00:00:00Z}
credentials:
  - {uid: "200000000000000001", cluster: c1, expires: 2028-01-01T00:00:00Z}
grants:
  - {uid: "200000000000000001", cluster: c1, role: dev}
`

// What is rejected after an answer was lost is the repetition; the lost one may
// have been accepted. The surfaces decide, and what was taken can be given back,
// by the report and by the journal.
func TestRejectedAfterALostAnswer(t *testing.T) {
	keys(t, showcaseAccount)
	nobody := policyFile(t, nil)
	for _, rejected := range []struct{ name, do, entry, kind string }{
		{"conflict", "times: 0, do: error, code: ErrAuthorizationConflict, status: 409", departedAlice, "conflict"},
		{"denied", "times: 0, do: denied", departedAlice, "denied"},
		{"invalid", "times: 0, do: error, code: ErrorWhatever, status: 400", departedAlice, "invalid"},
		{"not found", "times: 0, do: error, code: ErrorKubeConfigNotFound, status: 404", departedAlice, "notFound"},
		{"throttled", "times: 0, do: throttle", departedAlice, "throttled"},
		{"declined", "times: 0, do: error, code: ErrorKubeConfigInUse, status: 400",
			strings.Replace(departedAlice, "}", ", force: false}", 1), "declined"},
		{"declined with 403", "times: 0, do: error, code: ErrorInUse, status: 403",
			strings.Replace(departedAlice, "}", ", force: false}", 1), "declined"},
	} {
		for _, c := range []struct {
			name   string
			effect string
			first  string // what befalls the first write
			exit   int
			status report.Status
			later  time.Duration // before the restore
			gives  int
		}{
			{"in time", "20s", "resetAfter", 0, report.WasRevoked, 0, 1},
			{"after the proof", "10m", "resetAfter", 5, report.WasUnverified, time.Hour, 1},
			{"never", "0s", "resetBefore", 5, report.WasUnverified, 0, 0},
		} {
			t.Run(rejected.name+", "+c.name, func(t *testing.T) {
				listed := policyFile(t, []string{rejected.entry})
				script := must(sim.LoadFaults("faults.yaml", fmt.Appendf(nil, "faults: [{%s, do: %s}, {%s, %s}]", clean1,
					c.first, clean1, rejected.do)))
				bubbleWith(t, []byte(leaving+"behaviour: {cleanEffect: "+c.effect+"}\n"), script, noon, func(w *world) {
					before := w.account.Truth().Grants
					got := w.run(context.Background(), "-p", listed, "--dry-run=false")
					o := got.report.Outcomes[0]
					if got.code != c.exit || o.Status != c.status {
						t.Fatalf("exit %d, %s, want %d, %s\n%s", got.code, o.Status, c.exit, c.status, got.stderr)
					}
					if c.exit != 0 && (o.Error == nil || string(o.Error.Kind) != rejected.kind) {
						t.Errorf("the rejection is not told: %+v", o.Error)
					}
					journal := must(filepath.Glob(filepath.Join(w.dir, "report.json.journal", "*.done.jsonl")))[0]
					<-time.After(c.later)
					for i, source := range []string{journal, filepath.Join(w.dir, "report.json")} {
						back := w.restoreFrom(context.Background(), nil, source, nobody, "c1", "--dry-run=false")
						w.must(back.ran, 0)
						if want := []int{c.gives, 0}[i]; len(back.gives()) != want {
							t.Errorf("%s: writes %v, want %d", source, back.gives(), want)
						}
					}
					if diff := cmp.Diff(before, w.account.Truth().Grants); diff != "" {
						t.Errorf("grants (-before +after):\n%s", diff)
					}
				})
			})
		}
	}
}

// An all-clusters grant is no exception.
func TestRejectedAfterALostAnswerAboutAllClusters(t *testing.T) {
	keys(t, showcaseAccount)
	estate := strings.Replace(leaving, "grants:\n", "grants:\n  - {uid: \"200000000000000001\", allClusters: true, role: dev}\n", 1)
	listed, nobody := policyFile(t, []string{departedAlice}), policyFile(t, nil)
	for first, want := range map[string]report.Status{"resetAfter": report.WasRevoked, "resetBefore": report.WasUnverified} {
		t.Run(first, func(t *testing.T) {
			script := must(sim.LoadFaults("faults.yaml", fmt.Appendf(nil,
				"faults: [{on: UpdateUserPermissions, do: %s}, {on: UpdateUserPermissions, do: denied}]", first)))
			bubbleWith(t, []byte(estate+"behaviour: {lag: 15s}\n"), script, noon, func(w *world) { // so late that it is sent again
				got := w.run(context.Background(), "-p", listed, "--dry-run=false")
				if i := slices.IndexFunc(got.report.Outcomes,
					func(o report.Outcome) bool { return o.Action == "all-clusters/"+aliceUID }); got.report.Outcomes[i].Status != want {
					t.Errorf("%s, want %s\n%s", got.report.Outcomes[i].Status, want, got.stderr)
				}
				w.must(w.restore(context.Background(), nobody, "all-clusters", "--dry-run=false").ran, 0)
				if n := len(w.grants(aliceUID, "")); n != 1 {
					t.Errorf("%d all-clusters grants", n)
				}
			})
		})
	}
}

// A restore looks as well: what it gave, and was not told of, shows in the end.
func TestRestoreRejectedAfterALostAnswer(t *testing.T) {
	keys(t, showcaseAccount)
	listed, nobody := policyFile(t, []string{departedAlice}), policyFile(t, nil)
	for first, want := range map[string]string{"resetAfter": report.Done, "resetBefore": report.NotProven} {
		t.Run(first, func(t *testing.T) {
			script := must(sim.LoadFaults("faults.yaml", fmt.Appendf(nil,
				"faults: [{on: UpdateUserPermissions, do: %s}, {on: UpdateUserPermissions, do: denied}]", first)))
			bubbleWith(t, []byte(leaving+"behaviour: {lag: 15s}\n"), script, noon, func(w *world) {
				w.must(w.run(context.Background(), "-p", listed, "--dry-run=false"), 0)
				got := w.restore(context.Background(), nobody, "c1", "--dry-run=false")
				if len(got.restore.Writes) != 1 || got.restore.Writes[0].Status != want || len(got.gives()) != 2 {
					t.Errorf("exit %d, %+v after %v\n%s", got.code, got.restore.Writes, got.gives(), got.stderr)
				}
				w.must(w.restore(context.Background(), nobody, "c1", "--dry-run=false").ran, 0)
				if n := len(w.grants(aliceUID, "c1")); n != 1 {
					t.Errorf("%d grants", n)
				}
			})
		})
	}
}

// A signal that comes while a repetition waits for its turn ends the repetition.
// The lost one went out all the same, and takes its effect when it likes: it is
// not proven, never not started.
func TestSignalBeforeARepetition(t *testing.T) {
	keys(t, showcaseAccount)
	listed, nobody := policyFile(t, []string{departedAlice}), policyFile(t, nil)
	script := must(sim.LoadFaults("faults.yaml", []byte("faults: [{"+clean1+", do: resetAfter}]")))
	bubbleWith(t, []byte(leaving+"behaviour: {cleanEffect: 60s}\n"), script, noon, func(w *world) {
		before := w.account.Truth().Grants
		ctx, cancel := context.WithCancelCause(context.Background())
		defer cancel(nil)
		defer time.AfterFunc(30*time.Second, func() { cancel(interruption(syscall.SIGTERM)) }).Stop()
		got := w.run(ctx, "-p", listed, "--dry-run=false", "--write-qps", "0.01")
		if o := got.report.Outcomes[0]; got.code != 143 || len(got.writes()) != 1 || o.Status != report.WasUnverified {
			t.Errorf("exit %d, %s after %d writes\n%s", got.code, o.Status, len(got.writes()), got.stderr)
		}
		<-time.After(time.Hour)
		journal := must(filepath.Glob(filepath.Join(w.dir, "report.json.journal", "*.done.jsonl")))
		if len(journal) != 1 || len(w.grants(aliceUID)) > 0 {
			t.Fatalf("journals %v, grants %v", journal, w.grants(aliceUID))
		}
		for _, source := range []string{journal[0], filepath.Join(w.dir, "report.json")} {
			w.must(w.restoreFrom(context.Background(), nil, source, nobody, "c1", "--dry-run=false").ran, 0)
		}
		if diff := cmp.Diff(before, w.account.Truth().Grants); diff != "" {
			t.Errorf("grants (-before +after):\n%s", diff)
		}
	})
}

// The same of a restore: what it gave, and was not told of, it never calls not
// started.
func TestSignalBeforeARepetitionOfARestore(t *testing.T) {
	keys(t, showcaseAccount)
	listed, nobody := policyFile(t, []string{departedAlice}), policyFile(t, nil)
	script := must(sim.LoadFaults("faults.yaml", []byte("faults: [{on: UpdateUserPermissions, do: resetBefore}]")))
	bubbleWith(t, []byte(leaving), script, noon, func(w *world) {
		w.must(w.run(context.Background(), "-p", listed, "--dry-run=false"), 0)
		ctx, cancel := context.WithCancelCause(context.Background())
		defer cancel(nil)
		defer time.AfterFunc(40*time.Second, func() { cancel(interruption(syscall.SIGTERM)) }).Stop()
		got := w.restore(ctx, nobody, "c1", "--dry-run=false", "--write-qps", "0.01")
		if got.code != 143 || len(got.restore.Writes) != 1 || got.restore.Writes[0].Status != report.NotProven {
			t.Errorf("exit %d, %+v\n%s", got.code, got.restore.Writes, got.stderr)
		}
		said := must(os.ReadFile(must(filepath.Glob(filepath.Join(w.dir, "report.json.journal", "*.done.jsonl")))[1]))
		if strings.Contains(string(said), `"status":"skipped"`) {
			t.Errorf("the journal calls it not started:\n%s", said)
		}
	})
}

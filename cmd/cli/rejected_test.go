package cli_test

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
	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
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
	stage.Keys(t, stage.Account)
	nobody := stage.PolicyFile(t, nil)
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
				listed := stage.PolicyFile(t, []string{rejected.entry})
				script := stage.Must(sim.LoadFaults("faults.yaml", fmt.Appendf(nil, "faults: [{%s, do: %s}, {%s, %s}]", stage.Clean1,
					c.first, stage.Clean1, rejected.do)))
				stage.BubbleWith(t, []byte(leaving+"behaviour: {cleanEffect: "+c.effect+"}\n"), script, stage.Noon, func(w *stage.World) {
					before := w.Account.Truth().Grants
					got := w.Run(context.Background(), "-p", listed, "--dry-run=false")
					o := got.Report.Outcomes[0]
					if got.Code != c.exit || o.Status != c.status {
						t.Fatalf("exit %d, %s, want %d, %s\n%s", got.Code, o.Status, c.exit, c.status, got.Stderr)
					}
					if c.exit != 0 && (o.Error == nil || string(o.Error.Kind) != rejected.kind) {
						t.Errorf("the rejection is not told: %+v", o.Error)
					}
					journal := stage.Must(filepath.Glob(filepath.Join(w.Dir, "report.json.journal", "*.done.jsonl")))[0]
					<-time.After(c.later)
					for i, source := range []string{journal, filepath.Join(w.Dir, "report.json")} {
						back := w.RestoreFrom(context.Background(), nil, source, nobody, "c1", "--dry-run=false")
						w.Must(back.Ran, 0)
						if want := []int{c.gives, 0}[i]; len(back.Gives()) != want {
							t.Errorf("%s: writes %v, want %d", source, back.Gives(), want)
						}
					}
					if diff := cmp.Diff(before, w.Account.Truth().Grants); diff != "" {
						t.Errorf("grants (-before +after):\n%s", diff)
					}
				})
			})
		}
	}
}

// An all-clusters grant is no exception.
func TestRejectedAfterALostAnswerAboutAllClusters(t *testing.T) {
	stage.Keys(t, stage.Account)
	estate := strings.Replace(leaving, "grants:\n", "grants:\n  - {uid: \"200000000000000001\", allClusters: true, role: dev}\n", 1)
	listed, nobody := stage.PolicyFile(t, []string{departedAlice}), stage.PolicyFile(t, nil)
	for first, want := range map[string]report.Status{"resetAfter": report.WasRevoked, "resetBefore": report.WasUnverified} {
		t.Run(first, func(t *testing.T) {
			script := stage.Must(sim.LoadFaults("faults.yaml", fmt.Appendf(nil,
				"faults: [{on: UpdateUserPermissions, do: %s}, {on: UpdateUserPermissions, do: denied}]", first)))
			stage.BubbleWith(t, []byte(estate+"behaviour: {lag: 15s}\n"), script, stage.Noon, func(w *stage.World) { // so late that it is sent again
				got := w.Run(context.Background(), "-p", listed, "--dry-run=false")
				if i := slices.IndexFunc(got.Report.Outcomes,
					func(o report.Outcome) bool { return o.Action == "all-clusters/"+stage.AliceUID }); got.Report.Outcomes[i].Status != want {
					t.Errorf("%s, want %s\n%s", got.Report.Outcomes[i].Status, want, got.Stderr)
				}
				w.Must(w.Restore(context.Background(), nobody, "all-clusters", "--dry-run=false").Ran, 0)
				if n := len(w.Grants(stage.AliceUID, "")); n != 1 {
					t.Errorf("%d all-clusters grants", n)
				}
			})
		})
	}
}

// A restore looks as well: what it gave, and was not told of, shows in the end.
func TestRestoreRejectedAfterALostAnswer(t *testing.T) {
	stage.Keys(t, stage.Account)
	listed, nobody := stage.PolicyFile(t, []string{departedAlice}), stage.PolicyFile(t, nil)
	for first, want := range map[string]string{"resetAfter": report.Done, "resetBefore": report.NotProven} {
		t.Run(first, func(t *testing.T) {
			script := stage.Must(sim.LoadFaults("faults.yaml", fmt.Appendf(nil,
				"faults: [{on: UpdateUserPermissions, do: %s}, {on: UpdateUserPermissions, do: denied}]", first)))
			stage.BubbleWith(t, []byte(leaving+"behaviour: {lag: 15s}\n"), script, stage.Noon, func(w *stage.World) {
				w.Must(w.Run(context.Background(), "-p", listed, "--dry-run=false"), 0)
				got := w.Restore(context.Background(), nobody, "c1", "--dry-run=false")
				if len(got.Restore.Writes) != 1 || got.Restore.Writes[0].Status != want || len(got.Gives()) != 2 {
					t.Errorf("exit %d, %+v after %v\n%s", got.Code, got.Restore.Writes, got.Gives(), got.Stderr)
				}
				w.Must(w.Restore(context.Background(), nobody, "c1", "--dry-run=false").Ran, 0)
				if n := len(w.Grants(stage.AliceUID, "c1")); n != 1 {
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
	stage.Keys(t, stage.Account)
	listed, nobody := stage.PolicyFile(t, []string{departedAlice}), stage.PolicyFile(t, nil)
	script := stage.Must(sim.LoadFaults("faults.yaml", []byte("faults: [{"+stage.Clean1+", do: resetAfter}]")))
	stage.BubbleWith(t, []byte(leaving+"behaviour: {cleanEffect: 60s}\n"), script, stage.Noon, func(w *stage.World) {
		before := w.Account.Truth().Grants
		ctx, cancel := context.WithCancelCause(context.Background())
		defer cancel(nil)
		defer time.AfterFunc(30*time.Second, func() { cancel(cli.Interruption(syscall.SIGTERM)) }).Stop()
		got := w.Run(ctx, "-p", listed, "--dry-run=false", "--write-qps", "0.01")
		if o := got.Report.Outcomes[0]; got.Code != 143 || len(got.Writes()) != 1 || o.Status != report.WasUnverified {
			t.Errorf("exit %d, %s after %d writes\n%s", got.Code, o.Status, len(got.Writes()), got.Stderr)
		}
		<-time.After(time.Hour)
		journal := stage.Must(filepath.Glob(filepath.Join(w.Dir, "report.json.journal", "*.done.jsonl")))
		if len(journal) != 1 || len(w.Grants(stage.AliceUID)) > 0 {
			t.Fatalf("journals %v, grants %v", journal, w.Grants(stage.AliceUID))
		}
		for _, source := range []string{journal[0], filepath.Join(w.Dir, "report.json")} {
			w.Must(w.RestoreFrom(context.Background(), nil, source, nobody, "c1", "--dry-run=false").Ran, 0)
		}
		if diff := cmp.Diff(before, w.Account.Truth().Grants); diff != "" {
			t.Errorf("grants (-before +after):\n%s", diff)
		}
	})
}

// The same of a restore: what it gave, and was not told of, it never calls not
// started.
func TestSignalBeforeARepetitionOfARestore(t *testing.T) {
	stage.Keys(t, stage.Account)
	listed, nobody := stage.PolicyFile(t, []string{departedAlice}), stage.PolicyFile(t, nil)
	script := stage.Must(sim.LoadFaults("faults.yaml", []byte("faults: [{on: UpdateUserPermissions, do: resetBefore}]")))
	stage.BubbleWith(t, []byte(leaving), script, stage.Noon, func(w *stage.World) {
		w.Must(w.Run(context.Background(), "-p", listed, "--dry-run=false"), 0)
		ctx, cancel := context.WithCancelCause(context.Background())
		defer cancel(nil)
		defer time.AfterFunc(40*time.Second, func() { cancel(cli.Interruption(syscall.SIGTERM)) }).Stop()
		got := w.Restore(ctx, nobody, "c1", "--dry-run=false", "--write-qps", "0.01")
		if got.Code != 143 || len(got.Restore.Writes) != 1 || got.Restore.Writes[0].Status != report.NotProven {
			t.Errorf("exit %d, %+v\n%s", got.Code, got.Restore.Writes, got.Stderr)
		}
		said := stage.Must(os.ReadFile(stage.Must(filepath.Glob(filepath.Join(w.Dir, "report.json.journal", "*.done.jsonl")))[1]))
		if strings.Contains(string(said), `"status":"skipped"`) {
			t.Errorf("the journal calls it not started:\n%s", said)
		}
	})
}

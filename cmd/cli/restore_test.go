package cli_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/end"
	"ackrevoke/job/write"
)

// TestRestore is the whole cycle: the wrong one is revoked, taken out of the
// policy, and gets back exactly what was there; a second restore and a next run
// write nothing.
func TestRestore(t *testing.T) {
	stage.Keys(t, stage.Account)
	left, nobody := stage.PolicyFile(t, stage.AliceLeft), stage.PolicyOf(t, "guards: {allowEmpty: true}") // she was the only one
	for _, behaviour := range []string{"{}", "{lag: 8s}", "{cleanEffect: 20s}", "{statesEnumerate: false}"} {
		t.Run(behaviour, func(t *testing.T) {
			stage.Bubble(t, []byte(stage.Wronged+"behaviour: "+behaviour), stage.Noon, func(w *stage.World) {
				before := w.Account.Truth()
				w.Must(w.Run(context.Background(), "-p", left, "--dry-run=false"), 0)
				if n := len(w.Grants(stage.AliceUID, "c1", "c2")); n > 0 {
					t.Fatalf("%d grants left by the run", n)
				}
				dry := w.Restore(context.Background(), nobody, "c1")
				if len(dry.Gives()) > 0 || dry.Code != 0 || dry.Restore.Verdict.Name != end.Planned {
					t.Errorf("a dry run: exit %d, writes %v\n%s", dry.Code, dry.Gives(), dry.Stderr)
				}
				if !strings.Contains(dry.Stderr, "--dry-run=false") {
					t.Errorf("the dry run does not say how to go on:\n%s", dry.Stderr)
				}
				got := w.Restore(context.Background(), nobody, "c1", "--dry-run=false")
				w.Must(got.Ran, 0)
				if diff := cmp.Diff([]string{"UpdateUserPermissions patch " + alice}, got.Gives()); diff != "" {
					t.Errorf("writes (-want +got):\n%s", diff)
				}
				if waited := got.Waited(); waited < 10*time.Second {
					t.Errorf("given %v after it was first seen gone, and reads lag for 10 s", waited)
				}
				if n := len(w.Grants(stage.AliceUID, "c2")); n > 0 {
					t.Errorf("%d grants on the other cluster, of which nobody spoke", n)
				}
				w.Must(w.Restore(context.Background(), nobody, "c2", "--dry-run=false").Ran, 0)
				if diff := cmp.Diff(before.Grants, w.Account.Truth().Grants); diff != "" {
					t.Errorf("the grants are not those of before (-before +after):\n%s", diff)
				}
				again := w.Restore(context.Background(), nobody, "c1", "--dry-run=false")
				if len(again.Gives()) > 0 || again.Code != 0 || again.Restore.Verdict.Name != end.Converged {
					t.Errorf("the second restore: exit %d, writes %v\n%s", again.Code, again.Gives(), again.Stderr)
				}
				next := w.Run(context.Background(), "-p", nobody, "--dry-run=false")
				if next.Code != 0 || len(next.Writes()) > 0 || len(next.Report.Unfinished) > 0 {
					t.Errorf("the next run: exit %d, writes %v, unfinished %v\n%s", next.Code, next.Writes(), next.Report.Unfinished, next.Stderr)
				}
			})
		})
	}
}

// What was taken away beside a certificate and on all clusters comes back too.
func TestRestoreOfAllClustersAndCollateral(t *testing.T) {
	stage.Keys(t, stage.Account)
	nobody := stage.PolicyFile(t, nil)
	t.Run("all clusters", func(t *testing.T) {
		everything := stage.PolicyFile(t, []string{`{uid: "200000000000000001", reason: departed}`})
		estate := strings.Replace(stage.Wronged, "grants:\n",
			"grants:\n  - {uid: \"200000000000000001\", allClusters: true, role: restricted}\n", 1)
		stage.Bubble(t, []byte(estate), stage.Noon, func(w *stage.World) {
			before := w.Account.Truth()
			w.Must(w.Run(context.Background(), "-p", everything, "--dry-run=false"), 0)
			for _, cluster := range []string{"all-clusters", "c1", "c2", "c3"} {
				w.Must(w.Restore(context.Background(), nobody, cluster, "--dry-run=false").Ran, 0)
			}
			if diff := cmp.Diff(before.Grants, w.Account.Truth().Grants); diff != "" {
				t.Errorf("(-before +after):\n%s", diff)
			}
		})
	})
	left := stage.PolicyFile(t, stage.AliceLeft)
	for _, source := range []string{"report", "journal"} {
		t.Run("collateral, from the "+source, func(t *testing.T) {
			script := stage.Must(sim.LoadFaults("faults.yaml", []byte("faults: [{on: CleanClusterUserPermissions, cluster: c1, do: takesTooMuch}]")))
			stage.BubbleWith(t, []byte(stage.Wronged), script, stage.Noon, func(w *stage.World) {
				before := w.Grants(stage.AliceUID, "c3")
				w.Must(w.Run(context.Background(), "-p", left, "--dry-run=false"), 5)
				from := filepath.Join(w.Dir, "report.json")
				if source == "journal" {
					from = stage.Must(filepath.Glob(filepath.Join(w.Dir, "report.json.journal", "*.done.jsonl")))[0]
				}
				if len(w.Grants(stage.AliceUID, "c3")) > 0 {
					t.Fatal("nothing went missing beside the actions")
				}
				w.Must(w.RestoreFrom(context.Background(), nil, from, nobody, "c3", "--dry-run=false").Ran, 0)
				if diff := cmp.Diff(before, w.Grants(stage.AliceUID, "c3")); diff != "" {
					t.Errorf("(-before +after):\n%s", diff)
				}
			})
		})
	}
}

// A run that was killed leaves no report; its journal is enough, and stays for
// the next run to report.
func TestRestoreOfACrashedRun(t *testing.T) {
	stage.Keys(t, stage.Account)
	left, nobody := stage.PolicyFile(t, stage.AliceLeft), stage.PolicyFile(t, nil)
	stage.Bubble(t, []byte(stage.Wronged), stage.Noon, func(w *stage.World) {
		w.Must(w.Run(context.Background(), "-p", left, "--dry-run=false"), 0)
		folder := filepath.Join(w.Dir, "report.json.journal")
		done := stage.Must(filepath.Glob(filepath.Join(folder, "*.done.jsonl")))
		data := stage.Must(os.ReadFile(done[0]))
		lines := bytes.SplitAfter(data, []byte("\n"))
		active := filepath.Join(folder, "ackrevoke.journal") // as if it had died after its first call
		if err := os.WriteFile(active, append(lines[0], []byte(`{"type":"inte`)...), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(done[0]); err != nil {
			t.Fatal(err)
		}
		got := w.RestoreFrom(context.Background(), nil, active, nobody, "c1", "--dry-run=false")
		w.Must(got.Ran, 0)
		if n := len(w.Grants(stage.AliceUID, "c1")); n != 3 || len(got.Gives()) != 1 {
			t.Errorf("%d grants, writes %v", n, got.Gives())
		}
		if other := w.RestoreFrom(context.Background(), nil, active, nobody, "c2", "--dry-run=false"); other.Code != 2 {
			t.Errorf("what the journal does not tell of: exit %d\n%s", other.Code, other.Stderr)
		}
		next := w.Run(context.Background(), "-p", nobody, "--dry-run=false")
		if len(next.Report.Unfinished) != 1 || next.Report.Unfinished[0].Action != "c1/"+stage.AliceUID || len(next.Writes()) > 0 {
			t.Errorf("the next run tells of %+v and writes %v", next.Report.Unfinished, next.Writes())
		}
	})
}

// The journal has the same lines as that of a run: intent, then outcome.
func TestRestoreWritesItsJournal(t *testing.T) {
	stage.Keys(t, stage.Account)
	left, nobody := stage.PolicyFile(t, stage.AliceLeft), stage.PolicyFile(t, nil)
	stage.Bubble(t, []byte(stage.Wronged), stage.Noon, func(w *stage.World) {
		w.Must(w.Run(context.Background(), "-p", left, "--dry-run=false"), 0)
		kept := stage.Must(filepath.Glob(filepath.Join(w.Dir, "report-*.json"))) // of the same journal folder
		w.Must(w.RestoreFrom(context.Background(), nil, kept[0], nobody, "c1", "--dry-run=false").Ran, 0)
		var lines []write.Line
		for _, path := range stage.Must(filepath.Glob(filepath.Join(w.Dir, "report.json.journal", "*.done.jsonl"))) {
			for _, l := range write.ReadLines(stage.Must(os.ReadFile(path))) {
				if l.Operation == write.GivesBack || len(lines) > 0 && l.Run == lines[0].Run {
					lines = append(lines, l)
				}
			}
		}
		var got []string
		for _, l := range lines {
			got = append(got, strings.TrimSpace(fmt.Sprint(l.Type, " ", l.Operation, l.Status, " ", len(l.Rows))))
		}
		if diff := cmp.Diff([]string{"intent give-back 3", "outcome accepted 0", "outcome proven 0"}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if all := stage.Must(os.ReadDir(w.Dir)); slices.ContainsFunc(all,
			func(e os.DirEntry) bool { return strings.HasPrefix(e.Name(), "report-") && e.IsDir() }) {
			t.Errorf("the kept report got a folder of its own: %v", all)
		}

		held := stage.Must(write.OpenJournal(filepath.Join(w.Dir, "report.json.journal")))
		defer held.Close()
		if busy := w.Restore(context.Background(), nobody, "c2", "--dry-run=false"); busy.Code != 1 || len(busy.Calls) > 0 ||
			!strings.Contains(busy.Stderr, "another run holds") {
			t.Errorf("while another run holds the journal: exit %d, %d calls\n%s", busy.Code, len(busy.Calls), busy.Stderr)
		}
	})
}

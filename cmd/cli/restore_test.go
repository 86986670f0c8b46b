package cli_test

import (
	"bytes"
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
	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/job/write"
)

// TestRestore is the whole cycle: the wrong one is revoked, taken out of the
// policy, and gets back exactly what was there; a second restore and a next run
// write nothing.
func TestRestore(t *testing.T) {
	stage.Keys(t, stage.Account)
	left, nobody := stage.PolicyFile(t, stage.AliceLeft), stage.PolicyFile(t, nil)
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

// Whatever speaks against it, nothing is written.
func TestRestoreRefuses(t *testing.T) {
	stage.Keys(t, stage.Account)
	left := stage.PolicyFile(t, stage.AliceLeft)
	runner := func(grants string) [2]string {
		return [2]string{"caller: {type: Account}\nusers:\n", `caller: {type: RAMUser, uid: "290000000000000001"}
users:
  - {uid: "290000000000000001", name: runner, created: 2024-01-01T00:00:00Z}
` + grants}
	}
	for _, c := range []struct {
		name   string
		policy []string    // in force now; "" for nobody
		estate [][2]string // edits of the account between run and restore
		edit   func(*report.Report)
		args   []string
		ends   int
		says   string
	}{
		{name: "renamed", estate: [][2]string{{"name: alice", "name: alicia"}}, ends: 4, says: "is named"},
		{name: "another creation time", estate: [][2]string{{"alice, created: 2024-01-01", "alice, created: 2025-01-01"}}, ends: 4,
			says: "somebody else"},
		{name: "gone", estate: [][2]string{{`  - {uid: "200000000000000001", name: alice, created: 2024-01-01T00:00:00Z}` + "\n", ""},
			{"clusters:\n", "deleted: [{uid: \"200000000000000001\", name: alice}]\nclusters:\n"}}, ends: 4, says: "no live user or role"},
		{name: "another kind", edit: func(r *report.Report) { r.Plan.Actions[0].Kind = "role" }, ends: 4, says: "taken from a role"},
		{name: "no creation time", edit: func(r *report.Report) { r.Plan.Actions[0].CreatedAt = report.Time{} }, ends: 4,
			says: "does not say when"},
		{name: "still listed", policy: stage.AliceLeft, ends: 4, says: "the next run would take it away again"},
		{name: "listed for later", policy: []string{`{uid: "200000000000000001", reason: departed, effective: 2027-01-01}`}, ends: 4,
			says: "take the entry out"},
		{name: "locked out", policy: []string{`{uid: "200000000000000001", reason: compromised, until: 2027-01-01}`}, ends: 4,
			says: "listed-departed"},
		{name: "another account's policy", ends: 4, edit: func(r *report.Report) { r.Account.ID = "9999999999999999" }, says: "for account"},
		{name: "too old", edit: func(r *report.Report) { r.Run.StartedAt = report.At(stage.Noon.AddDate(0, 0, -31)) }, ends: 4,
			says: "31 days old"},
		{name: "the caller itself", estate: [][2]string{{"caller: {type: Account}", `caller: {type: RAMUser, uid: "200000000000000001"}`}},
			ends: 4, says: "nobody gives grants to himself"},
		{name: "somebody granted another role", estate: [][2]string{{"cluster: c1, role: dev", "cluster: c1, role: ops"}}, ends: 4,
			says: "decide by hand"},
		{name: "grants not seen", edit: func(r *report.Report) { r.Plan.Actions[0].Before.GrantsSeen = false }, ends: 6,
			says: "were not visible"},
		{name: "blind now", estate: [][2]string{runner(""),
			{"grants:\n", "grants:\n  - {uid: \"290000000000000001\", cluster: c2, role: admin}\n"}}, ends: 6,
			says: "not administrator of cluster c1"},
		{name: "the cluster is gone", estate: [][2]string{{"{id: c1, name: one, region: r,",
			"{id: c1, name: one, region: r, state: deleted,"}}, ends: 6, says: "is not listed"},
		{name: "the old certificate again", estate: [][2]string{{"", ""}, {"cluster: c1, role: my-view", "cluster: c3, role: my-view"}},
			ends: 6, says: "still in force"},
		{name: "a dry run's report", edit: func(r *report.Report) { r.Run.Mode = report.DryRun }, ends: 2, says: "took nothing away"},
		{name: "a simulated run's report", edit: func(r *report.Report) { r.Run.Simulated = true }, ends: 2, says: "simulated account"},
		{name: "a failed action", edit: func(r *report.Report) { r.Outcomes[0].Status = report.WasFailed }, ends: 2, says: "is failed"},
		{name: "a refused action", edit: func(r *report.Report) { r.Plan.Actions[0].RefusedBy = "maxPrincipals" }, ends: 2,
			says: "was refused by"},
		{name: "nothing there", args: []string{"--cluster", "c9"}, ends: 2, says: "the report tells of c1/"},
		{name: "over its source", args: []string{"-o", "SOURCE"}, ends: 2, says: "would overwrite the source"},
		{name: "no uid", args: []string{"--uid", "alice"}, ends: 2, says: "is no uid"},
		{name: "no policy", args: []string{"--policy", "nowhere.yaml"}, ends: 2, says: "policy cannot be read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var data []byte
			stage.Bubble(t, []byte(stage.Wronged), stage.Noon, func(w *stage.World) {
				first := w.Run(context.Background(), "-p", left, "--dry-run=false")
				w.Must(first, 0)
				if c.edit != nil {
					c.edit(first.Report)
				}
				data = stage.Must(first.Report.Encode())
			})
			estate := stage.Wronged
			if len(c.estate) == 0 { // as the run left it
				for _, row := range []string{"cluster: c1, role: dev", "cluster: c1, namespace: payments, role: restricted",
					"cluster: c1, role: my-view, custom: true"} {
					estate = strings.Replace(estate, `  - {uid: "200000000000000001", `+row+"}\n", "", 1)
				}
				estate = strings.Replace(estate, `cluster: c1, expires: 2028-01-01T00:00:00Z`, "cluster: c1, state: Removed", 1)
			}
			for _, e := range c.estate {
				if !strings.Contains(estate, e[0]) {
					t.Fatalf("the estate has no %q", e[0])
				}
				estate = strings.Replace(estate, e[0], e[1], 1)
			}
			stage.Bubble(t, []byte(estate), stage.Noon.Add(time.Hour), func(w *stage.World) {
				source := filepath.Join(w.Dir, "source.json")
				if err := os.WriteFile(source, data, 0o600); err != nil {
					t.Fatal(err)
				}
				for i, a := range c.args {
					c.args[i] = strings.Replace(a, "SOURCE", source, 1)
				}
				before := w.Account.Truth()
				got := w.RestoreFrom(context.Background(), nil, source, stage.PolicyFile(t, c.policy), "c1",
					append(slices.Clone(c.args), "--dry-run=false")...)
				if got.Code != c.ends || !strings.Contains(got.Stderr, c.says) {
					t.Errorf("exit %d, want %d and %q\n%s", got.Code, c.ends, c.says, got.Stderr)
				}
				if len(got.Gives()) > 0 || cmp.Diff(before, w.Account.Truth()) != "" {
					t.Errorf("something was written: %v", got.Gives())
				}
				if c.ends == 2 && len(got.Calls) > 0 {
					t.Errorf("%d calls", len(got.Calls))
				}
				if diff := cmp.Diff(data, stage.Must(os.ReadFile(source))); diff != "" {
					t.Error("the source was changed")
				}
			})
		})
	}
}

// An old snapshot is given back when it is asked for, and an owner row never.
func TestRestoreOlderAndOwner(t *testing.T) {
	stage.Keys(t, stage.Account)
	left, nobody := stage.PolicyFile(t, []string{`{uid: "200000000000000001", reason: departed, clusters: [one]}`}), stage.PolicyFile(t, nil)
	estate := strings.Replace(stage.Wronged, "grants:\n", "grants:\n  - {uid: \"200000000000000001\", cluster: c1, owner: true}\n", 1)
	stage.Bubble(t, []byte(estate), stage.Noon, func(w *stage.World) {
		before := w.Account.Truth()
		w.Must(w.Run(context.Background(), "-p", left, "--dry-run=false"), 5) // the creator's row stays
		<-time.After(31 * 24 * time.Hour)
		w.Must(w.Restore(context.Background(), nobody, "c1", "--dry-run=false").Ran, 4)
		got := w.Restore(context.Background(), nobody, "c1", "--dry-run=false", "--older")
		w.Must(got.Ran, 0)
		if diff := cmp.Diff(before.Grants, w.Account.Truth().Grants); diff != "" {
			t.Errorf("(-before +after):\n%s", diff)
		}
		if !slices.ContainsFunc(got.Restore.Rows, func(r report.Row) bool { return r.Owner && r.State == report.RowOwner }) {
			t.Errorf("rows %+v", got.Restore.Rows)
		}
	})
}

// Each fault at each call ends in a true report; then a restore without faults
// ends with exactly what was there, and one more writes nothing.
func TestRestoreFaults(t *testing.T) {
	stage.Keys(t, stage.Account)
	left, nobody := stage.PolicyFile(t, stage.AliceLeft), stage.PolicyFile(t, nil)
	var source []byte
	stage.Bubble(t, []byte(stage.Wronged), stage.Noon, func(w *stage.World) {
		first := w.Run(context.Background(), "-p", left, "--dry-run=false")
		w.Must(first, 0)
		source = first.Raw
	})
	after := strings.NewReplacer(
		`  - {uid: "200000000000000001", cluster: c1, role: dev}`+"\n", "",
		`  - {uid: "200000000000000001", cluster: c1, namespace: payments, role: restricted}`+"\n", "",
		`  - {uid: "200000000000000001", cluster: c1, role: my-view, custom: true}`+"\n", "",
		`  - {uid: "200000000000000001", cluster: c1, expires: 2028-01-01T00:00:00Z}`,
		`  - {uid: "200000000000000001", cluster: c1, state: Removed}`,
	).Replace(stage.Wronged)
	want := func() []sim.Grant {
		e := stage.Must(sim.Load("estate.yaml", []byte(stage.Wronged)))
		return slices.DeleteFunc(sim.New(e, sim.Options{}).Truth().Grants,
			func(g sim.Grant) bool { return g.UID != stage.AliceUID || g.Cluster != "c1" })
	}()
	tried := 0
	for _, on := range []string{"GetCallerIdentity", "ListUsers", "ListRoles", "DescribeClustersForRegion", "DescribeUserPermission",
		"ListUserKubeConfigStates", "UpdateUserPermissions"} {
		for _, do := range []string{"throttle", "denied", "empty500", "html502", "redirect", "resetBefore", "resetAfter", "hang",
			"noContent", "truncated", "acceptNothing", "tokenExpires", "slow, delay: 10s", "error, code: ErrAuthorizationConflict, status: 409"} {
			for _, n := range []string{"from: 1", "from: 2", "from: 1, times: 0", "from: 7"} {
				looks := slices.Contains([]string{"DescribeUserPermission", "ListUserKubeConfigStates"}, on) // again and again
				once := !looks && on != "UpdateUserPermissions"
				if do == "acceptNothing" && on != "UpdateUserPermissions" || n == "from: 7" && !looks ||
					once && (n == "from: 2" || !slices.Contains([]string{"denied", "empty500", "truncated", "tokenExpires"}, do)) {
					continue
				}
				fault := fmt.Sprintf("{on: %s, %s, do: %s}", on, n, do)
				tried++
				t.Run(fault, func(t *testing.T) {
					script := stage.Must(sim.LoadFaults("faults.yaml", fmt.Appendf(nil, "faults: [%s]", fault)))
					stage.BubbleWith(t, []byte(after), script, stage.Noon.Add(time.Hour), func(w *stage.World) {
						path := filepath.Join(w.Dir, "report.json")
						if err := os.WriteFile(path, source, 0o600); err != nil {
							t.Fatal(err)
						}
						got := w.Restore(context.Background(), nobody, "c1", "--dry-run=false")
						if got.Restore == nil {
							t.Fatalf("no report\n%s", got.Stderr)
						}
						held := w.Grants(stage.AliceUID, "c1")
						for _, g := range held {
							if !slices.Contains(want, g) {
								t.Errorf("%+v was never in the snapshot", g)
							}
						}
						whole := cmp.Diff(want, held) == ""
						if got.Code == end.CodeClean && !whole {
							t.Errorf("exit 0 over %+v", held)
						}
						if got.Code != 0 && !slices.Contains([]int{1, 5, 6}, got.Code) {
							t.Errorf("exit %d", got.Code)
						}
						for _, row := range got.Restore.Rows {
							if row.State == report.RowGiven && !whole {
								t.Errorf("given, and not there: %+v", row)
							}
						}
						if got.Code != 0 && len(got.Restore.Errors)+len(got.Restore.Writes) == 0 {
							t.Error("the report does not say why")
						}
						if strings.Contains(fault, "times: 0") || do == "tokenExpires" {
							return // the fault does not end
						}
						for range 2 {
							got = w.Restore(context.Background(), nobody, "c1", "--dry-run=false")
						}
						last := w.Restore(context.Background(), nobody, "c1", "--dry-run=false")
						if diff := cmp.Diff(want, w.Grants(stage.AliceUID, "c1")); got.Code != 0 || last.Code != 0 || len(last.Gives()) > 0 || diff != "" {
							t.Errorf("after the fault: exit %d, then %d with writes %v (-want +got):\n%s", got.Code, last.Code, last.Gives(), diff)
						}
					})
				})
			}
		}
	}
	t.Logf("%d faults tried", tried)
}

// A signal ends the waiting at once, and nothing is given.
func TestRestoreIsInterrupted(t *testing.T) {
	stage.Keys(t, stage.Account)
	left, nobody := stage.PolicyFile(t, stage.AliceLeft), stage.PolicyFile(t, nil)
	stage.Bubble(t, []byte(stage.Wronged), stage.Noon, func(w *stage.World) {
		w.Must(w.Run(context.Background(), "-p", left, "--dry-run=false"), 0)
		ctx, cancel := context.WithCancelCause(context.Background())
		defer cancel(nil)
		defer time.AfterFunc(5*time.Second, func() { cancel(cli.Interruption(syscall.SIGTERM)) }).Stop()
		got := w.Restore(ctx, nobody, "c1", "--dry-run=false")
		if got.Code != 143 || len(got.Gives()) > 0 || !got.Restore.Run.Interrupted {
			t.Errorf("exit %d, writes %v", got.Code, got.Gives())
		}
		late := w.Restore(context.Background(), nobody, "c1", "--dry-run=false", "--timeout", "4s")
		if late.Code != 6 || len(late.Gives()) > 0 {
			t.Errorf("exit %d, writes %v\n%s", late.Code, late.Gives(), late.Stderr)
		}
	})
}

// What the account does while a restore waits decides, not what it did before:
// the old certificate that comes back to light is waited out, then refused; a
// row that another gives in between is not given; one role in its place stops it.
func TestRestoreWaits(t *testing.T) {
	stage.Keys(t, stage.Account)
	left, nobody := stage.PolicyFile(t, stage.AliceLeft), stage.PolicyFile(t, nil)
	old := time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name   string
		after  time.Duration // of the start of the restore
		change func(*sim.Account)
		ends   int
		gives  int
		says   string
	}{
		{"the old certificate is back", 5 * time.Second, func(a *sim.Account) { a.Issue(stage.AliceUID, "c1", old) }, 6, 0, "still in force"},
		{"a new certificate", 5 * time.Second, func(a *sim.Account) { a.Issue(stage.AliceUID, "c1", old.AddDate(1, 0, 0)) }, 0, 1,
			"3 grants given back"},
		{"somebody gives a role", 5 * time.Second, func(a *sim.Account) {
			a.Give(sim.Grant{UID: stage.AliceUID, Cluster: "c1",
				Role: "dev"})
		}, 0, 1, "2 grants given back"},
		{"somebody gives another role", 5 * time.Second,
			func(a *sim.Account) { a.Give(sim.Grant{UID: stage.AliceUID, Cluster: "c1", Role: "ops"}) }, 4, 0, "decide by hand"},
		{"somebody gives it all", 5 * time.Second, func(a *sim.Account) {
			for _, g := range []sim.Grant{{Role: "dev"}, {Role: "restricted", Namespace: "payments"}, {Role: "my-view", Custom: true}} {
				g.UID, g.Cluster = stage.AliceUID, "c1"
				a.Give(g)
			}
		}, 0, 0, "nothing is missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			stage.Bubble(t, []byte(stage.Wronged), stage.Noon, func(w *stage.World) {
				w.Must(w.Run(context.Background(), "-p", left, "--dry-run=false"), 0)
				defer time.AfterFunc(c.after, func() { c.change(w.Account) }).Stop()
				got := w.Restore(context.Background(), nobody, "c1", "--dry-run=false")
				if got.Code != c.ends || len(got.Gives()) != c.gives || !strings.Contains(got.Stderr, c.says) {
					t.Errorf("exit %d, want %d; writes %v, want %d; want %q\n%s", got.Code, c.ends, got.Gives(), c.gives, c.says, got.Stderr)
				}
				least := 10 * time.Second
				if c.says == "2 grants given back" {
					least += c.after // from when the last of it changed
				}
				if c.gives > 0 && got.Waited() < least {
					t.Errorf("given after %v", got.Waited())
				}
			})
		})
	}
}

// Straight after a run, reads may still show what is gone: "nothing is missing"
// is not believed at once. Later it is.
func TestRestoreLooksAgain(t *testing.T) {
	stage.Keys(t, stage.Account)
	left, nobody := stage.PolicyFile(t, stage.AliceLeft), stage.PolicyFile(t, nil)
	stage.Bubble(t, []byte(stage.Wronged+"behaviour: {cleanEffect: 8s}"), stage.Noon, func(w *stage.World) {
		before := w.Account.Truth()
		w.Must(w.Run(context.Background(), "-p", left, "--dry-run=false", "--verify-timeout", "2s"), 5)
		got := w.Restore(context.Background(), nobody, "c1", "--dry-run=false")
		if got.Code != 0 || len(got.Gives()) != 1 || !strings.Contains(got.Stderr, "reading again in 10 s") {
			t.Errorf("exit %d, writes %v\n%s", got.Code, got.Gives(), got.Stderr)
		}
		w.Must(w.Restore(context.Background(), nobody, "c2", "--dry-run=false").Ran, 0)
		if diff := cmp.Diff(before.Grants, w.Account.Truth().Grants); diff != "" {
			t.Errorf("(-before +after):\n%s", diff)
		}
		<-time.After(time.Hour)
		began := w.Now()
		w.Must(w.Restore(context.Background(), nobody, "c1", "--dry-run=false").Ran, 0)
		if took := w.Now().Sub(began); took > 5*time.Second {
			t.Errorf("an hour later it took %v to say that nothing is missing", took)
		}
	})
}

package main

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
	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/job/write"
)

// wronged is the account in which the wrong one was revoked: alice on two
// clusters, with grants of every kind, and bob, who is none of it.
const wronged = `
account: "1234567890123456"
caller: {type: Account}
users:
  - {uid: "200000000000000001", name: alice, created: 2024-01-01T00:00:00Z}
  - {uid: "200000000000000002", name: bob, created: 2024-01-01T00:00:00Z}
roles: [{uid: "300000000000000001", name: role, created: 2024-01-01T00:00:00Z}]
clusters:
  - {id: c1, name: one, region: r, created: 2024-01-01T00:00:00Z}
  - {id: c2, name: two, region: r, created: 2024-01-01T00:00:00Z}
  - {id: c3, name: other, region: r, created: 2024-01-01T00:00:00Z}
credentials:
  - {uid: "200000000000000001", cluster: c1, expires: 2028-01-01T00:00:00Z}
  - {uid: "200000000000000001", cluster: c2, expires: 2028-01-01T00:00:00Z}
  - {uid: "300000000000000001", cluster: c1, expires: 2028-01-01T00:00:00Z}
grants:
  - {uid: "200000000000000001", cluster: c1, role: dev}
  - {uid: "200000000000000001", cluster: c1, namespace: payments, role: restricted}
  - {uid: "200000000000000001", cluster: c1, role: my-view, custom: true}
  - {uid: "200000000000000001", cluster: c2, role: dev}
  - {uid: "200000000000000001", cluster: c3, role: ops}
  - {uid: "200000000000000002", cluster: c1, role: admin}
  - {uid: "300000000000000001", cluster: c1, role: ops}
`

var aliceLeft = []string{`{uid: "200000000000000001", reason: departed, clusters: [one, two]}`}

// restored is what one restore left behind.
type restored struct {
	ran
	restore *report.Restore
}

// gives are the writes of a restore, as the account saw them.
func (r restored) gives() []string {
	var w []string
	for _, c := range r.calls {
		if c.Write {
			w = append(w, c.Operation+" "+c.Query.Get("mode")+" "+c.UID)
		}
	}
	return w
}

// waited is how long a restore looked before it wrote.
func (r restored) waited() time.Duration {
	first := slices.IndexFunc(r.calls, func(c sim.Call) bool { return c.Operation == "DescribeUserPermission" && c.UID == aliceUID })
	write := slices.IndexFunc(r.calls, func(c sim.Call) bool { return c.Write })
	if first < 0 || write < 0 {
		return 0
	}
	return r.calls[write].At.Sub(r.calls[first].At)
}

// command makes the program do something against the world's account.
func (w *world) command(ctx context.Context, with func(*Program), args ...string) ran {
	w.t.Helper()
	w.account.Reset()
	var stdout, stderr bytes.Buffer
	p := Program{
		Args: append(slices.Clone(args), "--cs-endpoint", "http://127.0.0.1:1", "--ram-endpoint", "http://127.0.0.1:1", "--sts-endpoint", "http://127.0.0.1:1"),
		Env:  []string{}, Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Now: w.now, Dial: w.pipe.dial,
	}
	if with != nil {
		with(&p)
	}
	return ran{code: p.Run(ctx), stdout: stdout.String(), stderr: stderr.String(), calls: w.account.Calls()}
}

// restore gives alice back what the report of the world's last run took from
// her on a cluster, unless the arguments say something else.
func (w *world) restore(ctx context.Context, policy, cluster string, args ...string) restored {
	w.t.Helper()
	return w.restoreFrom(ctx, nil, filepath.Join(w.dir, "report.json"), policy, cluster, args...)
}

func (w *world) restoreFrom(ctx context.Context, with func(*Program), source, policy, cluster string, args ...string) restored {
	w.t.Helper()
	r := restored{ran: w.command(ctx, with, append([]string{"restore", source, "-p", policy, "--uid", aliceUID, "--cluster", cluster, "-o", "-", "--log-format", "json"}, args...)...)}
	if r.stdout == "" {
		return r
	}
	var err error
	if r.restore, err = report.DecodeRestore([]byte(r.stdout)); err != nil {
		w.t.Fatalf("report: %v\n%s", err, r.stdout)
	}
	if r.restore.Verdict.ExitCode != r.code {
		w.t.Errorf("exit %d, and the report says %+v", r.code, r.restore.Verdict)
	}
	fits(w.t, "restore", []byte(r.stdout))
	return r
}

// grants are the true permissions of a principal, of those on some clusters.
func (w *world) grants(uid string, clusters ...string) []sim.Grant {
	out := []sim.Grant{}
	for _, g := range w.account.Truth().Grants {
		if g.UID == uid && (len(clusters) == 0 || slices.Contains(clusters, g.Cluster)) {
			out = append(out, g)
		}
	}
	return out
}

func (w *world) must(got ran, code int) {
	w.t.Helper()
	if got.code != code {
		w.t.Fatalf("exit %d, want %d\n%s", got.code, code, got.stderr)
	}
}

// TestRestore is the whole cycle: the wrong one is revoked, taken out of the
// policy, and gets back exactly what was there; a second restore and a next run
// write nothing.
func TestRestore(t *testing.T) {
	keys(t, showcaseAccount)
	left, nobody := policyFile(t, aliceLeft), policyFile(t, nil)
	for _, behaviour := range []string{"{}", "{lag: 8s}", "{cleanEffect: 20s}", "{statesEnumerate: false}"} {
		t.Run(behaviour, func(t *testing.T) {
			bubble(t, []byte(wronged+"behaviour: "+behaviour), noon, func(w *world) {
				before := w.account.Truth()
				w.must(w.run(context.Background(), "-p", left, "--dry-run=false"), 0)
				if n := len(w.grants(aliceUID, "c1", "c2")); n > 0 {
					t.Fatalf("%d grants left by the run", n)
				}
				dry := w.restore(context.Background(), nobody, "c1")
				if len(dry.gives()) > 0 || dry.code != 0 || dry.restore.Verdict.Name != end.Planned {
					t.Errorf("a dry run: exit %d, writes %v\n%s", dry.code, dry.gives(), dry.stderr)
				}
				if !strings.Contains(dry.stderr, "--dry-run=false") {
					t.Errorf("the dry run does not say how to go on:\n%s", dry.stderr)
				}
				got := w.restore(context.Background(), nobody, "c1", "--dry-run=false")
				w.must(got.ran, 0)
				if diff := cmp.Diff([]string{"UpdateUserPermissions patch " + alice}, got.gives()); diff != "" {
					t.Errorf("writes (-want +got):\n%s", diff)
				}
				if waited := got.waited(); waited < 10*time.Second {
					t.Errorf("given %v after it was first seen gone, and reads lag for 10 s", waited)
				}
				if n := len(w.grants(aliceUID, "c2")); n > 0 {
					t.Errorf("%d grants on the other cluster, of which nobody spoke", n)
				}
				w.must(w.restore(context.Background(), nobody, "c2", "--dry-run=false").ran, 0)
				if diff := cmp.Diff(before.Grants, w.account.Truth().Grants); diff != "" {
					t.Errorf("the grants are not those of before (-before +after):\n%s", diff)
				}
				again := w.restore(context.Background(), nobody, "c1", "--dry-run=false")
				if len(again.gives()) > 0 || again.code != 0 || again.restore.Verdict.Name != end.Converged {
					t.Errorf("the second restore: exit %d, writes %v\n%s", again.code, again.gives(), again.stderr)
				}
				next := w.run(context.Background(), "-p", nobody, "--dry-run=false")
				if next.code != 0 || len(next.writes()) > 0 || len(next.report.Unfinished) > 0 {
					t.Errorf("the next run: exit %d, writes %v, unfinished %v\n%s", next.code, next.writes(), next.report.Unfinished, next.stderr)
				}
			})
		})
	}
}

// What was taken away beside a certificate and on all clusters comes back too.
func TestRestoreOfAllClustersAndCollateral(t *testing.T) {
	keys(t, showcaseAccount)
	nobody := policyFile(t, nil)
	t.Run("all clusters", func(t *testing.T) {
		everything := policyFile(t, []string{`{uid: "200000000000000001", reason: departed}`})
		estate := strings.Replace(wronged, "grants:\n", "grants:\n  - {uid: \"200000000000000001\", allClusters: true, role: restricted}\n", 1)
		bubble(t, []byte(estate), noon, func(w *world) {
			before := w.account.Truth()
			w.must(w.run(context.Background(), "-p", everything, "--dry-run=false"), 0)
			for _, cluster := range []string{"all-clusters", "c1", "c2", "c3"} {
				w.must(w.restore(context.Background(), nobody, cluster, "--dry-run=false").ran, 0)
			}
			if diff := cmp.Diff(before.Grants, w.account.Truth().Grants); diff != "" {
				t.Errorf("(-before +after):\n%s", diff)
			}
		})
	})
	left := policyFile(t, aliceLeft)
	for _, source := range []string{"report", "journal"} {
		t.Run("collateral, from the "+source, func(t *testing.T) {
			script := must(sim.LoadFaults("faults.yaml", []byte("faults: [{on: CleanClusterUserPermissions, cluster: c1, do: takesTooMuch}]")))
			bubbleWith(t, []byte(wronged), script, noon, func(w *world) {
				before := w.grants(aliceUID, "c3")
				w.must(w.run(context.Background(), "-p", left, "--dry-run=false"), 5)
				from := filepath.Join(w.dir, "report.json")
				if source == "journal" {
					from = must(filepath.Glob(filepath.Join(w.dir, "report.json.journal", "*.done.jsonl")))[0]
				}
				if len(w.grants(aliceUID, "c3")) > 0 {
					t.Fatal("nothing went missing beside the actions")
				}
				w.must(w.restoreFrom(context.Background(), nil, from, nobody, "c3", "--dry-run=false").ran, 0)
				if diff := cmp.Diff(before, w.grants(aliceUID, "c3")); diff != "" {
					t.Errorf("(-before +after):\n%s", diff)
				}
			})
		})
	}
}

// A run that was killed leaves no report; its journal is enough, and stays for
// the next run to report.
func TestRestoreOfACrashedRun(t *testing.T) {
	keys(t, showcaseAccount)
	left, nobody := policyFile(t, aliceLeft), policyFile(t, nil)
	bubble(t, []byte(wronged), noon, func(w *world) {
		w.must(w.run(context.Background(), "-p", left, "--dry-run=false"), 0)
		folder := filepath.Join(w.dir, "report.json.journal")
		done := must(filepath.Glob(filepath.Join(folder, "*.done.jsonl")))
		data := must(os.ReadFile(done[0]))
		lines := bytes.SplitAfter(data, []byte("\n"))
		active := filepath.Join(folder, "ackrevoke.journal") // as if it had died after its first call
		if err := os.WriteFile(active, append(lines[0], []byte(`{"type":"inte`)...), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(done[0]); err != nil {
			t.Fatal(err)
		}
		got := w.restoreFrom(context.Background(), nil, active, nobody, "c1", "--dry-run=false")
		w.must(got.ran, 0)
		if n := len(w.grants(aliceUID, "c1")); n != 3 || len(got.gives()) != 1 {
			t.Errorf("%d grants, writes %v", n, got.gives())
		}
		if other := w.restoreFrom(context.Background(), nil, active, nobody, "c2", "--dry-run=false"); other.code != end.CodeInvalid {
			t.Errorf("what the journal does not tell of: exit %d\n%s", other.code, other.stderr)
		}
		next := w.run(context.Background(), "-p", nobody, "--dry-run=false")
		if len(next.report.Unfinished) != 1 || next.report.Unfinished[0].Action != "c1/"+aliceUID || len(next.writes()) > 0 {
			t.Errorf("the next run tells of %+v and writes %v", next.report.Unfinished, next.writes())
		}
	})
}

// The journal has the same lines as that of a run: intent, then outcome.
func TestRestoreWritesItsJournal(t *testing.T) {
	keys(t, showcaseAccount)
	left, nobody := policyFile(t, aliceLeft), policyFile(t, nil)
	bubble(t, []byte(wronged), noon, func(w *world) {
		w.must(w.run(context.Background(), "-p", left, "--dry-run=false"), 0)
		kept := must(filepath.Glob(filepath.Join(w.dir, "report-*.json"))) // of the same journal folder
		w.must(w.restoreFrom(context.Background(), nil, kept[0], nobody, "c1", "--dry-run=false").ran, 0)
		var lines []write.Line
		for _, path := range must(filepath.Glob(filepath.Join(w.dir, "report.json.journal", "*.done.jsonl"))) {
			for _, l := range write.ReadLines(must(os.ReadFile(path))) {
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
		if all := must(os.ReadDir(w.dir)); slices.ContainsFunc(all, func(e os.DirEntry) bool { return strings.HasPrefix(e.Name(), "report-") && e.IsDir() }) {
			t.Errorf("the kept report got a folder of its own: %v", all)
		}

		held := must(write.OpenJournal(filepath.Join(w.dir, "report.json.journal")))
		defer held.Close()
		if busy := w.restore(context.Background(), nobody, "c2", "--dry-run=false"); busy.code != end.CodeError || len(busy.calls) > 0 || !strings.Contains(busy.stderr, "another run holds") {
			t.Errorf("while another run holds the journal: exit %d, %d calls\n%s", busy.code, len(busy.calls), busy.stderr)
		}
	})
}

// Whatever speaks against it, nothing is written.
func TestRestoreRefuses(t *testing.T) {
	keys(t, showcaseAccount)
	left := policyFile(t, aliceLeft)
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
		exit   int
		says   string
	}{
		{name: "renamed", estate: [][2]string{{"name: alice", "name: alicia"}}, exit: 4, says: "is named"},
		{name: "another creation time", estate: [][2]string{{"alice, created: 2024-01-01", "alice, created: 2025-01-01"}}, exit: 4, says: "somebody else"},
		{name: "gone", estate: [][2]string{{`  - {uid: "200000000000000001", name: alice, created: 2024-01-01T00:00:00Z}` + "\n", ""},
			{"clusters:\n", "deleted: [{uid: \"200000000000000001\", name: alice}]\nclusters:\n"}}, exit: 4, says: "no live user or role"},
		{name: "another kind", edit: func(r *report.Report) { r.Plan.Actions[0].Kind = "role" }, exit: 4, says: "taken from a role"},
		{name: "no creation time", edit: func(r *report.Report) { r.Plan.Actions[0].CreatedAt = report.Time{} }, exit: 4, says: "does not say when"},
		{name: "still listed", policy: aliceLeft, exit: 4, says: "the next run would take it away again"},
		{name: "listed for later", policy: []string{`{uid: "200000000000000001", reason: departed, effective: 2027-01-01}`}, exit: 4, says: "take the entry out"},
		{name: "locked out", policy: []string{`{uid: "200000000000000001", reason: compromised, until: 2027-01-01}`}, exit: 4, says: "listed-departed"},
		{name: "another account's policy", exit: 4, edit: func(r *report.Report) { r.Account.ID = "9999999999999999" }, says: "for account"},
		{name: "too old", edit: func(r *report.Report) { r.Run.StartedAt = report.At(noon.AddDate(0, 0, -31)) }, exit: 4, says: "31 days old"},
		{name: "the caller itself", estate: [][2]string{{"caller: {type: Account}", `caller: {type: RAMUser, uid: "200000000000000001"}`}}, exit: 4, says: "nobody gives grants to himself"},
		{name: "somebody granted another role", estate: [][2]string{{"cluster: c1, role: dev", "cluster: c1, role: ops"}}, exit: 4, says: "decide by hand"},
		{name: "grants not seen", edit: func(r *report.Report) { r.Plan.Actions[0].Before.GrantsSeen = false }, exit: 6, says: "were not visible"},
		{name: "blind now", estate: [][2]string{runner(""), {"grants:\n", "grants:\n  - {uid: \"290000000000000001\", cluster: c2, role: admin}\n"}}, exit: 6, says: "not administrator of cluster c1"},
		{name: "the cluster is gone", estate: [][2]string{{"{id: c1, name: one, region: r,", "{id: c1, name: one, region: r, state: deleted,"}}, exit: 6, says: "is not listed"},
		{name: "the old certificate again", estate: [][2]string{{"", ""}, {"cluster: c1, role: my-view", "cluster: c3, role: my-view"}}, exit: 6, says: "still in force"},
		{name: "a dry run's report", edit: func(r *report.Report) { r.Run.Mode = report.DryRun }, exit: 2, says: "took nothing away"},
		{name: "a simulated run's report", edit: func(r *report.Report) { r.Run.Simulated = true }, exit: 2, says: "simulated account"},
		{name: "a failed action", edit: func(r *report.Report) { r.Outcomes[0].Status = report.WasFailed }, exit: 2, says: "is failed"},
		{name: "a refused action", edit: func(r *report.Report) { r.Plan.Actions[0].RefusedBy = "maxPrincipals" }, exit: 2, says: "was refused by"},
		{name: "nothing there", args: []string{"--cluster", "c9"}, exit: 2, says: "the report tells of c1/"},
		{name: "over its source", args: []string{"-o", "SOURCE"}, exit: 2, says: "would overwrite the source"},
		{name: "no uid", args: []string{"--uid", "alice"}, exit: 2, says: "is no uid"},
		{name: "no policy", args: []string{"--policy", "nowhere.yaml"}, exit: 2, says: "policy cannot be read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var data []byte
			bubble(t, []byte(wronged), noon, func(w *world) {
				first := w.run(context.Background(), "-p", left, "--dry-run=false")
				w.must(first, 0)
				if c.edit != nil {
					c.edit(first.report)
				}
				data = must(first.report.Encode())
			})
			estate := wronged
			if len(c.estate) == 0 { // as the run left it
				for _, row := range []string{"cluster: c1, role: dev", "cluster: c1, namespace: payments, role: restricted", "cluster: c1, role: my-view, custom: true"} {
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
			bubble(t, []byte(estate), noon.Add(time.Hour), func(w *world) {
				source := filepath.Join(w.dir, "source.json")
				if err := os.WriteFile(source, data, 0o600); err != nil {
					t.Fatal(err)
				}
				for i, a := range c.args {
					c.args[i] = strings.Replace(a, "SOURCE", source, 1)
				}
				before := w.account.Truth()
				got := w.restoreFrom(context.Background(), nil, source, policyFile(t, c.policy), "c1", append(slices.Clone(c.args), "--dry-run=false")...)
				if got.code != c.exit || !strings.Contains(got.stderr, c.says) {
					t.Errorf("exit %d, want %d and %q\n%s", got.code, c.exit, c.says, got.stderr)
				}
				if len(got.gives()) > 0 || cmp.Diff(before, w.account.Truth()) != "" {
					t.Errorf("something was written: %v", got.gives())
				}
				if c.exit == 2 && len(got.calls) > 0 {
					t.Errorf("%d calls", len(got.calls))
				}
				if diff := cmp.Diff(data, must(os.ReadFile(source))); diff != "" {
					t.Error("the source was changed")
				}
			})
		})
	}
}

// An old snapshot is given back when it is asked for, and an owner row never.
func TestRestoreOlderAndOwner(t *testing.T) {
	keys(t, showcaseAccount)
	left, nobody := policyFile(t, []string{`{uid: "200000000000000001", reason: departed, clusters: [one]}`}), policyFile(t, nil)
	estate := strings.Replace(wronged, "grants:\n", "grants:\n  - {uid: \"200000000000000001\", cluster: c1, owner: true}\n", 1)
	bubble(t, []byte(estate), noon, func(w *world) {
		before := w.account.Truth()
		w.must(w.run(context.Background(), "-p", left, "--dry-run=false"), 5) // the creator's row stays
		<-time.After(31 * 24 * time.Hour)
		w.must(w.restore(context.Background(), nobody, "c1", "--dry-run=false").ran, 4)
		got := w.restore(context.Background(), nobody, "c1", "--dry-run=false", "--older")
		w.must(got.ran, 0)
		if diff := cmp.Diff(before.Grants, w.account.Truth().Grants); diff != "" {
			t.Errorf("(-before +after):\n%s", diff)
		}
		if !slices.ContainsFunc(got.restore.Rows, func(r report.Row) bool { return r.Owner && r.State == report.RowOwner }) {
			t.Errorf("rows %+v", got.restore.Rows)
		}
	})
}

// Each fault at each call ends in a true report; then a restore without faults
// ends with exactly what was there, and one more writes nothing.
func TestRestoreFaults(t *testing.T) {
	keys(t, showcaseAccount)
	left, nobody := policyFile(t, aliceLeft), policyFile(t, nil)
	var source []byte
	bubble(t, []byte(wronged), noon, func(w *world) {
		first := w.run(context.Background(), "-p", left, "--dry-run=false")
		w.must(first, 0)
		source = first.raw
	})
	after := strings.NewReplacer(
		`  - {uid: "200000000000000001", cluster: c1, role: dev}`+"\n", "",
		`  - {uid: "200000000000000001", cluster: c1, namespace: payments, role: restricted}`+"\n", "",
		`  - {uid: "200000000000000001", cluster: c1, role: my-view, custom: true}`+"\n", "",
		`  - {uid: "200000000000000001", cluster: c1, expires: 2028-01-01T00:00:00Z}`, `  - {uid: "200000000000000001", cluster: c1, state: Removed}`,
	).Replace(wronged)
	want := func() []sim.Grant {
		e := must(sim.Load("estate.yaml", []byte(wronged)))
		return slices.DeleteFunc(sim.New(e, sim.Options{}).Truth().Grants, func(g sim.Grant) bool { return g.UID != aliceUID || g.Cluster != "c1" })
	}()
	tried := 0
	for _, on := range []string{"GetCallerIdentity", "ListUsers", "ListRoles", "DescribeClustersForRegion", "DescribeUserPermission", "ListUserKubeConfigStates", "UpdateUserPermissions"} {
		for _, do := range []string{"throttle", "denied", "empty500", "html502", "redirect", "resetBefore", "resetAfter", "hang", "noContent", "truncated", "acceptNothing", "tokenExpires", "slow, delay: 10s", "error, code: ErrAuthorizationConflict, status: 409"} {
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
					script := must(sim.LoadFaults("faults.yaml", fmt.Appendf(nil, "faults: [%s]", fault)))
					bubbleWith(t, []byte(after), script, noon.Add(time.Hour), func(w *world) {
						path := filepath.Join(w.dir, "report.json")
						if err := os.WriteFile(path, source, 0o600); err != nil {
							t.Fatal(err)
						}
						got := w.restore(context.Background(), nobody, "c1", "--dry-run=false")
						if got.restore == nil {
							t.Fatalf("no report\n%s", got.stderr)
						}
						held := w.grants(aliceUID, "c1")
						for _, g := range held {
							if !slices.Contains(want, g) {
								t.Errorf("%+v was never in the snapshot", g)
							}
						}
						whole := cmp.Diff(want, held) == ""
						if got.code == 0 && !whole {
							t.Errorf("exit 0 over %+v", held)
						}
						if got.code != 0 && !slices.Contains([]int{1, 5, 6}, got.code) {
							t.Errorf("exit %d", got.code)
						}
						for _, row := range got.restore.Rows {
							if row.State == report.RowGiven && !whole {
								t.Errorf("given, and not there: %+v", row)
							}
						}
						if got.code != 0 && len(got.restore.Errors)+len(got.restore.Writes) == 0 {
							t.Error("the report does not say why")
						}
						if strings.Contains(fault, "times: 0") || do == "tokenExpires" {
							return // the fault does not end
						}
						for range 2 {
							got = w.restore(context.Background(), nobody, "c1", "--dry-run=false")
						}
						last := w.restore(context.Background(), nobody, "c1", "--dry-run=false")
						if diff := cmp.Diff(want, w.grants(aliceUID, "c1")); got.code != 0 || last.code != 0 || len(last.gives()) > 0 || diff != "" {
							t.Errorf("after the fault: exit %d, then %d with writes %v (-want +got):\n%s", got.code, last.code, last.gives(), diff)
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
	keys(t, showcaseAccount)
	left, nobody := policyFile(t, aliceLeft), policyFile(t, nil)
	bubble(t, []byte(wronged), noon, func(w *world) {
		w.must(w.run(context.Background(), "-p", left, "--dry-run=false"), 0)
		ctx, cancel := context.WithCancelCause(context.Background())
		defer cancel(nil)
		defer time.AfterFunc(5*time.Second, func() { cancel(interruption(syscall.SIGTERM)) }).Stop()
		got := w.restore(ctx, nobody, "c1", "--dry-run=false")
		if got.code != 143 || len(got.gives()) > 0 || !got.restore.Run.Interrupted {
			t.Errorf("exit %d, writes %v", got.code, got.gives())
		}
		late := w.restore(context.Background(), nobody, "c1", "--dry-run=false", "--timeout", "4s")
		if late.code != 6 || len(late.gives()) > 0 {
			t.Errorf("exit %d, writes %v\n%s", late.code, late.gives(), late.stderr)
		}
	})
}

// What the account does while a restore waits decides, not what it did before:
// the old certificate that comes back to light is waited out, then refused; a
// row that another gives in between is not given; one role in its place stops it.
func TestRestoreWaits(t *testing.T) {
	keys(t, showcaseAccount)
	left, nobody := policyFile(t, aliceLeft), policyFile(t, nil)
	old := time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name   string
		after  time.Duration // of the start of the restore
		change func(*sim.Account)
		exit   int
		gives  int
		says   string
	}{
		{"the old certificate is back", 5 * time.Second, func(a *sim.Account) { a.Issue(aliceUID, "c1", old) }, 6, 0, "still in force"},
		{"a new certificate", 5 * time.Second, func(a *sim.Account) { a.Issue(aliceUID, "c1", old.AddDate(1, 0, 0)) }, 0, 1, "3 grants given back"},
		{"somebody gives a role", 5 * time.Second, func(a *sim.Account) { a.Give(sim.Grant{UID: aliceUID, Cluster: "c1", Role: "dev"}) }, 0, 1, "2 grants given back"},
		{"somebody gives another role", 5 * time.Second, func(a *sim.Account) { a.Give(sim.Grant{UID: aliceUID, Cluster: "c1", Role: "ops"}) }, 4, 0, "decide by hand"},
		{"somebody gives it all", 5 * time.Second, func(a *sim.Account) {
			for _, g := range []sim.Grant{{Role: "dev"}, {Role: "restricted", Namespace: "payments"}, {Role: "my-view", Custom: true}} {
				g.UID, g.Cluster = aliceUID, "c1"
				a.Give(g)
			}
		}, 0, 0, "nothing is missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, []byte(wronged), noon, func(w *world) {
				w.must(w.run(context.Background(), "-p", left, "--dry-run=false"), 0)
				defer time.AfterFunc(c.after, func() { c.change(w.account) }).Stop()
				got := w.restore(context.Background(), nobody, "c1", "--dry-run=false")
				if got.code != c.exit || len(got.gives()) != c.gives || !strings.Contains(got.stderr, c.says) {
					t.Errorf("exit %d, want %d; writes %v, want %d; want %q\n%s", got.code, c.exit, got.gives(), c.gives, c.says, got.stderr)
				}
				least := 10 * time.Second
				if c.says == "2 grants given back" {
					least += c.after // from when the last of it changed
				}
				if c.gives > 0 && got.waited() < least {
					t.Errorf("given after %v", got.waited())
				}
			})
		})
	}
}

// Straight after a run, reads may still show what is gone: "nothing is missing"
// is not believed at once. Later it is.
func TestRestoreLooksAgain(t *testing.T) {
	keys(t, showcaseAccount)
	left, nobody := policyFile(t, aliceLeft), policyFile(t, nil)
	bubble(t, []byte(wronged+"behaviour: {cleanEffect: 8s}"), noon, func(w *world) {
		before := w.account.Truth()
		w.must(w.run(context.Background(), "-p", left, "--dry-run=false", "--verify-timeout", "2s"), 5)
		got := w.restore(context.Background(), nobody, "c1", "--dry-run=false")
		if got.code != 0 || len(got.gives()) != 1 || !strings.Contains(got.stderr, "reading again in 10 s") {
			t.Errorf("exit %d, writes %v\n%s", got.code, got.gives(), got.stderr)
		}
		w.must(w.restore(context.Background(), nobody, "c2", "--dry-run=false").ran, 0)
		if diff := cmp.Diff(before.Grants, w.account.Truth().Grants); diff != "" {
			t.Errorf("(-before +after):\n%s", diff)
		}
		<-time.After(time.Hour)
		began := w.now()
		w.must(w.restore(context.Background(), nobody, "c1", "--dry-run=false").ran, 0)
		if took := w.now().Sub(began); took > 5*time.Second {
			t.Errorf("an hour later it took %v to say that nothing is missing", took)
		}
	})
}

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

	"github.com/google/go-cmp/cmp"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/end"
)

// town is an account with so many clusters, on each of which alice has a certificate
// and a grant. The last one is called other.
func town(clusters int, behaviour string) stage.City {
	c := stage.City{Caller: "{type: Account}", Behaviour: behaviour,
		Users: []string{`{uid: "200000000000000001", name: alice, created: 2024-01-01T00:00:00Z}`},
		Roles: []string{`{uid: "300000000000000001", name: role, created: 2024-01-01T00:00:00Z}`}}
	for i := range clusters {
		id, name := fmt.Sprintf("c%03d", i+1), fmt.Sprintf("mine-%d", i+1)
		if i == clusters-1 {
			name = "other"
		}
		c.Clusters = append(c.Clusters, fmt.Sprintf("{id: %s, name: %s, region: cn-hangzhou, created: 2024-01-01T00:00:00Z}", id, name))
		c.Creds = append(c.Creds, fmt.Sprintf(`{uid: "200000000000000001", cluster: %s, expires: 2028-01-01T00:00:00Z}`, id))
		c.Grants = append(c.Grants, fmt.Sprintf(`{uid: "200000000000000001", cluster: %s, role: dev}`, id))
	}
	return c
}

// One who left and has something on a hundred clusters costs a handful of calls
// beside those of a dry run, and all is gone.
func TestBulkCost(t *testing.T) {
	stage.Keys(t, stage.Account)
	pol := stage.PolicyFile(t, []string{`{uid: "200000000000000001", name: alice, reason: departed}`})
	for _, behaviour := range []string{"{}", "{lag: 8s}", "{task: {after: 0s}}", "{task: {after: 20s}}"} {
		stage.BubbleWith(t, town(100, behaviour).Yaml(), nil, stage.Noon, func(w *stage.World) {
			dry := w.Run(context.Background(), "-p", pol)
			got := w.Run(context.Background(), "-p", pol, "--dry-run=false")
			more := len(got.Calls) - len(dry.Calls)
			t.Logf("%s: %d calls beside the %d of a dry run", behaviour, more, len(dry.Calls))
			if got.Code != 0 || got.Report.Summary.Revoked != 100 || more > 12 || len(got.Writes()) != 1 {
				t.Errorf("%s: exit %d, %d revoked with %d calls more than the %d of a dry run; writes %v\n%s", behaviour, got.Code,
					got.Report.Summary.Revoked, more, len(dry.Calls), got.Writes(), got.Stderr)
			}
			if left := holdings(w.Account.Truth()); len(left) > 0 {
				t.Errorf("left: %v", left)
			}
		})
	}
}

// holdings are the clusters on which anybody has anything.
func holdings(t sim.Truth) (on []string) {
	for _, c := range t.Certificates {
		if c.State == "Unexpired" {
			on = append(on, c.Cluster)
		}
	}
	for _, g := range t.Grants {
		on = append(on, g.Cluster)
	}
	return slices.Compact(stage.Sorted(on))
}

// Whatever the task does and says, what is called revoked is gone, and who is out
// of scope keeps what he has, or it is told.
func TestBulkTasks(t *testing.T) {
	stage.Keys(t, stage.Account)
	every := []string{"c001", "c002", "c003", "c004"}
	for _, c := range []struct {
		name, behaviour, entry string
		args                   []string
		alone                  []string
		status                 string // of all outcomes
		exit                   int
		faults                 string
	}{
		{name: "well", status: "revoked"},
		{name: "not asked for", args: []string{"--no-bulk"}, alone: every, status: "revoked"},
		{name: "half-way", behaviour: "task: {ends: halfway}", alone: every[2:], status: "revoked"},
		{name: "fail", behaviour: "task: {ends: fail}", alone: every, status: "revoked"},
		{name: "nothing", behaviour: "task: {ends: nothing}", alone: every, status: "revoked"},
		{name: "never", behaviour: "task: {ends: never}", alone: every, status: "revoked"},
		{name: "late", behaviour: "cleanEffect: 5s", status: "revoked"},
		{name: "one is declined, and with it the whole", entry: ", force: false", behaviour: "task: {refuse: whole}", alone: every,
			status: "blocked", exit: end.CodeFailed},
		{name: "one is declined, and it alone", entry: ", force: false", behaviour: "task: {refuse: cluster}", alone: every, status: "blocked",
			exit: end.CodeFailed},
		{name: "it takes all", behaviour: "task: {reach: all}", status: "collateral", exit: end.CodeFailed},
		{name: "it takes grants elsewhere", faults: "{on: CleanUserPermissions, do: takesTooMuch}", status: "collateral", exit: end.CodeFailed},
		{name: "the certificates stay", faults: "{on: CleanUserPermissions, do: grantsOnly}", alone: every, status: "revoked"},
		{name: "denied", faults: "{on: CleanUserPermissions, do: denied}", alone: every, status: "revoked"},
		{name: "its task is denied", faults: "{on: DescribeTaskInfo, do: denied, times: 0}", status: "revoked"},
		{name: "its answer is lost", faults: "{on: CleanUserPermissions, do: resetAfter}", status: "revoked"},
		{name: "it is lost before it comes", faults: "{on: CleanUserPermissions, do: resetBefore}", alone: every, status: "revoked"},
	} {
		t.Run(c.name, func(t *testing.T) {
			script := stage.Must(sim.LoadFaults("faults.yaml", fmt.Appendf(nil, "faults: [%s]", c.faults)))
			city := town(5, "{"+c.behaviour+"}")
			if c.status == "blocked" { // nothing tells whether it was used
				for i := range every {
					city.Clusters[i] = city.Clusters[i][:len(city.Clusters[i])-1] + ", audit: false}"
				}
			}
			pol := stage.PolicyFile(t, []string{`{uid: "200000000000000001", reason: departed, clusters: ["mine-*"]` + c.entry + `}`})
			stage.BubbleWith(t, city.Yaml(), script, stage.Noon, func(w *stage.World) {
				got := w.Run(context.Background(), append([]string{"-p", pol, "--dry-run=false"}, c.args...)...)
				var want []string
				if len(c.args) == 0 {
					want = append(want, "CleanUserPermissions  "+stage.AliceUID)
				}
				for _, id := range c.alone {
					want = append(want, "CleanClusterUserPermissions "+id+" "+stage.AliceUID)
				}
				if diff := cmp.Diff(want, got.Writes()); diff != "" || got.Code != c.exit {
					t.Errorf("exit %d, want %d; writes (-want +got):\n%s\n%s", got.Code, c.exit, diff, got.Stderr)
				}
				for _, o := range got.Report.Outcomes {
					if string(o.Status) != c.status || o.Bulk != (len(c.args) == 0) {
						t.Errorf("%s is %s (bulk %t), want %s", o.Action, o.Status, o.Bulk, c.status)
					}
					if o.Status == "revoked" || o.Status == "collateral" {
						w.Clear(o.Action)
					}
				}
				kept := slices.Contains(holdings(w.Account.Truth()), "c005")
				if kept == (c.status == "collateral") && c.faults == "" {
					t.Errorf("what is out of scope is there: %t", kept)
				}
				if o := got.Report.Outcomes[0]; c.name == "it takes all" && !slices.Equal(o.CollateralCertificates, []string{"c005"}) {
					t.Errorf("the certificate that went along is not named: %+v", o)
				}
			})
		})
	}
}

// What a call of several clusters took along is named where every cluster that it
// was told of refuses, too: nothing else of it is read again.
func TestBulkTakesAlongAndRefuses(t *testing.T) {
	stage.Keys(t, stage.Account)
	city := town(5, "{task: {refuse: cluster, reach: all, after: 0s}}")
	for i := range 4 { // nothing tells whether it was used
		city.Clusters[i] = city.Clusters[i][:len(city.Clusters[i])-1] + ", audit: false}"
	}
	pol := stage.PolicyFile(t, []string{`{uid: "200000000000000001", reason: departed, clusters: ["mine-*"], force: false}`})
	stage.BubbleWith(t, city.Yaml(), nil, stage.Noon, func(w *stage.World) {
		got := w.Run(context.Background(), "-p", pol, "--dry-run=false")
		for _, o := range got.Report.Outcomes {
			if o.Status != "blocked" || !slices.Equal(o.CollateralCertificates, []string{"c005"}) || len(o.Collateral) != 1 {
				t.Errorf("%+v", o)
			}
		}
		nobody := stage.PolicyOf(t, "guards: {allowEmpty: true}")
		report := stage.Must(filepath.Glob(filepath.Join(w.Dir, "report-*.json")))[0]
		for cluster, want := range map[string]string{"c001": "nothing is missing", "c005": "1 grant of alice"} {
			back := w.Command(context.Background(), nil, "restore", report, "-p", nobody, "--uid", stage.AliceUID, "--cluster", cluster)
			if back.Code != 0 || !strings.Contains(back.Stderr, want) {
				t.Errorf("restore of %s: exit %d, not %q\n%s", cluster, back.Code, want, back.Stderr)
			}
		}
	})
}

// A run that died over a call of several clusters has left a line of each, and each
// can be given back by them.
func TestBulkGivenBack(t *testing.T) {
	stage.Keys(t, stage.Account)
	pol := stage.PolicyFile(t, []string{`{uid: "200000000000000001", name: alice, reason: departed}`})
	nobody := stage.PolicyOf(t, "guards: {allowEmpty: true}")
	stage.BubbleWith(t, town(5, "{task: {after: 0s}}").Yaml(), nil, stage.Noon, func(w *stage.World) {
		was := w.Account.Truth()
		w.Must(w.Run(context.Background(), "-p", pol, "--dry-run=false"), 0)
		done := stage.Must(filepath.Glob(filepath.Join(w.Dir, "report.json.journal", "*.done.jsonl")))[0]
		var lines []byte
		for line := range bytes.Lines(stage.Must(os.ReadFile(done))) {
			if bytes.Contains(line, []byte(`"type":"intent"`)) { // as far as a process comes that dies then
				lines = append(lines, line...)
			}
		}
		if err := os.WriteFile(done, lines, 0o600); err != nil || bytes.Count(lines, []byte("\n")) != 5 {
			t.Fatalf("%v\n%s", err, lines)
		}
		for i := range 5 {
			got := w.Command(context.Background(), nil, "restore", done, "-p", nobody, "--uid", stage.AliceUID, "--cluster",
				fmt.Sprintf("c%03d", i+1), "--dry-run=false", "--journal", filepath.Join(w.Dir, "report.json.journal"))
			if got.Code != 0 {
				t.Errorf("exit %d\n%s", got.Code, got.Stderr)
			}
		}
		if diff := cmp.Diff(was.Grants, w.Account.Truth().Grants); diff != "" {
			t.Errorf("grants (-before +after):\n%s", diff)
		}
	})
}

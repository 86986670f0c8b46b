package cli_test

import (
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
)

// generous is the account in which a clean takes more away than was asked: alice
// has grants wherever one can have them.
const generous = `
account: "1234567890123456"
caller: {type: Account}
users:
  - {uid: "200000000000000001", name: alice, created: 2024-01-01T00:00:00Z}
  - {uid: "200000000000000002", name: bob, created: 2024-01-01T00:00:00Z}
roles: [{uid: "300000000000000001", name: role, created: 2024-01-01T00:00:00Z}]
clusters:
  - {id: c1, name: one, region: r, created: 2024-01-01T00:00:00Z}
  - {id: c2, name: two, region: r, created: 2024-01-01T00:00:00Z}
  - {id: c3, name: three, region: r, created: 2024-01-01T00:00:00Z}
credentials:
  - {uid: "200000000000000001", cluster: c1, expires: 2028-01-01T00:00:00Z}
  - {uid: "200000000000000001", cluster: c2, expires: 2028-01-01T00:00:00Z}
grants:
  - {uid: "200000000000000001", cluster: c1, role: dev}
  - {uid: "200000000000000001", cluster: c2, role: dev}
  - {uid: "200000000000000001", cluster: c2, namespace: payments, role: restricted}
  - {uid: "200000000000000001", cluster: c3, role: ops}
  - {uid: "200000000000000001", allClusters: true, role: restricted}
  - {uid: "200000000000000002", cluster: c3, role: admin}
`

// What went missing beside the actions is named whatever became of them, in the
// report and in the journal, and each of both is enough to give it back. An
// action that took nothing away does not stand for what is gone from its
// cluster.
func TestCollateralWhateverTheOutcome(t *testing.T) {
	stage.Keys(t, stage.Account)
	const states = "{on: ListUserKubeConfigStates, from: 2, times: 0, do: denied}"
	one, two := `clusters: [one]`, `clusters: [one, two]`
	for _, c := range []struct {
		name      string
		entry     string // of alice, beside the uid
		head      string // of the policy
		behaviour string
		faults    []string
		statuses  map[string]string
		want      []string // of collateral: "action: cluster role"
		inForce   string   // the cluster where a certificate keeps restore from giving anything
	}{
		{name: "revoked", entry: "reason: departed, " + one, faults: []string{"{" + stage.Clean1 + ", do: takesTooMuch}"},
			statuses: map[string]string{"c1": "collateral"}, want: []string{"c1: c2 dev", "c1: c2 restricted", "c1: c3 ops"}},
		{name: "states cannot be read", entry: "reason: departed, " + one, faults: []string{"{" + stage.Clean1 + ", do: takesTooMuch}", states},
			statuses: map[string]string{"c1": "unverified"}, want: []string{"c1: c2 dev", "c1: c2 restricted", "c1: c3 ops"}},
		{name: "pinned, and states cannot be read",
			entry:    "reason: compromised, certificates: [{cluster: c1, expires: 2028-01-01T00:00:00Z}]",
			faults:   []string{"{" + stage.Clean1 + ", do: takesTooMuch}", states},
			statuses: map[string]string{"c1": "unverified"}, want: []string{"c1: c2 dev", "c1: c2 restricted", "c1: c3 ops"}},
		{name: "a lost answer, then denied", entry: "reason: departed, " + two,
			behaviour: "{lag: 15s, cleanAllClusters: remove}", faults: []string{"{" + stage.Clean1 + ", do: resetAfter}",
				"{" + stage.Clean1 + ", do: denied}"},
			statuses: map[string]string{"c1": "collateral", "c2": "collateral"}, want: []string{"c1:  restricted", "c2:  restricted"}},
		{name: "the other one failed", entry: "reason: departed, " + two,
			faults:   []string{"{" + stage.Clean1 + ", do: takesTooMuch}", "{on: CleanClusterUserPermissions, cluster: c2, do: denied}"},
			statuses: map[string]string{"c1": "collateral", "c2": "failed"}, want: []string{"c1: c2 dev",
				"c1: c2 restricted", "c1: c3 ops", "c2: c2 dev", "c2: c2 restricted", "c2: c3 ops"}, inForce: "c2"},
		{name: "the other one was blocked", entry: "reason: departed, force: false, " + two,
			faults: []string{"{" + stage.Clean1 + ", do: takesTooMuch}",
				"{on: CleanClusterUserPermissions, cluster: c2, do: error, code: ErrorInUse, status: 403}"},
			statuses: map[string]string{"c1": "collateral", "c2": "blocked"}, want: []string{"c1: c2 dev",
				"c1: c2 restricted", "c1: c3 ops", "c2: c2 dev", "c2: c2 restricted", "c2: c3 ops"}, inForce: "c2"},
		{name: "one failed, and the other took it along", entry: "reason: departed, " + two,
			faults:   []string{"{" + stage.Clean1 + ", do: denied}", "{on: CleanClusterUserPermissions, cluster: c2, do: takesTooMuch}"},
			statuses: map[string]string{"c1": "failed", "c2": "collateral"}, want: []string{"c1: c1 dev", "c1: c3 ops",
				"c2: c1 dev", "c2: c3 ops"}, inForce: "c1"},
		{name: "all clusters, and left to others", entry: "reason: departed, " + one,
			faults:   []string{"{" + stage.Clean1 + ", do: takesAllClusters}", states},
			statuses: map[string]string{"c1": "unverified"}, want: []string{"c1:  restricted"}},
		{name: "all clusters, which was denied", entry: "reason: departed, clusters: [one]",
			head: "scope: {allClustersGrants: revoke}", behaviour: "{cleanAllClusters: remove}",
			faults:   []string{"{on: UpdateUserPermissions, do: denied}"},
			statuses: map[string]string{"all-clusters": "failed", "c1": "collateral"},
			want:     []string{"all-clusters:  restricted", "c1:  restricted"}},
		{name: "nothing beside", entry: "reason: departed, " + one, faults: []string{"{" + stage.Clean1 + ", do: grantsOnly}"},
			statuses: map[string]string{"c1": "unverified"}, inForce: "c1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			listed, nobody := stage.PolicyOf(t, c.head, `{uid: "200000000000000001", `+c.entry+`}`), stage.PolicyFile(t, nil)
			script := stage.Must(sim.LoadFaults("faults.yaml", fmt.Appendf(nil, "faults: [%s]", strings.Join(c.faults, ", "))))
			estate := generous
			if c.behaviour != "" {
				estate += "behaviour: " + c.behaviour + "\n"
			}
			for _, source := range []string{"report", "journal"} {
				stage.BubbleWith(t, []byte(estate), script, stage.Noon, func(w *stage.World) {
					before := w.Account.Truth().Grants
					got := w.Run(context.Background(), "-p", listed, "--dry-run=false")
					statuses, short := map[string]string{}, []string{}
					for _, o := range got.Report.Outcomes {
						statuses[strings.TrimSuffix(o.Action, "/"+stage.AliceUID)] = string(o.Status)
					}
					for _, line := range stage.CollateralLines(got.Report) {
						short = append(short, strings.Replace(line, "/"+stage.AliceUID, "", 1))
					}
					if diff := cmp.Diff(c.statuses, statuses); diff != "" || got.Code != 5 {
						t.Errorf("exit %d; statuses (-want +got):\n%s\n%s", got.Code, diff, got.Stderr)
					}
					if diff := cmp.Diff(append([]string{}, c.want...), short); diff != "" {
						t.Errorf("collateral (-want +got):\n%s", diff)
					}
					from := filepath.Join(w.Dir, "report.json")
					if source == "journal" {
						from = stage.Must(filepath.Glob(filepath.Join(w.Dir, "report.json.journal", "*.done.jsonl")))[0]
					}
					safe := from + ".source" // not the last report, so that a restore never meets its own lines
					if err := os.WriteFile(safe, stage.Must(os.ReadFile(from)), 0o600); err != nil {
						t.Fatal(err)
					}
					for _, cluster := range lostOn(before, w.Account.Truth().Grants) {
						back := w.RestoreFrom(context.Background(), nil, safe, nobody, cluster, "--dry-run=false",
							"--journal", filepath.Join(w.Dir, "journal"))
						want := 0
						if cluster == c.inForce || cluster == "c1" && slices.Contains(c.faults, states) {
							want = 6 // the certificate is not gone, or cannot be seen
						}
						if back.Code != want {
							t.Errorf("%s from the %s: exit %d, want %d\n%s", cluster, source, back.Code, want, back.Stderr)
						}
						if left := lostOn(before, w.Account.Truth().Grants); want == 0 && slices.Contains(left, cluster) {
							t.Errorf("from the %s: on %s not all is back", source, cluster)
						}
					}
				})
			}
		})
	}
}

// lostOn are the clusters on which grants are gone, as restore calls them.
func lostOn(before, after []sim.Grant) []string {
	var on []string
	for _, g := range before {
		if !slices.Contains(after, g) {
			cluster := g.Cluster
			if g.AllClusters {
				cluster = "all-clusters"
			}
			on = append(on, cluster)
		}
	}
	return slices.Compact(stage.Sorted(on))
}

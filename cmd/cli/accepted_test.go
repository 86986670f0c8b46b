package cli_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/end"
)

// doubtful is an account in which there is something open of nearly every kind.
const doubtful = `
account: "1234567890123456"
caller: {type: RAMUser, uid: "290000000000000001"}
users:
  - {uid: "290000000000000001", name: runner, created: 2024-01-01T00:00:00Z}
  - {uid: "200000000000000001", name: alice, created: 2024-01-01T00:00:00Z}
  - {uid: "200000000000000002", name: bob, created: 2024-01-01T00:00:00Z}
  - {uid: "200000000000000003", name: carol, created: 2024-01-01T00:00:00Z}
  - {uid: "200000000000000004", name: dave, created: 2024-01-01T00:00:00Z}
  - {uid: "200000000000000005", name: erin, created: 2024-01-01T00:00:00Z}
  - {uid: "200000000000000006", name: frank, created: 2024-01-01T00:00:00Z, listed: false}
roles: [{uid: "300000000000000001", name: role, created: 2024-01-01T00:00:00Z}]
deleted: [{uid: "200000000000000009", name: gone}]
regions:
  - {id: r}
  - {id: q, clusters: failed}
clusters:
  - {id: c1, name: one, region: r, created: 2024-01-01T00:00:00Z}
  - {id: c2, name: blind, region: r, created: 2024-01-01T00:00:00Z}
  - {id: c3, name: three, region: r, created: 2024-01-01T00:00:00Z}
  - {id: c4, name: offline, region: r, created: 2024-01-01T00:00:00Z}
  - {id: c5, name: unlisted, region: r, created: 2024-01-01T00:00:00Z, listed: false}
  - {id: c6, name: hidden, region: r, created: 2024-01-01T00:00:00Z, conditioned: true}
credentials:
  - {uid: "200000000000000001", cluster: c1, state: Unknown}
  - {uid: "200000000000000005", cluster: c1, expires: 2030-02-01T00:00:00Z}
  - {uid: "200000000000000006", cluster: c1, expires: 2028-01-01T00:00:00Z}
  - {uid: "200000000000000009", cluster: c1, state: Removed}
grants:
  - {uid: "290000000000000001", cluster: c1, role: admin}
  - {uid: "290000000000000001", cluster: c3, role: admin}
  - {uid: "290000000000000001", cluster: c4, role: admin}
  - {uid: "200000000000000002", cluster: c3, owner: true}
  - {uid: "200000000000000002", allClusters: true, role: dev}
behaviour: {allClustersRow: always}
`

var doubted = []string{
	// Not clear on c1, blind on c2, and a pattern whose match may lie in q.
	`{uid: "200000000000000001", reason: departed, clusters: [c1, c2, "q-*"]}`,
	`{uid: "200000000000000002", reason: departed, clusters: [c3]}`,
	`{uid: "200000000000000003", reason: departed, clusters: [c1]}`, // her states cannot be read
	`{uid: "200000000000000004", reason: compromised, certificates: [{cluster: c3, expires: 2028-01-01T00:00:00Z}]}`,
	`{uid: "200000000000000005", reason: compromised, certificates: [{cluster: c1, expires: 2027-03-01T00:00:00Z}]}`,
	`{uid: "200000000000000006", reason: departed, clusters: [c1]}`,
	`{uid: "200000000000000009", reason: departed, clusters: [c1, c4]}`, // the list of c4 cannot be read
	`{uid: "200000000000000777", reason: departed, clusters: [c1]}`,
}

// alwaysThere are some of the rows that are told of whatever is accepted.
var alwaysThere = []string{"200000000000000001  region-not-read", "200000000000000003 c1 read-failed",
	"200000000000000004 c3 pin-not-shown",
	"200000000000000005 c1 renewal-possible", "200000000000000006 c1 identity-unclear", "  all-clusters-not-visible", "  region-not-read"}

// Each kind of accepted row accepts what it is for, and nothing else, however
// many there are of it: for every uid, cluster and region.
func TestAcceptedRowsAcceptNothingElse(t *testing.T) {
	stage.Keys(t, stage.Account)
	script := stage.Must(sim.LoadFaults("faults.yaml", []byte(`faults:
  - {on: ListUserKubeConfigStates, uid: "200000000000000003", times: 0, do: denied}
  - {on: ListClusterKubeconfigStates, cluster: c4, times: 0, do: denied}
`)))
	rows := func(what string, keys ...string) string {
		var all []string
		for _, k := range keys {
			all = append(all, fmt.Sprintf("{%swhat: %s, until: 2027-01-31, why: known}", k, what))
		}
		return "accepted: [" + strings.Join(all, ", ") + "]"
	}
	var people, clusters []string
	for _, e := range doubted {
		people = append(people, e[1:strings.Index(e, ",")]+", ")
	}
	for i := range 6 {
		clusters = append(clusters, fmt.Sprintf("cluster: c%d, ", i+1))
	}
	everybody := append(append([]string{}, people...), clusters...)
	for _, c := range []struct {
		what string
		head string
		want []string
	}{
		{"nothing", "", nil},
		{"unknown", rows("unknown", everybody...), []string{
			"200000000000000001 c1 certificate-unclear", "200000000000000001 c2 grants-not-visible",
			"200000000000000001 c5 cluster-not-listed", "200000000000000002 c5 cluster-not-listed",
			"200000000000000004 c5 cluster-not-listed", "200000000000000005 c5 cluster-not-listed",
			"200000000000000006 c5 cluster-not-listed", "200000000000000009 c5 cluster-not-listed", "200000000000000777  no-trace"}},
		{"unread of clusters", rows("unread", clusters...), []string{
			"200000000000000001 c6 cluster-not-listed", "200000000000000002 c6 cluster-not-listed",
			"200000000000000004 c6 cluster-not-listed", "200000000000000005 c6 cluster-not-listed",
			"200000000000000006 c6 cluster-not-listed", "200000000000000009 c4 read-failed",
			"200000000000000009 c6 cluster-not-listed"}},
		{"unread of regions", rows("unread", "region: q, ", "region: r, ", `region: "*", `), []string{"  region-not-read"}},
		{"listing", rows("listing", ""), nil},
		{"owner", rows("owner", everybody...), []string{"200000000000000002 c3 owner"}},
		{"all-clusters", rows("all-clusters", ""), []string{"  all-clusters-not-visible", "200000000000000002  all-clusters"}},
	} {
		t.Run(c.what, func(t *testing.T) {
			listed := stage.PolicyOf(t, c.head, doubted...)
			stage.BubbleWith(t, []byte(doubtful), script, stage.Noon, func(w *stage.World) {
				got := w.Run(context.Background(), "-p", listed)
				var open, accepted []string
				for _, u := range got.Report.Plan.Unknown {
					line := fmt.Sprintf("%s %s %s", u.UID, u.Cluster, u.Why)
					if open = append(open, line); u.Accepted {
						accepted = append(accepted, line)
					}
				}
				for _, x := range got.Report.Plan.Residual {
					line := fmt.Sprintf("%s %s %s", x.UID, x.Cluster, x.What)
					if open = append(open, line); x.Accepted {
						accepted = append(accepted, line)
					}
				}
				if diff := cmp.Diff(stage.Sorted(c.want), stage.Sorted(accepted)); diff != "" {
					t.Errorf("accepted (-want +got):\n%s", diff)
				}
				for _, why := range alwaysThere {
					if !strings.Contains(strings.Join(open, "\n")+"\n", why+"\n") {
						t.Errorf("nothing is open about %q:\n%s", why, strings.Join(open, "\n"))
					}
				}
				if got.Code == end.CodeClean {
					t.Error("exit 0")
				}
			})
		})
	}
}

package cli_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/cmd/test/stage"
)

// TestAuditCallBudget holds an audit of 100 clusters and 2,000 credentials to
// its bound, to the number: who asks, the directory, and every page of both
// lists of every cluster; with grants the caller's own and one for each holder.
func TestAuditCallBudget(t *testing.T) {
	stage.Keys(t, stage.Account)
	const users, roles, clusters, credentials = 2300, 120, 100, 2000
	c := stage.City{Caller: `{type: RAMUser, uid: "290000000000000001"}`,
		Users:  []string{`{uid: "290000000000000001", name: auditor, created: 2024-01-01T00:00:00Z}`},
		Grants: []string{`{uid: "290000000000000001", allClusters: true, role: admin}`}, Behaviour: "{clusterPageDefault: 10}"}
	uid := func(i int) string { return fmt.Sprintf("2%017d", i+1) }
	for i := range users - 1 {
		if i%100 == 7 { // gone from RAM, with credentials like the others
			c.Deleted = append(c.Deleted, fmt.Sprintf(`{uid: %q, name: gone-%d, kind: user}`, uid(i), i+1))
			continue
		}
		c.Users = append(c.Users, fmt.Sprintf(`{uid: %q, name: user-%d, created: 2024-01-01T00:00:00Z}`, uid(i), i+1))
	}
	for i := range roles {
		c.Roles = append(c.Roles, fmt.Sprintf(`{uid: "3%017d", name: role-%d, created: 2024-01-01T00:00:00Z}`, i+1, i+1))
	}
	lists, holders, next := 0, map[string]bool{}, 0
	for i := range clusters {
		c.Clusters = append(c.Clusters, fmt.Sprintf(`{id: c%04d, name: cluster-%d, region: cn-hangzhou, created: 2024-01-01T00:00:00Z}`, i, i))
		held := []int{20, 60, 0, 5, 15}[i%5] // on one page, on two, on none
		for range held {
			who := uid(next % (users - 1))
			c.Creds = append(c.Creds, fmt.Sprintf(`{uid: %q, cluster: c%04d, expires: 2028-01-01T00:00:00Z}`, who, i))
			holders[who] = true
			next++
		}
		lists += max(1, (held+49)/50) + 1 // and the page of cloud services
	}
	if len(c.Creds) != credentials {
		t.Fatalf("%d credentials", len(c.Creds))
	}
	want := map[string]int{"GetCallerIdentity": 1, "ListUsers": (len(c.Users) + 999) / 1000, "ListRoles": 1, "DescribeRegions": 1,
		"DescribeClustersForRegion": 1,
		"ListUserKubeConfigStates":  1, "ListClusterKubeconfigStates": lists} // of the caller, for clusters that the listing lacks
	stage.Bubble(t, c.Yaml(), stage.Noon, func(w *stage.World) {
		a := w.Audit("--format", "json")
		if a.Code != 0 || a.Audit.Summary.ByKind["deleted"] == 0 || a.Audit.Coverage.Credentials != len(c.Creds) ||
			a.Audit.Coverage.Holders != len(holders) {
			t.Fatalf("exit %d, %+v %+v\n%s", a.Code, a.Audit.Summary, a.Audit.Coverage, a.Stderr)
		}
		if diff := cmp.Diff(want, stage.Counts(a.Calls)); diff != "" {
			t.Errorf("calls (-bound +made):\n%s", diff)
		}
		if diff := cmp.Diff(want, a.Audit.Calls.ByOperation); diff != "" {
			t.Errorf("calls (-bound +told):\n%s", diff)
		}
		t.Logf("%d clusters, %d credentials of %d holders: %d calls", clusters, len(c.Creds), len(holders), len(a.Calls))
		a = w.Audit("--grants", "--format", "json")
		want["DescribeUserPermission"] = 1 + len(holders)
		if diff := cmp.Diff(want, stage.Counts(a.Calls)); diff != "" || a.Code != 0 {
			t.Errorf("exit %d, calls with --grants (-bound +made):\n%s", a.Code, diff)
		}
		t.Logf("with --grants: %d calls", len(a.Calls))
	})
}

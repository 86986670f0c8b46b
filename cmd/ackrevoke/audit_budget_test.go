package main

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestAuditCallBudget holds an audit of 100 clusters and 2,000 credentials to
// its bound, to the number: who asks, the directory, and every page of both
// lists of every cluster; with grants the caller's own and one for each holder.
func TestAuditCallBudget(t *testing.T) {
	keys(t, showcaseAccount)
	const users, roles, clusters, credentials = 2300, 120, 100, 2000
	c := city{caller: `{type: RAMUser, uid: "290000000000000001"}`,
		users:  []string{`{uid: "290000000000000001", name: auditor, created: 2024-01-01T00:00:00Z}`},
		grants: []string{`{uid: "290000000000000001", allClusters: true, role: admin}`}, behaviour: "{clusterPageDefault: 10}"}
	uid := func(i int) string { return fmt.Sprintf("2%017d", i+1) }
	for i := range users - 1 {
		if i%100 == 7 { // gone from RAM, with credentials like the others
			c.deleted = append(c.deleted, fmt.Sprintf(`{uid: %q, name: gone-%d, kind: user}`, uid(i), i+1))
			continue
		}
		c.users = append(c.users, fmt.Sprintf(`{uid: %q, name: user-%d, created: 2024-01-01T00:00:00Z}`, uid(i), i+1))
	}
	for i := range roles {
		c.roles = append(c.roles, fmt.Sprintf(`{uid: "3%017d", name: role-%d, created: 2024-01-01T00:00:00Z}`, i+1, i+1))
	}
	lists, holders, next := 0, map[string]bool{}, 0
	for i := range clusters {
		c.clusters = append(c.clusters, fmt.Sprintf(`{id: c%04d, name: cluster-%d, region: cn-hangzhou, created: 2024-01-01T00:00:00Z}`, i, i))
		held := []int{20, 60, 0, 5, 15}[i%5] // on one page, on two, on none
		for range held {
			who := uid(next % (users - 1))
			c.creds = append(c.creds, fmt.Sprintf(`{uid: %q, cluster: c%04d, expires: 2028-01-01T00:00:00Z}`, who, i))
			holders[who] = true
			next++
		}
		lists += max(1, (held+49)/50) + 1 // and the page of cloud services
	}
	if len(c.creds) != credentials {
		t.Fatalf("%d credentials", len(c.creds))
	}
	want := map[string]int{"GetCallerIdentity": 1, "ListUsers": (len(c.users) + 999) / 1000, "ListRoles": 1, "DescribeRegions": 1, "DescribeClustersForRegion": 1,
		"ListUserKubeConfigStates": 1, "ListClusterKubeconfigStates": lists} // of the caller, for clusters that the listing lacks
	bubble(t, c.yaml(), noon, func(w *world) {
		a := w.audit("--format", "json")
		if a.code != 0 || a.audit.Summary.ByKind["deleted"] == 0 || a.audit.Coverage.Credentials != len(c.creds) || a.audit.Coverage.Holders != len(holders) {
			t.Fatalf("exit %d, %+v %+v\n%s", a.code, a.audit.Summary, a.audit.Coverage, a.stderr)
		}
		if diff := cmp.Diff(want, counts(a.calls)); diff != "" {
			t.Errorf("calls (-bound +made):\n%s", diff)
		}
		if diff := cmp.Diff(want, a.audit.Calls.ByOperation); diff != "" {
			t.Errorf("calls (-bound +told):\n%s", diff)
		}
		t.Logf("%d clusters, %d credentials of %d holders: %d calls", clusters, len(c.creds), len(holders), len(a.calls))
		a = w.audit("--grants", "--format", "json")
		want["DescribeUserPermission"] = 1 + len(holders)
		if diff := cmp.Diff(want, counts(a.calls)); diff != "" || a.code != 0 {
			t.Errorf("exit %d, calls with --grants (-bound +made):\n%s", a.code, diff)
		}
		t.Logf("with --grants: %d calls", len(a.calls))
	})
}

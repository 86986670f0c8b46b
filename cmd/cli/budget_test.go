package cli_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/cmd/test/stage"
)

// TestCallBudget holds a run against a large account to semantics.md section 1:
// the reads of the happy path to the number, and one write an action.
func TestCallBudget(t *testing.T) {
	stage.Keys(t, stage.Account)
	const users, roles, clusters, principals, regions, inhabited = 2300, 120, 250, 5, 30, 5
	c := stage.City{Caller: `{type: RAMUser, uid: "290000000000000001"}`,
		Users:  []string{`{uid: "290000000000000001", name: runner, created: 2024-01-01T00:00:00Z}`},
		Grants: []string{`{uid: "290000000000000001", allClusters: true, role: admin}`}, Behaviour: "{clusterPageDefault: 10}"}
	for i := range users - 1 {
		c.Users = append(c.Users, fmt.Sprintf(`{uid: "2%017d", name: user-%d, created: 2024-01-01T00:00:00Z}`, i+1, i+1))
	}
	for i := range roles {
		c.Roles = append(c.Roles, fmt.Sprintf(`{uid: "3%017d", name: role-%d, created: 2024-01-01T00:00:00Z}`, i+1, i+1))
	}
	for i := range regions {
		c.Regions = append(c.Regions, fmt.Sprintf(`{id: cn-%02d}`, i))
	}
	listing, left := 0, clusters
	for g, n := range []int{130, 100, 12, 7, 1} { // of one page and of two; the other regions are empty
		for range n {
			left--
			c.Clusters = append(c.Clusters, fmt.Sprintf(`{id: c%04d, name: cluster-%d, region: cn-%02d, created: 2024-01-01T00:00:00Z}`, left,
				left, g*6))
		}
		listing += (n + 99) / 100
	}
	if left != 0 {
		t.Fatalf("%d clusters too few", left)
	}
	listing += regions - inhabited
	var entries []string
	for i := range principals {
		uid := fmt.Sprintf("2%017d", i+1)
		entries = append(entries, fmt.Sprintf("{uid: %q, reason: departed}", uid))
		c.Creds = append(c.Creds, fmt.Sprintf(`{uid: %q, cluster: c%04d, expires: 2028-01-01T00:00:00Z}`, uid, i))
		c.Grants = append(c.Grants, fmt.Sprintf(`{uid: %q, cluster: c%04d, role: dev}`, uid, i))
	}
	policy := stage.PolicyFile(t, entries)
	pages := (clusters + 99) / 100
	want := map[string]int{"GetCallerIdentity": 1, "ListUsers": (users + 999) / 1000, "ListRoles": 1, "DescribeRegions": 1,
		"DescribeClustersForRegion": listing,
		"DescribeUserPermission":    1 + principals, "ListUserKubeConfigStates": principals * pages}
	stage.Bubble(t, c.Yaml(), stage.Noon, func(w *stage.World) {
		dry := w.Run(context.Background(), "-p", policy)
		if dry.Code != 0 || len(dry.Report.Plan.Actions) != principals || dry.Report.Summary.Targets != principals*clusters {
			w.T.Fatalf("exit %d, %+v\n%s", dry.Code, dry.Report.Summary, dry.Stderr)
		}
		if diff := cmp.Diff(want, dry.Report.Calls.ByOperation); diff != "" {
			t.Errorf("dry run, calls (-budget +report):\n%s", diff)
		}
		t.Logf("dry run: %d users, %d clusters in %d of %d regions, %d principals: %d calls", users, clusters, inhabited, regions,
			principals, len(dry.Calls))

		apply := w.Run(context.Background(), "-p", policy, "--dry-run=false")
		want["CleanClusterUserPermissions"] = principals
		want["DescribeUserPermission"] += principals
		want["ListUserKubeConfigStates"] += principals * pages
		if apply.Code != 0 || len(apply.Writes()) != principals {
			t.Errorf("exit %d, writes %v", apply.Code, apply.Writes())
		}
		if diff := cmp.Diff(want, apply.Report.Calls.ByOperation); diff != "" {
			t.Errorf("applying, calls (-budget +report):\n%s", diff)
		}
		if len(apply.Calls) != apply.Report.Calls.Reads+apply.Report.Calls.Writes {
			t.Errorf("the account saw %d calls and the report says %d + %d", len(apply.Calls), apply.Report.Calls.Reads, apply.Report.Calls.Writes)
		}
	})
}

// TestPlanIsDeterministic permutes everything that has no order of its own:
// the plan stays the same to the byte.
func TestPlanIsDeterministic(t *testing.T) {
	stage.Keys(t, stage.Account)
	c := stage.City{Caller: `{type: RAMUser, uid: "290000000000000001"}`,
		Users: []string{`{uid: "290000000000000001", name: runner, created: 2024-01-01T00:00:00Z}`},
		Roles: []string{`{uid: "300000000000000001", name: role, created: 2024-01-01T00:00:00Z}`,
			`{uid: "300000000000000002", name: deployer, created: 2024-01-01T00:00:00Z}`},
		Grants: []string{`{uid: "290000000000000001", cluster: c00, role: admin}`},
	}
	var entries []string
	for i := range 24 {
		c.Clusters = append(c.Clusters, fmt.Sprintf(`{id: c%02d, name: cluster-%d, region: r%d, created: 2019-0%d-01T00:00:00Z}`, i, 24-i,
			i%3, 1+i%9))
		if i%5 > 0 {
			c.Grants = append(c.Grants, fmt.Sprintf(`{uid: "290000000000000001", cluster: c%02d, role: admin}`, i))
		}
	}
	for i := range 12 {
		uid := fmt.Sprintf("2000000000000000%02d", i)
		line := fmt.Sprintf(`{uid: %q, name: user-%d, created: 2024-01-01T00:00:00Z}`, uid, i)
		if i%4 == 3 {
			c.Deleted = append(c.Deleted, fmt.Sprintf(`{uid: %q, name: user-%d, kind: user}`, uid, i))
		} else {
			c.Users = append(c.Users, line)
		}
		name := ""
		if i%6 == 4 {
			name = ", name: somebody-else"
		}
		entries = append(entries, fmt.Sprintf("{uid: %q, reason: departed%s}", uid, name))
		for k := range 24 {
			switch (i + k) % 5 {
			case 0:
				c.Creds = append(c.Creds, fmt.Sprintf(`{uid: %q, cluster: c%02d, expires: 2028-01-01T00:00:00Z}`, uid, k))
				c.Grants = append(c.Grants, fmt.Sprintf(`{uid: %q, cluster: c%02d, namespace: b, role: dev}`, uid, k),
					fmt.Sprintf(`{uid: %q, cluster: c%02d, namespace: a, role: dev}`, uid, k))
			case 1:
				c.Creds = append(c.Creds, fmt.Sprintf(`{uid: %q, cluster: c%02d, state: Unknown}`, uid, k))
			}
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	var first string
	for round := range 6 {
		permuted := c.Permuted(r)
		permuted.Behaviour = fmt.Sprintf("{clusterPageMax: %d}", 5+round*20)
		r.Shuffle(len(entries), func(i, j int) { entries[i], entries[j] = entries[j], entries[i] })
		policy := stage.PolicyFile(t, entries)
		stage.Bubble(t, permuted.Yaml(), stage.Noon, func(w *stage.World) {
			got := w.Run(context.Background(), "-p", policy)
			if got.Report == nil {
				w.T.Fatalf("no report\n%s", got.Stderr)
			}
			plan := string(stage.Must(json.Marshal(got.Report.Plan)))
			if first == "" {
				first = plan
				t.Logf("%d actions, %d unknown, %d refused", len(got.Report.Plan.Actions), len(got.Report.Plan.Unknown), len(got.Report.Plan.Refused))
			}
			if diff := cmp.Diff(first, plan); diff != "" {
				t.Errorf("round %d plans something else:\n%s", round, diff)
			}
		})
	}
}

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// city is an estate as lists of lines, so that a test can permute them.
type city struct {
	caller                                         string
	users, roles, deleted, clusters, creds, grants []string
	regions                                        []string // none: those of the clusters
	behaviour                                      string
}

func (c city) yaml() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "account: %q\ncaller: %s\n", showcaseAccount, c.caller)
	for _, s := range []struct {
		name  string
		lines []string
	}{{"regions", c.regions}, {"users", c.users}, {"roles", c.roles}, {"deleted", c.deleted}, {"clusters", c.clusters}, {"credentials", c.creds}, {"grants", c.grants}} {
		if len(s.lines) > 0 {
			fmt.Fprintf(&b, "%s:\n  - %s\n", s.name, strings.Join(s.lines, "\n  - "))
		}
	}
	if c.behaviour != "" {
		fmt.Fprintf(&b, "behaviour: %s\n", c.behaviour)
	}
	return []byte(b.String())
}

func (c city) permuted(r *rand.Rand) city {
	for _, l := range []*[]string{&c.users, &c.roles, &c.deleted, &c.clusters, &c.creds, &c.grants} {
		shuffled := append([]string{}, *l...)
		r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		*l = shuffled
	}
	return c
}

// TestCallBudget holds a run against a large account to semantics.md section 1:
// the reads of the happy path to the number, and one write an action.
func TestCallBudget(t *testing.T) {
	keys(t, showcaseAccount)
	const users, roles, clusters, principals, regions, inhabited = 2300, 120, 250, 5, 30, 5
	c := city{caller: `{type: RAMUser, uid: "290000000000000001"}`,
		users:  []string{`{uid: "290000000000000001", name: runner, created: 2024-01-01T00:00:00Z}`},
		grants: []string{`{uid: "290000000000000001", allClusters: true, role: admin}`}, behaviour: "{clusterPageDefault: 10}"}
	for i := range users - 1 {
		c.users = append(c.users, fmt.Sprintf(`{uid: "2%017d", name: user-%d, created: 2024-01-01T00:00:00Z}`, i+1, i+1))
	}
	for i := range roles {
		c.roles = append(c.roles, fmt.Sprintf(`{uid: "3%017d", name: role-%d, created: 2024-01-01T00:00:00Z}`, i+1, i+1))
	}
	for i := range regions {
		c.regions = append(c.regions, fmt.Sprintf(`{id: cn-%02d}`, i))
	}
	listing, left := 0, clusters
	for g, n := range []int{130, 100, 12, 7, 1} { // of one page and of two; the other regions are empty
		for range n {
			left--
			c.clusters = append(c.clusters, fmt.Sprintf(`{id: c%04d, name: cluster-%d, region: cn-%02d, created: 2024-01-01T00:00:00Z}`, left, left, g*6))
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
		c.creds = append(c.creds, fmt.Sprintf(`{uid: %q, cluster: c%04d, expires: 2028-01-01T00:00:00Z}`, uid, i))
		c.grants = append(c.grants, fmt.Sprintf(`{uid: %q, cluster: c%04d, role: dev}`, uid, i))
	}
	policy := policyFile(t, entries)
	pages := (clusters + 99) / 100
	want := map[string]int{"GetCallerIdentity": 1, "ListUsers": (users + 999) / 1000, "ListRoles": 1, "DescribeRegions": 1, "DescribeClustersForRegion": listing,
		"DescribeUserPermission": 1 + principals, "ListUserKubeConfigStates": principals * pages}
	bubble(t, c.yaml(), noon, func(w *world) {
		dry := w.run(context.Background(), "-p", policy)
		if dry.code != 0 || len(dry.report.Plan.Actions) != principals || dry.report.Summary.Targets != principals*clusters {
			w.t.Fatalf("exit %d, %+v\n%s", dry.code, dry.report.Summary, dry.stderr)
		}
		if diff := cmp.Diff(want, dry.report.Calls.ByOperation); diff != "" {
			t.Errorf("dry run, calls (-budget +report):\n%s", diff)
		}
		t.Logf("dry run: %d users, %d clusters in %d of %d regions, %d principals: %d calls", users, clusters, inhabited, regions, principals, len(dry.calls))

		apply := w.run(context.Background(), "-p", policy, "--dry-run=false")
		want["CleanClusterUserPermissions"] = principals
		want["DescribeUserPermission"] += principals
		want["ListUserKubeConfigStates"] += principals * pages
		if apply.code != 0 || len(apply.writes()) != principals {
			t.Errorf("exit %d, writes %v", apply.code, apply.writes())
		}
		if diff := cmp.Diff(want, apply.report.Calls.ByOperation); diff != "" {
			t.Errorf("applying, calls (-budget +report):\n%s", diff)
		}
		if len(apply.calls) != apply.report.Calls.Reads+apply.report.Calls.Writes {
			t.Errorf("the account saw %d calls and the report says %d + %d", len(apply.calls), apply.report.Calls.Reads, apply.report.Calls.Writes)
		}
	})
}

// policyFile writes a policy whose entries stand on one line, so that their
// order does not show in line numbers.
func policyFile(t *testing.T, entries []string) string {
	t.Helper()
	return policyOf(t, "guards: {maxPrincipals: 100}", entries...)
}

// policyOf is a policy with more sections than that of the entries.
func policyOf(t *testing.T, sections string, entries ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "policy.yaml")
	text := fmt.Sprintf("version: 1\naccount: %q\n%s\nprincipals: [%s]\n", showcaseAccount, sections, strings.Join(entries, ", "))
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestPlanIsDeterministic permutes everything that has no order of its own:
// the plan stays the same to the byte.
func TestPlanIsDeterministic(t *testing.T) {
	keys(t, showcaseAccount)
	c := city{caller: `{type: RAMUser, uid: "290000000000000001"}`,
		users:  []string{`{uid: "290000000000000001", name: runner, created: 2024-01-01T00:00:00Z}`},
		roles:  []string{`{uid: "300000000000000001", name: role, created: 2024-01-01T00:00:00Z}`, `{uid: "300000000000000002", name: deployer, created: 2024-01-01T00:00:00Z}`},
		grants: []string{`{uid: "290000000000000001", cluster: c00, role: admin}`},
	}
	var entries []string
	for i := range 24 {
		c.clusters = append(c.clusters, fmt.Sprintf(`{id: c%02d, name: cluster-%d, region: r%d, created: 2019-0%d-01T00:00:00Z}`, i, 24-i, i%3, 1+i%9))
		if i%5 > 0 {
			c.grants = append(c.grants, fmt.Sprintf(`{uid: "290000000000000001", cluster: c%02d, role: admin}`, i))
		}
	}
	for i := range 12 {
		uid := fmt.Sprintf("2000000000000000%02d", i)
		line := fmt.Sprintf(`{uid: %q, name: user-%d, created: 2024-01-01T00:00:00Z}`, uid, i)
		if i%4 == 3 {
			c.deleted = append(c.deleted, fmt.Sprintf(`{uid: %q, name: user-%d, kind: user}`, uid, i))
		} else {
			c.users = append(c.users, line)
		}
		name := ""
		if i%6 == 4 {
			name = ", name: somebody-else"
		}
		entries = append(entries, fmt.Sprintf("{uid: %q, reason: departed%s}", uid, name))
		for k := range 24 {
			switch (i + k) % 5 {
			case 0:
				c.creds = append(c.creds, fmt.Sprintf(`{uid: %q, cluster: c%02d, expires: 2028-01-01T00:00:00Z}`, uid, k))
				c.grants = append(c.grants, fmt.Sprintf(`{uid: %q, cluster: c%02d, namespace: b, role: dev}`, uid, k), fmt.Sprintf(`{uid: %q, cluster: c%02d, namespace: a, role: dev}`, uid, k))
			case 1:
				c.creds = append(c.creds, fmt.Sprintf(`{uid: %q, cluster: c%02d, state: Unknown}`, uid, k))
			}
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	var first string
	for round := range 6 {
		permuted := c.permuted(r)
		permuted.behaviour = fmt.Sprintf("{clusterPageMax: %d}", 5+round*20)
		r.Shuffle(len(entries), func(i, j int) { entries[i], entries[j] = entries[j], entries[i] })
		policy := policyFile(t, entries)
		bubble(t, permuted.yaml(), noon, func(w *world) {
			got := w.run(context.Background(), "-p", policy)
			if got.report == nil {
				w.t.Fatalf("no report\n%s", got.stderr)
			}
			plan := string(must(json.Marshal(got.report.Plan)))
			if first == "" {
				first = plan
				t.Logf("%d actions, %d unknown, %d refused", len(got.report.Plan.Actions), len(got.report.Plan.Unknown), len(got.report.Plan.Refused))
			}
			if diff := cmp.Diff(first, plan); diff != "" {
				t.Errorf("round %d plans something else:\n%s", round, diff)
			}
		})
	}
}

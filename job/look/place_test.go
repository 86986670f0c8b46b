package look

import (
	"context"
	"strings"
	"testing"
	"time"

	"ackrevoke/job/jobtest"
	"ackrevoke/job/sight"
	"ackrevoke/policy"
)

// A certificate whose address says nothing is placed by its expiry only where
// exactly one cluster can be meant, and everything that could show another one
// was read.
func TestPlacedByExpiry(t *testing.T) {
	const living, dead = "10", "77"
	ends := time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)
	row := func(cluster string, expires time.Time) policy.State {
		return policy.State{Cluster: cluster, Cert: policy.Unexpired, Expires: expires}
	}
	for _, c := range []struct {
		name    string
		uid     string
		states  []policy.State
		holders map[string][]policy.Holder
		fails   string // a call
		cluster string // "" where it is not placed
		also    string
		lists   string // per-cluster lists that were read
	}{
		{"one", living, []policy.State{row("c2", ends)}, nil, "", "c2", "", ""},
		{"none", living, []policy.State{row("c2", ends.AddDate(0, 1, 0))}, nil, "", "", "", ""},
		{"two in the same second", living, []policy.State{row("c2", ends), row("c3", ends)}, nil, "", "", "c2 c3", ""},
		{"two in the same minute", living, []policy.State{row("c2", ends), row("c3", ends.Add(time.Second))}, nil, "", "c2", "c3", ""},
		{"near, and not the same", living, []policy.State{row("c2", ends.Add(time.Second))}, nil, "", "", "c2", ""},
		{"one that is not listed", living, []policy.State{row("c9", ends)}, nil, "", "", "c9", ""},
		{"one listed and one not", living, []policy.State{row("c2", ends), row("c9", ends)}, nil, "", "", "c2 c9", ""},
		{"one deleted with its cluster", living, []policy.State{row("c2", ends), {Cluster: "c9", ClusterState: "deleted",
			Cert: policy.Unexpired, Expires: ends}}, nil, "", "c2", "c9", ""},
		{"one that is past", living, []policy.State{row("c2", ends), {Cluster: "c3", Cert: policy.Expired, Expires: ends}}, nil, "", "c2",
			"", ""},
		{"unknown elsewhere", living, []policy.State{row("c2", ends), {Cluster: "c3", Cert: policy.CertUnknown}},
			map[string][]policy.Holder{"c3": {{UID: living, Cert: policy.Unexpired, Expires: ends}}}, "", "", "c2", "c3"},
		{"unknown elsewhere, and absent", living, []policy.State{row("c2", ends), {Cluster: "c3", Cert: policy.CertUnknown}}, nil, "",
			"c2", "", "c3"},
		{"unknown elsewhere, and unreadable", living, []policy.State{row("c2", ends), {Cluster: "c3", Cert: policy.CertUnknown}}, nil,
			"holders c3", "", "c2", "c3"},
		{"the states cannot be read", living, nil, nil, "states 10", "", "", ""},
		{"deleted: only the lists show it", dead, nil, map[string][]policy.Holder{"c2": {{UID: dead, Name: "gone", Cert: policy.Unexpired,
			Expires: ends}}}, "", "c2", "", "c1 c2 c3 c4"},
		{"deleted: the lists show one more", dead, []policy.State{row("c1", ends)}, map[string][]policy.Holder{"c2": {{UID: dead,
			Cert: policy.Unexpired, Expires: ends}}}, "", "", "c1", "c1 c2 c3 c4"},
		{"deleted: a list cannot be read", dead, []policy.State{row("c1", ends)}, nil, "holders c4", "", "c1", "c1 c2 c3 c4"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := jobtest.New(living)
			s.StateRows[c.uid], s.HolderRows = c.states, c.holders
			s.On = func(call string, _ int) (bool, error) {
				if call == c.fails {
					return false, &policy.Fault{Op: "read", Kind: policy.Unavailable, Status: 500}
				}
				return true, nil
			}
			_, traced, err := Inspect(context.Background(), &sight.Sight{Reader: s, Concurrency: 2,
				Now: func() time.Time { return ends.AddDate(-3, 1, 0) }}, []Leaked{{UID: c.uid, Expires: ends}})
			if err != nil {
				t.Fatal(err)
			}
			got := traced[0]
			placed := ""
			if got.Placed != "" {
				placed = got.Clusters[0].ID
			}
			if placed != c.cluster || (placed != "") != (got.Placed == PlacedByExpiry) || len(got.Clusters) > 1 ||
				(c.fails != "") != (got.Fault != nil) {
				t.Errorf("on %q, placed by %q, fault %v", placed, got.Placed, got.Fault)
			}
			var also, lists []string
			for _, row := range got.Also {
				also = append(also, row.Cluster)
			}
			for _, call := range []string{"holders c1", "holders c2", "holders c3", "holders c4"} {
				if n := s.N[call]; n > 1 {
					t.Errorf("%s: %d times", call, n)
				} else if n == 1 {
					lists = append(lists, strings.TrimPrefix(call, "holders "))
				}
			}
			if strings.Join(also, " ") != c.also || strings.Join(lists, " ") != c.lists {
				t.Errorf("also on %q; lists read: %q", also, lists)
			}
		})
	}
}

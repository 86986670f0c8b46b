package cli_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/report"
)

// twice is an account with a cluster in each of two regions; the service may
// list the first one under the second region as well.
const twice = `
account: "1234567890123456"
caller: {type: Account}
users: [{uid: "200000000000000001", name: alice, created: 2024-01-01T00:00:00Z}]
roles: [{uid: "300000000000000001", name: role, created: 2024-01-01T00:00:00Z}]
clusters:
  - {id: c1, name: one, region: cn-hangzhou, created: 2024-01-01T00:00:00Z}
  - {id: c2, name: two, region: eu-central-1, created: 2024-01-01T00:00:00Z}
  - {id: c3, name: three, region: us-east-1, created: 2024-01-01T00:00:00Z}
credentials:
  - {uid: "200000000000000001", cluster: c1, expires: 2028-01-01T00:00:00Z}
  - {uid: "200000000000000001", cluster: c2, expires: 2028-01-01T00:00:00Z}
  - {uid: "200000000000000001", cluster: c3, expires: 2028-01-01T00:00:00Z}
behaviour: {statesEnumerate: false}
`

// clusterJSON is a row of a list of clusters, as far as it is read.
func clusterJSON(id, name, region string) string {
	const row = `{"cluster_id":%q,"name":%q,"region_id":%q,"cluster_type":"ManagedKubernetes","profile":"Default",` +
		`"state":"running","created":"2024-01-01T00:00:00Z"}`
	return fmt.Sprintf(row, id, name, region)
}

// listing answers in the service's place for some regions; the call is
// recorded, and its signature checked, all the same.
func listing(rows map[string][]string) func(http.Handler) http.Handler {
	return func(account http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			region := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/regions/"), "/clusters")
			list, ok := rows[region]
			if !ok {
				account.ServeHTTP(w, r)
				return
			}
			account.ServeHTTP(httptest.NewRecorder(), r)
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"clusters":[%s],"page_info":{"page_number":1,"page_size":100,"total_count":%d}}`,
				strings.Join(list, ","), len(list))
		})
	}
}

// A cluster that two regions list is one cluster if they say the same of it.
// Where they contradict each other neither is believed, and the others are.
func TestClusterOfTwoRegions(t *testing.T) {
	stage.Keys(t, stage.Account)
	c1, c2, c3 := clusterJSON("c1", "one", "cn-hangzhou"), clusterJSON("c2", "two", "eu-central-1-a"), clusterJSON("c3",
		"three", "us-east-1")
	other, nowhere := clusterJSON("c1", "another", "cn-hangzhou"), clusterJSON("c3", "three", "")
	for _, c := range []struct {
		name    string
		rows    map[string][]string
		scope   string
		regions string // what becomes of DescribeRegions
		exit    int
		actions []string // clusters
		unread  []string
	}{
		{"the same in both", map[string][]string{"eu-central-1": {c1, c2}}, "", "", 0, []string{"c1", "c2", "c3"}, nil},
		{"the same in all", map[string][]string{"cn-hangzhou": {c1, c2, c3}, "eu-central-1": {c1, c2, c3},
			"us-east-1": {c1, c2, c3}}, "", "", 0, []string{"c1", "c2", "c3"}, nil},
		{"the same in all, one in scope", map[string][]string{"cn-hangzhou": {c1, c2, c3}, "eu-central-1": {c1, c2, c3},
			"us-east-1": {c1, c2, c3}}, "eu-central-1", "", 0, []string{"c2"}, nil},
		{"another name", map[string][]string{"eu-central-1": {other, c2}, "cn-hangzhou": {c1}}, "", "", 6, []string{"c3"},
			[]string{"cn-hangzhou", "eu-central-1"}},
		{"another name, out of scope", map[string][]string{"eu-central-1": {other, c2}, "cn-hangzhou": {c1}}, "us-east-1",
			"", 0, []string{"c3"}, []string{"cn-hangzhou", "eu-central-1"}},
		{"a third that one of them lists as well", map[string][]string{"eu-central-1": {other, nowhere}, "cn-hangzhou": {c1},
			"us-east-1": {nowhere}}, "us-east-1", "", 0,
			[]string{"c3"}, []string{"cn-hangzhou", "eu-central-1"}},
		{"twice in one region", map[string][]string{"eu-central-1": {c2, clusterJSON("c2", "too", "eu-central-1")}}, "", "",
			6, []string{"c1", "c3"}, []string{"eu-central-1"}},
		{"one of another region, which does not list it", map[string][]string{"cn-hangzhou": {c1, c2}, "eu-central-1": {}},
			"", "", 6, []string{"c3"}, []string{"cn-hangzhou"}},
		{"one of another region, which was not asked", map[string][]string{"cn-hangzhou": {c1, c2}}, "cn-hangzhou", "denied",
			6, nil, []string{"*", "cn-hangzhou"}},
		{"the zone of a region", map[string][]string{"eu-central-1": {c2}}, "eu-central-1", "denied", 0, []string{"c2"}, []string{"*"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			head := ""
			if c.scope != "" {
				head = "scope: {regions: [" + c.scope + "]}"
			}
			policy := stage.PolicyOf(t, head, departedAlice)
			estate := twice
			if c.regions != "" {
				estate = strings.Replace(estate, "behaviour: {", "behaviour: {regions: "+c.regions+", ", 1)
			}
			stage.BubbleBehind(t, []byte(estate), sim.Options{}, stage.Noon, listing(c.rows), func(w *stage.World) {
				got := w.Run(context.Background(), "-p", policy)
				if got.Code != c.exit {
					t.Errorf("exit %d, want %d\n%s", got.Code, c.exit, got.Stderr)
				}
				if diff := cmp.Diff(append([]string{}, c.actions...), stage.Each(got.Report.Plan.Actions,
					func(a report.Action) string { return a.Cluster.ID })); diff != "" {
					t.Errorf("actions (-want +got):\n%s", diff)
				}
				var unread []string
				for _, r := range got.Report.Coverage.Regions {
					if !r.Read {
						unread = append(unread, r.ID)
					}
				}
				if diff := cmp.Diff(c.unread, unread); diff != "" {
					t.Errorf("unread (-want +got):\n%s", diff)
				}
			})
		})
	}
}

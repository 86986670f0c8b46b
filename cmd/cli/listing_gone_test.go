package cli_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/report"
)

// elsewhere is an account with a cluster that the listing lacks, because the
// endpoint answers for its own region alone.
const elsewhere = `
account: "1234567890123456"
caller: {type: Account}
users: [{uid: "200000000000000001", name: alice, created: 2024-01-01T00:00:00Z}]
roles: [{uid: "300000000000000001", name: role, created: 2024-01-01T00:00:00Z}]
clusters:
  - {id: c1, name: one, region: cn-hangzhou, created: 2024-01-01T00:00:00Z}
  - {id: c2, name: two, region: eu-central-1, created: 2024-01-01T00:00:00Z, state: %s}
credentials:
  - {uid: "200000000000000001", cluster: c2, %s}
grants:
  - {uid: "200000000000000001", cluster: c2, role: dev}
  - {uid: "200000000000000001", allClusters: true, role: dev}
behaviour: {endpointRegion: cn-hangzhou, statesEnumerate: false}
`

// Such an endpoint may well call a cluster of another region not found. Where
// the principal's own states show a certificate in force on a running cluster of
// that id, that is a contradiction and not the end of the cluster: nothing is
// clean, and no grant that may be about it is taken away. Without that it is gone.
func TestClusterThatIsCalledGoneAndIsNot(t *testing.T) {
	stage.Keys(t, stage.Account)
	const inForce, scope = "expires: 2028-01-01T00:00:00Z", "scope: {exclude: [two]}\n"
	row := func(what string) string {
		return fmt.Sprintf("accepted: [{cluster: c2, what: %s, until: 2027-01-31, why: known}]", what)
	}
	for _, c := range []struct {
		name, state, certificate, head string
		exit                           int
		unknown, actions               []string
	}{
		{"a certificate in force", "running", inForce, "", 6, []string{"c2 cluster-not-listed"}, []string{"all-clusters"}},
		{"a certificate in force, and a narrow scope", "running", inForce, scope, 5, []string{"c2 cluster-not-listed"}, nil},
		{"a certificate that is not clear", "running", "state: Unknown", "", 6, []string{"c2 cluster-not-listed"}, []string{"all-clusters"}},
		{"accepted as unread", "running", inForce, row("unread"), 0, []string{"c2 cluster-not-listed, accepted"}, []string{"all-clusters"}},
		{"accepted as something else", "running", inForce, row("unknown"), 6, []string{"c2 cluster-not-listed"}, []string{"all-clusters"}},
		{"no certificate", "running", "state: Removed", "", 0, nil, []string{"all-clusters"}},
		{"the cluster is going", "deleting", inForce, "", 0, nil, []string{"all-clusters"}},
		{"the cluster is going, and a narrow scope", "deleting", inForce, scope, 0, nil, []string{"all-clusters"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			listed := stage.PolicyOf(t, c.head, departedAlice)
			notFound := func(account http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path != "/clusters/c2" {
						account.ServeHTTP(w, r)
						return
					}
					account.ServeHTTP(httptest.NewRecorder(), r)
					w.WriteHeader(http.StatusNotFound)
					fmt.Fprint(w, `{"code":"ErrorClusterNotFound","message":"cluster c2 not found","requestId":"r"}`)
				})
			}
			stage.BubbleBehind(t, fmt.Appendf(nil, elsewhere, c.state, c.certificate), sim.Options{}, stage.Noon, notFound, func(w *stage.World) {
				got := w.Run(context.Background(), "-p", listed)
				if got.Code != c.exit {
					t.Errorf("exit %d, want %d\n%s", got.Code, c.exit, got.Stderr)
				}
				unknown := stage.Each(got.Report.Plan.Unknown, func(u report.Unknown) string {
					return u.Cluster + " " + string(u.Why) + stage.Accepted(u.Accepted)
				})
				if diff := cmp.Diff(append([]string{}, c.unknown...), unknown); diff != "" {
					t.Errorf("unknown (-want +got):\n%s", diff)
				}
				actions := stage.Each(got.Report.Plan.Actions, func(a report.Action) string { return a.ID[:len(a.ID)-len("/"+stage.AliceUID)] })
				if diff := cmp.Diff(append([]string{}, c.actions...), actions); diff != "" {
					t.Errorf("actions (-want +got):\n%s", diff)
				}
			})
		})
	}
}

package cli_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/report"
)

// Two moments of one account: what comes or goes while an audit looks is a note
// and no finding, and what cannot be told is unknown.
func TestAuditWhileTheAccountChanges(t *testing.T) {
	stage.Keys(t, stage.Account)
	moment := func(alice, bob, two string) string {
		return fmt.Sprintf(`
account: "1234567890123456"
caller: {type: Account}
users:
  - {uid: "200000000000000003", name: carol, created: 2024-01-01T00:00:00Z}
%s
roles: [{uid: "300000000000000001", name: role, created: 2024-01-01T00:00:00Z}]
clusters:
  - {id: c1, name: one, region: r, created: 2024-01-01T00:00:00Z}
  - {id: c2, name: two, region: r, state: %s, created: 2024-01-01T00:00:00Z}
credentials:
  - {uid: "200000000000000003", cluster: c1, expires: 2028-01-01T00:00:00Z}
%s`, alice, two, bob)
	}
	const (
		live    = `  - {uid: "200000000000000001", name: alice, created: 2024-01-01T00:00:00Z}`
		deleted = "deleted:\n" + `  - {uid: "200000000000000001", name: alice, kind: user}`
		holds   = `  - {uid: "200000000000000001", cluster: c1, expires: 2028-01-01T00:00:00Z}`
	)
	there, gone, nobody := moment(live, holds, "running"), moment(deleted, holds, "running"), moment("", "", "running")
	for _, c := range []struct {
		name                string
		before, lists, then string // what the first look at RAM, the lists, and what comes later show
		faults              string
		ends                int
		notes, unknown      []string
	}{
		{"nothing changes", there, there, there, "", 0, nil, nil},
		{"deleted before", gone, gone, gone, "", 3, nil, nil},
		{"deleted meanwhile", there, gone, gone, "", 0, []string{"200000000000000001  deleted-meanwhile"}, nil},
		{"created meanwhile", nobody, there, there, "", 0, []string{"200000000000000001  created-meanwhile"}, nil},
		{"deleted and restored, or a list that lags", there, gone, there, "", 6, nil,
			[]string{"200000000000000001  identity-unclear accepted false"}},
		{"the second look fails", there, gone, gone, "{on: ListUsers, times: 0, do: denied}", 6, nil,
			[]string{"200000000000000001  identity-unclear accepted false"}},
		{"a cluster deleted meanwhile", there, moment(live, holds, "deleted"), moment(live, holds, "deleted"), "", 0,
			[]string{" c2 cluster-deleted-meanwhile"}, nil},
		{"a cluster that is said to be gone and is there", there, moment(live, holds, "deleted"), there, "", 6, nil,
			[]string{" c2 read-failed accepted false"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var asked http.HandlerFunc
			between := func(http.Handler) http.Handler {
				return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { asked(rw, r) })
			}
			stage.BubbleBehind(t, []byte(c.before), sim.Options{}, stage.Noon, between, func(w *stage.World) {
				o := sim.Options{Now: w.Now}
				lists := sim.New(stage.Must(sim.Load("lists", []byte(c.lists))), o)
				if c.faults != "" {
					o.Faults = stage.Must(sim.LoadFaults("faults", []byte("faults: ["+c.faults+"]")))
				}
				then := sim.New(stage.Must(sim.Load("then", []byte(c.then))), o)
				var begun atomic.Bool
				asked = func(rw http.ResponseWriter, r *http.Request) {
					switch {
					case strings.HasSuffix(r.URL.Path, "/kubeconfig/states"):
						begun.Store(true)
						lists.ServeHTTP(rw, r)
					case begun.Load():
						then.ServeHTTP(rw, r)
					default:
						w.Account.ServeHTTP(rw, r)
					}
				}
				a := w.Audit("--format", "json", "--fail-on", "deleted")
				notes := stage.Lines(a.Audit.Notes, func(n report.AuditNote) string { return fmt.Sprintf("%s %s %s", n.UID, n.Cluster, n.What) })
				if a.Code != c.ends || !slices.Equal(notes, c.notes) || !slices.Equal(stage.Unknowns(a.Audit), c.unknown) {
					t.Errorf("exit %d, want %d; notes %q, want %q; unknown %q, want %q", a.Code, c.ends, notes, c.notes, stage.Unknowns(a.Audit),
						c.unknown)
				}
				if found := stage.Claims(a.Audit); (c.ends == 3) != slices.Equal(found, []string{"deleted 200000000000000001 c1"}) ||
					c.ends != 3 && len(found) > 0 {
					t.Errorf("found %q", found)
				}
			})
		})
	}
}

package sim_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ackrevoke/ack/sim"
)

// held returns the truth about a principal: "c1 Unexpired" and "c1/payments ops" lines, the grants without certificates of
// other states than those in force.
func held(a *sim.Account, uid string) []string {
	out := []string{}
	for _, c := range a.Truth().Certificates {
		if c.UID == uid {
			out = append(out, c.Cluster+" "+c.State)
		}
	}
	for _, g := range a.Truth().Grants {
		place := g.Cluster
		if g.AllClusters {
			place = "all-clusters"
		}
		if g.Namespace != "" {
			place += "/" + g.Namespace
		}
		if g.UID == uid {
			out = append(out, place+" "+g.Role)
		}
	}
	return out
}

func clean(cluster, uid, force string) string {
	return "DELETE /cluster/" + cluster + "/user/" + uid + "/permissions?Force=" + force
}

// holding is what alice has in the small estate.
var holding = []string{
	"c1 Unexpired", "c2 Expired", "c5 Unexpired", "c1 dev", "c1 auditors", "c1/payments ops", "c3 dev", "all-clusters restricted",
}

func TestClean(t *testing.T) {
	cleaned := []string{"c1 Removed", "c2 Expired", "c5 Unexpired", "c3 dev", "all-clusters restricted"}
	for _, x := range []struct {
		behaviour, call string
		status          int
		code            string
		uid             string
		want            []string // what the uid has after it
	}{
		{"", clean("c1", alice, "true"), 200, "", alice, cleaned},
		{"", clean("c1", alice, "True"), 200, "", alice, cleaned},
		{"cleanAllClusters: remove", clean("c1", alice, "true"), 200, "", alice, cleaned[:4]},
		{"", clean("c1", alice, "false"), 200, "", alice, cleaned},
		{"", clean("c1", alice, ""), 200, "", alice, cleaned},
		{"", clean("c2", alice, "false"), 400, "ErrorKubeConfigInUse", alice, holding}, // no audit
		{"refusal: {code: Busy, status: 409}", clean("c2", alice, "false"), 409, "Busy", alice, holding},
		{"", clean("c2", alice, "true"), 200, "", alice, append([]string{"c1 Unexpired", "c2 Removed"}, holding[2:]...)},
		{"", clean("c3", alice, "true"), 200, "", alice, append(holding[:6:6], "all-clusters restricted")}, // on a blind cluster
		{"", clean("c1", alice, "perhaps"), 400, "InvalidParameter.Force", alice, holding},
		{"", clean("c1", "alice", "true"), 400, "InvalidParameter.Uid", alice, holding},
		{"", clean("c9", alice, "true"), 404, "ErrorClusterNotFound", alice, holding},
		{"", clean("c5", alice, "true"), 404, "ErrorClusterNotFound", alice, holding},
		{"", clean("c6", alice, "true"), 400, "ErrorClusterUnreachable", alice, holding},
		{"unreachable: {status: 503}", clean("c6", alice, "true"), 503, "ErrorClusterUnreachable", alice, holding},
		{"", clean("c1", rootID, "true"), 403, "ErrorCleanForbidden", alice, holding},
		{"", clean("c1", runner, "true"), 403, "ErrorCleanForbidden", runner, []string{"c1 Unexpired", "c1 admin", "c2 cluster-admin",
			"c3/default admin"}},
		{"", clean("c1", gone, "true"), 200, "", gone, []string{"c1 Removed"}},
		{"", clean("c1", bob, "true"), 200, "", bob, []string{"c1 Removed", "c1 admin"}},
		{"cleanOwner: remove", clean("c1", bob, "true"), 200, "", bob, []string{"c1 Removed"}},
		{"cleanRenewed: newest", clean("c1", bob, "true"), 200, "", bob, []string{"c1 Unexpired", "c1 admin"}},
		{"", clean("c1", deployer, "true"), 200, "", deployer, []string{"c1 Removed", "c2 Removed"}},
		{"", clean("c3", bob, "true"), 200, "", bob, []string{"c1 Unexpired", "c1 Unexpired", "c1 admin"}},
		{"cleanNothing: notFound", clean("c3", bob, "true"), 404, "ErrorKubeConfigNotFound", bob, []string{"c1 Unexpired", "c1 Unexpired",
			"c1 admin"}},
		{"cleanNothing: notFound", clean("c2", deployer, "true"), 404, "ErrorKubeConfigNotFound", deployer,
			[]string{"c1 Unknown", "c2 Removed", "c1 dev"}},
		{"", clean("c1", nobody, "true"), 200, "", nobody, []string{}},
		{"", "DELETE /clusters/c1/users/" + alice + "/permissions", 404, "InvalidAction.NotFound", alice, holding}, // plurals
		{"", "GET /k8s/c1/user_config", 403, "StatusForbidden", alice, holding},
		{"", "GET /api/v2/k8s/c1/user_config", 403, "StatusForbidden", alice, holding},
		{"", "GET /k8s/c1/users/" + alice + "/user_config", 403, "StatusForbidden", alice, holding},
	} {
		t.Run(x.behaviour+" "+x.call, func(t *testing.T) {
			a, c := open(t, x.behaviour, sim.Options{})
			if status, code := c.call(t, x.call, nil); status != x.status || code != x.code {
				t.Errorf("%d %q, want %d %q", status, code, x.status, x.code)
			}
			same(t, held(a, x.uid), x.want)
		})
	}
}

// TestCleanShows looks at a clean through all three reads: one remembers the certificate, one drops the row, one loses the grants.
func TestCleanShows(t *testing.T) {
	_, c := open(t, "statesEnumerate: false", sim.Options{})
	c.must(t, clean("c1", gone, "true"), nil, nil)
	same(t, string(c.body), "{}")
	same(t, c.states(t, gone), []string{"c1 Removed"})
	same(t, c.rows(t, gone), []string{})
	if text := strings.Join(c.holders(t, "c1", ""), "\n"); strings.Contains(text, gone) {
		t.Errorf("still listed: %s", text)
	}
}

// TestRecentAccess walks over the end of the seven days: alice was at c1 on 20 November.
func TestRecentAccess(t *testing.T) {
	used := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	for after, want := range map[time.Duration]string{
		-time.Hour: "ErrorKubeConfigInUse", 0: "ErrorKubeConfigInUse", 7 * 24 * time.Hour: "ErrorKubeConfigInUse", 7*24*time.Hour +
			time.Second: "",
	} {
		_, c := open(t, "", sim.Options{Now: func() time.Time { return used.Add(after) }})
		if _, code := c.call(t, clean("c1", alice, "false"), nil); code != want {
			t.Errorf("%s after: %q, want %q", after, code, want)
		}
	}
}

func TestRevokeOwn(t *testing.T) {
	a, c := open(t, "", sim.Options{})
	before := a.Truth()
	c.must(t, "DELETE /k8s/c1/certs", nil, nil)
	c.must(t, "DELETE /k8s/c2/certs", nil, nil) // none there: none issued
	after := a.Truth()
	same(t, after.Grants, before.Grants)
	same(t, len(after.Certificates), len(before.Certificates))
	for _, x := range after.Certificates {
		if x.UID == runner && !x.Expires.Equal(calendar().AddDate(3, 0, 0)) {
			t.Errorf("expires %s", x.Expires)
		}
	}
	if last := a.Calls()[1]; last.UID != runner || last.Operation != "RevokeK8sClusterKubeConfig" || !last.Write {
		t.Errorf("recorded as %+v", last)
	}
}

func TestUpdate(t *testing.T) {
	type row = map[string]any
	element := func(cluster, scope, role string, more row) row {
		out := row{"cluster": cluster, "role_type": scope, "role_name": role, "is_custom": false, "is_ram_role": false, "namespace": ""}
		for _, key := range []string{"namespace", "is_custom", "is_ram_role"} {
			if v, there := more[key]; there {
				out[key] = v
			}
		}
		return out
	}
	c1ops := element("c1", "cluster", "ops", nil)
	auditors := element("c1", "cluster", "auditors", row{"is_custom": true})
	certificates, rest := holding[:3:3], []string{"c3 dev", "all-clusters restricted"}
	with := func(rows ...string) []string { return slices.Concat(certificates, rows, rest) }
	ownerOnBlind := strings.Replace(small(t, ""), "cluster: c1, owner: true}", "cluster: c3, owner: true}", 1)
	everywhere := strings.Replace(small(t, ""), "cluster: c1, role: admin}", "allClusters: true, role: admin}", 1)
	for _, x := range []struct {
		name, estate, uid, mode string
		body                    any
		code                    string
		want                    []string
	}{
		{"add", "", alice, "patch", []row{element("c2", "cluster", "dev", nil)}, "", with("c1 dev", "c1 auditors", "c1/payments ops", "c2 dev")},
		{"a predefined role takes the place of the other", "", alice, "patch", []row{c1ops}, "",
			with("c1 ops", "c1 auditors", "c1/payments ops")},
		{"custom roles stand side by side", "", alice, "patch", []row{element("c1", "cluster", "view", row{"is_custom": true}), auditors}, "",
			with("c1 dev", "c1 auditors", "c1 view", "c1/payments ops")},
		{"nothing", "", alice, "patch", []row{}, "", holding},
		{"take", "", alice, "delete", []row{auditors, c1ops}, "", with("c1 dev", "c1/payments ops")},
		{"take all-clusters", everywhere, alice, "delete", []row{element("", "all-clusters", "restricted", nil)}, "", holding[:7]},
		{"no mode wipes", everywhere, alice, "", []row{c1ops}, "", append(certificates, "c1 ops")},
		{"apply wipes", everywhere, alice, "apply", []row{}, "", certificates},
		{"apply keeps the owner", everywhere, bob, "apply", []row{}, "", []string{"c1 Unexpired", "c1 Unexpired", "c1 admin"}},
		{"an owner row is not in the way of a wipe", ownerOnBlind, bob, "apply", []row{c1ops}, "", []string{"c1 Unexpired", "c1 Unexpired",
			"c1 ops", "c3 admin"}},
		{"delete keeps the owner", "", bob, "delete", []row{element("c1", "cluster", "admin", nil)}, "", []string{"c1 Unexpired", "c1 Unexpired",
			"c1 admin"}},
		{"what is blind cannot be wiped", "", alice, "apply", []row{}, "ForbiddenGrantPermissions", holding},
		{"nor granted", "", alice, "patch", []row{element("c3", "cluster", "dev", nil)}, "ForbiddenGrantPermissions", holding},
		{"nor for all", "", alice, "patch", []row{element("", "all-clusters", "dev", nil)}, "ForbiddenGrantPermissions", holding},
		{"wrong mode", "", alice, "append", []row{}, "InvalidParameter.mode", holding},
		{"no array", "", alice, "patch", row{}, "ErrorJsonDecode", holding},
		{"misspelt", "", alice, "patch", []row{{"clusters": "c1"}}, "ErrorJsonDecode", holding},
		{"role in place of scope", "", alice, "patch", []row{element("c1", "dev", "dev", nil)}, "InvalidParameter", holding},
		{"no role", "", alice, "patch", []row{element("c1", "cluster", "", nil)}, "InvalidParameter", holding},
		{"unknown role", "", alice, "patch", []row{element("c1", "cluster", "view", nil)}, "InvalidParameter", holding},
		{"no namespace", "", alice, "patch", []row{element("c1", "namespace", "dev", nil)}, "InvalidParameter", holding},
		{"ops in a namespace", "", alice, "patch", []row{element("c1", "namespace", "ops", row{"namespace": "x"})}, "InvalidParameter", holding},
		{"admin-view for all", everywhere, alice, "patch", []row{element("", "all-clusters", "admin-view", nil)}, "InvalidParameter", holding},
		{"a cluster and all", "", alice, "patch", []row{element("c1", "all-clusters", "dev", nil)}, "InvalidParameter", holding},
		{"a user as a role", "", alice, "patch", []row{element("c1", "cluster", "dev", row{"is_ram_role": true})}, "InvalidParameter", holding},
		{"no cluster", "", alice, "patch", []row{element("c9", "cluster", "dev", nil)}, "ErrorClusterNotFound", holding},
		{"to root", "", rootID, "patch", []row{c1ops}, "InvalidParameter", []string{}},
		{"to nobody", "", nobody, "patch", []row{c1ops}, "EntityNotExist.User", []string{}},
		{"to somebody deleted", "", gone, "patch", []row{c1ops}, "EntityNotExist.User", []string{"c1 Unexpired", "c1 dev"}},
		{"from somebody deleted", "", gone, "delete", []row{element("c1", "cluster", "dev", nil)}, "", []string{"c1 Unexpired"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			text := x.estate
			if text == "" {
				text = small(t, "")
			}
			a := sim.New(load(t, text), sim.Options{Now: calendar})
			c := newClient(t, a)
			call := "POST /permissions/users/" + x.uid + "/update"
			if x.mode != "" {
				call += "?mode=" + x.mode
			}
			if status, code := c.call(t, call, x.body); code != x.code || (code == "") != (status == http.StatusOK) {
				t.Errorf("%d %q, want %q: %s", status, code, x.code, c.body)
			}
			if x.code == "" && len(c.body) != 0 {
				t.Errorf("a body: %s", c.body)
			}
			same(t, held(a, x.uid), x.want)
		})
	}
}

// TestLag looks at a write before and after the visibility lag has passed; the truth is ahead of both reads.
func TestLag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, c := open(t, "lag: 5s", sim.Options{})
		c.must(t, clean("c1", gone, "true"), nil, nil)
		same(t, held(a, gone), []string{"c1 Removed"})
		pass(5*time.Second - 1)
		same(t, c.states(t, gone)[0], "c1 Unexpired")
		same(t, c.rows(t, gone), []string{"c1 dev"})
		same(t, len(c.holders(t, "c1", "")), 5)
		pass(1)
		same(t, c.states(t, gone)[0], "c1 Removed")
		same(t, c.rows(t, gone), []string{})
		same(t, len(c.holders(t, "c1", "")), 4)
	})
}

// TestEffect shows why nothing may be given back before a clean is proven: its late effect takes the new grant along.
func TestEffect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, c := open(t, "cleanEffect: 3s", sim.Options{})
		c.must(t, clean("c1", alice, "true"), nil, nil)
		same(t, held(a, alice), holding)
		pass(time.Second)
		c.must(t, "POST /permissions/users/"+alice+"/update?mode=patch",
			[]map[string]any{{"cluster": "c1", "role_type": "cluster", "role_name": "late", "is_custom": true}}, nil)
		same(t, len(held(a, alice)), len(holding)+1)
		pass(2 * time.Second)
		same(t, held(a, alice), []string{"c1 Removed", "c2 Expired", "c5 Unexpired", "c3 dev", "all-clusters restricted"})
	})
}

// TestConflict lets two writes overlap: for one principal the later one is refused, for two both are done.
func TestConflict(t *testing.T) {
	for other, want := range map[string]string{alice: "ErrAuthorizationConflict", bob: ""} {
		synctest.Test(t, func(t *testing.T) {
			a, first := open(t, "", sim.Options{Latency: time.Second})
			second := newClient(t, a)
			var wg sync.WaitGroup
			wg.Go(func() { first.must(t, clean("c1", alice, "true"), nil, nil) })
			pass(500 * time.Millisecond)
			if _, code := second.call(t, clean("c3", other, "true"), nil); code != want {
				t.Errorf("the other write: %q, want %q", code, want)
			}
			wg.Wait()
			second.must(t, clean("c3", other, "true"), nil, nil) // nothing stays occupied
		})
	}
}

// TestLeaving lets the client leave in the middle: the write is done all the same, the read is not answered.
func TestLeaving(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, c := open(t, "", sim.Options{Latency: time.Second})
		c.spoil = func(r *http.Request) {
			ctx, cancel := context.WithTimeout(r.Context(), 500*time.Millisecond)
			time.AfterFunc(time.Minute, cancel)
			*r = *r.WithContext(ctx)
		}
		c.must(t, clean("c1", gone, "true"), nil, nil)
		same(t, held(a, gone), []string{"c1 Removed"})
		c.call(t, "GET /clusters/c1", nil)
		if calls := a.Calls(); calls[0].Status != 200 || calls[1].Status != 0 {
			t.Errorf("statuses %d and %d", calls[0].Status, calls[1].Status)
		}
		pass(time.Minute)
	})
}

func TestThrottle(t *testing.T) {
	for _, x := range []struct {
		behaviour, code, retryAfter string
		status                      int
	}{
		{"", "Throttling.User", "", 429},
		{"throttle: {code: Throttling, status: 400, retryAfter: 1500ms}", "Throttling", "2", 400},
	} {
		synctest.Test(t, func(t *testing.T) {
			_, c := open(t, x.behaviour, sim.Options{QPS: 2})
			seen := func() (out []int) {
				for range 3 {
					status, code := c.call(t, "GET /clusters/c1", nil)
					if out = append(out, status); status != 200 && (code != x.code || c.header.Get("Retry-After") != x.retryAfter) {
						t.Errorf("%s, Retry-After %q", code, c.header.Get("Retry-After"))
					}
				}
				return out
			}
			same(t, seen(), []int{200, 200, x.status})
			pass(500 * time.Millisecond)
			same(t, seen(), []int{200, x.status, x.status})
			pass(time.Hour)
			same(t, seen(), []int{200, 200, x.status})
		})
	}
}

// A quota by the window is so many calls in it, at once or not.
func TestQuotaWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, c := open(t, "", sim.Options{QPS: 0.05, QuotaWindow: time.Minute})
		seen := func() (n int) {
			for range 6 {
				if status, _ := c.call(t, "GET /clusters/c1", nil); status == 200 {
					n++
				}
			}
			return n
		}
		same(t, seen(), 3)
		pass(59 * time.Second)
		same(t, seen(), 0)
		pass(time.Second)
		same(t, seen(), 3)
		a.SetQPS(0.1)
		same(t, seen(), 0) // the rest of a window stays what it was
		pass(time.Minute)
		same(t, seen(), 6)
	})
}

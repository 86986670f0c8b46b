package sim_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/ack/sim"
)

func same(t *testing.T, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("not as wanted (-want +got):\n%s", diff)
	}
}

func TestClusters(t *testing.T) {
	_, c := open(t, "clustersV1: served, clusterPageDefault: 3, clusterPageMax: 3", sim.Options{})
	list := func(query string) (ids []string, total int) {
		var out struct {
			Clusters []struct {
				ID      string `json:"cluster_id"`
				Created string `json:"created"`
			} `json:"clusters"`
			Page struct {
				Total int `json:"total_count"`
			} `json:"page_info"`
		}
		c.must(t, "GET /api/v1/clusters?"+query, nil, &out)
		for _, row := range out.Clusters {
			ids = append(ids, row.ID)
			if row.Created != "2024-02-01T10:20:30+08:00" {
				t.Errorf("created %s", row.Created)
			}
		}
		return ids, out.Page.Total
	}
	for _, x := range []struct {
		query string
		ids   string
		total int
	}{
		{"", "[c1 c2 c3]", 4},
		{"page_size=100", "[c1 c2 c3]", 4}, // capped
		{"page_size=100&page_number=2", "[c6]", 4},
		{"page_size=1&page_number=2", "[c2]", 4},
		{"page_number=3", "[]", 4},
		{"region_id=us-west-1", "[c3 c6]", 2},
		{"name=prod-eu", "[c1]", 1},
		{"name=prod", "[]", 0},
		{"cluster_id=c4", "[]", 0},
	} {
		ids, total := list(x.query)
		if fmt.Sprint(ids) != x.ids || total != x.total {
			t.Errorf("%s: %v of %d, want %s of %d", x.query, ids, total, x.ids, x.total)
		}
	}
	for path, want := range map[string]string{"c1": "", "c4": "", "c5": "ErrorClusterNotFound", "c9": "ErrorClusterNotFound"} {
		if _, code := c.call(t, "GET /clusters/"+path, nil); code != want {
			t.Errorf("detail of %s: %q, want %q", path, code, want)
		}
	}
}

func TestPageBounds(t *testing.T) {
	_, c := open(t, "clustersV1: served", sim.Options{})
	for _, x := range []string{
		"/api/v1/clusters?page_number=0", "/api/v1/clusters?page_size=0", "/api/v1/clusters?page_size=x",
		"/users/1/kubeconfig/states?page_size=101", "/users/1/kubeconfig/states?page_number=-1",
		"/clusters/c1/kubeconfig/states?pageSize=51", "/clusters/c1/kubeconfig/states?pageNumber=0",
		"/clusters/c1/kubeconfig/states?cloudServiceKubeConfig=perhaps", "/users/alice/kubeconfig/states", "/permissions/users/alice",
	} {
		if status, code := c.call(t, "GET "+x, nil); status != 400 || !strings.HasPrefix(code, "InvalidParameter.") {
			t.Errorf("%s: %d %s", x, status, code)
		}
	}
	// The other list's way to write the parameters is not understood: a client that mixes them up gets the default.
	var out struct {
		Page struct {
			Size int `json:"page_size"`
		} `json:"page"`
	}
	c.must(t, "GET /clusters/c1/kubeconfig/states?page_size=50", nil, &out)
	same(t, out.Page.Size, 10)
	c.must(t, "GET /users/1/kubeconfig/states?pageSize=2", nil, &out)
	same(t, out.Page.Size, 50)
}

func TestUserStates(t *testing.T) {
	all := []string{"c1 Unexpired", "c2 Expired", "c3 Unissued", "c4 Unissued", "c6 Unissued"}
	none := []string{"c1 Unissued", "c2 Unissued", "c3 Unissued", "c4 Unissued", "c6 Unissued"}
	for _, x := range []struct {
		behaviour, uid string
		want           []string // nil: notFound
	}{
		{"", alice, all},
		{"statesEnumerate: false", alice, all[:2]},
		{"deletedClusterRows: true", alice, []string{"c1 Unexpired", "c2 Expired", "c3 Unissued", "c4 Unissued", "c5 Unexpired", "c6 Unissued"}},
		{"statesEnumerate: false", deployer, []string{"c1 Unknown", "c2 Removed"}},
		{"statesEnumerate: false", gone, []string{"c1 Unexpired"}},
		{"deletedUserStates: empty", gone, []string{}},
		{"deletedUserStates: notFound", gone, nil},
		{"deletedUserStates: notFound, deletedUserGrants: notFound", alice, all},
		{"", nobody, []string{}},
		{"unknownUser: rows", nobody, none},
		{"unknownUser: rows, statesEnumerate: false", nobody, []string{}},
		{"unknownUser: notFound", nobody, nil},
	} {
		_, c := open(t, x.behaviour, sim.Options{})
		if x.want == nil {
			if _, code := c.call(t, "GET /users/"+x.uid+"/kubeconfig/states", nil); code != "EntityNotExist.User" {
				t.Errorf("%s of %s: code %q", x.behaviour, x.uid, code)
			}
			continue
		}
		if diff := cmp.Diff(x.want, c.states(t, x.uid)); diff != "" {
			t.Errorf("%s of %s:\n%s", x.behaviour, x.uid, diff)
		}
	}
	_, c := open(t, "", sim.Options{})
	c.must(t, "GET /users/"+alice+"/kubeconfig/states?page_size=1&page_number=2", nil, nil)
	same(t, string(c.body), `{"page":{"page_number":2,"page_size":1,"total_count":5},"states":[{"cluster_id":"c2",`+
		`"cluster_name":"dev-eu","cluster_state":"running","cert_state":"Expired","cert_expire_time":"2025-01-01T00:00:00Z"}]}`)
}

func TestClusterStates(t *testing.T) {
	_, c := open(t, "", sim.Options{})
	same(t, c.holders(t, "c1", ""), []string{
		alice + " RamUser Active Unexpired", bob + " RamUser Active Unexpired", gone + " RamUser Deleted Unexpired",
		runner + " RamUser Active Unexpired", deployer + " RamRole Active Unknown deploy",
	})
	same(t, c.holders(t, "c2", ""), []string{alice + " RamUser Active Expired"}) // Removed is not in this list
	same(t, c.holders(t, "c3", ""), []string{})
	same(t, c.holders(t, "c1", "&cloudServiceKubeConfig=true"), []string{
		deployer + " RamRole Active Unexpired deploy", "380000000000000001 RamRole Active Unexpired log",
	})
	if want := `"cloud_service_roles":[{"is_default_template":true,"role_name":"cluster-admin","role_namespace":"kube-system","type":"ClusterRole"}]`; !strings.Contains(string(c.body), want) {
		t.Errorf("no %s in %s", want, c.body)
	}
	c.must(t, "GET /clusters/c1/kubeconfig/states?pageSize=1&pageNumber=4", nil, nil)
	same(t, string(c.body), `{"page":{"page_number":4,"page_size":1,"total_count":5},"states":[{"account_id":"`+runner+
		`","account_name":"runner","account_display_name":"runner","account_type":"RamUser","account_state":"Active",`+
		`"cert_state":"Unexpired","cert_expire_time":"2028-01-01T00:00:00Z","revokable":false,"cloud_service_name":"","cloud_service_roles":[]}]}`)
	text := strings.Replace(small(t, ""), "credentials:",
		"credentials:\n  - {uid: \""+rootID+"\", cluster: c3, expires: 2028-01-01T00:00:00Z}", 1)
	ofRoot := newClient(t, sim.New(load(t, text), sim.Options{Now: calendar}))
	same(t, ofRoot.holders(t, "c3", ""), []string{rootID + " RootAccount Active Unexpired"})
	if !strings.Contains(string(ofRoot.body), `"revokable":false`) {
		t.Errorf("the root account can be cleaned: %s", ofRoot.body)
	}
	for _, id := range []string{"c5", "c9"} {
		if _, code := c.call(t, "GET /clusters/"+id+"/kubeconfig/states", nil); code != "ErrorClusterNotFound" {
			t.Errorf("states of %s: %q", id, code)
		}
	}
	_, c = open(t, "clusterListDeleted: false", sim.Options{})
	if text := strings.Join(c.holders(t, "c1", ""), "\n"); strings.Contains(text, gone) {
		t.Errorf("a deleted principal is listed: %s", text)
	}
}

func TestUserPermission(t *testing.T) {
	mine := []string{"c1 admin", "c2 custom:cluster-admin", "c3/default admin"}
	seen := []string{"c1 dev", "c1 custom:auditors", "c1/payments ops"}
	whole := []string{"c1 dev", "c1 custom:auditors", "c1/payments ops", "c3 dev", "all-clusters restricted"}
	rootCaller := func(text string) string {
		return strings.Replace(text, `{type: RAMUser, uid: "`+runner+`"}`, "{type: Account}", 1)
	}
	everywhere := func(text string) string {
		return strings.Replace(text, "cluster: c1, role: admin}", "allClusters: true, role: admin}", 1)
	}
	each := func(text string) string {
		return strings.Replace(text, "cluster: c3, namespace: default, role: admin}", `cluster: c3, role: admin}
  - {uid: "`+runner+`", cluster: c4, owner: true}
  - {uid: "`+runner+`", cluster: c6, role: admin}`, 1)
	}
	for _, x := range []struct {
		name, behaviour, uid string
		edit                 func(string) string
		want                 []string // nil: notFound
	}{
		{"own", "", runner, nil, mine},
		{"blind on c3, and blind means not all-clusters", "", alice, nil, seen},
		{"everybody sees all-clusters", "allClustersRow: always", alice, nil, append(seen[:3:3], "all-clusters restricted")},
		{"root", "", alice, rootCaller, whole},
		{"all-clusters administrator", "", alice, everywhere, whole},
		{"administrator of each", "", alice, each, whole},
		{"owner", "", bob, nil, []string{"c1 admin owner"}},
		{"deleted", "", gone, nil, []string{"c1 dev"}},
		{"deleted", "deletedUserGrants: empty", gone, nil, []string{}},
		{"deleted", "deletedUserGrants: notFound", gone, nil, nil},
		{"unknown", "", nobody, nil, []string{}},
		{"unknown", "unknownUser: rows", nobody, nil, []string{}},
		{"unknown", "unknownUser: notFound", nobody, nil, nil},
	} {
		t.Run(x.name+" "+x.behaviour, func(t *testing.T) {
			text := small(t, x.behaviour)
			if x.edit != nil {
				if text = x.edit(text); text == small(t, x.behaviour) {
					t.Fatal("the edit changes nothing")
				}
			}
			c := newClient(t, sim.New(load(t, text), sim.Options{Now: calendar}))
			if x.want == nil {
				if _, code := c.call(t, "GET /permissions/users/"+x.uid, nil); code != "EntityNotExist.User" {
					t.Errorf("code %q", code)
				}
				return
			}
			same(t, c.rows(t, x.uid), x.want)
		})
	}
	for behaviour, want := range map[string][]string{"": {"c1 dev"}, "deletedClusterRows: true": {"c1 dev", "c5 dev"}} {
		text := strings.Replace(small(t, behaviour), "grants:", "grants:\n  - {uid: \""+deployer+"\", cluster: c5, role: dev}", 1)
		same(t, newClient(t, sim.New(load(t, everywhere(text)), sim.Options{})).rows(t, deployer), want)
	}
	_, c := open(t, "", sim.Options{})
	c.must(t, "GET /permissions/users/"+deployer, nil, nil)
	same(t, string(c.body), `[{"resource_id":"c1","resource_type":"cluster","role_name":"","role_type":"dev","is_owner":0,"is_ram_role":1}]`)
}

// TestAccountName gives a principal another name in the lists of two clusters, as one may read that was renamed, or is deleted.
func TestAccountName(t *testing.T) {
	for behaviour, want := range map[string]string{"": "Deleted", "deletedAccountState: Active": "Active",
		"deletedAccountState: InActive": "InActive"} {
		text := strings.Replace(small(t, behaviour), `"`+gone+`", cluster: c1, `, `"`+gone+`", cluster: c1, accountName: mallory, `, 1)
		text = strings.Replace(text, "grants:\n", "  - {uid: \""+gone+"\", cluster: c2, accountName: \"trent \", expires: "+
			"2028-01-01T00:00:00Z}\ngrants:\n", 1)
		c := newClient(t, sim.New(load(t, text), sim.Options{Now: calendar}))
		named := func(cluster string) (out []string) {
			var list struct {
				States []struct {
					ID      string `json:"account_id"`
					Name    string `json:"account_name"`
					Display string `json:"account_display_name"`
					State   string `json:"account_state"`
				} `json:"states"`
			}
			c.must(t, "GET /clusters/"+cluster+"/kubeconfig/states?pageSize=50", nil, &list)
			for _, s := range list.States {
				if out = append(out, s.Name+" "+s.State); s.Display != s.Name {
					t.Errorf("called %s and displayed as %s", s.Name, s.Display)
				}
			}
			return out
		}
		same(t, named("c1"), []string{"alice Active", "bob Active", "mallory " + want, "runner Active", "deployer Active"})
		same(t, named("c2"), []string{"alice Active", "trent  " + want})
		same(t, c.states(t, gone)[:2], []string{"c1 Unexpired", "c2 Unexpired"})
	}
}

// TestTwoCertificates shows one of two certificates on each surface, and what a clean leaves of them.
func TestTwoCertificates(t *testing.T) {
	const first, second = "Unexpired 2027-01-01T00:00:00Z", "Unexpired 2028-01-01T00:00:00Z"
	for _, x := range []struct{ behaviour, keys, user, cluster, userAfter, clusterAfter string }{
		{"", "", second, second, "Removed 2028-01-01T00:00:00Z", ""},
		{"", ", userShows: older", first, second, "Removed 2028-01-01T00:00:00Z", ""},
		{"", ", clusterShows: older", second, first, "Removed 2028-01-01T00:00:00Z", ""},
		{"", ", userShows: older, clusterShows: older", first, first, "Removed 2028-01-01T00:00:00Z", ""},
		{"cleanRenewed: newest", ", userShows: newest, clusterShows: older", second, first, first, first},
		{"cleanRenewed: newest", ", userShows: older", first, second, first, first},
		{"cleanRenewed: newest", ", clusterShows: newest", second, second, first, first},
	} {
		text := strings.Replace(small(t, x.behaviour), "previous: 2027-01-01T00:00:00Z", "previous: 2027-01-01T00:00:00Z"+x.keys, 1)
		a := sim.New(load(t, text), sim.Options{Now: calendar})
		c := newClient(t, a)
		same(t, c.certificates(t, bob), [2]string{x.user, x.cluster})
		same(t, held(a, bob), []string{"c1 Unexpired", "c1 Unexpired", "c1 admin"})
		c.must(t, clean("c1", bob, "true"), nil, nil)
		same(t, c.certificates(t, bob), [2]string{x.userAfter, x.clusterAfter})
	}
	text := strings.Replace(small(t, ""), "previous: 2027-01-01T00:00:00Z", "previous: 2026-01-01T00:00:00Z, userShows: older", 1)
	a := sim.New(load(t, text), sim.Options{Now: calendar})
	same(t, newClient(t, a).certificates(t, bob), [2]string{"Expired 2026-01-01T00:00:00Z", second})
	same(t, held(a, bob), []string{"c1 Expired", "c1 Unexpired", "c1 admin"})
}

// TestHiddenCertificate cleans a principal whose list says Removed while an older certificate lives on.
func TestHiddenCertificate(t *testing.T) {
	text := strings.Replace(small(t, ""), "previous: 2027-01-01T00:00:00Z", "previous: 2027-01-01T00:00:00Z, state: Removed", 1)
	a := sim.New(load(t, text), sim.Options{Now: calendar})
	c := newClient(t, a)
	same(t, c.states(t, bob)[0], "c1 Removed")
	same(t, held(a, bob), []string{"c1 Unexpired", "c1 Removed", "c1 admin"})
	c.must(t, clean("c1", bob, "true"), nil, nil)
	same(t, held(a, bob), []string{"c1 Removed", "c1 admin"})
}

// certificates returns state and expiry of a principal's credential on c1, as the per-user and the per-cluster list show them.
func (c *client) certificates(t *testing.T, uid string) (out [2]string) {
	t.Helper()
	for i, path := range []string{"/users/" + uid + "/kubeconfig/states", "/clusters/c1/kubeconfig/states?pageSize=50"} {
		var list struct {
			States []struct {
				Account string `json:"account_id"`
				Cluster string `json:"cluster_id"`
				State   string `json:"cert_state"`
				Expires string `json:"cert_expire_time"`
			} `json:"states"`
		}
		c.must(t, "GET "+path, nil, &list)
		for _, s := range list.States {
			if s.Account == uid || s.Cluster == "c1" {
				out[i] = s.State + " " + s.Expires
			}
		}
	}
	return out
}

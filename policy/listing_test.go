package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestGather(t *testing.T) {
	c := func(id, row string) Cluster { return Cluster{ID: id, Name: "n-" + id, Region: row} }
	down := &Fault{Op: "DescribeClustersForRegion", Kind: Unavailable}
	for _, x := range []struct {
		name  string
		lists []RegionList
		want  string // clusters with their regions; then the regions that were read
	}{
		{"each in its region", []RegionList{{Region: "b", Clusters: []Cluster{c("c2", "b")}}, {Region: "a", Clusters: []Cluster{c("c1", "a")}}},
			"c1@a c2@b; a b"},
		{"the region that was asked counts, not the row's zone", []RegionList{{Region: "cn-x", Clusters: []Cluster{c("c1", "cn-x-a")}}},
			"c1@cn-x; cn-x"},
		{"twice the same: once, in the region of its row", []RegionList{{Region: "a", Clusters: []Cluster{c("c1", "b-k")}},
			{Region: "b", Clusters: []Cluster{c("c1", "b-k")}}}, "c1@b; a b"},
		{"twice the same, of neither region", []RegionList{{Region: "b", Clusters: []Cluster{c("c1", "")}},
			{Region: "a", Clusters: []Cluster{c("c1", "")}}}, "c1@a; a b"},
		{"a region is no zone of another one", []RegionList{{Region: "cn-x", Clusters: []Cluster{c("c1", "cn-x-finance")}},
			{Region: "cn-x-finance", Clusters: []Cluster{c("c1", "cn-x-finance")}}},
			"c1@cn-x-finance; cn-x cn-x-finance"},
		{"twice, and different: neither is believed", []RegionList{{Region: "a", Clusters: []Cluster{c("c1", "a"), c("c2", "a")}},
			{Region: "b", Clusters: []Cluster{c("c1", "b")}}}, "; "},
		{"one was not read", []RegionList{{Region: "a", Fault: down, Clusters: []Cluster{c("c9", "a")}},
			{Region: "b", Clusters: []Cluster{c("c2", "b")}}}, "c2@b; b"},
	} {
		clusters, regions := Gather(x.lists)
		var got, read []string
		for _, c := range clusters {
			got = append(got, c.ID+"@"+c.Region)
		}
		for _, r := range regions {
			if r.Read() {
				read = append(read, r.ID)
			}
		}
		slices.Sort(got)
		if s := strings.Join(got, " ") + "; " + strings.Join(read, " "); s != x.want {
			t.Errorf("%s: got %q, want %q", x.name, s, x.want)
		}
	}
}

// estate is a small account to judge the gaps of a listing by: alice holds
// what the case says, and the caller is the root account unless it says else.
type estate struct {
	scope    Scope
	entry    Principal
	own      []Grant // of a RAM user; nil: the root account asks
	clusters []Cluster
	regions  []Region
	retired  bool
	states   []State
	grants   []Grant
	lists    []ClusterList
	strays   []Stray
	people   []Identity
	accepted []Accepted
	ownErr   *Fault
	unnamed  bool // guards.protect has no name
}

const alice = "200000000000000001"

func (a estate) plan(t *testing.T) *Plan {
	t.Helper()
	if a.entry.UID == "" {
		a.entry.UID = alice
	}
	if a.entry.Kind == "" {
		a.entry.Kind = User
	}
	if a.entry.Reason == "" {
		a.entry.Reason = Departed
	}
	p := &Policy{Account: "1", Scope: a.scope, Principals: []Principal{a.entry}, Accepted: a.accepted,
		Guards: Guards{MaxPrincipals: 10, MaxRevocations: 10, MaxCompromised: 10, Protect: []Protect{{Name: "ci-*"}}}}
	if a.unnamed {
		p.Guards.Protect = []Protect{{UID: "7"}}
	}
	d := Directory{Caller: Caller{Type: RootAccount, AccountID: "1", UID: "1"}, Users: a.people, Clusters: a.clusters, Regions: a.regions}
	if a.people == nil {
		d.Users = []Identity{{UID: alice, Kind: User, Name: "alice"}}
	}
	if a.own != nil || a.ownErr != nil {
		d.Caller, d.Own, d.OwnErr = Caller{Type: RAMUser, AccountID: "1", UID: "90"}, a.own, a.ownErr
		d.Users = append(d.Users, Identity{UID: "90", Kind: User, Name: "runner"})
	}
	if a.retired {
		d.ListedBy, d.Short = ByRetired, &Fault{Op: "DescribeRegions", Kind: Denied}
	}
	r := Resolve(p, d, now)
	subject := Subject{UID: a.entry.UID, States: NewStates(a.states...), Grants: a.grants}
	return Decide(r, Observation{Directory: r.Directory, Subjects: []Subject{subject}, Lists: a.lists, Strays: a.strays})
}

// says is a plan in a few words: actions, unknowns (+ for an accepted one),
// residuals, refusals.
func says(p *Plan) string {
	var all []string
	for _, a := range p.Actions {
		all = append(all, "act "+strings.TrimSuffix(a.ID, "/"+a.UID))
	}
	for _, u := range p.Unknown {
		s := string(u.Why) + " " + u.Cluster + u.Region
		if u.Accepted {
			s = "+" + s
		}
		all = append(all, strings.TrimSpace(s))
	}
	for _, r := range p.Residual {
		all = append(all, "residual "+string(r.What))
	}
	for _, r := range p.Refused {
		all = append(all, "refused "+r.Guard)
	}
	for _, o := range p.OutOfScope {
		all = append(all, "outside "+o.Cluster.ID)
	}
	return strings.Join(all, ", ")
}

var (
	c1 = Cluster{ID: "c1", Name: "one", Region: "cn-hangzhou", State: "running"}
	c2 = Cluster{ID: "c2", Name: "two", Region: "cn-shanghai", State: "running"}

	hangzhou = Region{ID: "cn-hangzhou", Clusters: 1}
	unread   = Region{ID: "cn-shanghai", Fault: &Fault{Op: "DescribeClustersForRegion", Kind: Unavailable, Message: "down"}}
	denied   = &Fault{Op: "DescribeClusterDetail", Kind: Denied, Message: "no"}
	all      = Grant{Scope: OnAllClusters, Role: "admin"}
)

func unexpired(cluster string) State {
	return State{Cluster: cluster, Cert: Unexpired, Expires: ends(500)}
}
func removed(cluster string) State { return State{Cluster: cluster, Cert: Removed} }

// What lies in a gap of the listing is unknown, once for the run and wherever
// something hangs on it, and never absent.
func TestGapsOfTheListing(t *testing.T) {
	here := Scope{Regions: []string{"cn-hangzhou"}}
	own := []Grant{{Cluster: "c1", Scope: OnCluster, Role: "admin"}}
	until := ends(30)
	for _, x := range []struct {
		name string
		estate
		want string
	}{
		{"a region in scope", estate{regions: []Region{hangzhou, unread}}, "region-not-read cn-shanghai"},
		{"accepted", estate{regions: []Region{hangzhou, unread}, accepted: []Accepted{{Region: "cn-shanghai", What: LeftUnread, Until: until}}},
			"+region-not-read cn-shanghai"},
		{"accepted, but as unknown", estate{regions: []Region{hangzhou, unread},
			accepted: []Accepted{{UID: alice, What: LeftUnknown, Until: until}}}, "region-not-read cn-shanghai"},
		{"another region is accepted", estate{regions: []Region{hangzhou, unread},
			accepted: []Accepted{{Region: "cn-beijing", What: LeftUnread, Until: until}}}, "region-not-read cn-shanghai"},
		{"outside the scope, seen by the root account", estate{scope: here, regions: []Region{hangzhou, unread}}, ""},
		{"outside the scope, where an all-clusters grant may be hidden", estate{scope: here, regions: []Region{hangzhou, unread}, own: own},
			"all-clusters-not-visible, region-not-read cn-shanghai"},
		{"outside the scope, the caller administers everything", estate{scope: here, regions: []Region{hangzhou, unread}, own: []Grant{all}}, ""},
		{"outside the scope, and an all-clusters grant hangs on it", estate{scope: here, regions: []Region{hangzhou, unread},
			grants: []Grant{all}},
			"region-not-read cn-shanghai, residual all-clusters"},
		{"outside the scope, and the policy takes the grant all the same", estate{scope: Scope{Regions: here.Regions, AllClustersGrants: true},
			regions: []Region{hangzhou, unread}, grants: []Grant{all}}, "act all-clusters"},
		{"only pins are in effect", estate{scope: here, regions: []Region{hangzhou, unread}, own: own,
			entry: Principal{Reason: Compromised, Pins: []Pin{{Cluster: "c1", Expires: ends(500)}}}, states: []State{unexpired("c1")}}, "act c1"},
		{"the listing is retired", estate{retired: true}, "listing-may-be-short"},
		{"the listing is retired, and accepted", estate{retired: true, accepted: []Accepted{{What: LeftListing, Until: until}}},
			"+listing-may-be-short"},
		{"a pattern may have its match there", estate{entry: Principal{Clusters: []string{"one", "tw*"}}, regions: []Region{hangzhou, unread}},
			"region-not-read cn-shanghai, region-not-read cn-shanghai"},
		{"that is not accepted with the region", estate{entry: Principal{Clusters: []string{"one", "tw*"}}, regions: []Region{hangzhou, unread},
			accepted: []Accepted{{Region: "cn-shanghai", What: LeftUnread, Until: until}}},
			"+region-not-read cn-shanghai, region-not-read cn-shanghai"},
		{"a pattern cannot have it there", estate{scope: here, entry: Principal{Clusters: []string{"one", "tw*"}},
			regions: []Region{hangzhou, unread}}, "matches-nothing"},
		{"a pin may lie there", estate{entry: Principal{Reason: Compromised, Pins: []Pin{{Cluster: "c2", Expires: ends(9)}}},
			regions: []Region{hangzhou, unread}},
			"region-not-read cn-shanghai, region-not-read cn-shanghai"},
		{"the scope names the region itself", estate{scope: Scope{Regions: []string{"cn-hangzhou", "cn-shanghai"}},
			regions: []Region{hangzhou, unread}},
			"region-not-read cn-shanghai"},
		{"the scope names it, and it is accepted", estate{scope: Scope{Regions: []string{"cn-hangzhou", "cn-shanghai"}},
			regions:  []Region{hangzhou, unread},
			accepted: []Accepted{{Region: "cn-shanghai", What: LeftUnread, Until: until}}}, "+region-not-read cn-shanghai"},
	} {
		t.Run(x.name, func(t *testing.T) {
			x.clusters = []Cluster{c1}
			if x.states == nil {
				x.states = []State{removed("c1")}
			}
			if diff := cmp.Diff(x.want, says(x.plan(t))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A grant on all clusters is only taken away where the entry covers every
// cluster that is known to exist, listed or not.
func TestAllClustersGrantNeedsEveryKnownCluster(t *testing.T) {
	here := Scope{Regions: []string{"cn-hangzhou"}}
	for _, x := range []struct {
		name string
		estate
		want string
	}{
		{"everything is covered", estate{clusters: []Cluster{c1, c2}}, "act all-clusters"},
		{"one is not in scope", estate{scope: here, clusters: []Cluster{c1, c2}}, "residual all-clusters"},
		{"one that is not listed is not in scope", estate{scope: here, clusters: []Cluster{c1}, strays: []Stray{{Cluster: "c2", Detail: c2}},
			states: []State{unexpired("c2")}},
			"residual all-clusters, outside c2"},
		{"the detail of one that is not listed was denied", estate{scope: here, clusters: []Cluster{c1},
			strays: []Stray{{Cluster: "c2", Err: denied}}, states: []State{unexpired("c2")}},
			"cluster-not-listed c2, residual all-clusters"},
		{"one that is not listed is gone", estate{scope: here, clusters: []Cluster{c1}, strays: []Stray{{Cluster: "c2", Gone: true}},
			states: []State{unexpired("c2")}}, "act all-clusters"},
		{"one that is not listed is no Kubernetes", estate{scope: here, clusters: []Cluster{c1},
			strays: []Stray{{Cluster: "c2", Detail: Cluster{ID: "c2", Type: "aliyun", Region: "cn-shanghai"}}},
			states: []State{unexpired("c2")}}, "act all-clusters"},
		{"no scope at all covers what is not listed, too", estate{clusters: []Cluster{c1}, strays: []Stray{{Cluster: "c2", Err: denied}},
			states: []State{unexpired("c2")}},
			"act all-clusters, cluster-not-listed c2"},
		{"a Swarm cluster of the listing is none", estate{scope: here, clusters: []Cluster{c1, {ID: "c3", Type: "aliyun", Region: "cn-beijing"}}},
			"act all-clusters"},
	} {
		t.Run(x.name, func(t *testing.T) {
			x.grants, x.states = []Grant{all}, append(x.states, removed("c1"))
			if slices.Contains(x.clusters, c2) {
				x.states = append(x.states, removed("c2"))
			}
			if diff := cmp.Diff(x.want, says(x.plan(t))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What is no Kubernetes cluster, or lies outside the scope, does not keep a run
// red; anything else that the listing lacks does.
func TestStrays(t *testing.T) {
	swarm := Cluster{ID: "c3", Type: "aliyun", Region: "cn-hangzhou", State: "running"}
	held := []State{removed("c1"), unexpired("c3")}
	for _, x := range []struct {
		name string
		estate
		want    string
		warning string
	}{
		{"Swarm, listed", estate{clusters: []Cluster{c1, swarm}, states: held}, "", "not-kubernetes c3"},
		{"Swarm, not listed", estate{clusters: []Cluster{c1}, states: held, strays: []Stray{{Cluster: "c3", Detail: swarm}}}, "",
			"not-kubernetes c3"},
		{"excluded by name", estate{scope: Scope{Exclude: []string{"sand*"}},
			clusters: []Cluster{c1, {ID: "c4", Name: "sand-1", Region: "cn-hangzhou"}}, states: held,
			strays: []Stray{{Cluster: "c3", Detail: Cluster{ID: "c3", Name: "sandbox", Region: "cn-hangzhou"}}}}, "outside c3", ""},
		{"in a zone of another region", estate{scope: Scope{Regions: []string{"cn-hangzhou"}}, clusters: []Cluster{c1}, states: held,
			strays: []Stray{{Cluster: "c3", Detail: Cluster{ID: "c3", Region: "cn-shanghai-b"}}}}, "outside c3", ""},
		{"in a zone of this region", estate{scope: Scope{Regions: []string{"cn-hangzhou"}}, clusters: []Cluster{c1}, states: held,
			strays: []Stray{{Cluster: "c3", Detail: Cluster{ID: "c3", Region: "cn-hangzhou-b"}}}}, "cluster-not-listed c3", ""},
		{"named by the caller's own permissions alone", estate{own: []Grant{all, {Cluster: "c3", Scope: OnCluster, Role: "dev"}},
			clusters: []Cluster{c1}, states: held[:1],
			strays: []Stray{{Cluster: "c3", Detail: Cluster{ID: "c3"}}}}, "cluster-not-listed c3", ""},
		{"the detail was denied, and it is accepted as unknown", estate{clusters: []Cluster{c1}, states: held,
			strays:   []Stray{{Cluster: "c3", Err: denied}},
			accepted: []Accepted{{Cluster: "c3", What: LeftUnknown, Until: ends(9)}}}, "cluster-not-listed c3", ""},
		{"the detail was denied, and it is accepted as unread", estate{clusters: []Cluster{c1}, states: held,
			strays:   []Stray{{Cluster: "c3", Err: denied}},
			accepted: []Accepted{{Cluster: "c3", What: LeftUnread, Until: ends(9)}}}, "+cluster-not-listed c3", ""},
		{"it is there, and accepted as unknown", estate{clusters: []Cluster{c1}, states: held,
			strays:   []Stray{{Cluster: "c3", Detail: Cluster{ID: "c3"}}},
			accepted: []Accepted{{Cluster: "c3", What: LeftUnknown, Until: ends(9)}}}, "+cluster-not-listed c3", ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			plan := x.plan(t)
			if diff := cmp.Diff(x.want, says(plan)); diff != "" {
				t.Error(diff)
			}
			if x.warning != "" && fmt.Sprint(plan.Warnings) != "["+x.warning+"]" {
				t.Errorf("warnings %q, want %q once", plan.Warnings, x.warning)
			}
		})
	}
}

// A pattern that is the id of a listed cluster means that one alone.
func TestPatternThatIsAnID(t *testing.T) {
	named := Cluster{ID: "c9", Name: "c1", Region: "cn-hangzhou", State: "running"}
	plan := estate{entry: Principal{Clusters: []string{"c1"}}, clusters: []Cluster{c1, named},
		states: []State{unexpired("c1"), unexpired("c9")}}.plan(t)
	if got := says(plan); got != "act c1, outside c9" {
		t.Errorf("got %q: the cluster that is only named so was hit", got)
	}
}

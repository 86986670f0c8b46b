package policy

import (
	"strings"
	"testing"
	"time"
)

// Who a deleted uid was, the lists of clusters tell: an entry that says somebody
// else is not acted on, nor is one for whom nobody may touch.
func TestDeletedAreWhoTheListsSay(t *testing.T) {
	born := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	holder := func(name string) Holder {
		return Holder{UID: "99", Name: name, AccountType: "RamUser", AccountState: "Deleted", Cert: Unexpired, Expires: ends(500)}
	}
	calledActive := func(h Holder, state string) Holder { h.AccountState = state; return h }
	for _, x := range []struct {
		name    string
		entry   Principal
		holders []Holder // on c1, c2
		want    string
		message string
	}{
		{"the stated name", Principal{Name: "mallory"}, []Holder{holder("mallory"), holder("mallory")}, "act c1, act c2", ""},
		{"no name is stated", Principal{}, []Holder{holder("mallory")}, "act c1", ""},
		{"another name", Principal{Name: "trent"}, []Holder{holder("mallory")}, "refused identity-conflict", `call it "mallory"`},
		{"another name, in the face of deleted: true", Principal{Name: "trent", Deleted: true}, []Holder{holder("mallory")},
			"refused identity-conflict", ""},
		{"several names", Principal{}, []Holder{holder("mallory"), holder("trent")}, "refused identity-conflict", `"mallory", "trent"`},
		{"a protected name", Principal{}, []Holder{holder("ci-deploy")}, "refused protected", "ci-*"},
		{"a protected name, another is stated", Principal{Name: "x"}, []Holder{holder("ci-deploy")}, "refused protected", ""},
		{"a service role's name", Principal{}, []Holder{holder("AliyunCSManagedLogRole")}, "refused protected", "service role"},
		{"the lists call it Active", Principal{}, []Holder{calledActive(holder("mallory"), "Active")}, "identity-unclear c1, identity-unclear c2",
			""},
		{"the lists call it InActive", Principal{Deleted: true}, []Holder{calledActive(holder("mallory"), "InActive")},
			"identity-unclear c1, identity-unclear c2", ""},
		{"name and createdAt of a live other one", Principal{Name: "alice", CreatedAt: born}, nil, "refused identity-conflict", "has the uid " +
			alice},
		{"... in the face of deleted: true", Principal{Name: "alice", CreatedAt: born, Deleted: true}, nil, "refused identity-conflict", ""},
		{"the name alone, of a live other one", Principal{Name: "alice"}, nil, "no-trace", "has the uid " + alice +
			", which is most likely meant"},
	} {
		t.Run(x.name, func(t *testing.T) {
			x.entry.UID = "99"
			a := estate{entry: x.entry, clusters: []Cluster{c1, c2}, people: []Identity{{UID: alice, Kind: User, Name: "alice", CreatedAt: born}},
				lists: []ClusterList{{Cluster: "c1"}, {Cluster: "c2"}}}
			for i, h := range x.holders {
				a.lists[i].Holders = []Holder{h}
			}
			plan := a.plan(t)
			if got := says(plan); got != x.want {
				t.Errorf("got %q, want %q", got, x.want)
			}
			said := ""
			for _, r := range plan.Refused {
				said += r.Message
			}
			for _, u := range plan.Unknown {
				said += u.Fault.Message
			}
			if !strings.Contains(said, x.message) {
				t.Errorf("%q does not say %q", said, x.message)
			}
		})
	}
}

// What somebody deleted was called stands in the lists of clusters alone. While one
// of them cannot be read, nobody is touched whose name would decide.
func TestNameInAListThatFails(t *testing.T) {
	failed := &Fault{Op: "ListClusterKubeconfigStates", Kind: Unavailable}
	unclear := "identity-unclear c1, identity-unclear c2"
	for _, x := range []struct {
		name    string
		entry   Principal
		unnamed bool // no name is protected
		cert    CertState
		other   string // the name that the list of c2 has
		want    string
	}{
		{"a name is stated", Principal{Name: "mallory"}, true, Unexpired, "", unclear},
		{"names are protected", Principal{}, false, Unexpired, "", unclear},
		{"a role", Principal{Kind: Role}, true, Unexpired, "", unclear},
		{"another list has the name", Principal{Name: "mallory"}, true, Unexpired, "mallory", "act c1, act c2"},
		{"none is stated or protected, and it may be a service role's", Principal{}, true, Unexpired, "", unclear},
		{"nothing could be taken", Principal{Name: "mallory"}, true, Removed, "", "read-failed c1"},
	} {
		t.Run(x.name, func(t *testing.T) {
			x.entry.UID = "99"
			a := estate{entry: x.entry, unnamed: x.unnamed, clusters: []Cluster{c1, c2}, lists: []ClusterList{{Cluster: "c1", Err: failed},
				{Cluster: "c2"}},
				states: []State{{Cluster: "c1", Cert: x.cert, Expires: unexpired("c1").Expires}}}
			if x.other != "" {
				a.lists[1].Holders = []Holder{{UID: "99", Name: x.other, AccountState: "Deleted", Cert: Unexpired}}
			}
			if got := says(a.plan(t)); got != x.want {
				t.Errorf("got %q, want %q", got, x.want)
			}
		})
	}
	grants := estate{entry: Principal{UID: "99"}, clusters: []Cluster{c1}, grants: []Grant{{Cluster: "c1", Scope: OnCluster, Role: "dev"}},
		lists: []ClusterList{{Cluster: "c1", Err: failed}}}
	if got := says(grants.plan(t)); got != "identity-unclear c1" {
		t.Errorf("grants without a row of a certificate: %q", got)
	}
}

// A uid that a spreadsheet has rounded is nobody's: it is not "out", and who is
// most likely meant is named.
func TestRoundedUID(t *testing.T) {
	near := estate{entry: Principal{UID: "200000000000000000"}, clusters: []Cluster{c1}, lists: []ClusterList{{Cluster: "c1"}}}.plan(t)
	if got := says(near); got != "no-trace" || !strings.Contains(near.Unknown[0].Fault.Message, alice) {
		t.Errorf("%q: %+v", got, near.Unknown)
	}
	live := estate{entry: Principal{Deleted: true}, clusters: []Cluster{c1}, states: []State{unexpired("c1")}}.plan(t)
	if got := says(live); got != "refused identity-conflict" {
		t.Errorf("deleted: true on a live uid: %q", got)
	}
	taken := estate{entry: Principal{UID: "77", Name: "alice", Deleted: true}, clusters: []Cluster{c1},
		lists: []ClusterList{{Cluster: "c1"}}}.plan(t)
	if e := taken.Entries[0]; says(taken) != "" || !e.HoldsMore {
		t.Errorf("somebody live has its name, so the entry is not to be taken out: %q, %+v", says(taken), e)
	}
}

// Two expiries on two surfaces are two certificates: a pin is held against each,
// and what is proven gone is gone from both.
func TestPinAgainstEveryCertificate(t *testing.T) {
	older, newer := ends(500), ends(800)
	pin := func(at time.Time) Principal {
		return Principal{Reason: Compromised, Pins: []Pin{{Cluster: "c1", Expires: at}}}
	}
	list := func(at time.Time) []ClusterList {
		return []ClusterList{{Cluster: "c1", Holders: []Holder{{UID: alice, AccountType: "RamUser", AccountState: "Active", Cert: Unexpired,
			Expires: at}}}}
	}
	for _, x := range []struct {
		name string
		pin  time.Time
		user time.Time
		list time.Time
		want string
	}{
		{"the per-user list shows the pinned one", older, older, newer, "act c1"},
		{"the per-cluster list shows the pinned one", older, newer, older, "act c1"},
		{"neither shows it", ends(300), older, newer, ""},
		{"both are earlier", ends(900), older, newer, "pin-not-shown c1"},
		{"one can be a renewal of it", ends(90), ends(95), ends(90).AddDate(3, 0, 0), "renewal-possible c1"},
	} {
		t.Run(x.name, func(t *testing.T) {
			plan := estate{entry: pin(x.pin), clusters: []Cluster{c1}, states: []State{{Cluster: "c1", Cert: Unexpired, Expires: x.user}},
				lists: list(x.list)}.plan(t)
			if got := says(plan); got != x.want {
				t.Errorf("got %q, want %q", got, x.want)
			}
			for _, a := range plan.Actions {
				if !a.Before.Certificate.Expires.Equal(x.pin) {
					t.Errorf("the snapshot is of the certificate that ends %v, and the pin is %v", a.Before.Certificate.Expires, x.pin)
				}
			}
		})
	}
}

// A read that failed is accepted as unread alone, and only where it was one of
// the cluster itself.
func TestFailedReadsAreAcceptedAsUnreadAlone(t *testing.T) {
	down := &Fault{Op: "ListClusterKubeconfigStates", Kind: Unavailable, Message: "down"}
	own := &Fault{Op: "DescribeUserPermission", Kind: Unavailable, Status: 500, Message: "down"}
	unclear := []State{{Cluster: "c1", Cert: CertUnknown}}
	shown := []ClusterList{{Cluster: "c1", Holders: []Holder{{UID: alice, Cert: CertUnknown}}}}
	owner := []Grant{{Cluster: "c1", Scope: OnCluster, Owner: true}}
	accept := func(what ...Leftover) []Accepted {
		var rows []Accepted
		for _, w := range what {
			rows = append(rows, Accepted{Cluster: "c1", What: w, Until: ends(9)})
		}
		return rows
	}
	for _, x := range []struct {
		name string
		estate
		want string
	}{
		{"unclear, nothing failed", estate{states: unclear, lists: shown, accepted: accept(LeftUnknown)}, "+certificate-unclear c1"},
		{"unclear, and the caller's own permissions failed", estate{states: unclear, lists: shown, ownErr: own,
			accepted: append(accept(LeftUnknown, LeftUnread), Accepted{What: LeftAllClusters, Until: ends(9)})},
			"all-clusters-not-visible, certificate-unclear c1"},
		{"the list of the cluster failed", estate{states: unclear, lists: []ClusterList{{Cluster: "c1", Err: down}},
			accepted: accept(LeftUnknown)}, "read-failed c1"},
		{"the list of the cluster failed, accepted as that", estate{states: unclear, lists: []ClusterList{{Cluster: "c1", Err: down}},
			accepted: accept(LeftUnread)}, "+read-failed c1"},
		{"the list failed and the grants are hidden", estate{states: unclear, lists: []ClusterList{{Cluster: "c1", Err: down}},
			own:      []Grant{{Cluster: "c2", Scope: OnCluster, Role: "admin"}},
			accepted: append(accept(LeftUnread), Accepted{What: LeftAllClusters, Until: ends(9)})}, "+all-clusters-not-visible, read-failed c1"},
		{"... both accepted", estate{states: unclear, lists: []ClusterList{{Cluster: "c1", Err: down}},
			own:      []Grant{{Cluster: "c2", Scope: OnCluster, Role: "admin"}},
			accepted: append(accept(LeftUnread, LeftUnknown), Accepted{What: LeftAllClusters, Until: ends(9)})},
			"+all-clusters-not-visible, +read-failed c1"},
		{"unclear, and the owner", estate{states: unclear, lists: shown, grants: owner, accepted: accept(LeftUnknown)}, "certificate-unclear c1"},
		{"... both accepted", estate{states: unclear, lists: shown, grants: owner, accepted: accept(LeftUnknown, LeftOwner)},
			"+certificate-unclear c1"},
		{"a pin is never accepted", estate{entry: Principal{Reason: Compromised, Pins: []Pin{{Cluster: "c1", Expires: ends(9)}}}, states: unclear,
			lists: []ClusterList{{Cluster: "c1", Err: down}}, accepted: accept(LeftUnread, LeftUnknown)}, "read-failed c1"},
	} {
		t.Run(x.name, func(t *testing.T) {
			x.clusters = []Cluster{c1}
			if got := says(x.plan(t)); got != x.want {
				t.Errorf("got %q, want %q", got, x.want)
			}
		})
	}
}

// What is shown of an action: the certificate on each surface, of pins the pinned one
// alone, and the rows of the cluster itself that are not its creator's.
func TestShown(t *testing.T) {
	at := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	s := &Subject{UID: "1", States: NewStates(State{Cluster: "c1", Cert: Unexpired, Expires: at}),
		Grants: []Grant{{Cluster: "c1", Scope: OnCluster, Role: "dev"}, {Cluster: "c1", Scope: OnNamespace, Namespace: "n", Role: "ops"},
			{Cluster: "c1", Scope: OnCluster, Role: "admin", Owner: true}, {Scope: OnAllClusters, Role: "admin"},
			{Cluster: "c2", Scope: OnCluster, Role: "dev"}}}
	list := &ClusterList{Cluster: "c1",
		Holders: []Holder{{UID: "2", Cert: Unexpired}, {UID: "1", Cert: Unexpired, Expires: at.AddDate(3, 0, 0)}}}
	pin := func(at time.Time) []Pin { return []Pin{{Expires: at}} }
	for _, c := range []struct {
		name    string
		cluster string
		pins    []Pin
		list    *ClusterList
		want    int
	}{
		{"all of it", "c1", nil, list, 4},
		{"its own lists", "c1", nil, nil, 3},
		{"elsewhere", "c2", nil, nil, 1},
		{"pinned, one of two", "c1", pin(at.Add(time.Minute)), list, 1},
		{"pinned, neither", "c1", pin(at.AddDate(1, 0, 0)), list, 0},
	} {
		a := &Action{UID: "1", Cluster: Cluster{ID: c.cluster}, Pins: c.pins}
		if got := a.Shown(s, c.list); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

package policy

import "testing"

// A deleted principal whose per-user list is empty is known by the lists of the
// clusters alone. What they show outside its entry is said, and where none was
// read nothing is taken for nothing.
func TestDeletedOutsideItsEntry(t *testing.T) {
	for name, c := range map[string]struct {
		exclude  []string
		own      []State
		holder   string // of c2
		outside  int
		nothings bool // that nothing more is held may be said
	}{
		"held where the list was read":       {nil, nil, "9", 1, true},
		"nothing where the list was read":    {nil, nil, "7", 0, true},
		"where no list was read":             {[]string{"two"}, nil, "9", 0, false},
		"where no list, but its own was":     {[]string{"two"}, []State{{Cluster: "c1", Cert: Removed}}, "", 0, true},
		"where no list, and its own says so": {[]string{"two"}, []State{{Cluster: "c2", Cert: Unexpired, Expires: ends(9)}}, "", 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			p := &Policy{Account: "1", Scope: Scope{Exclude: c.exclude}, Principals: []Principal{{UID: "9", Kind: User, Reason: Departed, Deleted: true, Clusters: []string{"c1"}}}}
			res := Resolve(p, Directory{Caller: Caller{Type: RootAccount, AccountID: "1", UID: "1"},
				Clusters: []Cluster{{ID: "c1", Name: "one", State: "running"}, {ID: "c2", Name: "two", State: "running"}}}, now)
			obs := Observation{Directory: res.Directory, Subjects: []Subject{{UID: "9", States: c.own}}}
			lists, _ := res.Needs(obs.Subjects)
			for _, id := range lists {
				l := ClusterList{Cluster: id}
				if id == "c2" {
					l.Holders = []Holder{{UID: c.holder, Cert: Unexpired, Expires: ends(9)}}
				}
				obs.Lists = append(obs.Lists, l)
			}
			plan := Decide(res, obs)
			if len(plan.OutOfScope) != c.outside || plan.Entries[0].HoldsMore == c.nothings {
				t.Errorf("outside %+v, holds more %v", plan.OutOfScope, plan.Entries[0].HoldsMore)
			}
		})
	}
}

// Whoever created a cluster is its administrator, pinned or not, as long as the
// identity lives.
func TestPinnedOwnerHoldsMore(t *testing.T) {
	for _, live := range []bool{true, false} {
		dir := Directory{Caller: Caller{Type: RootAccount, AccountID: "1", UID: "1"}, Clusters: []Cluster{{ID: "c1", Name: "one", State: "running"}}}
		if live {
			dir.Users = []Identity{{UID: "9", Kind: User, Name: "x"}}
		}
		res := Resolve(&Policy{Account: "1", Principals: []Principal{{UID: "9", Kind: User, Reason: Compromised, Pins: []Pin{{Cluster: "c1", Expires: ends(9)}}}}}, dir, now)
		plan := Decide(res, Observation{Directory: res.Directory, Lists: []ClusterList{{Cluster: "c1"}}, Subjects: []Subject{{UID: "9",
			States: []State{{Cluster: "c1", Cert: Removed}}, Grants: []Grant{{Cluster: "c1", Scope: OnCluster, Role: "admin", Owner: true}}}}})
		if plan.Entries[0].HoldsMore != live {
			t.Errorf("live %v: holds more %v", live, plan.Entries[0].HoldsMore)
		}
	}
}

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
			p := &Policy{Account: "1", Scope: Scope{Exclude: c.exclude},
				Principals: []Principal{{UID: "9", Kind: User, Reason: Departed, Deleted: true, Clusters: []string{"c1"}}}}
			res := Resolve(p, Directory{Caller: Caller{Type: RootAccount, AccountID: "1", UID: "1"},
				Clusters: []Cluster{{ID: "c1", Name: "one", State: "running"}, {ID: "c2", Name: "two", State: "running"}}}, now)
			obs := Observation{Directory: res.Directory, Subjects: []Subject{{UID: "9", States: NewStates(c.own...)}}}
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
		dir := Directory{Caller: Caller{Type: RootAccount, AccountID: "1", UID: "1"},
			Clusters: []Cluster{{ID: "c1", Name: "one", State: "running"}}}
		if live {
			dir.Users = []Identity{{UID: "9", Kind: User, Name: "x"}}
		}
		res := Resolve(&Policy{Account: "1", Principals: []Principal{{UID: "9", Kind: User, Reason: Compromised,
			Pins: []Pin{{Cluster: "c1", Expires: ends(9)}}}}}, dir, now)
		plan := Decide(res, Observation{Directory: res.Directory, Lists: []ClusterList{{Cluster: "c1"}}, Subjects: []Subject{{UID: "9",
			States: NewStates(State{Cluster: "c1", Cert: Removed}),
			Grants: []Grant{{Cluster: "c1", Scope: OnCluster, Role: "admin", Owner: true}}}}})
		if plan.Entries[0].HoldsMore != live {
			t.Errorf("live %v: holds more %v", live, plan.Entries[0].HoldsMore)
		}
	}
}

// What could not be read may be held.
func TestUnreadIsNotRetirable(t *testing.T) {
	res := Resolve(&Policy{Account: "1", Principals: []Principal{{UID: "9", Kind: User, Reason: Compromised,
		Pins: []Pin{{Cluster: "c1", Expires: ends(-9)}}}}},
		Directory{Caller: Caller{Type: RootAccount, AccountID: "1", UID: "1"}, Users: []Identity{{UID: "9", Kind: User, Name: "x"}},
			Clusters: []Cluster{{ID: "c1", Name: "one", State: "running"}}}, now)
	for name, s := range map[string]Subject{
		"states": {UID: "9", StatesErr: &Fault{Kind: Denied}},
		"grants": {UID: "9", GrantsErr: &Fault{Kind: Denied}},
	} {
		if plan := Decide(res, Observation{Directory: res.Directory, Subjects: []Subject{s}}); !plan.Entries[0].HoldsMore {
			t.Errorf("%s could not be read, and nothing more is held", name)
		}
	}
}

// A caller that is administrator of every listed cluster is not one of all
// clusters where a row names another: grants on all clusters may be hidden.
func TestStrayHidesAllClustersGrants(t *testing.T) {
	own := func(clusters ...string) (rows []Grant) {
		for _, c := range clusters {
			rows = append(rows, Grant{Cluster: c, Scope: OnCluster, Role: "admin"})
		}
		return rows
	}
	for name, c := range map[string]struct {
		own    []Grant
		gone   bool
		unseen bool
	}{
		"administrator of the listed one": {own("c1"), false, true},
		"of both":                         {own("c1", "c2"), false, false},
		"of the listed one, other gone":   {own("c1"), true, false},
		"of all clusters":                 {[]Grant{{Scope: OnAllClusters, Role: "admin"}}, false, false},
	} {
		res := Resolve(&Policy{Account: "1", Principals: []Principal{{UID: "9", Kind: User, Reason: Departed}}},
			Directory{Caller: Caller{Type: RAMUser, AccountID: "1", UID: "90"}, Own: c.own,
				Users:    []Identity{{UID: "9", Kind: User, Name: "x"}, {UID: "90", Kind: User, Name: "y"}},
				Clusters: []Cluster{{ID: "c1", Name: "one", State: "running"}}}, now)
		plan := Decide(res, Observation{Directory: res.Directory, Strays: []Stray{{Cluster: "c2", Gone: c.gone}},
			Subjects: []Subject{{UID: "9", States: NewStates(State{Cluster: "c1", Cert: Unissued}, State{Cluster: "c2", Cert: Unissued})}}})
		if plan.Coverage.AllClustersUnseen != c.unseen {
			t.Errorf("%s: unseen %v", name, plan.Coverage.AllClustersUnseen)
		}
	}
}

// A failed read makes its targets unknown. An entry all of whose clusters are
// deferred has none, and must not be called out for that: a grant on all
// clusters could be there unread.
func TestUnreadWithoutTargetsIsUnknown(t *testing.T) {
	for name, s := range map[string]Subject{
		"states": {UID: "9", StatesErr: &Fault{Kind: Credentials}},
		"grants": {UID: "9", GrantsErr: &Fault{Kind: Credentials}},
		"none":   {UID: "9"},
	} {
		res := Resolve(&Policy{Account: "1", Principals: []Principal{{UID: "9", Kind: User, Reason: Departed}}},
			Directory{Caller: Caller{Type: RootAccount, AccountID: "1", UID: "1"}, Users: []Identity{{UID: "9", Kind: User, Name: "x"}},
				Clusters: []Cluster{{ID: "c1", Name: "one", State: "deleting"}}}, now)
		plan := Decide(res, Observation{Directory: res.Directory, Subjects: []Subject{s}})
		unknown := len(plan.Unknown) == 1 && plan.Unknown[0].Why == ReadFailed && plan.Unknown[0].UID == "9" && plan.Unknown[0].Cluster == ""
		if unknown == (name == "none") || name == "none" && len(plan.Unknown) > 0 {
			t.Errorf("%s could not be read: unknown %+v", name, plan.Unknown)
		}
	}
}

// The empty list of a deleted principal proves no more of a pin's cluster.
func TestPinnedOnDeferredIsNotRetirableUnseen(t *testing.T) {
	res := Resolve(&Policy{Account: "1", Principals: []Principal{{UID: "9", Kind: User, Reason: Compromised, Deleted: true,
		Pins: []Pin{{Cluster: "c1", Expires: ends(9)}}}}},
		Directory{Caller: Caller{Type: RootAccount, AccountID: "1", UID: "1"}, Clusters: []Cluster{{ID: "c1", Name: "one", State: "deleting"}}},
		now)
	if plan := Decide(res, Observation{Directory: res.Directory, Subjects: []Subject{{UID: "9"}}}); !plan.Entries[0].HoldsMore {
		t.Error("nothing was seen of the cluster, and nothing is held there")
	}
}

package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Who is acted on, and who is not; each row is a plan for one uid that holds a
// certificate, so that a check that is left out would be a write.
func TestIdentity(t *testing.T) {
	alice := Identity{UID: "10", Kind: User, Name: "alice", CreatedAt: now.AddDate(-2, 0, 0)}
	for _, c := range []struct {
		name    string
		live    *Identity
		entry   Principal
		rows    []Grant
		holders []Holder
		guard   string // "" for an action
		warning string
	}{
		{"live and nothing stated", &alice, Principal{Kind: User}, nil, nil, "", ""},
		{"live and the same name", &alice, Principal{Kind: User, Name: "alice"}, nil, nil, "", ""},
		{"live as the other kind", &alice, Principal{Kind: Role}, nil, nil, GuardKindMismatch, ""},
		{"live with another name", &alice, Principal{Kind: User, Name: "bob"}, nil, nil, GuardIdentityConflict, ""},
		{"live with another creation time", &alice, Principal{Kind: User, Name: "alice", CreatedAt: now}, nil, nil, GuardIdentityConflict, ""},
		{"renamed", &alice, Principal{Kind: User, Name: "alicia", CreatedAt: alice.CreatedAt}, nil, nil, "", `renamed: now "alice"`},
		{"live, and a row says the other kind", &alice, Principal{Kind: User},
			[]Grant{{Cluster: "c0", Scope: OnCluster, Role: "dev", RAMRole: true}}, nil, "", "rows-say-other-kind"},
		{"deleted", nil, Principal{Kind: User, Name: "alice"}, nil, nil, "", ""},
		{"deleted, and a row says the other kind", nil, Principal{Kind: User},
			[]Grant{{Cluster: "c0", Scope: OnCluster, Role: "dev", RAMRole: true}}, nil, GuardKindMismatch, ""},
		{"deleted, and the cluster's list says the other kind", nil, Principal{Kind: User}, nil,
			[]Holder{{UID: "10", AccountType: "RamRole", Cert: Unexpired, Expires: ends(100)}}, GuardKindMismatch, ""},
		{"of a cloud service", nil, Principal{Kind: Role}, nil, []Holder{{UID: "10", Service: "Log", Cert: Unexpired, Expires: ends(100)}},
			GuardProtected, ""},
		{"a service role", &Identity{UID: "10", Kind: Role, Name: "AliyunCSDefaultRole"}, Principal{Kind: Role}, nil, nil, GuardProtected, ""},
		{"protected by name", &Identity{UID: "10", Kind: User, Name: "ci-runner"}, Principal{Kind: User}, nil, nil, GuardProtected, ""},
		{"the caller", &Identity{UID: "90", Kind: User, Name: "runner"}, Principal{UID: "90", Kind: User}, nil, nil, GuardProtected, ""},
		{"the root account", nil, Principal{UID: "1", Kind: User}, nil, nil, GuardProtected, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.entry.UID == "" {
				c.entry.UID = "10"
			}
			c.entry.Reason = Departed
			p := &Policy{Account: "1", Principals: []Principal{c.entry},
				Guards: Guards{MaxPrincipals: 10, MaxRevocations: 10, MaxCompromised: 10, Protect: []Protect{{Name: "ci-*"}}}}
			dir := Directory{Caller: Caller{Type: RAMUser, AccountID: "1", UID: "90"}, Own: []Grant{{Scope: OnAllClusters, Role: "admin"}},
				Users: []Identity{{UID: "90", Kind: User, Name: "runner"}}, Clusters: []Cluster{{ID: "c0", Name: "one", State: "running"}}}
			if c.live != nil && c.live.Kind == Role {
				dir.Roles = append(dir.Roles, *c.live)
			} else if c.live != nil && c.live.UID != "90" {
				dir.Users = append(dir.Users, *c.live)
			}
			if c.holders == nil {
				c.holders = []Holder{{UID: c.entry.UID, Cert: Unexpired, Expires: ends(100)}}
			}
			plan := Decide(Resolve(p, dir, now), Observation{Directory: dir,
				Subjects: []Subject{{UID: c.entry.UID, Grants: c.rows, States: NewStates(State{Cluster: "c0", Cert: Unexpired, Expires: ends(100)})}},
				Lists:    []ClusterList{{Cluster: "c0", Holders: c.holders}}})
			got := ""
			if len(plan.Refused) > 0 {
				got = plan.Refused[0].Guard
			}
			if got != c.guard || (c.guard == "") != (len(plan.Actions) == 1) {
				t.Errorf("refused by %q with %d actions, want %q", got, len(plan.Actions), c.guard)
			}
			if warnings := plan.Entries[0].Warnings; c.warning != "" && !slices.Contains(warnings, c.warning) {
				t.Errorf("warnings %q, want %q", warnings, c.warning)
			}
		})
	}
}

// What could not be seen is unknown, whichever surface it was, and never
// settled: one principal, one cluster, nothing shown.
func TestUnseenIsUnknown(t *testing.T) {
	down := &Fault{Kind: Unavailable}
	for _, c := range []struct {
		name     string
		identity IdentityState
		blind    bool
		states   *Fault
		grants   *Fault
		cert     CertState // of the per-user row
		list     ClusterList
		why      Why // "" for settled
	}{
		{"all is seen", Live, false, nil, nil, Removed, ClusterList{}, ""},
		{"blind", Live, true, nil, nil, Removed, ClusterList{}, GrantsNotVisible},
		{"the grants failed", Live, false, nil, down, Removed, ClusterList{}, ReadFailed},
		{"the certificates failed", Live, false, down, nil, "", ClusterList{}, ReadFailed},
		{"no row, and the cluster's list has none", Live, false, nil, nil, "", ClusterList{}, ""},
		{"no row, and the cluster's list failed", Live, false, nil, nil, "", ClusterList{Err: down}, ReadFailed},
		{"Unknown, and the cluster's list has none", Live, false, nil, nil, CertUnknown, ClusterList{}, ""},
		{"Unknown on both", Live, false, nil, nil, CertUnknown, ClusterList{Holders: []Holder{{UID: "10", Cert: CertUnknown}}},
			CertificateUnclear},
		{"deleted, and the cluster's list failed", Deleted, false, nil, nil, Removed, ClusterList{Err: down}, ReadFailed},
		{"deleted, not found, and the cluster's list has none", Deleted, false, &Fault{Kind: NotFound}, &Fault{Kind: NotFound}, "", ClusterList{},
			""},
		{"live and not found", Live, false, &Fault{Kind: NotFound}, nil, "", ClusterList{}, ReadFailed},
		{"live and its grants not found", Live, false, nil, &Fault{Kind: NotFound}, Removed, ClusterList{}, ReadFailed},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := &Policy{Account: "1", Principals: []Principal{{UID: "10", Kind: User, Reason: Departed, Deleted: c.identity == Deleted}},
				Guards: Guards{MaxPrincipals: 10, MaxRevocations: 10, MaxCompromised: 10}}
			dir := Directory{Caller: Caller{Type: RAMUser, AccountID: "1", UID: "90"}, Users: []Identity{{UID: "90", Kind: User}},
				Clusters: []Cluster{{ID: "c0", Name: "one", State: "running"}}}
			if !c.blind {
				dir.Own = []Grant{{Scope: OnAllClusters, Role: "admin"}}
			}
			if c.identity == Live {
				dir.Users = append(dir.Users, Identity{UID: "10", Kind: User})
			}
			s := Subject{UID: "10", StatesErr: c.states, GrantsErr: c.grants}
			if c.cert != "" {
				s.States = NewStates(State{Cluster: "c0", Cert: c.cert})
			}
			c.list.Cluster = "c0"
			plan := Decide(Resolve(p, dir, now), Observation{Directory: dir, Subjects: []Subject{s}, Lists: []ClusterList{c.list}})
			var why []Why
			for _, u := range plan.Unknown {
				if u.Cluster == "c0" {
					why = append(why, u.Why)
				}
			}
			if c.why == "" && (len(why) > 0 || len(plan.Settled) != 1) || c.why != "" && fmt.Sprint(why) != fmt.Sprint([]Why{c.why}) ||
				len(plan.Actions) > 0 {
				t.Errorf("unknown %v, settled %+v, actions %d; want %q", why, plan.Settled, len(plan.Actions), c.why)
			}
			if c.why != "" && len(plan.Settled) > 0 {
				t.Errorf("settled %+v although %s", plan.Settled, c.why)
			}
		})
	}
}

// A name as another program shows it is refused like any that differs, and the
// message says how to write it.
func TestNameAsShown(t *testing.T) {
	dir := Directory{Caller: Caller{Type: RootAccount, AccountID: "1"},
		Users: []Identity{{UID: "10", Kind: User, Name: "alice", CreatedAt: now}}}
	for name, hint := range map[string]string{
		"alice@1.onaliyun.com": `write name: "alice"`, "alice@example.onaliyun.com": `write name: "alice"`,
		"10-1676970192":      `write name: "alice", or leave it out`,
		"bob@1.onaliyun.com": "", "alice@example.com": "", "bob": "",
	} {
		_, _, guard, message := (&Policy{}).Judge(dir, Principal{UID: "10", Kind: User, Name: name})
		if guard != GuardIdentityConflict || !strings.Contains(message, hint) || (hint == "") != !strings.Contains(message, "write name") {
			t.Errorf("%s: %s: %s", name, guard, message)
		}
	}
}

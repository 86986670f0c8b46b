package policy

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestStill(t *testing.T) {
	at := func(year int) time.Time { return time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC) }
	was := func(s CertState, e time.Time) Certificate { return Certificate{State: s, Expires: e} }
	for _, c := range []struct {
		name  string
		was   Certificate
		ended bool
		now   Certificate
		clear bool
	}{
		{"removed", was(Unexpired, at(2028)), true, was(Removed, at(2028)), true},
		{"unissued", was(Unexpired, at(2028)), true, was(Unissued, time.Time{}), true},
		{"expired", was(Unexpired, at(2028)), true, was(Expired, at(2028)), true},
		{"unlisted", was(Unexpired, at(2028)), true, was(Unlisted, time.Time{}), true},
		{"the same", was(Unexpired, at(2028)), true, was(Unexpired, at(2028)), false},
		{"the same, to the minute", was(Unexpired, at(2028)), true, was(Unexpired, at(2028).Add(9*time.Minute)), false},
		{"a new one", was(Unexpired, at(2028)), true, was(Unexpired, at(2029)), true},
		{"a new one, of a run that was not proven", was(Unexpired, at(2028)), false, was(Unexpired, at(2029)), true},
		{"a renewal, and the old one was seen ended", was(Unexpired, at(2027)), true, was(Unexpired, at(2030)), true},
		{"a renewal, of a run that was not proven", was(Unexpired, at(2027)), false, was(Unexpired, at(2030)), false},
		{"an earlier one", was(Unexpired, at(2028)), true, was(Unexpired, at(2027)), false},
		{"no expiry", was(Unexpired, at(2028)), true, was(Unexpired, time.Time{}), false},
		{"unclear", was(Unexpired, at(2028)), true, was(Unclear, time.Time{}), false},
		{"was unclear, was seen ended", was(Unclear, time.Time{}), true, was(Unexpired, at(2029)), true},
		{"was unclear, not seen ended", was(Unclear, time.Time{}), false, was(Unexpired, at(2029)), false},
		{"was unclear, ended", was(Unclear, time.Time{}), false, was(Removed, time.Time{}), true},
		{"was unissued", was(Unissued, time.Time{}), false, was(Unexpired, at(2029)), true},
		{"was expired", was(Expired, at(2025)), false, was(Unexpired, at(2029)), true},
		{"was removed", was(Removed, at(2028)), false, was(Unexpired, at(2027)), true},
		{"about none", Certificate{}, false, was(Unclear, time.Time{}), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			now := Evidence{Certificate: c.now}
			if now.Valid() {
				now.InForce = []time.Time{c.now.Expires}
			}
			if why := (Taken{Certificate: c.was, Ended: c.ended}).Still(now, at(2026).AddDate(0, 11, 0)); (why == "") != c.clear {
				t.Errorf("%q, want clear %t", why, c.clear)
			}
		})
	}
}

func TestMissingAndDisplaced(t *testing.T) {
	dev := Grant{Cluster: "c1", Scope: OnCluster, Role: "dev"}
	ops := Grant{Cluster: "c1", Scope: OnCluster, Role: "ops"}
	view := Grant{Cluster: "c1", Scope: OnCluster, Role: "view", Custom: true}
	space := Grant{Cluster: "c1", Scope: OnNamespace, Namespace: "a", Role: "dev"}
	owner := Grant{Cluster: "c1", Scope: OnCluster, Role: "admin", Owner: true}
	taken := Taken{Kind: Role, Cluster: Cluster{ID: "c1"}, Grants: []Grant{space, owner, dev, view, dev}}
	give, left := taken.Rows()
	if len(give) != 3 || len(left) != 1 || !left[0].Owner {
		t.Fatalf("give %v, leave out %v", give, left)
	}
	for _, g := range give {
		if !g.RAMRole {
			t.Errorf("%+v is a role's", g)
		}
	}
	for _, c := range []struct {
		name               string
		now                []Grant
		missing, displaced int
	}{
		{"nothing there", nil, 3, 0},
		{"all there, whatever the rows say of the kind", []Grant{dev, view, space}, 0, 0},
		{"the creator's row is no grant", []Grant{owner}, 3, 0},
		{"the same role elsewhere", []Grant{{Cluster: "c2", Scope: OnCluster, Role: "dev"}, {Scope: OnAllClusters, Role: "dev"}}, 3, 0},
		{"another predefined role", []Grant{ops}, 3, 1},
		{"another custom role", []Grant{{Cluster: "c1", Scope: OnCluster, Role: "other", Custom: true}}, 3, 0},
		{"another role in the namespace", []Grant{{Cluster: "c1", Scope: OnNamespace, Namespace: "a", Role: "restricted"}}, 3, 1},
		{"another role in another namespace", []Grant{{Cluster: "c1", Scope: OnNamespace, Namespace: "b", Role: "restricted"}}, 3, 0},
	} {
		missing := taken.Missing(c.now)
		if displaced := Displaced(c.now, missing); len(missing) != c.missing || len(displaced) != c.displaced {
			t.Errorf("%s: missing %v, displaced %v", c.name, missing, displaced)
		}
	}
}

func TestRestorable(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	born := time.Date(2024, 1, 1, 0, 0, 0, 500, time.UTC)
	fine := Taken{Account: "1", UID: "2", Kind: User, Name: "alice", CreatedAt: born, At: now.Add(-time.Hour)}
	directory := Directory{Caller: Caller{Type: RAMUser, AccountID: "1", UID: "9"},
		Users: []Identity{{UID: "2", Name: "alice", Kind: User, CreatedAt: born.Truncate(time.Second)}, {UID: "9", Name: "runner", Kind: User}},
		Roles: []Identity{{UID: "3", Name: "AliyunServiceRoleForX", Kind: Role, CreatedAt: born}}}
	for _, c := range []struct {
		name  string
		edit  func(t *Taken, current *Policy)
		older bool
		want  string
	}{
		{"fine", func(*Taken, *Policy) {}, false, ""},
		{"29 days and a bit", func(t *Taken, _ *Policy) { t.At = now.Add(-30 * 24 * time.Hour) }, false, ""},
		{"over 30 days", func(t *Taken, _ *Policy) { t.At = now.Add(-30*24*time.Hour - time.Second) }, false, GuardSnapshotAge},
		{"over 30 days, said so", func(t *Taken, _ *Policy) { t.At = now.AddDate(-1, 0, 0) }, true, ""},
		{"renamed", func(t *Taken, _ *Policy) { t.Name = "alicia" }, false, GuardIdentityConflict},
		{"no name", func(t *Taken, _ *Policy) { t.Name = "" }, false, GuardIdentityConflict},
		{"another time", func(t *Taken, _ *Policy) { t.CreatedAt = born.Add(time.Second) }, false, GuardIdentityConflict},
		{"no time", func(t *Taken, _ *Policy) { t.CreatedAt = time.Time{} }, false, GuardIdentityConflict},
		{"gone", func(t *Taken, _ *Policy) { t.UID = "4" }, false, GuardIdentityConflict},
		{"another kind", func(t *Taken, _ *Policy) { t.Kind = Role }, false, GuardKindMismatch},
		{"root", func(t *Taken, _ *Policy) { t.UID = "1" }, false, GuardProtected},
		{"the caller", func(t *Taken, _ *Policy) { t.UID = "9" }, false, GuardProtected},
		{"a service role", func(t *Taken, _ *Policy) { t.UID, t.Kind, t.Name = "3", Role, "AliyunServiceRoleForX" }, false, GuardProtected},
		{"departed", func(_ *Taken, p *Policy) { p.Principals = []Principal{{UID: "2", Reason: Departed}} }, false, GuardDeparted},
		{"departed later", func(_ *Taken, p *Policy) {
			p.Principals = []Principal{{UID: "2", Reason: Departed, Effective: now.AddDate(0, 1, 0)}}
		}, false, GuardDeparted},
		{"departed once", func(_ *Taken, p *Policy) {
			p.Principals = []Principal{{UID: "2", Reason: Departed, Until: now.AddDate(0, -1, 0)}}
		}, false, ""},
		{"locked out", func(_ *Taken, p *Policy) {
			p.Principals = []Principal{{UID: "2", Reason: Compromised, Until: now.AddDate(0, 1, 0)}}
		}, false, GuardDeparted},
		{"pinned", func(_ *Taken, p *Policy) {
			p.Principals = []Principal{{UID: "2", Reason: Compromised, Pins: []Pin{{Cluster: "c1", Expires: now}}}}
		}, false, ""},
		{"somebody else departed", func(_ *Taken, p *Policy) { p.Principals = []Principal{{UID: "22", Reason: Departed}} }, false, ""},
	} {
		taken, current := fine, &Policy{Account: "1"}
		c.edit(&taken, current)
		var got []string
		for _, g := range Restorable(taken, Resolve(&Policy{Account: "1"}, directory, now), current, c.older, now) {
			got = append(got, g.Guard)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %q", c.name, got, c.want)
		}
	}
}

func TestReach(t *testing.T) {
	now := time.Now()
	resolved := func(own []Grant) *Resolution {
		return Resolve(&Policy{Account: "1"}, Directory{Caller: Caller{Type: RAMUser, AccountID: "1", UID: "9"}, Own: own,
			Clusters: []Cluster{{ID: "c1"}, {ID: "c2"}, {ID: "c3", State: "deleting"}, {ID: "c4", State: "deleted"}}}, now)
	}
	one, all := []Grant{{Cluster: "c1", Scope: OnCluster, Role: "admin"}}, []Grant{{Scope: OnAllClusters, Role: "admin"}}
	for _, c := range []struct {
		cluster string
		own     []Grant
		seen    bool
		fine    bool
	}{
		{"c1", one, true, true}, {"c1", one, false, false}, {"c2", one, true, false}, {"c2", all, true, true}, {"c3", all, true, false},
		{"c4", all, true, false}, {"c9", all, true, false}, {"", all, true, true}, {"", one, true, false}, {"", all, false, false},
	} {
		if why := (Taken{Cluster: Cluster{ID: c.cluster}, GrantsSeen: c.seen}).Reach(resolved(c.own)); (why == "") != c.fine {
			t.Errorf("%q as %v, seen %t: %q", c.cluster, c.own, c.seen, why)
		}
	}
	if !slices.Equal((Taken{}).On([]Grant{{Cluster: "c1", Scope: OnCluster}, {Scope: OnAllClusters}}), []Grant{{Scope: OnAllClusters}}) {
		t.Error("all clusters are not one cluster")
	}
}

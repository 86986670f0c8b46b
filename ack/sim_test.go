package ack

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/ack/sim"
	"ackrevoke/policy"
)

// The real SDK against the simulated account, which checks signatures and
// knows the service from its documentation and not from this package.
func TestAgainstTheSimulatedAccount(t *testing.T) {
	name := filepath.Join("sim", "testdata", "estates", "small.yaml")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	estate, err := sim.Load(name, data)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		account := sim.New(estate, sim.Options{Now: func() time.Time { return time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC) }})
		id, secret := account.Keys()
		l := newLab(t, Options{Writes: true, Credential: StaticKeys(id, secret)}, account.ServeHTTP)
		const alice, gone, runner = "200000000000000001", "200000000000000009", "290000000000000001"

		caller, err := l.Caller(l.ctx)
		if err != nil || caller.Type != policy.RAMUser || caller.UID != runner || caller.AccountID != estate.AccountID() {
			t.Fatalf("%+v, %v", caller, err)
		}
		users, err := l.Users(l.ctx, nil)
		if err != nil || len(users) != 3 || users[0].Name != "alice" || users[0].CreatedAt.IsZero() {
			t.Errorf("%+v, %v", users, err)
		}
		roles, err := l.Roles(l.ctx, nil)
		if err != nil || len(roles) == 0 || roles[0].Kind != policy.Role {
			t.Errorf("%+v, %v", roles, err)
		}
		clusters, err := l.RegionClusters(l.ctx, "eu-central-1")
		if err != nil || len(clusters) != 2 || clusters[0].Region == "" ||
			!clusters[0].CreatedAt.Equal(time.Date(2024, 2, 1, 2, 20, 30, 0, time.UTC)) {
			t.Errorf("%+v, %v", clusters, err)
		}
		if k, err := l.Cluster(l.ctx, "c1"); err != nil || k.Server != "https://c1.invalid:6443" || clusters[0].Server != "" {
			t.Errorf("the API server of c1: %q, %v; in the listing %q", k.Server, err, clusters[0].Server)
		}
		if regions, err := l.Regions(l.ctx); err != nil || !slices.Equal(regions, []string{"eu-central-1", "us-west-1"}) {
			t.Errorf("regions %v, %v", regions, err)
		}
		if k, err := l.Cluster(l.ctx, "c4"); err != nil || k.ID != "c4" {
			t.Errorf("%+v, %v", k, err)
		}
		if _, err := l.Cluster(l.ctx, "c99"); faultOf(t, err).Kind != policy.NotFound {
			t.Errorf("a cluster that never was: %v", err)
		}
		holders, err := l.Holders(l.ctx, "c1")
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]string{}
		for _, h := range holders {
			seen[h.UID] = h.AccountState
		}
		if seen[alice] != "Active" || seen[gone] != "Deleted" {
			t.Errorf("holders %+v", holders)
		}

		look := func() (certificate policy.CertState, grants []policy.Grant) {
			t.Helper()
			states, err := l.States(l.ctx, alice)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range states {
				if s.Cluster == "c1" {
					certificate = s.Cert
				}
			}
			rows, err := l.Grants(l.ctx, alice)
			if err != nil {
				t.Fatal(err)
			}
			for _, g := range rows {
				if g.Cluster == "c1" {
					grants = append(grants, g)
				}
			}
			return certificate, grants
		}
		certificate, grants := look()
		auditors := policy.Grant{Cluster: "c1", Scope: policy.OnCluster, Role: "auditors", Custom: true}
		if certificate != policy.Unexpired || len(grants) != 3 {
			t.Fatalf("before: %s, %+v", certificate, grants)
		}

		_, _, err = l.Clean(l.ctx, "c1", alice, false)
		if f := faultOf(t, err); f.Kind != policy.Declined || f.RequestID == "" {
			t.Errorf("an unforced clean of somebody active: %+v", f)
		}
		if id, n, err := l.RevokeGrants(l.ctx, alice, policy.User, []policy.Grant{auditors}); err != nil || id == "" || n != 1 {
			t.Errorf("%q, %d, %v", id, n, err)
		}
		certificate, rest := look()
		grants = slices.DeleteFunc(grants, func(g policy.Grant) bool { return g == auditors })
		if d := cmp.Diff(grants, rest); certificate != policy.Unexpired || d != "" {
			t.Errorf("after revoking one grant: %s %s", certificate, d)
		}
		if id, n, err := l.Clean(l.ctx, "c1", alice, true); err != nil || id == "" || n != 1 {
			t.Errorf("%q, %d, %v", id, n, err)
		}
		if certificate, rest := look(); certificate != policy.Removed || len(rest) != 0 {
			t.Errorf("after the clean: %s, %+v", certificate, rest)
		}
		_, _, err = l.Clean(l.ctx, "c1", runner, true)
		if f := faultOf(t, err); f.Kind != policy.Denied {
			t.Errorf("a clean of the caller: %+v", f)
		}

		calls := account.Calls()
		n := l.Calls()
		if len(calls) != n.Reads+n.Writes || n.Writes != 4 {
			t.Errorf("the account saw %d calls, counted were %+v", len(calls), n)
		}
		for _, c := range calls {
			if c.Signature != "acs3" {
				t.Errorf("%s was signed as %s", c.Operation, c.Signature)
			}
		}
	})

	t.Run("wrong keys", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			l := newLab(t, Options{}, http.HandlerFunc(sim.New(estate, sim.Options{}).ServeHTTP))
			_, err := l.Caller(l.ctx)
			if f := faultOf(t, err); f.Kind != policy.Credentials {
				t.Errorf("%+v", f)
			}
		})
	})
}

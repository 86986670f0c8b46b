package ack

import (
	"testing"
	"testing/synctest"

	"ackrevoke/ack/sim"
	"ackrevoke/policy"
)

// What a user can still get in with, by the answers of the simulated account.
func TestAccess(t *testing.T) {
	estate, err := sim.Load("estate.yaml", []byte(`
account: "1"
caller: {type: Account}
users:
  - {uid: "2", name: alice, created: 2024-01-01T00:00:00Z, login: true, accessKeys: [Active, Inactive, Active]}
  - {uid: "3", name: bob, created: 2024-01-01T00:00:00Z, locked: true}
clusters: [{id: c1, name: one, region: r, created: 2024-01-01T00:00:00Z}]
credentials:
  - {uid: "1", cluster: c1, expires: 2099-01-01T00:00:00Z}
  - {uid: "3", cluster: c1, expires: 2099-01-01T00:00:00Z}
cloudServices: [{uid: "38", name: AliyunCSManagedLogRole, service: log, cluster: c1}]
`))
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		account := sim.New(estate, sim.Options{})
		id, secret := account.Keys()
		l := newLab(t, Options{Credential: StaticKeys(id, secret)}, account.ServeHTTP)
		for _, tt := range []struct {
			user  string
			login bool
			keys  int
		}{{"alice", true, 2}, {"bob", false, 0}} {
			login, err := l.Login(l.ctx, tt.user)
			if err != nil || login != tt.login {
				t.Errorf("%s: login %t, %v", tt.user, login, err)
			}
			keys, err := l.ActiveKeys(l.ctx, tt.user)
			if err != nil || keys != tt.keys {
				t.Errorf("%s: %d keys, %v", tt.user, keys, err)
			}
		}
		if _, err := l.Login(l.ctx, "carol"); faultOf(t, err).Kind != policy.NotFound {
			t.Errorf("nobody: %v", err)
		}
		if _, err := l.ActiveKeys(l.ctx, "carol"); faultOf(t, err).Kind != policy.NotFound {
			t.Errorf("nobody: %v", err)
		}
		holders, err := l.Holders(l.ctx, "c1")
		if err != nil || len(holders) != 2 || !holders[0].Fixed || holders[1].Fixed || holders[1].AccountState != "InActive" {
			t.Errorf("%+v, %v", holders, err)
		}
		services, err := l.Services(l.ctx, "c1")
		if err != nil || len(services) != 1 || services[0].Service != "log" {
			t.Errorf("%+v, %v", services, err)
		}
	})
}

// An answer that does not say what it was asked is a failed read, and never
// "no login" or "no keys".
func TestAccessNonsense(t *testing.T) {
	for _, body := range []string{`{}`, `{"LoginProfile":{}}`, `{"LoginProfile":{"UserName":"bob"}}`, `[]`} {
		synctest.Test(t, func(t *testing.T) {
			l := newLab(t, Options{}, says(200, body))
			if login, err := l.Login(l.ctx, "alice"); login || err == nil {
				t.Errorf("%s: %t, %v", body, login, err)
			}
		})
	}
	for _, body := range []string{`{}`, `{"AccessKeys":{}}`, `{"AccessKeys":{"AccessKey":[{"Status":"Odd"}]}}`, `[]`} {
		synctest.Test(t, func(t *testing.T) {
			if n, err := newLab(t, Options{}, says(200, body)).ActiveKeys(t.Context(), "alice"); err == nil {
				t.Errorf("%s: %d keys", body, n)
			}
		})
	}
}

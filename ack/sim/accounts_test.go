package sim_test

import (
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"ackrevoke/ack/sim"
)

const memberID = "1000000000000000002"

// behindOne are two accounts behind one address. They have the same people and clusters, and different ids.
func behindOne(t *testing.T, behaviour string, o sim.Options) (*sim.Accounts, *sim.Account, *sim.Account) {
	t.Helper()
	o.Now = calendar
	text := strings.ReplaceAll(small(t, behaviour), `"`+rootID+`"`, `"`+memberID+`"`)
	hub, member := sim.New(load(t, small(t, "")), o), sim.New(load(t, text), o)
	both, err := sim.Together(hub, member)
	if err != nil {
		t.Fatal(err)
	}
	return both, hub, member
}

// takeRole assumes the role deployer of an account with the keys of the hub, and returns the error code of a refusal.
func takeRole(t *testing.T, both *sim.Accounts, hub *sim.Account, account string) (key, secret, token, code string) {
	t.Helper()
	id, sec := hub.Keys()
	c := newRPCWith(t, both, id, sec, "")
	body, err := c.call(t, sts, "AssumeRole", map[string]string{"RoleArn": "acs:ram::" + account + ":role/deployer",
		"RoleSessionName": "night-run"})
	if err != nil {
		calls := both.Calls()
		return "", "", "", calls[len(calls)-1].Code
	}
	given, _ := body["Credentials"].(map[string]any)
	return given["AccessKeyId"].(string), given["AccessKeySecret"].(string), given["SecurityToken"].(string), ""
}

// A role of another account leads there: what is done as it is done there alone, and the record says where.
func TestAccounts(t *testing.T) {
	both, hub, member := behindOne(t, "", sim.Options{})
	key, secret, token, code := takeRole(t, both, hub, memberID)
	if code != "" || !strings.HasPrefix(key, "STS.simulated-"+memberID+"-") {
		t.Fatalf("%s %s", code, key)
	}
	body, err := newRPCWith(t, both, key, secret, token).call(t, sts, "GetCallerIdentity", nil)
	if err != nil || body["AccountId"] != memberID || body["IdentityType"] != "AssumedRoleUser" {
		t.Errorf("%v %v", body, err)
	}
	there := as(t, both, key, secret, token)
	there.must(t, clean("c1", runner, "true"), nil, nil)
	if a, b := len(hub.Truth().Grants), len(member.Truth().Grants); a <= b {
		t.Errorf("after a clean in the member account the hub has %d grants, the member %d", a, b)
	}
	var seen []string
	for _, c := range both.Calls() {
		seen = append(seen, c.Account+" "+c.Operation+" "+c.RequestID)
	}
	same(t, seen, []string{rootID + " AssumeRole 51D00000-0000-4000-8000-000000000001",
		memberID + " GetCallerIdentity 51D00001-0000-4000-8000-000000000001",
		memberID + " CleanClusterUserPermissions 51D00001-0000-4000-8000-000000000002"})

	answer, asked := httptest.NewRecorder(), httptest.NewRequest("GET", "/-/calls", nil)
	asked.RemoteAddr = "127.0.0.1:1"
	if both.ServeHTTP(answer, asked); !strings.Contains(answer.Body.String(), `"account":"`+memberID+`"`) {
		t.Errorf("the record over HTTP: %s", answer.Body)
	}
}

// Who may assume which role is decided by both accounts, and keys of nobody are refused by the hub.
func TestAccountsThatAreNotReached(t *testing.T) {
	both, hub, member := behindOne(t, "assumeRole: denied", sim.Options{})
	for account, want := range map[string]string{memberID: "NoPermission", "3": "NoPermission"} {
		if _, _, _, code := takeRole(t, both, hub, account); code != want {
			t.Errorf("the role of %s: %q, want %q", account, code, want)
		}
	}
	if _, err := newRPCWith(t, both, "LTAI.nobody", "x", "").call(t, sts, "GetCallerIdentity", nil); err == nil || len(member.Calls()) > 0 {
		t.Errorf("keys of nobody: %v; the member account saw %v", err, member.Calls())
	}
	if _, err := sim.Together(hub, hub); err == nil {
		t.Error("two accounts of one id are behind one address")
	}
}

// A fault can be one of a single account.
func TestFaultOfOneAccount(t *testing.T) {
	script, err := sim.LoadFaults("faults.yaml", []byte(`faults: [{on: any, account: "`+memberID+`", times: 0, do: empty500}]`))
	if err != nil {
		t.Fatal(err)
	}
	both, hub, _ := behindOne(t, "", sim.Options{Faults: script})
	key, secret, token, code := takeRole(t, both, hub, memberID)
	if code != "" {
		t.Fatal(code)
	}
	if _, err := newRPCWith(t, both, key, secret, token).call(t, sts, "GetCallerIdentity", nil); err == nil {
		t.Error("the account answers all the same")
	}
}

// Two accounts that take roles of each other at a time do not wait for each other.
func TestAccountsAtATime(t *testing.T) {
	both, hub, member := behindOne(t, "", sim.Options{})
	var wait sync.WaitGroup
	for _, c := range []struct {
		from *sim.Account
		to   string
	}{{hub, memberID}, {member, rootID}} {
		id, secret := c.from.Keys()
		for range 8 {
			rpc := newRPCWith(t, both, id, secret, "")
			wait.Go(func() {
				if _, err := rpc.call(t, sts, "AssumeRole", map[string]string{"RoleArn": "acs:ram::" + c.to + ":role/deployer",
					"RoleSessionName": "night-run"}); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wait.Wait()
}

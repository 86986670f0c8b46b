package sim_test

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	csclient "github.com/alibabacloud-go/cs-20151215/v4/client"
	"github.com/alibabacloud-go/tea/dara"

	"ackrevoke/ack/sim"
)

const sts = "2015-04-01"

// assume returns keys of a session of the role deployer.
func assume(t *testing.T, c *rpcClient, more map[string]string) (key, secret, token, expires string) {
	t.Helper()
	query := map[string]string{"RoleArn": "acs:ram::" + rootID + ":role/deployer", "RoleSessionName": "night-run"}
	maps.Copy(query, more)
	body, err := c.call(t, sts, "AssumeRole", query)
	if err != nil {
		t.Fatal(err)
	}
	same(t, body["AssumedRoleUser"], map[string]any{
		"Arn": "acs:ram::" + rootID + ":assumed-role/deployer/night-run", "AssumedRoleId": deployer + ":night-run"})
	given, _ := body["Credentials"].(map[string]any)
	text := func(key string) string { s, _ := given[key].(string); return s }
	return text("AccessKeyId"), text("AccessKeySecret"), text("SecurityToken"), text("Expiration")
}

// as returns a CS client with the keys of a session.
func as(t *testing.T, a http.Handler, key, secret, token string) *client {
	t.Helper()
	w := &wire{account: a}
	config := config(key, secret, w)
	config.SecurityToken = dara.String(token)
	c, err := csclient.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	return &client{wire: w, cs: c}
}

// TestAssumeRole makes a session of a role and calls as it: it sees what the role sees, and cannot clean the role.
func TestAssumeRole(t *testing.T) {
	a, user := open(t, "", sim.Options{Now: calendar})
	base := newRPC(t, a)
	key, secret, token, _ := assume(t, base, nil)
	if !strings.HasPrefix(key, "STS.") || secret == "" || token == "" {
		t.Errorf("%q %q %q", key, secret, token)
	}
	if call := a.Calls()[0]; call.Operation != "AssumeRole" || call.Write {
		t.Errorf("recorded as %+v", call)
	}
	for _, algorithm := range []*string{nil, dara.String("v2")} {
		rpc := newRPCWith(t, a, key, secret, token)
		rpc.rpc.SignatureAlgorithm = algorithm
		body, err := rpc.call(t, sts, "GetCallerIdentity", nil)
		if err != nil {
			t.Fatal(err)
		}
		delete(body, "RequestId")
		same(t, body, map[string]any{"AccountId": rootID, "IdentityType": "AssumedRoleUser", "RoleId": deployer,
			"PrincipalId": deployer + ":night-run", "Arn": "acs:ram::" + rootID + ":assumed-role/deployer/night-run"})
	}
	c := as(t, a, key, secret, token)
	same(t, c.rows(t, alice), []string{}) // administrator nowhere
	same(t, c.rows(t, deployer), []string{"c1 dev"})
	same(t, user.rows(t, alice), []string{"c1 dev", "c1 custom:auditors", "c1/payments ops"}) // the user goes on being the user
	if _, code := c.call(t, clean("c1", deployer, "true"), nil); code != "ErrorCleanForbidden" {
		t.Errorf("the role cleans itself: %q", code)
	}
	if _, code := user.call(t, clean("c1", runner, "true"), nil); code != "ErrorCleanForbidden" {
		t.Errorf("the user cleans itself: %q", code)
	}
	c.must(t, clean("c1", runner, "true"), nil, nil) // now somebody else
	c.must(t, "DELETE /k8s/c1/certs", nil, nil)
	calls := a.Calls()
	same(t, calls[len(calls)-1].UID, deployer)
	_, again, _, _ := assume(t, newRPCWith(t, a, key, secret, token), nil)
	if again == secret {
		t.Error("two sessions have the same keys")
	}
	for name, wrong := range map[string]*client{
		"InvalidSecurityToken.Malformed": as(t, a, key, secret, "another"),
		"SignatureDoesNotMatch":          as(t, a, key, "another", token),
		"InvalidAccessKeyId.NotFound":    as(t, a, "STS.another", secret, token),
	} {
		if _, code := wrong.call(t, "GET /clusters/c1", nil); code != name {
			t.Errorf("%q, want %s", code, name)
		}
	}
}

// TestSessionEnds lets a session expire, by the service's clock.
func TestSessionEnds(t *testing.T) {
	for seconds, skew := range map[int]time.Duration{900: 0, 3600: time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			a, _ := open(t, "", sim.Options{Skew: skew})
			key, secret, token, expires := assume(t, newRPC(t, a), map[string]string{"DurationSeconds": fmt.Sprint(seconds)})
			length := time.Duration(seconds) * time.Second
			same(t, expires, time.Now().Add(skew+length).UTC().Format("2006-01-02T15:04:05Z"))
			c := as(t, a, key, secret, token)
			pass(length - time.Second)
			c.must(t, "GET /clusters/c1", nil, nil)
			pass(time.Second)
			if _, code := c.call(t, "GET /clusters/c1", nil); code != "InvalidSecurityToken.Expired" {
				t.Errorf("%q", code)
			}
		})
	}
}

// TestTokenExpires ends one session by a fault; a new one is another matter.
func TestTokenExpires(t *testing.T) {
	a, _ := open(t, "", sim.Options{Faults: faults(t, "{on: DescribeClusterDetail, do: tokenExpires}")})
	base := newRPC(t, a)
	for _, want := range []string{"InvalidSecurityToken.Expired", ""} {
		key, secret, token, _ := assume(t, base, nil)
		for range 2 {
			if _, code := as(t, a, key, secret, token).call(t, "GET /clusters/c1", nil); code != want {
				t.Errorf("%q, want %q", code, want)
			}
		}
	}
}

func TestAssumeRoleRefused(t *testing.T) {
	arn := "acs:ram::" + rootID + ":role/"
	for _, x := range []struct {
		behaviour string
		query     map[string]string
		status    int
		want      string
	}{
		{"", map[string]string{"RoleArn": arn + "nobody"}, 404, "EntityNotExist.Role"},
		{"", map[string]string{"RoleArn": arn + "alice"}, 404, "EntityNotExist.Role"},
		{"", map[string]string{"RoleArn": "acs:ram::" + rootID + ":user/alice"}, 400, "InvalidParameter.RoleArn"},
		{"", map[string]string{"RoleArn": ""}, 400, "InvalidParameter.RoleArn"},
		{"", map[string]string{"RoleArn": "acs:ram::6543210987654321:role/deployer"}, 403, "NoPermission"},
		{"", map[string]string{"RoleSessionName": "x"}, 400, "InvalidParameter.RoleSessionName"},
		{"", map[string]string{"RoleSessionName": strings.Repeat("x", 65)}, 400, "InvalidParameter.RoleSessionName"},
		{"", map[string]string{"RoleSessionName": "a b"}, 400, "InvalidParameter.RoleSessionName"},
		{"", map[string]string{"DurationSeconds": "899"}, 400, "InvalidParameter.DurationSeconds"},
		{"", map[string]string{"DurationSeconds": "3601"}, 400, "InvalidParameter.DurationSeconds"},
		{"", map[string]string{"DurationSeconds": "1h"}, 400, "InvalidParameter.DurationSeconds"},
		{"assumeRole: denied", nil, 403, "NoPermission"},
		{"", map[string]string{"RoleArn": arn + "partner"}, 403, "NoPermission"},
		{"", map[string]string{"RoleArn": arn + "partner", "ExternalId": "b"}, 403, "NoPermission"},
		{"", map[string]string{"RoleArn": arn + "partner", "ExternalId": "a"}, 200, ""},
		{"", map[string]string{"ExternalId": "unasked"}, 200, ""},
	} {
		text := strings.Replace(small(t, x.behaviour), "roles:\n",
			"roles:\n  - {uid: \"31\", name: partner, external: a, created: 2024-05-06T07:08:09Z}\n", 1)
		c := newRPC(t, sim.New(load(t, text), sim.Options{}))
		query := map[string]string{"RoleArn": arn + "deployer", "RoleSessionName": "xx"}
		maps.Copy(query, x.query)
		_, err := c.call(t, sts, "AssumeRole", query)
		if c.status != x.status || (x.want != "" && (err == nil || !strings.Contains(err.Error(), x.want))) {
			t.Errorf("%s %v: %d %v, want %d %s", x.behaviour, x.query, c.status, err, x.status, x.want)
		}
		if c.status == 403 && !strings.Contains(string(c.body), `"AuthAction":"sts:AssumeRole"`) {
			t.Errorf("%s", c.body)
		}
	}
}

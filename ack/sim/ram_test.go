package sim_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	ramclient "github.com/alibabacloud-go/ram-20150501/v2/client"
	"github.com/alibabacloud-go/tea/dara"

	"ackrevoke/ack/sim"
)

// TestListing pages through users and roles with the vendor's client; the deleted and the unlisted are not there.
func TestListing(t *testing.T) {
	text := strings.Replace(small(t, ""), "name: bob,", "name: bob, listed: false,", 1)
	for i := range 250 {
		text = strings.Replace(text, "roles:\n", fmt.Sprintf("roles:\n  - {uid: \"31%03d\", name: role-%03d, created: 2024-05-06T07:08:09Z}\n", i,
			i), 1)
	}
	c := newRAM(t, sim.New(load(t, text), sim.Options{}))

	users, err := c.ListUsersWithContext(t.Context(), &ramclient.ListUsersRequest{}, &dara.RuntimeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, u := range users.Body.Users.User {
		names = append(names, *u.UserName+" "+*u.UserId+" "+*u.CreateDate)
	}
	same(t, names, []string{"alice " + alice + " 2024-05-06T07:08:09Z", "runner " + runner + " 2024-05-06T07:08:09Z"})
	if dara.BoolValue(users.Body.IsTruncated) || users.Body.Marker != nil {
		t.Error("a marker, but nothing to come")
	}

	for size, want := range map[int32][]int{0: {100, 100, 51}, 250: {250, 1}, 251: {251}, 1000: {251}} {
		var sizes []int
		var ids []string
		request := &ramclient.ListRolesRequest{}
		if size > 0 {
			request.MaxItems = dara.Int32(size)
		}
		for more := true; more; {
			roles, err := c.ListRolesWithContext(t.Context(), request, &dara.RuntimeOptions{})
			if err != nil {
				t.Fatal(err)
			}
			sizes = append(sizes, len(roles.Body.Roles.Role))
			for _, r := range roles.Body.Roles.Role {
				ids = append(ids, *r.RoleId)
			}
			more, request.Marker = dara.BoolValue(roles.Body.IsTruncated), roles.Body.Marker
		}
		same(t, sizes, want)
		if slices.Sort(ids); len(slices.Compact(ids)) != 251 {
			t.Errorf("pages of %d: %d different roles", size, len(slices.Compact(ids)))
		}
	}
	for _, request := range []*ramclient.ListUsersRequest{{MaxItems: dara.Int32(0)}, {MaxItems: dara.Int32(1001)},
		{Marker: dara.String("%%")}} {
		if _, err := c.ListUsersWithContext(t.Context(), request, &dara.RuntimeOptions{}); err == nil ||
			!strings.Contains(err.Error(), "InvalidParameter.") {
			t.Errorf("%v: %v", request, err)
		}
	}
}

func TestGetByName(t *testing.T) {
	c := newRAM(t, sim.New(load(t, small(t, "")), sim.Options{}))
	u, err := c.GetUserWithContext(t.Context(), &ramclient.GetUserRequest{UserName: dara.String("alice")}, &dara.RuntimeOptions{})
	if err != nil || *u.Body.User.UserId != alice {
		t.Errorf("alice: %v, %v", u, err)
	}
	r, err := c.GetRoleWithContext(t.Context(), &ramclient.GetRoleRequest{RoleName: dara.String("deployer")}, &dara.RuntimeOptions{})
	if err != nil || *r.Body.Role.RoleId != deployer {
		t.Errorf("deployer: %v, %v", r, err)
	}
	_, err = c.GetUserWithContext(t.Context(), &ramclient.GetUserRequest{UserName: dara.String("gone")}, &dara.RuntimeOptions{})
	if err == nil || !strings.Contains(err.Error(), "EntityNotExist.User") {
		t.Errorf("gone: %v", err)
	}
	_, err = c.GetRoleWithContext(t.Context(), &ramclient.GetRoleRequest{RoleName: dara.String("gone")}, &dara.RuntimeOptions{})
	if err == nil || !strings.Contains(err.Error(), "EntityNotExist.Role") {
		t.Errorf("role gone: %v", err)
	}
}

// TestTrustPolicy reads who may assume a role, which is whoever the account lets, with the external id where there is one.
func TestTrustPolicy(t *testing.T) {
	text := strings.Replace(small(t, ""), "name: deployer,", "name: deployer, external: a-third-party,", 1)
	c := newRAM(t, sim.New(load(t, text), sim.Options{}))
	r, err := c.GetRoleWithContext(t.Context(), &ramclient.GetRoleRequest{RoleName: dara.String("deployer")}, &dara.RuntimeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	same(t, dara.StringValue(r.Body.Role.AssumeRolePolicyDocument), `{"Statement":[{"Action":"sts:AssumeRole",`+
		`"Condition":{"StringEquals":{"sts:ExternalId":"a-third-party"}},"Effect":"Allow",`+
		`"Principal":{"RAM":["acs:ram::`+rootID+`:root"]}}],"Version":"1"}`)
}

func TestCallerIdentity(t *testing.T) {
	for caller, want := range map[string]map[string]any{
		`{type: RAMUser, uid: "` + runner + `"}`: {
			"IdentityType": "RAMUser", "UserId": runner, "PrincipalId": runner, "Arn": "acs:ram::" + rootID + ":user/runner",
		},
		`{type: AssumedRoleUser, uid: "` + deployer + `"}`: {
			"IdentityType": "AssumedRoleUser", "RoleId": deployer, "PrincipalId": deployer + ":simulated",
			"Arn": "acs:ram::" + rootID + ":assumed-role/deployer/simulated",
		},
		`{type: Account}`: {"IdentityType": "Account", "UserId": rootID, "PrincipalId": rootID, "Arn": "acs:ram::" + rootID + ":root"},
	} {
		text := strings.Replace(small(t, ""), `{type: RAMUser, uid: "`+runner+`"}`, caller, 1)
		a := sim.New(load(t, text), sim.Options{})
		key, secret := a.Keys()
		c, err := openapi.NewClient(config(key, secret, &wire{account: a}))
		if err != nil {
			t.Fatal(err)
		}
		call := func(action, version string) (map[string]any, error) {
			return c.CallApiWithCtx(t.Context(), &openapi.Params{
				Action: dara.String(action), Version: dara.String(version), Protocol: dara.String("HTTPS"), Pathname: dara.String("/"),
				Method: dara.String("POST"), AuthType: dara.String("AK"), Style: dara.String("RPC"), ReqBodyType: dara.String("formData"),
				BodyType: dara.String("json"),
			}, &openapi.OpenApiRequest{Body: map[string]any{"Unasked": "x"}}, &dara.RuntimeOptions{})
		}
		out, err := call("GetCallerIdentity", "2015-04-01")
		if err != nil {
			t.Fatal(err)
		}
		body, _ := out["body"].(map[string]any)
		if id := body["RequestId"]; id == nil || id == "" {
			t.Error("no request id")
		}
		delete(body, "RequestId")
		want["AccountId"] = rootID
		same(t, body, want)
		if _, err := call("AssumeRoleWithOIDC", "2015-04-01"); err == nil || !strings.Contains(err.Error(), "InvalidAction.NotFound") {
			t.Errorf("an operation that is not served: %v", err)
		}
		if _, err := call("GetCallerIdentity", "2015-05-01"); err == nil || !strings.Contains(err.Error(), "InvalidAction.NotFound") {
			t.Errorf("an operation of the other service: %v", err)
		}
	}
}

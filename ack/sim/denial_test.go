package sim_test

import (
	"net/http"
	"strings"
	"testing"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/tea/dara"

	"ackrevoke/ack/sim"
)

func faults(t *testing.T, script string) *sim.Faults {
	t.Helper()
	f, err := sim.LoadFaults("faults.yaml", []byte("faults: ["+script+"]"))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// asRole makes the role the caller of an estate.
func asRole(text string) string {
	return strings.Replace(text, `{type: RAMUser, uid: "`+runner+`"}`, `{type: AssumedRoleUser, uid: "`+deployer+`"}`, 1)
}

// TestDenied holds the denials of CS to the published body: who lacks which action, and why.
func TestDenied(t *testing.T) {
	const user = `"AuthPrincipalDisplayName":"` + runner + `","AuthPrincipalOwnerId":"` + rootID + `","AuthPrincipalType":"SubUser"`
	const role = `"AuthPrincipalDisplayName":"deployer:simulated","AuthPrincipalOwnerId":"` + rootID +
		`","AuthPrincipalType":"AssumedRoleUser"`
	body := func(who, action, why, policy string) string {
		return `{"accessDeniedDetail":{"AuthAction":"` + action + `",` + who + `,"NoPermissionType":"` + why + `","PolicyType":` +
			`"AccountLevelIdentityBasedPolicy"},"code":"StatusForbidden","message":"` + policy + ` policy Forbidden for action ` + action +
			`","requestId":"51D00000-0000-4000-8000-000000000001","status":403}`
	}
	for _, x := range []struct {
		name, behaviour, faults, call string
		edit                          func(string) string
		want                          string
	}{
		{"user", "", "{on: any, do: denied}", "GET /clusters/c1", nil, body(user, "cs:DescribeClusterDetail", "ImplicitDeny", "RAM")},
		{"explicit", "", "{on: any, do: denied, explicit: true}", "GET /clusters/c1", nil, body(user, "cs:DescribeClusterDetail", "ExplicitDeny",
			"RAM")},
		{"role", "", "{on: any, do: denied}", "GET /clusters/c1", asRole, body(role, "cs:DescribeClusterDetail", "ImplicitDeny", "STSToken")},
		{"grants", "", "{on: any, do: denied}", "GET /permissions/users/1", nil, body(user, "cs:GetUserPermissions", "ImplicitDeny", "RAM")},
		{"old list", "", "{on: any, do: denied}", "GET /api/v1/clusters", nil, body(user, "cs:GetClusters", "ImplicitDeny", "RAM")},
		{"a write", "", "{on: write, do: denied}", clean("c1", alice, "true"), nil, body(user, "cs:CleanClusterUserPermissions", "ImplicitDeny",
			"RAM")},
		{"regions", "regions: denied", "", "GET /regions", nil, body(user, "cs:DescribeRegions", "ImplicitDeny", "RAM")},
		{"list", "regionalList: denied", "", "GET /regions/x/clusters", asRole, body(role, "cs:DescribeClustersForRegion", "ImplicitDeny",
			"STSToken")},
		{"own", "ownByRole: refused", "", "DELETE /k8s/c1/certs", asRole, body(role, "cs:RevokeK8sClusterKubeConfig", "ImplicitDeny",
			"STSToken")},
		{"plain", "denials: plain", "{on: any, do: denied, explicit: true}", "GET /clusters/c1", nil,
			`{"code":"StatusForbidden","message":"RAM policy Forbidden for action cs:DescribeClusterDetail","requestId":"51D00000-0000-4000-8000-000000000001"}`},
	} {
		t.Run(x.name, func(t *testing.T) {
			text := small(t, x.behaviour)
			if x.edit != nil {
				text = x.edit(text)
			}
			c := newClient(t, sim.New(load(t, text), sim.Options{Faults: faults(t, x.faults)}))
			if status, _ := c.call(t, x.call, nil); status != 403 {
				t.Errorf("status %d", status)
			}
			same(t, string(c.body), x.want)
		})
	}
}

// TestDeniedRPC is the same of RAM and STS, which have a code of their own.
func TestDeniedRPC(t *testing.T) {
	for _, x := range []struct{ behaviour, version, action, want string }{
		{"", "2015-05-01", "ListUsers", `{"AccessDeniedDetail":{"AuthAction":"ram:ListUsers","AuthPrincipalDisplayName":"` + runner +
			`","AuthPrincipalOwnerId":"` + rootID + `","AuthPrincipalType":"SubUser","NoPermissionType":"ImplicitDeny",` +
			`"PolicyType":"AccountLevelIdentityBasedPolicy"},"Code":"NoPermission","Message":"You are not authorized to do this action. ` +
			`You should be authorized by RAM.","RequestId":"51D00000-0000-4000-8000-000000000001","HostId":"ram.aliyuncs.com"}`},
		{"denials: plain", "2015-04-01", "GetCallerIdentity", `{"Code":"NoPermission","Message":"You are not authorized to do this action. ` +
			`You should be authorized by RAM.","RequestId":"51D00000-0000-4000-8000-000000000001","HostId":"sts.aliyuncs.com"}`},
	} {
		a := sim.New(load(t, small(t, x.behaviour)), sim.Options{Faults: faults(t, "{on: any, do: denied}")})
		c := newRPC(t, a)
		if _, err := c.call(t, x.version, x.action, nil); err == nil || !strings.Contains(err.Error(), "NoPermission") {
			t.Errorf("%s: %v", x.action, err)
		}
		same(t, string(c.body), x.want)
		same(t, c.status, 403)
	}
}

// rpcClient is the vendor's client for RAM and STS, with the wire under it.
type rpcClient struct {
	*wire
	rpc *openapi.Client
}

func newRPC(t *testing.T, a *sim.Account) *rpcClient {
	t.Helper()
	key, secret := a.Keys()
	return newRPCWith(t, a, key, secret, "")
}

func newRPCWith(t *testing.T, a http.Handler, key, secret, token string) *rpcClient {
	t.Helper()
	w := &wire{account: a}
	config := config(key, secret, w)
	if token != "" {
		config.SecurityToken = dara.String(token)
	}
	c, err := openapi.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	return &rpcClient{wire: w, rpc: c}
}

// call makes one call with its parameters in the query and returns the decoded body.
func (c *rpcClient) call(t *testing.T, version, action string, query map[string]string) (map[string]any, error) {
	t.Helper()
	request := &openapi.OpenApiRequest{Query: map[string]*string{}}
	for key, value := range query {
		request.Query[key] = dara.String(value)
	}
	out, err := c.rpc.CallApiWithCtx(t.Context(), &openapi.Params{
		Action: dara.String(action), Version: dara.String(version), Protocol: dara.String("HTTPS"), Pathname: dara.String("/"),
		Method: dara.String("POST"), AuthType: dara.String("AK"), Style: dara.String("RPC"), ReqBodyType: dara.String("formData"),
		BodyType: dara.String("json"),
	}, request, &dara.RuntimeOptions{})
	body, _ := out["body"].(map[string]any)
	return body, err
}

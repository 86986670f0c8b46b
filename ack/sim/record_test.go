package sim_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/tea/dara"

	"ackrevoke/ack/sim"
)

// TestCalls reads the record the two ways there are, and finds refused calls in it too.
func TestCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, c := open(t, "", sim.Options{})
		start := time.Now()
		c.must(t, "GET /users/"+alice+"/kubeconfig/states?page_size=2", nil, nil)
		pass(time.Second)
		c.call(t, clean("c2", alice, "false"), nil)
		c.spoil = func(r *http.Request) { r.Header.Del("Authorization") }
		c.call(t, "GET /k8s/c1/user_config", nil)
		c.call(t, "PUT /nowhere", nil)
		want := []sim.Call{
			{Operation: "ListUserKubeConfigStates", Method: "GET", Path: "/users/" + alice + "/kubeconfig/states",
				Query: url.Values{"page_size": {"2"}}, UID: alice, Status: 200, At: start, Signature: "roa-hmac-sha1"},
			{Operation: "CleanClusterUserPermissions", Method: "DELETE", Path: "/cluster/c2/user/" + alice + "/permissions",
				Query: url.Values{"Force": {"false"}}, UID: alice, Cluster: "c2", Write: true, Status: 400, Code: "ErrorKubeConfigInUse",
				At: start.Add(time.Second), Signature: "roa-hmac-sha1"},
			{Operation: "DescribeClusterUserKubeconfig", Method: "GET", Path: "/k8s/c1/user_config", Query: url.Values{}, UID: runner,
				Cluster: "c1", Write: true, Status: 400, Code: "IncompleteSignature", At: start.Add(time.Second), Signature: "none"},
			{Operation: "Any", Method: "PUT", Path: "/nowhere", Query: url.Values{}, Write: true, Status: 404, Code: "InvalidAction.NotFound",
				At: start.Add(time.Second), Signature: "none"},
		}
		for i, id := range []string{"1", "2", "3", "4"} {
			want[i].RequestID = "51D00000-0000-4000-8000-00000000000" + id
		}
		same(t, a.Calls(), want)

		recorder := httptest.NewRecorder()
		a.ServeHTTP(recorder, httptest.NewRequest("GET", "http://127.0.0.1/-/calls", nil))
		if recorder.Code != http.StatusForbidden {
			t.Errorf("httptest's default address is not loopback, yet: %d", recorder.Code)
		}
		if a.Reset(); len(a.Calls()) != 0 {
			t.Error("calls after a reset")
		}
	})
}

func TestTool(t *testing.T) {
	a, c := open(t, "", sim.Options{QPS: 1})
	server := httptest.NewServer(a)
	defer server.Close()
	get := func(path string) (int, string) {
		response, err := server.Client().Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(body)
	}
	if status, body := get("/-/calls"); status != 200 || body != "[]" {
		t.Errorf("before any call: %d %s", status, body)
	}
	c.must(t, "GET /clusters/c1", nil, nil)
	status, body := get("/-/calls") // neither signed, nor counted, nor recorded
	var calls []sim.Call
	if err := json.Unmarshal([]byte(body), &calls); err != nil || status != 200 || len(calls) != 1 ||
		calls[0].Operation != "DescribeClusterDetail" {
		t.Errorf("%d %s: %v", status, body, err)
	}
	if !strings.HasPrefix(body, `[{"operation":"DescribeClusterDetail","method":"GET","path":"/clusters/c1","query":{},"uid":"","cluster":"c1","write":false,"status":200,"code":"","requestId":`) {
		t.Errorf("keys: %s", body)
	}
	if status, _ := get("/-/other"); status != 404 {
		t.Errorf("another tool: %d", status)
	}
}

// TestSharedEstate holds New to its word: two accounts of one estate do not know of each other.
func TestSharedEstate(t *testing.T) {
	e := load(t, small(t, ""))
	one, two := sim.New(e, sim.Options{Now: calendar}), sim.New(e, sim.Options{Now: calendar})
	before := two.Truth()
	newClient(t, one).must(t, clean("c1", alice, "true"), nil, nil)
	same(t, two.Truth(), before)
	same(t, sim.New(e, sim.Options{Now: calendar}).Truth(), before)
	same(t, e.AccountID(), rootID)
}

// TestStatusOfAHang is what the record says of a write that hangs, and of one that is done and whose answer never comes.
func TestStatusOfAHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, c := open(t, "", sim.Options{Faults: faults(t, "{on: write, do: hang}, {on: write, do: slow, delay: 1h}")})
		c.spoil = func(r *http.Request) {
			ctx, cancel := context.WithTimeout(r.Context(), time.Minute)
			time.AfterFunc(time.Hour, cancel)
			*r = *r.WithContext(ctx)
		}
		for range 2 {
			func() {
				defer func() { _ = recover() }() // without a server nobody catches what ends a handler
				c.call(t, clean("c1", gone, "true"), nil)
			}()
		}
		hung, slow := a.Calls()[0], a.Calls()[1]
		if hung.Status != 200 || hung.Fault != "hang" || hung.Changed || slow.Status != 0 || !slow.Changed {
			t.Errorf("%+v\n%+v", hung, slow)
		}
		pass(time.Hour)
	})
}

// TestKeepAnswers finds in the record what the client read, whole or spoilt, and nothing where the client got nothing whole.
func TestKeepAnswers(t *testing.T) {
	const script = `{on: GetClusterAuditProject, do: truncated}, {on: GetClusterAuditProject, do: html502}, {on: GetClusterAuditProject, do: noContent},
		{on: GetClusterAuditProject, do: empty500}, {on: GetClusterAuditProject, do: resetBefore}, {on: GetClusterAuditProject, do: resetAfter},
		{on: GetClusterAuditProject, do: error}`
	a, _ := open(t, "", sim.Options{KeepAnswers: true, Faults: faults(t, script)})
	server := httptest.NewServer(a)
	defer server.Close()
	key, secret := a.Keys()
	c := config(key, secret, direct{server.Client()})
	c.Endpoint = dara.String(strings.TrimPrefix(server.URL, "http://"))
	cs, err := openapi.NewClient(c)
	if err != nil {
		t.Fatal(err)
	}
	for range 8 {
		_, _ = cs.CallApiWithCtx(t.Context(), &openapi.Params{
			Action: dara.String("GetClusterAuditProject"), Version: dara.String("2015-12-15"), Protocol: dara.String("HTTPS"),
			Method: dara.String("GET"), AuthType: dara.String("AK"), Style: dara.String("ROA"), ReqBodyType: dara.String("json"),
			BodyType: dara.String("json"), Pathname: dara.String("/clusters/c1/audit"),
		}, &openapi.OpenApiRequest{}, &dara.RuntimeOptions{})
	}
	want := []any{`{"audit_enabled":true,"sls_`, "<html><body><h1>502 Bad Gateway</h1></body></html>", "", "", nil, nil,
		`{"code":"ErrorInternal","message":"a fault of the script","requestId":"51D00000-0000-4000-8000-000000000007"}`,
		`{"audit_enabled":true,"sls_project_name":"k8s-log-c1"}`}
	for i, call := range a.Calls() {
		if got := any(string(call.Answer)); call.Answer == nil && want[i] != nil || call.Answer != nil && got != want[i] {
			t.Errorf("%d %s: %q, want %v", i, call.Fault, call.Answer, want[i])
		}
	}
	text, err := json.Marshal(a.Calls())
	if err != nil || strings.Contains(string(text), "nswer") {
		t.Errorf("the answers are in the record that is served: %s", text)
	}
	a, plain := open(t, "", sim.Options{})
	plain.must(t, "GET /clusters/c1", nil, nil)
	if got := a.Calls()[0].Answer; got != nil {
		t.Errorf("kept unasked: %s", got)
	}
}

package sim_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

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
			{Operation: "Any", Method: "PUT", Path: "/nowhere", Query: url.Values{}, Write: true, Status: 400, Code: "IncompleteSignature",
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
	if err := json.Unmarshal([]byte(body), &calls); err != nil || status != 200 || len(calls) != 1 || calls[0].Operation != "DescribeClusterDetail" {
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

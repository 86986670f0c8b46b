package sim_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alibabacloud-go/tea/dara"

	"ackrevoke/ack/sim"
)

// start begins a CleanUserPermissions and returns the id of its task.
func (c *client) start(t *testing.T, uid, query string) string {
	t.Helper()
	var out struct {
		RequestID string `json:"request_id"`
		TaskID    string `json:"task_id"`
	}
	c.must(t, "DELETE /users/"+uid+"/permissions?"+query, nil, &out)
	if out.RequestID != c.header.Get("x-acs-request-id") || !strings.HasPrefix(out.TaskID, "clean-user-permissions-"+uid+"-") {
		t.Errorf("%s", c.body)
	}
	return out.TaskID
}

// task returns a task as "state [c1 success, c2 fail]", as the vendor's client reads it.
func (c *client) task(t *testing.T, id string) string {
	t.Helper()
	out, err := c.cs.DescribeTaskInfo(dara.String(id))
	if err != nil {
		t.Fatal(err)
	}
	var results []string
	for _, r := range out.Body.TaskResult {
		results = append(results, *r.Data+" "+*r.Status)
	}
	if dara.StringValue(out.Body.TaskId) != id || dara.StringValue(out.Body.TaskType) != "clean_user_permissions" ||
		len(out.Body.Stages) != 1 {
		t.Errorf("%s", c.body)
	}
	if failed := strings.HasPrefix(*out.Body.State, "fail"); failed != (dara.StringValue(out.Body.Error.Code) != "") {
		t.Errorf("state %s, error %v", *out.Body.State, out.Body.Error)
	}
	return *out.Body.State + " [" + strings.Join(results, ", ") + "]"
}

// reachable makes every cluster one that can be written to.
func reachable(text string) string { return strings.Replace(text, ", reachable: false", "", 1) }

// TestCleanUser follows a task from its call to its end, and looks what it has done.
func TestCleanUser(t *testing.T) {
	everything := []string{"c1 Removed", "c2 Removed", "c5 Unexpired", "all-clusters restricted"}
	onC1 := []string{"c1 Removed", "c2 Expired", "c5 Unexpired", "c3 dev", "all-clusters restricted"}
	const done = "[c1 success, c2 success, c3 success, c4 success, c6 success]"
	const left = "[c1 fail, c2 fail, c3 fail, c4 fail, c6 fail]"
	for _, x := range []struct {
		name, behaviour, query, ends string
		want                         []string
	}{
		{"all", "", "Force=true", "success " + done, everything},
		{"named", "", "Force=true&ClusterIds=c1", "success [c1 success]", onC1},
		{"named twice", "", "Force=true&ClusterIds=c3,c1,c1", "success [c1 success, c3 success]", append(onC1[:3:3], "all-clusters restricted")},
		{"named one by one", "", "Force=true&ClusterIds.1=c3&ClusterIds.2=c1", "success [c1 success, c3 success]",
			append(onC1[:3:3], "all-clusters restricted")},
		{"named emptily", "", "Force=true&ClusterIds=", "success " + done, everything},
		{"with all-clusters", "cleanAllClusters: remove", "Force=true", "success " + done, everything[:3]},
		{"fail", "task: {ends: fail}", "Force=true", "fail " + left, holding},
		{"failed", "task: {ends: failed}", "Force=true", "failed " + left, holding},
		{"nothing", "task: {ends: nothing}", "Force=true", "success " + done, holding},
		{"never", "task: {ends: never}", "Force=true", "running []", holding},
		{"halfway", "task: {ends: halfway}", "Force=true", "fail [c1 success, c2 success, c3 success, c4 fail, c6 fail]", everything},
		{"half of two", "task: {ends: halfway}", "Force=true&ClusterIds=c1,c3", "fail [c1 success, c3 fail]", onC1},
		{"unforced", "task: {refuse: cluster}", "", "success [c1 success, c2 skipped, c3 success, c4 success, c6 success]",
			[]string{"c1 Removed", "c2 Expired", "c5 Unexpired", "all-clusters restricted"}},
		{"named, and it reaches all", "task: {reach: all}", "Force=true&ClusterIds=c1", "success " + done, everything},
		{"not there", "task: {refuse: cluster}", "Force=true&ClusterIds=c1,c9", "success [c1 success, c9 skipped]", onC1},
	} {
		t.Run(x.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := sim.New(load(t, reachable(small(t, x.behaviour))), sim.Options{Now: calendar})
				c := newClient(t, a)
				id := c.start(t, alice, x.query)
				same(t, c.task(t, id), "running []")
				pass(3*time.Second - 1)
				same(t, held(a, alice), holding)
				pass(1)
				same(t, c.task(t, id), x.ends)
				same(t, held(a, alice), x.want)
				pass(time.Hour)
				same(t, held(a, alice), x.want)
				if call := a.Calls()[0]; call.Operation != "CleanUserPermissions" || call.UID != alice || !call.Write {
					t.Errorf("recorded as %+v", call)
				}
			})
		})
	}
}

func TestCleanUserRefused(t *testing.T) {
	for _, x := range []struct{ behaviour, uid, query, want string }{
		{"", alice, "Force=true", "400 ErrorClusterUnreachable"}, // c6
		{"task: {refuse: whole}", alice, "Force=true&ClusterIds=c1,c6", "400 ErrorClusterUnreachable"},
		{`task: {refuse: ""}`, alice, "ClusterIds=c1,c2", "400 ErrorKubeConfigInUse"},
		{"refusal: {code: Busy, status: 409}", alice, "ClusterIds=c1,c2", "409 Busy"},
		{"", alice, "Force=true&ClusterIds=c5", "404 ErrorClusterNotFound"},
		{"task: {refuse: cluster}", rootID, "Force=true", "403 ErrorCleanForbidden"},
		{"", runner, "Force=true", "403 ErrorCleanForbidden"},
		{"", "alice", "Force=true", "400 InvalidParameter.Uid"},
		{"", alice, "Force=perhaps", "400 InvalidParameter.Force"},
	} {
		a, c := open(t, x.behaviour, sim.Options{})
		before := a.Truth()
		same(t, c.clusters(t, "/tasks/none"), "404 ErrorTaskNotFound")
		status, code := c.call(t, "DELETE /users/"+x.uid+"/permissions?"+x.query, nil)
		if got := fmt.Sprint(status, " ", code); got != x.want {
			t.Errorf("%s %s: %s, want %s", x.behaviour, x.query, got, x.want)
		}
		same(t, a.Truth(), before)
	}
}

// TestTaskWire holds the answer of a task to all its published fields.
func TestTaskWire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c := open(t, "task: {after: 1m, refuse: cluster}", sim.Options{})
		id := c.start(t, alice, "ClusterIds=c1,c2")
		pass(time.Minute)
		c.must(t, "GET /tasks/"+id, nil, nil)
		same(t, string(c.body), `{"task_id":"clean-user-permissions-`+alice+`-0000000000000001","cluster_id":"","task_type":"clean_user_permissions",`+
			`"state":"success","created":"2026-12-01T00:00:00Z","updated":"2026-12-01T00:01:00Z","target":{"id":"`+alice+`","type":"user"},`+
			`"parameters":{"force":false},"current_stage":"","stages":[{"state":"success","start_time":"2026-12-01T00:00:00Z",`+
			`"end_time":"2026-12-01T00:01:00Z","message":"","outputs":{}}],"events":[{"action":"clean_user_permissions","level":"Warning",`+
			`"message":"ErrorKubeConfigInUse: the access records of cluster c2 cannot be retrieved","reason":"skipped","source":"c2",`+
			`"timestamp":"2026-12-01T00:01:00Z"}],"task_result":[{"data":"c1","status":"success"},{"data":"c2","status":"skipped"}],`+
			`"error":{"code":"","message":""}}`)
	})
}

// TestTwist lets faults spoil both cleans: what they leave, and what they take along, happens when the clean takes effect.
func TestTwist(t *testing.T) {
	everybody := reachable(small(t, "cleanEffect: 3s, task: {after: 0s}"))
	for do, want := range map[string][]string{
		"certificateOnly": {"c1 Removed", "c2 Expired", "c5 Unexpired", "c1 dev", "c1 auditors", "c1/payments ops", "c3 dev",
			"all-clusters restricted"},
		"grantsOnly":       {"c1 Unexpired", "c2 Expired", "c5 Unexpired", "c3 dev", "all-clusters restricted"},
		"takesTooMuch":     {"c1 Removed", "c2 Expired", "c5 Unexpired", "all-clusters restricted"},
		"takesAllClusters": {"c1 Removed", "c2 Expired", "c5 Unexpired", "c3 dev"},
	} {
		for _, call := range []string{clean("c1", alice, "true"), "DELETE /users/" + alice + "/permissions?Force=true&ClusterIds=c1"} {
			synctest.Test(t, func(t *testing.T) {
				a := sim.New(load(t, everybody), sim.Options{Now: calendar, Faults: faults(t, "{on: write, do: "+do+"}")})
				c := newClient(t, a)
				c.must(t, call, nil, nil)
				same(t, held(a, alice), holding)
				pass(3 * time.Second)
				same(t, held(a, alice), want)
				if fault := a.Calls()[0].Fault; fault != do {
					t.Errorf("recorded as %q", fault)
				}
			})
		}
	}
}

// TestTwistOfNothing has a clean of somebody who has nothing on the cluster take more all the same, and a refused one nothing.
func TestTwistOfNothing(t *testing.T) {
	script := "{on: write, do: takesAllClusters, times: 0}"
	a, c := open(t, "", sim.Options{Faults: faults(t, script)})
	c.call(t, clean("c2", alice, "false"), nil)
	same(t, held(a, alice), holding)
	c.must(t, clean("c4", alice, "true"), nil, nil)
	same(t, held(a, alice), holding[:7])
}

func TestAudit(t *testing.T) {
	_, c := open(t, "", sim.Options{})
	c.must(t, "GET /clusters/c1/audit", nil, nil)
	same(t, string(c.body), `{"audit_enabled":true,"sls_project_name":"k8s-log-c1"}`)
	c.must(t, "GET /clusters/c2/audit", nil, nil)
	same(t, string(c.body), `{"audit_enabled":false,"sls_project_name":""}`)
	same(t, c.clusters(t, "/clusters/c5/audit"), "404 ErrorClusterNotFound")
}

func TestNamespaces(t *testing.T) {
	_, c := open(t, "", sim.Options{})
	for cluster, want := range map[string]string{"c1": `["default","kube-system"]`, "c2": `["default","kube-system"]`, "c3": `["default"]`} {
		c.must(t, "GET /api/v2/k8s/"+cluster+"/namespaces", nil, nil)
		same(t, string(c.body), want)
	}
	same(t, c.clusters(t, "/api/v2/k8s/c4/namespaces"), "403 ForbiddenQueryClusterNamespace")
	same(t, c.clusters(t, "/api/v2/k8s/c9/namespaces"), "404 ErrorClusterNotFound")
	text := strings.Replace(small(t, ""), `{type: RAMUser, uid: "`+runner+`"}`, `{type: RAMUser, uid: "`+alice+`"}`, 1)
	c = newClient(t, sim.New(load(t, text), sim.Options{}))
	c.must(t, "GET /api/v2/k8s/c1/namespaces", nil, nil)
	same(t, string(c.body), `["default","kube-system","payments"]`)
	c.must(t, "GET /api/v2/k8s/c4/namespaces", nil, nil) // by the grant for all clusters
}

package sim_test

import (
	"fmt"
	"strings"
	"testing"

	"ackrevoke/ack/sim"
)

// places are regions for the small estate, which is in two of them.
const places = `regions:
  - {id: us-west-1}
  - {id: eu-central-1, name: Germany (Frankfurt)}
  - {id: cn-a, clusters: empty}
  - {id: cn-b, clusters: failed}
  - {id: cn-c, clusters: denied}
  - {id: cn-d, clusters: absent}
  - {id: cn-e, listed: false}
`

func (c *client) regions(t *testing.T) []string {
	t.Helper()
	var list struct {
		Regions []struct {
			ID   string `json:"regionId"`
			Name string `json:"localName"`
		} `json:"regions"`
		RequestID string `json:"requestId"`
	}
	c.must(t, "GET /regions", nil, &list)
	out := []string{}
	for _, r := range list.Regions {
		out = append(out, r.ID+" "+r.Name)
	}
	if list.RequestID != c.header.Get("x-acs-request-id") {
		t.Errorf("requestId %q", list.RequestID)
	}
	return out
}

// clusters asks a list of clusters and returns "[c1 c2] of 2", or the error as "404 ErrorX".
func (c *client) clusters(t *testing.T, path string) string {
	t.Helper()
	if status, code := c.call(t, "GET "+path, nil); status != 200 {
		return fmt.Sprint(status, " ", code)
	}
	var list struct {
		Clusters []struct {
			ID string `json:"cluster_id"`
		} `json:"clusters"`
		Page struct {
			Total int `json:"total_count"`
		} `json:"page_info"`
	}
	c.decode(t, &list)
	ids := []string{}
	for _, row := range list.Clusters {
		ids = append(ids, row.ID)
	}
	return fmt.Sprintf("%v of %d", ids, list.Page.Total)
}

func TestRegions(t *testing.T) {
	_, c := open(t, "", sim.Options{})
	same(t, c.regions(t), []string{"eu-central-1 eu-central-1", "us-west-1 us-west-1"})
	c = newClient(t, sim.New(load(t, small(t, "")+places), sim.Options{}))
	same(t, c.regions(t), []string{"cn-a cn-a", "cn-b cn-b", "cn-c cn-c", "cn-d cn-d", "eu-central-1 Germany (Frankfurt)",
		"us-west-1 us-west-1"})
	c = newClient(t, sim.New(load(t, `{account: "1", caller: {type: Account}}`), sim.Options{}))
	same(t, c.regions(t), []string{"cn-hangzhou cn-hangzhou"})
	for behaviour, want := range map[string]string{"regions: denied": "403 StatusForbidden", "regions: absent": "404 InvalidAction.NotFound"} {
		_, c := open(t, behaviour, sim.Options{})
		same(t, c.clusters(t, "/regions"), want)
		same(t, c.clusters(t, "/regions/us-west-1/clusters"), "[c3 c6] of 2") // one does not depend on the other
	}
}

func TestRegionalList(t *testing.T) {
	for _, x := range []struct{ behaviour, path, want string }{
		{"", "us-west-1", "[c3 c6] of 2"},
		{"", "eu-central-1", "[c1 c2] of 2"},
		{"", "eu-central-1?page_size=1&page_number=2", "[c2] of 2"},
		{"", "eu-central-1?page_number=2", "[] of 2"},
		{"clusterPageDefault: 1, clusterPageMax: 1", "eu-central-1", "[c1] of 2"},
		{"clusterPageMax: 1", "eu-central-1?page_size=100", "[c1] of 2"},
		{"", "eu-central-1?name=prod", "[c1] of 1"}, // fuzzy here
		{"", "eu-central-1?name=eu", "[c1 c2] of 2"},
		{"", "eu-central-1?cluster_id=c1", "[c1] of 1"},
		{"", "eu-central-1?cluster_id=c", "[] of 0"},
		{"", "eu-central-1?cluster_type=Kubernetes", "[] of 0"},
		{"", "eu-central-1?cluster_spec=ack.pro.small&profile=Default", "[c1 c2] of 2"},
		{"", "eu-central-1?profile=Edge", "[] of 0"},
		{"", "eu-central-1?page_size=0", "400 InvalidParameter.page_size"},
		{"", "cn-a", "[] of 0"},
		{"", "cn-b", "500 ServiceUnavailable"},
		{"", "cn-c", "403 StatusForbidden"},
		{"", "cn-d", "404 ErrorRegionNotFound"},
		{"", "cn-e", "[] of 0"}, // not listed, and yet it answers
		{"", "mars", "404 ErrorRegionNotFound"},
		{"regionWithoutACK: {code: Nothing, status: 400}", "mars", "400 Nothing"},
		{"regionWithoutACK: {status: 200}", "cn-d", "[] of 0"},
		{"regionalList: denied", "us-west-1", "403 StatusForbidden"},
		{"regionalList: absent", "us-west-1", "404 InvalidAction.NotFound"},
		{"endpointRegion: us-west-1", "us-west-1", "[c3 c6] of 2"},
		{"endpointRegion: us-west-1", "eu-central-1", "[] of 0"},
		{"endpointRegion: us-west-1", "cn-b", "[] of 0"},
		{"endpointRegion: cn-b", "cn-b", "500 ServiceUnavailable"},
	} {
		c := newClient(t, sim.New(load(t, small(t, x.behaviour)+places), sim.Options{Now: calendar}))
		path, query, _ := strings.Cut(x.path, "?")
		if got := c.clusters(t, "/regions/"+path+"/clusters?"+query); got != x.want {
			t.Errorf("%s %s: %s, want %s", x.behaviour, x.path, got, x.want)
		}
	}
}

// TestRegionalRow holds a row to the published fields, and no others.
func TestRegionalRow(t *testing.T) {
	a, c := open(t, "zoneIDs: true", sim.Options{})
	c.must(t, "GET /regions/eu-central-1/clusters?cluster_id=c1", nil, nil)
	same(t, string(c.body), `{"clusters":[{"cluster_domain":"cluster.local","cluster_id":"c1","cluster_spec":"ack.pro.small",`+
		`"cluster_type":"ManagedKubernetes","container_cidr":"172.20.0.0/16","created":"2024-02-01T10:20:30+08:00",`+
		`"current_version":"1.33.1-aliyun.1","deletion_protection":true,"init_version":"1.33.1-aliyun.1","ip_stack":"ipv4",`+
		`"name":"prod-eu","next_version":"","profile":"Default","proxy_mode":"ipvs","region_id":"eu-central-1-a",`+
		`"resource_group_id":"rg-simulated","security_group_id":"sg-simulated","service_cidr":"172.21.0.0/20","size":3,`+
		`"state":"running","tags":[],"timezone":"Asia/Shanghai","updated":"2024-02-01T10:20:30+08:00","vpc_id":"vpc-simulated",`+
		`"vswitch_ids":["vsw-simulated"]}],"page_info":{"page_number":1,"page_size":10,"total_count":1}}`)
	if call := a.Calls()[0]; call.Operation != "DescribeClustersForRegion" || call.Region != "eu-central-1" || call.Write {
		t.Errorf("recorded as %+v", call)
	}
	var detail struct {
		Region string `json:"region_id"`
		URL    string `json:"master_url"`
	}
	c.must(t, "GET /clusters/c1", nil, &detail)
	same(t, detail.Region+" "+detail.URL, `eu-central-1 {"api_server_endpoint":"https://c1.invalid:6443"}`)
}

// TestRetired takes the old list through its end: retired, still there, and on its way out.
func TestRetired(t *testing.T) {
	const list = "/api/v1/clusters"
	for _, x := range []struct{ behaviour, regions, query, want string }{
		{"", "", "", "404 InvalidAction.NotFound"},
		{"", "", "page_size=0", "404 InvalidAction.NotFound"},
		{"clustersV1: retired, retiredV1: {code: Gone, status: 410}", "", "", "410 Gone"},
		{"clustersV1: served, retiredV1: {code: Gone}", "", "", "[c1 c2 c3 c6] of 4"},
		{"clustersV1: short", "", "", "[c1 c2] of 2"}, // us-west-1 is the last
		{"clustersV1: short", "", "page_size=1&page_number=2", "[c2] of 2"},
		{"clustersV1: short", "[{id: eu-central-1, v1: false}, {id: us-west-1}]", "", "[c3 c6] of 2"},
		{"clustersV1: short", "[{id: eu-central-1, v1: false}, {id: us-west-1}]", "region_id=eu-central-1", "[] of 0"},
		{"clustersV1: short", "[{id: eu-central-1, v1: false}, {id: us-west-1, v1: false}]", "", "[] of 0"},
		{"clustersV1: short", "[{id: eu-central-1}, {id: us-west-1}, {id: zz, v1: false}]", "", "[c1 c2 c3 c6] of 4"},
		{"clustersV1: served", "[{id: eu-central-1, clusters: failed}, {id: us-west-1}]", "", "[c1 c2 c3 c6] of 4"},
	} {
		text := small(t, x.behaviour)
		if x.regions != "" {
			text += "regions: " + x.regions + "\n"
		}
		if got := newClient(t, sim.New(load(t, text), sim.Options{})).clusters(t, list+"?"+x.query); got != x.want {
			t.Errorf("%s %s %s: %s, want %s", x.behaviour, x.regions, x.query, got, x.want)
		}
	}
	empty := load(t, `{account: "1", caller: {type: Account}, regions: [], behaviour: {clustersV1: short}}`)
	same(t, newClient(t, sim.New(empty, sim.Options{})).clusters(t, list), "[] of 0")
}

// TestCondition keeps a cluster from a caller by a RAM condition: silently from the lists, openly by itself, and not at all from
// what principals hold.
func TestCondition(t *testing.T) {
	text := strings.Replace(small(t, "clustersV1: served"), "id: c1, ", "id: c1, conditioned: true, ", 1)
	c := newClient(t, sim.New(load(t, text), sim.Options{Now: calendar}))
	same(t, c.clusters(t, "/regions/eu-central-1/clusters"), "[c2] of 1")
	same(t, c.clusters(t, "/api/v1/clusters"), "[c2 c3 c6] of 3")
	same(t, c.clusters(t, "/clusters/c1"), "403 StatusForbidden")
	same(t, c.states(t, gone)[0], "c1 Unexpired")
	same(t, c.rows(t, gone), []string{"c1 dev"})
	same(t, len(c.holders(t, "c1", "")), 5)
}

func TestDetail(t *testing.T) {
	for detail, want := range map[string]string{"served": "[] of 0", "failed": "500 ServiceUnavailable", "denied": "403 StatusForbidden"} {
		text := strings.Replace(small(t, ""), "id: c4, ", "id: c4, detail: "+detail+", ", 1)
		c := newClient(t, sim.New(load(t, text), sim.Options{}))
		same(t, c.clusters(t, "/clusters/c4"), want)
		same(t, c.clusters(t, "/clusters/c3"), "[] of 0") // no list, but a success
	}
}

// TestSwarm has a cluster that is no Kubernetes: every read shows it like any other.
func TestSwarm(t *testing.T) {
	text := strings.Replace(small(t, "clustersV1: served"), "id: c2, ", "id: c2, type: aliyun, ", 1)
	c := newClient(t, sim.New(load(t, text), sim.Options{Now: calendar}))
	same(t, c.clusters(t, "/regions/eu-central-1/clusters"), "[c1 c2] of 2")
	same(t, c.clusters(t, "/regions/eu-central-1/clusters?cluster_type=aliyun"), "[c2] of 1")
	same(t, c.clusters(t, "/api/v1/clusters?cluster_type=aliyun"), "[c2] of 1")
	same(t, c.states(t, alice)[:3], []string{"c1 Unexpired", "c2 Expired", "c3 Unissued"})
	var detail struct {
		Type    string `json:"cluster_type"`
		Spec    string `json:"cluster_spec"`
		Profile string `json:"profile"`
	}
	c.must(t, "GET /clusters/c2", nil, &detail)
	same(t, detail.Type+" "+detail.Spec+" "+detail.Profile, "aliyun  ")
}

// TestListFaults spoils single regions, and makes lists shorter than they are.
func TestListFaults(t *testing.T) {
	const west, east = "/regions/us-west-1/clusters", "/regions/eu-central-1/clusters"
	_, c := open(t, "", sim.Options{Faults: faults(t, "{on: any, region: us-west-1, do: error, code: X, status: 503, times: 0}")})
	same(t, c.clusters(t, west), "503 X")
	same(t, c.clusters(t, east), "[c1 c2] of 2")
	same(t, c.clusters(t, "/clusters/c3"), "[] of 0") // about a cluster, not about a region

	_, c = open(t, "clustersV1: served", sim.Options{Faults: faults(t, "{on: read, do: short, times: 0}")})
	same(t, c.clusters(t, east), "[c1] of 1")
	same(t, c.clusters(t, east+"?page_size=1&page_number=2"), "[] of 1")
	same(t, c.clusters(t, "/regions/eu-central-1/clusters?cluster_id=c2"), "[] of 0")
	same(t, c.clusters(t, "/api/v1/clusters"), "[c1 c2 c3] of 3")
	same(t, len(c.states(t, alice)), 5) // other lists are whole
	same(t, c.regions(t), []string{"eu-central-1 eu-central-1", "us-west-1 us-west-1"})

	a, c := open(t, "", sim.Options{Faults: faults(t, "{on: DescribeRegions, do: throttle}, {on: CleanUserPermissions, do: acceptNothing}")})
	before := a.Truth()
	same(t, c.clusters(t, "/regions"), "429 Throttling.User")
	c.must(t, "DELETE /users/"+alice+"/permissions?Force=true&ClusterIds=c1", nil, nil)
	same(t, string(c.body), "{}")
	same(t, a.Truth(), before)
}

// TestServed holds what help says of the account against the account: an operation of the list is there.
func TestServed(t *testing.T) {
	var names []string
	for _, service := range sim.Served() {
		for _, name := range service.Operations {
			if strings.Contains(name, "ubeconfig") && !strings.HasPrefix(name, "List") {
				t.Errorf("%s issues", name)
			}
			names = append(names, "{on: "+name+", do: error}")
		}
	}
	if len(names) != 22 {
		t.Errorf("%d operations", len(names))
	}
	faults(t, strings.Join(names, ", ")) // every one may be spoilt
}

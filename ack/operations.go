package ack

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// service is one of the three that are called.
type service string

const (
	csService  service = "CS"
	ramService service = "RAM"
	stsService service = "STS"
)

// versions of the services' interfaces.
var versions = map[service]string{
	csService:  "2015-12-15",
	ramService: "2015-05-01",
	stsService: "2015-04-01",
}

// shape of the body that a good answer has.
type shape string

const (
	object  shape = "json"  // {...}
	array   shape = "array" // [...]
	nothing shape = "none"  // whatever: it says nothing
)

// operation is one row of the table below.
type operation struct {
	name     string // x-acs-action
	service  service
	style    string // ROA: the path says what is meant; RPC: the action does
	method   string
	path     string
	query    []string // parameters that may be sent
	fixed    string   // the one parameter that is always sent, name=value
	payload  bool     // has a JSON body
	answer   shape
	ram      []string // the RAM actions that allow it, sorted; none: everybody may
	only     string   // the one command that makes it; none: all
	fallback bool     // made only where another operation is not to be had
	write    bool     // changes the account: refused by a client built for reading
	by       power    // who may, where it writes
}

// power is what a client may do to the account. Each is an option of its own:
// one that is built to take away cannot give, and the other way round.
type power uint8

const (
	takes power = 1 << iota // Options.Writes: a run takes away what others hold
	gives                   // Options.Grants: a restore gives rows back, and takes the same rows away again
	own                     // Options.Own: the caller's own credential
)

// The operations: everything that this program can do to an account. None
// returns a kubeconfig or a secret; of access keys the states are read and
// nothing else. The rows that write, and who may; the README repeats them, held
// to this table by a test:
//
//	CleanClusterUserPermissions          a run
//	CleanUserPermissions                 a run, of the clusters that it names
//	UpdateUserPermissions mode=delete    a run; a restore, of the rows that it gave
//	UpdateUserPermissions mode=patch     a restore
//	RevokeK8sClusterKubeConfig           self
//
// The RAM actions are those of the operations' pages; the pages have two names
// for the listing of clusters and for the read of grants, and the list of a
// cluster asks for those of the listings of people as well.
//
// UpdateUserPermissions without a mode replaces all that a principal has;
// therefore its mode is part of the table and not an argument.
var (
	getCallerIdentity = operation{name: "GetCallerIdentity", service: stsService, style: "RPC", method: "POST", path: "/", answer: object}

	listUsers = operation{name: "ListUsers", service: ramService, style: "RPC", method: "POST", path: "/",
		query: []string{"Marker", "MaxItems"}, answer: object,
		ram: []string{"ram:ListUsers"}}
	listRoles = operation{name: "ListRoles", service: ramService, style: "RPC", method: "POST", path: "/",
		query: []string{"Marker", "MaxItems"}, answer: object,
		ram: []string{"ram:ListRoles"}}
	getLoginProfile = operation{name: "GetLoginProfile", service: ramService, style: "RPC", method: "POST", path: "/",
		query: []string{"UserName"}, answer: object,
		ram: []string{"ram:GetLoginProfile"}, only: audits}
	listAccessKeys = operation{name: "ListAccessKeys", service: ramService, style: "RPC", method: "POST", path: "/",
		query: []string{"UserName"}, answer: object,
		ram: []string{"ram:ListAccessKeys"}, only: audits}

	describeRegions = operation{name: "DescribeRegions", service: csService, style: "ROA", method: "GET", path: "/regions", answer: object,
		ram: []string{"cs:DescribeRegions"}}
	describeRegionClusters = operation{name: "DescribeClustersForRegion", service: csService, style: "ROA", method: "GET",
		path:  "/regions/{region}/clusters",
		query: []string{"page_number", "page_size"}, answer: object, ram: []string{"cs:DescribeClustersForRegion"}}
	describeClusters = operation{name: "DescribeClustersV1", service: csService, style: "ROA", method: "GET", path: "/api/v1/clusters",
		query: []string{"page_number", "page_size"}, answer: object, ram: []string{"cs:DescribeClustersV1", "cs:GetClusters"}, fallback: true}
	describeClusterDetail = operation{name: "DescribeClusterDetail", service: csService, style: "ROA", method: "GET",
		path: "/clusters/{cluster}", answer: object,
		ram: []string{"cs:DescribeClusterDetail"}}
	describeUserPermission = operation{name: "DescribeUserPermission", service: csService, style: "ROA", method: "GET",
		path: "/permissions/users/{uid}", answer: array,
		ram: []string{"cs:DescribeUserPermission", "cs:GetUserPermissions"}}
	listUserStates = operation{name: "ListUserKubeConfigStates", service: csService, style: "ROA", method: "GET",
		path:  "/users/{uid}/kubeconfig/states",
		query: []string{"page_number", "page_size"}, answer: object, ram: []string{"cs:ListUserKubeConfigStates"}}
	listClusterStates = operation{name: "ListClusterKubeconfigStates", service: csService, style: "ROA", method: "GET",
		path:  "/clusters/{cluster}/kubeconfig/states",
		query: []string{"cloudServiceKubeConfig", "pageNumber", "pageSize"}, answer: object,
		ram: []string{"cs:ListClusterKubeconfigStates", "ram:ListRoles", "ram:ListUsers"}}

	describeTaskInfo = operation{name: "DescribeTaskInfo", service: csService, style: "ROA", method: "GET", path: "/tasks/{task}",
		answer: object, ram: []string{"cs:DescribeTaskInfo"}, only: tasks}

	cleanClusterUserPermissions = operation{name: "CleanClusterUserPermissions", service: csService, style: "ROA", method: "DELETE",
		path: "/cluster/{cluster}/user/{uid}/permissions", query: []string{"Force"}, answer: nothing,
		ram: []string{"cs:CleanClusterUserPermissions"}, write: true, by: takes}
	cleanUserPermissions = operation{name: "CleanUserPermissions", service: csService, style: "ROA", method: "DELETE",
		path: "/users/{uid}/permissions", query: []string{"ClusterIds", "Force"}, answer: object,
		ram: []string{"cs:CleanUserPermissions"}, write: true, by: takes}
	updateUserPermissions = operation{name: "UpdateUserPermissions", service: csService, style: "ROA", method: "POST",
		path: "/permissions/users/{uid}/update", fixed: "mode=delete", payload: true, answer: nothing,
		ram: []string{"cs:UpdateUserPermissions"}, write: true, by: takes | gives}
	patchUserPermissions = operation{name: "UpdateUserPermissions", service: csService, style: "ROA", method: "POST",
		path: "/permissions/users/{uid}/update", fixed: "mode=patch", payload: true, answer: nothing,
		ram: []string{"cs:UpdateUserPermissions"}, write: true, by: gives}
	revokeOwnKubeConfig = operation{name: "RevokeK8sClusterKubeConfig", service: csService, style: "ROA", method: "DELETE",
		path: "/k8s/{cluster}/certs", answer: nothing, ram: []string{"cs:RevokeK8sClusterKubeConfig"}, write: true, by: own}
)

// What an operation can be for alone.
const (
	audits = "audit"
	tasks  = "tasks" // a hint about a write that goes on; whoever may not ask does without
)

// operations is the table as a list; a test holds it against the rules above.
var operations = []operation{
	getCallerIdentity, listUsers, listRoles, getLoginProfile, listAccessKeys,
	describeRegions, describeRegionClusters, describeClusters, describeClusterDetail, describeUserPermission, listUserStates,
	listClusterStates, describeTaskInfo,
	cleanClusterUserPermissions, cleanUserPermissions, updateUserPermissions, patchUserPermissions, revokeOwnKubeConfig,
}

// Read is an operation that looks, and the RAM actions that allow it.
type Read struct {
	Operation string
	Actions   []string // sorted; none: everybody may
	Fallback  bool     // made only where another operation is not to be had
}

// Reads returns all that a run looks with, in the order of the table.
func Reads() []Read { return reads("") }

// AuditReads returns all that an audit looks with, in the order of the table.
func AuditReads() []Read { return reads("", audits) }

// reads are those that are for one of these.
func reads(whom ...string) []Read {
	var all []Read
	for _, op := range operations {
		if !op.write && slices.Contains(whom, op.only) {
			all = append(all, Read{op.name, slices.Clone(op.ram), op.fallback})
		}
	}
	return all
}

// args are what one call fills in.
type args struct {
	cluster, uid, region, task string
	query                      map[string]string
	body                       any
}

// request is an operation with its arguments in place.
type request struct {
	path  string
	query map[string]*string
	body  any
}

// with puts the arguments into the operation; it refuses what the table has
// no place for, and an empty id, which would make another path of it.
func (op operation) with(a args) (request, error) {
	r := request{path: op.path, query: map[string]*string{}}
	for _, p := range []struct{ hole, value string }{{"{cluster}", a.cluster}, {"{uid}", a.uid}, {"{region}", a.region},
		{"{task}", a.task}} {
		switch {
		case !strings.Contains(op.path, p.hole):
			if p.value != "" {
				return request{}, fmt.Errorf("no place for %s", p.hole)
			}
		case p.value == "" || strings.Trim(p.value, ".") == "":
			return request{}, fmt.Errorf("%q is no id for %s", p.value, p.hole)
		default:
			r.path = strings.ReplaceAll(r.path, p.hole, url.PathEscape(p.value))
		}
	}
	for name, value := range a.query {
		if !slices.Contains(op.query, name) {
			return request{}, fmt.Errorf("no place for the parameter %s", name)
		}
		r.query[name] = &value
	}
	if name, value, ok := strings.Cut(op.fixed, "="); ok {
		r.query[name] = &value
	}
	if op.payload != (a.body != nil) {
		return request{}, fmt.Errorf("body given: %t, wanted: %t", a.body != nil, op.payload)
	}
	r.body = a.body
	return r, nil
}

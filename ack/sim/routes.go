package sim

import (
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// service is one of the three that share the listener.
type service string

const (
	cs  service = "cs"
	ram service = "ram"
	sts service = "sts"
)

// operation is one call the account knows. The serve function runs with the account locked.
type operation struct {
	name   string
	at     string // of CS: method and path, with the variables {region}, {cluster}, {uid} and {task}
	action string // the RAM action; empty: that of the operation's own name
	write  bool
	own    bool // about the caller itself, whose uid is not in the path
	serve  func(*Account, *request) answer
}

// csOperations is the part of CS that is served. The singular words in the path of CleanClusterUserPermissions are the
// service's own [DOC].
var csOperations = []operation{
	{name: "DescribeRegions", at: "GET /regions", serve: (*Account).describeRegions},
	{name: "DescribeClustersForRegion", at: "GET /regions/{region}/clusters", serve: (*Account).describeClustersForRegion},
	{name: "DescribeClustersV1", at: "GET /api/v1/clusters", action: "cs:GetClusters", serve: (*Account).describeClustersV1},
	{name: "DescribeClusterDetail", at: "GET /clusters/{cluster}", serve: (*Account).describeCluster},
	{name: "DescribeUserPermission", at: "GET /permissions/users/{uid}", action: "cs:GetUserPermissions",
		serve: (*Account).describeUserPermission},
	{name: "ListUserKubeConfigStates", at: "GET /users/{uid}/kubeconfig/states", serve: (*Account).listUserStates},
	{name: "ListClusterKubeconfigStates", at: "GET /clusters/{cluster}/kubeconfig/states", serve: (*Account).listClusterStates},
	{name: "CleanClusterUserPermissions", at: "DELETE /cluster/{cluster}/user/{uid}/permissions", write: true, serve: (*Account).clean},
	{name: "CleanUserPermissions", at: "DELETE /users/{uid}/permissions", write: true, serve: (*Account).cleanUser},
	{name: "DescribeTaskInfo", at: "GET /tasks/{task}", serve: (*Account).describeTask},
	{name: "UpdateUserPermissions", at: "POST /permissions/users/{uid}/update", write: true, serve: (*Account).updateUserPermissions},
	{name: "GetClusterAuditProject", at: "GET /clusters/{cluster}/audit", serve: (*Account).describeAudit},
	{name: "DescribeUserClusterNamespaces", at: "GET /api/v2/k8s/{cluster}/namespaces", own: true, serve: (*Account).describeNamespaces},
	{name: "RevokeK8sClusterKubeConfig", at: "DELETE /k8s/{cluster}/certs", write: true, own: true, serve: (*Account).revokeOwn},

	// These issue a kubeconfig when there is none [DOC], whatever their method says: no program that takes access away may
	// ever call them, so they are known by name, count as writes, and are refused - but for the first, where an account issues.
	{name: "DescribeClusterUserKubeconfig", at: "GET /k8s/{cluster}/user_config", write: true, own: true,
		serve: (*Account).describeKubeconfig},
	{name: "DescribeClusterV2UserKubeconfig", at: "GET /api/v2/k8s/{cluster}/user_config", write: true, own: true, serve: (*Account).issue},
	{name: "DescribeSubaccountK8sClusterUserConfig", at: "GET /k8s/{cluster}/users/{uid}/user_config", write: true, serve: (*Account).issue},
}

// rpcOperations is the part of RAM and STS that is served; all of it reads, as keys that run out are no change of the account.
var rpcOperations = map[service][]operation{
	ram: {
		{name: "ListUsers", serve: (*Account).listUsers},
		{name: "ListRoles", serve: (*Account).listRoles},
		{name: "GetUser", serve: (*Account).getUser},
		{name: "GetRole", serve: (*Account).getRole},
		{name: "GetLoginProfile", serve: (*Account).getLoginProfile},
		{name: "ListAccessKeys", serve: (*Account).listAccessKeys},
	},
	sts: {
		{name: "GetCallerIdentity", serve: (*Account).getCallerIdentity},
		{name: "AssumeRole", serve: (*Account).assumeRole},
	},
}

// request is a call on its way through the account.
type request struct {
	*Call
	caller  caller
	service service
	op      operation
	params  url.Values // the query, and for RPC the form too
	body    []byte
	task    string // the id in the path

	signature signature
	twist     func(h *holdings, before holdings) // of a fault: what a write does besides, or does not; nil: nothing
}

// action is the RAM action that the caller needs; not every operation is called like its own.
func (q *request) action() string {
	return first(q.op.action, string(q.service)+":"+q.Operation)
}

// identify finds the operation. CS is routed by method and path; the x-acs-action header it also carries is not asked, as in
// ROA style the path is the operation. RAM and STS share the path "/" and are told apart by their version.
func (a *Account) identify(r *http.Request, body []byte) *request {
	query := r.URL.Query()
	q := &request{Call: &Call{Method: r.Method, Path: r.URL.Path, Query: query}, params: query, body: body}
	all := merge(query, form(r, body))
	switch version := first(r.Header.Get("x-acs-version"), all.Get("Version")); {
	case version == "2015-05-01":
		q.service = ram
	case version == "2015-04-01":
		q.service = sts
	default:
		q.service = cs
		q.signature = readSignature(r, nil)
	}
	if q.service != cs {
		q.params, q.signature = all, readSignature(r, all)
	}
	q.Signature = q.signature.scheme
	of, _ := a.holder(q.signature.key)
	q.caller = of.who
	if q.Operation = first(r.Header.Get("x-acs-action"), all.Get("Action")); q.service == cs {
		a.route(r, q)
		return q
	}
	for _, op := range rpcOperations[q.service] {
		if op.name == q.Operation && r.URL.Path == "/" {
			q.op = op
		}
	}
	return q
}

// form reads the parameters in a body, none where the body is something else.
func form(r *http.Request, body []byte) url.Values {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/x-www-form-urlencoded" {
		return nil
	}
	values, _ := url.ParseQuery(string(body)) // what cannot be read is a parameter that was not sent
	return values
}

// route finds the operation of CS by method and path, and what it is about.
func (a *Account) route(r *http.Request, q *request) {
	q.Write = r.Method != http.MethodGet && r.Method != http.MethodHead
	for _, op := range csOperations {
		method, path, _ := strings.Cut(op.at, " ")
		vars, fits := match(path, rawPath(r))
		if !fits || method != r.Method {
			continue
		}
		q.op, q.Operation, q.Write = op, op.name, op.write
		q.Region, q.Cluster, q.UID, q.task = vars["{region}"], vars["{cluster}"], vars["{uid}"], vars["{task}"]
		if op.own {
			q.UID = q.caller.uid
		}
	}
}

// match compares a path with a pattern, segment by segment; a segment may hold an escaped slash.
func match(pattern, path string) (map[string]string, bool) {
	want, have := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(have) {
		return nil, false
	}
	vars := make(map[string]string)
	for i := range want {
		segment, err := url.PathUnescape(have[i])
		switch {
		case err != nil || (segment == "" && want[i] != ""):
			return nil, false
		case strings.HasPrefix(want[i], "{"):
			vars[want[i]] = segment
		case want[i] != segment:
			return nil, false
		}
	}
	return vars, true
}

// rawPath is the path as it was sent, which is also how it was signed.
func rawPath(r *http.Request) string {
	path, _, _ := strings.Cut(r.RequestURI, "?")
	if path == "" || !strings.HasPrefix(path, "/") {
		return r.URL.EscapedPath()
	}
	return path
}

func first(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

func merge(a, b url.Values) url.Values {
	out := make(url.Values, len(a)+len(b))
	for _, values := range []url.Values{a, b} {
		for key, list := range values {
			out[key] = append(out[key], list...)
		}
	}
	return out
}

// served reports whether an operation of that name is known.
func served(name string) bool {
	for _, list := range [][]operation{csOperations, rpcOperations[ram], rpcOperations[sts]} {
		if slices.ContainsFunc(list, func(op operation) bool { return op.name == name }) {
			return true
		}
	}
	return false
}

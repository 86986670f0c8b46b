package sim

import "slices"

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
	issues bool // a kubeconfig, where there is none
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
	{name: "DescribeClusterUserKubeconfig", at: "GET /k8s/{cluster}/user_config", write: true, own: true, issues: true,
		serve: (*Account).describeKubeconfig},
	{name: "DescribeClusterV2UserKubeconfig", at: "GET /api/v2/k8s/{cluster}/user_config", write: true, own: true, issues: true,
		serve: (*Account).issue},
	{name: "DescribeSubaccountK8sClusterUserConfig", at: "GET /k8s/{cluster}/users/{uid}/user_config", write: true, issues: true,
		serve: (*Account).issue},
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

// served reports whether an operation of that name is known.
func served(name string) bool {
	for _, list := range [][]operation{csOperations, rpcOperations[ram], rpcOperations[sts]} {
		if slices.ContainsFunc(list, func(op operation) bool { return op.name == name }) {
			return true
		}
	}
	return false
}

// Service is one of the services, with the names of the operations of it that are served.
type Service struct {
	Name       string
	Operations []string
}

// Served returns what an account serves, in the order of the table. What may issue a kubeconfig is not among it.
func Served() []Service {
	out := []Service{{Name: "CS"}, {Name: "RAM"}, {Name: "STS"}}
	for i, list := range [][]operation{csOperations, rpcOperations[ram], rpcOperations[sts]} {
		for _, op := range list {
			if !op.issues {
				out[i].Operations = append(out[i].Operations, op.name)
			}
		}
	}
	return out
}

package main

// denial is the published detail of a denial: which action is missing, and whose it was [DOC].
func (p player) denial(o operation, kind string) obj {
	return obj{"AuthAction": o.permission(), "AuthPrincipalOwnerId": p.estate.Account, "AuthPrincipalType": "SubUser",
		"AuthPrincipalDisplayName": runner, "NoPermissionType": kind, "PolicyType": "AccountLevelIdentityBasedPolicy"}
}

// nothingAllowed is a script of faults: the first call is one too many, and then RAM allows nothing.
const nothingAllowed = `faults:
  - {on: any, do: throttle}
  - {on: write, do: denied, explicit: true, times: 0}
  - {on: any, do: denied, times: 0}
`

// denials asks for every operation where nothing is allowed.
func (p player) denials() {
	first := true
	for _, o := range operations {
		if o.service != p.client.service || o.unserved || !p.client.has(o.name) {
			continue
		}
		if first {
			p.refused(o.name, o.path, o.request, 429, "Throttling.User", nil)
			first = false
		}
		code, kind := "StatusForbidden", "ImplicitDeny"
		if o.service != "cs" {
			code = "NoPermission"
		}
		if o.write {
			kind = "ExplicitDeny"
		}
		p.refused(o.name, o.path, o.request, 403, code, p.denial(o, kind))
	}
}

// strangers asks with keys that do not open the account, and for what it does not serve.
func (p player) strangers() {
	for _, o := range operations {
		if o.service == p.client.service && o.unserved {
			p.refused(o.name, o.path, o.request, 404, "InvalidAction.NotFound", nil)
		}
	}
	o := map[string]operation{"cs": of("DescribeUserPermission"), "ram": of("GetUser"), "sts": of("GetCallerIdentity")}[p.client.service]
	own := p.keys
	p.as(keys{own.id, own.secret + "x", own.token}).refused(o.name, o.path, o.request, 400, "SignatureDoesNotMatch", nil)
	p.as(keys{"nobody", own.secret, own.token}).refused(o.name, o.path, o.request, 404, "InvalidAccessKeyId.NotFound", nil)
	p.as(keys{own.id, own.secret, "a-token"}).refused(o.name, o.path, o.request, 400, "InvalidSecurityToken.Malformed", nil)
}

// notThere asks CS for what is not there, or only for some.
func (p player) notThere() {
	p.refused("DescribeClustersV1", nil, nil, 404, "InvalidAction.NotFound", nil) // retired
	p.refused("DescribeClustersForRegion", []string{"me-east-1"}, nil, 404, "ErrorRegionNotFound", nil)
	for _, o := range []string{"DescribeClusterDetail", "ListClusterKubeconfigStates", "GetClusterAuditProject",
		"DescribeUserClusterNamespaces", "RevokeK8sClusterKubeConfig", "DescribeClusterUserKubeconfig"} {
		p.refused(o, []string{"nowhere"}, nil, 404, "ErrorClusterNotFound", nil)
	}
	p.refused("DescribeClusterDetail", []string{"c8"}, nil, 403, "StatusForbidden", p.denial(of("DescribeClusterDetail"), "ImplicitDeny"))
	p.refused("DescribeTaskInfo", []string{"no-such-task"}, nil, 404, "ErrorTaskNotFound", nil)
	p.refused("DescribeUserPermission", []string{"alice"}, nil, 400, "InvalidParameter.Uid", nil)
	p.refused("ListUserKubeConfigStates", []string{"alice"}, nil, 400, "InvalidParameter.Uid", nil)
	p.refused("ListUserKubeConfigStates", []string{alice}, obj{"page_size": 101}, 400, "InvalidParameter.page_size", nil)
	p.refused("ListClusterKubeconfigStates", []string{"c1"}, obj{"pageSize": 51}, 400, "InvalidParameter.pageSize", nil)
}

// differently is how the account behaves that elsewhere asks: the old list is served, a uid that was never seen is an error, denials
// are as short as they can be, and a task skips what it cannot clean.
const differently = "clustersV1: served, unknownUser: notFound, denials: plain, task: {after: 300ms, refuse: cluster}"

func (p player) elsewhere() {
	p.oldList()
	p.skipping()
	const nobody = "299999999999999999"
	p.refused("DescribeUserPermission", []string{nobody}, nil, 404, "EntityNotExist.User", nil)
	p.refused("ListUserKubeConfigStates", []string{nobody}, nil, 404, "EntityNotExist.User", nil)
	p.refused("DescribeClusterDetail", []string{"c8"}, nil, 403, "StatusForbidden", nil)
}

package main

import (
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
)

// operation is one that the account serves, or refuses as one that issues kubeconfigs, with what documentation says of it.
type operation struct {
	service, name string
	since         string // the first release of the SDK that has it [SDK]; empty: every one that is tried
	action        string // the RAM action, where it is not called like the operation [DOC]
	write         bool   // or may be one
	issues        bool   // a kubeconfig, and is refused everywhere
	unserved      bool
	unsigned      bool
	path          []string // of a call that is complete
	request       obj
}

var force = obj{"Force": true}

var operations = []operation{
	{service: "cs", name: "DescribeRegions", since: "v7.4.0"},
	{service: "cs", name: "DescribeClustersForRegion", since: "v5.8.0", path: []string{"cn-hangzhou"}},
	{service: "cs", name: "DescribeClustersV1", action: "cs:GetClusters"},
	{service: "cs", name: "DescribeClusterDetail", path: []string{"c1"}},
	{service: "cs", name: "DescribeUserPermission", action: "cs:GetUserPermissions", path: []string{alice}},
	{service: "cs", name: "ListUserKubeConfigStates", since: "v5.5.0", path: []string{alice}},
	{service: "cs", name: "ListClusterKubeconfigStates", since: "v5.5.0", path: []string{"c1"}},
	// Not in v4.5.8; which release brought it is not known.
	{service: "cs", name: "GetClusterAuditProject", since: "v5.9.5", path: []string{"c1"}},
	{service: "cs", name: "DescribeUserClusterNamespaces", path: []string{"c1"}},
	{service: "cs", name: "DescribeClusterUserKubeconfig", write: true, path: []string{"c1"}},
	{service: "cs", name: "DescribeClusterV2UserKubeconfig", write: true, issues: true, path: []string{"c1"}},
	{service: "cs", name: "DescribeSubaccountK8sClusterUserConfig", write: true, issues: true, path: []string{"c1", alice}},
	{service: "cs", name: "RevokeK8sClusterKubeConfig", since: "v5.7.0", write: true, path: []string{"c1"}},
	{service: "cs", name: "UpdateUserPermissions", since: "v5.0.0", write: true, path: []string{alice},
		request: obj{"mode": "patch", "body": []obj{{"cluster": "c1", "role_name": "dev", "role_type": "cluster"}}}},
	{service: "cs", name: "CleanClusterUserPermissions", since: "v5.5.0", write: true, path: []string{"c1", alice}, request: force},
	{service: "cs", name: "CleanUserPermissions", since: "v5.5.0", write: true, path: []string{alice}, request: force},
	{service: "cs", name: "DescribeTaskInfo", path: []string{"clean-user-permissions-1"}},

	{service: "ram", name: "ListUsers"},
	{service: "ram", name: "ListRoles"},
	{service: "ram", name: "GetUser", request: obj{"UserName": "alice"}},
	{service: "ram", name: "GetRole", request: obj{"RoleName": "deployer"}},
	{service: "ram", name: "GetLoginProfile", request: obj{"UserName": "alice"}},
	{service: "ram", name: "ListAccessKeys", request: obj{"UserName": "alice"}},

	{service: "sts", name: "GetCallerIdentity"},
	{service: "sts", name: "AssumeRole", request: assume("deployer", "")},

	// Not served: of each service one, to see that it is refused as the help of simulate says.
	{service: "cs", name: "DescribeEvents", unserved: true},
	{service: "ram", name: "ListGroups", unserved: true},
	{service: "sts", name: "AssumeRoleWithOIDC", unserved: true, unsigned: true, request: obj{"OIDCToken": "none",
		"RoleSessionName": "interop", "OIDCProviderArn": "acs:ram::1234567890123456:oidc-provider/ack",
		"RoleArn": "acs:ram::1234567890123456:role/deployer"}},
}

func of(name string) operation {
	return operations[slices.IndexFunc(operations, func(o operation) bool { return o.name == name })]
}

func (o operation) permission() string { return or(o.action, o.service+":"+o.name) }

// complete looks for what was left out: every client has tried all that its service serves and it has a method for, and that is
// what documentation says it has; and all that simulate's help names is known here.
func complete(t *table, tried []*client, program string) error {
	for _, c := range tried {
		for _, o := range operations {
			if o.service != c.service {
				continue
			}
			cell := t.cell(c, o.name)
			switch {
			case c.has(o.name) != !older(c.version, o.since):
				cell.differ("it has this method: %v; it should since %s", c.has(o.name), or(o.since, "always"))
			case c.has(o.name) && cell.calls == 0, c.has(o.name) && cell.values == 0 && !o.issues && !o.unserved:
				cell.differ("not tried, or never with success")
			}
		}
	}
	return known(program)
}

// known reads in the help of simulate what it serves, which has to be known here.
func known(program string) error {
	help, err := exec.Command(program, "simulate", "--help").Output()
	if err != nil {
		return fmt.Errorf("the help of simulate: %w", err)
	}
	found := false
	for part := range strings.SplitSeq(string(help), "\n\n") {
		if !strings.HasPrefix(part, "  CS: ") {
			continue
		}
		found = true
		for word := range strings.FieldsSeq(part) {
			served := slices.ContainsFunc(operations, func(o operation) bool { return o.name == word && !o.unserved })
			if !strings.HasSuffix(word, ":") && !served {
				return fmt.Errorf("simulate serves %s, and no client is asked for it", word)
			}
		}
	}
	if !found {
		return fmt.Errorf("the help of simulate lists no operations any more:\n%s", help)
	}
	return nil
}

// older compares versions, the empty one being the oldest.
func older(version, than string) bool {
	if than == "" {
		return false
	}
	a, b := strings.Split(version[1:], "."), strings.Split(than[1:], ".")
	return slices.CompareFunc(a, b, func(x, y string) int {
		m, _ := strconv.Atoi(x)
		n, _ := strconv.Atoi(y)
		return m - n
	}) < 0
}

package cli_test

import (
	"context"
	"path/filepath"
	"testing"

	"ackrevoke/cmd/test/stage"
)

const member = "2000000000000002"

// Every command that reads a policy works on its account as the role that it
// names; the account whose keys are used is asked for that role and for nothing
// else.
func TestAssumeRole(t *testing.T) {
	dir := stage.Put(t, map[string]string{
		"policy.yaml": stage.MemberPolicy(member, "externalId: fleet-7\n"),
		"empty.yaml": "version: 1\naccount: \"" + member + "\"\nassumeRole: " + stage.MemberRole(member) +
			"\nexternalId: fleet-7\nprincipals: []\n",
	})
	policy, empty, out := filepath.Join(dir, "policy.yaml"), filepath.Join(dir, "empty.yaml"), filepath.Join(dir, "report.json")
	stage.BubbleOfAccounts(t, stage.HubEstate(), [][]byte{stage.MemberEstate(member, ", external: fleet-7")}, nil, func(w *stage.Accounts) {
		for _, c := range []struct {
			args []string
			code int
			ask  string // what the member account must have been asked for
		}{
			{[]string{"run", "-p", policy, "-o", out}, 0, "ListUserKubeConfigStates"},
			{[]string{"doctor", "-p", policy}, 0, "DescribeRegions"},
			{[]string{"audit", "-p", policy}, 0, "ListClusterKubeconfigStates"},
			{[]string{"add", "alice", "--reason", "departed", "-p", empty}, 0, "ListUsers"},
			{[]string{"pin", "-p", policy}, 0, "ListUsers"},
			{[]string{"run", "-p", policy, "-o", out, "--dry-run=false"}, 0, "CleanClusterUserPermissions"},
			{[]string{"restore", out, "-p", empty, "--uid", stage.AliceUID, "--cluster", "c1", "--dry-run=false"}, 0, "UpdateUserPermissions"},
		} {
			got := w.Enter(context.Background(), nil, c.args...)
			if hub := got.In(stage.Account); got.Code != c.code || len(hub) != 1 || hub["AssumeRole"] != 1 || got.In(member)[c.ask] == 0 {
				t.Errorf("%v: exit %d, the hub saw %v, the member %v\n%s%s", c.args, got.Code, hub, got.In(member), got.Stdout, got.Stderr)
			}
		}
	})
}

// Without the role there is no run: what is missing is said, and nothing of the
// account was touched.
func TestAssumeRoleIsRefused(t *testing.T) {
	dir := stage.Put(t, map[string]string{
		"denied.yaml":  stage.MemberPolicy(member, "externalId: another\n"),
		"nowhere.yaml": stage.MemberPolicy("2000000000000003", ""),
		"foreign.yaml": "version: 1\naccount: \"" + member + "\"\nprincipals: []\n", // no role: whoever has the keys works on it
	})
	stage.BubbleOfAccounts(t, stage.HubEstate(), [][]byte{stage.MemberEstate(member, ", external: fleet-7")}, nil, func(w *stage.Accounts) {
		for name, c := range map[string]struct {
			code int
			says []string
		}{
			"denied.yaml": {1, []string{"assumeRole: acs:ram::" + member + ":role/ackrevoke", "NoPermission", "externalId must be the same"}},
			"nowhere.yaml": {1, []string{"assumeRole: acs:ram::2000000000000003:role/ackrevoke", "NoPermission",
				"the trust policy of the role must name whoever assumes it"}},
			"foreign.yaml": {4, []string{"the credentials belong to account " + stage.Account}},
		} {
			path := filepath.Join(dir, name)
			got := w.Enter(context.Background(), nil, "run", "-p", path, "-o", path+".json", "--dry-run=false")
			if got.Code != c.code || len(got.In(member)) > 0 {
				t.Errorf("%s: exit %d, the member saw %v", name, got.Code, got.In(member))
			}
			stage.Says(t, got.Stderr, c.says...)
		}
	})
}

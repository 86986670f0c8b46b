package tools

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What an install is refused for, and the words that help. Each starts from values
// that would do, by `file`, or from nothing.
func TestRefused(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.yaml")
	if err := os.WriteFile(empty, []byte("version: 1\naccount: \"1234567890123456\"\nprincipals: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const one, two = "audit-only.yaml", "existing.yaml"
	for _, c := range []struct{ file, flags, says string }{
		{"", "", "--set-file policy=policy.yaml"},
		{one, "--set policy=", "--reset-then-reuse-values keeps the one that is installed"},
		{one, "--set policy=policy.yaml", `policy is the text "policy.yaml". To hand over what is in a file: --set-file policy=policy.yaml`},
		{one, "--set-file policy=" + empty, "policy lists nobody"},
		{one, "--set-file policy=" + empty, "guards: {allowEmpty: true}"},
		{one, "--set-file policy=" + chart + "/Chart.yaml", "policy has no key principals"},
		{one, "--set-file policy=" + root + "/go.mod", "policy is no policy"},
		{one, "--set existingPolicy.configMap=x", "Several policies: policy, existingPolicy.configMap"},
		{one, "--set existingAccounts.configMap=x", "Several policies: policy, existingAccounts.configMap"},
		{two, "--set existingPolicy.configMap=ackrevoke-policy", "is the release's own"},
		{"accounts.yaml", `--set-file accounts.more\.yaml=` + empty, "more.yaml lists nobody"},
		{"accounts.yaml", "--kube-version v1.28.3-aliyun.1", "Many accounts need Kubernetes 1.29"},
		{one, "--kube-version v1.24.6-aliyun.1", "requires kubeVersion: >=1.26.0-0"},
		{one, "--set shards=2", "leave shards at 1"},
		{one, "--set image.repository=", "make image"},
		{one, "--set image.tag=", "make image prints the tag and the digest"},
		{one, "--set roundTimeout=2h", "set timeout"},
		{"accounts.yaml", "--set roundTimeout=20m", "roundTimeout is 20m, and a single file of the round may take 30m"},
		{two, "--is-upgrade --set restore.enabled=true,restore.cluster=c1,restore.apply=true --set-string restore.uid=1",
			"gives back once more with each upgrade"},
		{one, "--set rrsa.roleName=", "--set rrsa.roleName=ROLE"},
		{one, "--set existingSecret.name=x", "an access key beats RRSA"},
		{two, "--set audit.roleName=x", "audit.roleName is for RRSA"},
		{one, "--set labels.app\\.kubernetes\\.io/name=x", "labels has app.kubernetes.io/name, which the chart sets itself"},
		{one, "--set prometheusRule.labels.helm\\.sh/chart=x", "labels has helm.sh/chart, which the chart sets itself"},
		{one, "--set metrics.push=http://u:pass/word@gateway:9091", "kubectl create secret generic NAME"},
		{one, "--set vpc=true", "--set region=cn-hangzhou"},
		{one, "--set args={--dry-run=false}", "args has --dry-run=false, which the value revoke decides"},
		{one, "--set audit.args={--policy=x}", "audit.args has --policy=x, which the value policy decides"},
		{one, "--set read.enabled=true,read.image=busybox", "There is no claim to read"},
		{two, "--set read.enabled=true", "read.image is not set"},
		{one, "--set restore.enabled=true", "There is no claim to restore from"},
		{two, "--set restore.enabled=true,restore.cluster=c1", "--set-string restore.uid=UID"},
		{"accounts.yaml", "--set restore.enabled=true,restore.cluster=c1 --set-string restore.uid=1", "--set restore.policy=FILE.yaml"},
	} {
		args := []string{"template", "ackrevoke", chart, "--namespace", "ackrevoke"}
		if c.file != "" {
			args = append(args, "--values", filepath.Join(ci, c.file))
		}
		if _, err := helm(append(args, strings.Fields(c.flags)...)...); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s %s\nwant: %s\n got: %v", c.file, c.flags, c.says, err)
		}
	}
}

// And what looks alike and is meant.
func TestNotRefused(t *testing.T) {
	for _, flags := range []string{
		"--kube-version v1.26.15-aliyun.1",
		"--set rrsa.roleName=,env.ALIBABA_CLOUD_CREDENTIALS_URI=http://127.0.0.1:1/",
		"--set args={--region=cn-hangzhou,--read-qps=5}",
		"--is-upgrade --set restore.enabled=true,restore.cluster=c1,restore.apply=true,restore.inRelease=true,storage.always=true " +
			"--set-string restore.uid=1",
		"--is-upgrade --set restore.enabled=true,restore.cluster=c1,storage.always=true --set-string restore.uid=1", // which only looks
		"--set labels.app\\.kubernetes\\.io/part-of=x",
		"--set-file policy=" + root + "/policy.yaml",
	} {
		if o := rendered(t, "audit-only.yaml", strings.Fields(flags)...); len(o.cronJobs) != 2 {
			t.Errorf("%s: %d CronJobs", flags, len(o.cronJobs))
		}
	}
}

package tools

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
)

// A disruption is retried and an exit code is an answer; with many accounts it is
// the answer of one shard.
func TestFailures(t *testing.T) {
	for file, action := range map[string]batchv1.PodFailurePolicyAction{
		"revoke.yaml": batchv1.PodFailurePolicyActionFailJob, "accounts.yaml": batchv1.PodFailurePolicyActionFailIndex,
	} {
		pod, job := rendered(t, file).pod(t, "ackrevoke")
		rules := job.PodFailurePolicy.Rules
		if len(rules) != 2 || rules[0].Action != batchv1.PodFailurePolicyActionIgnore ||
			rules[0].OnPodConditions[0].Type != corev1.DisruptionTarget {
			t.Errorf("%s: a disruption: %+v", file, rules)
		}
		if on := rules[1].OnExitCodes; rules[1].Action != action || *on.ContainerName != pod.Containers[0].Name ||
			on.Operator != batchv1.PodFailurePolicyOnExitCodesOpNotIn || !slices.Equal(on.Values, []int32{0}) {
			t.Errorf("%s: an exit code: %+v", file, rules[1])
		}
	}
}

func TestManyAccounts(t *testing.T) {
	o := rendered(t, "accounts.yaml")
	pod, job := o.pod(t, "ackrevoke")
	if *job.CompletionMode != batchv1.IndexedCompletion || *job.Completions != 2 || *job.Parallelism != 2 ||
		job.BackoffLimitPerIndex == nil || job.BackoffLimit != nil || environment(pod)["JOB_COMPLETIONS"] != "2" {
		t.Errorf("no Indexed Job of two shards: %+v", job)
	}
	files := o.configMaps["ackrevoke-policy"].Data
	if len(files) != 3 || files["production.yaml"] == "" || files["staging.yaml"] == "" || files["sandbox.yaml"] == "" {
		t.Errorf("the files of the accounts: %v", files)
	}
	if mounts := pod.Containers[0].VolumeMounts; mounts[0].MountPath != "/etc/ackrevoke/accounts" {
		t.Errorf("mounted at %s", mounts[0].MountPath)
	}
	if modes := o.claims["ackrevoke"].Spec.AccessModes; !slices.Equal(modes, []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany}) {
		t.Errorf("two pods write the claim: %v", modes)
	}
	if o.cronJobs["ackrevoke-audit"] != nil {
		t.Error("an audit looks at one account")
	}
	o = rendered(t, "existing-accounts.yaml")
	pod, job = o.pod(t, "ackrevoke")
	if *job.Completions != 1 || volume(t, pod, "policy").ConfigMap.Name != "leavers" || len(o.configMaps) != 0 {
		t.Errorf("a ConfigMap of the user's: %+v", job)
	}
	one := rendered(t, "existing-accounts.yaml", "--set", "existingAccounts.configMap=",
		"--set-file", `accounts.prod\.yaml=`+root+"/policy.yaml")
	if text := one.configMaps["ackrevoke-policy"].Data["prod.yaml"]; text != read(t, root+"/policy.yaml") {
		t.Errorf("a file is handed over with --set-file, and this arrived:\n%s", text)
	}
}

// Some hours after shards have run, a pod without any access reads what they left: it
// fails where that proves nothing, and not because of how the runs ended.
func TestSummaryOfShards(t *testing.T) {
	o := rendered(t, "accounts.yaml")
	pod, job := o.pod(t, "ackrevoke-summary")
	c := pod.Containers[0]
	const args = "summary /var/lib/ackrevoke/reports --max-age=12h --proof-only --log-format=json"
	if got := strings.Join(c.Args, " "); got != args || job.PodFailurePolicy.Rules[1].Action != batchv1.PodFailurePolicyActionFailJob {
		t.Errorf("%s %+v", got, job.PodFailurePolicy)
	}
	if pod.ServiceAccountName != "default" || len(c.Env) != 0 || len(c.VolumeMounts) != 1 || !c.VolumeMounts[0].ReadOnly ||
		volume(t, pod, "data").PersistentVolumeClaim.ClaimName != "ackrevoke" {
		t.Errorf("%+v", c)
	}
	for why, flags := range map[string]string{"one shard": "shards=1", "no claim": "revoke=false", "not wanted": "summary.enabled=false"} {
		if o := rendered(t, "accounts.yaml", "--set", flags); len(o.cronJobs) != 1 {
			t.Errorf("%s: %d CronJobs", why, len(o.cronJobs))
		}
	}
	o = rendered(t, "accounts.yaml", "--set", "revoke=false,storage.always=true,summary.maxAge=30h", "--set", "summary.schedule=0 9 * * *")
	pod, _ = o.pod(t, "ackrevoke-summary")
	if pod.Containers[0].Args[2] != "--max-age=30h" || o.cronJobs["ackrevoke-summary"].Spec.Schedule != "0 9 * * *" {
		t.Errorf("a dry run: %v", pod.Containers[0].Args)
	}
}

// A Job over many files has the time of as many as come one after the other.
func TestDeadlineOfARound(t *testing.T) {
	var forty strings.Builder
	forty.WriteString("accounts:\n")
	for n := range 40 {
		fmt.Fprintf(&forty, "  a%d.yaml: |\n    principals: [{uid: \"1\"}]\n", n)
	}
	values := filepath.Join(t.TempDir(), "forty.yaml")
	if err := os.WriteFile(values, []byte(forty.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		file, flags string
		seconds     int64
	}{
		{"existing-accounts.yaml", "--set=existingAccounts.configMap=", 3*1800 + 600}, // 16 at a time
		{"existing-accounts.yaml", "--set=existingAccounts.configMap=,shards=2,timeout=10m", 2*600 + 600},
		{"existing-accounts.yaml", "--set=existingAccounts.configMap=,args={--accounts-concurrency=4}", 10*1800 + 600},
		{"existing-accounts.yaml", "--set=existingAccounts.configMap=,labels.x=y --set-string=env.ACKREVOKE_ACCOUNTS_CONCURRENCY=40", 1800 + 600},
		{"existing-accounts.yaml", "--set=existingAccounts.configMap=,roundTimeout=2h", 7200 + 600},
	} {
		_, job := rendered(t, c.file, append(strings.Fields(c.flags), "--values", values)...).pod(t, "ackrevoke")
		if *job.ActiveDeadlineSeconds != c.seconds {
			t.Errorf("%s: %d s, want %d", c.flags, *job.ActiveDeadlineSeconds, c.seconds)
		}
	}
	for flags, seconds := range map[string]int64{"timeout=30m": 21600 + 600, "timeout=9h": 32400 + 600, "roundTimeout=90m": 5400 + 600} {
		_, job := rendered(t, "existing-accounts.yaml", "--set", flags).pod(t, "ackrevoke")
		if *job.ActiveDeadlineSeconds != seconds {
			t.Errorf("files that nobody counts, %s: %d s, want %d", flags, *job.ActiveDeadlineSeconds, seconds)
		}
	}
}

package tools

import (
	"slices"
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
	if len(o.cronJobs) != 1 {
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

package tools

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

// The two Jobs come where they are asked for, and not with a release.
func TestJobsAreNoPartOfTheRelease(t *testing.T) {
	if o := rendered(t, "revoke.yaml"); len(o.jobs) != 0 {
		t.Errorf("%d Jobs", len(o.jobs))
	}
}

// one is the only Job that these values and flags make, by the template of it.
func one(t *testing.T, template, file string, flags ...string) (name string, pod corev1.PodSpec) {
	t.Helper()
	jobs := rendered(t, file, append(flags, "--show-only", "templates/"+template)...).jobs
	if len(jobs) != 1 {
		t.Fatalf("%s makes %d Jobs", template, len(jobs))
	}
	for name, job := range jobs {
		if *job.Spec.BackoffLimit != 0 || *job.Spec.TTLSecondsAfterFinished != 3600 || job.Spec.ActiveDeadlineSeconds == nil {
			t.Errorf("%s: tried again, kept for good, or without an end: %+v", name, job.Spec)
		}
		return name, job.Spec.Template.Spec
	}
	return "", pod
}

// Who reads sees the claim of the run, and can change nothing on it.
func TestReadJob(t *testing.T) {
	const image = "read.image=registry.example.com/busybox:1.36"
	for file, claim := range map[string]string{
		"revoke.yaml": "ackrevoke", "existing.yaml": "ackrevoke-data", "existing-accounts.yaml": "ackrevoke",
	} {
		name, pod := one(t, "read-job.yaml", file, "--set", "read.enabled=true", "--set", image)
		c := pod.Containers[0]
		if name != "ackrevoke-read" || c.Image != "registry.example.com/busybox:1.36" || strings.Join(c.Command, " ") != "cat report.json" ||
			c.WorkingDir != "/var/lib/ackrevoke" || len(c.Env) != 0 {
			t.Errorf("%s: %s %+v", file, name, c)
		}
		if len(c.VolumeMounts) != 1 || !c.VolumeMounts[0].ReadOnly || volume(t, pod, "data").PersistentVolumeClaim.ClaimName != claim {
			t.Errorf("%s: %+v", file, c.VolumeMounts)
		}
	}
	_, pod := one(t, "read-job.yaml", "revoke.yaml", "--set", "read.enabled=true", "--set", image, "--set", "read.command={cat,report-2.json}")
	if got := strings.Join(pod.Containers[0].Command, " "); got != "cat report-2.json" {
		t.Error(got)
	}
}

// Who restores only looks, unless apply is set, and has the policy and the access of the run.
func TestRestoreJob(t *testing.T) {
	who := []string{"--set", "restore.enabled=true,restore.cluster=c1", "--set-string", "restore.uid=200000000000000002"}
	const looks = "restore /var/lib/ackrevoke/report.json --uid=200000000000000002 --cluster=c1 --policy=/etc/ackrevoke/policy.yaml"
	for _, c := range []struct{ file, flags, name, args string }{
		{"existing.yaml", "", "ackrevoke-restore", looks + " --timeout=30m --log-format=json"},
		{"existing.yaml", "--set restore.apply=true", "ackrevoke-restore-apply", looks + " --dry-run=false --timeout=30m --log-format=json"},
		{"revoke.yaml", "--set restore.args={--older},timeout=5m", "ackrevoke-restore",
			looks + " --timeout=5m --log-format=json --region=cn-hangzhou --vpc --older"},
		{"accounts.yaml", "--set restore.policy=staging.yaml,restore.report=reports/staging.json", "ackrevoke-restore",
			"restore /var/lib/ackrevoke/reports/staging.json --uid=200000000000000002 --cluster=c1 " +
				"--policy=/etc/ackrevoke/accounts/staging.yaml --timeout=30m --log-format=json"},
	} {
		name, pod := one(t, "restore-job.yaml", c.file, append(who, strings.Fields(c.flags)...)...)
		if got := strings.Join(pod.Containers[0].Args, " "); name != c.name || got != c.args {
			t.Errorf("%s %s\n got %s %s\nwant %s %s", c.file, c.flags, name, got, c.name, c.args)
		}
		run, _ := rendered(t, c.file).pod(t, "ackrevoke")
		env := environment(run)
		delete(env, "JOB_COMPLETIONS")
		for key, value := range environment(pod) {
			if env[key] != value {
				t.Errorf("%s: %s is %q, and in the run %q", c.file, key, value, env[key])
			}
			delete(env, key)
		}
		if len(env) != 0 || pod.ServiceAccountName != run.ServiceAccountName {
			t.Errorf("%s lacks %v", c.file, env)
		}
	}
}

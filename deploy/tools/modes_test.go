package tools

import (
	"slices"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
)

// pod returns the pod of a CronJob, and the Job around it.
func (o objects) pod(t *testing.T, cronJob string) (corev1.PodSpec, batchv1.JobSpec) {
	t.Helper()
	c := o.cronJobs[cronJob]
	if c == nil {
		t.Fatal("there is no CronJob " + cronJob)
	}
	return c.Spec.JobTemplate.Spec.Template.Spec, c.Spec.JobTemplate.Spec
}

func environment(pod corev1.PodSpec) map[string]string {
	env := map[string]string{}
	for _, e := range pod.Containers[0].Env {
		env[e.Name] = e.Value
		if e.ValueFrom != nil {
			env[e.Name] = e.ValueFrom.SecretKeyRef.Name + "/" + e.ValueFrom.SecretKeyRef.Key
		}
	}
	return env
}

func volume(t *testing.T, pod corev1.PodSpec, name string) corev1.VolumeSource {
	t.Helper()
	for _, v := range pod.Volumes {
		if v.Name == name {
			return v.VolumeSource
		}
	}
	t.Fatal("there is no volume " + name)
	return corev1.VolumeSource{}
}

// What the program is told in each mode, to the word.
func TestArguments(t *testing.T) {
	const (
		policy = "--policy=/etc/ackrevoke/policy.yaml"
		files  = "--report=/var/lib/ackrevoke/report.json --journal=/var/lib/ackrevoke/journal"
		many   = "run --policy-dir=/etc/ackrevoke/accounts --report=/var/lib/ackrevoke/reports --shard=auto --journal=/var/lib/ackrevoke/journal"
		json   = "--log-format=json"
	)
	for _, c := range []struct{ file, cronJob, args string }{
		{"audit-only.yaml", "ackrevoke", "run " + policy + " " + files + " --check --timeout=30m " + json},
		{"audit-only.yaml", "ackrevoke-audit", "audit " + policy + " --fail-on=deleted,locked --format=json --timeout=30m " + json},
		{"revoke.yaml", "ackrevoke", "run " + policy + " " + files + " --dry-run=false --timeout=30m " + json + " --region=cn-hangzhou --vpc"},
		{"existing.yaml", "ackrevoke", "run " + policy + " " + files + " --dry-run=false --timeout=30m " + json},
		{"everything.yaml", "ackrevoke", "run " + policy + " " + files + " --dry-run=false --timeout=1h " + json +
			" --push=http://pushgateway.monitoring:9091 --push-source=ackrevoke.ackrevoke --verify-timeout=5m --max-revocations=50"},
		{"everything.yaml", "ackrevoke-audit",
			"audit " + policy + " --fail-on=deleted,locked,residual --format=json --timeout=1h " + json + " --grants --residual"},
		{"accounts.yaml", "ackrevoke", many + " --dry-run=false --timeout=30m " + json +
			" --push=https://push.example.com/gateway --push-source=ackrevoke.ackrevoke"},
		{"existing-accounts.yaml", "ackrevoke", many + " --check --timeout=30m " + json},
	} {
		pod, _ := rendered(t, c.file).pod(t, c.cronJob)
		if got := strings.Join(pod.Containers[0].Args, " "); got != c.args {
			t.Errorf("%s %s\n got %s\nwant %s", c.file, c.cronJob, got, c.args)
		}
	}
}

// A dry run needs no claim, what revokes has one that outlives the release, and no
// two are made where one is there.
func TestVolumes(t *testing.T) {
	o := rendered(t, "audit-only.yaml")
	pod, _ := o.pod(t, "ackrevoke")
	if v := volume(t, pod, "data"); v.EmptyDir == nil || len(o.claims) != 0 {
		t.Errorf("a dry run: %+v", v)
	}
	o = rendered(t, "audit-only.yaml", "--set", "storage.always=true")
	pod, _ = o.pod(t, "ackrevoke")
	if v := volume(t, pod, "data"); v.PersistentVolumeClaim == nil || o.claims["ackrevoke"] == nil {
		t.Errorf("a dry run whose reports stay: %+v", v)
	}
	o = rendered(t, "revoke.yaml")
	pod, _ = o.pod(t, "ackrevoke")
	c := o.claims["ackrevoke"]
	if v := volume(t, pod, "data"); v.PersistentVolumeClaim.ClaimName != "ackrevoke" ||
		c.Annotations["helm.sh/resource-policy"] != "keep" ||
		*c.Spec.StorageClassName != "alicloud-disk-essd" || c.Spec.Resources.Requests.Storage().String() != "20Gi" ||
		!slices.Equal(c.Spec.AccessModes, []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce}) {
		t.Errorf("%+v %+v", v, c)
	}
	if c := rendered(t, "revoke.yaml", "--set", "storage.className=").claims["ackrevoke"]; c.Spec.StorageClassName != nil {
		t.Error("no class is another thing than the default class")
	}
	o = rendered(t, "existing.yaml")
	pod, _ = o.pod(t, "ackrevoke")
	if v := volume(t, pod, "data"); v.PersistentVolumeClaim.ClaimName != "ackrevoke-data" || len(o.claims) != 0 {
		t.Errorf("a claim of the user's: %+v", v)
	}
	if v := volume(t, pod, "policy").ConfigMap; v.Name != "leavers" || v.Items[0].Key != "list.yaml" || v.Items[0].Path != "policy.yaml" {
		t.Errorf("a policy of the user's: %+v", v)
	}
	if v := volume(t, pod, "ca").ConfigMap; v.Name != "company-ca" || v.Items[0].Key != "bundle.pem" {
		t.Errorf("a CA of the user's: %+v", v)
	}
}

// Who asks the account, and at which STS.
func TestAccess(t *testing.T) {
	o := rendered(t, "revoke.yaml")
	pod, _ := o.pod(t, "ackrevoke")
	env := environment(pod)
	if env["ALIBABA_CLOUD_STS_REGION"] != "cn-hangzhou" || env["ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED"] != "true" ||
		o.accounts["ackrevoke"].Annotations["pod-identity.alibabacloud.com/role-name"] != "ackrevoke" {
		t.Errorf("RRSA inside a VPC: %v", env)
	}
	pod, _ = rendered(t, "accounts.yaml").pod(t, "ackrevoke")
	if env := environment(pod); env["ALIBABA_CLOUD_STS_REGION"] != "cn-hangzhou" || env["ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED"] != "false" {
		t.Errorf("RRSA: %v", env)
	}
	o = rendered(t, "existing.yaml")
	pod, _ = o.pod(t, "ackrevoke")
	env = environment(pod)
	for _, key := range []string{"ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN"} {
		if env[key] != "ackrevoke-keys/"+key {
			t.Errorf("%s is %q", key, env[key])
		}
	}
	if env["SSL_CERT_FILE"] != "/etc/ackrevoke-ca/ca.crt" || env["HTTPS_PROXY"] != "http://proxy.example.com:3128" ||
		len(o.accounts["ackrevoke"].Annotations) != 0 {
		t.Errorf("a proxy: %v", env)
	}
	o = rendered(t, "everything.yaml")
	pod, _ = o.pod(t, "ackrevoke-audit")
	if pod.ServiceAccountName != "ackrevoke-audit" ||
		o.accounts["ackrevoke-audit"].Annotations["pod-identity.alibabacloud.com/role-name"] != "ackrevoke-audit" {
		t.Errorf("the audit has a role of its own: %s", pod.ServiceAccountName)
	}
	if read := o.jobs["ackrevoke-read"].Spec.Template.Spec; read.ServiceAccountName != "default" {
		t.Error("an image of somebody else's gets a token of the RAM role")
	}
}

// The Job is ended after its run has had its --timeout, whatever the unit.
func TestDeadline(t *testing.T) {
	for timeout, want := range map[string]int64{"30m": 2400, "90s": 690, "2h": 7800} {
		o := rendered(t, "everything.yaml", "--set", "timeout="+timeout)
		for name := range o.cronJobs {
			if _, job := o.pod(t, name); *job.ActiveDeadlineSeconds != want {
				t.Errorf("%s %s: %d s, want %d", name, timeout, *job.ActiveDeadlineSeconds, want)
			}
		}
	}
}

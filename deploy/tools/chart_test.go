package tools

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

// Every combination of values under deploy/chart/ci passes helm lint, renders to
// manifests that Kubernetes takes, and makes pods with the least that they need.
func TestCombinations(t *testing.T) {
	for _, file := range combinations(t) {
		t.Run(file, func(t *testing.T) {
			if _, err := helm("lint", "--strict", chart, "--values", filepath.Join(ci, file)); err != nil {
				t.Error(err)
			}
			o := rendered(t, file)
			for _, name := range []string{"ackrevoke", "ackrevoke-audit", "ackrevoke-summary"} {
				if c := o.cronJobs[name]; c != nil && (c.Spec.TimeZone == nil || c.Spec.ConcurrencyPolicy != "Forbid" ||
					c.Spec.StartingDeadlineSeconds == nil || c.Spec.JobTemplate.Spec.ActiveDeadlineSeconds == nil) {
					t.Errorf("%s: %+v", name, c.Spec)
				}
			}
			for owner, pod := range o.pods() {
				t.Run(owner, func(t *testing.T) {
					hardened(t, pod.Spec)
					joined(t, o, pod.Spec)
					labelled(t, pod)
					equipped(t, pod.Spec)
				})
			}
		})
	}
}

// hardened is what Kubernetes calls a restricted pod, and more.
func hardened(t *testing.T, pod corev1.PodSpec) {
	t.Helper()
	s := pod.SecurityContext
	if s == nil || !*s.RunAsNonRoot || *s.RunAsUser != 65532 || *s.RunAsGroup != 65532 || *s.FSGroup != 65532 ||
		s.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault {
		t.Errorf("the pod may do more than it needs: %+v", s)
	}
	if pod.HostNetwork || pod.HostPID || pod.HostIPC || len(pod.InitContainers) > 0 || len(pod.Containers) != 1 {
		t.Error("it shares something with its node, or with another container")
	}
	if pod.AutomountServiceAccountToken == nil || *pod.AutomountServiceAccountToken || *pod.EnableServiceLinks {
		t.Error("it is given a token of this cluster, or the addresses of its Services")
	}
	if pod.RestartPolicy != corev1.RestartPolicyNever || *pod.TerminationGracePeriodSeconds < 10 {
		t.Errorf("restart %s, %d s to end", pod.RestartPolicy, *pod.TerminationGracePeriodSeconds)
	}
	for _, c := range pod.Containers {
		s := c.SecurityContext
		if *s.AllowPrivilegeEscalation || !*s.ReadOnlyRootFilesystem || s.Privileged != nil || len(s.Capabilities.Add) > 0 ||
			!slices.Equal(s.Capabilities.Drop, []corev1.Capability{"ALL"}) {
			t.Errorf("%s may do more than it needs: %+v", c.Name, s)
		}
		if c.TerminationMessagePolicy != corev1.TerminationMessageFallbackToLogsOnError {
			t.Errorf("%s: nobody sees its last line", c.Name)
		}
		if c.Resources.Limits.Memory().IsZero() || c.Resources.Requests.Cpu().IsZero() {
			t.Errorf("%s: no resources", c.Name)
		}
	}
}

// joined means that all that a pod names is there: its volumes, and what the release
// itself makes for them.
func joined(t *testing.T, o objects, pod corev1.PodSpec) {
	t.Helper()
	own := func(name string) bool {
		return strings.HasPrefix(name, "ackrevoke") && !strings.HasSuffix(name, "-data")
	}
	if a := pod.ServiceAccountName; a != "default" && o.accounts[a] == nil {
		t.Errorf("no ServiceAccount %s", a)
	}
	volumes := map[string]bool{}
	for _, v := range pod.Volumes {
		volumes[v.Name] = true
		switch {
		case v.ConfigMap != nil && own(v.ConfigMap.Name) && o.configMaps[v.ConfigMap.Name] == nil:
			t.Errorf("no ConfigMap %s", v.ConfigMap.Name)
		case v.PersistentVolumeClaim != nil && own(v.PersistentVolumeClaim.ClaimName) && o.claims[v.PersistentVolumeClaim.ClaimName] == nil:
			t.Errorf("no claim %s", v.PersistentVolumeClaim.ClaimName)
		}
	}
	for _, m := range pod.Containers[0].VolumeMounts {
		if !volumes[m.Name] {
			t.Errorf("no volume %s", m.Name)
		}
		if !m.ReadOnly && m.MountPath != "/var/lib/ackrevoke" {
			t.Errorf("%s can be written", m.MountPath)
		}
	}
	if len(volumes) != len(pod.Containers[0].VolumeMounts) {
		t.Error("a volume that nobody mounts")
	}
}

func labelled(t *testing.T, pod corev1.PodTemplateSpec) {
	t.Helper()
	for _, key := range []string{"name", "instance", "component"} {
		if pod.Labels["app.kubernetes.io/"+key] == "" {
			t.Errorf("no label app.kubernetes.io/%s", key)
		}
	}
}

// equipped means that the environment says where STS is wholly or not at all, and
// that no key stands in a manifest.
func equipped(t *testing.T, pod corev1.PodSpec) {
	t.Helper()
	env := map[string]corev1.EnvVar{}
	for _, e := range pod.Containers[0].Env {
		if _, twice := env[e.Name]; twice {
			t.Errorf("%s is set twice", e.Name)
		}
		env[e.Name] = e
		if strings.Contains(e.Name, "ACCESS_KEY") && e.Value != "" {
			t.Errorf("%s stands in the manifest", e.Name)
		}
	}
	_, region := env["ALIBABA_CLOUD_STS_REGION"]
	if _, vpc := env["ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED"]; region != vpc {
		t.Error("one of the two variables of STS is missing")
	}
}

package tools

import (
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
)

// What is called how, and where it comes from.
func TestNames(t *testing.T) {
	pod, _ := rendered(t, "existing.yaml").pod(t, "ackrevoke")
	if image := pod.Containers[0].Image; !strings.HasPrefix(image, "registry.example.com/ackrevoke@sha256:") {
		t.Errorf("a digest: %s", image)
	}
	pod, _ = rendered(t, "audit-only.yaml").pod(t, "ackrevoke")
	if image := pod.Containers[0].Image; image != "registry.example.com/ackrevoke:v1.2.0" {
		t.Errorf("a tag: %s", image)
	}
	for file, version := range map[string]string{"audit-only.yaml": "v1.2.0", "revoke.yaml": "42d2049-dirty", "existing.yaml": ""} {
		if got := rendered(t, file).cronJobs["ackrevoke"].Labels["app.kubernetes.io/version"]; got != version {
			t.Errorf("%s: the version is %q, want that of the image, %q", file, got, version)
		}
	}
	pod, _ = rendered(t, "revoke.yaml").pod(t, "ackrevoke")
	if c := pod.Containers[0]; c.Image != "registry.example.com:5000/team/ackrevoke:42d2049-dirty" || c.ImagePullPolicy != corev1.PullAlways ||
		!slices.Equal(pod.ImagePullSecrets, []corev1.LocalObjectReference{{Name: "registry"}}) {
		t.Errorf("%s %s %v", c.Image, c.ImagePullPolicy, pod.ImagePullSecrets)
	}
	for release, name := range map[string]string{"night": "night-ackrevoke", "my-ackrevoke": "my-ackrevoke",
		"a-release-with-the-longest-name-that-helm-takes": "a-release-with-the-longest-name-that-hel"} {
		out, err := helm("template", release, chart, "--namespace", "ackrevoke", "--values", ci+"/everything.yaml")
		if err != nil {
			t.Fatal(err)
		}
		o := decode(t, out)
		if o.cronJobs[name] == nil || o.cronJobs[name+"-audit"] == nil || len(name+"-audit") > 52 {
			t.Errorf("%s: no CronJobs %s and %s-audit", release, name, name)
		}
	}
}

// What the user says about pods arrives at all of them.
func TestPlaces(t *testing.T) {
	o := rendered(t, "everything.yaml")
	for owner, pod := range o.pods() {
		if pod.Labels["team"] != "platform" || pod.Annotations["example.com/log"] != "json" ||
			pod.Spec.NodeSelector["kubernetes.io/arch"] != "arm64" || len(pod.Spec.Tolerations) != 1 || pod.Spec.Affinity.NodeAffinity == nil ||
			pod.Spec.Containers[0].Resources.Limits.Memory().String() != "512Mi" {
			t.Errorf("%s: %+v", owner, pod)
		}
	}
	for name, schedule := range map[string]string{"ackrevoke": "*/30 1-3 * * 1-5", "ackrevoke-audit": "@weekly"} {
		c := o.cronJobs[name]
		if c.Spec.Schedule != schedule || *c.Spec.TimeZone != "Asia/Shanghai" || c.Labels["team"] != "platform" {
			t.Errorf("%s: %s %s", name, c.Spec.Schedule, *c.Spec.TimeZone)
		}
		if c.Spec.Suspend == nil || !*c.Spec.Suspend {
			t.Errorf("%s is not suspended", name)
		}
	}
	if c := rendered(t, "audit-only.yaml").cronJobs["ackrevoke"]; c.Spec.Suspend != nil {
		t.Error("an upgrade would end a suspension made with kubectl")
	}
	if got := o.claims["ackrevoke"].Spec; got.AccessModes[0] != corev1.ReadWriteOncePod ||
		got.Resources.Requests.Storage().String() != "40Gi" {
		t.Errorf("the claim: %+v", got)
	}
}

// Pods get to DNS, to the account and to the Pushgateway; nobody gets to them.
func TestNetworkPolicy(t *testing.T) {
	if o := rendered(t, "audit-only.yaml"); len(o.policies) != 0 {
		t.Error("a NetworkPolicy where nobody asked for one")
	}
	for file, want := range map[string]string{
		"everything.yaml": "UDP/53,TCP/53 | TCP/443 100.64.0.0/10,2400:3200::/32 | TCP/9091 | TCP/3128",
		"accounts.yaml":   "UDP/53,TCP/53 | TCP/443 | TCP/443",
	} {
		p := rendered(t, file).policies["ackrevoke"].Spec
		var got []string
		for _, rule := range p.Egress {
			got = append(got, egress(rule))
		}
		if g := strings.Join(got, " | "); g != want || len(p.Ingress) != 0 || len(p.PolicyTypes) != 2 {
			t.Errorf("%s\n got %s\nwant %s", file, g, want)
		}
		for owner, pod := range rendered(t, file).pods() {
			for key, value := range p.PodSelector.MatchLabels {
				if pod.Labels[key] != value {
					t.Errorf("%s: the policy is not about %s", file, owner)
				}
			}
		}
	}
}

// egress is one rule in a few words: its ports, and the addresses it is about.
func egress(rule networkingv1.NetworkPolicyEgressRule) string {
	var ports, blocks []string
	for _, p := range rule.Ports {
		ports = append(ports, string(*p.Protocol)+"/"+p.Port.String())
	}
	for _, to := range rule.To {
		if to.IPBlock != nil {
			blocks = append(blocks, to.IPBlock.CIDR)
		}
	}
	return strings.TrimSpace(strings.Join(ports, ",") + " " + strings.Join(blocks, ","))
}

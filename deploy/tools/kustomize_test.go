package tools

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

const kustomize = "../kustomize"

// bases are the folders of deploy/kustomize that are rendered from the chart, each
// with the values beside it.
var bases = []string{"base", "revoke"}

// parts are the files that are rendered, with the template that they are alone of.
var parts = map[string]string{"base/resources.yaml": "", "revoke/resources.yaml": "", "claim/claim.yaml": "templates/claim.yaml"}

var (
	ofHelm = regexp.MustCompile(`(?m)^# Source: .*\n|^ +app.kubernetes.io/managed-by: .*\n|^ +helm.sh/chart: .*\n|^ +app.kubernetes.io/version: .*\n|^ +annotations:\n +helm.sh/resource-policy: .*\n`)
	noMark = regexp.MustCompile(`^---\n`)
)

// What is committed there is what the chart renders now. UPDATE=1 renders it anew.
func TestKustomizeBasesAreCurrent(t *testing.T) {
	for part, template := range parts {
		path := filepath.Join(kustomize, part)
		args := []string{"template", "ackrevoke", chart, "--namespace", "ackrevoke", "--values", filepath.Join(filepath.Dir(path), "values.yaml")}
		if template != "" {
			args = append(args, "--show-only", template)
		}
		out, err := helm(args...)
		if err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf("# Rendered from deploy/chart/ackrevoke with values.yaml, by: make chart UPDATE=1\n%s",
			noMark.ReplaceAllString(ofHelm.ReplaceAllString(out, ""), ""))
		if os.Getenv("UPDATE") == "1" {
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if read(t, path) != want {
			t.Errorf("%s is not what the chart renders: make chart UPDATE=1", path)
		}
	}
}

func build(t *testing.T, folder string) objects {
	t.Helper()
	m, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), filepath.Join(kustomize, folder))
	if err != nil {
		t.Fatal(err)
	}
	text, err := m.AsYaml()
	if err != nil {
		t.Fatal(err)
	}
	return decode(t, string(text))
}

// The bases and the example build. A base has no policy: the pods wait for the one of
// the overlay, and none is green without it.
func TestKustomize(t *testing.T) {
	for _, base := range bases {
		o := build(t, base)
		pod, _ := o.pod(t, "ackrevoke")
		if len(o.configMaps) != 0 {
			t.Errorf("%s: %+v", base, o)
		}
		if len(o.claims)+len(o.namespaces) > 0 {
			t.Errorf("kubectl delete -k %s would take the journal with the claim, or with the namespace", base)
		}
		kept := volume(t, pod, "data").PersistentVolumeClaim
		if (kept != nil) != (base == "revoke") || kept != nil && kept.ClaimName != "ackrevoke" {
			t.Errorf("%s: a claim: %v", base, kept)
		}
	}
	claim := build(t, "claim")
	if claim.claims["ackrevoke"] == nil || claim.namespaces["ackrevoke"].Labels["pod-identity.alibabacloud.com/injection"] != "on" {
		t.Errorf("the claim: %+v", claim)
	}
	if o := build(t, "namespace"); len(o.namespaces) != 1 || len(o.claims) > 0 {
		t.Errorf("the namespace: %+v", o)
	}
	o := build(t, "example")
	pod, _ := o.pod(t, "ackrevoke")
	audit, _ := o.pod(t, "ackrevoke-audit")
	name := volume(t, pod, "policy").ConfigMap.Name
	if !strings.HasPrefix(name, "ackrevoke-list-") || volume(t, audit, "policy").ConfigMap.Name != name ||
		o.configMaps[name].Data["policy.yaml"] != read(t, kustomize+"/example/policy.yaml") {
		t.Errorf("the file policy.yaml is not what is mounted, by %q", name)
	}
	if image := pod.Containers[0].Image; image != "registry.example.com/ackrevoke:v0.1.0" {
		t.Errorf("the image is %s", image)
	}
	if role := o.accounts["ackrevoke"].Annotations["pod-identity.alibabacloud.com/role-name"]; role != "night-watch" {
		t.Errorf("the role is %s", role)
	}
	if env := environment(pod); env["ALIBABA_CLOUD_STS_REGION"] != "eu-central-1" {
		t.Errorf("the environment is %v", env)
	}
	if len(o.claims)+len(o.namespaces) > 0 {
		t.Error("kubectl delete -k of the example takes more than it made")
	}
	for owner, pod := range o.pods() {
		t.Run(owner, func(t *testing.T) {
			hardened(t, pod.Spec)
			joined(t, o, pod.Spec)
			labelled(t, pod)
			equipped(t, pod.Spec)
		})
	}
}

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

var (
	ofHelm = regexp.MustCompile(`(?m)^# Source: .*\n|^ +app.kubernetes.io/managed-by: .*\n|^ +helm.sh/chart: .*\n`)
	noMark = regexp.MustCompile(`^---\n`)
)

// What is committed there is what the chart renders now. UPDATE=1 renders it anew.
func TestKustomizeBasesAreCurrent(t *testing.T) {
	for _, base := range bases {
		out, err := helm("template", "ackrevoke", chart, "--namespace", "ackrevoke", "--values", filepath.Join(kustomize, base, "values.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf("# Rendered from deploy/chart/ackrevoke with values.yaml, by: make chart UPDATE=1\n%s",
			noMark.ReplaceAllString(ofHelm.ReplaceAllString(out, ""), ""))
		path := filepath.Join(kustomize, base, "resources.yaml")
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
		if len(o.configMaps) != 0 || o.namespaces["ackrevoke"].Labels["pod-identity.alibabacloud.com/injection"] != "on" {
			t.Errorf("%s: %+v", base, o)
		}
		if kept := volume(t, pod, "data").PersistentVolumeClaim != nil; kept != (base == "revoke") || kept != (len(o.claims) == 1) {
			t.Errorf("%s: a claim: %v", base, kept)
		}
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
	for owner, pod := range o.pods() {
		t.Run(owner, func(t *testing.T) {
			hardened(t, pod.Spec)
			joined(t, o, pod.Spec)
			labelled(t, pod)
			equipped(t, pod.Spec)
		})
	}
}

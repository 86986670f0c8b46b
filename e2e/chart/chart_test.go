// Package chart installs the Helm chart of deploy/chart on a real API server,
// with the real controllers, and without any node: what is made of it is
// accepted or refused as it would be in a cluster, and no pod runs. For that
// there is package node. make e2e-control-plane runs it, without root.
//
//	chart_test.go      what the API server takes   release_test.go  install, upgrade, uninstall
//	controller_test.go what the controllers make
package chart

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ackrevoke/e2e/plane"
)

func TestMain(m *testing.M) { os.Exit(plane.Main(m, "make e2e-control-plane, the chart")) }

const chart = "deploy/chart/ackrevoke"

// TestChart uses one API server for all of it.
func TestChart(t *testing.T) {
	c := plane.NewCluster(t)
	c.Control()
	c.Kubectl(t, prometheusRule, "apply", "--filename=-")
	c.Kubectl(t, "", "wait", "--for=condition=Established", "crd/prometheusrules.monitoring.coreos.com", "--timeout=5m")
	clock(t, c)
	accepted(t, c)
	refused(t, c)
	releases(t, c)
	controllers(t, c)
}

// accepted asks the API server about every combination of values, strictly: a
// field that it does not know is an error, and so is a warning, such as that a
// pod would not be admitted to a restricted namespace.
func accepted(t *testing.T, c *plane.Cluster) {
	namespace(t, c, "ackrevoke")
	files, err := filepath.Glob(filepath.Join(plane.Repository, "deploy/chart/ci/*.yaml"))
	plane.Must(t, err)
	if len(files) < 6 {
		t.Fatalf("deploy/chart/ci has %v", files)
	}
	for _, file := range files {
		what := "accepted by the API server, in a restricted namespace, without a warning: deploy/chart/ci/" + filepath.Base(file)
		plane.Step(t, what, func(t *testing.T) {
			manifest := c.Helm(t, "template", "ackrevoke", chart, "--namespace=ackrevoke", "--values="+file)
			wantAccepted(t, manifest, c.Kubectl(t, manifest, asked...))
		})
	}
	for _, base := range []string{"base", "revoke", "claim", "example", "namespace"} {
		plane.Step(t, "likewise: deploy/kustomize/"+base, func(t *testing.T) {
			dir := "deploy/kustomize/" + base
			manifest := c.Kubectl(t, "", "kustomize", dir)
			if base == "namespace" { // it is there; what is new is what a real apply would change
				manifest = strings.ReplaceAll(manifest, "name: ackrevoke", "name: another")
			}
			wantAccepted(t, manifest, c.Kubectl(t, manifest, asked...))
		})
	}
}

// namespace makes one that admits restricted pods only, and says so of others.
func namespace(t *testing.T, c *plane.Cluster, name string) {
	t.Helper()
	c.Kubectl(t, "", "create", "namespace", name)
	c.Kubectl(t, "", "label", "namespace", name, "pod-security.kubernetes.io/enforce=restricted", "pod-security.kubernetes.io/warn=restricted")
}

// asked is how: nothing is made, an unknown field and a warning are errors.
var asked = []string{"apply", "--dry-run=server", "--validate=strict", "--warnings-as-errors", "--filename=-"}

var kind = regexp.MustCompile(`(?m)^kind: `)

// wantAccepted expects a line for each object.
func wantAccepted(t *testing.T, manifest, said string) {
	t.Helper()
	objects, lines := len(kind.FindAllString(manifest, -1)), strings.Count(said, "(server dry run)")
	if objects == 0 || objects != lines {
		t.Errorf("%d objects, and the server took %d:\n%s", objects, lines, said)
	}
	t.Logf("%d objects:\n%s", objects, said)
}

// refused is that the API server is asked at all: what it does not know or
// cannot mean it does not take, and a pod that may do more is warned of.
func refused(t *testing.T, c *plane.Cluster) {
	manifest := c.Helm(t, "template", "ackrevoke", chart, "--namespace=ackrevoke", "--values=deploy/chart/ci/audit-only.yaml")
	for _, broken := range []struct{ what, old, new, says string }{
		{"a schedule", `schedule: "17 2 * * *"`, `schedule: "17 2 * *"`, "schedule"},
		{"a time zone", "timeZone: Etc/UTC", "timeZone: Mars/Base", "timeZone"},
		{"a field", "backoffLimit: 3", "backOffLimit: 3", "backOffLimit"},
		{"a policy for restarts", "restartPolicy: Never", "restartPolicy: Always", "restartPolicy"},
		{"a root that can be written to", "drop: [ALL]", "drop: []", "PodSecurity"},
	} {
		plane.Step(t, "refused by the API server: "+broken.what+" that cannot be meant", func(t *testing.T) {
			bad := strings.Replace(manifest, broken.old, broken.new, 1)
			_, err := c.TryKubectl(bad, asked...)
			if err == nil || bad == manifest || !strings.Contains(err.Error(), broken.says) {
				t.Errorf("it says %v", err)
			}
		})
	}
}

// prometheusRule is the kind of the Prometheus operator as far as the chart
// uses it, and strict: promtool reads the rules themselves (package signal).
const prometheusRule = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: prometheusrules.monitoring.coreos.com}
spec:
  group: monitoring.coreos.com
  scope: Namespaced
  names: {kind: PrometheusRule, plural: prometheusrules, singular: prometheusrule}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        required: [spec]
        properties:
          spec:
            type: object
            properties:
              groups:
                type: array
                items:
                  type: object
                  required: [name, rules]
                  properties:
                    name: {type: string}
                    rules:
                      type: array
                      items:
                        type: object
                        required: [alert, expr]
                        properties:
                          alert: {type: string}
                          expr: {type: string}
                          for: {type: string}
                          labels: {type: object, additionalProperties: {type: string}}
                          annotations: {type: object, additionalProperties: {type: string}}
`

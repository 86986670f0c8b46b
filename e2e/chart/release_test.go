package chart

import (
	"slices"
	"strings"
	"testing"

	"ackrevoke/e2e/plane"
)

// installed are the values of every release here: keys from a Secret, and an
// image that nobody pulls.
var installed = []string{"--set=image.repository=registry.example.com/ackrevoke", "--set=image.tag=v1", "--set=existingSecret.name=keys"}

// releases goes the way of one from its install to its end.
func releases(t *testing.T, c *plane.Cluster) {
	const space = "--namespace=releases"
	namespace(t, c, "releases")
	list := func() string {
		return c.Kubectl(t, "", space, "get", "configmap", "ackrevoke-policy", "--output=jsonpath={.data.policy\\.yaml}")
	}
	upgrade := func(more ...string) []string {
		return append([]string{"upgrade", "--install", "ackrevoke", chart, space}, more...)
	}
	policy := string(plane.ReadFile(t, plane.Repository+"/policy.yaml"))

	plane.Step(t, "an install without a policy, or with a mistyped value, is refused with words, and makes nothing", func(t *testing.T) {
		for says, values := range map[string][]string{
			"--set-file policy=policy.yaml": installed,
			"shedule":                       append(slices.Clone(installed), "--set-file=policy=policy.yaml", "--set=shedule=@daily"),
		} {
			if _, err := c.TryHelm(upgrade(values...)...); err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("want %q in %v", says, err)
			}
		}
		if there := objects(t, c, space); len(there) > 0 {
			t.Errorf("there is %v", there)
		}
	})
	plane.Step(t, "helm upgrade --install makes the CronJobs and keeps the policy's text as it is in the file", func(t *testing.T) {
		c.Helm(t, upgrade(append(slices.Clone(installed), "--set-file=policy=policy.yaml")...)...)
		if list() != policy {
			t.Errorf("the policy is\n%s", list())
		}
	})
	plane.Step(t, "an upgrade without the policy keeps it; with values and without it is refused; none resets it", func(t *testing.T) {
		c.Helm(t, upgrade()...)
		c.Helm(t, upgrade("--reset-then-reuse-values", "--set=revoke=true")...)
		if list() != policy {
			t.Errorf("the policy is\n%s", list())
		}
		args := c.Kubectl(t, "", space, "get", "cronjob", "ackrevoke", "--output=jsonpath={..args}")
		if !strings.Contains(args, "--dry-run=false") {
			t.Errorf("it does not revoke: %s", args)
		}
		if _, err := c.TryHelm(upgrade(installed...)...); err == nil || list() != policy {
			t.Errorf("values without a policy: %v, and the policy is\n%s", err, list())
		}
	})
	plane.Step(t, "an uninstall takes everything but the claim, which is the way back; a new install takes it up", func(t *testing.T) {
		before := c.Kubectl(t, "", space, "get", "pvc", "ackrevoke", "--output=jsonpath={.metadata.uid}")
		c.Helm(t, "uninstall", "ackrevoke", space)
		if there := objects(t, c, space); !slices.Equal(there, []string{"persistentvolumeclaim/ackrevoke"}) {
			t.Errorf("there is still %v", there)
		}
		c.Helm(t, upgrade(append(slices.Clone(installed), "--set-file=policy=policy.yaml", "--set=revoke=true")...)...)
		if after := c.Kubectl(t, "", space, "get", "pvc", "ackrevoke", "--output=jsonpath={.metadata.uid}"); after != before {
			t.Errorf("the claim is another one: %s, was %s", after, before)
		}
		c.Helm(t, "uninstall", "ackrevoke", space)
	})
	unchangeable(t, c, space, upgrade)
}

// unchangeable is what an upgrade must not do, or cannot.
func unchangeable(t *testing.T, c *plane.Cluster, space string, upgrade func(more ...string) []string) {
	t.Helper()
	refuses := "an upgrade from one shard to two, for which the claim does not do, is refused with words; so is one that gives back"
	plane.Step(t, refuses, func(t *testing.T) {
		many := append(slices.Clone(installed), "--set=existingAccounts.configMap=leavers", "--set=revoke=true")
		c.Helm(t, upgrade(many...)...)
		back := "--set=restore.enabled=true,restore.apply=true,restore.cluster=c1,restore.policy=a.yaml"
		for says, flags := range map[string][]string{
			"--set storage.existingClaim=NAME":       {"--set=shards=2"},
			"gives back once more with each upgrade": {back, "--set-string=restore.uid=1"},
		} {
			if _, err := c.TryHelm(upgrade(append(slices.Clone(many), flags...)...)...); err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("want %q in %v", says, err)
			}
		}
		c.Helm(t, upgrade(append(slices.Clone(many), "--set=shards=2,storage.accessMode=ReadWriteOnce")...)...)
		if there := objects(t, c, space); !slices.Contains(there, "cronjob.batch/ackrevoke-summary") {
			t.Errorf("there is %v", there)
		}
		c.Helm(t, "uninstall", "ackrevoke", space)
	})
}

// objects are those of a namespace that Kubernetes did not put there itself,
// nor helm for its own books.
func objects(t *testing.T, c *plane.Cluster, space string) []string {
	t.Helper()
	var out []string
	for line := range strings.Lines(c.Kubectl(t, "", space, "get", "--output=name",
		"cronjobs,jobs,pods,configmaps,secrets,serviceaccounts,persistentvolumeclaims,networkpolicies,prometheusrules")) {
		name := strings.TrimSpace(line)
		if name != "configmap/kube-root-ca.crt" && name != "serviceaccount/default" && !strings.Contains(name, "sh.helm.release") {
			out = append(out, name)
		}
	}
	return out
}

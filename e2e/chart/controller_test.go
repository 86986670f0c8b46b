package chart

import (
	"fmt"
	"slices"
	"testing"

	"ackrevoke/e2e/plane"
)

// pods are what a story here reads of them.
type pods struct {
	Items []struct {
		Metadata struct {
			Name        string
			Annotations map[string]string
		}
		Spec struct {
			ServiceAccountName string
			Containers         []struct {
				Args []string
				Env  []struct{ Name, Value string }
			}
		}
	}
}

// podsOf waits until a Job has that many.
func podsOf(t *testing.T, c *plane.Cluster, space, job string, want int) pods {
	t.Helper()
	var got pods
	plane.Await(t, fmt.Sprintf("%d pods of the Job %s", want, job), func() (bool, string) {
		err := c.Read("/api/v1/namespaces/"+space+"/pods?labelSelector=batch.kubernetes.io/job-name="+job, &got)
		events, _ := c.TryKubectl("", "--namespace="+space, "get", "events")
		return err == nil && len(got.Items) == want, fmt.Sprint(len(got.Items), err, "\n", events)
	})
	return got
}

// clock installs a release that is due every minute; onTime looks at it later.
func clock(t *testing.T, c *plane.Cluster) {
	t.Helper()
	namespace(t, c, "clock")
	c.Helm(t, append([]string{"upgrade", "--install", "ackrevoke", chart, "--namespace=clock", "--set-file=policy=policy.yaml",
		"--set=schedule=* * * * *"}, installed...)...)
}

func onTime(t *testing.T, c *plane.Cluster) {
	plane.Step(t, "the CronJob controller makes a Job on schedule, and the Job controller its pod", func(t *testing.T) {
		var name string
		plane.Await(t, "a Job of the CronJob", func() (bool, string) {
			said, err := c.TryKubectl("", "--namespace=clock", "get", "cronjob", "ackrevoke", "--output=jsonpath={.status.active[*].name}")
			name = said
			return err == nil && said != "", fmt.Sprint(said, err)
		})
		podsOf(t, c, "clock", name, 1)
	})
}

// controllers is what they make of a release in a namespace where only
// restricted pods are admitted.
func controllers(t *testing.T, c *plane.Cluster) {
	const space = "--namespace=controlled"
	namespace(t, c, "controlled")
	list := func(t *testing.T, job string, want int) pods { return podsOf(t, c, "controlled", job, want) }
	plane.Step(t, "kubectl create job --from=cronjob/ackrevoke: the Job controller makes a pod, which is admitted", func(t *testing.T) {
		c.Helm(t, append([]string{"upgrade", "--install", "ackrevoke", chart, space, "--set-file=policy=policy.yaml"}, installed...)...)
		c.Kubectl(t, "", space, "create", "job", "now", "--from=cronjob/ackrevoke")
		p := list(t, "now", 1).Items[0]
		if p.Spec.ServiceAccountName != "ackrevoke" || !slices.Contains(p.Spec.Containers[0].Args, "--check") {
			t.Errorf("%+v", p.Spec)
		}
		c.Kubectl(t, "", space, "create", "job", "audit", "--from=cronjob/ackrevoke-audit")
		if p := list(t, "audit", 1).Items[0]; p.Spec.Containers[0].Args[0] != "audit" {
			t.Errorf("%+v", p.Spec)
		}
	})
	plane.Step(t, "many accounts: an Indexed Job makes a pod for each shard, and each knows which of how many it is", func(t *testing.T) {
		c.Helm(t, "upgrade", "--install", "ackrevoke", chart, space, "--reset-values", "--values=deploy/chart/ci/accounts.yaml",
			"--set=prometheusRule.enabled=false")
		c.Kubectl(t, "", space, "create", "job", "many", "--from=cronjob/ackrevoke")
		var seen []string
		for _, p := range list(t, "many", 2).Items {
			index := p.Metadata.Annotations["batch.kubernetes.io/job-completion-index"]
			for _, e := range p.Spec.Containers[0].Env {
				if e.Name == "JOB_COMPLETIONS" {
					seen = append(seen, index+" of "+e.Value)
				}
				if e.Name == "JOB_COMPLETION_INDEX" {
					seen = append(seen, "a pod is told "+index)
				}
			}
		}
		slices.Sort(seen)
		if want := []string{"0 of 2", "1 of 2", "a pod is told 0", "a pod is told 1"}; !slices.Equal(seen, want) {
			t.Errorf("they know %v, want %v", seen, want)
		}
	})
	onTime(t, c)
}

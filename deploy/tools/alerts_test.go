package tools

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// alerts are those that the chart promises, in their order.
var alerts = []string{"AckrevokeJobFailing", "AckrevokeNoSuccess", "AckrevokeLeft", "AckrevokeUnknown", "AckrevokeUnverified",
	"AckrevokeOverdue", "AckrevokeAcceptedLapses", "AckrevokeListEmptied", "AckrevokeRefused", "AckrevokeListEmpty",
	"AckrevokePolicyGone", "AckrevokeUnproven"}

// alertsOf are those of one combination of values: with one policy no file can be
// gone, and without shards there is nothing to put together.
func alertsOf(file string) []string {
	return slices.DeleteFunc(slices.Clone(alerts), func(name string) bool {
		return name == "AckrevokePolicyGone" && !strings.HasSuffix(file, "accounts.yaml") ||
			name == "AckrevokeUnproven" && file != "accounts.yaml"
	})
}

// series are what a run tells of itself, and those of kube-state-metrics that the
// alerts may ask for, with the labels that they have.
var series = map[string]string{
	"ackrevoke_last_attempt_timestamp_seconds": "account", "ackrevoke_last_success_timestamp_seconds": "",
	"ackrevoke_run_duration_seconds": "",
	"ackrevoke_run_exit_code":        "", "ackrevoke_run_verdict": "verdict", "ackrevoke_run_info": "mode version simulated",
	"ackrevoke_outcomes": "status", "ackrevoke_targets": "state", "ackrevoke_unknown": "why", "ackrevoke_unknown_unaccepted": "",
	"ackrevoke_residual_unaccepted": "", "ackrevoke_left_to_revoke": "", "ackrevoke_entries": "state", "ackrevoke_accepted": "",
	"ackrevoke_accepted_nearest_end_timestamp_seconds": "", "ackrevoke_overdue_entries": "", "ackrevoke_overdue_oldest_age_seconds": "",
	"ackrevoke_time_to_proof_seconds": "", "ackrevoke_calls": "operation result", "ackrevoke_retries": "", "ackrevoke_throttled_calls": "",
	"ackrevoke_unfinished_writes": "", "ackrevoke_list_emptied": "", "ackrevoke_list_empty": "", "ackrevoke_policy_gone": "",
	"ackrevoke_resurrected": "",
	"kube_job_created":      "namespace job_name", "kube_job_failed": "condition", "kube_job_complete": "condition",
	"kube_cronjob_status_last_successful_time": "namespace cronjob", "kube_cronjob_created": "namespace cronjob",
}

// rules are those of one combination of values.
func rules(t *testing.T, file string, flags ...string) []alert {
	t.Helper()
	r := rendered(t, file, append(flags, "--set", "prometheusRule.enabled=true")...).rules["ackrevoke"]
	if r == nil || len(r.Spec.Groups) != 1 {
		t.Fatalf("%s: %+v", file, r)
	}
	return r.Spec.Groups[0].Rules
}

var (
	quoted   = regexp.MustCompile(`"[^"]*"`)
	metric   = regexp.MustCompile(`\b(?:ackrevoke|kube)_\w+`)
	selector = regexp.MustCompile(`(\w+)\{([^}]*)\}`)
	selected = regexp.MustCompile(`(\w+)=`)
)

// Every alert is there, asks for nothing but what a run tells, and says where to read on.
func TestAlerts(t *testing.T) {
	for _, file := range combinations(t) {
		var names []string
		for _, r := range rules(t, file) {
			names = append(names, r.Alert)
			expr := quoted.ReplaceAllString(r.Expr, "")
			for _, name := range metric.FindAllString(expr, -1) {
				if _, known := series[name]; !known {
					t.Errorf("%s %s asks for %s, and nobody tells it", file, r.Alert, name)
				}
			}
			for _, m := range selector.FindAllStringSubmatch(expr, -1) {
				for _, label := range selected.FindAllStringSubmatch(m[2], -1) {
					if !slices.Contains(strings.Fields(series[m[1]]), label[1]) {
						t.Errorf("%s %s: %s has no label %s", file, r.Alert, m[1], label[1])
					}
				}
			}
			if !slices.Contains([]string{"warning", "critical"}, r.Labels["severity"]) || r.Annotations["summary"] == "" ||
				r.Annotations["description"] == "" || r.Annotations["runbook"] != "docs/operate.md#alerts" {
				t.Errorf("%s %s: %v %v", file, r.Alert, r.Labels, r.Annotations)
			}
		}
		if !slices.Equal(names, alertsOf(file)) {
			t.Errorf("%s has the alerts %v", file, names)
		}
	}
	if o := rendered(t, "audit-only.yaml"); len(o.rules) != 0 {
		t.Error("a PrometheusRule where nobody asked for one: without the operator an install would fail")
	}
	if labels := rendered(t, "everything.yaml").rules["ackrevoke"].Labels; labels["release"] != "prometheus" {
		t.Errorf("the labels of the values: %v", labels)
	}
}

// docs/operate.md has one row for each alert under the heading that they name.
func TestAlertsHaveARunbook(t *testing.T) {
	_, text, found := strings.Cut(read(t, root+"/docs/operate.md"), "\n### Alerts\n")
	if !found {
		t.Fatal("docs/operate.md has no heading Alerts")
	}
	text, _, _ = strings.Cut(text, "\n#")
	for _, name := range alerts {
		if strings.Count(text, "\n| `"+name+"` |") != 1 {
			t.Errorf("docs/operate.md, Alerts: no row for %s", name)
		}
	}
	if rows := strings.Count(text, "\n| `"); rows != len(alerts) {
		t.Errorf("%d rows for %d alerts", rows, len(alerts))
	}
}

// A label that the values give twice is there once: the rules' own wins.
func TestLabelsOfRules(t *testing.T) {
	out, err := helm("template", "ackrevoke", chart, "--values", filepath.Join(ci, "everything.yaml"),
		"--set", "labels.release=all,prometheusRule.labels.release=monitoring", "--show-only", "templates/prometheusrule.yaml")
	if err != nil || strings.Count(string(out), "release: ") != 1 || !strings.Contains(string(out), "release: monitoring\n") {
		t.Errorf("%v\n%s", err, out)
	}
}

package tools

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// alerts are those that the chart promises, in their order.
var alerts = []string{"AckrevokeJobFailing", "AckrevokeNoSuccess", "AckrevokeLeft", "AckrevokeUnknown", "AckrevokeUnverified",
	"AckrevokeOverdue", "AckrevokeAcceptedLapses", "AckrevokeListEmptied", "AckrevokeRefused"}

// series are what a run tells of itself, and those of kube-state-metrics that the
// alerts may ask for, with the labels that they have.
var series = map[string]string{
	"ackrevoke_last_attempt_timestamp_seconds": "", "ackrevoke_last_success_timestamp_seconds": "", "ackrevoke_run_duration_seconds": "",
	"ackrevoke_run_exit_code": "", "ackrevoke_run_verdict": "verdict", "ackrevoke_run_info": "mode version simulated",
	"ackrevoke_outcomes": "status", "ackrevoke_targets": "state", "ackrevoke_unknown": "why", "ackrevoke_unknown_unaccepted": "",
	"ackrevoke_residual_unaccepted": "", "ackrevoke_left_to_revoke": "", "ackrevoke_entries": "state", "ackrevoke_accepted": "",
	"ackrevoke_accepted_nearest_end_timestamp_seconds": "", "ackrevoke_overdue_entries": "", "ackrevoke_overdue_oldest_age_seconds": "",
	"ackrevoke_time_to_proof_seconds": "", "ackrevoke_calls": "operation result", "ackrevoke_retries": "", "ackrevoke_throttled_calls": "",
	"ackrevoke_unfinished_writes": "", "ackrevoke_list_emptied": "", "ackrevoke_resurrected": "",
	"kube_job_created": "namespace job_name", "kube_job_failed": "condition", "kube_job_complete": "condition",
	"kube_cronjob_status_last_successful_time": "namespace cronjob",
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
		if !slices.Equal(names, alerts) {
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

// Prometheus itself reads the rules, and fires each of them when and only when it
// should: deploy/chart/tests/*.yaml, one file for each combination of values.
func TestAlertsInPrometheus(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("SKIPPED: promtool is not here, so no alert was fired; on Debian it comes with `apt-get install prometheus`")
	}
	fired := map[string]bool{}
	for test, file := range map[string]string{"pushed.yaml": "everything.yaml", "unpushed.yaml": "audit-only.yaml"} {
		dir := t.TempDir()
		groups := map[string]any{"groups": []any{map[string]any{"name": "ackrevoke", "rules": rules(t, file)}}}
		text, err := yaml.Marshal(groups)
		if err != nil {
			t.Fatal(err)
		}
		scenes := read(t, filepath.Join("../chart/tests", test))
		for name, text := range map[string]string{"rules.yaml": string(text), test: scenes} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for _, args := range []string{"check rules rules.yaml", "test rules " + test} {
			c := exec.Command(promtool, strings.Fields(args)...)
			c.Dir = dir
			if out, err := c.CombinedOutput(); err != nil {
				t.Errorf("%s: promtool %s: %v\n%s", file, args, err, out)
			}
		}
		for _, m := range regexp.MustCompile(`alertname: (\w+)\n\s+exp_alerts:\n`).FindAllStringSubmatch(scenes, -1) {
			fired[m[1]] = true
		}
	}
	for _, name := range alerts {
		if !fired[name] {
			t.Errorf("no test fires %s", name)
		}
	}
}

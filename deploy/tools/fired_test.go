package tools

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// scenes are the files of deploy/chart/tests, each with the values whose rules it is about.
var scenes = map[string][]string{
	"accounts.yaml": {"accounts.yaml"},
	"pushed.yaml":   {"everything.yaml"}, "unpushed.yaml": {"audit-only.yaml"},
	"shared.yaml": {"existing-accounts.yaml", "--set", "metrics.pushSecret.name=gateway"},
}

// Prometheus itself reads the rules, and fires each of them when and only when it should.
func TestAlertsInPrometheus(t *testing.T) {
	fired := map[string]bool{}
	for name, values := range scenes {
		text := read(t, filepath.Join("../chart/tests", name))
		fire(t, text, values)
		for _, m := range regexp.MustCompile(`alertname: (\w+)\n\s+exp_alerts:\n`).FindAllStringSubmatch(text, -1) {
			fired[m[1]] = true
		}
	}
	for _, name := range alerts {
		if !fired[name] {
			t.Errorf("no test fires %s", name)
		}
	}
}

// fire has promtool check the rules of some values, and play scenes with them.
func fire(t *testing.T, scenes string, values []string) {
	t.Helper()
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("SKIPPED: promtool is not here, so no alert was fired; on Debian it comes with `apt-get install prometheus`")
	}
	groups := map[string]any{"groups": []any{map[string]any{"name": "ackrevoke", "rules": rules(t, values[0], values[1:]...)}}}
	text, err := yaml.Marshal(groups)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"rules.yaml": string(text), "scenes.yaml": scenes} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range []string{"check rules rules.yaml", "test rules scenes.yaml"} {
		c := exec.Command(promtool, strings.Fields(args)...)
		c.Dir = dir
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("%s: promtool %s: %v\n%s", values, args, err, out)
		}
	}
}

// named is the alert that an exit code has when nothing else is known of the run.
var named = map[int]string{1: "AckrevokeJobFailing", 2: "AckrevokeJobFailing", 3: "AckrevokeLeft", 4: "AckrevokeRefused",
	5: "AckrevokeUnverified", 6: "AckrevokeUnknown", 130: "AckrevokeJobFailing", 143: "AckrevokeJobFailing"}

// What a plan alone knows is missing where a run had none, and at a Pushgateway it
// stays as an older run left it. Whatever stands there, each exit code has its alert.
func TestEveryExitCodeHasAnAlert(t *testing.T) {
	ending := regexp.MustCompile(`(?m)^\| (\d+) \|`)
	for _, m := range ending.FindAllStringSubmatch(read(t, filepath.Join(root, "docs/contract.md")), -1) {
		if code := m[1]; code != "0" && !strings.Contains(fmt.Sprint(named), code+":") {
			t.Errorf("exit code %s has no alert", code)
		}
	}
	const series = "  - {series: 'ackrevoke_%s', values: '%d+0x9'}\n"
	var stale strings.Builder
	for _, name := range []string{`left_to_revoke{account="1"}`, `residual_unaccepted{account="1"}`, `unknown_unaccepted{account="1"}`,
		`outcomes{account="1",status="failed"}`, `list_emptied{account="1"}`, `entries{account="1",state="refused"}`} {
		fmt.Fprintf(&stale, series, name, 0)
	}
	text := "rule_files: [rules.yaml]\nevaluation_interval: 5m\ntests:\n"
	for code, alert := range named {
		for _, older := range []string{"", stale.String()} {
			text += "- interval: 5m\n  input_series:\n" + older + fmt.Sprintf(series, `run_exit_code{account="1"}`, code) +
				"  promql_expr_test:\n  - expr: 'count by (alertname) (ALERTS{alertstate=\"firing\"})'\n    eval_time: 10m\n" +
				"    exp_samples: [{labels: '{alertname=\"" + alert + "\"}', value: 1}]\n"
		}
	}
	for _, values := range scenes {
		fire(t, text, values)
	}
}

// Package signal hands what a run tells of itself to those who read it: a real
// Pushgateway, and Prometheus' own promtool, which also fires every alert of the
// chart. make e2e-signal runs it, without root; it fetches Debian's packages by
// apt and installs nothing.
package signal

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ackrevoke/e2e/plane"
)

// debian is the folder with the unpacked packages.
var debian string

func TestMain(m *testing.M) {
	var err error
	if debian, err = plane.Debian("prometheus", "prometheus-pushgateway"); err != nil {
		fmt.Println("make e2e-signal: skipped:", err)
		os.Exit(0)
	}
	os.Exit(plane.MainOfProgram(m, "make e2e-signal"))
}

func promtool() string { return filepath.Join(debian, "usr/bin/promtool") }

// TestPush pushes a run that leaves something, and one that does not.
func TestPush(t *testing.T) {
	dir := t.TempDir()
	at := fmt.Sprintf("127.0.0.1:%d", plane.FreePorts(t, 1)[0])
	p := plane.Start(t, dir, "pushgateway", nil, filepath.Join(debian, "usr/bin/prometheus-pushgateway"), "--web.listen-address="+at)
	plane.Await(t, "the Pushgateway", func() (bool, string) {
		_, err := metrics(at)
		return err == nil, fmt.Sprint(err, p.Tail())
	})
	run := func(t *testing.T, code int, flags ...string) string {
		t.Helper()
		args := append([]string{"run", "--policy", filepath.Join(plane.Repository, "policy.yaml"), "--simulate", filepath.Join(plane.Repository,
			"testdata/estate.yaml"), "--report", filepath.Join(dir, "report.json"), "--push", "http://" + at}, flags...)
		said, err := exec.Command(plane.Program, args...).CombinedOutput()
		if exit, failed := err.(*exec.ExitError); failed && exit.ExitCode() != code || !failed && code != 0 {
			t.Fatalf("want exit code %d, and %v\n%s", code, err, said)
		}
		text, err := metrics(at)
		plane.Must(t, err)
		return text
	}
	plane.Step(t, "a real Pushgateway takes the metrics of a run that leaves something: exit code 3, when it was tried, no success", func(t *testing.T) {
		text := run(t, 3, "--check")
		wantLines(t, text, `ackrevoke_run_exit_code{.*} 3`, `ackrevoke_left_to_revoke{.*} 9`, `ackrevoke_last_attempt_timestamp_seconds{account="1234567890123456",.*} 1\.\d+e\+09`)
		if strings.Contains(text, "\nackrevoke_last_success_timestamp_seconds") {
			t.Errorf("it was no success:\n%s", text)
		}
	})
	var success string
	plane.Step(t, "and those of one that revokes: exit code 0, nothing left, when it succeeded", func(t *testing.T) {
		text := run(t, 0, "--dry-run=false")
		wantLines(t, text, `ackrevoke_run_exit_code{.*} 0`, `ackrevoke_left_to_revoke{.*} 0`, `ackrevoke_outcomes{.*status="revoked".*} 9`)
		success = regexp.MustCompile(`(?m)^ackrevoke_last_success_timestamp_seconds.*$`).FindString(text)
		if success == "" {
			t.Errorf("no success:\n%s", text)
		}
	})
	plane.Step(t, "the last success outlives the next run, which is none", func(t *testing.T) {
		if text := run(t, 3, "--check"); !strings.Contains(text, success) {
			t.Errorf("want %s in\n%s", success, text)
		}
	})
	plane.Step(t, "promtool check metrics finds nothing to say about what was pushed, and no uid or name is in it", func(t *testing.T) {
		text := run(t, 3, "--check")
		var own []string
		for line := range strings.Lines(text) {
			if strings.Contains(line, "ackrevoke_") {
				own = append(own, line)
			}
		}
		c := exec.Command(promtool(), "check", "metrics")
		c.Stdin = strings.NewReader(strings.Join(own, ""))
		if said, err := c.CombinedOutput(); err != nil || len(said) > 0 {
			t.Errorf("%v\n%s", err, said)
		}
		if found := regexp.MustCompile(`[23]0000000000000\d{4}|alice|prod-`).FindString(strings.Join(own, "")); found != "" {
			t.Errorf("%q is in what was pushed", found)
		}
		t.Logf("%d lines", len(own))
	})
}

// wantLines expects lines of metrics.
func wantLines(t *testing.T, text string, patterns ...string) {
	t.Helper()
	for _, pattern := range patterns {
		if !regexp.MustCompile(`(?m)^` + pattern + `$`).MatchString(text) {
			t.Errorf("no line is %s:\n%s", pattern, text)
		}
	}
}

func metrics(at string) (string, error) {
	res, err := http.Get("http://" + at + "/metrics")
	if err != nil {
		return "", err
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	return string(text), err
}

// TestAlerts has promtool check the rules of the chart and fire each of them:
// the test of deploy/tools, which is skipped where there is no promtool.
func TestAlerts(t *testing.T) {
	plane.Step(t, "promtool check rules and test rules, for every alert of the chart (deploy/chart/tests)", func(t *testing.T) {
		c := exec.Command("go", "test", "-count=1", "-v", "-run=^TestAlerts", ".")
		c.Dir = filepath.Join(plane.Repository, "deploy", "tools")
		c.Env = append(os.Environ(), "GOWORK=off", "PATH="+filepath.Dir(promtool())+":"+os.Getenv("PATH"))
		said, err := c.CombinedOutput()
		if err != nil || strings.Contains(string(said), "SKIP") || !strings.Contains(string(said), "--- PASS: TestAlertsInPrometheus") {
			t.Errorf("%v\n%s", err, said)
		}
		t.Logf("%s", said)
	})
}

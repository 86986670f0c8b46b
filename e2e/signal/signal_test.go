// Package signal hands what a run tells of itself to those who read it: a real
// Pushgateway, and Prometheus' own promtool, which also fires every alert of the
// chart. make e2e-signal runs it, without root; it fetches Debian's packages by
// apt and installs nothing.
package signal

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

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

// gateway is a Pushgateway, and runs that push to it.
type gateway struct{ at, dir string }

func start(t *testing.T) gateway {
	t.Helper()
	g := gateway{fmt.Sprintf("127.0.0.1:%d", plane.FreePorts(t, 1)[0]), t.TempDir()}
	p := plane.Start(t, g.dir, "pushgateway", nil, filepath.Join(debian, "usr/bin/prometheus-pushgateway"), "--web.listen-address="+g.at)
	plane.Await(t, "the Pushgateway", func() (bool, string) {
		_, err := g.metrics()
		return err == nil, fmt.Sprint(err, p.Tail())
	})
	return g
}

// run makes one against a fresh simulated account, expects its exit code, and
// returns what the gateway tells of it.
func (g gateway) run(t *testing.T, code int, policy string, flags ...string) string {
	t.Helper()
	path := filepath.Join(g.dir, "policy.yaml")
	plane.Write(t, path, []byte(policy))
	args := append([]string{"run", "--policy", path, "--simulate", filepath.Join(plane.Repository, "testdata/estate.yaml"),
		"--report", filepath.Join(g.dir, "report.json"), "--push", "http://" + g.at}, flags...)
	said, err := exec.Command(plane.Program, args...).CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() != code || exit == nil && (err != nil || code != 0) {
		t.Fatalf("want exit code %d, and %v\n%s", code, err, said)
	}
	all, err := g.metrics()
	plane.Must(t, err)
	var own strings.Builder
	for line := range strings.Lines(all) {
		if strings.Contains(line, "ackrevoke_") {
			own.WriteString(line)
		}
	}
	return own.String()
}

func (g gateway) metrics() (string, error) {
	res, err := http.Get("http://" + g.at + "/metrics")
	if err != nil {
		return "", err
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	return string(text), err
}

// TestPush pushes runs that leave something, and one that does not.
func TestPush(t *testing.T) {
	g, policy := start(t), string(plane.ReadFile(t, filepath.Join(plane.Repository, "policy.yaml")))
	plane.Step(t, "a real Pushgateway takes the metrics of a run that leaves something: exit code 3, no success", func(t *testing.T) {
		text := g.run(t, 3, policy, "--check")
		wantLines(t, text, `ackrevoke_run_exit_code{.*} 3`, `ackrevoke_left_to_revoke{.*} 9`,
			`ackrevoke_last_attempt_timestamp_seconds{account="1234567890123456",.*} 1\.\d+e\+09`)
		if strings.Contains(text, "\nackrevoke_last_success_timestamp_seconds") {
			t.Errorf("it was no success:\n%s", text)
		}
	})
	var success string
	plane.Step(t, "and those of one that revokes: exit code 0, nothing left, when it succeeded", func(t *testing.T) {
		text := g.run(t, 0, policy, "--dry-run=false")
		wantLines(t, text, `ackrevoke_run_exit_code{.*} 0`, `ackrevoke_left_to_revoke{.*} 0`, `ackrevoke_outcomes{.*status="revoked".*} 9`)
		success = regexp.MustCompile(`(?m)^ackrevoke_last_success_timestamp_seconds.*$`).FindString(text)
		if success == "" {
			t.Errorf("no success:\n%s", text)
		}
	})
	// One that accepts something says more.
	policy += fmt.Sprintf("accepted: [{cluster: c0a1000000000000000000000000000007, what: unknown, until: %q, why: offline}]\n",
		time.Now().AddDate(0, 1, 0).Format(time.DateOnly))
	var text string
	plane.Step(t, "the last success outlives the next run, which is none", func(t *testing.T) {
		if text = g.run(t, 3, policy, "--check"); !strings.Contains(text, success) {
			t.Errorf("want %s in\n%s", success, text)
		}
	})
	plane.Step(t, "promtool check metrics finds nothing to say about what was pushed, and no uid or name is in it", func(t *testing.T) {
		c := exec.Command(promtool(), "check", "metrics")
		c.Stdin = strings.NewReader(text)
		if said, err := c.CombinedOutput(); err != nil || len(said) > 0 {
			t.Errorf("%v\n%s", err, said)
		}
		if found := regexp.MustCompile(`[23]0000000000000\d{4}|alice|prod-`).FindString(text); found != "" {
			t.Errorf("%q is in what was pushed", found)
		}
		t.Logf("%d lines", strings.Count(text, "\n"))
	})
	plane.Step(t, "every metric that an alert of the chart asks for is one that was pushed", func(t *testing.T) { wantAsked(t, text) })
}

// wantAsked expects that what the rules ask a run for is what a run says.
func wantAsked(t *testing.T, pushed string) {
	t.Helper()
	plane.Must(t, plane.Make("helm"))
	c := exec.Command("bin/helm", "template", "ackrevoke", "deploy/chart/ackrevoke", "--values=deploy/chart/ci/everything.yaml",
		"--show-only=templates/prometheusrule.yaml")
	c.Dir = plane.Repository
	rules, err := c.Output()
	plane.Must(t, err)
	asked := 0
	for _, m := range regexp.MustCompile(`\b(ackrevoke_\w+)({[^}]*})?`).FindAllStringSubmatch(string(rules), -1) {
		asked++
		if !strings.Contains(pushed, "\n"+m[1]+"{") {
			t.Errorf("%s is asked for, and was not pushed", m[0])
		}
		for _, label := range regexp.MustCompile(`(\w+)=~?`).FindAllStringSubmatch(m[2], -1) {
			if !regexp.MustCompile(`\n` + m[1] + `{[^}]*\b` + label[1] + `="`).MatchString(pushed) {
				t.Errorf("%s: what was pushed has no label %s", m[0], label[1])
			}
		}
	}
	if asked < 10 {
		t.Errorf("%d metrics in\n%s", asked, rules)
	}
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

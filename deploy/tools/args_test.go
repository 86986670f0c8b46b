package tools

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/strvals"
)

// commands are what the flags of a value are handed to, and what makes its Job.
var commands = map[string]struct{ command, values string }{
	"args":         {"run", "audit-only.yaml"},
	"audit.args":   {"audit", "audit-only.yaml"},
	"restore.args": {"restore", "everything.yaml"},
}

var flagLine = regexp.MustCompile(`(?m)^  (?:-([a-z]), |    )--([a-z-]+)`)

// flagsOf are the flags that a command of the program has, and their short forms.
func flagsOf(t *testing.T, command string) (long []string, short map[string]string) {
	t.Helper()
	c := exec.Command("go", "run", "./cmd/ackrevoke", command, "--help")
	c.Dir = root
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	short = map[string]string{}
	for _, m := range flagLine.FindAllStringSubmatch(string(out), -1) {
		long = append(long, m[2])
		if m[1] != "" {
			short[m[1]] = m[2]
		}
	}
	if len(long) < 15 || short["h"] != "help" {
		t.Fatalf("%s has the flags %v %v", command, long, short)
	}
	return long, short
}

// inProcess renders the chart as helm template does, hundreds of times a second.
func inProcess(t *testing.T, file, set string) error {
	t.Helper()
	c, err := loader.Load(chart)
	if err != nil {
		t.Fatal(err)
	}
	values, err := chartutil.ReadValuesFile(filepath.Join(ci, file))
	if err == nil {
		err = strvals.ParseInto(set, values)
	}
	if err != nil {
		t.Fatal(err)
	}
	caps := chartutil.DefaultCapabilities.Copy()
	caps.KubeVersion = chartutil.KubeVersion{Version: "v1.36.0", Major: "1", Minor: "36"}
	all, err := chartutil.ToRenderValues(c, values, chartutil.ReleaseOptions{Name: "ackrevoke", Namespace: "ackrevoke", IsInstall: true}, caps)
	if err == nil {
		_, err = engine.Render(c, all)
	}
	return err
}

// taken are the flags that a release takes by hand. All others are refused, those of
// tomorrow as well, in whatever way they are written.
var taken = map[string]string{
	"args": "accounts-concurrency call-timeout concurrency cs-endpoint log-format log-level max-principals max-revocations " +
		"max-share no-bulk ram-endpoint read-qps region sts-endpoint verify-timeout write-qps",
	"audit.args": "call-timeout concurrency cs-endpoint grants log-format log-level max-share ram-endpoint read-qps region " +
		"residual sts-endpoint",
	"restore.args": "call-timeout concurrency cs-endpoint log-format log-level max-share older prove-with ram-endpoint " +
		"read-qps region run server sts-endpoint verify-timeout write-qps",
}

// Of all flags that the program has those are refused that are none of tuning.
func TestFlagsByHand(t *testing.T) {
	for list, c := range commands {
		long, short := flagsOf(t, c.command)
		may := strings.Fields(taken[list])
		render := func(set string) error { return inProcess(t, c.values, list+"={"+set+"}") }
		var all []string
		for _, name := range may {
			if !slices.Contains(long, name) {
				t.Errorf("%s: %s has no flag --%s", list, c.command, name)
			}
			all = append(all, "--"+name+"=1")
		}
		if err := render(strings.Join(all, ",")); err != nil {
			t.Errorf("%s: %v", list, err)
		}
		for _, name := range slices.DeleteFunc(append(long, "no-such-flag"), func(name string) bool { return slices.Contains(may, name) }) {
			forms := []string{"--" + name, "--" + name + "=x"}
			for letter, of := range short {
				if of == name {
					forms = append(forms, "-"+letter, "-"+letter+"=x", "-"+letter+"other", "-"+letter+"-other")
				}
			}
			for _, form := range forms {
				if err := render(form); err == nil || !strings.Contains(err.Error(), list+" has "+form+", ") {
					t.Errorf("%s %s\n got: %v", list, form, err)
				}
			}
		}
	}
}

// That the file of one of many accounts is gone on purpose no value says: the flag does,
// and no variable. Of one account it is nothing.
func TestForgetIsTaken(t *testing.T) {
	const forget = "args={--forget=1234567890123458}"
	if err := inProcess(t, "accounts.yaml", forget); err != nil {
		t.Error(err)
	}
	for _, c := range [][2]string{{"audit-only.yaml", forget}, {"accounts.yaml", "env.ACKREVOKE_FORGET=x"}} {
		if err := inProcess(t, c[0], c[1]); err == nil || strings.Contains(err.Error(), "--forget ") {
			t.Errorf("%s: %v", c, err)
		}
	}
}

// The words say what decides it, or why nothing does.
func TestFlagsByHandAreRefusedInWords(t *testing.T) {
	for set, says := range map[string]string{
		"args={--only=200000000000000001}":    "args has --only=200000000000000001, which is about one run",
		"args={--read-qps=5,--expect-plan=x}": "args has --expect-plan=x, which is about one run",
		"args={--allow-revocations=9}":        "is about one run",
		"args={--simulate=x}":                 "is about one run",
		"args={-h}":                           "args has -h, which is about one run",
		"args={-pother}":                      "args has -pother, which the value policy decides",
		"args={-oother}":                      "args has -oother, which the value storage decides",
		"args={--dry-run}":                    "args has --dry-run, which the value revoke decides",
		"args={--metrics-file=x}":             "which the value metrics.push decides",
		"args={--push-source=x}":              "which the value metrics.push decides",
		"args={--red-qps=5}":                  "of the flags it takes only these:\n  --call-timeout --concurrency",
		"audit.args={--emit-policy}":          "audit.args has --emit-policy, which is about one run",
		"env.ACKREVOKE_PUSH=http://x":         "env has ACKREVOKE_PUSH, which the value metrics.push decides",
		"env.ACKREVOKE_ONLY=x":                "env has ACKREVOKE_ONLY, which is about one run",
		"args={--only,200000000000000001}":    "at '/args/1'",
		"args={--only 200000000000000001}":    "at '/args/0'",
		"vpc=true,region=x,args={--region=y}": "args has --region=y, which the value vpc decides",
	} {
		err := inProcess(t, "audit-only.yaml", set)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s\nwant: %s\n got: %v", set, says, err)
		}
	}
	const others = "env.ACKREVOKE_LOG_LEVEL=debug,env.HTTPS_PROXY=http://proxy,env.AN_ACKREVOKE_PUSH=x"
	if err := inProcess(t, "audit-only.yaml", others); err != nil {
		t.Error(err)
	}
}

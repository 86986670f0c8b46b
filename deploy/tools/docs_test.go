package tools

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"sigs.k8s.io/yaml"
)

var (
	fenced = regexp.MustCompile("(?ms)^ *```(sh|yml)\n(.*?)^ *```$")
	words  = regexp.MustCompile(`'([^']*)'|"([^"]*)"|(\S+)`)
)

// Every helm command that the documents show renders what an install or a Job would
// be, with the files of values that they show, in their folder.
func TestDocumentedCommands(t *testing.T) {
	lines, values := documented(t)
	if len(lines) < 8 || len(values) != 3 {
		t.Fatalf("%d commands, and these files: %v", len(lines), values)
	}
	folder := place(t, values)
	made := map[string]bool{}
	for _, line := range lines {
		o, renders := play(t, folder, line)
		if renders && len(o.cronJobs)+len(o.jobs) == 0 {
			t.Errorf("%s\nmakes nothing", line)
		}
		for owner := range o.pods() {
			made[owner] = true
		}
	}
	for _, owner := range []string{"CronJob ackrevoke", "Job ackrevoke-read", "Job ackrevoke-restore", "Job ackrevoke-restore-apply"} {
		if !made[owner] {
			t.Errorf("no command makes the %s: %v", owner, made)
		}
	}
}

// documented are the commands, and the files of values by the name in their first line.
func documented(t *testing.T) (lines []string, values map[string]string) {
	t.Helper()
	values = map[string]string{}
	for _, file := range []string{"README.md", "docs/operate.md", "docs/undo.md"} {
		for _, b := range fenced.FindAllStringSubmatch(read(t, filepath.Join(root, file)), -1) {
			if b[1] == "yml" {
				name, _, _ := strings.Cut(strings.TrimPrefix(b[2], "# "), "\n")
				values[name] = b[2]
				continue
			}
			for line := range strings.Lines(b[2]) {
				if line = strings.TrimSpace(line); strings.HasPrefix(line, "helm ") {
					lines = append(lines, line)
				}
			}
		}
	}
	return lines, values
}

// place is a folder with what the reader has: the chart, the values that the documents
// show, policies, and the values of a release that revokes.
func place(t *testing.T, values map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.CopyFS(filepath.Join(folder, "deploy/chart/ackrevoke"), os.DirFS(chart)); err != nil {
		t.Fatal(err)
	}
	policy := read(t, filepath.Join(root, "policy.yaml"))
	text, err := yaml.Marshal(map[string]string{"policy": policy})
	if err != nil {
		t.Fatal(err)
	}
	values["policy.yaml"], values["prod.yaml"], values["test.yaml"] = policy, policy, policy
	values["installed.yaml"] = values["values.yaml"] + "revoke: true\n" + string(text)
	for name, text := range values {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// play renders what one line would send to a cluster: that of an install, an upgrade,
// or a template. Others only look, or take away.
func play(t *testing.T, folder, line string) (o objects, renders bool) {
	t.Helper()
	line, _, _ = strings.Cut(line, "  #")
	line, _, _ = strings.Cut(line, " | ")
	var args []string
	for _, m := range words.FindAllStringSubmatch(line, -1)[1:] {
		args = append(args, m[1]+m[2]+m[3])
	}
	switch args[0] {
	case "upgrade", "template":
		args[0] = "template"
	case "get", "uninstall":
		return o, false
	default:
		t.Errorf("helm %s: who does this?", args[0])
		return o, false
	}
	var kept []string
	for _, a := range args {
		switch a {
		case "--install", "--create-namespace":
		case "--reset-then-reuse-values":
			kept = append(kept, "--values", "installed.yaml")
		default:
			kept = append(kept, a)
		}
	}
	t.Chdir(folder)
	out, err := helm(kept...)
	if err != nil {
		t.Errorf("%s\n%v", line, err)
		return o, false
	}
	return decode(t, out), true
}

// What is said after an install: the mode, the label that RRSA needs, and what to type next.
func TestNotes(t *testing.T) {
	c, err := loader.Load(chart)
	if err != nil {
		t.Fatal(err)
	}
	for file, says := range map[string][]string{
		"audit-only.yaml": {"ackrevoke only looks, at 17 2 * * * (Etc/UTC)", "--set revoke=true", "system:serviceaccount:ackrevoke:ackrevoke",
			"Nothing outlives its pods: no run knows that a list was emptied. With\nstorage.always=true it does.",
			"kubectl label namespace ackrevoke pod-identity.alibabacloud.com/injection=on", "create job now --from=cronjob/ackrevoke"},
		"revoke.yaml":   {"ackrevoke REVOKES what the policy asks for", "on the claim\nackrevoke, which an uninstall leaves"},
		"accounts.yaml": {"There is no audit", "At 17 12 * * * the CronJob ackrevoke-summary proves that all shards handled every file once."},
		"existing.yaml": {"ackrevoke-data, which"},
	} {
		values, err := chartutil.ReadValuesFile(filepath.Join(ci, file))
		if err != nil {
			t.Fatal(err)
		}
		release := chartutil.ReleaseOptions{Name: "ackrevoke", Namespace: "ackrevoke", IsInstall: true}
		caps := chartutil.DefaultCapabilities.Copy()
		caps.KubeVersion = chartutil.KubeVersion{Version: "v1.36.0", Major: "1", Minor: "36"}
		all, err := chartutil.ToRenderValues(c, values, release, caps)
		if err != nil {
			t.Fatal(err)
		}
		out, err := engine.Render(c, all)
		if err != nil {
			t.Fatal(err)
		}
		notes := out["ackrevoke/templates/NOTES.txt"]
		for _, words := range says {
			if !strings.Contains(notes, words) {
				t.Errorf("%s does not say %q:\n%s", file, words, notes)
			}
		}
		if strings.Contains(notes, "label namespace") == (file == "existing.yaml") {
			t.Errorf("%s: the label is for RRSA:\n%s", file, notes)
		}
	}
}

package hostile

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/report"
)

// What a person gives may be hostile too: they paste what others wrote.
func TestHostileArguments(t *testing.T) {
	texts := corpus(t)
	texts["no UTF-8"] = "a\xff\xfe\x9b2Jz"
	dir := t.TempDir()
	t.Chdir(dir)
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		text := texts[name]
		for _, args := range [][]string{
			{text}, {"run", text}, {"run", "--" + text}, {"run", "-" + text}, {"run", "--" + text + "=" + text}, {"run", "-p", text},
			{"run", "--read-qps", text}, {"run", "--timeout", text}, {"run", "--dry-run=" + text}, {"run", "--allow-revocations", text},
			{"run", "--expect-plan", text}, {"run", "--region", text}, {"run", "--cs-endpoint", text}, {"run", "--cs-endpoint", "http://" + text},
			{"run", "--log-format", text}, {"run", "--log-level", text}, {"run", "--schedule", text}, {"run", "--schedule", "CRON_TZ=" + text},
			{"run", "--schedule", "CRON_TZ=" + text + " * * * * *"},
			{"audit", text}, {"audit", "--format", text}, {"audit", "--fail-on", text}, {"audit", "-p", text}, {"doctor", text},
			{"doctor", "--format", text}, {"doctor", "-p", text}, {"doctor", "--cs-endpoint", "http://" + text},
			{"run", "--simulate", text, "-p", "policy.yaml"}, {"validate", text}, {"validate", "x" + text, text}, {"schema", text},
			{"simulate", "--estate", text},
			{"simulate", "--listen", text, "--estate", "x"}, {"simulate", "--latency", text},
			{"simulate", "--faults", text, "--estate", "estate.yaml"}, {"version", text},
		} {
			exits(t, args, nil, 2)
		}
		exits(t, []string{"help", text}, nil, 0, 2)
		exits(t, []string{"run"}, []string{"ACKREVOKE_READ_QPS=" + text}, 2)
		exits(t, []string{"run"}, []string{"ACKREVOKE_POLICY=x" + text}, 2)
	}
}

// exits makes a call of the program in the working folder and holds what it
// says to the rules.
func exits(t *testing.T, args, env []string, want ...int) {
	t.Helper()
	for _, terminal := range []bool{false, true} {
		if terminal && args[0] != "run" {
			continue // only run asks
		}
		var stdout, stderr bytes.Buffer
		p := cli.Program{Args: args, Env: env, Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Terminal: terminal,
			Now: func() time.Time { return stage.Noon }}
		what := fmt.Sprintf("%.60q", strings.Join(append(args, env...), " "))
		if code := p.Run(context.Background()); !slices.Contains(want, code) {
			t.Errorf("%s: exit %d\n%.1000s", what, code, stderr.String())
		}
		said(t, what+" stdout", stdout.String(), false)
		said(t, what+" stderr", stderr.String(), terminal)
	}
}

// A policy or an estate with such texts in any of its places is refused with
// messages that can be read, whatever they quote.
func TestHostileFiles(t *testing.T) {
	texts := corpus(t)
	t.Chdir(t.TempDir())
	write := func(name, text string) {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		text := texts[name]
		for _, as := range []string{text, spell(text), "!" + text, "&" + text, "*" + text} {
			for _, place := range []string{
				"version: T", "T: 1", "account: T", "timeZone: T", "scope: {include: [T]}", "scope: {minClusters: T}", "guards: {maxPrincipals: T}",
				"accepted: [{what: T}]", "principals: T", "principals: [{uid: T}]",
				"principals: [{uid: \"1\", reason: T, kind: T, effective: T, force: T, clusters: [T]}]",
				"principals: [{uid: \"1\", T: T}]",
			} {
				write("policy.yaml", strings.ReplaceAll(place, "T", as)+"\n")
				exits(t, []string{"validate"}, nil, 2)
				exits(t, []string{"doctor"}, nil, 2)
			}
			write("ok.yaml", "version: 1\naccount: \"1234567890123456\"\nprincipals: []\n")
			for _, place := range []string{"account: T", "users: [{uid: T, name: [T]}]", "T: T", "clusters: [{id: T, state: T}]"} {
				write("estate.yaml", strings.ReplaceAll(place, "T", as)+"\n")
				exits(t, []string{"simulate", "--estate", "estate.yaml"}, nil, 2)
			}
		}
		exits(t, []string{"run", "-p", "ok.yaml", "--simulate", "estate.yaml"}, nil, 2)
		write("policy.yaml", "version: 1\naccount: "+spell(text))
		exits(t, []string{"run"}, nil, 2)
	}
}

// Files may have any name. The next command is still the very command, and
// pasting it runs nothing else.
func TestHostilePaths(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash here to paste the command into")
	}
	texts := corpus(t)
	texts["no UTF-8"] = "a\xff\xfe\x9b2Jz'"
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		text := strings.NewReplacer("/", "-", "\x00", "").Replace(texts[name])
		if len(text) > 200 {
			text = strings.ToValidUTF8(text[:200], "")
		}
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), text)
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Skip(err) // not a name on this file system
			}
			t.Chdir(dir)
			for file, data := range map[string][]byte{
				"p" + text: []byte("version: 1\naccount: \"1234567890123456\"\nprincipals:\n  - {uid: \"200000000000000001\", reason: departed}\n"),
				"e" + text: []byte(stage.Faulty),
			} {
				if err := os.WriteFile(file, data, 0o600); err != nil {
					t.Skip(err)
				}
			}
			for _, m := range modes {
				var stdout, stderr bytes.Buffer
				args := append([]string{"run", "-p", filepath.Join(dir, "p"+text), "-o", "r" + text, "--simulate", "e" + text, "--journal",
					"j" + text}, m.args...)
				p := cli.Program{Args: args, Env: m.env, Terminal: m.terminal, Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr,
					Now: func() time.Time { return stage.Noon }}
				if code := p.Run(context.Background()); code != 0 {
					t.Fatalf("%s: exit %d\n%s", m.name, code, stderr.String())
				}
				said(t, m.name, stderr.String(), m.terminal)
				harmless(t, "report", string(stage.Must(os.ReadFile("r"+text))))
				r := stage.Must(report.Read("r" + text))
				want := append(slices.Clone(args), "--dry-run=false", "--expect-plan", r.Plan.Digest)
				_, next, found := strings.Cut(spoken.Replace(stderr.String()), "\nNext: ")
				if m.lines() {
					var last map[string]any
					lines := strings.Split(strings.TrimSpace(spoken.Replace(stderr.String())), "\n")
					if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil {
						t.Fatal(err)
					}
					next, found = last["next"].(string)
				}
				pasted := exec.Command(bash, "-c", "ackrevoke() { printf '%s\\0' \"$@\"; }\n"+strings.TrimSpace(next))
				pasted.Env = []string{"LC_ALL=C.UTF-8"}
				out, err := pasted.Output()
				if got := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"); !found || err != nil || !slices.Equal(got, want) {
					t.Errorf("%s: %v\n pasted %q\n    got %q\n   want %q", m.name, err, next, got, want)
				}
			}
		})
	}
}

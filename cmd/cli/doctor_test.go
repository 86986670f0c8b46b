package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"ackrevoke/ack"
	"ackrevoke/ack/sim"
	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/end"
	"ackrevoke/job/report"
)

// checkup is one case of testdata/doctor: what stands there is an estate with a
// policy, and what doctor says of them is kept beside it as text and JSON.
type checkup struct {
	Note   string        `yaml:"note"`
	Exit   int           `yaml:"exit"`
	Skew   time.Duration `yaml:"skew"`
	Faults string        `yaml:"faults"`
	Args   []string      `yaml:"args"`
	Policy string        `yaml:"policy"` // none: no policy is read
	Estate string        `yaml:"estate"`
}

// TestDoctor keeps to the word what doctor says in each case. UPDATE=1 rewrites
// what is kept.
func TestDoctor(t *testing.T) {
	stage.Keys(t, stage.Account)
	cases := stage.Must(filepath.Glob("../../testdata/doctor/*.yaml"))
	if len(cases) == 0 {
		t.Fatal("no case found")
	}
	for _, file := range cases {
		stem := strings.TrimSuffix(stage.Must(filepath.Abs(file)), ".yaml")
		t.Run(filepath.Base(stem), func(t *testing.T) {
			var c checkup
			d := yaml.NewDecoder(bytes.NewReader(stage.Must(os.ReadFile(stem + ".yaml"))))
			d.KnownFields(true)
			if err := d.Decode(&c); err != nil || c.Note == "" {
				t.Fatal("a case needs a note: ", err)
			}
			t.Chdir(t.TempDir()) // policy.yaml is looked for there
			if c.Policy != "" {
				if err := os.WriteFile("policy.yaml", []byte(c.Policy), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var faults *sim.Faults
			if c.Faults != "" {
				faults = stage.Must(sim.LoadFaults("faults.yaml", []byte("faults: "+c.Faults)))
			}
			stage.BubbleOf(t, []byte(c.Estate), sim.Options{Faults: faults, Skew: c.Skew}, stage.Noon, func(w *stage.World) {
				text := w.Doctor(c.Args...)
				kept(t, stem+".txt", text.Stdout)
				for i, line := range strings.Split(text.Stdout, "\n") {
					if n := len([]rune(line)); n > 120 && !strings.HasPrefix(line, "Next: ") && !strings.HasPrefix(line, text.VerdictName()) {
						t.Errorf("line %d is %d wide", i+1, n)
					}
				}
				if strings.ContainsAny(text.Stdout, "\x1b\u202e\a\r") {
					t.Errorf("a terminal could be harmed: %q", text.Stdout)
				}
			})
			if c.Faults != "" {
				faults = stage.Must(sim.LoadFaults("faults.yaml", []byte("faults: "+c.Faults)))
			}
			stage.BubbleOf(t, []byte(c.Estate), sim.Options{Faults: faults, Skew: c.Skew}, stage.Noon, func(w *stage.World) {
				e, d := w.Examination(c.Args...)
				if d.Code != c.Exit {
					t.Errorf("exit %d, want %d\n%s", d.Code, c.Exit, d.Stderr)
				}
				if names := nulls(t, d.Stdout); len(names) > 0 {
					t.Errorf("null: %v", names)
				}
				if len(e.Reads) != len(ack.Reads()) {
					t.Errorf("%d reads are told of, and a run has %d", len(e.Reads), len(ack.Reads()))
				}
				kept(t, stem+".json", d.Stdout)
			})
		})
	}
}

// nulls are the names of the fields that are null and may not be.
func nulls(t *testing.T, raw string) []string {
	t.Helper()
	var names []string
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case nil:
			if !regexp.MustCompile(`^\.policy$|^\.grant$|\.error$|^\.findings\[\]\.(access|listed|entry)$`).MatchString(path) {
				names = append(names, path)
			}
		case map[string]any:
			for k, e := range v {
				walk(path+"."+k, e)
			}
		case []any:
			for _, e := range v {
				walk(path+"[]", e)
			}
		}
	}
	var top any
	if err := json.Unmarshal([]byte(raw), &top); err != nil {
		t.Fatal(err)
	}
	walk("", top)
	return names
}

var (
	requestIDs = regexp.MustCompile(`"requestId": "[^"]+"`)
	versions   = regexp.MustCompile(`"version": "[^"]*"`)
)

// kept compares with what is kept in a file, but for what no two builds and
// calls have in common.
func kept(t *testing.T, path, got string) {
	t.Helper()
	got = requestIDs.ReplaceAllString(versions.ReplaceAllString(got, `"version": "..."`), `"requestId": "..."`)
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; UPDATE=1 writes it", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-kept +said):\n%s", filepath.Base(path), diff)
	}
}

// Under every fault of every read doctor ends by itself, writes nothing, names
// the read that failed, and never calls ready what a dry run cannot do.
func TestDoctorUnderFaults(t *testing.T) {
	stage.Keys(t, stage.Account)
	policy := stage.PolicyFile(t, []string{`{uid: "200000000000000001", reason: departed}`})
	for _, read := range ack.Reads() {
		for _, do := range []string{"denied", "empty500", "html502", "redirect", "resetBefore", "hang", "truncated", "tokenExpires",
			"throttle", "error, code: Whatever"} {
			name := fmt.Sprintf("{on: %s, times: 0, do: %s}", read.Operation, do)
			if read.Fallback {
				name = "{on: DescribeRegions, times: 0, do: denied}, " + name
			}
			t.Run(name, func(t *testing.T) {
				script := func() sim.Options {
					return sim.Options{Faults: stage.Must(sim.LoadFaults("faults.yaml", []byte("faults: ["+name+"]")))}
				}
				var e *report.Doctor
				stage.BubbleOf(t, []byte(stage.Faulty), script(), stage.Noon, func(w *stage.World) { e, _ = w.Examination("-p", policy) })
				var dry stage.Ran
				stage.BubbleOf(t, []byte(stage.Faulty), script(), stage.Noon, func(w *stage.World) { dry = w.Run(context.Background(), "-p", policy) })
				if e.Verdict.ExitCode == 0 || dry.Code == end.CodeError && e.Verdict.ExitCode != 1 {
					t.Errorf("doctor exits %d, a dry run %d: %+v", e.Verdict.ExitCode, dry.Code, e.Findings)
				}
				for _, r := range e.Reads {
					if r.Operation != read.Operation {
						continue
					}
					if want := map[bool]report.Answer{true: report.Denied, false: report.Missed}[do == "denied"]; r.Answer != want {
						t.Errorf("%s: %s %s, want %s", r.Operation, r.Answer, r.Why, want)
					}
					if r.Error == nil || r.Error.Hint == "" {
						t.Errorf("%s: no word of what to do: %+v", r.Operation, r.Error)
					}
				}
			})
		}
	}
}

// docs/audit.md shows what doctor says, with lines left out.
func TestDocsShowTheDoctor(t *testing.T) {
	const command = "$ ackrevoke doctor --policy policy.yaml --simulate testdata/estate.yaml\n"
	shows := string(stage.Must(os.ReadFile(filepath.Join("..", "..", "docs", "audit.md"))))
	_, shown, found := strings.Cut(shows, command)
	shown, _, ended := strings.Cut(shown, "```")
	if !found || !ended {
		t.Fatal("docs/audit.md does not show it")
	}
	t.Chdir(filepath.Join("..", ".."))
	var stdout, stderr bytes.Buffer
	p := cli.Program{Args: strings.Fields(command)[2:], Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr,
		Now: func() time.Time { return stage.Noon }}
	if code := p.Run(t.Context()); code != 0 {
		t.Fatalf("exit %d\n%s%s", code, stdout.String(), stderr.String())
	}
	rest := stdout.String()
	for _, line := range strings.Split(strings.TrimSuffix(shown, "\n"), "\n") {
		if line == "..." {
			continue
		}
		_, after, found := strings.Cut("\n"+rest, "\n"+line+"\n")
		if !found {
			t.Errorf("docs/audit.md says %q, and doctor\n%s", line, stdout.String())
		}
		rest = after
	}
}

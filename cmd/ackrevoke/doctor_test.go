package main

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
	"ackrevoke/job/end"
	"ackrevoke/job/report"
)

// doctored is what one examination left behind.
type doctored struct {
	code           int
	stdout, stderr string
	calls          []sim.Call
}

// doctor examines the world, and holds the examination to its first promise:
// it makes no call that could write, and no file.
func (w *world) doctor(args ...string) doctored {
	w.t.Helper()
	w.account.Reset()
	var stdout, stderr bytes.Buffer
	p := Program{
		Args: append([]string{"doctor", "--cs-endpoint", "http://127.0.0.1:1", "--ram-endpoint", "http://127.0.0.1:1", "--sts-endpoint", "http://127.0.0.1:1"}, args...),
		Env:  []string{}, Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Now: w.now, Dial: w.pipe.dial,
	}
	d := doctored{code: p.Run(context.Background()), stdout: stdout.String(), stderr: stderr.String(), calls: w.account.Calls()}
	for _, c := range d.calls {
		if c.Write {
			w.t.Errorf("doctor %v made the write %s %s %s", args, c.Operation, c.Cluster, c.UID)
		}
	}
	if d.code != 0 && d.code != 1 && d.code != 6 {
		w.t.Errorf("doctor %v: exit %d\n%s", args, d.code, d.stderr)
	}
	if files, _ := filepath.Glob(filepath.Join(w.dir, "report*")); len(files) > 0 {
		w.t.Errorf("doctor left %v", files)
	}
	return d
}

// examination is what doctor says as JSON.
func (w *world) examination(args ...string) (*report.Doctor, doctored) {
	w.t.Helper()
	d := w.doctor(append(args, "--format", "json")...)
	e := &report.Doctor{}
	if err := json.Unmarshal([]byte(d.stdout), e); err != nil {
		w.t.Fatalf("%v\n%s\n%s", err, d.stdout, d.stderr)
	}
	fits(w.t, "doctor", []byte(d.stdout))
	if e.Verdict.ExitCode != d.code {
		w.t.Errorf("the verdict says exit %d, and it is %d", e.Verdict.ExitCode, d.code)
	}
	for _, f := range e.Findings {
		if f.Message == "" || f.Hint == "" {
			w.t.Errorf("a finding without a message or a next step: %+v", f)
		}
	}
	return e, d
}

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
	keys(t, showcaseAccount)
	cases := must(filepath.Glob("../../testdata/doctor/*.yaml"))
	if len(cases) == 0 {
		t.Fatal("no case found")
	}
	for _, file := range cases {
		stem := strings.TrimSuffix(must(filepath.Abs(file)), ".yaml")
		t.Run(filepath.Base(stem), func(t *testing.T) {
			var c checkup
			d := yaml.NewDecoder(bytes.NewReader(must(os.ReadFile(stem + ".yaml"))))
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
				faults = must(sim.LoadFaults("faults.yaml", []byte("faults: "+c.Faults)))
			}
			bubbleOf(t, []byte(c.Estate), sim.Options{Faults: faults, Skew: c.Skew}, noon, func(w *world) {
				text := w.doctor(c.Args...)
				kept(t, stem+".txt", text.stdout)
				for i, line := range strings.Split(text.stdout, "\n") {
					if n := len([]rune(line)); n > 120 && !strings.HasPrefix(line, "Next: ") && !strings.HasPrefix(line, text.verdictName()) {
						t.Errorf("line %d is %d wide", i+1, n)
					}
				}
				if strings.ContainsAny(text.stdout, "\x1b\u202e\a\r") {
					t.Errorf("a terminal could be harmed: %q", text.stdout)
				}
			})
			if c.Faults != "" {
				faults = must(sim.LoadFaults("faults.yaml", []byte("faults: "+c.Faults)))
			}
			bubbleOf(t, []byte(c.Estate), sim.Options{Faults: faults, Skew: c.Skew}, noon, func(w *world) {
				e, d := w.examination(c.Args...)
				if d.code != c.Exit {
					t.Errorf("exit %d, want %d\n%s", d.code, c.Exit, d.stderr)
				}
				if names := nulls(t, d.stdout); len(names) > 0 {
					t.Errorf("null: %v", names)
				}
				if len(e.Reads) != len(ack.Reads()) {
					t.Errorf("%d reads are told of, and a run has %d", len(e.Reads), len(ack.Reads()))
				}
				kept(t, stem+".json", d.stdout)
			})
		})
	}
}

// verdictName begins the closing line, which is as long as it has to be.
func (d doctored) verdictName() string {
	lines := strings.Split(strings.TrimSpace(d.stdout), "\n")
	for _, l := range lines {
		if strings.Contains(l, "(exit ") {
			name, _, _ := strings.Cut(l, " ")
			return name
		}
	}
	return "no closing line"
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

// What doctor calls ready a dry run ends with 0, and what ends a dry run with
// another code doctor names: tried on every showcase.
func TestDoctorFindsWhatADryRunWouldMeet(t *testing.T) {
	keys(t, showcaseAccount)
	folders := must(filepath.Glob("../../testdata/showcase/*/expect.yaml"))
	spread := map[string]int{}
	for _, f := range folders {
		folder := filepath.Dir(f)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			var c showcase
			if err := yaml.Unmarshal(must(os.ReadFile(f)), &c); err != nil {
				t.Fatal(err)
			}
			bubble(t, must(os.ReadFile(filepath.Join(folder, "estate.yaml"))), c.Now, func(w *world) {
				policy := c.Steps[0].args(folder)[1]
				dry := w.run(context.Background(), "-p", policy)
				if dry.code == end.CodeInvalid {
					return
				}
				if err := os.Remove(filepath.Join(w.dir, "report.json")); err != nil {
					t.Fatal(err)
				}
				_, d := w.examination("-p", policy)
				if (d.code == 0) != (dry.code == 0) {
					t.Errorf("doctor exits %d and a dry run %d\n%s", d.code, dry.code, d.stdout)
				}
				spread[fmt.Sprintf("doctor %d, dry run %d", d.code, dry.code)]++
			})
		})
	}
	t.Log(spread)
}

// Under every fault of every read doctor ends by itself, writes nothing, names
// the read that failed, and never calls ready what a dry run cannot do.
func TestDoctorUnderFaults(t *testing.T) {
	keys(t, showcaseAccount)
	policy := policyFile(t, []string{`{uid: "200000000000000001", reason: departed}`})
	for _, read := range ack.Reads() {
		for _, do := range []string{"denied", "empty500", "html502", "redirect", "resetBefore", "hang", "truncated", "tokenExpires", "throttle", "error, code: Whatever"} {
			name := fmt.Sprintf("{on: %s, times: 0, do: %s}", read.Operation, do)
			if read.Fallback {
				name = "{on: DescribeRegions, times: 0, do: denied}, " + name
			}
			t.Run(name, func(t *testing.T) {
				script := func() sim.Options {
					return sim.Options{Faults: must(sim.LoadFaults("faults.yaml", []byte("faults: ["+name+"]")))}
				}
				var e *report.Doctor
				bubbleOf(t, []byte(faulty), script(), noon, func(w *world) { e, _ = w.examination("-p", policy) })
				var dry ran
				bubbleOf(t, []byte(faulty), script(), noon, func(w *world) { dry = w.run(context.Background(), "-p", policy) })
				if e.Verdict.ExitCode == 0 || dry.code == end.CodeError && e.Verdict.ExitCode != end.CodeError {
					t.Errorf("doctor exits %d, a dry run %d: %+v", e.Verdict.ExitCode, dry.code, e.Findings)
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
	shows := string(must(os.ReadFile(filepath.Join("..", "..", "docs", "audit.md"))))
	_, shown, found := strings.Cut(shows, command)
	shown, _, ended := strings.Cut(shown, "```")
	if !found || !ended {
		t.Fatal("docs/audit.md does not show it")
	}
	t.Chdir(filepath.Join("..", ".."))
	var stdout, stderr bytes.Buffer
	p := Program{Args: strings.Fields(command)[2:], Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Now: func() time.Time { return noon }}
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

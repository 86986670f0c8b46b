package cli_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/report"
)

// said is how a command line ends, and what it says, on both streams.
func said(args ...string) (code int, text string) {
	var out bytes.Buffer
	p := cli.Program{Args: args, Env: []string{}, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out,
		Now: func() time.Time { return stage.Noon }}
	return p.Run(context.Background()), out.String()
}

// A file that cannot be read is said to be missing, a folder, or forbidden, and
// never to be invalid: each with what to do about that.
func TestMissingFiles(t *testing.T) {
	root := stage.Must(filepath.Abs("../.."))
	t.Chdir(t.TempDir())
	stage.Keys(t, stage.Account)
	for _, name := range []string{"policy.yml", "report.json", "leaked.yaml", "estate.yaml"} {
		put(t, name, "none of ours\n")
	}
	stage.NoError(t, os.Mkdir("reports", 0o700))
	stage.NoError(t, os.Symlink("nowhere", "link.yaml"))
	valid := filepath.Join(root, "policy.yaml")
	estate := "--simulate=" + filepath.Join(root, "testdata", "estate.yaml")
	restore := []string{"--uid=1", "--cluster=c1", "-p", valid}
	for _, c := range []struct {
		args  []string
		wants []string
	}{
		{[]string{"run"}, []string{"policy.yaml: there is no such file", "did you mean policy.yml?", "ackrevoke init"}},
		{[]string{"run", "-p", "polcy.yml"}, []string{"polcy.yml: there is no such file", "did you mean policy.yml?"}},
		{[]string{"run", "-p", "nope.yaml"}, []string{"nope.yaml: there is no such file", "hint: name it with --policy; ackrevoke init"}},
		{[]string{"run", "-p", "conf/policy.yaml"}, []string{"there is no such file, nor a folder conf"}},
		{[]string{"run", "-p", "reports"}, []string{"reports: it is a folder", "name a file in it"}},
		{[]string{"run", "-p", "report.json/policy.yaml"}, []string{"a part of that path is a file and no folder"}},
		{[]string{"run", "-p", "link.yaml"}, []string{"it is a symbolic link to nothing"}},
		{[]string{"run", "-p", valid, "--simulate", "estate.yml", "-o", "other.json"},
			[]string{"the estate cannot be read", "did you mean estate.yaml?"}},
		{[]string{"doctor", "-p", "nope.yaml"}, []string{"there is no such file"}},
		{[]string{"audit", "-p", "nope.yaml"}, []string{"there is no such file"}},
		{[]string{"pin"}, []string{"policy.yaml: there is no such file", "did you mean policy.yml?"}},
		{[]string{"add", "bob", "--reason", "departed", "-p", "nope.yaml"}, []string{"there is no such file"}},
		{[]string{"inspect", "leakd.yaml"},
			[]string{"the file cannot be read: leakd.yaml: there is no such file", "did you mean leaked.yaml?"}},
		{[]string{"inspect", "reports"}, []string{"it is a folder"}},
		{[]string{"prove", "leakd.yaml"}, []string{"there is no such file", "did you mean leaked.yaml?"}},
		{append([]string{"restore", "report.jsn"}, restore...), []string{"the source cannot be read: report.jsn: there is no such file",
			"did you mean report.json?"}},
		{append([]string{"restore", "reports"}, restore...), []string{"it is a folder"}},
		{[]string{"run", "--policy-dir", "report"}, []string{"--policy-dir report: there is no such folder", "did you mean reports?"}},
		{[]string{"run", "--policy-dir", "report.json"}, []string{"it is a file and no folder"}},
		{[]string{"summary", "repots"}, []string{"there is no such folder", "did you mean reports?"}},
		{[]string{"simulate", "--estate", "estate.yml"}, []string{"there is no such file", "did you mean estate.yaml?"}},
		{[]string{"simulate", "--estate", "estate.yaml", "--faults", "none"},
			[]string{"the fault script cannot be read: none: there is no such file"}},
		{[]string{"run", "-p", valid, "--only", "200000000000000002", estate, "-o", "r.json", "--journal", "policy.yml"}, nil},
	} {
		code, text := said(c.args...)
		if len(c.wants) == 0 { // another place than one that is read: its own words, and its own code
			if code != 1 || !strings.Contains(text, "policy.yml") || !strings.Contains(text, "hint: nothing was called") {
				t.Errorf("%q: exit %d\n%s", c.args, code, text)
			}
			continue
		}
		if code != 2 || !strings.Contains(text, "hint: ") || strings.Contains(text, "not valid") {
			t.Errorf("%q: exit %d\n%s", c.args, code, text)
		}
		for _, want := range c.wants {
			if !strings.Contains(text, want) {
				t.Errorf("%q: nothing says %q\n%s", c.args, want, text)
			}
		}
	}
	if os.Getuid() != 0 { // root may read everything
		stage.NoError(t, os.Chmod("policy.yml", 0))
		if code, text := said("run", "-p", "policy.yml", "-o", "other.json"); code != 2 || !strings.Contains(text, "permission denied") {
			t.Errorf("exit %d\n%s", code, text)
		}
	}
}

// A run without its policy leaves a report that says so.
func TestMissingPolicyIsReported(t *testing.T) {
	t.Chdir(t.TempDir())
	code, text := said("run", "-p", "nope.yaml")
	r, err := report.Read("report.json")
	if code != 2 || err != nil || len(r.Errors) != 1 || r.Verdict.Name != "invalid" {
		t.Fatalf("exit %d, %v, %+v\n%s", code, err, r, text)
	}
	if e := r.Errors[0]; e.Message != "the policy cannot be read: nope.yaml: there is no such file" ||
		!strings.Contains(e.Hint, "ackrevoke init") {
		t.Errorf("%+v", e)
	}
}

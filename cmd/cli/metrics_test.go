package cli_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/end"
)

const nobodyLeft = "version: 1\naccount: \"1234567890123456\"\nprincipals: []\n"

// value is a sample of a metrics file, and whether it is there.
func value(t *testing.T, path, sample string) (float64, bool) {
	t.Helper()
	m := regexp.MustCompile(`(?m)^ackrevoke_` + regexp.QuoteMeta(sample) + ` (\S+)$`).FindSubmatch(stage.Must(os.ReadFile(path)))
	if m == nil {
		return 0, false
	}
	return stage.Must(strconv.ParseFloat(string(m[1]), 64)), true
}

func of(name string, more ...string) string {
	return name + `{account="1234567890123456"` + strings.Join(append([]string{""}, more...), ",") + "}"
}

// The file is there after a run, says what the report says, can be read by
// others, and has nothing in it that a linter minds.
func TestMetricsFile(t *testing.T) {
	stage.Keys(t, stage.Account)
	stage.Bubble(t, stage.Must(os.ReadFile("../../testdata/estate.yaml")), stage.Noon, func(w *stage.World) {
		path := filepath.Join(w.Dir, "ackrevoke.prom")
		got := w.Run(context.Background(), "-p", "../../policy.yaml", "--metrics-file", path)
		s := got.Report.Summary
		for sample, want := range map[string]int{
			of("run_exit_code"): got.Code, of("left_to_revoke"): s.Actions, of("entries", `state="in_effect"`): s.InEffect,
			of("targets", `state="settled"`): s.Settled, of("outcomes", `status="planned"`): s.Actions, of("list_emptied"): 0,
			of("calls", `operation="ListUsers"`, `result="ok"`):                      got.Count("ListUsers"),
			of("run_info", `mode="dry-run"`, `simulated="false"`, `version="devel"`): 1,
		} {
			if n, ok := value(t, path, sample); !ok || n != float64(want) {
				t.Errorf("%s is %v, not %d", sample, n, want)
			}
		}
		if s.Actions == 0 || len(got.Writes()) > 0 {
			t.Errorf("%d actions, writes %v", s.Actions, got.Writes())
		}
		if info := stage.Must(os.Stat(path)); info.Mode().Perm() != 0o644 {
			t.Errorf("mode %v", info.Mode())
		}
		text := stage.Must(os.ReadFile(path))
		if problems, err := promlint.New(bytes.NewReader(text)).Lint(); err != nil || len(problems) > 0 {
			t.Error(problems, err)
		}
		for _, p := range got.Report.Principals {
			if p.Name != "" && bytes.Contains(text, []byte(p.Name)) || bytes.Contains(text, []byte(p.UID)) {
				t.Errorf("%s %s is in the metrics", p.UID, p.Name)
			}
		}
		if left := stage.Must(filepath.Glob(filepath.Join(w.Dir, ".ackrevoke-*"))); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
}

// Every way in which a run ends moves the attempt; only exit code 0 moves the
// success, which survives all others.
func TestMetricsOfEveryEnding(t *testing.T) {
	stage.Keys(t, stage.Account)
	stage.Bubble(t, stage.Must(os.ReadFile("../../testdata/estate.yaml")), stage.Noon, func(w *stage.World) {
		path := filepath.Join(w.Dir, "ackrevoke.prom")
		policy := func(text string) string {
			name := filepath.Join(w.Dir, "policy.yaml")
			stage.NoError(t, os.WriteFile(name, []byte(text), 0o600))
			return name
		}
		interrupted, cancel := context.WithCancelCause(context.Background())
		cancel(end.SIGTERM)
		late, stop := context.WithTimeout(context.Background(), time.Nanosecond)
		defer stop()
		success := 0.0
		for _, c := range []struct {
			name string
			ctx  context.Context
			want int
			text string
			args []string
		}{
			{name: "a policy that nobody can read, before anything is known", want: 2, text: "version: 7\n"},
			{name: "clean", text: nobodyLeft},
			{name: "left to revoke", want: 3, text: string(stage.Must(os.ReadFile("../../policy.yaml"))), args: []string{"--check"}},
			{name: "a policy that nobody can read", want: 2, text: "version: 7\n"},
			{name: "a policy that is not valid", want: 2, text: nobodyLeft + "typo: 1\n"},
			{name: "another plan than was reviewed", want: 4, text: nobodyLeft,
				args: []string{"--expect-plan", "sha256:" + strings.Repeat("0", 64)}},
			{name: "a signal", ctx: interrupted, want: 143, text: nobodyLeft},
			{name: "the time is over", ctx: late, want: 6, text: nobodyLeft},
			{name: "the report cannot be written", want: 1, text: nobodyLeft, args: []string{"-o", w.Dir}},
			{name: "an estate that is none", want: 2, text: nobodyLeft, args: []string{"--simulate", "none.yaml", "--cs-endpoint", "",
				"--ram-endpoint", "", "--sts-endpoint", ""}},
			{name: "clean again", text: nobodyLeft},
		} {
			time.Sleep(time.Hour) // of the bubble
			if c.ctx == nil {
				c.ctx = context.Background()
			}
			got := w.Run(c.ctx, append([]string{"-p", policy(c.text), "--metrics-file", path}, c.args...)...)
			if got.Code != c.want {
				t.Fatalf("%s: exit %d\n%s", c.name, got.Code, got.Stderr)
			}
			account := of("")
			if c.name == "a policy that nobody can read, before anything is known" {
				account = `{account=""}`
			}
			now := float64(w.Now().Unix())
			if at, _ := value(t, path, "last_attempt_timestamp_seconds"+account); at < now-30 || at > now {
				t.Errorf("%s: attempted at %v, and it is %v", c.name, at, now)
			}
			if code, ok := value(t, path, "run_exit_code"+account); !ok || code != float64(c.want) {
				t.Errorf("%s: exit code %v", c.name, code)
			}
			at, ok := value(t, path, "last_success_timestamp_seconds"+account)
			switch {
			case c.want == end.CodeClean && (at <= success || at < now-30):
				t.Errorf("%s: succeeded at %v", c.name, at)
			case c.want != end.CodeClean && at != success:
				t.Errorf("%s: succeeded at %v, and not %v", c.name, at, success)
			case ok != (success > 0 || c.want == end.CodeClean):
				t.Errorf("%s: a success that nobody knows: %v", c.name, at)
			}
			success = at
		}
	})
}

// What is no metrics file of ackrevoke is left alone, and the run does not
// begin; the report says why.
func TestMetricsFileOfSomebodyElse(t *testing.T) {
	stage.Keys(t, stage.Account)
	stage.Bubble(t, stage.Must(os.ReadFile("../../testdata/estate.yaml")), stage.Noon, func(w *stage.World) {
		policy := filepath.Join(w.Dir, "policy.yaml")
		stage.NoError(t, os.WriteFile(policy, []byte(nobodyLeft), 0o600))
		for name, text := range map[string]string{
			"a letter": "Dear all,\n", "a script": "#!/bin/sh\nexit 0\n", "JSON": `{"schema": "ackrevoke.report/v1"}` + "\n",
			"metrics of another": "# TYPE node_load1 gauge\nnode_load1 0.5\n",
			"of both":            "ackrevoke_run_exit_code 0\nnode_load1 0.5\n", "half a line": "ackrevoke_run_exit_code{account=\"1",
		} {
			path := filepath.Join(w.Dir, "there.prom")
			stage.NoError(t, os.WriteFile(path, []byte(text), 0o600))
			got := w.Run(context.Background(), "-p", policy, "--metrics-file", path)
			if got.Code != 1 || len(got.Calls) > 0 || string(stage.Must(os.ReadFile(path))) != text {
				t.Errorf("%s: exit %d, %d calls", name, got.Code, len(got.Calls))
			}
			stage.Says(t, got.Stderr, "is no metrics file of ackrevoke", "--metrics-file", "nothing was called")
			if len(got.Report.Errors) != 1 {
				t.Errorf("%s: the report says %+v", name, got.Report.Errors)
			}
		}
		empty := filepath.Join(w.Dir, "empty.prom")
		stage.NoError(t, os.WriteFile(empty, nil, 0o600))
		if got := w.Run(context.Background(), "-p", policy, "--metrics-file", empty); got.Code != 0 {
			t.Errorf("an empty file: exit %d\n%s", got.Code, got.Stderr)
		}
		link := filepath.Join(w.Dir, "link.prom")
		stage.NoError(t, os.Symlink(empty, link))
		for path, says := range map[string]string{w.Dir: "is a folder", link: "is a symbolic link",
			filepath.Join(w.Dir, "no", "folder.prom"): "no such file or directory"} {
			got := w.Run(context.Background(), "-p", policy, "--metrics-file", path)
			if got.Code != 1 || len(got.Calls) > 0 {
				t.Errorf("%s: exit %d, %d calls", path, got.Code, len(got.Calls))
			}
			stage.Says(t, got.Stderr, says)
		}
	})
}

// A file that cannot be put in its place at the end is a warning: the run was
// made, and its report says what became of it.
func TestMetricsFileThatCannotBeWrittenAtTheEnd(t *testing.T) {
	stage.Keys(t, stage.Account)
	stage.Bubble(t, stage.Must(os.ReadFile("../../testdata/estate.yaml")), stage.Noon, func(w *stage.World) {
		policy := filepath.Join(w.Dir, "policy.yaml")
		stage.NoError(t, os.WriteFile(policy, []byte(nobodyLeft), 0o600))
		path := filepath.Join(w.Dir, "ackrevoke.prom")
		var said bytes.Buffer
		taken := func(p *cli.Program) {
			p.Stderr = &said
			dial := p.Dial
			p.Dial = func(ctx context.Context, network, address string) (c conn, err error) {
				_ = os.Mkdir(path, 0o700) // somebody takes the place while the run is under way
				return dial(ctx, network, address)
			}
		}
		if code := program(w, taken, "-p", policy, "--metrics-file", path); code != 0 {
			t.Errorf("exit %d\n%s", code, said.String())
		}
		stage.Says(t, said.String(), "the metrics could not be written", "is a folder")
		closesLast(t, said.String())
	})
}

// What is wrong with the flags is said before anything is read or called, and
// no password with it.
func TestMetricsFlags(t *testing.T) {
	dir := t.TempDir()
	policy := filepath.Join(dir, "policy.yaml")
	stage.NoError(t, os.WriteFile(policy, []byte(nobodyLeft), 0o600))
	for _, c := range []struct {
		says string
		env  []string
		args []string
	}{
		{"--metrics-file is empty", nil, []string{"--metrics-file", ""}},
		{"not standard output", nil, []string{"--metrics-file", "-"}},
		{"would overwrite the report", nil, []string{"--metrics-file", filepath.Join(dir, "x", "..", "report.json")}},
		{"would overwrite the report or the policy", nil, []string{"--metrics-file", policy}},
		{"--push is empty", nil, []string{"--push="}},
		{"begin it with http:// or https://", nil, []string{"--push", "pushgateway:9091"}},
		{"begin it with http:// or https://", nil, []string{"--push", "ftp://u:hunter2@pushgateway"}},
		{"no host", nil, []string{"--push", "http://"}},
		{"a query or fragment", nil, []string{"--push", "https://u:hunter2@gateway/?token=x"}},
		{"leave out /metrics", nil, []string{"--push", "https://gateway/metrics/job/x"}},
		{"the port is not a number", nil, []string{"--push", "https://u:hunter2@gateway:99999"}},
		{"no URL", nil, []string{"--push", "http://u:hunter2@gate way"}},
		{"no URL", nil, []string{"--push", "http://u:hunter2@%zz"}},
		{"--push: ", []string{"ACKREVOKE_PUSH=ftp://u:hunter2@gateway"}, nil},
		{"ACKREVOKE_PUSH=... has a line end in it", []string{"ACKREVOKE_PUSH=http://u:hunter2@gateway\n"}, nil},
		{"taken from the command line only", []string{"ACKREVOKE_METRICS_LISTEN=:9464"}, nil},
		{"for a process that stays", nil, []string{"--metrics-listen", ":9464"}},
		{"is no address with a port", nil, []string{"--schedule", "@daily", "--metrics-listen", "9464"}},
		{"is no address with a port", nil, []string{"--schedule", "@daily", "--metrics-listen", "127.0.0.1:65536"}},
		{"is about --push", nil, []string{"--push-source", "night"}},
		{"is no name", []string{"ACKREVOKE_PUSH_SOURCE=a/b"}, []string{"--push", "http://gateway"}},
		{"is no name", nil, []string{"--push", "http://gateway", "--push-source="}},
		{"--metrics-listen is empty", nil, []string{"--schedule", "@daily", "--metrics-listen", ""}},
		{"metrics are about the whole", []string{"ACKREVOKE_METRICS_FILE=x.prom"}, []string{"--only", "200000000000000001"}},
		{"metrics are about the whole", nil, []string{"--only", "200000000000000001", "--push", "http://gateway"}},
	} {
		var said bytes.Buffer
		p := cli.Program{Args: append([]string{"run", "-p", policy, "-o", filepath.Join(dir, "report.json")}, c.args...), Env: c.env,
			Stdin: strings.NewReader(""), Stdout: &said, Stderr: &said, Now: func() time.Time { return stage.Noon }}
		if code := p.Run(t.Context()); code != 2 {
			t.Errorf("%v %v: exit %d", c.env, c.args, code)
		}
		stage.Says(t, said.String(), c.says)
		if strings.Contains(said.String(), "hunter2") {
			t.Errorf("the password is in: %s", said.String())
		}
	}
	if files := stage.Must(filepath.Glob(filepath.Join(dir, "*"))); fmt.Sprint(files) != fmt.Sprint([]string{policy}) {
		t.Errorf("left behind: %v", files)
	}
}

package stage

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"strings"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/cli"
	"ackrevoke/job/report"
)

// Doctored is what one examination left behind.
type Doctored struct {
	Code           int
	Stdout, Stderr string
	calls          []sim.Call
}

// Doctor examines the world, and holds the examination to its first promise:
// it makes no call that could write, and no file.
func (w *World) Doctor(args ...string) Doctored {
	w.T.Helper()
	w.Account.Reset()
	var stdout, stderr bytes.Buffer
	p := cli.Program{
		Args: append([]string{"doctor", "--cs-endpoint", "http://127.0.0.1:1", "--ram-endpoint", "http://127.0.0.1:1", "--sts-endpoint",
			"http://127.0.0.1:1"}, args...),
		Env: []string{}, Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Now: w.Now, Dial: w.Pipe.Dial,
	}
	d := Doctored{Code: p.Run(context.Background()), Stdout: stdout.String(), Stderr: stderr.String(), calls: w.Account.Calls()}
	for _, c := range d.calls {
		if c.Write {
			w.T.Errorf("doctor %v made the write %s %s %s", args, c.Operation, c.Cluster, c.UID)
		}
	}
	if d.Code != 0 && d.Code != 1 && d.Code != 6 {
		w.T.Errorf("doctor %v: exit %d\n%s", args, d.Code, d.Stderr)
	}
	if files, _ := filepath.Glob(filepath.Join(w.Dir, "report*")); len(files) > 0 {
		w.T.Errorf("doctor left %v", files)
	}
	return d
}

// Examination is what doctor says as JSON.
func (w *World) Examination(args ...string) (*report.Doctor, Doctored) {
	w.T.Helper()
	d := w.Doctor(append(args, "--format", "json")...)
	e := &report.Doctor{}
	if err := json.Unmarshal([]byte(d.Stdout), e); err != nil {
		w.T.Fatalf("%v\n%s\n%s", err, d.Stdout, d.Stderr)
	}
	Fits(w.T, "doctor", []byte(d.Stdout))
	if e.Verdict.ExitCode != d.Code {
		w.T.Errorf("the verdict says exit %d, and it is %d", e.Verdict.ExitCode, d.Code)
	}
	for _, f := range e.Findings {
		if f.Message == "" || f.Hint == "" {
			w.T.Errorf("a finding without a message or a next step: %+v", f)
		}
	}
	return e, d
}

// VerdictName begins the closing line, which is as long as it has to be.
func (d Doctored) VerdictName() string {
	lines := strings.Split(strings.TrimSpace(d.Stdout), "\n")
	for _, l := range lines {
		if strings.Contains(l, "(exit ") {
			name, _, _ := strings.Cut(l, " ")
			return name
		}
	}
	return "no closing line"
}

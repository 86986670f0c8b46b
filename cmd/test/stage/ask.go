package stage

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/cli"
)

// Asked is what a command that only looks left behind.
type Asked struct {
	Code           int
	Stdout, Stderr string
	Calls          []sim.Call
}

// Ask runs a command that must not write, whatever becomes of it.
func (w *World) Ask(args ...string) Asked { return w.AskAs(context.Background(), "", nil, args...) }

// AskAs is ask with a context, standard input and an environment.
func (w *World) AskAs(ctx context.Context, stdin string, env []string, args ...string) Asked {
	w.T.Helper()
	w.Account.Reset()
	var stdout, stderr bytes.Buffer
	p := cli.Program{
		Args: append(args, "--cs-endpoint", "http://127.0.0.1:1", "--ram-endpoint", "http://127.0.0.1:1", "--sts-endpoint", "http://127.0.0.1:1"),
		Env:  env, Stdin: strings.NewReader(stdin), Stdout: &stdout, Stderr: &stderr, Now: w.Now, Dial: w.Pipe.Dial,
	}
	got := Asked{Code: p.Run(ctx), Stdout: stdout.String(), Stderr: stderr.String(), Calls: w.Account.Calls()}
	for _, c := range got.Calls {
		if c.Write {
			w.T.Errorf("%v wrote: %s", args, c.Operation)
		}
	}
	return got
}

// By counts the calls by operation.
func (a Asked) By() map[string]int {
	n := map[string]int{}
	for _, c := range a.Calls {
		n[c.Operation]++
	}
	return n
}

// Says fails where a stream does not hold each of these texts.
func Says(t *testing.T, stream string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(stream, text) {
			t.Errorf("not said: %s\nbut:\n%s", text, stream)
		}
	}
}

// MustExit fails on another exit code.
func (a Asked) MustExit(t *testing.T, code int) {
	t.Helper()
	if a.Code != code {
		t.Errorf("exit %d, want %d\n%s%s", a.Code, code, a.Stdout, a.Stderr)
	}
}

// Operations are the names of the calls, each once, sorted.
func (a Asked) Operations() []string {
	var names []string
	for _, c := range a.Calls {
		names = append(names, c.Operation)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

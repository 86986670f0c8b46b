package main

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"ackrevoke/ack/sim"
)

// asked is what a command that only looks left behind.
type asked struct {
	code           int
	stdout, stderr string
	calls          []sim.Call
}

// ask runs a command that must not write, whatever becomes of it.
func (w *world) ask(args ...string) asked { return w.askAs(context.Background(), "", nil, args...) }

// askAs is ask with a context, standard input and an environment.
func (w *world) askAs(ctx context.Context, stdin string, env []string, args ...string) asked {
	w.t.Helper()
	w.account.Reset()
	var stdout, stderr bytes.Buffer
	p := Program{
		Args: append(args, "--cs-endpoint", "http://127.0.0.1:1", "--ram-endpoint", "http://127.0.0.1:1", "--sts-endpoint", "http://127.0.0.1:1"),
		Env:  env, Stdin: strings.NewReader(stdin), Stdout: &stdout, Stderr: &stderr, Now: w.now, Dial: w.pipe.dial,
	}
	got := asked{code: p.Run(ctx), stdout: stdout.String(), stderr: stderr.String(), calls: w.account.Calls()}
	for _, c := range got.calls {
		if c.Write {
			w.t.Errorf("%v wrote: %s", args, c.Operation)
		}
	}
	return got
}

// by counts the calls by operation.
func (a asked) by() map[string]int {
	n := map[string]int{}
	for _, c := range a.calls {
		n[c.Operation]++
	}
	return n
}

// says fails where a stream does not hold each of these texts.
func says(t *testing.T, stream string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(stream, text) {
			t.Errorf("not said: %s\nbut:\n%s", text, stream)
		}
	}
}

// mustExit fails on another exit code.
func (a asked) mustExit(t *testing.T, code int) {
	t.Helper()
	if a.code != code {
		t.Errorf("exit %d, want %d\n%s%s", a.code, code, a.stdout, a.stderr)
	}
}

// operations are the names of the calls, each once, sorted.
func (a asked) operations() []string {
	var names []string
	for _, c := range a.calls {
		names = append(names, c.Operation)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

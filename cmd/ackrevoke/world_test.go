package main

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ackrevoke/ack/sim"
	"ackrevoke/job/report"
)

// world is one simulated account inside a synctest bubble, reached over
// connections in memory by the real program with the real SDK.
type world struct {
	t       *testing.T
	account *sim.Account
	pipe    *pipe
	dir     string
	now     func() time.Time
}

// bubble runs f in a world whose calendar starts at start. Waits cost nothing.
func bubble(t *testing.T, estate []byte, start time.Time, f func(w *world)) {
	t.Helper()
	bubbleWith(t, estate, nil, start, f)
}

func bubbleWith(t *testing.T, estate []byte, faults *sim.Faults, start time.Time, f func(w *world)) {
	t.Helper()
	bubbleOf(t, estate, sim.Options{Faults: faults}, start, f)
}

// bubbleOf is bubble for an account with options of its own; its calendar is
// the world's.
func bubbleOf(t *testing.T, estate []byte, o sim.Options, start time.Time, f func(w *world)) {
	t.Helper()
	bubbleBehind(t, estate, o, start, func(h http.Handler) http.Handler { return h }, f)
}

// bubbleBehind puts something between the service and whoever calls it.
func bubbleBehind(t *testing.T, estate []byte, o sim.Options, start time.Time, between func(http.Handler) http.Handler, f func(w *world)) {
	t.Helper()
	e, err := sim.Load("estate.yaml", estate)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		now := func() time.Time { return start.Add(time.Since(began)) }
		o.Now = now
		w := &world{t: t, account: sim.New(e, o), pipe: newPipe(), dir: dir, now: now}
		server := &http.Server{Handler: between(w.account)}
		go func() { _ = server.Serve(w.pipe) }()
		defer func() { // also when f ends the test
			_ = server.Close()
			synctest.Wait()
		}()
		f(w)
	})
}

// another serves a second account in the same bubble, until end.
func (w *world) another(estate []byte, faults *sim.Faults) *world {
	w.t.Helper()
	e, err := sim.Load("estate.yaml", estate)
	if err != nil {
		w.t.Fatal(err)
	}
	x := *w
	x.account, x.pipe = sim.New(e, sim.Options{Now: w.now, Faults: faults}), newPipe()
	go func() { _ = (&http.Server{Handler: x.account}).Serve(x.pipe) }()
	return &x
}

func (w *world) end() { _ = w.pipe.Close() }

// ran is what one run left behind.
type ran struct {
	code           int
	args           []string
	report         *report.Report
	raw            []byte
	stdout, stderr string
	calls          []sim.Call
}

// writes are the calls that could have changed the account.
func (r ran) writes() []string {
	var w []string
	for _, c := range r.calls {
		if c.Write {
			w = append(w, c.Operation+" "+c.Cluster+" "+c.UID)
		}
	}
	return w
}

// run makes one run of the program and reads its report back.
func (w *world) run(ctx context.Context, args ...string) ran {
	w.t.Helper()
	w.account.Reset()
	path := filepath.Join(w.dir, "report.json")
	var stdout, stderr bytes.Buffer
	p := Program{
		Args: append([]string{"run", "-o", path, "--cs-endpoint", "http://127.0.0.1:1", "--ram-endpoint", "http://127.0.0.1:1", "--sts-endpoint", "http://127.0.0.1:1"}, args...),
		Env:  []string{}, Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Now: w.now, Dial: w.pipe.dial,
	}
	r := ran{code: p.Run(ctx), stdout: stdout.String(), stderr: stderr.String(), calls: w.account.Calls()}
	raw, err := os.ReadFile(path)
	if err != nil {
		return r
	}
	r.raw = raw
	if r.report, err = report.Decode(raw); err != nil {
		w.t.Fatalf("report: %v", err)
	}
	if err := report.Check(r.report); err != nil {
		w.t.Errorf("accounting: %v", err)
	}
	return r
}

// keys puts the simulated account's keys where the default chain finds them.
func keys(t *testing.T, account string) {
	t.Helper()
	for k, v := range map[string]string{
		"ALIBABA_CLOUD_ACCESS_KEY_ID": "simulated-" + account, "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "not-a-secret-" + account,
		"ALIBABA_CLOUD_SECURITY_TOKEN": "", "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
	} {
		t.Setenv(k, v)
	}
}

// pipe is a listener whose connections are in memory.
type pipe struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newPipe() *pipe { return &pipe{conns: make(chan net.Conn), done: make(chan struct{})} }

func (p *pipe) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipe) Close() error   { p.once.Do(func() { close(p.done) }); return nil }
func (p *pipe) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

func (p *pipe) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.conns <- server:
		return client, nil
	case <-p.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

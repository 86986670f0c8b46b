package stage

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
	"ackrevoke/cmd/cli"
	"ackrevoke/job/report"
)

var Noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// Count is how often an operation was called.
func (r Ran) Count(operation string) int {
	n := 0
	for _, c := range r.Calls {
		if c.Operation == operation {
			n++
		}
	}
	return n
}

const AliceUID, MalloryUID = "200000000000000001", "200000000000000099"

// showcaseAccount is the account of every showcase.
const Account = "1234567890123456"

// writes tells a write by the wire: everything but GET, and the RPC services,
// which are asked by POST at the root and are only read.
func IsWrite(r *http.Request) bool {
	return r.Method != http.MethodGet && r.URL.Path != "/"
}

// World is one simulated account inside a synctest bubble, reached over
// connections in memory by the real program with the real SDK.
type World struct {
	T       *testing.T
	Account *sim.Account
	Pipe    *Pipe
	Dir     string
	Now     func() time.Time
}

// Bubble runs f in a world whose calendar starts at start. Waits cost nothing.
func Bubble(t *testing.T, estate []byte, start time.Time, f func(w *World)) {
	t.Helper()
	BubbleWith(t, estate, nil, start, f)
}

func BubbleWith(t *testing.T, estate []byte, faults *sim.Faults, start time.Time, f func(w *World)) {
	t.Helper()
	BubbleOf(t, estate, sim.Options{Faults: faults}, start, f)
}

// BubbleOf is bubble for an account with options of its own; its calendar is
// the world's.
func BubbleOf(t *testing.T, estate []byte, o sim.Options, start time.Time, f func(w *World)) {
	t.Helper()
	BubbleBehind(t, estate, o, start, func(h http.Handler) http.Handler { return h }, f)
}

// BubbleBehind puts something between the service and whoever calls it.
func BubbleBehind(t *testing.T, estate []byte, o sim.Options, start time.Time, between func(http.Handler) http.Handler, f func(w *World)) {
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
		w := &World{T: t, Account: sim.New(e, o), Pipe: NewPipe(), Dir: dir, Now: now}
		server := &http.Server{Handler: between(w.Account)}
		go func() { _ = server.Serve(w.Pipe) }()
		defer func() { // also when f ends the test
			_ = server.Close()
			synctest.Wait()
		}()
		f(w)
	})
}

// Another serves a second account in the same bubble, until end.
func (w *World) Another(estate []byte, faults *sim.Faults) *World {
	w.T.Helper()
	e, err := sim.Load("estate.yaml", estate)
	if err != nil {
		w.T.Fatal(err)
	}
	x := *w
	x.Account, x.Pipe = sim.New(e, sim.Options{Now: w.Now, Faults: faults}), NewPipe()
	go func() { _ = (&http.Server{Handler: x.Account}).Serve(x.Pipe) }()
	return &x
}

func (w *World) End() { _ = w.Pipe.Close() }

// Ran is what one run left behind.
type Ran struct {
	Code           int
	Args           []string
	Report         *report.Report
	Raw            []byte
	Stdout, Stderr string
	Calls          []sim.Call
}

// Writes are the calls that could have changed the account.
func (r Ran) Writes() []string {
	var w []string
	for _, c := range r.Calls {
		if c.Write {
			w = append(w, c.Operation+" "+c.Cluster+" "+c.UID)
		}
	}
	return w
}

// Run makes one run of the program and reads its report back.
func (w *World) Run(ctx context.Context, args ...string) Ran {
	w.T.Helper()
	w.Account.Reset()
	path := filepath.Join(w.Dir, "report.json")
	var stdout, stderr bytes.Buffer
	p := cli.Program{
		Args: append([]string{"run", "-o", path, "--cs-endpoint", "http://127.0.0.1:1", "--ram-endpoint", "http://127.0.0.1:1",
			"--sts-endpoint", "http://127.0.0.1:1"}, args...),
		Env: []string{}, Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Now: w.Now, Dial: w.Pipe.Dial,
	}
	r := Ran{Code: p.Run(ctx), Stdout: stdout.String(), Stderr: stderr.String(), Calls: w.Account.Calls()}
	raw, err := os.ReadFile(path)
	if err != nil {
		return r
	}
	r.Raw = raw
	if r.Report, err = report.Decode(raw); err != nil {
		w.T.Fatalf("report: %v", err)
	}
	if err := report.Check(r.Report); err != nil {
		w.T.Errorf("accounting: %v", err)
	}
	return r
}

// Keys puts the simulated account's keys where the default chain finds them.
func Keys(t *testing.T, account string) {
	t.Helper()
	for k, v := range map[string]string{
		"ALIBABA_CLOUD_ACCESS_KEY_ID": "simulated-" + account, "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "not-a-secret-" + account,
		"ALIBABA_CLOUD_SECURITY_TOKEN": "", "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
	} {
		t.Setenv(k, v)
	}
}

// Pipe is a listener whose connections are in memory.
type Pipe struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func NewPipe() *Pipe { return &Pipe{conns: make(chan net.Conn), done: make(chan struct{})} }

func (p *Pipe) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *Pipe) Close() error { p.once.Do(func() { close(p.done) }); return nil }

func (p *Pipe) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

func (p *Pipe) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
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

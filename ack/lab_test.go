package ack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ackrevoke/policy"
)

// lab is a service made of a handler, reached through pipes by a client with
// the real SDK inside. In a bubble its back-offs cost nothing.
type lab struct {
	*Client
	ctx   context.Context // of the bubble
	start time.Time

	mu   sync.Mutex
	seen []seen
}

// seen is one request as the service saw it.
type seen struct {
	after   time.Duration
	method  string
	uri     string
	action  string
	version string
	auth    string
	body    string
}

func (s seen) String() string { return s.method + " " + s.uri }

// pipes is a listener whose connections are in memory.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { p.once.Do(func() { close(p.done) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.conns <- there:
		return here, nil
	case <-p.done:
		return nil, errors.New("connection refused")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// local is the address that all labs pretend to have.
var local = Endpoints{CS: "http://127.0.0.1:1", RAM: "http://127.0.0.1:1", STS: "http://127.0.0.1:1"}

func newLab(t *testing.T, o Options, serve http.HandlerFunc) *lab {
	t.Helper()
	l := &lab{ctx: t.Context(), start: time.Now()}
	p := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		l.mu.Lock()
		l.seen = append(l.seen, seen{time.Since(l.start), r.Method, r.URL.RequestURI(), r.Header.Get("x-acs-action"),
			r.Header.Get("x-acs-version"), r.Header.Get("Authorization"), string(body)})
		l.mu.Unlock()
		serve(w, r)
	})}
	go server.Serve(p)
	if o.Credential == nil {
		o.Credential = StaticKeys("LTAItest", "test-secret")
	}
	if o.DialContext == nil {
		o.DialContext = p.dial
	}
	if o.Endpoints == (Endpoints{}) {
		o.Endpoints = local
	}
	if o.ReadQPS == 0 {
		o.ReadQPS = 1000
	}
	if o.WriteQPS == 0 {
		o.WriteQPS = 1000
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	c.jitter = func(d time.Duration) time.Duration { return d } // the longest wait: exact times
	l.Client = c
	t.Cleanup(func() { c.Close(); server.Close(); synctest.Wait() })
	return l
}

// past makes the client's next call an ordinary one: the first has its own limit.
func (l *lab) past() *lab { l.begun.Store(true); return l }

func (l *lab) requests() []seen {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]seen(nil), l.seen...)
}

// says answers with a status and a body, with headers given as name, value.
func says(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// inTurn answers with each handler once, and then with the last.
func inTurn(hs ...http.HandlerFunc) http.HandlerFunc {
	var mu sync.Mutex
	n := 0
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		h := hs[min(n, len(hs)-1)]
		n++
		mu.Unlock()
		h(w, r)
	}
}

// code is an error body in the style of CS.
func code(c string) string {
	return fmt.Sprintf(`{"code":%q,"message":"because of %s","requestId":"R-1"}`, c, c)
}

// faultOf is the error as what every error of this room must be.
func faultOf(t *testing.T, err error) *policy.Fault {
	t.Helper()
	f, ok := err.(*policy.Fault)
	if !ok || f == nil {
		t.Fatalf("error is %T %v, want a *policy.Fault", err, err)
	}
	if strings.Contains(f.Error(), "test-secret") {
		t.Errorf("the fault shows the secret: %v", f)
	}
	return f
}

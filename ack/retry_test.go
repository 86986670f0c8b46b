package ack

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ackrevoke/policy"
)

// times are the moments of the requests, in seconds since the start.
func (l *lab) times() []float64 {
	var all []float64
	for _, s := range l.requests() {
		all = append(all, s.after.Seconds())
	}
	return all
}

// When a call is made again, with jitter at its longest.
func TestRetryTimes(t *testing.T) {
	throttled := says(400, code("Throttling.User"))
	read := func(l *lab) error { _, err := l.Grants(l.ctx, "2"); return err }
	write := func(l *lab) error { _, _, err := l.Clean(l.ctx, "c1", "2", true); return err }
	fine := says(200, `[]`)
	for _, tt := range []struct {
		name  string
		serve http.HandlerFunc
		call  func(*lab) error
		times []float64
		want  policy.FaultKind // "" for success
	}{
		{"throttled until 90 s have gone", throttled, read, []float64{0, .5, 1.5, 3.5, 7.5, 15.5, 25.5, 35.5, 45.5, 55.5, 65.5, 75.5, 85.5, 90},
			policy.Throttled},
		{"writes too", throttled, write, []float64{0, .5, 1.5, 3.5, 7.5, 15.5, 25.5, 35.5, 45.5, 55.5, 65.5, 75.5, 85.5, 90}, policy.Throttled},
		{"429 in HTML", inTurn(says(429, "<html>"), fine), read, []float64{0, .5}, ""},
		{"Retry-After in seconds", inTurn(says(429, "", "Retry-After", "7"), fine), read, []float64{0, 7}, ""},
		{"Retry-After as a date", inTurn(says(429, "", "Retry-After", "Sat, 01 Jan 2000 00:00:09 GMT"), fine), read, []float64{0, 9}, ""},
		{"Retry-After in the past", inTurn(says(429, "", "Retry-After", "Fri, 31 Dec 1999 00:00:09 GMT"), fine), read, []float64{0, 0}, ""},
		{"Retry-After beyond a minute", inTurn(says(429, "", "Retry-After", "3600"), fine), read, []float64{0, 60}, ""},
		{"Retry-After twice is too long", says(429, "", "Retry-After", "60"), read, []float64{0, 60}, policy.Throttled},
		{"Retry-After that is none", inTurn(says(429, "", "Retry-After", "soon"), fine), read, []float64{0, .5}, ""},
		{"a conflict, six tries", says(409, code("ErrAuthorizationConflict")), write, []float64{0, 5, 10, 15, 20, 25}, policy.Conflict},
		{"a conflict that ends", inTurn(says(409, code("ErrAuthorizationConflict")), says(200, "{}")), write, []float64{0, 5}, ""},
		{"500 on a read, five tries", says(500, ""), read, []float64{0, .5, 1.5, 3.5, 7.5}, policy.Unavailable},
		{"500 on a write, once", says(500, ""), write, []float64{0}, policy.Unavailable},
		{"HTML on a write, once", says(200, "<html>"), write, []float64{0}, policy.Unavailable},
		{"broken JSON, then good", inTurn(says(200, `[{`), fine), read, []float64{0, .5}, ""},
		{"denied, once", says(403, code("NoPermission")), read, []float64{0}, policy.Denied},
		{"invalid, once", says(400, code("InvalidParameter")), read, []float64{0}, policy.Invalid},
		{"credentials, once", says(400, code("SignatureDoesNotMatch")), read, []float64{0}, policy.Credentials},
		{"not found, once", says(404, code("EntityNotExist.User")), read, []float64{0}, policy.NotFound},
		{"mixed", inTurn(says(502, "<html>"), throttled, says(500, ""), fine), read, []float64{0, .5, 1, 2}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLab(t, Options{Writes: true}, tt.serve).past()
				err := tt.call(l)
				if tt.want == "" && err != nil {
					t.Fatal(err)
				}
				if tt.want != "" {
					if f := faultOf(t, err); f.Kind != tt.want || !f.Sent {
						t.Errorf("fault %+v, want %s, sent", f, tt.want)
					}
				}
				if got := l.times(); !slices.EqualFunc(got, tt.times, func(a, b float64) bool { return a-b < 1e-3 && b-a < 1e-3 }) {
					t.Errorf("requests at %v, want %v", got, tt.times)
				}
				n := l.Calls()
				if n.Reads+n.Writes != len(tt.times) || n.Retries != len(tt.times)-1 {
					t.Errorf("counts %+v for %d requests", n, len(tt.times))
				}
			})
		})
	}
}

func TestJitterIsFull(t *testing.T) {
	c, err := New(Options{Credential: StaticKeys("a", "b")})
	if err != nil {
		t.Fatal(err)
	}
	low, high := time.Hour, time.Duration(0)
	for range 2000 {
		d := c.jitter(time.Second)
		low, high = min(low, d), max(high, d)
	}
	if low < 0 || low > 50*time.Millisecond || high > time.Second || high < 950*time.Millisecond {
		t.Errorf("jitter of a second lies in %v to %v", low, high)
	}
}

// hang never answers.
func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func TestTimeouts(t *testing.T) {
	for _, tt := range []struct {
		name     string
		serve    http.HandlerFunc
		dial     func(context.Context, string, string) (net.Conn, error)
		first    bool
		write    bool
		want     policy.FaultKind
		sent     bool
		attempts int
		took     time.Duration
		says     string
	}{
		{name: "a read, twice within a minute", serve: hang, want: policy.Timeout, sent: true, attempts: 2, took: 60500 * time.Millisecond,
			says: "within 30s"},
		{name: "a write, once", serve: hang, write: true, want: policy.Timeout, sent: true, attempts: 1, took: 30 * time.Second,
			says: "127.0.0.1:1"},
		{name: "the first call in total", serve: hang, first: true, want: policy.Timeout, sent: true, attempts: 1, took: 30 * time.Second,
			says: "check the network"},
		{name: "the first call, refused", dial: refused, first: true, want: policy.Unavailable, attempts: 5, took: 7500 * time.Millisecond,
			says: "127.0.0.1:1 cannot be reached: dial: connection refused"},
		{name: "the first call, throttled", serve: says(429, ""), first: true, want: policy.Throttled, sent: true, attempts: 7,
			took: 30 * time.Second, says: "no explanation"},
		{name: "a write, refused", dial: refused, write: true, want: policy.Unavailable, attempts: 1, says: "cannot be reached"},
		{name: "a dial that hangs", dial: func(ctx context.Context, _, _ string) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() },
			write: true, want: policy.Timeout, attempts: 1, took: 30 * time.Second, says: "no answer"},
		{name: "a body that hangs", serve: func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(200)
			w.(http.Flusher).Flush()
			hang(w, r)
		}, write: true, want: policy.Timeout, sent: true, attempts: 1, took: 30 * time.Second, says: "no answer"},
		{name: "a connection that breaks", serve: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, write: true,
			want: policy.Unavailable, sent: true, attempts: 1, says: "127.0.0.1:1 broke off"},
		{name: "a body that breaks", serve: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "50")
			w.Write([]byte(`{"requestId":"x"}`))
		}, write: true, want: policy.Unavailable, sent: true, attempts: 1, says: "unexpected EOF"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLab(t, Options{Writes: true, DialContext: tt.dial}, tt.serve)
				if !tt.first {
					l.past()
				}
				var err error
				if tt.write {
					_, _, err = l.Clean(l.ctx, "c1", "2", true)
				} else {
					_, err = l.Grants(l.ctx, "2")
				}
				f := faultOf(t, err)
				if f.Kind != tt.want || f.Sent != tt.sent || !strings.Contains(f.Message, tt.says) {
					t.Errorf("fault %+v", f)
				}
				n := l.Calls()
				if n.Reads+n.Writes != tt.attempts || time.Since(l.start).Round(time.Millisecond) != tt.took {
					t.Errorf("%d attempts in %v, want %d in %v", n.Reads+n.Writes, time.Since(l.start), tt.attempts, tt.took)
				}
			})
		})
	}
}

func refused(context.Context, string, string) (net.Conn, error) {
	return nil, &net.OpError{Op: "dial", Err: errors.New("connection refused")}
}

func TestCanceled(t *testing.T) {
	for _, tt := range []struct {
		name  string
		serve http.HandlerFunc
		after time.Duration // 0: before the call
		sent  bool
		seen  int
		took  time.Duration
	}{
		{"before", says(200, "{}"), 0, false, 0, 0},
		{"in flight, for 5 s more", hang, time.Second, true, 1, 6 * time.Second},
		{"while it waits to try again", says(429, "", "Retry-After", "30"), time.Second, false, 1, time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLab(t, Options{Writes: true}, tt.serve)
				ctx, cancel := context.WithCancel(l.ctx)
				if tt.after == 0 {
					cancel()
				} else {
					time.AfterFunc(tt.after, cancel)
				}
				_, _, err := l.Clean(ctx, "c1", "2", true)
				if f := faultOf(t, err); f.Kind != policy.Canceled || f.Sent != tt.sent {
					t.Errorf("fault %+v", f)
				}
				if len(l.requests()) != tt.seen || time.Since(l.start) != tt.took {
					t.Errorf("%d requests, %v", len(l.requests()), time.Since(l.start))
				}
			})
		})
	}
}

// An answer that comes within the grace counts: it is better than not to know.
func TestCanceledInFlightIsAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, Options{Writes: true}, func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-time.After(4 * time.Second):
			case <-r.Context().Done():
			}
			says(200, "{}")(w, r)
		})
		ctx, cancel := context.WithCancel(l.ctx)
		time.AfterFunc(time.Second, cancel)
		if _, _, err := l.Clean(ctx, "c1", "2", true); err != nil {
			t.Errorf("the answer came 3 s after the cancellation: %v", err)
		}
	})
}

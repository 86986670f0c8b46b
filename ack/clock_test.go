package ack

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ackrevoke/policy"
)

// The clocks are compared in the middle of the quickest attempt, and only where
// the service itself answered.
func TestAhead(t *testing.T) {
	at := func(skew, takes time.Duration, status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			<-time.After(takes / 2)
			w.Header().Set("Date", time.Now().Add(skew).UTC().Format(http.TimeFormat))
			w.WriteHeader(status)
			<-time.After(takes / 2)
			_, _ = w.Write([]byte(body))
		}
	}
	const denied = `{"code":"NoPermission","message":"no"}`
	for _, tt := range []struct {
		name  string
		serve http.HandlerFunc
		ahead time.Duration
		known bool
	}{
		{"the same", at(0, 0, 200, "[]"), 0, true},
		{"less than Date can say", at(-900*time.Millisecond, 0, 200, "[]"), 0, true},
		{"behind", at(7*time.Minute, 0, 200, "[]"), -7 * time.Minute, true},
		{"ahead, and told by a refusal", at(-20*time.Minute, 0, 400, denied), 20 * time.Minute, true},
		{"a slow answer", at(-time.Hour, 8*time.Second, 403, denied), time.Hour, true},
		{"the quickest one counts",
			inTurn(at(-time.Hour, 10*time.Second, 500, `{"code":"InternalError"}`), at(-time.Minute, 2*time.Second, 403, denied)), time.Minute,
			true},
		{"a proxy has a clock of its own", at(time.Hour, 0, 403, "<html>"), 0, false},
		{"no date", says(403, denied, "Date", ""), 0, false},
		{"no date that can be read", says(403, denied, "Date", "today"), 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLab(t, Options{}, tt.serve).past()
				if _, known := l.Ahead(); known {
					t.Error("known before any answer")
				}
				_, _ = l.Grants(l.ctx, "2")
				ahead, known := l.Ahead()
				if off := (ahead - tt.ahead).Abs(); off > time.Second || known != tt.known {
					t.Errorf("ahead %v, %t; want %v, %t", ahead, known, tt.ahead, tt.known)
				}
			})
		})
	}
}

// A clock that is off is told as the clock, with how far it is off, and a call
// is not repeated for long because of it.
func TestWrongClock(t *testing.T) {
	at := func(skew time.Duration, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", time.Now().Add(skew).UTC().Format(http.TimeFormat))
			w.WriteHeader(400)
			io.WriteString(w, body)
		}
	}
	read := func(l *lab) error { _, err := l.Grants(l.ctx, "2"); return err }
	write := func(l *lab) error { _, _, err := l.Clean(l.ctx, "c1", "2", true); return err }
	const right = "set the clock of this machine right"
	for _, tt := range []struct {
		name       string
		serve      http.HandlerFunc
		call       func(*lab) error
		times      []float64
		kind       policy.FaultKind
		says, hint string
	}{
		{"behind", at(20*time.Minute, code("InvalidTimeStamp.Expired")), read, []float64{0}, policy.Credentials,
			"the clock of this machine is 20m0s behind the service's; the service says: ", right},
		{"ahead", at(-3*time.Hour, code("InvalidTimeStamp.Expired")), write, []float64{0}, policy.Credentials,
			"the clock of this machine is 3h0m0s ahead of the service's", right},
		{"no telling", says(400, code("InvalidTimeStamp.Format"), "Date", ""), read, []float64{0}, policy.Credentials,
			"may be wrong; by how much, no answer said", right},
		{"a nonce", at(-20*time.Minute, code("SignatureNonceUsed")), read, []float64{0, .5, 1.5}, policy.Unavailable,
			"the clock of this machine is 20m0s ahead of the service's", right},
		{"a nonce although the clocks agree", at(0, code("SignatureNonceUsed")), read, []float64{0, .5, 1.5}, policy.Unavailable,
			"agree to the second", right},
		{"a nonce of a write", at(-20*time.Minute, code("SignatureNonceUsed")), write, []float64{0}, policy.Unavailable,
			"because of SignatureNonceUsed", ""},
		{"a nonce once", inTurn(at(-20*time.Minute, code("SignatureNonceUsed")), at(-20*time.Minute, code("NoPermission"))), read,
			[]float64{0, .5}, policy.Denied, "because of NoPermission", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLab(t, Options{Writes: true}, tt.serve).past()
				f := faultOf(t, tt.call(l))
				if f.Kind != tt.kind || !strings.Contains(f.Message, tt.says) || !strings.HasPrefix(f.Hint, tt.hint) ||
					(tt.hint == "") != (f.Hint == "") {
					t.Errorf("%+v", f)
				}
				if got := l.times(); !slices.EqualFunc(got, tt.times, func(a, b float64) bool { return a-b < 1e-3 && b-a < 1e-3 }) {
					t.Errorf("requests at %v, want %v", got, tt.times)
				}
			})
		})
	}
}

// The clock is what stands between a role and its keys, too.
func TestWrongClockAtAnExchange(t *testing.T) {
	for name, tt := range map[string]struct {
		vars, files map[string]string
		op          string
	}{
		"RRSA":       {rrsa, map[string]string{"token": "jwt-token"}, "AssumeRoleWithOIDC"},
		"RamRoleArn": {nil, map[string]string{cliPath: cli(onARN)}, "AssumeRole"},
	} {
		nobody(t, with(noECS, tt.vars), tt.files)
		n := newTown(t, map[string]http.HandlerFunc{"127.0.0.1:1": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat))
			w.WriteHeader(400)
			fmt.Fprint(w, code("InvalidTimeStamp.Expired"))
		}})
		c := n.client("http://127.0.0.1:1")
		_, err := c.Grants(t.Context(), "2")
		f := faultOf(t, err)
		if f.Kind != policy.Credentials || !strings.Contains(f.Message, tt.op+" at 127.0.0.1:1: HTTP 400 InvalidTimeStamp.Expired") ||
			!strings.Contains(f.Message, "the clock of this machine is 1h0m0s behind") &&
				!strings.Contains(f.Message, "the clock of this machine is 59m59s behind") ||
			!strings.Contains(f.Hint, "NTP") || len(n.of(tt.op)) != 1 {
			t.Errorf("%s: %+v", name, f)
		}
		if ahead, known := c.Ahead(); !known || ahead > -59*time.Minute {
			t.Errorf("%s: ahead %v, %t", name, ahead, known)
		}
	}
}

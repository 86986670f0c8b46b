package ack

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"
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
		{"the quickest one counts", inTurn(at(-time.Hour, 10*time.Second, 500, `{"code":"InternalError"}`), at(-time.Minute, 2*time.Second, 403, denied)), time.Minute, true},
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

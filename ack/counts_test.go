package ack

import (
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

// Every attempt is counted once more by what came of it, whatever came of its
// call: an answer, a refusal, a throttle, a broken connection.
func TestCountsByResult(t *testing.T) {
	hangUp := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	for _, tt := range []struct {
		name   string
		answer http.HandlerFunc
		want   Results
	}{
		{"a good answer", says(200, "[]"), Results{OK: 1}},
		{"throttled twice, then answered", inTurn(says(400, code("Throttling")), says(429, code("Throttling.User")), says(200, "[]")),
			Results{OK: 1, Throttled: 2}},
		{"refused", says(403, code("Forbidden")), Results{Failed: 1}},
		{"it has none", says(404, code("ErrorClusterNotFound")), Results{Failed: 1}},
		{"a good status, and nonsense", inTurn(says(200, "<html>"), says(200, "[]")), Results{OK: 1, Failed: 1}},
		{"no answer, then one", inTurn(hangUp, says(200, "[]")), Results{OK: 1, Failed: 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLab(t, Options{}, tt.answer).past()
				_, _ = l.Grants(l.ctx, "2")
				n := l.Calls()
				if d := cmp.Diff(map[string]Results{"DescribeUserPermission": tt.want}, n.ByResult); d != "" {
					t.Error(d)
				}
				all := tt.want.OK + tt.want.Throttled + tt.want.Failed
				if all != n.Reads || all != len(l.requests()) || tt.want.Throttled != n.Throttled {
					t.Errorf("%+v, and the service saw %d", n, len(l.requests()))
				}
			})
		})
	}
}

// What was returned once does not change any more.
func TestCountsAreACopy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, Options{}, says(200, "[]"))
		before := l.Calls()
		if _, err := l.Grants(l.ctx, "2"); err != nil {
			t.Fatal(err)
		}
		if len(before.ByResult) != 0 || len(before.ByOperation) != 0 {
			t.Errorf("%+v", before)
		}
	})
}

package cli_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/test/stage"
)

// leavers is an account in which everybody listed holds something.
func leavers(n int) (stage.City, []string) {
	c := stage.City{Caller: `{type: RAMUser, uid: "290000000000000001"}`,
		Users:    []string{`{uid: "290000000000000001", name: runner, created: 2024-01-01T00:00:00Z}`},
		Clusters: []string{"{id: c1, name: one, region: cn-hangzhou, created: 2024-02-01T10:20:30Z}"},
		Grants:   []string{`{uid: "290000000000000001", allClusters: true, role: admin}`}}
	var entries []string
	for i := range n {
		uid := fmt.Sprintf("2%017d", i+1)
		c.Users = append(c.Users, fmt.Sprintf(`{uid: %q, name: user-%d, created: 2024-01-01T00:00:00Z}`, uid, i+1))
		c.Creds = append(c.Creds, fmt.Sprintf(`{uid: %q, cluster: c1, expires: 2028-01-01T00:00:00Z}`, uid))
		entries = append(entries, fmt.Sprintf("{uid: %q, reason: departed}", uid))
	}
	return c, entries
}

// A run that is throttled by a quota that nobody stated finds it, says it in
// the report, in the log and in the metrics, and revokes everything all the same.
func TestRunSaysTheRateThatItFound(t *testing.T) {
	stage.Keys(t, stage.Account)
	const n = 30
	city, entries := leavers(n)
	policy := stage.PolicyOf(t, "guards: {maxPrincipals: 100, maxRevocations: 100}", entries...)
	for _, x := range []struct {
		share string
		want  float64
	}{{"", 0.5}, {"0.8", 0.8}} {
		stage.BubbleOf(t, city.Yaml(), sim.Options{QPS: 4, Latency: 40 * time.Millisecond}, stage.Noon, func(w *stage.World) {
			metrics := filepath.Join(w.Dir, "run.prom")
			args := []string{"-p", policy, "--dry-run=false", "--metrics-file", metrics, "--log-format", "json"}
			if x.share != "" {
				args = append(args, "--max-share", x.share)
			}
			got := w.Run(context.Background(), args...)
			if got.Code != 0 || got.Report.Summary.Revoked != n {
				t.Fatalf("exit %d, %+v\n%s", got.Code, got.Report.Summary, got.Stderr)
			}
			r := got.Report.Calls.Rate
			if r == nil || math.Abs(r.Found-4) > 0.4 || r.Share != x.want || math.Abs(r.Used-x.want*r.Found) > 0.01 {
				t.Fatalf("%+v, of %+v", r, got.Report.Calls)
			}
			stage.Fits(t, "report", got.Raw)
			stage.Says(t, got.Stderr, fmt.Sprintf("it allows about %.4g calls a second, of which %.4g were used (--max-share %v)", r.Found,
				r.Used, x.want))
			text, err := os.ReadFile(metrics)
			if err != nil {
				t.Fatal(err)
			}
			stage.Says(t, string(text), fmt.Sprintf(`ackrevoke_rate_calls_per_second{account="1234567890123456",what="found"} %v`, r.Found))
		})
	}
}

// Where nothing throttles, nothing is found and nothing is said.
func TestRunWithoutThrottlingFindsNoRate(t *testing.T) {
	stage.Keys(t, stage.Account)
	city, entries := leavers(3)
	policy := stage.PolicyFile(t, entries)
	stage.Bubble(t, city.Yaml(), stage.Noon, func(w *stage.World) {
		got := w.Run(context.Background(), "-p", policy)
		if got.Report.Calls.Rate != nil || strings.Contains(string(got.Raw), `"rate"`) || strings.Contains(got.Stderr, "throttled") {
			t.Errorf("%+v\n%s", got.Report.Calls, got.Stderr)
		}
	})
}

func TestMaxShareIsAShare(t *testing.T) {
	stage.Keys(t, stage.Account)
	city, entries := leavers(1)
	policy := stage.PolicyFile(t, entries)
	stage.Bubble(t, city.Yaml(), stage.Noon, func(w *stage.World) {
		for _, bad := range []string{"0", "-1", "1.01", "NaN"} {
			got := w.Run(context.Background(), "-p", policy, "--max-share", bad)
			if got.Code != 2 || len(got.Calls) > 0 {
				t.Errorf("--max-share %s: exit %d, %d calls", bad, got.Code, len(got.Calls))
			}
			stage.Says(t, got.Stderr, "--max-share must be greater than 0, and at most 1")
		}
	})
}

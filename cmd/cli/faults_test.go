package cli_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/report"
)

// Each fault ends in a true report, and in a state from which the next run
// converges and the one after that writes nothing.
func TestFaults(t *testing.T) {
	stage.Keys(t, stage.Account)
	policy := stage.PolicyFile(t, []string{`{uid: "200000000000000001", reason: departed, clusters: [one, two]}`})
	const r, f, u, s, k = report.WasRevoked, report.WasFailed, report.WasUnverified, report.WasSkipped, report.WasCollateral
	for _, c := range []struct {
		fault  string
		exit   int
		c1, c2 report.Status // "" for no action
		writes int           // calls that the account saw, throttled ones included
		next   int           // exit code of the run after the faults, if not 0
	}{
		{"{on: any, do: throttle}", 0, r, r, 2, 0},
		{"{on: write, times: 2, do: throttle}", 0, r, r, 4, 0},
		{"{on: write, do: throttle, retryAfter: 20s}", 0, r, r, 3, 0},
		{"{" + stage.Clean1 + ", do: error, code: ErrAuthorizationConflict, status: 409}", 0, r, r, 3, 0},
		{"{" + stage.Clean1 + ", do: empty500}", 0, r, r, 3, 0},
		{"{" + stage.Clean1 + ", do: html502}", 0, r, r, 3, 0},
		{"{" + stage.Clean1 + ", do: redirect}", 0, r, r, 3, 0},
		{"{" + stage.Clean1 + ", do: resetBefore}", 0, r, r, 3, 0},
		{"{" + stage.Clean1 + ", do: resetAfter}", 0, r, r, 2, 0},
		{"{" + stage.Clean1 + ", do: hang}", 0, r, r, 3, 0},
		{"{" + stage.Clean1 + ", do: noContent}", 0, r, r, 2, 0},
		{"{" + stage.Clean1 + ", do: slow, delay: 10s}", 0, r, r, 2, 0},
		{"{" + stage.Clean1 + ", do: acceptNothing}", 5, u, r, 2, 0},
		{"{" + stage.Clean1 + ", do: certificateOnly}", 5, u, r, 2, 0},
		{"{" + stage.Clean1 + ", do: grantsOnly}", 5, u, r, 2, 0},
		{"{" + stage.Clean1 + ", do: denied}", 5, f, r, 2, 0},
		{"{" + stage.Clean1 + ", do: error, code: Whatever, status: 400}", 5, f, r, 2, 0},
		{"{" + stage.Clean1 + ", do: takesTooMuch}", 5, k, k, 2, 0},
		{"{" + stage.Clean1 + ", times: 0, do: resetBefore}", 5, u, r, 7, 0},
		{"{" + stage.Clean1 + ", do: tokenExpires}", 5, f, s, 1, -1},
		{"{on: DescribeUserPermission, from: 2, times: 0, do: empty500}", 5, u, u, 2, -1},
		{"{on: ListUserKubeConfigStates, do: empty500}", 0, r, r, 2, 0},
		{"{on: ListUserKubeConfigStates, do: truncated}", 0, r, r, 2, 0},
		{"{on: ListUserKubeConfigStates, do: resetAfter}", 0, r, r, 2, 0},
		{"{on: ListUserKubeConfigStates, do: hang}", 0, r, r, 2, 0},
		{"{on: ListUserKubeConfigStates, do: redirect}", 0, r, r, 2, 0},
		{"{on: ListUserKubeConfigStates, from: 2, do: lag, delay: 1h}", 0, r, r, 2, 0},
		{"{on: DescribeUserPermission, times: 0, do: denied}", 5, u, u, 2, -1},
		{"{on: ListUsers, times: 0, do: empty500}", 6, "", "", 0, -1},
		{"{on: ListUsers, times: 0, do: wrongTotal}", 6, "", "", 0, -1},
		{"{on: ListRoles, times: 0, do: denied}", 6, "", "", 0, -1},
		{"{on: DescribeClustersForRegion, times: 0, do: wrongTotal}", 6, "", "", 0, -1},
		{"{on: DescribeClustersForRegion, times: 0, do: resetBefore}", 6, "", "", 0, -1},
		{"{on: GetCallerIdentity, times: 0, do: html502}", 1, "", "", 0, -1},
		{"{on: GetCallerIdentity, do: tokenExpires}", 1, "", "", 0, -1},
	} {
		t.Run(c.fault, func(t *testing.T) {
			script, err := sim.LoadFaults("faults.yaml", fmt.Appendf(nil, "faults: [%s]", c.fault))
			if err != nil {
				t.Fatal(err)
			}
			stage.BubbleWith(t, []byte(stage.Faulty), script, stage.Noon, func(w *stage.World) {
				got := w.Run(context.Background(), "-p", policy, "--dry-run=false")
				want := map[string]report.Status{}
				for id, status := range map[string]report.Status{"c1/200000000000000001": c.c1, "c2/200000000000000001": c.c2} {
					if status != "" {
						want[id] = status
					}
				}
				statuses := map[string]report.Status{}
				for _, o := range got.Report.Outcomes {
					statuses[o.Action] = o.Status
				}
				if diff := cmp.Diff(want, statuses); diff != "" || got.Code != c.exit || len(got.Writes()) != c.writes {
					w.T.Fatalf("exit %d, want %d; %d writes, want %d; statuses (-want +got):\n%s\n%s", got.Code, c.exit, len(got.Writes()), c.writes,
						diff, got.Stderr)
				}
				if !slices.ContainsFunc(got.Calls, func(c sim.Call) bool { return c.Fault != "" }) {
					t.Error("the fault never came")
				}
				for id, status := range statuses {
					if status == r || status == k {
						w.Clear(id)
					}
				}
				if c.next == -1 {
					return // the fault does not end
				}
				next := w.Run(context.Background(), "-p", policy, "--dry-run=false")
				last := w.Run(context.Background(), "-p", policy, "--dry-run=false")
				if strings.Contains(c.fault, "times: 0") {
					return
				}
				if next.Code != c.next || last.Code != 0 || len(last.Writes()) > 0 {
					t.Errorf("the next run exits %d, the one after it %d with writes %v\n%s", next.Code, last.Code, last.Writes(), next.Stderr)
				}
				w.Clear("c1/200000000000000001")
				w.Clear("c2/200000000000000001")
			})
		})
	}
}

package cli_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/write"
)

// mine is the account of somebody who has lost a file: her own certificates,
// on clusters of every age and kind, and those of others.
const mine = `
account: "1234567890123456"
caller: {type: RAMUser, uid: "200000000000000001"}
users:
  - {uid: "200000000000000001", name: alice, created: 2024-01-01T00:00:00Z}
  - {uid: "200000000000000002", name: bob, created: 2024-01-01T00:00:00Z}
roles: [{uid: "300000000000000001", name: role, created: 2024-01-01T00:00:00Z}]
clusters:
  - {id: c1, name: one, region: r, created: 2024-01-01T00:00:00Z}
  - {id: c2, name: two, region: r, created: 2024-01-01T00:00:00Z}
  - {id: c3, name: never, region: r, created: 2024-01-01T00:00:00Z}
  - {id: c4, name: old, region: r, created: 2019-10-14T15:59:59Z}
  - {id: c5, name: young, region: r, created: 2019-10-14T16:00:00Z}
  - {id: c6, name: serverless, region: r, profile: Serverless, created: 2019-09-05T15:59:59Z}
credentials:
  - {uid: "200000000000000001", cluster: c1, expires: 2028-01-01T00:00:00Z}
  - {uid: "200000000000000001", cluster: c2, expires: 2028-01-01T00:00:00Z}
  - {uid: "200000000000000001", cluster: c4, expires: 2028-01-01T00:00:00Z}
  - {uid: "200000000000000001", cluster: c5, expires: 2028-01-01T00:00:00Z}
  - {uid: "200000000000000001", cluster: c6, expires: 2028-01-01T00:00:00Z}
  - {uid: "200000000000000002", cluster: c1, expires: 2028-01-01T00:00:00Z}
  - {uid: "300000000000000001", cluster: c1, expires: 2028-01-01T00:00:00Z}
grants:
  - {uid: "200000000000000001", cluster: c1, role: dev}
`

func TestSelf(t *testing.T) {
	stage.Keys(t, stage.Account)
	for _, c := range []struct {
		name, behaviour, fault string
		estate                 [2]string
		clusters               string
		ends, writes           int
		says                   string
		gone                   []string // clusters whose certificate of the caller must be gone
	}{
		{name: "one cluster", clusters: "c1", writes: 1, says: "the service issues a new certificate", gone: []string{"c1"}},
		{name: "two clusters, one twice", clusters: "c2,c1,c2", writes: 2, says: "2 own credentials revoked", gone: []string{"c1", "c2"}},
		{name: "late to be seen", behaviour: "{lag: 9s}", clusters: "c1", writes: 1, says: "revoked and proven", gone: []string{"c1"}},
		{name: "none follows", behaviour: "{ownNext: removed}", clusters: "c1", writes: 1, says: "Removed", gone: []string{"c1"}},
		{name: "as if never issued", behaviour: "{ownNext: unissued, statesEnumerate: false}", clusters: "c1", writes: 1, says: "unlisted",
			gone: []string{"c1"}},
		{name: "nothing there", clusters: "c3", writes: 0, says: "with nothing to revoke"},
		{name: "too old", clusters: "c4", ends: 5, writes: 1,
			says: "old-cluster: it was created on 2019-10-14, and this operation is documented for clusters of its kind from 2019-10-15 on"},
		{name: "too old, serverless", clusters: "c6", ends: 5, writes: 1, says: "from 2019-09-06 on"},
		{name: "too old, and it works", behaviour: "{ownOldCluster: ok}", clusters: "c4", writes: 1, says: "old-cluster", gone: []string{"c4"}},
		{name: "just young enough", clusters: "c5", writes: 1, says: "revoked and proven", gone: []string{"c5"}},
		{name: "no such cluster", clusters: "c9,c1", ends: 6, writes: 1, says: "check the cluster id", gone: []string{"c1"}},
		{name: "a role", estate: [2]string{`RAMUser, uid: "2000`, `AssumedRoleUser, uid: "3000`}, clusters: "c1", writes: 1,
			says: "everybody's who assumes the role"},
		{name: "a role, refused", behaviour: "{ownByRole: refused}",
			estate: [2]string{`RAMUser, uid: "2000`, `AssumedRoleUser, uid: "3000`}, clusters: "c1", ends: 5, writes: 1,
			says: "let an administrator revoke"},
		{name: "the answer is lost", fault: "{on: write, do: resetAfter}", clusters: "c1", writes: 1, says: "revoked and proven",
			gone: []string{"c1"}},
		{name: "it never arrived", fault: "{on: write, do: resetBefore}", clusters: "c1", writes: 2, says: "revoked and proven",
			gone: []string{"c1"}},
		{name: "never an answer", fault: "{on: write, times: 0, do: resetBefore}", clusters: "c1", ends: 5, writes: 6, says: "not proven"},
		{name: "accepted, and nothing happens", fault: "{on: write, do: acceptNothing}", clusters: "c1", ends: 5, writes: 1,
			says: "the same certificate is still shown"},
		{name: "denied", fault: "{on: write, times: 0, do: denied}", clusters: "c1", ends: 5, writes: 1, says: "cs:RevokeK8sClusterKubeConfig"},
		{name: "the keys expire", fault: "{on: write, do: tokenExpires}", clusters: "c1,c2", ends: 5, writes: 1,
			says: "set ALIBABA_CLOUD_ACCESS_KEY_ID"},
		{name: "unreadable", fault: "{on: ListUserKubeConfigStates, times: 0, do: empty500}", clusters: "c1", ends: 6, writes: 0,
			says: "1 own credential not readable"},
		{name: "unreadable afterwards", fault: "{on: ListUserKubeConfigStates, from: 2, times: 0, do: empty500}", clusters: "c1", ends: 5,
			writes: 1, says: "not proven"},
		{name: "nobody answers", fault: "{on: any, times: 0, do: html502}", clusters: "c1", ends: 1, writes: 0, says: "GetCallerIdentity"},
	} {
		t.Run(c.name, func(t *testing.T) {
			estate := mine
			if c.estate[0] != "" {
				estate = strings.Replace(estate, c.estate[0], c.estate[1], 1)
			}
			if c.behaviour != "" {
				estate += "behaviour: " + c.behaviour + "\n"
			}
			var script *sim.Faults
			if c.fault != "" {
				script = stage.Must(sim.LoadFaults("faults.yaml", fmt.Appendf(nil, "faults: [%s]", c.fault)))
			}
			stage.BubbleWith(t, []byte(estate), script, stage.Noon, func(w *stage.World) {
				before := w.Account.Truth()
				if c.fault == "" {
					dry := w.Self(context.Background(), "--cluster", c.clusters)
					if len(dry.Writes()) > 0 || cmp.Diff(before, w.Account.Truth()) != "" {
						t.Errorf("a dry run wrote %v", dry.Writes())
					}
				}
				got := w.Self(context.Background(), "--cluster", c.clusters, "--dry-run=false")
				if got.Code != c.ends || len(got.Writes()) != c.writes || !strings.Contains(got.Stderr, c.says) {
					t.Errorf("exit %d, want %d; writes %v, want %d; want %q\n%s", got.Code, c.ends, got.Writes(), c.writes, c.says, got.Stderr)
				}
				for _, call := range got.Calls {
					if call.Write && call.Operation != "RevokeK8sClusterKubeConfig" {
						t.Errorf("%s was called", call.Operation)
					}
				}
				for _, id := range c.gone {
					if w.Leaked(stage.AliceUID, id) {
						t.Errorf("the certificate on %s is in force", id)
					}
				}
				if diff := cmp.Diff(before.Grants, w.Account.Truth().Grants); diff != "" {
					t.Errorf("grants:\n%s", diff)
				}
				if !w.Leaked("200000000000000002", "c1") {
					t.Error("somebody else's certificate is gone")
				}
				if got.Stdout != "" {
					t.Errorf("standard output was spoken to: %s", got.Stdout)
				}
				if found := stage.Must(filepath.Glob(filepath.Join(w.Dir, "journal", "*"))); (len(found) > 0) != (c.writes > 0) {
					t.Errorf("%d writes, and the journal has %v", c.writes, found)
				}
			})
		})
	}
}

// A dry run says who the caller is, which certificate is current, and what to
// type; a journal line is on disk before each write.
func TestSelfSpeaksAndKeepsAJournal(t *testing.T) {
	stage.Keys(t, stage.Account)
	stage.Bubble(t, []byte(mine), stage.Noon, func(w *stage.World) {
		dry := w.Self(context.Background(), "--cluster", "c1")
		for _, want := range []string{stage.AliceUID, "Unexpired, expires 2028-01-01T00:00:00Z", "dry run, nothing was written",
			"--dry-run=false"} {
			if !strings.Contains(dry.Stderr, want) {
				t.Errorf("a dry run does not say %q\n%s", want, dry.Stderr)
			}
		}
		w.Must(w.Self(context.Background(), "--cluster", "c1", "--dry-run=false"), 0)
		done := stage.Must(filepath.Glob(filepath.Join(w.Dir, "journal", "*.done.jsonl")))
		if len(done) != 1 {
			t.Fatalf("journals %v", done)
		}
		lines := write.ReadLines(stage.Must(os.ReadFile(done[0])))
		if len(lines) != 3 || lines[0].Operation != write.RevokesOwn || lines[0].Certificate.Expires.Year() != 2028 ||
			lines[2].Status != "revoked" {
			t.Errorf("lines %+v", lines)
		}
		<-time.After(time.Hour)
		held := stage.Must(write.OpenJournal(filepath.Join(w.Dir, "journal")))
		defer held.Close()
		if busy := w.Self(context.Background(), "--cluster", "c1", "--dry-run=false"); busy.Code != 1 || len(busy.Calls) > 0 {
			t.Errorf("while another run holds the journal: exit %d, %d calls", busy.Code, len(busy.Calls))
		}
	})
}

func TestSelfMisused(t *testing.T) {
	stage.Keys(t, stage.Account)
	stage.Bubble(t, []byte(mine), stage.Noon, func(w *stage.World) {
		for _, args := range [][]string{{}, {"--cluster", "all-clusters"}, {"--cluster", "prod-*"}, {"--cluster", ".."},
			{"--cluster", "c1", "c2"}, {"--cluster", "c1", "--policy", "p"}} {
			if got := w.Self(context.Background(), append(args, "--dry-run=false")...); got.Code != 2 || len(got.Calls) > 0 {
				t.Errorf("%v: exit %d, %d calls", args, got.Code, len(got.Calls))
			}
		}
	})
}

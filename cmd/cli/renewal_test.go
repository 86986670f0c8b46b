package cli_test

import (
	"bytes"
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
)

// renewable is the account of somebody whose certificate is in its last 180
// days: a renewal of it lives for three years, and the old one lives on.
const renewable = `
account: "1234567890123456"
caller: {type: Account}
users: [{uid: "200000000000000001", name: alice, created: 2024-01-01T00:00:00Z}]
roles: [{uid: "300000000000000001", name: role, created: 2024-01-01T00:00:00Z}]
clusters:
  - {id: c1, name: one, region: r, created: 2024-01-01T00:00:00Z}
credentials:
  - {uid: "200000000000000001", cluster: c1, expires: 2027-03-01T00:00:00Z}
grants:
  - {uid: "200000000000000001", cluster: c1, role: dev}
`

const (
	pinnedAlice   = `{uid: "200000000000000001", reason: compromised, certificates: [{cluster: c1, expires: 2027-03-01T00:00:00Z}]}`
	departedAlice = `{uid: "200000000000000001", reason: departed}`
)

// A certificate that can be a renewal of the one that was to be revoked says
// nothing about that one, which lives on beside it: no grant is given back over
// it. Where the old one was seen ended, or where the later one can be no renewal,
// the person has a new certificate and gets the grants.
func TestRenewalIsNotTheEnd(t *testing.T) {
	stage.Keys(t, stage.Account)
	const half, whole = "grantsOnly", ""
	for _, c := range []struct {
		name   string
		entry  string
		fault  string // of the clean
		source string // report, journal or killed: a journal whose run came to no outcome
		was    string // expiry, instead of 2027-03-01
		now    string // the credential afterwards
		ends   int
		says   string
	}{
		{"pinned and not proven", pinnedAlice, half, "report", "",
			"expires: 2030-02-01T00:00:00Z, previous: 2027-03-01T00:00:00Z", 6, "can be a renewal"},
		{"pinned, by the journal", pinnedAlice, half, "journal", "",
			"expires: 2030-02-01T00:00:00Z, previous: 2027-03-01T00:00:00Z", 6, "can be a renewal"},
		{"pinned, of a run that was killed", pinnedAlice, half, "killed", "",
			"expires: 2030-02-01T00:00:00Z, previous: 2027-03-01T00:00:00Z", 6, "can be a renewal"},
		{"left and not proven", departedAlice, half, "report", "",
			"expires: 2030-02-01T00:00:00Z, previous: 2027-03-01T00:00:00Z", 6, "can be a renewal"},
		{"renewed in the last hour of the window", pinnedAlice, half, "report", "",
			"expires: 2029-09-02T01:00:00Z, previous: 2027-03-01T00:00:00Z", 6, "can be a renewal"},
		{"its own list shows the old one", pinnedAlice, half, "report", "",
			"expires: 2030-02-01T00:00:00Z, previous: 2027-03-01T00:00:00Z, userShows: older", 6, "still in force"},
		{"the cluster's list shows the old one", pinnedAlice, half, "report", "",
			"expires: 2030-02-01T00:00:00Z, previous: 2027-03-01T00:00:00Z, clusterShows: older", 6, "still in force"},
		{"later, and not three years on", pinnedAlice, half, "report", "", "expires: 2028-03-01T00:00:00Z", 0, "1 grant given back"},
		{"too far ahead to be renewed", strings.ReplaceAll(pinnedAlice, "2027-03-01", "2027-06-01"), half, "report",
			"2027-06-01", "expires: 2030-05-01T00:00:00Z", 0, "1 grant given back"},
		{"seen ended, and a new one since", pinnedAlice, whole, "report", "", "expires: 2030-02-01T00:00:00Z", 0, "1 grant given back"},
		{"removed since", pinnedAlice, half, "report", "", "state: Removed", 0, "1 grant given back"},
	} {
		t.Run(c.name, func(t *testing.T) {
			nobody, listed := stage.PolicyFile(t, nil), stage.PolicyFile(t, []string{c.entry})
			before, after := renewable, strings.Replace(renewable,
				"grants:\n  - {uid: \"200000000000000001\", cluster: c1, role: dev}\n", "", 1)
			if c.was != "" {
				before = strings.Replace(before, "2027-03-01", c.was, 1)
			}
			var source []byte
			var script *sim.Faults
			if c.fault != "" {
				script = stage.Must(sim.LoadFaults("faults.yaml", fmt.Appendf(nil, "faults: [{%s, do: %s}]", stage.Clean1, c.fault)))
			}
			stage.BubbleWith(t, []byte(before), script, stage.Noon, func(w *stage.World) {
				got := w.Run(context.Background(), "-p", listed, "--dry-run=false")
				if want := map[string]int{half: 5, whole: 0}[c.fault]; got.Code != want {
					t.Fatalf("the run exits %d, want %d\n%s", got.Code, want, got.Stderr)
				}
				source = got.Raw
				if c.source != "report" {
					source = stage.Must(os.ReadFile(stage.Must(filepath.Glob(filepath.Join(w.Dir, "report.json.journal", "*.done.jsonl")))[0]))
				}
				if c.source == "killed" {
					source, _, _ = bytes.Cut(source, []byte("\n"))
				}
			})
			after = strings.Replace(after, "expires: 2027-03-01T00:00:00Z", c.now, 1)
			stage.Bubble(t, []byte(after), stage.Noon.Add(time.Hour), func(w *stage.World) {
				path := filepath.Join(w.Dir, "source")
				if err := os.WriteFile(path, source, 0o600); err != nil {
					t.Fatal(err)
				}
				was := w.Account.Truth()
				got := w.RestoreFrom(context.Background(), nil, path, nobody, "c1", "--dry-run=false", "--journal",
					filepath.Join(w.Dir, "journal"))
				if got.Code != c.ends || !strings.Contains(got.Stderr, c.says) {
					t.Errorf("exit %d, want %d and %q\n%s", got.Code, c.ends, c.says, got.Stderr)
				}
				if c.ends != 0 && (len(got.Gives()) > 0 || cmp.Diff(was, w.Account.Truth()) != "") {
					t.Errorf("given over a certificate that may be in force: %v", got.Gives())
				}
				if c.ends == 0 && len(w.Grants(stage.AliceUID, "c1")) != 1 {
					t.Errorf("not given: %v", got.Gives())
				}
			})
		})
	}
}

// The caller's own credential is no exception: where the answer to its revocation
// was lost and none ever arrived, a renewal that it fetched in between is no
// proof.
func TestRenewalIsNotTheEndOfTheOwnOne(t *testing.T) {
	stage.Keys(t, stage.Account)
	for _, c := range []struct {
		name, expires string
		ends          int
	}{
		{"a renewal", "2030-02-01T00:00:00Z", 5},
		{"a later one that can be none", "2028-02-01T00:00:00Z", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			script := stage.Must(sim.LoadFaults("faults.yaml", []byte("faults: [{on: write, times: 0, do: resetBefore}]")))
			estate := strings.Replace(renewable, "caller: {type: Account}", `caller: {type: RAMUser, uid: "200000000000000001"}`, 1)
			stage.BubbleWith(t, []byte(estate), script, stage.Noon, func(w *stage.World) {
				defer time.AfterFunc(5*time.Second, func() {
					w.Account.Issue(stage.AliceUID, "c1",
						stage.Must(time.Parse(time.RFC3339, c.expires)))
				}).Stop()
				if got := w.Self(context.Background(), "--cluster", "c1", "--dry-run=false"); got.Code != c.ends {
					t.Errorf("exit %d, want %d\n%s", got.Code, c.ends, got.Stderr)
				}
			})
		})
	}
}

package cli_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/end"
	"ackrevoke/policy"
)

// home is a world whose policy changes from run to run.
type home struct {
	*stage.World
	t      *testing.T
	policy string
	folder string // of the journal
}

func atHome(t *testing.T, faults *sim.Faults, f func(h *home)) {
	t.Helper()
	stage.Keys(t, stage.Account)
	stage.BubbleWith(t, []byte(stage.Faulty), faults, stage.Noon, func(w *stage.World) {
		f(&home{w, t, filepath.Join(w.Dir, "policy.yaml"), filepath.Join(w.Dir, "report.json.journal")})
	})
}

// lists writes the policy.
func (h *home) lists(sections string, entries ...string) {
	put(h.t, h.policy, fmt.Sprintf("version: 1\naccount: %q\n%sprincipals: [%s]\n", stage.Account, sections, strings.Join(entries, ", ")))
}

const allowEmpty = "guards: {allowEmpty: true}\n"

// ends makes a run and holds it to its exit code and all its reasons.
func (h *home) ends(code int, reasons string, args ...string) stage.Ran {
	h.t.Helper()
	got := h.Run(context.Background(), append([]string{"-p", h.policy, "--log-format", "console"}, args...)...)
	if got.Report == nil {
		h.t.Fatalf("%v: no report\n%s", args, got.Stderr)
	}
	if said := strings.Join(got.Report.Verdict.Reasons, " "); got.Code != code || said != reasons {
		h.t.Errorf("%v: exit %d because of %q, want %d because of %q\n%s", args, got.Code, said, code, reasons, got.Stderr)
	}
	stage.Fits(h.t, "report", got.Raw)
	return got
}

// remembered is the record of the last list in a folder; nil for none.
func (h *home) remembered(folder string) *policy.LastList {
	h.t.Helper()
	raw, err := os.ReadFile(filepath.Join(folder, "last-list.json"))
	if os.IsNotExist(err) {
		return nil
	}
	var l struct {
		Entries     int
		Run, SHA256 string
	}
	if err == nil {
		err = json.Unmarshal(raw, &l)
	}
	if err != nil {
		h.t.Fatal(err)
	}
	return &policy.LastList{Entries: l.Entries, Run: l.Run, SHA256: l.SHA256}
}

func (h *home) remembers(want stage.Ran, entries int) {
	h.t.Helper()
	r := want.Report
	if diff := cmp.Diff(&policy.LastList{Entries: entries, Run: r.Run.ID, SHA256: r.Policy.SHA256}, h.remembered(h.folder)); diff != "" {
		h.t.Errorf("the record (-want +got):\n%s", diff)
	}
}

// A list that somebody emptied is refused, and stays refused, until it has entries
// again or the policy allows that it has none.
func TestEmptiedList(t *testing.T) {
	atHome(t, nil, func(h *home) {
		h.lists("", leaver)
		first := h.ends(0, "", "--dry-run=false")
		if len(first.Writes()) != 2 {
			t.Fatalf("writes %v", first.Writes())
		}
		h.remembers(first, 1)
		if info, err := os.Stat(filepath.Join(h.folder, "last-list.json")); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info, err)
		}
		h.lists("")
		for range 2 { // it stays refused
			for _, args := range [][]string{{}, {"--check"}, {"--dry-run=false"}, {"--dry-run=false", "--expect-plan", first.Report.Plan.Digest}} {
				got := h.ends(4, "refused nothing-in-effect", args...)
				if len(got.Writes()) > 0 {
					t.Errorf("%v: %v", args, got.Writes())
				}
				g := got.Report.Plan.Guards
				if !got.Report.NothingInEffect() || len(g) == 0 {
					t.Fatalf("%+v", got.Report.Plan)
				}
				stage.Says(t, got.Stderr, "refused (exit 4): no entry is in effect: 0 listed, and 1 on the last run; nothing to revoke",
					"the list is empty, and on the last run ("+first.Report.Run.ID+") it had 1 entry", "Next: ackrevoke run ")
			}
			h.remembers(first, 1)
		}
		h.lists("", leaver)
		back := h.ends(0, "", "--dry-run=false")
		h.remembers(back, 1)
		h.lists(allowEmpty)
		meant := h.ends(0, "nothing-in-effect", "--dry-run=false")
		h.remembers(meant, 0)
		stage.Says(t, meant.Stderr, "converged (exit 0): no entry is in effect: 0 listed; nothing to revoke")
		stage.Says(t, string(meant.Raw), "lifted by guards.allowEmpty")
		h.lists("") // now it was empty on the last run
		h.ends(0, "nothing-in-effect", "--dry-run=false")
	})
}

// A dry run leaves its list behind where somebody named the folder of the journal,
// and asks it in any case.
func TestListOfADryRun(t *testing.T) {
	atHome(t, nil, func(h *home) {
		h.lists("", leaver)
		h.ends(0, "")
		if _, err := os.Stat(h.folder); !os.IsNotExist(err) {
			t.Errorf("a dry run leaves the folder of a journal: %v", err)
		}
		named := filepath.Join(h.Dir, "named", "journal")
		h.ends(0, "", "--journal", named)
		if l := h.remembered(named); l == nil || l.Entries != 1 {
			t.Errorf("%+v", l)
		}
		h.lists("")
		h.ends(0, "nothing-in-effect")
		h.ends(4, "refused nothing-in-effect", "--journal", named)
		h.ends(4, "refused nothing-in-effect", "--journal", named, "--dry-run=false")
		if files, err := os.ReadDir(named); err != nil || len(files) != 1 {
			t.Errorf("beside the record: %v, %v", files, err)
		}
		// A folder that takes no file is found out before the first call.
		put(t, filepath.Join(h.Dir, "file"), "")
		got := h.ends(1, "error nothing-in-effect", "--journal", filepath.Join(h.Dir, "file", "journal"))
		if len(got.Calls) > 0 {
			t.Errorf("%d calls", len(got.Calls))
		}
	})
}

// What else is wrong is said as ever, and outweighs it where it is heavier; a run
// that could not be made leaves the record alone.
func TestEmptiedListBesideOtherTrouble(t *testing.T) {
	faults := stage.Must(sim.LoadFaults("faults.yaml", []byte("faults: [{on: GetCallerIdentity, from: 2, times: 5, do: resetBefore}]")))
	atHome(t, faults, func(h *home) {
		h.lists("", leaver)
		first := h.ends(0, "", "--dry-run=false")
		line := `{"type":"intent","run":"20261122T120000Z-0","account":"1234567890123456","action":"c1/200000000000000001",` +
			`"operation":"clean","uid":"200000000000000001","cluster":{"id":"c1"}}` + "\n"
		put(t, filepath.Join(h.folder, "ackrevoke.journal"), line)
		h.lists("")
		broken := h.ends(1, "error refused nothing-in-effect", "--dry-run=false")
		short := h.ends(4, "refused nothing-in-effect", "--dry-run=false") // and puts the journal away
		for _, got := range []stage.Ran{broken, short} {
			if n := len(got.Report.Unfinished); n != 1 {
				t.Errorf("exit %d: %d unfinished", got.Code, n)
			}
			h.remembers(first, 1)
		}
		h.lists("scope: {minClusters: 9}\n")
		h.ends(4, "refused incomplete nothing-in-effect", "--dry-run=false")
		put(t, h.policy, "version: 1\naccount: \"9999999999999999\"\nprincipals: []\n")
		h.ends(4, "refused nothing-in-effect", "--dry-run=false")
		put(t, h.policy, "version: 2\n")
		h.ends(2, "invalid", "--dry-run=false")
		h.remembers(first, 1)
	})
}

// A resident process asks at each time, and goes on.
func TestEmptiedListOfASchedule(t *testing.T) {
	atHome(t, nil, func(h *home) {
		h.lists("", leaver)
		ctx, cancel := context.WithCancelCause(context.Background())
		defer time.AfterFunc(90*time.Minute, func() { h.lists("") }).Stop()
		defer time.AfterFunc(210*time.Minute, func() { h.lists(allowEmpty) }).Stop()
		defer time.AfterFunc(5*time.Hour-time.Minute, func() { cancel(end.SIGTERM) }).Stop()
		got := h.Run(ctx, "-p", h.policy, "--schedule", "@every 1h", "--dry-run=false", "--log-format", "console")
		var codes []string
		for _, part := range strings.Split(got.Stderr, " (exit ")[1:] {
			codes = append(codes, part[:1])
		}
		if diff := cmp.Diff([]string{"0", "4", "4", "0"}, codes); diff != "" || got.Code != 143 {
			t.Errorf("exit %d (-want +got):\n%s\n%s", got.Code, diff, got.Stderr)
		}
		h.remembers(got, 0)
	})
}

// Nothing in effect is said before anything else, with what there is instead, and
// changes no exit code.
func TestNothingInEffect(t *testing.T) {
	pending := `{uid: "200000000000000001", reason: departed, effective: 2027-01-01}`
	lapsed := `{uid: "300000000000000001", kind: role, reason: departed, until: 2026-01-01}`
	refused := `{uid: "200000000000000001", name: bob, reason: departed}`
	for _, c := range []struct {
		name    string
		entries []string
		args    []string
		code    int
		reasons string
		says    string
	}{
		{"an empty list from the first", nil, nil, 0, "nothing-in-effect",
			"converged (exit 0): no entry is in effect: 0 listed; nothing to revoke"},
		{"pending and lapsed", []string{pending, lapsed}, nil, 0, "nothing-in-effect",
			"converged (exit 0): 2 entries, none in effect: 1 pending, 1 lapsed; nothing to revoke"},
		{"refused", []string{refused, lapsed}, nil, 4, "refused nothing-in-effect",
			"refused (exit 4): 2 entries, none in effect: 1 refused, 1 lapsed; nothing to revoke"},
		{"of those that were chosen", []string{pending, lapsed}, []string{"--only", "200000000000000001"}, 0, "nothing-in-effect",
			"converged (1 of 2 entries) (exit 0): 1 entry, none in effect: 1 pending; nothing to revoke"},
		{"one is in effect", []string{strings.Replace(refused, "bob", "alice", 1), lapsed}, []string{"--dry-run=false"}, 0, "", "; 1 lapsed."},
	} {
		t.Run(c.name, func(t *testing.T) {
			atHome(t, nil, func(h *home) {
				h.lists("", c.entries...)
				got := h.ends(c.code, c.reasons, c.args...)
				stage.Says(t, got.Stderr, c.says)
			})
		})
	}
}

// With --only the record has the entries of the file, so that a list is not taken
// for a shorter one.
func TestListIsRememberedWholeWithOnly(t *testing.T) {
	atHome(t, nil, func(h *home) {
		h.lists("", leaver, `{uid: "300000000000000001", kind: role, reason: departed}`)
		got := h.ends(0, "", "--only", "300000000000000001", "--dry-run=false")
		h.remembers(got, 2)
	})
}

// Every command that takes a policy says of a manifest that it is one.
func TestManifestInsteadOfThePolicy(t *testing.T) {
	atHome(t, nil, func(h *home) {
		put(t, h.policy, configMap(nobodyListed))
		for _, args := range [][]string{
			{"validate", h.policy}, {"doctor", "-p", h.policy}, {"audit", "-p", h.policy, "--residual"},
			{"add", "alice", "-p", h.policy, "--reason", "departed"}, {"run", "-p", h.policy, "-o", filepath.Join(h.Dir, "r.json")},
		} {
			got := h.Command(context.Background(), func(p *cli.Program) {
				if args[0] == "validate" {
					p.Args = args // it reaches nobody
				}
			}, args...)
			if got.Code != 2 || len(got.Calls) > 0 {
				t.Errorf("%v: exit %d, %d calls\n%s", args, got.Code, len(got.Calls), got.Stderr)
			}
			stage.Says(t, got.Stderr, h.policy+":2:1: this is a ConfigMap (a Kubernetes manifest), not a policy: the policy is under "+
				"data.policy.yaml, line 5: extract it with: yq -r '.data[\"policy.yaml\"]' ")
		}
	})
}

package cli_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/report"
)

// cameBack is a world in which alice was revoked on both of her clusters, and proven
// gone there, by a run whose id is returned; half an hour has passed since.
func cameBack(t *testing.T, entry string, f func(h *home, first stage.Ran)) {
	t.Helper()
	stage.Keys(t, stage.Account)
	stage.Bubble(t, []byte(stage.Wronged), stage.Noon, func(w *stage.World) {
		h := &home{w, t, filepath.Join(w.Dir, "policy.yaml"), filepath.Join(w.Dir, "report.json.journal")}
		h.lists(allowEmpty, entry)
		first := h.ends(0, "", "--dry-run=false")
		if first.Report.Summary.Resurrected != 0 || len(first.Writes()) == 0 {
			t.Fatalf("the first run: %d resurrected, writes %v", first.Report.Summary.Resurrected, first.Writes())
		}
		time.Sleep(30 * time.Minute)
		f(h, first)
	})
}

// back is what a report says of earlier runs, by action.
func back(r *report.Report) map[string]string {
	said := map[string]string{}
	for _, a := range r.Plan.Actions {
		switch {
		case a.Resurrected != nil:
			said[a.ID] = strings.TrimSpace("resurrected " + a.Resurrected.Run + " " + string(a.Resurrected.Certificate))
		case a.GivenBack != nil:
			said[a.ID] = "given back " + a.GivenBack.Run
		}
	}
	return said
}

func (h *home) says(got stage.Ran, want map[string]string) {
	h.t.Helper()
	if diff := cmp.Diff(want, back(got.Report)); diff != "" {
		h.t.Errorf("(-want +got):\n%s\n%s", diff, got.Stderr)
	}
}

var (
	aliceLeft = `{uid: "200000000000000001", reason: departed, clusters: [one, two]}`
	oldFile   = time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC)
)

// Somebody opens again what was proven gone: every run names the run that proved it,
// until one proves it anew; then that one is named.
func TestResurrected(t *testing.T) {
	cameBack(t, aliceLeft, func(h *home, first stage.Ran) {
		h.says(h.ends(0, "", "--dry-run=false"), map[string]string{}) // nothing is there: nothing is said
		id := first.Report.Run.ID
		h.Account.Issue(stage.AliceUID, "c1", oldFile)
		h.Account.Give(sim.Grant{UID: stage.AliceUID, Cluster: "c2", Role: "ops"})
		time.Sleep(time.Minute)
		want := map[string]string{"c1/" + stage.AliceUID: "resurrected " + id + " same", "c2/" + stage.AliceUID: "resurrected " + id}
		dry := h.ends(0, "")
		h.says(dry, want)
		line := "2 resurrected, proven gone by an earlier run: alice (" + stage.AliceUID + ") on one (run " + id + " of 2026-11-23T12:00:00Z, " +
			"the same certificate), alice (" + stage.AliceUID + ") on two (run " + id + " of 2026-11-23T12:00:00Z)"
		stage.Says(t, dry.Stderr, line, "departed: certificate, resurrected", "departed: grants, resurrected")
		json := h.ends(0, "", "--log-format", "json")
		stage.Says(t, json.Stderr, line, `"resurrected":2`)
		second := h.ends(0, "", "--dry-run=false", "--metrics-file", filepath.Join(h.Dir, "metrics.prom"))
		h.says(second, want)
		if n := second.Report.Summary.Resurrected; n != 2 || len(second.Writes()) != 2 {
			t.Errorf("%d resurrected, writes %v", n, second.Writes())
		}
		metrics, err := os.ReadFile(filepath.Join(h.Dir, "metrics.prom"))
		if err != nil || !strings.Contains(string(metrics), "\nackrevoke_resurrected{account=\""+stage.Account+"\"} 2\n") {
			t.Errorf("%s, %v", metrics, err)
		}
		h.Account.Issue(stage.AliceUID, "c1", oldFile.AddDate(3, 0, 0))
		time.Sleep(time.Minute)
		third := h.ends(0, "", "--dry-run=false")
		h.says(third, map[string]string{"c1/" + stage.AliceUID: "resurrected " + second.Report.Run.ID + " new"})
	})
}

// What a restore gave back on purpose is no resurrection, and becomes one when it was
// proven gone once more.
func TestGivenBackIsNoResurrection(t *testing.T) {
	cameBack(t, aliceLeft, func(h *home, first stage.Ran) {
		listed := h.policy
		nobody := filepath.Join(h.Dir, "nobody.yaml")
		put(t, nobody, fmt.Sprintf("version: 1\naccount: %q\nguards: {allowEmpty: true}\nprincipals: []\n", stage.Account))
		given := h.Restore(context.Background(), nobody, "c1", "--dry-run=false")
		h.Must(given.Ran, 0)
		h.Account.Give(sim.Grant{UID: stage.AliceUID, Cluster: "c2", Role: "ops"}) // nobody's restore
		time.Sleep(time.Minute)
		h.policy = listed
		second := h.ends(0, "", "--dry-run=false")
		h.says(second, map[string]string{"c1/" + stage.AliceUID: "given back " + given.Restore.Run.ID,
			"c2/" + stage.AliceUID: "resurrected " + first.Report.Run.ID})
		if n := second.Report.Summary.Resurrected; n != 1 {
			t.Errorf("%d resurrected", n)
		}
		stage.Says(t, second.Stderr, "1 resurrected", "given back by a restore since it was proven gone: alice ("+stage.AliceUID+") on one (run "+
			given.Restore.Run.ID)
		h.Account.Give(sim.Grant{UID: stage.AliceUID, Cluster: "c1", Role: "ops"})
		time.Sleep(time.Minute)
		h.says(h.ends(0, ""), map[string]string{"c1/" + stage.AliceUID: "resurrected " + second.Report.Run.ID})
	})
}

// The folder of the journal decides what is known, and never what is done: digest,
// writes and exit code are the same without it, and with a journal that cannot be
// believed, which is named.
func TestWhatIsKnownChangesNothing(t *testing.T) {
	cameBack(t, aliceLeft, func(h *home, first stage.Ran) {
		h.Account.Issue(stage.AliceUID, "c1", oldFile)
		time.Sleep(time.Minute)
		knows := h.ends(0, "")
		elsewhere := h.ends(0, "", "--journal", filepath.Join(h.Dir, "elsewhere"))
		if n := elsewhere.Report.Summary.Resurrected; n != 0 {
			t.Errorf("%d resurrected by a folder that knows nothing", n)
		}
		h.says(h.ends(0, "", "--journal", h.folder), back(knows.Report))
		done, err := filepath.Glob(filepath.Join(h.folder, "*.done.jsonl"))
		if err != nil || len(done) != 1 || filepath.Base(done[0]) != first.Report.Run.ID+".done.jsonl" {
			t.Fatal(done, err)
		}
		put(t, done[0], "spoilt\n")
		spoilt := h.ends(0, "")
		if s := spoilt.Report.Summary.Resurrected; s != 0 || len(spoilt.Report.Plan.Warnings) != 1 {
			t.Errorf("%d resurrected, warnings %q", s, spoilt.Report.Plan.Warnings)
		}
		stage.Says(t, spoilt.Stderr, first.Report.Run.ID+".done.jsonl of an earlier run cannot be believed")
		for _, got := range []stage.Ran{elsewhere, spoilt} {
			if got.Report.Plan.Digest != knows.Report.Plan.Digest || got.Report.Plan.Digest == "" {
				t.Errorf("digest %s, want %s", got.Report.Plan.Digest, knows.Report.Plan.Digest)
			}
		}
		applied := h.ends(0, "", "--dry-run=false", "--expect-plan", knows.Report.Plan.Digest)
		if !slices.Equal(applied.Writes(), []string{"CleanClusterUserPermissions c1 " + stage.AliceUID}) {
			t.Errorf("writes %v", applied.Writes())
		}
	})
}

// A run that was killed had proven something as well: its journal is not put away.
func TestProofsOfARunThatDied(t *testing.T) {
	cameBack(t, aliceLeft, func(h *home, first stage.Ran) {
		done := filepath.Join(h.folder, first.Report.Run.ID+".done.jsonl")
		if err := os.Rename(done, filepath.Join(h.folder, "ackrevoke.journal")); err != nil {
			t.Fatal(err)
		}
		h.Account.Issue(stage.AliceUID, "c1", oldFile)
		time.Sleep(time.Minute)
		want := map[string]string{"c1/" + stage.AliceUID: "resurrected " + first.Report.Run.ID + " same"}
		h.says(h.ends(0, ""), want)
		h.says(h.ends(0, "", "--dry-run=false"), want)
	})
}

// A pin was about one certificate. That the person holds another one is as it should
// be; that the pinned one is in force again is not.
func TestResurrectedPin(t *testing.T) {
	pin := `{uid: "200000000000000001", reason: compromised, certificates: [{cluster: c1, expires: 2028-01-01T00:00:00Z}]}`
	cameBack(t, pin, func(h *home, first stage.Ran) {
		h.Account.Issue(stage.AliceUID, "c1", oldFile.AddDate(3, 0, 0))
		time.Sleep(time.Minute)
		h.says(h.ends(0, ""), map[string]string{})
		h.lists("", aliceLeft)
		h.says(h.ends(0, ""), map[string]string{})
		h.Account.Issue(stage.AliceUID, "c1", oldFile)
		time.Sleep(time.Minute)
		want := map[string]string{"c1/" + stage.AliceUID: "resurrected " + first.Report.Run.ID + " same"}
		h.says(h.ends(0, ""), want)
		h.lists("", pin)
		h.says(h.ends(0, ""), want)
	})
}

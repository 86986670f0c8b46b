package history

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/job/write"
	"ackrevoke/policy"
)

// lines are a history in a form that a table of a test can hold.
func lines(h *report.History) []string {
	var all []string
	for _, r := range h.Runs {
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s %s %s", r.Kind, r.ID, r.Verdict)))
		for _, w := range r.Writes {
			text := fmt.Sprintf("- %s %s %s", w.Operation, w.Action, w.Status)
			if w.Resurrected != nil {
				text += " resurrected " + w.Resurrected.Run
			}
			if w.GivenBack != nil {
				text += " given back " + w.GivenBack.Run
			}
			if w.Unfinished {
				text += " unfinished"
			}
			all = append(all, text)
		}
		for _, p := range r.Proofs {
			all = append(all, fmt.Sprintf("- %s %s", p.Verdict, p.UID))
		}
	}
	return all
}

// kept leaves the report of a run beside the folder of its journal.
func kept(t *testing.T, dir, run string, proofs ...report.Evidence) {
	t.Helper()
	r := report.New()
	r.Run = report.Run{ID: run, Mode: report.Apply, StartedAt: report.At(noon.AddDate(0, 0, -3))}
	r.Account.ID, r.Proofs = account, proofs
	r.Verdict = end.Verdict{Name: end.Converged, Reasons: []string{}}
	data, err := r.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := report.Keep(strings.TrimSuffix(dir, ".journal"), run, data); err != nil {
		t.Fatal(err)
	}
}

// A history of three runs, a restore and a command self, in order of time whatever
// the names of the journals are.
func TestTell(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "report.json.journal")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	lay(t, dir, "z"+write.DoneSuffix, revoked("r1", 9),
		said{"r1", 9, "all-clusters/" + bob, policy.RevokeGrant, nil, []string{"accepted", "revoked"}})
	lay(t, dir, "b"+write.DoneSuffix, gave("x1", 8, "proven"))
	lay(t, dir, "a"+write.DoneSuffix, revoked("r2", 7), said{"s1", 6, "c1/" + alice, write.RevokesOwn, nil, []string{"proven"}})
	lay(t, dir, "ackrevoke.journal", said{"r3", 5, "c1/" + alice, policy.Clean, nil, []string{"accepted"}},
		said{"r3", 4, "all-clusters/" + bob, policy.RevokeGrant, func(l *write.Line) { l.Simulated = true }, []string{"revoked"}})
	kept(t, dir, "r1", report.Evidence{At: report.At(noon), Verdict: report.ProvenDead, Certificate: report.EvidenceCertificate{UID: alice}},
		report.Evidence{At: report.At(noon), Verdict: report.ProvenAlive, Certificate: report.EvidenceCertificate{UID: bob}})
	kept(t, dir, "elsewhere")
	h, err := Tell(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	c1, all := "c1/"+alice, "all-clusters/"+bob
	if diff := cmp.Diff([]string{"run r1 converged", "- clean " + c1 + " revoked", "- revoke-grant " + all + " revoked",
		"- dead " + alice, "- alive " + bob, "restore x1", "- give-back " + c1 + " proven",
		"run r2", "- clean " + c1 + " revoked given back x1", "self s1", "- revoke-own " + c1 + " proven",
		"run r3", "- clean " + c1 + " accepted resurrected r2 unfinished", "- revoke-grant " + all + " revoked unfinished"},
		lines(h)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if r := h.Runs[0]; r.Report == "" || r.Caller == nil || r.ExitCode == nil || h.Runs[1].Caller != nil {
		t.Errorf("%+v", h.Runs)
	}
	if h, err = Tell(dir, bob); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"run r1 converged", "- revoke-grant " + all + " revoked", "- alive " + bob, "run r3",
		"- revoke-grant " + all + " revoked unfinished"}, lines(h)); diff != "" {
		t.Errorf("of bob (-want +got):\n%s", diff)
	}
	if len(h.Unreadable) > 0 {
		t.Errorf("%+v", h.Unreadable)
	}
}

// What cannot be read is named, a journal and a report alike; and a folder that is
// not there is told from one that cannot be read.
func TestTellOfWhatCannotBeRead(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "report.json.journal")
	if _, err := Tell(dir, ""); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	lay(t, dir, "r1"+write.DoneSuffix, revoked("r1", 9))
	lay(t, dir, "r2"+write.DoneSuffix)
	kept(t, dir, "r1")
	beside := filepath.Join(filepath.Dir(dir), "report-r1.json")
	if err := os.WriteFile(beside, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	h, err := Tell(dir, "")
	if err != nil || len(h.Runs) != 1 || h.Runs[0].ExitCode != nil {
		t.Fatalf("%+v, %v", h, err)
	}
	if len(h.Unreadable) != 2 || h.Unreadable[0].File != beside || h.Unreadable[1].File != "r2"+write.DoneSuffix {
		t.Errorf("%+v", h.Unreadable)
	}
	link := filepath.Join(filepath.Dir(dir), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{link, beside} {
		if _, err := Tell(folder, ""); err == nil || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", folder, err)
		}
	}
}

// Of a write that was made again, what its first try saw is told.
func TestTellOfARepeatedWrite(t *testing.T) {
	dir := t.TempDir()
	again := func(l *write.Line) { l.Try, l.Certificate = 2, nil }
	lay(t, dir, "r1"+write.DoneSuffix, said{"r1", 9, "c1/" + alice, policy.Clean, nil, nil},
		said{"r1", 9, "c1/" + alice, policy.Clean, again, []string{"accepted", "revoked"}})
	h, err := Tell(dir, "")
	if err != nil || len(h.Runs) != 1 || len(h.Runs[0].Writes) != 1 {
		t.Fatalf("%+v, %v", h, err)
	}
	w := h.Runs[0].Writes[0]
	if w.Before.Certificate.State != policy.Unexpired || !w.Proven || w.EndedAt != report.At(w.At.Add(2*time.Second)) {
		t.Errorf("%+v", w)
	}
}

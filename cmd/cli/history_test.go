package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/report"
)

// tells asks for a history, which calls nothing.
func (h *home) tells(code int, args ...string) stage.Ran {
	h.t.Helper()
	h.Account.Reset()
	var stdout, stderr strings.Builder
	p := cli.Program{Args: append([]string{"history"}, args...), Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Now: h.Now}
	got := stage.Ran{Code: p.Run(h.t.Context()), Stdout: stdout.String(), Stderr: stderr.String(), Calls: h.Account.Calls()}
	if got.Code != code || len(got.Calls) > 0 {
		h.t.Errorf("history %v: exit %d, want %d, calls %v\n%s", args, got.Code, code, got.Calls, got.Stderr)
	}
	return got
}

// history is what it tells as JSON.
func (h *home) history(args ...string) *report.History {
	h.t.Helper()
	got := h.tells(0, append([]string{h.folder, "--format", "json"}, args...)...)
	stage.Fits(h.t, "history", []byte(got.Stdout))
	var all report.History
	if err := json.Unmarshal([]byte(got.Stdout), &all); err != nil {
		h.t.Fatal(err)
	}
	return &all
}

// The whole story: revoked and proven, back again, revoked again.
func TestHistory(t *testing.T) {
	cameBack(t, aliceLeft, func(h *home, first stage.Ran) {
		h.Account.Issue(stage.AliceUID, "c1", oldFile)
		time.Sleep(time.Minute)
		second := h.ends(0, "", "--dry-run=false")
		h.ends(0, "") // a dry run leaves nothing
		all := h.history()
		want := report.PastSummary{Runs: 2, Writes: 3, Proven: 3, Resurrected: 1}
		if all.Summary != want {
			t.Errorf("%+v, want %+v", all.Summary, want)
		}
		for i, run := range []stage.Ran{first, second} {
			r := all.Runs[i]
			if r.ID != run.Report.Run.ID || r.Verdict != "converged" || r.Policy.SHA256 != run.Report.Policy.SHA256 || r.Caller.Type != "Account" {
				t.Errorf("run %d: %+v", i, r)
			}
		}
		if e := all.Runs[1].Writes[0].Resurrected; e == nil || *e != *second.Report.Plan.Actions[0].Resurrected {
			t.Errorf("%+v, and the run says %+v", e, second.Report.Plan.Actions[0].Resurrected)
		}
		table := h.tells(0, h.folder)
		stage.Says(t, table.Stdout, "took certificate until 2028-01-01T00:00:00Z", "resurrected: proven gone by "+first.Report.Run.ID)
		stage.Says(t, table.Stderr, "2 runs, 3 writes, 3 proven, 1 resurrected")
		if n := len(h.history("--uid", stage.AliceUID).Runs); n != 2 {
			t.Errorf("%d runs about alice", n)
		}
		none := h.tells(0, h.folder, "--uid", stage.MalloryUID)
		stage.Says(t, none.Stderr, "no run that wrote something has left a journal in ", "about "+stage.MalloryUID)
		stage.Says(t, h.tells(0, h.Dir).Stderr, "there are folders of journals in it: "+h.folder)
	})
}

func TestHistoryOfWhatIsNotThere(t *testing.T) {
	cameBack(t, aliceLeft, func(h *home, first stage.Ran) {
		stage.Says(t, h.tells(2, filepath.Join(h.Dir, "none")).Stderr, "there is no folder", "--journal")
		h.tells(2, h.folder, h.folder)
		h.tells(2, h.folder, "--format", "yaml")
		h.tells(2, h.folder, "--uid", "alice")
		h.tells(1, h.policy) // a file
		put(t, filepath.Join(h.folder, "20260101T000000Z-1.done.jsonl"), "spoilt\n")
		got := h.tells(1, h.folder)
		stage.Says(t, got.Stderr, "20260101T000000Z-1.done.jsonl could not be read, or not believed in full: line 1")
		stage.Says(t, got.Stdout, first.Report.Run.ID) // the others are told
	})
}

// Whoever can write into the folder cannot speak to the terminal.
func TestHistoryIsHarmless(t *testing.T) {
	cameBack(t, aliceLeft, func(h *home, first stage.Ran) {
		path := filepath.Join(h.folder, first.Report.Run.ID+".done.jsonl")
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		evil := strings.NewReplacer(`"alice"`, `"\u001b[2J\u202eecila\n| "`, first.Report.Run.ID, `\u001b]0;x\u0007`, `"one"`, `"\u009b1A"`,
			`"revoked"`, `"\u001b[32mrevoked"`).Replace(string(data))
		put(t, path, evil)
		for _, format := range []string{"table", "json"} {
			got := h.tells(0, h.folder, "--format", format)
			for _, r := range got.Stdout + got.Stderr {
				if r != '\n' && report.Hidden(r) {
					t.Fatalf("%s says %U", format, r)
				}
			}
		}
	})
}

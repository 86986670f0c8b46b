package fleet

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/end"
	"ackrevoke/job/write"
)

// The journal is the account's: a policy file with another name finds what was left
// unfinished, is kept out by a writer that is at work, and cannot be emptied unseen.
func TestRenamedFile(t *testing.T) {
	dir, out := stage.Put(t, map[string]string{"a.yaml": policyOf(1), "b.YAML": policyOf(2)}), t.TempDir()
	journal := filepath.Join(out, account(1)+".journal")
	stage.BubbleOfAccounts(t, stage.HubEstate(), members(1, 2), nil, func(w *stage.Accounts) {
		run := func(code int, says ...string) {
			t.Helper()
			got := w.Enter(context.Background(), nil, "run", "--policy-dir", dir, "-o", out, "--dry-run=false")
			if got.Code != code {
				t.Errorf("exit %d, want %d\n%s", got.Code, code, got.Stderr)
			}
			stage.Says(t, got.Stderr, says...)
		}
		run(end.CodeClean, "2 policy files: 2 converged") // whatever the case of the ending
		stage.NoError(t, os.Rename(filepath.Join(dir, "a.yaml"), filepath.Join(dir, "payments.yaml")))

		held := stage.Must(write.OpenJournal(journal))
		run(end.CodeError, "another run holds it")
		stage.NoError(t, held.Append(write.Line{Type: "intent", Run: "r1", Account: account(1), Action: "c1/" + stage.AliceUID}))
		stage.NoError(t, held.Close())
		run(end.CodeClean, "1 write of earlier runs ended without a report")

		empty := strings.Replace(policyOf(1), "principals: [", "principals: [] # [", 1)
		stage.NoError(t, os.WriteFile(filepath.Join(dir, "payments.yaml"), []byte(empty), 0o600))
		run(end.CodeRefused, "no entry is in effect in payments.yaml")
		allowed := strings.Replace(empty, "principals", "guards: {allowEmpty: true}\nprincipals", 1)
		stage.NoError(t, os.WriteFile(filepath.Join(dir, "payments.yaml"), []byte(allowed), 0o600))
		run(end.CodeClean, "no entry is in effect in payments.yaml")
		if s := summaryIn(t, filepath.Join(out, "summary.json")); !slices.Equal(s.Verdict.Reasons, []string{end.NothingInEffect}) {
			t.Errorf("reasons %v", s.Verdict.Reasons)
		}
	})
}

// A list that was emptied after a run that died before it could leave its record is
// one that had entries: the journal says so.
func TestEmptiedAfterADeath(t *testing.T) {
	dir, out := stage.Put(t, map[string]string{"a.yaml": strings.Replace(policyOf(1), "principals: [", "principals: [] # [", 1)}), t.TempDir()
	stage.BubbleOfAccounts(t, stage.HubEstate(), members(1), nil, func(w *stage.Accounts) {
		held := stage.Must(write.OpenJournal(filepath.Join(out, account(1)+".journal")))
		stage.NoError(t, held.Append(write.Line{Type: "intent", Run: "r1", Account: account(1), Action: "c1/" + stage.AliceUID}))
		stage.NoError(t, held.Close())
		if got := w.Enter(context.Background(), nil, "run", "--policy-dir", dir, "-o", out, "--dry-run=false"); got.Code != end.CodeRefused {
			t.Errorf("exit %d\n%s", got.Code, got.Stderr)
		}
	})
}

// A merged summary that is refused leaves no earlier one in its place, and without a
// word no summary of another night is taken.
func TestRefusedSummaryLeavesNone(t *testing.T) {
	dir, out := stage.Put(t, map[string]string{"a.yaml": policyOf(1)}), t.TempDir()
	merged := filepath.Join(t.TempDir(), "merged.json")
	stage.BubbleOfAccounts(t, stage.HubEstate(), members(1), nil, func(w *stage.Accounts) {
		w.Must(w.Enter(context.Background(), nil, "run", "--policy-dir", dir, "-o", out), end.CodeClean)
		w.Must(w.Enter(context.Background(), nil, "summary", out, "-o", merged), end.CodeClean)
		time.Sleep(13 * time.Hour) // in a bubble it costs nothing
		got := w.Enter(context.Background(), nil, "summary", out, "-o", merged)
		if _, err := os.Stat(merged); got.Code != end.CodeIncomplete || !os.IsNotExist(err) {
			t.Errorf("exit %d, %v", got.Code, err)
		}
		stage.Says(t, got.Stderr, "old: ")
		w.Must(w.Enter(context.Background(), nil, "summary", out, "--max-age", "0"), end.CodeClean)
	})
}

package fleet

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/job/write"
)

// folder is one of policies, with what makes rounds over it.
type folder struct {
	*stage.Accounts
	t        *testing.T
	dir, out string
}

func inFolder(t *testing.T, names map[string]int, f func(f *folder)) {
	t.Helper()
	files, ns := map[string]string{}, []int{}
	for name, n := range names {
		files[name], ns = policyOf(n), append(ns, n)
	}
	stage.BubbleOfAccounts(t, stage.HubEstate(), members(ns...), nil, func(w *stage.Accounts) {
		f(&folder{w, t, stage.Put(t, files), filepath.Join(t.TempDir(), "reports")})
	})
}

// round runs the folder, expects an exit code and words, and returns the summary.
func (f *folder) round(code int, says string, args ...string) *report.Accounts {
	f.t.Helper()
	got := f.Enter(context.Background(), nil, append([]string{"run", "--policy-dir", f.dir, "-o", f.out}, args...)...)
	if got.Code != code {
		f.t.Errorf("%v: exit %d, want %d\n%s", args, got.Code, code, got.Stderr)
	}
	stage.Says(f.t, got.Stderr, says)
	if !slices.Contains(args, "--shard") {
		return summaryIn(f.t, filepath.Join(f.out, "summary.json"))
	}
	return nil
}

func (f *folder) take(name string) []byte {
	f.t.Helper()
	text := stage.Must(os.ReadFile(filepath.Join(f.dir, name)))
	stage.NoError(f.t, os.Remove(filepath.Join(f.dir, name)))
	return text
}

func (f *folder) put(name string, text []byte) {
	f.t.Helper()
	stage.NoError(f.t, os.WriteFile(filepath.Join(f.dir, name), text, 0o600))
}

// A policy file that somebody took out of the folder is missed, in every round, until
// it is there again or somebody says that this is meant; the others go on as ever.
func TestFileThatIsGone(t *testing.T) {
	inFolder(t, map[string]int{"a.yaml": 1, "b.yaml": 2}, func(f *folder) {
		f.round(0, "2 policy files: 2 converged", "--dry-run=false")
		text := f.take("b.yaml")
		const gone = "no policy file is about account 2000000000000002 (b.yaml) any more"
		for _, args := range [][]string{{}, {"--dry-run=false"}, {"--check"}} {
			s := f.round(4, gone, args...)
			if !slices.Equal(s.Verdict.Reasons, []string{"refused", end.PolicyGone}) || len(s.Gone) != 1 || s.Gone[0].Account != account(2) ||
				s.Gone[0].File != "b.yaml" || s.Gone[0].Entries != 1 || s.Files[0].ExitCode != 0 || len(s.Files) != 1 {
				t.Errorf("%v: %+v %+v %+v", args, s.Verdict, s.Gone, s.Files)
			}
		}
		f.put("renamed.yaml", text)
		f.round(0, "2 policy files: 2 converged", "--dry-run=false")
		f.take("renamed.yaml")
		f.round(0, "1 policy file: 1 converged", "--forget", account(2)) // a dry run by the way
		f.round(4, "account "+account(2)+" any more: renamed.yaml had 1 entry on the last run", "--dry-run=false")
		f.round(0, "1 policy file: 1 converged", "--dry-run=false", "--forget", account(2))
		f.round(0, "1 policy file: 1 converged", "--dry-run=false")
		f.round(2, `--forget "x" is no account id`, "--forget", "x", "--shard", "0/1")
	})
}

// What is there with another content is not gone, and says itself what is wrong; nor
// is what was emptied on purpose before it went.
func TestFileThatIsNotGone(t *testing.T) {
	inFolder(t, map[string]int{"a.yaml": 1, "b.yaml": 2, "c.yaml": 3}, func(f *folder) {
		f.round(0, "3 converged", "--dry-run=false")
		text := f.take("b.yaml")
		f.put("b.yaml", []byte("version: 7\n"))
		if s := f.round(2, "invalid", "--dry-run=false"); len(s.Gone) != 0 {
			t.Errorf("%+v", s.Gone)
		}
		f.put("b.yaml", []byte(policyOf(9))) // about another account: this one is gone
		if s := f.round(1, "no policy file is about account "+account(2), "--dry-run=false"); len(s.Gone) != 1 {
			t.Errorf("%+v", s.Gone)
		}
		f.put("b.yaml", text)
		empty := strings.Replace(policyOf(3), "principals: [", "guards: {allowEmpty: true}\nprincipals: [] # [", 1)
		f.put("c.yaml", []byte(empty))
		f.round(0, "3 converged", "--dry-run=false")
		f.take("c.yaml")
		f.round(0, "2 converged", "--dry-run=false")
	})
}

// Every shard says it, and what they left together says it once; a journal of its own
// place remembers as well, also of dry runs, and so does one of a run that died.
func TestFileThatIsGoneFromShards(t *testing.T) {
	inFolder(t, map[string]int{"a.yaml": 1, "b.yaml": 2, "c.yaml": 3}, func(f *folder) {
		journal := filepath.Join(t.TempDir(), "journal")
		f.round(3, "3 planned", "--check", "--journal", journal)
		f.take("c.yaml")
		for _, shard := range []string{"0/2", "1/2"} {
			f.round(4, "c.yaml had 1 entry", "--shard", shard, "--journal", journal)
		}
		stage.NoError(t, os.Remove(filepath.Join(f.out, "summary.json")))
		got := f.Enter(context.Background(), nil, "summary", f.out, "-o", "-")
		s := stage.Must(report.DecodeAccounts([]byte(got.Stdout)))
		if got.Code != 4 || len(s.Gone) != 1 || len(s.Files) != 2 {
			t.Errorf("exit %d, %+v", got.Code, s)
		}
		stage.NoError(t, os.Remove(filepath.Join(journal, account(3), "last-list.json")))
		f.round(0, "2 policy files: 2 planned", "--journal", journal)

		held := stage.Must(write.OpenJournal(filepath.Join(journal, account(7))))
		stage.NoError(t, errors.Join(held.Append(write.Line{Type: "intent", Run: "r1", Account: account(7), Action: "c1/1"}), held.Close()))
		f.round(4, "no policy file is about account "+account(7)+" any more: its policy had 0 entries on the last run (r1)", "--journal", journal)
		put := filepath.Join(journal, account(7), "last-list.json")
		stage.NoError(t, os.WriteFile(put, []byte("{"), 0o600))
		f.round(4, "cannot be believed", "--journal", journal)
	})
}

// Whoever scrapes is told of it, beside the moments that were known.
func TestMetricsOfAFileThatIsGone(t *testing.T) {
	inFolder(t, map[string]int{"a.yaml": 1, "b.yaml": 2}, func(f *folder) {
		prom := filepath.Join(t.TempDir(), "ackrevoke.prom")
		f.round(0, "2 converged", "--dry-run=false", "--metrics-file", prom)
		f.take("b.yaml")
		f.round(4, "b.yaml", "--dry-run=false", "--metrics-file", prom)
		text := string(stage.Must(os.ReadFile(prom)))
		stage.Says(t, text, `ackrevoke_policy_gone{account="`+account(1)+`"} 0`, `ackrevoke_policy_gone{account="`+account(2)+`"} 1`,
			`ackrevoke_last_success_timestamp_seconds{account="`+account(2)+`"}`)
		f.round(0, "1 converged", "--dry-run=false", "--metrics-file", prom, "--forget", account(2))
		if text := string(stage.Must(os.ReadFile(prom))); strings.Contains(text, account(2)) {
			t.Errorf("it is forgotten:\n%s", text)
		}
	})
}

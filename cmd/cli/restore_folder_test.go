package cli_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/write"
)

// A restore holds the journal folder of its source, wherever that is: a run that
// is at work with it may be about to take away what is given. The report says
// where it is; where that is no place any more, or two of them, nothing is
// guessed.
func TestRestoreHoldsTheFolderOfItsSource(t *testing.T) {
	stage.Keys(t, stage.Account)
	listed, nobody := stage.PolicyFile(t, stage.AliceLeft), stage.PolicyFile(t, nil)
	kept := func(dir, stem string) string {
		return stage.Must(filepath.Glob(filepath.Join(dir, stem+"-2*.json")))[0]
	}
	move := func(from, to string) {
		if err := os.Rename(from, to); err != nil {
			panic(err)
		}
	}
	for _, c := range []struct {
		name string
		run  []string // where it is to write; the working folder is its own
		// then is done after the run; it returns the source, the folder that is to
		// be held, and what restore is told beside. cwd is another folder.
		then func(dir, cwd string) (source, folder string, args []string)
		says string // in an error, instead of a folder
	}{
		{name: "beside a report of any name", run: []string{"-o", "out"}, then: func(dir, _ string) (string, string, []string) {
			return kept(dir, "out"), filepath.Join(dir, "out.journal"), nil
		}},
		{name: "the report itself", run: []string{"-o", "out"}, then: func(dir, _ string) (string, string, []string) {
			return filepath.Join(dir, "out"), filepath.Join(dir, "out.journal"), nil
		}},
		{name: "anywhere", run: []string{"-o", "out.json", "--journal", "j/k"}, then: func(dir, _ string) (string, string, []string) {
			move(filepath.Join(dir, "j", "k"), filepath.Join(dir, "k")) // with the report
			return kept(dir, "out"), filepath.Join(dir, "k"), nil
		}},
		{name: "by a name that holds everywhere", run: []string{"-o", "out.json", "--journal", "ABS/far/away"},
			then: func(dir, _ string) (string, string, []string) {
				return kept(dir, "out"), filepath.Join(dir, "far", "away"), nil
			}},
		{name: "no report but on standard output", run: []string{"-o", "-", "--journal", "j"},
			then: func(dir, _ string) (string, string, []string) {
				return kept(filepath.Join(dir, "j"), "report"), filepath.Join(dir, "j"), nil
			}},
		{name: "such a report, moved to where there is no folder", run: []string{"-o", "-", "--journal", "j"},
			then: func(dir, cwd string) (string, string, []string) {
				move(kept(filepath.Join(dir, "j"), "report"), filepath.Join(cwd, "x.json"))
				return filepath.Join(cwd, "x.json"), "", nil
			}, says: "the run kept its journal in j, and that folder is not there"},
		{name: "a kept report in the journal's folder, and told so", run: []string{"-o", "-", "--journal", "j"},
			then: func(dir, _ string) (string, string, []string) {
				return kept(filepath.Join(dir, "j"), "report"), filepath.Join(dir, "j"), []string{"--journal", filepath.Join(dir, "j")}
			}},
		{name: "the source is the journal", run: []string{"-o", "out.json"}, then: func(dir, _ string) (string, string, []string) {
			return stage.Must(filepath.Glob(filepath.Join(dir, "out.json.journal", "*.done.jsonl")))[0], filepath.Join(dir,
				"out.json.journal"), nil
		}},
		{name: "all has been moved", run: []string{"-o", "out.json"}, then: func(dir, cwd string) (string, string, []string) {
			source := kept(dir, "out")
			move(source, filepath.Join(cwd, "x.json"))
			move(filepath.Join(dir, "out.json.journal"), filepath.Join(cwd, "out.json.journal"))
			return filepath.Join(cwd, "x.json"), filepath.Join(cwd, "out.json.journal"), nil
		}},
		{name: "two folders of that name", run: []string{"-o", "out.json"}, then: func(dir, cwd string) (string, string, []string) {
			if err := os.Mkdir(filepath.Join(cwd, "out.json.journal"), 0o700); err != nil {
				panic(err)
			}
			return kept(dir, "out"), "", nil
		}, says: "are there"},
		{name: "two folders of that name, and told which", run: []string{"-o", "out.json"},
			then: func(dir, cwd string) (string, string, []string) {
				if err := os.Mkdir(filepath.Join(cwd, "out.json.journal"), 0o700); err != nil {
					panic(err)
				}
				folder := filepath.Join(dir, "out.json.journal")
				return kept(dir, "out"), folder, []string{"--journal", folder}
			}},
		{name: "the folder is gone", run: []string{"-o", "out.json"}, then: func(dir, _ string) (string, string, []string) {
			move(filepath.Join(dir, "out.json.journal"), filepath.Join(dir, "elsewhere"))
			return kept(dir, "out"), "", nil
		}, says: "the run kept its journal in out.json.journal, and that folder is not there"},
		{name: "a file has its name", run: []string{"-o", "out.json"}, then: func(dir, _ string) (string, string, []string) {
			move(filepath.Join(dir, "out.json.journal"), filepath.Join(dir, "elsewhere"))
			if err := os.WriteFile(filepath.Join(dir, "out.json.journal"), nil, 0o600); err != nil {
				panic(err)
			}
			return kept(dir, "out"), "", nil
		}, says: "that folder is not there"},
		{name: "a report of a time that did not say it", run: []string{"-o", "out.json"},
			then: func(dir, _ string) (string, string, []string) {
				source := kept(dir, "out")
				forget(source)
				return source, filepath.Join(dir, "out.json.journal"), nil
			}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, cwd := t.TempDir(), t.TempDir()
			t.Chdir(dir)
			stage.Bubble(t, []byte(stage.Wronged), stage.Noon, func(w *stage.World) {
				for i := range c.run {
					c.run[i] = strings.Replace(c.run[i], "ABS", dir, 1)
				}
				w.Must(w.Command(context.Background(), nil, append([]string{"run", "-p", listed, "--dry-run=false"}, c.run...)...), 0)
				source, folder, args := c.then(dir, cwd)
				if err := os.Chdir(cwd); err != nil {
					t.Fatal(err)
				}
				again := func() stage.Restored {
					return w.RestoreFrom(context.Background(), nil, source, nobody, "c1", append([]string{"--dry-run=false"}, args...)...)
				}
				if c.says != "" {
					got := again()
					if got.Code != 1 || len(got.Calls) > 0 || !strings.Contains(got.Stderr,
						c.says) || !strings.Contains(got.Stderr, "--journal") {
						t.Errorf("exit %d, %d calls, want %q\n%s", got.Code, len(got.Calls), c.says, got.Stderr)
					}
					return
				}
				held := stage.Must(write.OpenJournal(folder))
				if busy := again(); busy.Code != 1 || len(busy.Calls) > 0 || !strings.Contains(busy.Stderr, "another run holds") {
					t.Errorf("while another run holds it: exit %d, %d calls\n%s", busy.Code, len(busy.Calls), busy.Stderr)
				}
				if dry := w.RestoreFrom(context.Background(), nil, source, nobody, "c1", args...); dry.Code != 0 {
					t.Errorf("looking takes no lock: exit %d\n%s", dry.Code, dry.Stderr)
				}
				_ = held.Close()
				defer time.AfterFunc(5*time.Second, func() {
					if _, err := write.OpenJournal(folder); !errors.Is(err, write.ErrJournalHeld) {
						t.Errorf("while the restore waits the folder is free: %v", err)
					}
				}).Stop()
				got := again()
				w.Must(got.Ran, 0)
				if len(got.Gives()) != 1 || !cli.SameFile(got.Restore.Run.Journal, folder) {
					t.Errorf("writes %v, journal in %s, want %s", got.Gives(), got.Restore.Run.Journal, folder)
				}
			})
		})
	}
}

// forget takes the journal out of a report, as one of an earlier version.
func forget(path string) {
	var r map[string]any
	if err := json.Unmarshal(stage.Must(os.ReadFile(path)), &r); err != nil {
		panic(err)
	}
	delete(r["run"].(map[string]any), "journal")
	if err := os.WriteFile(path, stage.Must(json.Marshal(r)), 0o600); err != nil {
		panic(err)
	}
}

package fleet

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/end"
	"ackrevoke/job/report"
)

// What does not go with a folder of policies, or is no shard, is said before
// anything is called or written.
func TestUsedWrongly(t *testing.T) {
	dir, out := fleet(t)
	empty, file := t.TempDir(), filepath.Join(dir, "a.yaml")
	stage.NoError(t, os.Mkdir(filepath.Join(empty, "a.yaml.d"), 0o700))
	stage.BubbleOfAccounts(t, stage.HubEstate(), members(1), nil, func(w *stage.Accounts) {
		for _, c := range []struct {
			args string
			env  []string
			says string
		}{
			{"--policy-dir DIR --policy a.yaml", nil, "--policy is one file and --policy-dir is many"},
			{"--policy-dir=", nil, "--policy-dir is empty"},
			{"--policy-dir DIR --report -", nil, "--report - does not go with --policy-dir"},
			{"--policy-dir DIR --only 1", nil, "--only is about one plan"},
			{"--policy-dir DIR --allow-revocations 1", nil, "--allow-revocations is about one plan"},
			{"--policy-dir DIR --expect-plan sha256:" + strings.Repeat("0", 64), nil, "--expect-plan is about one plan"},
			{"--policy-dir DIR --simulate estate.yaml", nil, "serve them with ackrevoke simulate --estate A --estate B"},
			{"--policy-dir DIR --accounts-concurrency 0", nil, "--accounts-concurrency must be from 1 to 256"},
			{"--accounts-concurrency 2", nil, "--accounts-concurrency is about the files of --policy-dir"},
			{"--shard 0/2", nil, "--shard is about the files of --policy-dir"},
			{"--policy-dir DIR --shard=", nil, "--shard is empty"},
			{"--policy-dir DIR --shard 1", nil, `--shard "1" is neither auto nor I/N`},
			{"--policy-dir DIR --shard -1/2", nil, "is neither auto nor I/N"},
			{"--policy-dir DIR --shard 2/2", nil, "there is no shard 2 of 2"},
			{"--policy-dir DIR --shard 0/0", nil, "there are from 1 to 100000 shards"},
			{"--policy-dir DIR --shard auto", nil, "the environment has no JOB_COMPLETION_INDEX"},
			{"--policy-dir DIR --shard auto", []string{"JOB_COMPLETION_INDEX=0", "JOB_COMPLETIONS="}, "the environment has no JOB_COMPLETIONS"},
			{"--policy-dir DIR --shard auto", []string{"JOB_COMPLETION_INDEX=x", "JOB_COMPLETIONS=2"}, `JOB_COMPLETION_INDEX="x" is no whole number`},
			{"--policy-dir DIR --shard auto", job(2, 2), "shards count from 0: the last one of 2 is 1"},
			{"--policy-dir DIR", []string{"ACKREVOKE_SHARD=0/2"}, "--shard is taken from the command line only"},
			{"--policy-dir DIR --shard 0/2 --metrics-file x.prom", nil, "every shard would overwrite that of the others"},
			{"--policy-dir DIR --shard auto", append(job(0, 1), "ACKREVOKE_METRICS_FILE=x.prom"), "take --push in its place"},
			{"--policy-dir " + empty, nil, "it has no *.yaml and no *.yml"},
			{"--policy-dir " + file, nil, "it is a file and no folder"},
			{"--policy-dir " + empty + "/none", nil, "there is no such folder"},
		} {
			args := strings.Fields(strings.ReplaceAll("run -o OUT "+c.args, "DIR", dir))
			args[2] = out
			if strings.Contains(c.args, "--report") {
				args = append(args[:1], args[3:]...)
			}
			got := w.Enter(context.Background(), c.env, args...)
			if _, err := os.Stat(out); got.Code != 2 || len(got.Calls) > 0 || err == nil {
				t.Errorf("%s: exit %d, %d calls; a folder was made: %t", c.args, got.Code, len(got.Calls), err == nil)
			}
			stage.Says(t, got.Stderr, c.says, "hint: ")
		}
		for _, c := range []struct{ args, says string }{
			{"", "DIR is missing"}, {empty + "/none", "the folder cannot be read"}, {empty + " --max-age=-1h", "--max-age is negative"},
			{empty + " --output=", "--output is empty"}, {empty + " --policy-dir=", "--policy-dir is empty"},
		} {
			got := w.Enter(context.Background(), nil, append([]string{"summary"}, strings.Fields(c.args)...)...)
			if got.Code != 2 {
				t.Errorf("summary %s: exit %d", c.args, got.Code)
			}
			stage.Says(t, got.Stderr, c.says, "hint: ")
		}
	})
}

// Files whose reports would have one name are not run, nor is one that would
// write over the summary; a link that leads nowhere and a pipe are bad files as
// any other.
func TestFilesThatAreNotRun(t *testing.T) {
	dir, out := stage.Put(t, map[string]string{"a.yaml": policyOf(1), "b.yaml": policyOf(2), "b.yml": policyOf(3),
		"summary.yaml": policyOf(6), "Summary-0-of-2.yml": policyOf(7)}), t.TempDir()
	stage.NoError(t, os.Symlink("nowhere", filepath.Join(dir, "d.yaml")))
	stage.NoError(t, os.Mkdir(filepath.Join(dir, "e.yaml"), 0o700))
	stage.BubbleOfAccounts(t, stage.HubEstate(), members(1, 2, 3, 6, 7), nil, func(w *stage.Accounts) {
		got := w.Enter(context.Background(), nil, "run", "--policy-dir", dir, "-o", out, "--dry-run=false")
		s := summaryIn(t, filepath.Join(out, "summary.json"))
		var rows []string
		for _, r := range s.Files {
			why, _, _ := strings.Cut(r.Error, ":")
			rows = append(rows, strings.TrimSpace(strings.Join([]string{r.File, r.Report, string(r.Verdict), why}, " ")))
		}
		want := []string{
			"Summary-0-of-2.yml  invalid its report would take the place of a summary",
			"a.yaml a.json converged",
			"b.yaml  invalid several policy files would write one report, b.json",
			"b.yml  invalid several policy files would write one report, b.json",
			"d.yaml d.json invalid the policy cannot be read",
			"e.yaml e.json invalid the policy cannot be read",
			"summary.yaml  invalid its report would take the place of a summary",
		}
		if diff := cmp.Diff(want, rows); diff != "" || got.Code != 2 || len(got.Writes()) != 1 {
			t.Errorf("exit %d, writes %v (-want +got):\n%s", got.Code, got.Writes(), diff)
		}
		w.Must(w.Enter(context.Background(), nil, "summary", out), 2)
	})
}

// The volume of a ConfigMap: links that lead through ..data to the files.
func TestVolumeOfAConfigMap(t *testing.T) {
	dir, out := t.TempDir(), t.TempDir()
	data := filepath.Join(dir, "..2026_11_23_12_00_00.1")
	stage.NoError(t, os.Mkdir(data, 0o700))
	stage.NoError(t, os.Symlink(filepath.Base(data), filepath.Join(dir, "..data")))
	for n, name := range []string{"a.yaml", "b.yaml"} {
		stage.NoError(t, os.WriteFile(filepath.Join(data, name), []byte(policyOf(n+1)), 0o600))
		stage.NoError(t, os.Symlink(filepath.Join("..data", name), filepath.Join(dir, name)))
	}
	stage.BubbleOfAccounts(t, stage.HubEstate(), members(1, 2), nil, func(w *stage.Accounts) {
		w.Must(w.Enter(context.Background(), nil, "run", "--policy-dir", dir, "-o", out), 0)
		if s := summaryIn(t, filepath.Join(out, "summary.json")); len(s.Files) != 2 {
			t.Errorf("%v", lines(s))
		}
	})
}

// A file that changes after the set was counted is not run: nobody could say which
// list was handled. The others are.
func TestFileThatChanges(t *testing.T) {
	dir, out := stage.Put(t, map[string]string{"a.yaml": policyOf(1), "b.yaml": policyOf(2)}), t.TempDir()
	stage.BubbleOfAccounts(t, stage.HubEstate(), members(1, 2), nil, func(w *stage.Accounts) {
		change := sync.OnceFunc(func() { stage.NoError(t, os.WriteFile(filepath.Join(dir, "b.yaml"), []byte(policyOf(3)), 0o600)) })
		said := &listener{hear: func(string) { change() }} // the first one has begun
		got := said.run(w, "run", "--policy-dir", dir, "-o", out, "--accounts-concurrency", "1", "--dry-run=false")
		s := summaryIn(t, filepath.Join(out, "summary.json"))
		if got != 1 || s.Files[0].ExitCode != 0 || s.Files[1].ExitCode != 1 || !strings.Contains(s.Files[1].Error, "changed after the run") {
			t.Errorf("exit %d, %v", got, lines(s))
		}
	})
}

// A resident process reads the folder at each tick. One that is not there at a time
// is told of, and waited for.
func TestSchedule(t *testing.T) {
	dir, out := fleet(t)
	stage.BubbleOfAccounts(t, stage.HubEstate(), members(1, 2, 3, 4, 5), nil, func(w *stage.Accounts) {
		ctx, cancel := context.WithCancelCause(context.Background())
		defer time.AfterFunc(90*time.Minute, func() { stage.NoError(t, os.Rename(dir, dir+".away")) }).Stop()
		defer time.AfterFunc(150*time.Minute, func() { stage.NoError(t, os.Rename(dir+".away", dir)) }).Stop()
		defer time.AfterFunc(210*time.Minute, func() { cancel(end.SIGTERM) }).Stop()
		got := w.Enter(ctx, nil, "run", "--policy-dir", dir, "-o", out, "--schedule", "@every 1h")
		if n := strings.Count(got.Stderr, "planned (exit 0): 5 policy files"); got.Code != 143 || n != 2 {
			t.Errorf("exit %d, %d rounds\n%s", got.Code, n, got.Stderr)
		}
		stage.Says(t, got.Stderr, "--policy-dir "+dir+": there is no such folder")
	})
}

// A panic in one run is an error of that account, and of no other.
func TestPanic(t *testing.T) {
	dir, out := fleet(t)
	stage.BubbleOfAccounts(t, stage.HubEstate(), members(1, 2, 3, 4, 5), nil, func(w *stage.Accounts) {
		once := true
		said := &listener{hear: func(line string) {
			if once && strings.Contains(line, `"file":"b.yaml"`) {
				once = false
				panic("a defect")
			}
		}}
		code := said.run(w, "run", "--policy-dir", dir, "-o", out, "--dry-run=false")
		s := summaryIn(t, filepath.Join(out, "summary.json"))
		if code != 1 || s.Totals.Verdicts["converged"] != 4 || s.Totals.Verdicts["error"] != 1 ||
			!strings.Contains(s.Files[1].Error, "a defect") {
			t.Errorf("exit %d, %v\n%s", code, lines(s), said.text.String())
		}
	})
}

// On a terminal every line for people says whose it is, what belongs together
// stands together, and one line of progress is about all.
func TestTerminal(t *testing.T) {
	dir, out := fleet(t)
	stage.BubbleOfAccounts(t, stage.HubEstate(), members(1, 2, 3, 4, 5), nil, func(w *stage.Accounts) {
		said := &listener{terminal: true}
		if code := said.run(w, "run", "--policy-dir", dir, "-o", out, "--journal", filepath.Join(out, "journals"), "--dry-run=false"); code != 0 {
			t.Errorf("exit %d", code)
		}
		stage.Says(t, said.text.String(), "\r\x1b[Kaccounts: 1 of 5", "\r\x1b[Kaccounts: 5 of 5", "c.yaml: converged (exit 0): 1 of 1 action")
		var words []string
		for _, line := range strings.Split(said.text.String(), "\n") {
			if i := strings.LastIndex(line, "\x1b[K"); i >= 0 {
				line = line[i+len("\x1b[K"):]
			}
			if _, after, of := strings.Cut(line, ".yaml: "); of && strings.HasPrefix(after, "PRINCIPAL") {
				words = append(words, line)
			} else if !of && line != "" && !strings.HasPrefix(line, "converged (exit 0): 5 policy files") && !strings.HasPrefix(line, "Summary: ") {
				t.Errorf("whose is this: %q", line)
			}
		}
		if len(words) != 5 {
			t.Errorf("tables: %q", words)
		}
		for name, id := range map[string]string{"a": account(1), "e": account(5)} { // the journal of each account is put away in its folder
			if kept := stage.Must(filepath.Glob(filepath.Join(out, "journals", id, "*.done.jsonl"))); len(kept) != 1 {
				t.Errorf("journals of %s: %v", name, kept)
			}
			r := stage.Must(report.Read(filepath.Join(out, name+".json")))
			if want := filepath.Join(out, "journals", id); r.Run.Journal != want {
				t.Errorf("run.journal is %s, want %s", r.Run.Journal, want)
			}
		}
	})
}

// listener hears what a run says while it goes on.
type listener struct {
	terminal bool
	hear     func(text string)
	text     bytes.Buffer
}

func (l *listener) Write(b []byte) (int, error) {
	l.text.Write(b)
	if l.hear != nil {
		l.hear(string(b))
	}
	return len(b), nil
}

func (l *listener) run(w *stage.Accounts, args ...string) int {
	const at = "http://127.0.0.1:1"
	p := cli.Program{Args: append(args, "--cs-endpoint", at, "--ram-endpoint", at, "--sts-endpoint", at), Env: []string{"NO_COLOR=1"},
		Stdin: strings.NewReader(""), Stdout: &bytes.Buffer{}, Stderr: l, Terminal: l.terminal, Now: w.Now, Dial: w.Pipe.Dial}
	return p.Run(context.Background())
}

package crash

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/report"
	"ackrevoke/job/write"
	"ackrevoke/policy"
)

const inFlight = "c1/200000000000000001" // the write in which the run of crashCity is killed

// A run is killed in a clean that hangs. Whatever comes next and cannot be made
// says that this write is unfinished, and leaves the journal as it is; the run
// after that says so as well, does the work, and puts the journal away.
func TestUnfinishedUntilARunHasToldOfIt(t *testing.T) {
	t.Parallel()
	full := func(p *process) { // no file may grow, as on a disk that is full
		program := p.cmd.Path
		p.cmd.Path = stage.Must(exec.LookPath("sh"))
		p.cmd.Args = append([]string{"sh", "-c", `ulimit -f 0; exec "$0" "$@"`, program}, p.cmd.Args[1:]...)
		p.cmd.Env = append(p.cmd.Env, "PATH="+os.Getenv("PATH"))
	}
	for _, c := range []struct {
		name   string
		change func(p *process)
		args   []string
		ends   int
		silent bool // it does not get past its command line
	}{
		{name: "the SDK would print keys", change: func(p *process) { p.cmd.Env = append(p.cmd.Env, "DEBUG=dara") }, ends: 1},
		{name: "the disk is full", change: full, ends: 1},
		{name: "the disk is full, and the report goes elsewhere", change: full,
			args: []string{"-o", "-", "--journal", "report.json.journal"}, ends: 1},
		{name: "no keys", change: func(p *process) { p.cmd.Env = p.cmd.Env[:len(p.cmd.Env)-2] }, ends: 1},
		{name: "nobody answers", change: func(p *process) {
			p.cmd.Args = append(p.cmd.Args, "--sts-endpoint", "http://127.0.0.1:1", "--call-timeout", "100ms")
		}, ends: 1},
		{name: "the policy is wrong", args: []string{"-p", "no-such-policy.yaml"}, ends: 2},
		{name: "the report cannot be written", args: []string{"-o", "nowhere/report.json", "--journal", "report.json.journal"}, ends: 1},
		{name: "a dry run", args: []string{"--dry-run=true"}},
		{name: "the command line is wrong", args: []string{"--only", "299999999999999999"}, ends: 2, silent: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			st := newStation(t, crashCity.Yaml(), stage.PolicyFile(t, crashPolicy))
			was := st.account.Truth()
			dying := st.start(first(hang, "DELETE", "/cluster/c1/user/200000000000000001/permissions", 0), "--dry-run=false",
				"--concurrency", "1")
			st.await()
			dying.kill()
			journal := st.path("report.json.journal/ackrevoke.journal")
			lines := stage.Must(os.ReadFile(journal))

			p := st.command(append([]string{"--dry-run=false", "--log-format", "json"}, c.args...)...)
			var stdout bytes.Buffer
			p.cmd.Stdout = &stdout
			if c.change != nil {
				c.change(p)
			}
			wrote := st.written()
			st.begin(func(int, *http.Request) stroke { return serve }, p)
			if code := p.end(); code != c.ends || st.written() != wrote {
				t.Errorf("exit %d, want %d; %d writes\n%s", code, c.ends, st.written()-wrote, &p.stderr)
			}
			if said := strings.Contains(p.stderr.String(), `"action":"`+inFlight+`"`); said == c.silent {
				t.Errorf("that the write is unfinished is said: %v\n%s", said, &p.stderr)
			}
			if slices.Contains(c.args, "-") && !strings.Contains(stdout.String(), `"action": "`+inFlight+`"`) {
				t.Errorf("the report does not tell of it:\n%s", &stdout)
			}
			if data, err := os.ReadFile(journal); err != nil || !bytes.Equal(data, lines) {
				t.Fatalf("the journal is not what it was: %v\n%s", err, data)
			}

			code, r := st.apply()
			if code != 0 || len(r.Unfinished) != 1 || r.Unfinished[0].Action != inFlight {
				t.Errorf("the run after it exits %d, unfinished %+v\n%s", code, r.Unfinished, &st.process.stderr)
			}
			if lost := st.lost(was); len(lost) > 0 {
				t.Errorf("in no snapshot: %v", lost)
			}
			if _, last := st.apply(); len(last.Unfinished) > 0 {
				t.Errorf("and the one after that still finds %+v", last.Unfinished)
			}
		})
	}
}

// Only a run whose report names it puts an unfinished journal away: not a
// restore, not self, and not one that an error ended.
func TestUnfinishedAndOtherCommands(t *testing.T) {
	stage.Keys(t, stage.Account)
	listed, nobody := stage.PolicyFile(t, stage.AliceLeft), stage.PolicyOf(t, "guards: {allowEmpty: true}")
	left := write.Line{Type: "intent", Run: "20261101T000000Z-00000000", Account: stage.Account,
		Action: "c3/200000000000000002", Operation: policy.Clean, UID: "200000000000000002",
		Cluster: &write.JournalCluster{ID: "c3", Name: "other"}, GrantsSeen: true}
	for _, c := range []struct {
		name  string
		does  func(w *stage.World) stage.Ran
		named bool // by it
	}{
		{"restore", func(w *stage.World) stage.Ran {
			return w.Restore(context.Background(), nobody, "c1", "--dry-run=false").Ran
		}, false},
		{"self", func(w *stage.World) stage.Ran {
			return w.Command(context.Background(), nil, "self", "--cluster", "c1", "--dry-run=false", "--journal",
				filepath.Join(w.Dir, "report.json.journal"))
		}, false},
		{"a run whose keys are refused", func(w *stage.World) stage.Ran {
			t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "wrong") // not even the caller is known
			defer stage.Keys(t, stage.Account)
			return w.Run(context.Background(), "-p", listed, "--dry-run=false")
		}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			stage.Bubble(t, []byte(stage.Wronged), stage.Noon, func(w *stage.World) {
				w.Must(w.Run(context.Background(), "-p", listed, "--dry-run=false"), 0)
				folder := filepath.Join(w.Dir, "report.json.journal")
				j := stage.Must(write.OpenJournal(folder))
				if err := j.Append(left); err != nil {
					t.Fatal(err)
				}
				_ = j.Close()
				got := c.does(w)
				if named := strings.Contains(got.Stderr, "it intended this write"); named != c.named {
					t.Errorf("exit %d; it names the write: %v\n%s", got.Code, named, got.Stderr)
				}
				next := w.Run(context.Background(), "-p", nobody, "--dry-run=false")
				if diff := cmp.Diff([]string{left.Action}, stage.Each(next.Report.Unfinished,
					func(u report.Unfinished) string { return u.Action })); diff != "" || next.Code != 0 {
					t.Errorf("exit %d; the next run finds (-want +got):\n%s", next.Code, diff)
				}
				if last := w.Run(context.Background(), "-p", nobody, "--dry-run=false"); len(last.Report.Unfinished) > 0 {
					t.Errorf("and the one after that still finds %+v", last.Report.Unfinished)
				}
			})
		})
	}
}

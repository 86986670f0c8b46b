package crash

import (
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/end"
	"ackrevoke/job/report"
)

// A pod has 30 s between the signal and its death.
const grace = 30 * time.Second

// signal sends one and waits for the end, which must come within the grace.
func (p *process) signal(t *testing.T, s os.Signal) int {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.died:
	case <-time.After(grace):
		p.kill()
		t.Fatalf("it did not end within %v of %v\n%s", grace, s, &p.stderr)
	}
	return p.end()
}

// The real process gets a signal while a call of it hangs. It says how far it
// came, and what it says is so; the next run does the rest and finds nothing
// unfinished, for there is a report.
func TestSignals(t *testing.T) {
	t.Parallel()
	var waiting sync.WaitGroup // they wait for time to pass, not for processors
	defer waiting.Wait()
	const r, u, s = report.WasRevoked, report.WasUnverified, report.WasSkipped
	for _, c := range []struct {
		name   string
		hand   func(int, *http.Request) stroke
		signal os.Signal
		exit   int
		want   []report.Status // in the order of the writes: bob; alice's grant, c1, c2, c3; the deleted one
	}{
		{"SIGTERM in a read before the plan", first(hang, "GET", "/permissions/users/200000000000000002", 0), syscall.SIGTERM, 143,
			[]report.Status{s}},
		{"SIGINT in a write", first(hang, "DELETE", "/cluster/c2/user/200000000000000002/permissions", 0), syscall.SIGINT, 130,
			[]report.Status{r, u, u, u, s, s}},
		{"SIGTERM in a write", first(hang, "DELETE", "/cluster/c1/user/200000000000000001/permissions", 0), syscall.SIGTERM, 143,
			[]report.Status{u, s, s, s, s, s}},
		{"SIGTERM in a read of the proof", first(hang, "GET", "/permissions/users/200000000000000001", 1), syscall.SIGTERM, 143,
			[]report.Status{u, s, s, s, s, s}},
	} {
		run := func(t *testing.T) {
			st := newStation(t, crashCity.Yaml(), stage.PolicyFile(t, crashPolicy))
			was := st.account.Truth()
			p := st.start(c.hand, "--dry-run=false", "--concurrency", "1")
			st.await()
			if code := p.signal(t, c.signal); code != c.exit {
				t.Fatalf("exit %d, want %d\n%s", code, c.exit, &p.stderr)
			}
			got, err := report.Read(st.path("report.json"))
			if err != nil {
				t.Fatal(err)
			}
			if err := report.Check(got); err != nil {
				t.Error(err)
			}
			if !got.Run.Interrupted || got.Verdict.Name != end.Interrupted || got.Verdict.ExitCode != c.exit {
				t.Errorf("interrupted %v, verdict %+v", got.Run.Interrupted, got.Verdict)
			}
			if diff := cmp.Diff(c.want, inWriteOrder(got)); diff != "" {
				t.Errorf("statuses (-want +got):\n%s", diff)
			}
			certificates, grants := taken(was, st.account.Truth())
			for _, o := range got.Outcomes {
				cluster, uid, _ := strings.Cut(o.Action, "/")
				gone := slices.ContainsFunc(certificates, func(c sim.Certificate) bool { return c.UID == uid && c.Cluster == cluster }) ||
					slices.ContainsFunc(grants, func(g sim.Grant) bool {
						return g.UID == uid && (g.Cluster == cluster || g.AllClusters && cluster == "all-clusters")
					})
				if o.Status == r && !gone || o.Status == s && gone {
					t.Errorf("%s is reported %s, and that it is gone is %v", o.Action, o.Status, gone)
				}
			}
			if code, next := st.apply(); code != 0 || len(next.Unfinished) > 0 {
				t.Errorf("the next run exits %d, and finds unfinished %v", code, next.Unfinished)
			}
		}
		waiting.Go(func() { t.Run(c.name, run) })
	}
}

func inWriteOrder(r *report.Report) []report.Status {
	order := []string{"c1/200000000000000001", "all-clusters/200000000000000002", "c1/200000000000000002", "c2/200000000000000002",
		"c3/200000000000000002", "c2/200000000000000009"}
	var all []report.Status
	for _, id := range order {
		for _, o := range r.Outcomes {
			if o.Action == id {
				all = append(all, o.Status)
			}
		}
	}
	return all
}

// The first signal says what it waits for, the second waits for nothing: no
// report, and the next run finds in the journal what was in flight.
func TestSecondSignalEndsAtOnce(t *testing.T) {
	t.Parallel()
	st := newStation(t, crashCity.Yaml(), stage.PolicyFile(t, crashPolicy))
	p := st.start(first(hang, "DELETE", "/cluster/c1/user/200000000000000001/permissions", 0), "--dry-run=false", "--concurrency", "1")
	st.await()
	if err := p.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if !p.says("SIGINT: nothing new is started") {
		t.Fatalf("the first signal is not answered\n%s", &p.stderr)
	}
	if code := p.signal(t, syscall.SIGTERM); code != 143 || !p.says("a second signal: ending at once") {
		t.Errorf("exit %d\n%s", code, &p.stderr)
	}
	if diff := cmp.Diff([]string{"report.json.journal/ackrevoke.journal"}, st.files()); diff != "" {
		t.Errorf("left behind (-want +got):\n%s", diff)
	}
	if code, next := st.apply(); code != 0 || len(next.Unfinished) != 1 || next.Unfinished[0].Action != "c1/200000000000000001" {
		t.Errorf("the next run exits %d, and finds unfinished %v", code, next.Unfinished)
	}
}

// A resident process ends by a signal while it waits, with nothing called, and
// while a run is under way, as a single run does.
func TestSignalsOfAResidentProcess(t *testing.T) {
	t.Parallel()
	t.Run("waiting", func(t *testing.T) {
		t.Parallel()
		st := newStation(t, crashCity.Yaml(), stage.PolicyFile(t, crashPolicy))
		p := st.start(nil, "--dry-run=false", "--schedule", "@every 1h")
		if !p.says("waiting for the next run") {
			t.Fatalf("it does not wait\n%s", &p.stderr)
		}
		if code := p.signal(t, syscall.SIGTERM); code != 143 || len(st.account.Calls()) > 0 || len(st.files()) > 0 {
			t.Errorf("exit %d, %d calls, files %v\n%s", code, len(st.account.Calls()), st.files(), &p.stderr)
		}
	})
	t.Run("at work", func(t *testing.T) {
		t.Parallel()
		st := newStation(t, crashCity.Yaml(), stage.PolicyFile(t, crashPolicy))
		p := st.start(first(hang, "GET", "/permissions/users/200000000000000001", 1), "--dry-run=false", "--concurrency", "1", "--schedule",
			"@every 1s")
		st.await()
		if code := p.signal(t, syscall.SIGINT); code != 130 {
			t.Errorf("exit %d\n%s", code, &p.stderr)
		}
		got, err := report.Read(st.path("report.json"))
		if err != nil || !got.Run.Interrupted || got.Verdict.ExitCode != 130 || got.Summary.Unverified != 1 || got.Summary.Skipped != 5 {
			t.Errorf("%v: %+v", err, got)
		}
		if code, next := st.apply(); code != 0 || len(next.Unfinished) > 0 {
			t.Errorf("the next run exits %d, and finds unfinished %v", code, next.Unfinished)
		}
	})
}

// Nobody reads the log any more: a pipe into head, or a log collector that
// died. The run goes on to its report.
func TestLogThatNobodyReads(t *testing.T) {
	t.Parallel()
	st := newStation(t, crashCity.Yaml(), stage.PolicyFile(t, crashPolicy))
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	_ = reader.Close()
	p := st.command("--dry-run=false")
	p.cmd.Stderr = writer
	p.start(t)
	_ = writer.Close()
	if code := p.end(); code != 0 {
		t.Errorf("exit %d (-1: by a signal)", code)
	}
	if r, err := report.Read(st.path("report.json")); err != nil || r.Summary.Revoked != crashWrites {
		t.Errorf("%v: %+v", err, r)
	}
}

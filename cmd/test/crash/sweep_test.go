package crash

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/sync/errgroup"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/end"
	"ackrevoke/job/report"
)

// sweep is one way to kill the run at each of its calls.
type sweep struct {
	name string
	args []string
	city stage.City
	lags bool // the account's reads lag behind its writes

	policy  string
	whole   []byte    // the report of a run that nobody killed
	was, is sim.Truth // before and after that run

	mu                sync.Mutex
	tried, good, lost int
}

// TestCrashSweep kills the real process at every call of a run that revokes
// and verifies, before the account has the call and after: what was taken away
// is on disk by then, and the next run does the rest. The full sweep is make
// crash; make test leaves out the lag, which costs real time to sit out.
func TestCrashSweep(t *testing.T) {
	lagging := crashCity
	lagging.Behaviour = "{lag: 8s}"
	sweeps := []*sweep{{name: "lag 0s", args: []string{"--concurrency", "1"}, city: crashCity},
		{name: "lag 0s, side by side", city: crashCity}}
	full := os.Getenv("CRASH") == "full"
	if full {
		sweeps = append(sweeps, &sweep{name: "lag 8s", args: []string{"--concurrency", "1"}, city: lagging, lags: true})
	}
	var tried, good, lost int
	var parts []string
	for _, s := range sweeps {
		t.Run(s.name, func(t *testing.T) { s.run(t, full) })
		tried, good, lost = tried+s.tried, good+s.good, lost+s.lost
		parts = append(parts, fmt.Sprintf("%s: %d of %d", s.name, s.good, s.tried))
	}
	line := fmt.Sprintf("crash: %d indices tried, %d converged, snapshots lost %d (%s)", tried, good, lost, strings.Join(parts, "; "))
	t.Log(line)
	if full {
		fmt.Println(line)
	}
}

// run finds out what the run looks like that nobody kills, and kills it at
// each of its calls, a few processes at a time.
func (s *sweep) run(t *testing.T, full bool) {
	s.policy = stage.PolicyFile(t, crashPolicy)
	whole := newStation(t, s.city.Yaml(), s.policy)
	s.was = whole.account.Truth()
	code, r := whole.apply(s.args...)
	s.is, s.whole = whole.account.Truth(), stage.Must(os.ReadFile(whole.path("report.json")))
	calls := whole.account.Calls()
	if code != 0 || r.Summary.Revoked != crashWrites || whole.written() != crashWrites {
		t.Fatalf("the run that nobody kills exits %d after %d writes: %+v", code, whole.written(), r.Summary)
	}
	var g errgroup.Group
	g.SetLimit(4)
	for i, c := range calls {
		for _, how := range []stroke{killBefore, killAfter, killTorn} {
			if how == killAfter && !c.Write && !full {
				continue // to the account it is the same as before, for a read changes nothing
			}
			if how == killTorn && (!c.Write || !s.alone()) {
				continue // side by side, the last line may be that of a call that was sent
			}
			g.Go(func() error {
				t.Run(fmt.Sprintf("%02d %s %s", i+1, how, c.Operation), func(t *testing.T) { s.crash(t, i+1, how) })
				return nil
			})
		}
	}
	_ = g.Wait()
}

// alone says that a run makes its calls one after another.
func (s *sweep) alone() bool { return len(s.args) > 0 }

// crash kills a run at its nth call, looks at what it left behind, and lets
// the next two runs do what is left to do.
func (s *sweep) crash(t *testing.T, n int, how stroke) {
	st := newStation(t, s.city.Yaml(), s.policy)
	left := []string{"report.json.journal/ackrevoke.journal"}
	if n%2 == 0 { // there is a report of an earlier run, and it must stay whole
		if err := os.WriteFile(st.path("report.json"), s.whole, 0o600); err != nil {
			t.Fatal(err)
		}
		left = append(left, "report.json")
	}
	defer func() { s.count(st, t.Failed()) }()
	dying := st.start(func(call int, _ *http.Request) stroke {
		if call == n {
			return how
		}
		return serve
	}, append([]string{"--dry-run=false"}, s.args...)...)
	if code := dying.end(); code != -1 {
		t.Fatalf("exit %d: it never came to call %d\n%s", code, n, &dying.stderr)
	}
	if how == killTorn {
		st.tear()
	}
	done := 0
	for _, c := range st.account.Calls() {
		if c.Write && c.Status == http.StatusOK {
			done++
		}
	}
	unfinished := intentsOf(st.path(left[0]))
	if diff := cmp.Diff(stage.Sorted(left), st.files()); diff != "" {
		t.Errorf("left behind (-want +got):\n%s", diff)
	}
	if len(left) > 1 && !bytes.Equal(stage.Must(os.ReadFile(st.path("report.json"))), s.whole) {
		t.Error("the report of the earlier run is not what it was")
	}
	st.holds(s.was, s.is, "killed")
	s.finish(t, st, done, unfinished)
}

// finish lets two more runs come after the one that was killed: the first does
// what is left and tells of it, the second finds nothing to do.
func (s *sweep) finish(t *testing.T, st *station, done int, unfinished []journalLine) {
	t.Helper()
	first, wrote := s.again(st, "the run after it")
	if diff := cmp.Diff(stage.Each(unfinished, func(l journalLine) string { return l.Action + " of " + l.Run }),
		stage.Each(first.Unfinished, func(u report.Unfinished) string { return u.Action + " of " + u.RunID }),
		cmpopts.SortSlices(strings.Compare)); diff != "" {
		t.Errorf("unfinished (-journal +report):\n%s", diff)
	}
	// Where reads lag, the next run sees again what is gone, and cleans again.
	if wrote < crashWrites-done || wrote > crashWrites || !s.lags && wrote != crashWrites-done {
		t.Errorf("%d writes were done, and the run after it makes %d of %d", done, wrote, crashWrites)
	}
	second, rewrote := s.again(st, "the run after that")
	if rewrote > 0 || len(second.Unfinished) > 0 {
		t.Errorf("the run after that writes %d times and finds unfinished %+v", rewrote, second.Unfinished)
	}
	if diff := cmp.Diff(s.is, st.account.Truth()); diff != "" {
		t.Errorf("what is so in the end, and without a crash (-want +got):\n%s", diff)
	}
	kept := []string{"report.json", "report.json.journal/last-list.json"}
	if wrote > 0 {
		kept = append(kept, "report-"+first.Run.ID+".json")
	}
	if wrote+len(unfinished) > 0 {
		kept = append(kept, "report.json.journal/"+first.Run.ID+".done.jsonl")
	}
	if diff := cmp.Diff(stage.Sorted(kept), st.files()); diff != "" {
		t.Errorf("files in the end (-want +got):\n%s", diff)
	}
}

// again makes one more run, which must converge. It returns how often it wrote.
func (s *sweep) again(st *station, what string) (*report.Report, int) {
	st.t.Helper()
	before := st.written()
	code, r := st.apply(s.args...)
	if code != 0 || r.Verdict.Name != end.Converged {
		st.t.Errorf("%s exits %d: %v\n%s", what, code, r.Verdict, &st.process.stderr)
	}
	if said := strings.Contains(st.process.stderr.String(), "ended without a report"); said != (len(r.Unfinished) > 0) {
		st.t.Errorf("%s finds %d writes unfinished, and its last line speaks of them: %v", what, len(r.Unfinished), said)
	}
	st.holds(s.was, s.is, what)
	return r, st.written() - before
}

func (s *sweep) count(st *station, failed bool) {
	lost := len(st.lost(s.was))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tried++
	s.lost += lost
	if !failed {
		s.good++
	}
}

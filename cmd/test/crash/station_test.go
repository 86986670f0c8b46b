package crash

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/report"
)

// station is a simulated account on a loopback port, a folder, and the real
// program, run in it as processes that can be killed. Each call goes through
// the hand of the test before the account has it.
type station struct {
	t       *testing.T
	account *sim.Account
	url     string
	dir     string
	policy  string

	mu      sync.Mutex
	hand    func(n int, r *http.Request) stroke // what befalls the nth call of a process; nil: nothing does
	process *process                            // the one that runs now, or ran last
	calls   int                                 // of that process
	writes  int                                 // of all processes
	struck  bool                                // the process is being killed: nothing more reaches the account
	read    map[string]bool                     // what was read since the last write
	clock   time.Time                           // of the account's ledger
	naked   []string                            // writes that came before their line was in the journal

	reached, release chan struct{} // a call that hangs or is held has come; it may go on
}

// stroke is what befalls a call.
type stroke int

const (
	serve      stroke = iota
	killBefore        // the process is killed while its call is on the wire
	killAfter         // the account does what it was asked, and the process is killed before it is told
	killTorn          // as killBefore, and tear makes it a run that died in the middle of the line before the call
	hang              // no answer comes
	hold              // the call waits until the test lets it go on
)

func (s stroke) String() string {
	return [...]string{"serve", "before", "after", "torn", "hang", "hold"}[s]
}

func newStation(t *testing.T, estate []byte, policy string) *station {
	t.Helper()
	e, err := sim.Load("estate.yaml", estate)
	if err != nil {
		t.Fatal(err)
	}
	s := &station{t: t, dir: t.TempDir(), policy: policy, clock: stage.Noon, read: map[string]bool{}}
	s.account = sim.New(e, sim.Options{Ledger: s.ledger})
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// ledger stands still, and so does the lag of the reads, until somebody looks
// at the same thing a second time: see moves.
func (s *station) ledger() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock
}

const longestLag = 8 * time.Second

// moves lets the lag pass when a process polls. Its first look at anything
// after a write shows the old state, its second the new one; that holds on
// every machine, for no real time is in it.
func (s *station) moves(r *http.Request) {
	what := r.Method + " " + r.URL.RequestURI()
	switch {
	case stage.IsWrite(r):
		s.read = map[string]bool{}
	case r.Method == http.MethodGet && s.read[what]:
		s.clock = s.clock.Add(longestLag)
		s.read = map[string]bool{}
	}
	if r.Method == http.MethodGet {
		s.read[what] = true
	}
}

func (s *station) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	p, struck, what := s.process, s.struck, serve
	if !struck {
		s.calls++
		s.moves(r)
		if stage.IsWrite(r) {
			s.writes++
			if n := len(s.intents()); n < s.writes {
				s.naked = append(s.naked, r.Method+" "+r.URL.Path)
			}
		}
		if s.hand != nil {
			what = s.hand(s.calls, r)
		}
		s.struck = what == killBefore || what == killAfter || what == killTorn
	}
	s.mu.Unlock()
	switch {
	case struck:
		<-p.died
	case what == hang:
		close(s.reached)
		<-r.Context().Done()
	case what == hold:
		close(s.reached)
		select {
		case <-s.release:
			s.account.ServeHTTP(w, r)
			return
		case <-r.Context().Done():
		}
	case what == killBefore, what == killTorn:
		p.kill()
	case what == killAfter:
		s.account.ServeHTTP(httptest.NewRecorder(), r)
		p.kill()
	default:
		s.account.ServeHTTP(w, r)
		return
	}
	panic(http.ErrAbortHandler)
}

// start begins a run in the station's folder; its report is report.json.
func (s *station) start(hand func(n int, r *http.Request) stroke, args ...string) *process {
	s.t.Helper()
	return s.begin(hand, s.command(args...))
}

// begin starts a process.
func (s *station) begin(hand func(n int, r *http.Request) stroke, p *process) *process {
	s.t.Helper()
	s.account.Reset()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hand, s.process, s.calls, s.struck, s.read = hand, p, 0, false, map[string]bool{}
	s.reached, s.release = make(chan struct{}), make(chan struct{})
	p.start(s.t)
	return p
}

// apply makes a whole run that revokes.
func (s *station) apply(args ...string) (code int, r *report.Report) {
	s.t.Helper()
	p := s.start(nil, append([]string{"--dry-run=false"}, args...)...)
	code = p.end()
	r, err := report.Read(s.path("report.json"))
	if err != nil {
		s.t.Fatalf("exit %d, and no report: %v\n%s", code, err, &p.stderr)
	}
	if err := report.Check(r); err != nil {
		s.t.Errorf("accounting: %v", err)
	}
	if r.Verdict.ExitCode != code {
		s.t.Errorf("exit code %d, and the report says %d", code, r.Verdict.ExitCode)
	}
	return code, r
}

// written counts the writes that all processes have sent.
func (s *station) written() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.writes
}

func (s *station) path(name string) string { return filepath.Join(s.dir, name) }

// await waits until the call has come that hangs or is held.
func (s *station) await() {
	s.t.Helper()
	select {
	case <-s.reached:
	case <-s.process.died:
		s.t.Fatalf("exit %d: the call never came\n%s", s.process.end(), &s.process.stderr)
	}
}

// first is a hand that does something to the first call that fits, after
// skipping some of them.
func first(what stroke, method, path string, skip int) func(int, *http.Request) stroke {
	return func(_ int, r *http.Request) stroke {
		if r.Method == method && r.URL.Path == path {
			if skip--; skip == -1 {
				return what
			}
		}
		return serve
	}
}

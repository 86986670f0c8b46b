package liar

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/end"
	"ackrevoke/job/report"
)

// TestLiarRestore regrets in made-up accounts: what a run has taken away is
// asked back, with something going wrong at one of the calls. Whoever is listed
// for good gets nothing; who works on gets exactly what was there, and nobody
// else anything, at any time.
func TestLiarRestore(t *testing.T) {
	c := newCrowd(t, "TestLiarRestore", func(seed uint64) *fable {
		f := drawFable(seed)
		f.faults = nil
		return f
	}, regretted)
	c.play(t, c.seeds(0, liarSeeds/4))
	given, asked := c.tally["given back"], c.tally["of those who work on"]
	fmt.Printf("liar: %s: %d worlds, %d runs, %d calls, %d faults, %.1f s; asked back %d times for those who work on, given "+
		"%d; refused %d; violations: %d\n",
		c.name, c.worlds, c.runs, c.calls, c.faults, time.Since(c.began).Seconds(), asked, given, c.tally["refused"], len(c.failed))
	if !c.single && (asked < liarSeeds/100 || 2*given < asked) {
		t.Errorf("%d of %d given back: too few to believe it", given, asked)
	}
}

// spoiler makes one call of a service go wrong.
type spoiler struct {
	account http.Handler

	mu     sync.Mutex
	n      int // calls until then; below 1: none
	how    string
	spoilt int
}

// next spoils the nth call from now on.
func (s *spoiler) next(n int, how string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n, s.how, s.spoilt = n, how, 0
}

func (s *spoiler) done() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n = 0
	return s.spoilt
}

// befalls says what befalls the call that comes now, or "".
func (s *spoiler) befalls() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.n--; s.n != 0 {
		return ""
	}
	s.spoilt++
	return s.how
}

func (s *spoiler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch s.befalls() {
	case "":
		s.account.ServeHTTP(w, r)
	case "throttle":
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = w.Write([]byte(`{"code":"Throttling.User","message":"later","requestId":"x"}`))
	case "empty500":
		w.WriteHeader(http.StatusInternalServerError)
	case "html502":
		w.WriteHeader(http.StatusBadGateway)
		_, _ = w.Write([]byte("<html>bad gateway</html>"))
	case "denied":
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`{"code":"StatusForbidden","message":"not allowed","requestId":"x"}`))
	case "resetAfter":
		s.account.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	default:
		panic(http.ErrAbortHandler)
	}
}

var spoils = []string{"throttle", "empty500", "html502", "denied", "resetBefore", "resetAfter"}

// regretted plays a fable in which a run is regretted.
func regretted(t *testing.T, f *fable, dir string) *play {
	var p *play
	synctest.Test(t, func(t *testing.T) {
		began, pipe := time.Now(), stage.NewPipe()
		now := func() time.Time { return stage.Noon.Add(time.Since(began)) }
		var err error
		if p, err = newPlay(f, dir, now); err != nil {
			p = &play{wrong: []string{"world: " + err.Error()}}
			return
		}
		p.wait = func(d time.Duration) { <-time.After(d) }
		p.program.Dial = pipe.Dial
		p.endpoint("http://127.0.0.1:1")
		s := &spoiler{account: p.account}
		server := &http.Server{Handler: s}
		go func() { _ = server.Serve(pipe) }()
		p.regret(s)
		_ = server.Close()
		synctest.Wait()
	})
	return p
}

// regret makes a run, and asks back what it took away, action by action.
func (p *play) regret(s *spoiler) {
	was := p.account.Truth()
	r := p.run("--dry-run=false")
	if r.Report == nil {
		return
	}
	p.wait(5 * time.Minute)
	draw := rand.New(rand.NewPCG(p.f.seed, 77))
	for _, out := range r.Report.Outcomes {
		if out.Status == report.WasRevoked {
			cluster, uid, _ := strings.Cut(out.Action, "/")
			p.askBack(s, draw, r.Report.Run.ID, was, uid, cluster)
		}
	}
}

// askBack asks for what was taken from one principal on one cluster until it is
// given, refused, or said to be undecided.
func (p *play) askBack(s *spoiler, draw *rand.Rand, run string, was sim.Truth, uid, cluster string) {
	i := slices.IndexFunc(p.f.list.entries, func(e drawnEntry) bool { return e.uid == uid })
	worksOn := i >= 0 && len(p.f.list.entries[i].pins) > 0
	ran := p.account.Truth()
	code, writes := p.restore(run, uid, cluster)
	if writes > 0 {
		p.say("restore: a dry run writes")
	}
	first := code
	for range 3 {
		s.next(1+draw.IntN(20), spoils[draw.IntN(len(spoils))])
		_, writes = p.restore(run, uid, cluster, "--dry-run=false")
		spoilt := s.done()
		p.faults += spoilt
		p.bounded(was, ran, uid, cluster)
		if !worksOn && writes > 0 {
			p.say("restore: %s on %s is listed for good, and something is given", uid, cluster)
		}
		if spoilt == 0 {
			break
		}
		p.wait(5 * time.Minute)
	}
	code, _ = p.restore(run, uid, cluster, "--dry-run=false")
	p.bounded(was, ran, uid, cluster)
	switch {
	case !worksOn && code != 4:
		p.say("restore: %s on %s is listed for good; exit %d", uid, cluster, code)
	case !worksOn:
		p.tally["refused"]++
	default:
		p.tally["of those who work on"]++
		if code == end.CodeClean {
			p.tally["given back"]++
			if held, had := heldBy(p.account.Truth(), uid, cluster), heldBy(was, uid, cluster); !slices.Equal(held, had) {
				p.say("restore: exit 0, and %s has %v on %s; it had %v", uid, held, cluster, had)
			}
			p.wait(5 * time.Minute)
			if code, writes := p.restore(run, uid, cluster, "--dry-run=false"); code != 0 || writes > 0 {
				p.say("restore: another one exits %d after %d writes", code, writes)
			}
		} else if code != 4 && code != 6 && code != 5 || first == 0 && code != 0 {
			p.say("restore: the dry run exits %d, and for good it is %d", first, code)
		}
	}
}

// restore makes one restore, and says how it ended and how often it wrote.
func (p *play) restore(run, uid, cluster string, args ...string) (code, writes int) {
	p.account.Reset()
	var stdout, stderr bytes.Buffer
	program := p.program
	program.Args = append([]string{"restore", filepath.Join(p.dir, "report-"+run+".json"), "--journal",
		filepath.Join(p.dir, "report.json.journal"),
		"-p", filepath.Join(p.dir, "policy.yaml"), "--uid", uid, "--cluster", cluster}, args...)
	program.Args = append(program.Args, p.args[5:11]...) // the endpoints
	program.Stdin, program.Stdout, program.Stderr = strings.NewReader(""), &stdout, &stderr
	code = program.Run(context.Background())
	p.runs++
	for _, c := range p.account.Calls() {
		p.calls++
		if c.Write {
			writes++
			if c.UID != uid || c.Operation != "UpdateUserPermissions" {
				p.say("restore: %s of %s on %q", c.Operation, c.UID, c.Cluster)
			}
		}
	}
	return code, writes
}

// bounded is what holds at any time: nobody else has gained or lost anything,
// no certificate came back, and nothing is held that was not held before.
func (p *play) bounded(was, ran sim.Truth, uid, cluster string) {
	now := p.account.Truth()
	for _, g := range now.Grants {
		if !slices.Contains(ran.Grants, g) && (g.UID != uid || !slices.Contains(was.Grants, g) || g.Cluster != cluster && !g.AllClusters) {
			p.say("restore: %+v was given, and nobody asked for it", g)
		}
	}
	for _, g := range ran.Grants {
		if !slices.Contains(now.Grants, g) {
			p.say("restore: %+v was taken away", g)
		}
	}
	for _, c := range now.Certificates {
		if c.State == "Unexpired" && !slices.Contains(ran.Certificates, c) {
			p.say("restore: the certificate %+v is in force again", c)
		}
	}
}

// heldBy are the rows of somebody on one cluster that can be given.
func heldBy(t sim.Truth, uid, cluster string) []sim.Grant {
	var rows []sim.Grant
	for _, g := range t.Grants {
		if g.UID == uid && g.Cluster == cluster && !g.Owner && !g.AllClusters {
			rows = append(rows, g)
		}
	}
	return rows
}

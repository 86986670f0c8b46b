package liar

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/job/write"
)

// axe stands before the account and ends the process at one of its writes: from
// then on nothing reaches the account, and what the process writes to its folder
// is undone.
type axe struct {
	account http.Handler
	dir     string

	mu    sync.Mutex
	left  int  // writes until it falls; 0: it never does
	late  bool // the account still does what that write asks for
	fell  bool
	shut  string // what the account does not answer for a while: everything, or listings
	saved string // the folder as it was then
}

// raise makes it fall at the nth write from now on.
func (a *axe) raise(n int, late bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.left, a.late, a.fell = n, late, false
}

func (a *axe) fallen() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.fell
}

func (a *axe) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	dead, falls, shut := a.fell, false, a.shut
	if !dead && a.left > 0 && stage.IsWrite(r) {
		a.left--
		falls = a.left == 0
		a.fell = falls
	}
	a.mu.Unlock()
	switch {
	case shut == "everything":
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`{"Code":"NoPermission","Message":"not allowed","RequestId":"x"}`))
		return
	case dead, shut == "listings" && r.URL.Path != "/":
	case falls:
		a.saved = a.dir + "-as-it-was"
		if err := os.CopyFS(a.saved, os.DirFS(a.dir)); err != nil {
			panic(err)
		}
		if a.late {
			a.account.ServeHTTP(httptest.NewRecorder(), r)
		}
	default:
		a.account.ServeHTTP(w, r)
		return
	}
	panic(http.ErrAbortHandler)
}

// close lets the account answer nothing of a kind; "" opens it again.
func (a *axe) close(what string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.shut = what
}

// bury puts the folder back to what it was when the process died.
func (a *axe) bury() error {
	entries, err := os.ReadDir(a.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(a.dir, e.Name())); err != nil {
			return err
		}
	}
	if err := os.CopyFS(a.dir, os.DirFS(a.saved)); err != nil {
		return err
	}
	a.raise(0, false)
	return os.RemoveAll(a.saved)
}

// liveWild is a dry run, three applications of which the first may be killed, and
// what is regretted afterwards.
func (p *play) liveWild() {
	p.run()
	p.wait(5 * time.Minute)
	if p.f.kill > 0 {
		p.killed()
	}
	for range 3 {
		was, earlier := p.account.Truth(), maps.Clone(p.wrote)
		r := p.run("--dry-run=false")
		p.last = r.Code
		ended := p.account.Truth()
		p.wait(5 * time.Minute)
		if r.Report != nil {
			p.undone(r, earlier, was, p.account.Truth())
		}
		p.remember(r, ended, vanished(ended, p.account.Truth())) // of an effect that takes its time
		if r.Code == end.CodeClean && p.f.sound {
			break
		}
	}
	if p.f.sound && p.last != 0 && slices.ContainsFunc(p.f.clusters, drawnCluster.real) {
		p.say("G4: a sound world ends in exit %d after three runs", p.last)
	}
	p.kept()
	if p.f.regret {
		p.regretAll()
	}
	p.disown()
	p.empty()
}

// disown revokes the caller's own certificates, and holds self to touching
// nothing else: what it calls done is over, and everybody else has what he had.
func (p *play) disown() {
	for _, c := range p.account.Truth().Certificates {
		place, _ := p.f.place(c.Cluster)
		if c.UID != p.f.runner || c.State != "Unexpired" || c.Previous || !place.real() {
			continue
		}
		was := p.account.Truth()
		p.account.Reset()
		var stdout, stderr bytes.Buffer
		program := p.program
		program.Args = append([]string{"self", "--cluster", c.Cluster, "--dry-run=false", "--journal",
			filepath.Join(p.dir, "report.json.journal")}, p.args[5:11]...)
		program.Stdin, program.Stdout, program.Stderr = strings.NewReader(""), &stdout, &stderr
		code := program.Run(context.Background())
		p.runs++
		p.tally[fmt.Sprintf("self %d", code)]++
		now := p.account.Truth()
		for _, lost := range vanished(was, now).certificates {
			if (lost.UID != c.UID || lost.Cluster != c.Cluster) && p.f.open.effect == 0 {
				p.say("G1: self on %s took the certificate of %s on %s", c.Cluster, lost.UID, lost.Cluster)
			}
		}
		if len(vanished(was, now).grants) > 0 && p.f.open.effect == 0 {
			p.say("G1: self took %+v", vanished(was, now).grants)
		}
		if over := !slices.Contains(now.Certificates, c); code == end.CodeClean && !over {
			p.say("G2: self exits 0, and the certificate until %s is in force", c.Expires.Format(time.DateOnly))
		}
		return
	}
}

// killed makes a run that dies at one of its writes, and then some that cannot be
// made; each of them, and the one after, must tell what the first intended.
func (p *play) killed() {
	p.axe.raise(p.f.kill, p.f.seed%2 == 0)
	p.run("--dry-run=false")
	if !p.axe.fallen() {
		p.axe.raise(0, false)
		return // it did not write so often
	}
	if err := p.axe.bury(); err != nil {
		p.say("world: %v", err)
		return
	}
	p.tally["killed"]++
	journal := filepath.Join(p.dir, "report.json.journal")
	intents, err := write.PeekJournal(journal)
	if err != nil || len(intents) == 0 {
		p.say("G3: the process died at a write, and the journal has no intent (%v)", err)
		return
	}
	p.unmade(intents, end.CodeError, "--journal", journal, "-o", filepath.Join(p.dir, "no", "such", "report.json"))
	p.unmade(intents, end.CodeInvalid, "-p", filepath.Join(p.dir, "no-such-policy.yaml"))
	for _, what := range []string{"everything", "listings"} {
		if p.shut(what, intents) {
			return // that run could be made, and has told of it
		}
	}
	p.wait(5 * time.Minute)
	r := p.run("--dry-run=false")
	if r.Report == nil || r.Report.Verdict.Name == end.Errored {
		return
	}
	p.tells(r, intents)
}

// unmade makes a run that cannot be made: it still says what is unfinished.
func (p *play) unmade(intents []write.Line, want int, args ...string) {
	var stdout, stderr bytes.Buffer
	program := p.program
	program.Args, program.Stdin, program.Stdout, program.Stderr = slices.Concat(p.args, []string{"--dry-run=false"}, args),
		strings.NewReader(""), &stdout, &stderr
	if code := program.Run(context.Background()); code != want {
		p.say("world: a run with %v exits %d", args, code)
	}
	for _, l := range intents {
		if !strings.Contains(stderr.String(), l.Action) {
			p.say("G3: a run with %v could not be made, and does not name the unfinished %s", args, l.Action)
		}
	}
}

// shut makes a run while the account answers nothing, or has no listings, and says
// whether that run was made for all that.
func (p *play) shut(what string, intents []write.Line) bool {
	p.axe.close(what)
	r := p.run("--dry-run=false")
	p.axe.close("")
	p.tally["wild killed, then shut "+what]++
	if r.Report == nil {
		return true
	}
	p.tells(r, intents)
	return r.Report.Verdict.Name != end.Errored
}

// tells holds a run to naming what an earlier one left unfinished.
func (p *play) tells(r stage.Ran, intents []write.Line) {
	for _, l := range intents {
		if !slices.ContainsFunc(r.Report.Unfinished, func(u report.Unfinished) bool { return u.Action == l.Action && u.RunID == l.Run }) {
			p.say("G3: the run after does not name the unfinished %s of %s", l.Action, l.Run)
		}
	}
}

// loss is something that a run took away.
type loss struct {
	uid, cluster string
	grant        *sim.Grant // nil: a certificate
	previous     bool       // the older of two
	killed       bool
	meant        []sim.Certificate // in force then, and what the run was to end
}

// remember keeps what a run took away, grants apart that it had no way to see:
// containment comes first, and the plan says that they cannot be given back.
func (p *play) remember(r stage.Ran, before sim.Truth, l losses) {
	killed := p.axe != nil && p.axe.fallen()
	for _, c := range l.certificates {
		p.lost = append(p.lost, loss{uid: c.UID, cluster: c.Cluster, previous: c.Previous, killed: killed})
	}
	look := look{p.f, truthOf(before, p.f), p.f.sightOf()}
	for _, g := range l.grants {
		unread := slices.ContainsFunc(r.Calls, func(c sim.Call) bool {
			return c.Operation == "DescribeUserPermission" && c.UID == g.UID && (c.Fault != "" || c.Code != "")
		})
		shown := slices.ContainsFunc(look.seen(g.UID), func(d drawnGrant) bool {
			return d == drawnGrant{g.UID, g.Cluster, g.Namespace, g.Role, g.Custom, g.Owner, g.AllClusters}
		})
		if shown && !unread {
			p.lost = append(p.lost, loss{uid: g.UID, cluster: g.Cluster, grant: &g, killed: killed, meant: p.meant(r, before, g)})
		}
	}
}

// sources are the files that a restore can read: reports that were kept, and
// journals.
func (p *play) sources() []string {
	var all []string
	for _, pattern := range []string{"report-*.json", "report.json.journal/*.jsonl", "report.json.journal/*.journal"} {
		found, _ := filepath.Glob(filepath.Join(p.dir, pattern))
		all = append(all, found...)
	}
	return all
}

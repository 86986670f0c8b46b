package history

import (
	"cmp"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ackrevoke/job/report"
	"ackrevoke/job/write"
	"ackrevoke/policy"
)

// Tell tells everything that the journals of a folder say, of one principal where
// a uid is given, with what the reports that were kept beside them know of the
// runs. Its size grows with what it tells. An error is the folder's: it is not there
// (fs.ErrNotExist), or cannot be read.
func Tell(dir, uid string) (*report.History, error) {
	all, err := write.KeptJournals(dir)
	if err != nil {
		return nil, err
	}
	h := report.NewHistory(dir, uid)
	t := &teller{h: h, runs: map[string]*report.PastRun{}}
	all, h.NotRead = bounded(all)
	left, err := write.PeekJournal(dir)
	if err != nil { // told below, when it is read
		left = nil
	}
	for _, j := range all {
		writes, err := writesOf(j, false)
		if err != nil {
			h.Unreadable = append(h.Unreadable, report.Unreadable{File: filepath.Base(j.Path), Why: err.Error()})
		}
		for _, w := range writes {
			if uid == "" || w.UID == uid {
				t.journal(filepath.Base(j.Path), w)
			}
		}
	}
	t.remember()
	t.order(left)
	beside := reportsBeside(dir, t.runs)
	for _, path := range slices.Sorted(maps.Keys(beside)) {
		t.report(path, beside[path])
	}
	slices.SortFunc(h.Unreadable, func(a, b report.Unreadable) int { return cmp.Compare(a.File, b.File) })
	h.Count()
	return h, nil
}

// teller puts a history together.
type teller struct {
	h      *report.History
	runs   map[string]*report.PastRun // by id
	writes []told
}

// told is a write, the run that made it, and what stands of it in the history.
type told struct {
	*Write
	run *report.PastRun
	as  report.PastWrite
}

func (t *teller) journal(file string, w *Write) {
	r := t.runs[w.Run]
	if r == nil {
		r = &report.PastRun{ID: w.Run, Kind: report.PastRevoke, StartedAt: report.At(w.At), Journal: file}
		t.runs[w.Run] = r
	}
	switch w.Operation {
	case write.GivesBack, write.TakesBack:
		r.Kind = report.PastRestore
	case write.RevokesOwn:
		r.Kind = report.PastSelf
	}
	r.Account, r.Simulated = cmp.Or(r.Account, w.Account), w.Simulated
	if w.At.Before(r.StartedAt.Time) {
		r.StartedAt = report.At(w.At)
	}
	if w.when().After(r.LastAt.Time) {
		r.LastAt = report.At(w.when())
	}
	t.writes = append(t.writes, told{w, r, pastWrite(w)})
}

// pastWrite is a write as it stands in the history.
func pastWrite(w *Write) report.PastWrite {
	as := report.PastWrite{Action: w.Action, Operation: w.Operation, UID: w.UID, Kind: w.Kind, Name: w.Name, Reason: w.Reason,
		At: report.At(w.At), EndedAt: report.At(w.Ended), Status: string(w.Status), Proven: w.Gone() || w.Status == proven,
		Before: report.NewSnapshot(w.Snapshot())}
	if w.Cluster != nil {
		as.Cluster = report.Cluster{ID: w.Cluster.ID, Name: w.Cluster.Name, Region: w.Cluster.Region}
	}
	for _, p := range w.Pins {
		as.Pins = append(as.Pins, report.Pin{Expires: report.At(p)})
	}
	var rows []policy.Grant
	for _, g := range w.Rows {
		rows = append(rows, g.Row())
	}
	as.Rows = report.NewLost(rows)
	return as
}

// remember goes through the writes in order of time, and says of each what was known
// before it, as a run does.
func (t *teller) remember() {
	slices.SortStableFunc(t.writes, func(a, b told) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Run, b.Run)) })
	type of struct {
		account   string
		simulated bool
	}
	known := map[of]*Known{}
	for i := range t.writes {
		w := &t.writes[i]
		k := known[of{w.Account, w.Simulated}]
		if k == nil {
			k = &Known{targets: map[string]*target{}}
			known[of{w.Account, w.Simulated}] = k
		}
		if w.Operation == policy.Clean || w.Operation == policy.RevokeGrant {
			a := report.Action{ID: w.Action, Before: w.as.Before, Pins: w.as.Pins}
			k.action(&a)
			w.as.Resurrected, w.as.GivenBack = a.Resurrected, a.GivenBack
		}
		k.learn(w.Write)
	}
}

// order puts runs and writes into the history by time. left are the intents of runs
// that ended without a report.
func (t *teller) order(left []write.Line) {
	for _, w := range t.writes {
		w.as.Unfinished = slices.ContainsFunc(left, func(l write.Line) bool { return l.Run == w.Run && l.Action == w.Action })
		w.run.Writes = append(w.run.Writes, w.as)
	}
	for _, r := range t.runs {
		t.h.Runs = append(t.h.Runs, *r)
	}
	slices.SortFunc(t.h.Runs, func(a, b report.PastRun) int {
		return cmp.Or(a.StartedAt.Compare(b.StartedAt.Time), cmp.Compare(a.ID, b.ID))
	})
}

// reportsBeside finds the reports of runs: kept as <stem>-<run id>.json beside the
// report, which lies beside the folder of the journal, or in the folder itself; and
// the report of the last run, which may have proofs that the kept one has not.
func reportsBeside(dir string, runs map[string]*report.PastRun) map[string]string {
	found := map[string]string{}
	for _, folder := range []string{dir, filepath.Dir(filepath.Clean(dir))} {
		files, err := os.ReadDir(folder)
		if err != nil {
			continue // nothing is known of what may be there, and nothing is said to be
		}
		for _, f := range files {
			stem, isJSON := strings.CutSuffix(f.Name(), ".json")
			for at := strings.IndexByte(stem, '-'); isJSON && at >= 0; {
				if id := stem[at+1:]; runs[id] != nil {
					found[filepath.Join(folder, f.Name())] = id
				}
				next := strings.IndexByte(stem[at+1:], '-')
				if next < 0 {
					break
				}
				at += 1 + next
			}
		}
	}
	if last, named := strings.CutSuffix(filepath.Clean(dir), ".journal"); named {
		found[last] = ""
	}
	return found
}

// report adds what a report knows of its run. id is the run of a kept one; "" for the
// report of the last run, whichever that was.
func (t *teller) report(path, id string) {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
		return
	}
	r, err := report.Read(path)
	if err != nil {
		t.h.Unreadable = append(t.h.Unreadable, report.Unreadable{File: path, Why: err.Error()})
		return
	}
	i := slices.IndexFunc(t.h.Runs, func(p report.PastRun) bool { return p.ID == r.Run.ID })
	if i < 0 || id != "" && id != r.Run.ID {
		return // of a run that wrote nothing, or not what its name says
	}
	p := &t.h.Runs[i]
	if id != "" || p.Report == "" {
		p.Report = path
	}
	p.StartedAt, p.Caller, p.Policy = r.Run.StartedAt, &r.Account.Caller, &r.Policy
	p.Verdict, p.ExitCode = string(r.Verdict.Name), &r.Verdict.ExitCode
	for _, e := range r.Proofs {
		if t.h.UID == "" || e.Certificate.UID == t.h.UID {
			proof := report.PastProof{At: e.At, Verdict: e.Verdict, Why: e.Why, UID: e.Certificate.UID, Cluster: e.Cluster}
			if !slices.Contains(p.Proofs, proof) {
				p.Proofs = append(p.Proofs, proof)
			}
		}
	}
	slices.SortStableFunc(p.Proofs, func(a, b report.PastProof) int { return a.At.Compare(b.At.Time) })
}

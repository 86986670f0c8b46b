// Package history knows what was before: it reads the journals that earlier runs
// left in a folder, and nothing else of the past.
//
//	journals of a folder --writesOf--> what was written, and the last word on it
//	    --Read--> Known, of the targets of a policy --Mark--> the plan of a run: resurrected
//	    --Tell--> report.History: everything, in order of time
//
// It only adds words. A run decides, writes and ends as it would without: the
// digest of its plan and its exit code do not hang on which disk it has.
//
// What it says is a fact of two moments, not a judgement: a run saw both surfaces
// of the target clear, and now the target holds something. Where a restore gave
// something back in between, that is said instead; access that was given in
// another way, also with good reason, counts.
//
// Begin with this file (what a run asks), then writes.go (what a journal says) and
// told.go (the command history).
package history

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"ackrevoke/job/report"
	"ackrevoke/job/write"
	"ackrevoke/policy"
)

// How much of a folder is read, newest first: journals of more than 25 years of
// nights on which something was revoked, or what can be read in a few seconds.
const (
	mostJournals = 10_000
	mostBytes    = 256 << 20
)

// Asked is whose past a run asks for.
type Asked struct {
	Account   string
	Simulated bool // of the simulated account: the two never mix
	UIDs      []string
	Before    time.Time // what was said later is not of the past
}

// Known is what is known of the targets of a policy. Its size grows with the
// targets that were proven gone, not with the journals.
type Known struct {
	targets map[string]*target // by the id of their action
	wrong   []string
}

// target is what journals say of one principal on one cluster.
type target struct {
	gone  moment      // the latest proof that nothing was left
	pins  []pinMoment // the latest proof that just this certificate was not in force
	given moment      // the latest that a restore gave back
	taken []time.Time // expiries of the certificates that runs took away
}

// moment is a run, and when it said something; zero where none did.
type moment struct {
	run string
	at  time.Time
}

type pinMoment struct {
	expires time.Time
	moment
}

// Read reads what the journals of a folder say. A folder that is not there knows
// nothing. A journal that cannot be read, or believed in every line, is never
// passed over in silence: see [Known.Mark].
func Read(dir string, a Asked) *Known {
	k := &Known{targets: map[string]*target{}}
	all, err := write.KeptJournals(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		k.wrong = append(k.wrong, fmt.Sprintf("the journals of earlier runs in %s cannot be read (%v): %s", dir, err, unsaid))
	}
	all, left := bounded(all)
	if left > 0 {
		k.wrong = append(k.wrong, fmt.Sprintf("of the journals in %s the oldest %d were not read: "+
			"what they proved gone is not called resurrected; keep a year in the folder and move the others to another place", dir, left))
	}
	asked := map[string]bool{}
	for _, uid := range a.UIDs {
		asked[uid] = true
	}
	for _, j := range all {
		writes, err := writesOf(j, true)
		if err != nil {
			k.wrong = append(k.wrong, fmt.Sprintf("journal %s of an earlier run cannot be believed in full (%v): %s",
				filepath.Base(j.Path), err, unsaid))
		}
		for _, w := range writes {
			if w.Account == a.Account && w.Simulated == a.Simulated && asked[w.UID] && !w.when().After(a.Before) {
				k.learn(w)
			}
		}
	}
	return k
}

const unsaid = "what it proved gone may be back without being called resurrected"

// bounded leaves out the oldest, and says how many.
func bounded(all []write.Kept) (read []write.Kept, left int) {
	var size int64
	for i, j := range all {
		if size += j.Size; i == mostJournals || size > mostBytes && i > 0 {
			return all[:i], len(all) - i
		}
	}
	return all, 0
}

// learn takes up one write. In which order they come does not matter.
func (k *Known) learn(w *Write) {
	if !w.Gone() && !w.gaveBack() {
		return
	}
	t := k.targets[w.Action]
	if t == nil {
		t = &target{}
		k.targets[w.Action] = t
	}
	now := moment{w.Run, w.when()}
	if w.gaveBack() {
		t.given = latest(t.given, now)
		return
	}
	if len(w.Pins) == 0 {
		t.gone = latest(t.gone, now)
	}
	for _, expires := range w.Pins {
		i := slices.IndexFunc(t.pins, func(p pinMoment) bool { return policy.SameExpiry(p.expires, expires) })
		if i < 0 {
			t.pins, i = append(t.pins, pinMoment{expires: expires}), len(t.pins)
		}
		t.pins[i].moment = latest(t.pins[i].moment, now)
	}
	if c := w.Before(); c.State == policy.Unexpired && !c.Expires.IsZero() && !took(t, c.Expires) {
		t.taken = append(t.taken, c.Expires)
	}
}

func latest(a, b moment) moment {
	if b.at.After(a.at) || b.at.Equal(a.at) && b.run > a.run {
		return b
	}
	return a
}

func took(t *target, expires time.Time) bool {
	return slices.ContainsFunc(t.taken, func(e time.Time) bool { return policy.SameExpiry(e, expires) })
}

// Mark says in a plan which of its targets were proven gone before, and warns of
// journals that could not be believed. It changes nothing else.
//
//	latest word of the journals       the target holds something    is unknown
//	proven gone                       resurrected                   provenGone
//	pins proven gone                  resurrected, if it holds      -
//	                                  one of these certificates
//	given back by a restore           givenBack                     -
//
// Of residual access, grants on all clusters are marked; an owner row was there
// at the proof as well.
func (k *Known) Mark(p *report.Plan) {
	p.Warnings = append(p.Warnings, k.wrong...)
	slices.Sort(p.Warnings)
	for i := range p.Actions {
		k.action(&p.Actions[i])
	}
	for i := range p.Unknown {
		u := &p.Unknown[i]
		if t := k.targets[u.Cluster+"/"+u.UID]; t != nil && t.gone.at.After(t.given.at) {
			u.ProvenGone = t.gone.earlier()
		}
	}
	for i := range p.Residual {
		x := &p.Residual[i]
		if t := k.targets[policy.AllClusters+"/"+x.UID]; t != nil && x.What == policy.LeftAllClusters && t.gone.at.After(t.given.at) {
			x.Resurrected = t.gone.earlier()
		}
	}
}

func (k *Known) action(a *report.Action) {
	t := k.targets[a.ID]
	if t == nil {
		return
	}
	gone := t.gone
	for _, p := range t.pins {
		if holds(a, p.expires) {
			gone = latest(gone, p.moment)
		}
	}
	switch {
	case gone.run == "":
	case !gone.at.After(t.given.at):
		a.GivenBack = t.given.earlier()
	default:
		e := gone.earlier()
		if c := a.Before.Certificate; c.State == policy.Unexpired && !c.Expires.IsZero() {
			if e.Certificate = report.NewCertificate; took(t, c.Expires.Time) {
				e.Certificate = report.SameCertificate
			}
		}
		a.Resurrect(*e)
	}
}

// holds reports whether an action is about a certificate: its pins are, where it has
// any, for the lists show one certificate and another may be in force behind it.
func holds(a *report.Action, expires time.Time) bool {
	if c := a.Before.Certificate; c.State == policy.Unexpired && policy.SameExpiry(c.Expires.Time, expires) {
		return true
	}
	return slices.ContainsFunc(a.Pins, func(p report.Pin) bool { return len(a.Pins) == 1 && policy.SameExpiry(p.Expires.Time, expires) })
}

func (m moment) earlier() *report.Earlier { return &report.Earlier{Run: m.run, At: report.At(m.at)} }

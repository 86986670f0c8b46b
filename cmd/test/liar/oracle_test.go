package liar

import (
	"maps"
	"slices"
	"time"

	"ackrevoke/cmd/test/stage"
)

// The oracle says what a run has to report of a fable, by the ground truth and
// by what is promised of the program. It shares no code with the packages policy
// and job and was written before anything in them was looked at, so that their
// mistakes are not repeated here; where it and the program differed, the promise
// decided which of the two was wrong.

// oracleRow is a row about a target, an entry (no cluster) or the run (neither).
type oracleRow struct{ uid, cluster, why string }

// oracleAction is one planned write.
type oracleAction struct {
	id, uid, cluster string
	because          string
	refused          bool
	unforced         bool
	group            string
}

// oracle is a plan foretold.
type oracle struct {
	look
	read     []drawnEntry    // entries whose principals are read
	inEffect []string        // of these those that are not refused
	writes   map[string]bool // in a proof: actions that are carried out, of which one proof does not wait for another
	stopped  bool            // the listing cannot be believed: nothing is written, and nothing but that is judged
	denied   bool            // another account: likewise, and nothing is read
	actions  []oracleAction
	targets  map[string][]string       // by uid: clusters
	settled  map[string]map[string]int // by uid: bucket, number
	unknown  map[oracleRow]bool        // true: accepted
	residual map[oracleRow]bool
	refused  map[string][]string // by uid: guards that apply
	pending  []string
	lapsed   []string
	outside  map[oracleRow]bool // held outside the scope
	tripped  bool               // a cap refuses something
	calls    []string           // the writes, once they are made: bulk/uid, or the action
	vague    bool               // what comes of a call of several clusters hangs on the moment of each read
	emptied  bool               // the list had entries on the last run, and has none
}

// foretell judges a truth before anything is written.
func foretell(f *fable, now truth) *oracle {
	o := &oracle{look: look{f, now, f.sightOf()}, targets: map[string][]string{}, settled: map[string]map[string]int{},
		unknown: map[oracleRow]bool{}, residual: map[oracleRow]bool{}, refused: map[string][]string{}, outside: map[oracleRow]bool{}}
	o.denied = f.list.account != stage.Account
	if o.denied {
		return o
	}
	o.stopped = !o.listingHolds()
	o.matchScope()
	var judged []drawnEntry
	for _, e := range f.entriesByUID() {
		switch {
		case e.effective.After(stage.Noon):
			o.pending = append(o.pending, e.uid)
		case !e.until.IsZero() && !e.until.After(stage.Noon):
			o.lapsed = append(o.lapsed, e.uid)
		default:
			if o.refused[e.uid] = o.refusals(e); o.refused[e.uid] == nil {
				o.read = append(o.read, e)
			}
		}
	}
	for _, e := range o.read {
		if o.refused[e.uid] = o.betrayed(e); o.refused[e.uid] == nil {
			judged, o.inEffect = append(judged, e), append(o.inEffect, e.uid)
		}
	}
	o.sees.all = o.sees.all && !o.strays()
	maps.DeleteFunc(o.refused, func(_ string, guards []string) bool { return guards == nil })
	o.callerNames(len(judged) > 0)
	unpinned := false
	for _, e := range judged {
		unpinned = unpinned || len(e.pins) == 0
		o.judge(e)
	}
	if unpinned && !o.sees.all {
		o.addUnknown("", "", "all-clusters-not-visible")
	}
	o.applyCaps()
	return o
}

// judge decides every target of an entry.
func (o *oracle) judge(e drawnEntry) {
	o.matchEntry(e)
	who, _ := o.f.person(e.uid)
	short := who.hidden && !who.deleted && o.inLists(e.uid) // the listing of RAM lacks somebody whom the lists call alive
	for _, c := range o.f.clusters {
		pins := slices.DeleteFunc(slices.Clone(e.pins), func(p drawnPin) bool { return p.cluster != c.id })
		switch {
		case c.hidden && !c.gone() && o.shows(e.uid, c.id) && o.leftOut(c):
			o.lookOutside(e, c)
		case c.hidden && !c.gone() && o.shows(e.uid, c.id):
			o.addUnknown(e.uid, c.id, "cluster-not-listed")
		case !c.there():
		case o.targeted(e, c):
			o.targets[e.uid] = append(o.targets[e.uid], c.id)
			switch {
			case short:
				o.addUnknown(e.uid, c.id, "identity-unclear")
			case len(e.pins) > 0:
				o.judgePins(e, c, pins)
			default:
				o.judgeTarget(e, c)
			}
		default:
			o.lookOutside(e, c)
		}
	}
	if short {
		if len(o.targets[e.uid]) == 0 {
			o.addUnknown(e.uid, "", "identity-unclear")
		}
		return
	}
	if len(e.pins) == 0 {
		o.judgeAllClusters(e)
	}
	if !o.listed(e.uid) && !e.deleted && !o.traced(e) {
		o.addUnknown(e.uid, "", "no-trace")
	}
}

func (o *oracle) matchEntry(e drawnEntry) {
	some := false
	for _, pattern := range e.clusters {
		if !o.anyOf(func(c drawnCluster) bool { return o.f.matches([]string{pattern}, c) }) {
			o.addUnknown(e.uid, "", "matches-nothing")
		}
	}
	for _, p := range e.pins { // one that is past is exempt; one that `clusters` leaves out would be forgotten
		hit := !p.expires.After(stage.Noon) || o.anyOf(func(c drawnCluster) bool { return c.id == p.cluster && o.covers(e, c) })
		some = some || hit
		if !hit {
			o.addUnknown(e.uid, "", "matches-nothing")
		}
	}
	if len(e.pins) == 0 {
		some = o.anyOf(func(c drawnCluster) bool { return o.covers(e, c) })
	}
	if !some {
		o.addUnknown(e.uid, "", "matches-nothing")
	}
}

// shows says whether any row of somebody names a cluster.
func (o *oracle) shows(uid, cluster string) bool {
	state, _ := o.userRow(uid, cluster)
	return state != "" || slices.ContainsFunc(o.seen(uid), func(g drawnGrant) bool { return g.cluster == cluster })
}

// traced says whether anything shows that a uid was ever somebody's, or could on a
// target, which is unknown then, if it had been read: never out.
func (o *oracle) traced(e drawnEntry) bool {
	failed := o.anyOf(func(c drawnCluster) bool { return o.targeted(e, c) && o.contradicted(c.id) })
	return failed || o.inLists(e.uid) || len(o.seen(e.uid)) > 0 || slices.ContainsFunc(o.f.clusters, func(c drawnCluster) bool {
		state, _ := o.userRow(e.uid, c.id)
		return state != "" && state != "Unissued"
	})
}

func (o *oracle) lookOutside(e drawnEntry, c drawnCluster) {
	if len(e.pins) > 0 && o.inScope(c) && !c.deferred() && !c.hidden {
		return // the principal's other certificates are left alone
	}
	state, _ := o.userRow(e.uid, c.id)
	if listed, _ := o.listRow(e.uid, c.id); listed == "Unexpired" && !o.listed(e.uid) && o.inScope(c) && !c.deferred() && !c.hidden {
		state = listed // of a deleted principal every list in scope is read
	}
	if state == "Unexpired" || state == "Unknown" ||
		slices.ContainsFunc(o.seen(e.uid), func(g drawnGrant) bool { return g.cluster == c.id && (!g.owner || o.listed(e.uid)) }) {
		o.outside[oracleRow{e.uid, c.id, ""}] = true
	}
}

// acceptedRow says whether the policy accepts a row; keys that are given must
// all match.
func (o *oracle) acceptedRow(uid, cluster, what string) bool {
	return slices.ContainsFunc(o.f.list.accepted, func(a drawnAccepted) bool {
		return a.what == what && a.until.After(stage.Noon) && (a.uid == "" || a.uid == uid) && (a.cluster == "" || a.cluster == cluster)
	})
}

var acceptable = map[string]string{"grants-not-visible": "unknown", "certificate-unclear": "unknown", "cluster-not-listed": "unknown",
	"no-trace": "unknown", "all-clusters-not-visible": "all-clusters"}

func (o *oracle) addUnknown(uid, cluster, why string) {
	what := acceptable[why]
	owner := why == "certificate-unclear" && o.listed(uid) && slices.ContainsFunc(o.seen(uid), func(g drawnGrant) bool {
		return g.owner && g.cluster == cluster
	})
	lives := what != "" && o.acceptedRow(uid, cluster, what)
	o.unknown[oracleRow{uid, cluster, why}] = lives && (!owner || o.acceptedRow(uid, cluster, "owner"))
}

func (o *oracle) addResidual(uid, cluster, what string) {
	o.residual[oracleRow{uid, cluster, what}] = o.acceptedRow(uid, cluster, what)
}

func (o *oracle) addSettled(uid, bucket string) {
	if o.settled[uid] == nil {
		o.settled[uid] = map[string]int{}
	}
	o.settled[uid][bucket]++
}

func after(t, u time.Time, d time.Duration) bool { return !t.Before(u.Add(d)) }

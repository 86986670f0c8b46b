package main

import (
	"maps"
	"path"
	"slices"
	"strings"
	"time"
)

// The oracle says what a run has to report of a fable, by semantics.md and
// contract.md and by the ground truth. It was written without the packages
// policy and job, so that a mistake in them is not repeated here.

// oracleRow is a row about a target, an entry (no cluster) or the run (neither).
type oracleRow struct{ uid, cluster, why string }

// oracleAction is one planned write.
type oracleAction struct {
	id, uid, cluster string
	because          string
	refused          bool
	pinned, unforced bool
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
}

// foretell judges a truth before anything is written.
func foretell(f *fable, now truth) *oracle {
	o := &oracle{look: look{f, now, f.sightOf()}, targets: map[string][]string{}, settled: map[string]map[string]int{},
		unknown: map[oracleRow]bool{}, residual: map[oracleRow]bool{}, refused: map[string][]string{}, outside: map[oracleRow]bool{}}
	o.denied = f.list.account != showcaseAccount
	if o.denied {
		return o
	}
	o.stopped = !o.listingHolds()
	o.matchScope()
	var judged []drawnEntry
	for _, e := range f.entriesByUID() {
		switch {
		case e.effective.After(noon):
			o.pending = append(o.pending, e.uid)
		case !e.until.IsZero() && !e.until.After(noon):
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

// listingHolds is the guard `listing`.
func (o *oracle) listingHolds() bool {
	listed := 0
	for _, c := range o.f.clusters {
		if c.there() {
			listed++
		}
	}
	least := 1
	if o.f.list.minClusters >= 0 {
		least = o.f.list.minClusters
	}
	left := slices.ContainsFunc(o.f.clusters, func(c drawnCluster) bool { return c.there() && o.inScope(c) })
	self := o.f.caller == "Account" || o.listed(o.f.runner)
	return self && listed >= least && (left || listed == 0 && !o.scoped())
}

func (o *oracle) scoped() bool {
	return len(o.f.list.regions)+len(o.f.list.include)+len(o.f.list.exclude) > 0
}

func matches(patterns []string, c drawnCluster) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		hit, _ := path.Match(pattern, c.name)
		return hit || pattern == c.id
	})
}

func (o *oracle) inScope(c drawnCluster) bool {
	l := o.f.list
	return (len(l.regions) == 0 || slices.Contains(l.regions, c.region)) && (len(l.include) == 0 || matches(l.include, c)) && !matches(l.exclude, c)
}

// covers says whether a cluster is one that an entry is about: it exists, and
// scope and entry reach it. It may be deferred.
func (o *oracle) covers(e drawnEntry, c drawnCluster) bool {
	return c.there() && o.inScope(c) && (len(e.clusters) == 0 || matches(e.clusters, c))
}

// anyOf says whether some cluster that is there and in scope fits.
func (o *oracle) anyOf(fits func(drawnCluster) bool) bool {
	return slices.ContainsFunc(o.f.clusters, func(c drawnCluster) bool { return c.there() && o.inScope(c) && fits(c) })
}

func (o *oracle) matchScope() {
	for _, region := range o.f.list.regions {
		if !o.anyOf(func(c drawnCluster) bool { return c.region == region }) {
			o.addUnknown("", "", "matches-nothing")
		}
	}
	for _, pattern := range o.f.list.include {
		if !o.anyOf(func(c drawnCluster) bool { return matches([]string{pattern}, c) }) {
			o.addUnknown("", "", "matches-nothing")
		}
	}
}

// refusals are the guards that refuse an entry by who it names.
func (o *oracle) refusals(e drawnEntry) []string {
	var guards []string
	who, _ := o.f.person(e.uid)
	live := o.listed(e.uid)
	name := e.name // of somebody deleted only what the entry states is known
	if live {
		name = who.name
	}
	service := strings.HasPrefix(name, "AliyunServiceRoleFor") || strings.HasPrefix(name, "AliyunCS")
	protects := slices.ContainsFunc(o.f.list.protect, func(glob string) bool { hit, _ := path.Match(glob, name); return hit && name != "" })
	if e.uid == showcaseAccount || e.uid == o.f.runner || service || protects {
		guards = append(guards, "protected")
	}
	if live && who.kind != e.kind {
		guards = append(guards, "kind-mismatch")
	}
	if live && (!e.created.IsZero() && !e.created.Equal(who.created) || e.created.IsZero() && e.name != "" && e.name != who.name) {
		guards = append(guards, "identity-conflict")
	}
	return guards
}

// betrayed are the guards that refuse an entry by what the reads about it show.
func (o *oracle) betrayed(e drawnEntry) []string {
	var guards []string
	who, known := o.f.person(e.uid)
	if known && !o.listed(e.uid) && who.kind != e.kind && (len(o.seen(e.uid)) > 0 || o.inLists(e.uid)) {
		guards = append(guards, "kind-mismatch")
	}
	for _, s := range o.f.services {
		if state, _ := o.listRow(e.uid, s.cluster); s.uid == e.uid && state != "" && o.listRead(s.cluster) {
			guards = append(guards, "protected")
		}
	}
	return guards
}

// listRead says whether a run reads the list of a cluster: of each in scope if
// an entry is deleted, and where somebody's own list has no word.
func (o *oracle) listRead(cluster string) bool {
	return slices.ContainsFunc(o.read, func(e drawnEntry) bool {
		c, _ := o.f.place(cluster)
		state, _ := o.userRow(e.uid, c.id)
		silent := (state == "" || state == "Unknown") && o.targeted(e, c)
		return c.there() && o.inScope(c) && !c.deferred() && (silent || !o.listed(e.uid))
	})
}

// targeted says whether a cluster is a target of an entry.
func (o *oracle) targeted(e drawnEntry, c drawnCluster) bool {
	pinned := slices.ContainsFunc(e.pins, func(p drawnPin) bool { return p.cluster == c.id })
	return o.covers(e, c) && !c.deferred() && (len(e.pins) == 0 || pinned)
}

// inLists says whether the list of some cluster in scope shows somebody.
func (o *oracle) inLists(uid string) bool {
	return o.anyOf(func(c drawnCluster) bool {
		state, _ := o.listRow(uid, c.id)
		return !c.deferred() && state != ""
	})
}

// judge decides every target of an entry.
func (o *oracle) judge(e drawnEntry) {
	o.matchEntry(e)
	for _, c := range o.f.clusters {
		pins := slices.DeleteFunc(slices.Clone(e.pins), func(p drawnPin) bool { return p.cluster != c.id })
		switch {
		case c.hidden && !c.gone() && o.shows(e.uid, c.id):
			o.addUnknown(e.uid, c.id, "cluster-not-listed")
		case !c.there():
		case o.targeted(e, c):
			o.targets[e.uid] = append(o.targets[e.uid], c.id)
			if len(e.pins) > 0 {
				o.judgePins(e, c, pins)
			} else {
				o.judgeTarget(e, c)
			}
		default:
			o.lookOutside(e, c)
		}
	}
	if len(e.pins) == 0 {
		o.judgeAllClusters(e)
	}
	if !o.listed(e.uid) && !e.deleted && !o.traced(e.uid) {
		o.addUnknown(e.uid, "", "no-trace")
	}
}

func (o *oracle) matchEntry(e drawnEntry) {
	some := false
	for _, pattern := range e.clusters {
		if !o.anyOf(func(c drawnCluster) bool { return matches([]string{pattern}, c) }) {
			o.addUnknown(e.uid, "", "matches-nothing")
		}
	}
	for _, p := range e.pins { // one that is past is exempt; one that `clusters` leaves out would be forgotten
		hit := !p.expires.After(noon) || o.anyOf(func(c drawnCluster) bool { return c.id == p.cluster && o.covers(e, c) })
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

// traced says whether anything shows that a uid was ever somebody's, or could
// if it had been read.
func (o *oracle) traced(uid string) bool {
	failed := o.anyOf(func(c drawnCluster) bool { return !c.deferred() && o.contradicted(c.id) })
	return failed || o.inLists(uid) || len(o.seen(uid)) > 0 || slices.ContainsFunc(o.f.clusters, func(c drawnCluster) bool {
		state, _ := o.userRow(uid, c.id)
		return state != "" && state != "Unissued"
	})
}

func (o *oracle) lookOutside(e drawnEntry, c drawnCluster) {
	if len(e.pins) > 0 && o.inScope(c) && !c.deferred() {
		return // the principal's other certificates are left alone
	}
	state, _ := o.userRow(e.uid, c.id)
	if listed, _ := o.listRow(e.uid, c.id); listed == "Unexpired" && !o.listed(e.uid) && o.inScope(c) && !c.deferred() {
		state = listed // of a deleted principal every list in scope is read
	}
	if state == "Unexpired" || state == "Unknown" || slices.ContainsFunc(o.seen(e.uid), func(g drawnGrant) bool { return g.cluster == c.id && (!g.owner || o.listed(e.uid)) }) {
		o.outside[oracleRow{e.uid, c.id, ""}] = true
	}
}

// acceptedRow says whether the policy accepts a row; keys that are given must
// all match.
func (o *oracle) acceptedRow(uid, cluster, what string) bool {
	return slices.ContainsFunc(o.f.list.accepted, func(a drawnAccepted) bool {
		return a.what == what && a.until.After(noon) && (a.uid == "" || a.uid == uid) && (a.cluster == "" || a.cluster == cluster)
	})
}

var acceptable = map[string]string{"grants-not-visible": "unknown", "certificate-unclear": "unknown", "cluster-not-listed": "unknown",
	"no-trace": "unknown", "all-clusters-not-visible": "all-clusters"}

func (o *oracle) addUnknown(uid, cluster, why string) {
	what := acceptable[why]
	o.unknown[oracleRow{uid, cluster, why}] = what != "" && o.acceptedRow(uid, cluster, what)
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

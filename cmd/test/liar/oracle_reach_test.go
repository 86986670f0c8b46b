package liar

import (
	"path"
	"slices"
	"strings"

	"ackrevoke/cmd/test/stage"
)

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

// matches says whether one of the patterns means a cluster. One that is the id of
// a cluster of the listing means that one, and nothing that is named so.
func (f *fable) matches(patterns []string, c drawnCluster) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		if place, is := f.place(pattern); is && place.there() {
			return pattern == c.id
		}
		hit, _ := path.Match(pattern, c.name)
		return hit || pattern == c.id
	})
}

func (f *fable) inScope(c drawnCluster) bool {
	l := f.list
	return (len(l.regions) == 0 || slices.Contains(l.regions, c.region)) && (len(l.include) == 0 || f.matches(l.include, c)) &&
		!f.matches(l.exclude, c)
}

func (o *oracle) inScope(c drawnCluster) bool { return o.f.inScope(c) }

// covers says whether a cluster is one that an entry is about: it exists, and
// scope and entry reach it. It may be deferred.
func (o *oracle) covers(e drawnEntry, c drawnCluster) bool {
	return c.there() && o.inScope(c) && (len(e.clusters) == 0 || o.f.matches(e.clusters, c))
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
		if !o.anyOf(func(c drawnCluster) bool { return o.f.matches([]string{pattern}, c) }) {
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
	if e.uid == stage.Account || e.uid == o.f.runner || service || protects {
		guards = append(guards, "protected")
	}
	if live && who.kind != e.kind {
		guards = append(guards, "kind-mismatch")
	}
	if live && (e.deleted || !e.created.IsZero() && !e.created.Equal(who.created) || e.created.IsZero() && e.name != "" &&
		e.name != who.name) {
		guards = append(guards, "identity-conflict")
	}
	if !live && slices.ContainsFunc(o.f.people, func(p drawnPerson) bool {
		return o.listed(p.uid) && p.kind == e.kind && e.name != "" && p.name == e.name && !e.created.IsZero() && p.created.Equal(e.created)
	}) {
		guards = append(guards, "identity-conflict") // that one is meant
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
	if name := who.name; known && !o.listed(e.uid) && o.inLists(e.uid) { // what the lists call somebody deleted
		service := strings.HasPrefix(name, "AliyunServiceRoleFor") || strings.HasPrefix(name, "AliyunCS")
		protects := slices.ContainsFunc(o.f.list.protect, func(glob string) bool { hit, _ := path.Match(glob, name); return hit })
		if service || protects {
			guards = append(guards, "protected")
		}
		if e.name != "" && e.name != name {
			guards = append(guards, "identity-conflict")
		}
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
		return c.there() && o.inScope(c) && !c.deferred() && (silent || !o.listed(e.uid) || o.overlies(e, c.id) && o.targeted(e, c))
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

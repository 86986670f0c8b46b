package liar

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"ackrevoke/cmd/test/stage"
)

// foretold is what an audit must find in a fable: computed from the ground
// truth and from what the service shows of it, apart from policy and job.
type foretold struct {
	look
	grants bool // with the policy, --grants and --residual
	stop   bool // the listings cannot be believed
	other  bool // the account is not that of the policy

	claims, unknown, retirable map[string]bool
	services                   map[string]bool
	openRows                   bool // unknown and not accepted
	unshown                    int  // certificates in force of deleted principals that the service does not show
}

// drawAudited is a fable with what only matters to an audit.
func drawAudited(seed uint64) *fable {
	f := drawFable(seed)
	p := pencil{rand.New(rand.NewPCG(seed, 5))}
	for i := range f.people {
		who := &f.people[i]
		if who.deleted || who.kind != "user" || who.uid == f.runner {
			continue
		}
		who.locked, who.login = p.chance(20), p.chance(30)
		for range p.IntN(3) {
			who.keys = append(who.keys, oneOf(p, "Active", "Inactive"))
		}
	}
	for _, uid := range []string{stage.Account, f.runner} {
		if c := oneOf(p, f.clusters...); p.chance(15) &&
			!slices.ContainsFunc(f.certs, func(d drawnCert) bool { return d.uid == uid && d.cluster == c.id }) {
			f.certs = append(f.certs, f.drawCert(p, uid, c.id, 0))
		}
	}
	return f
}

func foresee(f *fable, grants bool) *foretold {
	o := &foretold{look: look{f, f.truth(), f.sightOf()}, grants: grants,
		claims: map[string]bool{}, unknown: map[string]bool{}, retirable: map[string]bool{}, services: map[string]bool{}}
	there := 0
	for _, c := range f.clusters {
		if c.there() {
			there++
		}
	}
	least := 1
	if grants && f.list.minClusters >= 0 {
		least = f.list.minClusters
	}
	o.other = grants && f.list.account != stage.Account
	o.stop = there < least || f.caller != "Account" && !o.listed(f.runner)
	if o.other || o.stop {
		return o
	}
	o.findServices()
	subjects := []string{stage.Account}
	for _, who := range f.people {
		subjects = append(subjects, who.uid)
	}
	for _, e := range f.list.entries {
		if _, known := f.person(e.uid); !known && e.uid != stage.Account {
			subjects = append(subjects, e.uid)
		}
	}
	o.sightRows(subjects)
	for _, uid := range subjects {
		if !o.services[uid] {
			o.subject(uid)
		}
	}
	return o
}

// read says whether the lists of a cluster are looked at.
func (c drawnCluster) read() bool { return c.there() && !c.deferred() }

func (o *foretold) findServices() {
	for _, s := range o.f.services {
		if c, _ := o.f.place(s.cluster); c.read() {
			o.services[s.uid] = true
		}
	}
	for _, who := range o.f.people {
		if who.kind == "role" && strings.HasPrefix(who.name, "Aliyun") && o.shown(who.uid) {
			o.services[who.uid] = true
		}
	}
}

// shown says whether the list of any cluster shows somebody.
func (o *foretold) shown(uid string) bool {
	return slices.ContainsFunc(o.f.clusters, func(c drawnCluster) bool { return c.read() && o.row(uid, c) != "" })
}

// row is the state of a certificate in the list of a cluster.
func (o *foretold) row(uid string, c drawnCluster) string {
	state, _ := o.listRow(uid, c.id)
	return state
}

func (o *foretold) entryOf(uid string) (drawnEntry, bool) {
	i := slices.IndexFunc(o.f.list.entries, func(e drawnEntry) bool {
		return e.uid == uid && !e.effective.After(stage.Noon) && (e.until.IsZero() || e.until.After(stage.Noon))
	})
	if !o.grants || i < 0 {
		return drawnEntry{}, false
	}
	return o.f.list.entries[i], true
}

// asked says whether somebody's grants are asked for.
func (o *foretold) asked(uid string) bool {
	_, listed := o.entryOf(uid)
	return o.grants && uid != stage.Account && uid != o.f.runner && !o.services[uid] && (listed || o.shown(uid))
}

func (o *foretold) accepted(uid, cluster, what string) bool {
	return o.grants && slices.ContainsFunc(o.f.list.accepted, func(a drawnAccepted) bool {
		return a.what == what && a.until.After(stage.Noon) && (a.uid == "" || a.uid == uid) && (a.cluster == "" || a.cluster == cluster)
	})
}

func (o *foretold) doubt(uid, cluster, why string, accepted bool) {
	o.unknown[fmt.Sprintf("%s %s %s accepted %v", uid, cluster, why, accepted)] = true
	o.openRows = o.openRows || !accepted
}

func (o *foretold) found(kind, uid, cluster string) {
	o.claims[kind+" "+uid+" "+cluster] = true
}

// sightRows are what of the grants cannot be seen.
func (o *foretold) sightRows(subjects []string) {
	for _, c := range o.f.clusters {
		row, _ := o.userRow(o.f.runner, c.id) // the caller's own lists name clusters as well
		named := row != "" || o.grants && o.f.caller != "Account" &&
			slices.ContainsFunc(o.seen(o.f.runner), func(g drawnGrant) bool { return g.cluster == c.id })
		named = named || slices.ContainsFunc(subjects, func(uid string) bool {
			return o.asked(uid) && slices.ContainsFunc(o.seen(uid), func(g drawnGrant) bool { return g.cluster == c.id })
		})
		if c.hidden && !c.gone() && named {
			o.doubt("", c.id, "cluster-not-listed", o.accepted("", c.id, "unknown"))
			o.sees.all = o.sees.all && !o.sees.blind(c.id)
		}
	}
	if !o.grants {
		return
	}
	for _, c := range o.f.clusters {
		if c.read() && o.sees.blind(c.id) {
			o.doubt("", c.id, "grants-not-visible", o.accepted("", c.id, "unknown"))
		}
	}
	if o.sees.all = o.sees.all || o.sees.everywhere; !o.sees.all {
		o.doubt("", "", "all-clusters-not-visible", o.accepted("", "", "all-clusters"))
	}
}

// subject foretells all about one principal.
func (o *foretold) subject(uid string) {
	who, _ := o.f.person(uid)
	root, runner := uid == stage.Account, uid == o.f.runner
	var valid, shaky bool
	for _, c := range o.f.clusters {
		valid = valid || c.read() && o.row(uid, c) == "Unexpired"
		shaky = shaky || c.read() && o.row(uid, c) == "Unknown"
		if who.deleted && c.read() && o.now.certs[[2]string{uid, c.id}].shown() == "Unexpired" && o.row(uid, c) == "" {
			o.unshown++
		}
	}
	rows := []drawnGrant{}
	if o.asked(uid) {
		rows = o.seen(uid)
	}
	if who.hidden && !root && !runner && o.shown(uid) { // RAM says no, the lists say yes
		if valid || shaky || len(rows) > 0 {
			o.doubt(uid, "", "identity-unclear", false)
		}
		return
	}
	leaver := !root && !o.listed(uid) || who.locked
	for _, c := range o.f.clusters {
		if !c.read() {
			continue
		}
		state := o.row(uid, c)
		old := c.typ != "ExternalKubernetes" && c.created.Before(stage.Noon.Add(-7*year))
		if state == "Unexpired" && (root || runner || old) {
			o.found("not-revokable", uid, c.id)
		}
		if root || runner {
			continue
		}
		switch {
		case state == "Unexpired" && who.deleted:
			o.found("deleted", uid, c.id)
		case state == "Unexpired" && who.locked:
			o.found("locked", uid, c.id)
		case state == "Unknown" && (leaver || o.grants):
			o.doubt(uid, c.id, "certificate-unclear", o.accepted(uid, c.id, "unknown"))
		}
		if o.asked(uid) {
			o.granted(uid, c, state, leaver, rows)
		}
	}
	if slices.ContainsFunc(rows, func(g drawnGrant) bool { return g.all }) {
		o.found("all-clusters", uid, "")
	}
	e, listed := o.entryOf(uid)
	if listed && o.listed(uid) && who.kind == "user" && len(e.pins) == 0 && (who.login || slices.Contains(who.keys, "Active")) {
		o.found("residual", uid, "")
	}
	o.retire(uid, e, listed && !root && !runner && !o.listed(uid) && !valid && !shaky && len(rows) == 0)
}

func (o *foretold) granted(uid string, c drawnCluster, state string, leaver bool, rows []drawnGrant) {
	var plain, owner, all bool
	for _, g := range rows {
		all = all || g.all
		owner = owner || g.cluster == c.id && g.owner
		plain = plain || g.cluster == c.id && !g.owner
	}
	e, listed := o.entryOf(uid)
	switch {
	case state == "Expired" && plain:
		o.found("expired-granted", uid, c.id)
	case state == "" && plain:
		o.found("no-certificate", uid, c.id)
	case state == "Unexpired" && o.listed(uid) && !plain && !owner && !all && !o.sees.blind(c.id) && o.sees.all:
		o.found("no-grant", uid, c.id)
	}
	if owner && (leaver || listed && e.reason == "departed") {
		o.found("owner", uid, c.id)
	}
}

// retire foretells the entries that may be taken out.
func (o *foretold) retire(uid string, e drawnEntry, holdsNothing bool) {
	complete := o.sees.all
	trace := e.deleted
	for _, c := range o.f.clusters {
		complete = complete && (!c.there() || !c.deferred() && !o.sees.blind(c.id))
		trace = trace || c.read() && o.row(uid, c) != ""
	}
	if o.grants && holdsNothing && complete && trace {
		o.retirable[uid] = true
	}
}

func (o *foretold) exit(failOn bool) int {
	switch {
	case o.other:
		return 1
	case o.stop || o.openRows:
		return 6
	case failOn && slices.ContainsFunc(slices.Collect(maps.Keys(o.claims)), func(c string) bool { return !o.lives(c) }):
		return 3
	}
	return 0
}

// lives says whether the policy accepts a claim.
func (o *foretold) lives(claim string) bool {
	kind, rest, _ := strings.Cut(claim, " ")
	uid, cluster, _ := strings.Cut(rest, " ")
	switch kind {
	case "all-clusters":
		return o.accepted(uid, "", "all-clusters")
	case "owner": // one finding for all places
		return !slices.ContainsFunc(slices.Collect(maps.Keys(o.claims)), func(c string) bool {
			at, same := strings.CutPrefix(c, "owner "+uid+" ")
			return same && !o.accepted(uid, at, "owner")
		})
	}
	_ = cluster
	return false
}

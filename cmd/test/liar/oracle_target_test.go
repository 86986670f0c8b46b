package liar

import (
	"slices"
	"time"

	"ackrevoke/cmd/test/stage"
)

// certificate is what both surfaces together say [semantics.md 3].
type certificate struct {
	kind    string // valid, ended, unclear or failed (unclear by a failed read)
	bucket  string // of ended: removed, unissued, expired, unlisted
	expires time.Time
}

func certificateOf(state string, expires time.Time) certificate {
	switch state {
	case "Unexpired":
		return certificate{kind: "valid", expires: expires}
	case "Removed":
		return certificate{kind: "ended", bucket: "removed"}
	case "Unissued":
		return certificate{kind: "ended", bucket: "unissued"}
	case "Expired":
		return certificate{kind: "ended", bucket: "expired", expires: expires}
	case "":
		return certificate{kind: "ended", bucket: "unlisted"}
	}
	return certificate{kind: "unclear"}
}

// certificate asks both surfaces where two are asked. Where they disagree, the
// one that shows more access decides: so a valid certificate is one, though the
// list of its cluster lacks it. For everybody else that list is a failed read.
func (o *oracle) certificate(uid, cluster string) certificate {
	state, expires := o.userRow(uid, cluster)
	asked := state == "" || state == "Unknown" || !o.listed(uid) && state != "Unexpired"
	switch {
	case asked && o.contradicted(cluster):
		return certificate{kind: "failed"}
	case state == "" || state == "Unknown":
		return certificateOf(o.listRow(uid, cluster))
	}
	return certificateOf(state, expires)
}

// contradicted says whether the list of a cluster lacks somebody whose own row
// shows a certificate in force.
func (o *oracle) contradicted(cluster string) bool {
	return slices.ContainsFunc(o.read, func(e drawnEntry) bool {
		if o.writes[cluster+"/"+e.uid] {
			return false
		}
		own, _ := o.userRow(e.uid, cluster)
		listed, _ := o.listRow(e.uid, cluster)
		return own == "Unexpired" && listed == ""
	})
}

// grantsOn is what can be seen of somebody's grants on a cluster.
func (o *oracle) grantsOn(uid, cluster string) string {
	if o.sees.blind(cluster) {
		return "not visible"
	}
	found := "none"
	for _, g := range o.seen(uid) {
		if g.cluster == cluster && !g.owner {
			return "rows"
		}
		if g.cluster == cluster {
			found = "owner"
		}
	}
	return found
}

// judgeTarget is the first table of semantics.md section 4.
func (o *oracle) judgeTarget(e drawnEntry, c drawnCluster) {
	cert, grants := o.certificate(e.uid, c.id), o.grantsOn(e.uid, c.id)
	unclear := cert.kind == "unclear" || cert.kind == "failed"
	switch {
	case cert.kind == "valid" && grants == "rows":
		o.clean(e, c, "certificate,grants")
	case cert.kind == "valid":
		o.clean(e, c, "certificate")
	case grants == "rows":
		o.clean(e, c, "grants")
	case cert.kind == "failed":
		o.addUnknown(e.uid, c.id, "read-failed")
	case unclear:
		o.addUnknown(e.uid, c.id, "certificate-unclear")
	case grants == "not visible":
		o.addUnknown(e.uid, c.id, "grants-not-visible")
	case grants == "owner" && o.listed(e.uid):
		o.addResidual(e.uid, c.id, "owner")
	case grants == "owner":
		o.addSettled(e.uid, "ownerOfRecord")
	default:
		o.addSettled(e.uid, cert.bucket)
	}
}

// overlies says whether the list of somebody shows a later certificate than a pinned
// one, so that the list of the cluster is asked as well.
func (o *oracle) overlies(e drawnEntry, cluster string) bool {
	state, expires := o.userRow(e.uid, cluster)
	return state == "Unexpired" && slices.ContainsFunc(e.pins, func(p drawnPin) bool {
		return p.cluster == cluster && p.expires.After(stage.Noon) && expires.Sub(p.expires) > 10*time.Minute
	})
}

// readForOthers says whether the list of a cluster is asked for the sake of somebody
// deleted, for whom that of every cluster in scope is: what it fails to say is then held
// against everybody.
func (o *oracle) readForOthers(c drawnCluster) bool {
	return o.inScope(c) && !c.deferred() && slices.ContainsFunc(o.read, func(e drawnEntry) bool { return !o.listed(e.uid) })
}

// judgePins is the second. Of several pins on one cluster the weightiest line
// counts: a write before an unknown before settled.
func (o *oracle) judgePins(e drawnEntry, c drawnCluster, pins []drawnPin) {
	cert := o.certificate(e.uid, c.id)
	why, settled := "", ""
	for _, p := range pins {
		apart := cert.expires.Sub(p.expires).Abs()
		switch {
		case cert.kind == "valid" && apart <= 10*time.Minute:
			o.clean(e, c, "pin")
			return
		case !p.expires.After(stage.Noon), cert.bucket == "removed":
			settled = "pinned"
		case cert.kind == "valid" && (o.overlies(e, c.id) || o.readForOthers(c)) && o.contradicted(c.id):
			why = "read-failed" // the list is asked for what lies under it
		case cert.kind == "valid" && cert.expires.After(p.expires):
			settled = "otherCertificate"
			if !after(p.expires, stage.Noon, 180*day+1) && after(cert.expires, p.expires.AddDate(3, 0, 0), -180*day) {
				why = "renewal-possible"
			}
		case cert.kind == "valid", cert.kind == "ended":
			why = "pin-not-shown"
		case cert.kind == "failed":
			why = "read-failed"
		default:
			why = "certificate-unclear"
		}
	}
	if why != "" {
		o.unknown[oracleRow{e.uid, c.id, why}] = false // of a pin nothing unknown is ever accepted
		return
	}
	o.addSettled(e.uid, settled)
}

func (o *oracle) clean(e drawnEntry, c drawnCluster, because string) {
	o.actions = append(o.actions, oracleAction{id: c.id + "/" + e.uid, uid: e.uid, cluster: c.id, because: because,
		unforced: e.unforced, group: e.reason})
}

// judgeAllClusters decides what becomes of grants on all clusters.
func (o *oracle) judgeAllClusters(e drawnEntry) {
	if !slices.ContainsFunc(o.seen(e.uid), func(g drawnGrant) bool { return g.all }) {
		return
	}
	if !o.reachesAll(e) && !o.f.list.allClusters {
		o.addResidual(e.uid, "", "all-clusters")
		return
	}
	o.actions = append(o.actions, oracleAction{id: "all-clusters/" + e.uid, uid: e.uid, because: "all-clusters", group: e.reason})
}

// reachesAll says whether an entry covers every cluster that is known to be there,
// listed or not. One that says nothing covers everything.
func (o *oracle) reachesAll(e drawnEntry) bool {
	if !o.scoped() && len(e.clusters) == 0 {
		return true
	}
	return !slices.ContainsFunc(o.f.clusters, func(c drawnCluster) bool {
		known := c.there() || c.hidden && !c.gone() && o.named(c.id)
		return known && !(o.inScope(c) && (len(e.clusters) == 0 || o.f.matches(e.clusters, c)))
	})
}

// named says whether any row that was read names a cluster, the caller's own too.
func (o *oracle) named(cluster string) bool {
	return o.own(cluster) || slices.ContainsFunc(o.read, func(e drawnEntry) bool { return o.shows(e.uid, cluster) })
}

// own says whether the caller's own permissions name a cluster. The root account
// has none to read.
func (o *oracle) own(cluster string) bool {
	return o.f.caller != "Account" && slices.ContainsFunc(o.seen(o.f.runner), func(g drawnGrant) bool { return g.cluster == cluster })
}

// leftOut says whether the policy leaves a cluster out by its region or by name,
// wherever it is listed.
func (o *oracle) leftOut(c drawnCluster) bool {
	l := o.f.list
	return len(l.regions) > 0 && !slices.Contains(l.regions, c.region) || o.f.matches(l.exclude, c)
}

// callerNames adds what only the caller's own permissions tell of a short
// listing.
func (o *oracle) callerNames(anybody bool) {
	for _, c := range o.f.clusters {
		others := slices.ContainsFunc(o.inEffect, func(uid string) bool { return o.shows(uid, c.id) })
		if anybody && c.hidden && !c.gone() && o.own(c.id) && !others && !o.leftOut(c) {
			o.addUnknown("", c.id, "cluster-not-listed")
		}
	}
}

// applyCaps refuses groups of actions [contract.md 5].
func (o *oracle) applyCaps() {
	l, fl := o.f.list, o.f.flags
	limit := func(def, drawn, raised, flag int) int {
		if drawn >= 0 {
			def = drawn
		}
		if raised >= 0 && l.raiseUntil.After(stage.Noon) {
			def = raised
		}
		if flag >= 0 {
			def = min(def, flag)
		}
		return def
	}
	principals := map[string]int{
		"departed":    limit(10, l.caps.principals, l.raise.principals, fl.maxPrincipals),
		"compromised": limit(5, l.caps.compromised, l.raise.compromised, -1),
	}
	revocations := limit(200, l.caps.revocations, l.raise.revocations, fl.maxRevocations)
	over := map[string]bool{}
	count := 0
	for _, group := range []string{"departed", "compromised"} {
		uids, n := map[string]bool{}, 0
		for _, a := range o.actions {
			if a.group == group {
				uids[a.uid] = true
				n++
			}
		}
		if len(uids) > principals[group] || n > revocations {
			over[group] = true
			count += n
		}
	}
	switch {
	case fl.allow < 0:
	case len(over) > 0 && fl.allow == count:
		over = nil
	default: // a number that is not the right one refuses everything
		over = map[string]bool{"departed": true, "compromised": true}
	}
	o.tripped = len(over) > 0
	for i := range o.actions {
		o.actions[i].refused = over[o.actions[i].group]
	}
}

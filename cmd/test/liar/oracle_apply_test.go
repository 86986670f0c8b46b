package liar

import (
	"maps"
	"slices"
	"time"

	"ackrevoke/cmd/test/stage"
)

// apply foretells what the writes do to the truth, and how each outcome reads.
// It is for worlds without faults.
func (o *oracle) apply() (truth, map[string]string) {
	now := truth{maps.Clone(o.now.certs), slices.Clone(o.now.grants)}
	outcomes := map[string]string{}
	if o.denied || o.stopped {
		return now, outcomes
	}
	for _, a := range o.actions {
		switch {
		case a.refused || a.cluster != "":
		case !o.allSeen(): // only an administrator of all clusters may change it
			outcomes[a.id] = "failed"
		default:
			now.grants = slices.DeleteFunc(now.grants, func(g drawnGrant) bool { return g.uid == a.uid && g.all })
		}
	}
	handled, taken := o.bulkCalls(&now)
	for _, a := range o.actions {
		if a.refused || handled[a.id] {
			continue
		}
		o.calls = append(o.calls, a.id)
		if a.cluster == "" {
			continue
		}
		switch outcomes[a.id] = o.declined(a); {
		case outcomes[a.id] == "":
			o.cleanIn(&now, a)
		case taken[a.id] && o.f.open.task.ends == "never": // it may be done yet
			outcomes[a.id] = "unverified"
		}
	}
	then := o.later(now)
	for _, a := range o.actions {
		owner := func(g drawnGrant) bool { return g.owner && g.cluster == a.cluster }
		leaves := outcomes[a.id] == "" || taken[a.id] && outcomes[a.id] != "failed"
		if !a.refused && a.cluster != "" && leaves && slices.ContainsFunc(then.seen(a.uid), owner) && o.listed(a.uid) {
			o.addResidual(a.uid, a.cluster, "owner") // proven gone or not, this no clean takes away
		}
		switch {
		case a.refused, outcomes[a.id] != "":
		case a.cluster == "":
			outcomes[a.id] = "revoked"
		default:
			outcomes[a.id] = then.proof(a)
		}
	}
	o.collateral(then, outcomes)
	return now, outcomes
}

// declined is how a clean that the service does not do ends; "" if it does it.
func (o *oracle) declined(a oracleAction) string {
	place, _ := o.f.place(a.cluster)
	used := o.now.certs[[2]string{a.uid, a.cluster}].lastUsed
	switch {
	case a.unforced && (place.unreachable || place.noAudit || used.After(stage.Noon.Add(-7*day))):
		return "blocked"
	case place.unreachable:
		return "failed"
	}
	return ""
}

// cleanIn does what a clean does.
func (o *oracle) cleanIn(now *truth, a oracleAction) {
	if o.f.open.effect > time.Hour {
		return // long after all runs
	}
	key := [2]string{a.uid, a.cluster}
	switch c, had := now.certs[key]; {
	case !had || c.state == "Unissued":
	case !c.previous.IsZero() && o.f.open.cleanRenewed == "newest":
		c.state, c.expires, c.previous = "", c.previous, time.Time{}
		now.certs[key] = c
	default:
		c.state, c.previous = "Removed", time.Time{}
		now.certs[key] = c
	}
	now.grants = slices.DeleteFunc(now.grants, func(g drawnGrant) bool {
		return g.uid == a.uid && (g.all && o.f.open.cleanAll == "remove" || g.cluster == a.cluster &&
			(!g.owner || o.f.open.cleanOwner == "remove"))
	})
}

// proof is the outcome of an accepted clean: both surfaces must be clear, and
// one that could not be seen before proves nothing after.
func (o *oracle) proof(a oracleAction) string {
	if o.certificateGone(a) && slices.Contains([]string{"none", "owner"}, o.grantsOn(a.uid, a.cluster)) {
		return "revoked"
	}
	return "unverified"
}

// certificateGone says whether the surfaces show that what an action was about is
// over: for pins that none of them is in force, nor a renewal of one.
func (o *oracle) certificateGone(a oracleAction) bool {
	cert := o.certificate(a.uid, a.cluster)
	if a.because != "pin" || cert.kind != "valid" {
		return cert.kind == "ended"
	}
	own, _ := o.userRow(a.uid, a.cluster)
	listed, _ := o.listRow(a.uid, a.cluster)
	contradicted := o.contradicted(a.cluster) || own == "Unexpired" && listed == ""
	if place, _ := o.f.place(a.cluster); o.readForOthers(place) && contradicted {
		return false // the list that is asked does not show what the other one does
	}
	i := slices.IndexFunc(o.f.list.entries, func(e drawnEntry) bool { return e.uid == a.uid })
	for _, p := range o.f.list.entries[i].pins {
		if p.cluster == a.cluster && p.expires.After(stage.Noon) &&
			(cert.expires.Sub(p.expires).Abs() <= 10*time.Minute || renews(cert.expires, p.expires)) {
			return false
		}
	}
	return true
}

// renews says whether a certificate can be a renewal of one that ends earlier.
func renews(newer, older time.Time) bool {
	return newer.After(older) && !after(older, stage.Noon, 180*day+1) && after(newer, older.AddDate(3, 0, 0), -180*day)
}

// collateral marks what was revoked of somebody whose grant on all clusters
// went missing without an action of its own that took it.
func (o *oracle) collateral(then *oracle, outcomes map[string]string) {
	for _, a := range o.actions {
		all := func(g drawnGrant) bool { return g.all }
		planned := slices.ContainsFunc(o.actions, func(b oracleAction) bool {
			return b.uid == a.uid && b.cluster == "" && !slices.Contains([]string{"failed", "blocked", "skipped"}, outcomes[b.id])
		})
		if outcomes[a.id] == "revoked" && !planned && slices.ContainsFunc(o.seen(a.uid), all) && !slices.ContainsFunc(then.seen(a.uid), all) {
			outcomes[a.id] = "collateral"
		}
	}
}

// exit is the code of a run, and why. Nil outcomes are those of a dry run.
func (o *oracle) exit(outcomes map[string]string, check bool) int {
	bad := func(m map[oracleRow]bool) bool { return slices.Contains(slices.Collect(maps.Values(m)), false) }
	ended := slices.Collect(maps.Values(outcomes))
	switch {
	case o.denied, o.emptied: // nothing that weighs more hangs on an entry
		return 4
	case o.stopped:
		return 6
	case bad(o.residual), slices.ContainsFunc(ended, func(s string) bool { return s != "revoked" && s != "absent" }):
		return 5
	case len(o.refused) > 0, o.tripped:
		return 4
	case bad(o.unknown):
		return 6
	case check && len(o.actions) > 0:
		return 3
	}
	return 0
}

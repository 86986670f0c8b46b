package policy

import (
	"fmt"
	"slices"
	"time"
)

// Taken is what a run took away from one principal on one cluster, as its
// report or its journal tells it: all that may ever be given back.
type Taken struct {
	Account     string
	UID         string
	Kind        Kind
	Name        string
	CreatedAt   time.Time   // zero where the identity was already deleted
	Cluster     Cluster     // zero id: all clusters
	At          time.Time   // when it was seen
	Certificate Certificate // zero where the action was about none
	Ended       bool        // the certificate was seen ended afterwards
	GrantsSeen  bool
	Grants      []Grant
}

// Rows of the snapshot: those to give back, and the owner rows, which come
// from having created the cluster and cannot be given. Sorted.
func (t Taken) Rows() (give, owner []Grant) {
	for _, g := range SortedGrants(t.Grants) {
		g.RAMRole = t.Kind == Role
		if g.Owner {
			owner = append(owner, g)
		} else if !slices.Contains(give, g) {
			give = append(give, g)
		}
	}
	return give, owner
}

// On returns the rows of one principal where a snapshot is about: of one
// cluster, or the all-clusters rows. Sorted.
func (t Taken) On(rows []Grant) []Grant {
	var on []Grant
	for _, g := range rows {
		if t.Cluster.ID == "" && g.Scope == OnAllClusters || t.Cluster.ID != "" && g.Scope != OnAllClusters && g.Cluster == t.Cluster.ID {
			on = append(on, g)
		}
	}
	return SortedGrants(on)
}

// Missing returns the rows to give back that are not among those of now.
func (t Taken) Missing(now []Grant) []Grant {
	give, _ := t.Rows()
	return slices.DeleteFunc(give, func(g Grant) bool { return slices.ContainsFunc(now, g.same) })
}

// same reports whether two rows are the same permission, whatever the row says
// of the kind of its principal.
func (g Grant) same(o Grant) bool {
	g.RAMRole, o.RAMRole = false, false
	return g == o
}

// Displaced returns the rows of now whose place giving these rows would take:
// there can be one predefined role on one scope, and giving another replaces it
// without a word [console user guide, authorization FAQ].
func Displaced(now, give []Grant) []Grant {
	var out []Grant
	for _, g := range now {
		if !g.Owner && !g.Custom && slices.ContainsFunc(give, func(x Grant) bool {
			return !x.Custom && x.Cluster == g.Cluster && x.Scope == g.Scope && x.Namespace == g.Namespace && x.Role != g.Role
		}) {
			out = append(out, g)
		}
	}
	return SortedGrants(out)
}

// Still says why the certificate that was taken away may still be in force, ""
// where it is not. Somebody who goes on working may hold a new one by now: it
// lives longer than the one that was there. One that can be a renewal is no new
// one in this sense: the old one lives on beside it.
//
//	certificate now                          the one that was taken away
//	ended                                    ended
//	in force, later, can be a renewal        perhaps, unless the old one was seen ended
//	in force, later than in the snapshot     ended: this is a new one
//	in force, same expiry                    in force
//	in force, earlier                        perhaps: the older of two after a renewal
//	in force, none in the snapshot           ended, if it was seen so; else perhaps
//	unclear                                  perhaps
func (t Taken) Still(ev Evidence, now time.Time) string {
	was := t.Certificate
	switch {
	case was.State == "":
		return "" // the snapshot is about none
	case ev.Certificate.State == Unclear:
		return "what certificate there is cannot be read"
	case !ev.Valid():
		return ""
	case slices.ContainsFunc(ev.InForce, time.Time.IsZero):
		return "a certificate without an expiry is in force, which may be the one that was to be revoked"
	case was.Expires.IsZero() && (was.State != Unclear || t.Ended):
		return "" // nothing was in force, so this one came later
	case was.Expires.IsZero():
		return "a certificate is in force that cannot be told from the one that was to be revoked"
	}
	shows := func(f func(time.Time) bool) bool { return slices.ContainsFunc(ev.InForce, f) }
	inForce := was.State == Unexpired || was.State == Unclear
	switch {
	case shows(func(e time.Time) bool { return SameExpiry(e, was.Expires) }):
		return "the certificate that was to be revoked is still in force"
	case inForce && shows(was.Expires.After):
		return "a certificate with an earlier expiry than the revoked one is in force: the older of two, or a temporary one"
	case inForce && !t.Ended && shows(func(e time.Time) bool { return Renews(e, was.Expires, now) }):
		return "the certificate in force can be a renewal of the one that was to be revoked, which then lives on beside it"
	}
	return ""
}

// The guards of a restore, beside those of entries.
const (
	GuardDeparted    = "listed-departed"
	GuardSnapshotAge = "snapshot-age"
	GuardOtherRole   = "other-role"
)

// SnapshotAge is how old a snapshot may be, in days: about as long as the
// service itself keeps what was removed.
const SnapshotAge = 30

// Restorable returns what speaks against giving anything back to a principal,
// nothing where the directory has the very identity it was taken from. current
// is the policy in force.
func Restorable(t Taken, r *Resolution, current *Policy, older bool, now time.Time) []GuardRow {
	var wrong []GuardRow
	trip := func(guard string, limit, found int, format string, a ...any) {
		wrong = append(wrong, GuardRow{Guard: guard, Limit: limit, Found: found, Tripped: true, Message: fmt.Sprintf(format, a...)})
	}
	if days := int(now.Sub(t.At) / (24 * time.Hour)); days >= SnapshotAge && now.Sub(t.At) > SnapshotAge*24*time.Hour && !older {
		trip(GuardSnapshotAge, SnapshotAge, days, "the snapshot is %d days old, and older than %d days are given back with --older only: look "+
			"whether the person should still have it", days, SnapshotAge)
	}
	live, found := r.live(t.UID)
	caller := r.Directory.Caller
	switch {
	case t.UID == caller.AccountID:
		trip(GuardProtected, 0, 1, "this is the root account: it needs no grants")
	case t.UID == caller.UID:
		trip(GuardProtected, 0, 1, "this is the caller itself: nobody gives grants to himself; run the tool as somebody else")
	case found && live.Kind == Role && ServiceRole(live.Name):
		trip(GuardProtected, 0, 1, "%q is a service role: its grants are the service's own business", live.Name)
	case !found:
		trip(GuardIdentityConflict, 0, 1, "no live user or role has the uid %s: who is gone gets nothing back", t.UID)
	case live.Kind != t.Kind:
		trip(GuardKindMismatch, 0, 1, "the uid is a live %s by now, and it was taken from a %s", live.Kind, t.Kind)
	case t.CreatedAt.IsZero():
		trip(GuardIdentityConflict, 0, 1, "the source does not say when the %s was created, so it cannot be told that it is the same: give "+
			"the grants back by hand", t.Kind)
	case !t.CreatedAt.Truncate(time.Second).Equal(live.CreatedAt.Truncate(time.Second)):
		trip(GuardIdentityConflict, 0, 1, "the live %s %q was created at %s, and that of the source at %s: it is somebody else", live.Kind,
			live.Name, stamp(live.CreatedAt), stamp(t.CreatedAt))
	case t.Name != live.Name:
		trip(GuardIdentityConflict, 0, 1, "the live %s is named %q by now, and it was %q: check who it is, and give the grants back by hand",
			live.Kind, live.Name, t.Name)
	}
	if current != nil {
		for _, p := range current.Principals {
			if p.UID == t.UID && takesAll(p, now) {
				trip(GuardDeparted, 0, 1, "%s:%d lists %s as %s: the next run would take it away again; take the entry out of the policy first",
					current.Path, p.Line, p.UID, p.Reason)
			}
		}
	}
	return wrong
}

// takesAll reports whether an entry is, or will be, about everything that the
// principal holds.
func takesAll(p Principal, now time.Time) bool {
	return p.Phase(now) != Lapsed && !p.Pinned()
}

// Reach says why the grants where a snapshot is about are not sure to be seen,
// "" where they are.
func (t Taken) Reach(r *Resolution) string {
	if !t.GrantsSeen {
		return "the grants were not visible when the snapshot was made: what was taken away is not known"
	}
	if t.Cluster.ID == "" {
		if r.Coverage.AllClustersUnseen {
			return "an all-clusters grant is only sure to be seen by the root account, a caller with all-clusters admin, or one that is " +
				"administrator of every cluster"
		}
		return ""
	}
	c, ok := r.Cluster(t.Cluster.ID)
	switch {
	case !ok:
		return fmt.Sprintf("cluster %s is not listed: it is gone, its region could not be read, or the caller may not list it", t.Cluster.ID)
	case c.Deferred():
		return fmt.Sprintf("cluster %s is in state %s: nothing can be said of it now", c.ID, c.State)
	case r.Blind(c.ID):
		return fmt.Sprintf("the caller is not administrator of cluster %s, so the grants of others there are not visible", c.ID)
	}
	return ""
}

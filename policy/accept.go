package policy

import (
	"fmt"
	"slices"
	"time"
)

// Accepts reports whether the policy knows a leftover. All keys of a row must
// match; a row whose date has come counts no more.
func (p *Policy) Accepts(uid, cluster string, what Leftover, now time.Time) bool {
	return slices.ContainsFunc(p.Accepted, func(a Accepted) bool {
		return a.What == what && now.Before(a.Until) && (a.UID == "" || a.UID == uid) && (a.Cluster == "" || a.Cluster == cluster)
	})
}

// accept marks the leftovers that the policy knows. Accepted ones are listed
// and counted as before; only the exit code forgives them.
func (d *decision) accept() {
	accepted := func(uid, cluster string, what Leftover) bool {
		return d.Policy.Accepts(uid, cluster, what, d.Now)
	}
	for i := range d.plan.Unknown {
		u := &d.plan.Unknown[i]
		switch u.Why {
		case AllClustersNotVisible:
			u.Accepted = accepted("", "", LeftAllClusters)
		case GrantsNotVisible, CertificateUnclear:
			u.Accepted = !d.failed(u) && !d.pinnedTarget(u) && accepted(u.UID, u.Cluster, LeftUnknown)
		case ClusterNotListed, NoTrace:
			u.Accepted = accepted(u.UID, u.Cluster, LeftUnknown)
		}
	}
	for i := range d.plan.Residual {
		r := &d.plan.Residual[i]
		r.Accepted = accepted(r.UID, r.Cluster, r.What)
	}
	for _, a := range d.Policy.Accepted {
		if !d.Now.Before(a.Until) {
			d.plan.Warnings = append(d.plan.Warnings, fmt.Sprintf("accepted-lapsed line %d", a.Line))
		}
	}
}

// failed reports whether an unknown comes of the caller's own permissions
// having been unreadable: a failed read is never accepted.
func (d *decision) failed(u *Unknown) bool {
	return u.Why == GrantsNotVisible && d.Directory.OwnErr != nil
}

// pinnedTarget reports whether an unknown is about a pin: never accepted.
func (d *decision) pinnedTarget(u *Unknown) bool {
	return slices.ContainsFunc(d.plan.Entries, func(e Entry) bool { return e.UID == u.UID && e.Pinned() })
}

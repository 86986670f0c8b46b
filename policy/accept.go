package policy

import (
	"fmt"
	"slices"
	"time"
)

// Accepts reports whether the policy knows a leftover. All keys of a row must
// match; a row whose date has come counts no more.
func (p *Policy) Accepts(what Leftover, uid, cluster, region string, now time.Time) bool {
	fits := func(stated, found string) bool { return stated == "" || stated == found }
	return slices.ContainsFunc(p.Accepted, func(a Accepted) bool {
		return a.What == what && now.Before(a.Until) && fits(a.UID, uid) && fits(a.Cluster, cluster) && fits(a.Region, region)
	})
}

// accept marks the leftovers that the policy knows. Accepted ones are listed
// and counted as before; only the exit code forgives them.
//
//	unknown                                      accepted by
//	all-clusters-not-visible, nothing having
//	failed                                       all-clusters
//	listing-may-be-short                         listing
//	region-not-read, of the run                  unread with the region
//	no-trace                                     unknown
//	grants-not-visible, certificate-unclear,
//	cluster-not-listed, nothing having failed    unknown
//	any of these, or read-failed, because the
//	lists of the cluster could not be read       unread with the cluster; if its grants are hidden, unknown as well
//	... and a grant as owner is seen beside it   that, and owner as well
//	any other failed read, anything about a pin,
//	identity-unclear, matches-nothing            nothing
func (d *decision) accept() {
	for i := range d.plan.Unknown {
		u := &d.plan.Unknown[i]
		u.Accepted = d.Policy.Lives(u, d.Now) && !d.pinnedTarget(u)
	}
	for i := range d.plan.Residual {
		r := &d.plan.Residual[i]
		r.Accepted = d.Policy.Accepts(r.What, r.UID, r.Cluster, "", d.Now)
	}
	for _, a := range d.Policy.Accepted {
		if !d.Now.Before(a.Until) {
			d.plan.Warnings = append(d.plan.Warnings, fmt.Sprintf("accepted-lapsed line %d", a.Line))
		}
	}
}

// Lives reports whether the policy lives with an unknown.
func (p *Policy) Lives(u *Unknown, now time.Time) bool {
	accepted := func(what Leftover) bool { return p.Accepts(what, u.UID, u.Cluster, u.Region, now) }
	switch u.Why {
	case AllClustersNotVisible:
		return len(u.Failed) == 0 && accepted(LeftAllClusters)
	case ListingMayBeShort:
		return accepted(LeftListing)
	case RegionNotRead:
		return len(u.Failed) > 0 && accepted(LeftUnread)
	case NoTrace:
		return accepted(LeftUnknown)
	case GrantsNotVisible, CertificateUnclear, ClusterNotListed, ReadFailed:
		if u.Owner && !accepted(LeftOwner) {
			return false // what is seen is not unknown
		}
		if len(u.Failed) == 0 {
			return u.Why != ReadFailed && accepted(LeftUnknown)
		}
		unread := !slices.ContainsFunc(u.Failed, func(f *Fault) bool { return !f.ofCluster() })
		return unread && accepted(LeftUnread) && (!u.Hidden || accepted(LeftUnknown))
	}
	return false
}

// ofCluster reports whether the read that failed was one of a single cluster.
func (f *Fault) ofCluster() bool {
	return f.Op == "ListClusterKubeconfigStates" || f.Op == "DescribeClusterDetail"
}

// pinnedTarget reports whether an unknown is about the cluster of a pin: never
// accepted.
func (d *decision) pinnedTarget(u *Unknown) bool {
	return u.Why != ClusterNotListed && u.Why != NoTrace &&
		slices.ContainsFunc(d.plan.Entries, func(e Entry) bool { return e.UID == u.UID && e.Pinned() })
}

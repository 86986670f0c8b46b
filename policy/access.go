package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Access is everything that one principal can reach, cluster by cluster. It is
// what is, and nothing is decided from it: a scope has no part in it.
type Access struct {
	Identity    Identity // of a deleted principal with what the per-cluster lists tell of it
	State       IdentityState
	Protected   string    // why no entry may name it; "" for nothing
	Rows        []Reach   // by cluster id: the listed ones, and those that rows name and the listing lacks
	AllClusters []Grant   // all-clusters rows
	AllUnseen   bool      // such a row could be there without being seen
	Gaps        []Unknown // what the listing of clusters leaves open
	Traceless   bool      // nobody has the uid, everything was read, and nothing bears it
}

// Reach is one cluster as one principal can reach it.
type Reach struct {
	Cluster Cluster
	Listed  bool   // false: only rows name it
	Fault   *Fault // of the question what became of a cluster that is not listed
	Evidence
}

// Holds reports whether the principal is known to reach the cluster. The owner
// row of somebody who is deleted opens nothing: nobody is left to fetch a file.
func (r Reach) Holds(state IdentityState) bool {
	return r.Valid() || len(r.Rows) > 0 || len(r.Owner) > 0 && state != Deleted
}

// Unseen reports whether something about the cluster could not be seen.
// Clusters that come or go are passed over, as in a run.
func (r Reach) Unseen() bool {
	return !r.Cluster.Deferred() && (!r.Listed || r.Certificate.State == Unclear || !r.GrantsSeen)
}

// AccessNeeds says what is left to read after the two lists of a principal:
// per-cluster lists and clusters that are not listed, as sorted ids.
func (r *Resolution) AccessNeeds(state IdentityState, s *Subject) (lists, strays []string) {
	strays = append(r.UnlistedOf(s.Clusters()), r.ownStrays()...)
	slices.Sort(strays)
	return Missing(state, s, Undeferred(r.Directory.Clusters)), slices.Compact(strays)
}

// stray is what a principal reaches on a cluster that the listing lacks.
func (r *Resolution) stray(x Stray, state IdentityState, s *Subject) Reach {
	c, row := x.Detail, s.state(x.Cluster)
	if c.ID == "" {
		c = Cluster{ID: x.Cluster, Name: row.ClusterName, State: row.ClusterState}
	}
	return Reach{Cluster: c, Fault: x.Err, Evidence: Look(state, s, nil, x.Cluster, !r.Administers(x.Cluster), r.Now)}
}

// Access puts together what was read of one principal.
func (r *Resolution) Access(id Identity, state IdentityState, s *Subject, lists []ClusterList, strays []Stray) *Access {
	a := &Access{Identity: id, State: state, AllUnseen: r.Coverage.AllClustersUnseen || s.grantsFault(state) != nil, Gaps: r.Gaps()}
	lists = distrust(lists, []Subject{*s})
	if state == Deleted {
		a.remember(s, lists)
		d := decision{Resolution: r, lists: lists}
		a.Traceless = d.traceless(s) && !slices.ContainsFunc(lists, func(l ClusterList) bool { return l.Err != nil })
	}
	a.Protected, _ = r.protects(a.Identity, state == Live)
	for _, c := range r.Directory.Clusters {
		a.Rows = append(a.Rows, Reach{Cluster: c, Listed: true, Evidence: Look(state, s, listOf(lists, c.ID), c.ID, r.Blind(c.ID), r.Now)})
	}
	for _, x := range distrustStrays(strays, []Subject{*s}) {
		if x.Exists() {
			a.Rows = append(a.Rows, r.stray(x, state, s))
		}
	}
	slices.SortFunc(a.Rows, func(a, b Reach) int { return strings.Compare(a.Cluster.ID, b.Cluster.ID) })
	a.AllClusters = SortedGrants(OfAllClusters(s.Grants))
	return a
}

// remember takes from rows what the listings of RAM no longer tell of a
// deleted principal: its name and kind.
func (a *Access) remember(s *Subject, lists []ClusterList) {
	for _, g := range s.Grants {
		a.Identity.Kind = User
		if g.RAMRole {
			a.Identity.Kind = Role
		}
	}
	for i := range lists {
		if h, ok := lists[i].holder(s.UID); ok {
			if a.Identity.Name == "" {
				a.Identity.Name = h.Name
			}
			if k := h.Kind(); k != "" {
				a.Identity.Kind = k
			}
		}
	}
}

// OwnRevocation says whether the service documents that the principal itself
// could revoke its KubeConfig on a cluster.
type OwnRevocation string

// Whether it could, by the day on which the cluster was created.
const (
	OwnPossible OwnRevocation = "yes"
	OwnTooOld   OwnRevocation = "no"
	OwnUnknown  OwnRevocation = "unknown" // no creation time, or no documented limit for this type
)

// OwnRevocation compares the day of creation with the documented limit, which
// is zero where there is none.
func (c Cluster) OwnRevocation() (possible OwnRevocation, since time.Time) {
	since = revocable(c)
	switch {
	case since.IsZero() || c.CreatedAt.IsZero():
		return OwnUnknown, since
	case c.CreatedAt.Before(since):
		return OwnTooOld, since
	}
	return OwnPossible, since
}

// Complete reports whether the caller can be believed to see every user and
// role: it must find itself in the listing of its kind. The message says why not.
func (d Directory) Complete() (ok bool, message string) {
	kind := d.Caller.Kind()
	if kind == "" {
		return true, ""
	}
	people := d.Users
	if kind == Role {
		people = d.Roles
	}
	if slices.ContainsFunc(people, func(id Identity) bool { return id.UID == d.Caller.UID }) {
		return true, ""
	}
	return false, fmt.Sprintf("the caller, %s %s, is not in the listing of RAM %ss: the listing is not complete, so nothing can be called "+
		"deleted", kind, d.Caller.UID, kind)
}

// Judge finds who an entry is about and what a run would refuse it for,
// whatever its dates; "" for nothing.
func (p *Policy) Judge(d Directory, e Principal) (live Identity, found bool, guard, message string) {
	r := &Resolution{Policy: p, Directory: d}
	live, found = r.live(e.UID)
	guard, message = r.Refuses(e, live, found)
	return live, found, guard, message
}

// SamePin reports whether a certificate that ends then is the pinned one.
func (p Pin) SamePin(cluster string, expires time.Time) bool {
	return p.Cluster == cluster && p.Expires.Sub(expires).Abs() <= Slack
}

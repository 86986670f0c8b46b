package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A listing can have gaps. What lies in one is not absent: it is unknown, said
// once for the run, and named wherever something else hangs on it.

// listing says what the listing of clusters leaves open.
//
//	the listing                          the run
//	retired                              unknown listing-may-be-short
//	a region unread, the scope holds it  unknown region-not-read
//	a region unread, outside the scope   unknown region-not-read where an all-clusters grant hangs on it; see Decide
//	                                     else a warning
func (r *Resolution) listing() {
	if r.Directory.ListedBy == ByRetired {
		r.Unknown = append(r.Unknown, Unknown{Why: ListingMayBeShort, Fault: r.Directory.Short})
	}
	for _, g := range r.Directory.unread() {
		if len(r.Acting()) > 0 && r.Policy.Scope.holdsRegion(g.ID) {
			r.Unknown = append(r.Unknown, notRead(g))
		}
	}
}

// Gaps are what the listing leaves open of the account as a whole, whatever a
// policy is about.
func (r *Resolution) Gaps() []Unknown {
	var gaps []Unknown
	if r.Directory.ListedBy == ByRetired {
		gaps = append(gaps, Unknown{Why: ListingMayBeShort, Fault: r.Directory.Short})
	}
	for _, g := range r.Directory.unread() {
		gaps = append(gaps, notRead(g))
	}
	return gaps
}

func notRead(g Region) Unknown {
	return Unknown{Region: g.ID, Why: RegionNotRead, Fault: g.Fault, Failed: []*Fault{g.Fault}}
}

// MayHold reports whether the scope can hold clusters of a region.
func (r *Resolution) MayHold(region string) bool { return r.Policy.Scope.holdsRegion(region) }

// unreadFor are the unread regions in which a pattern of the policy could find
// its match.
func (r *Resolution) unreadFor() []Region {
	return slices.DeleteFunc(r.Directory.unread(), func(g Region) bool { return !r.Policy.Scope.holdsRegion(g.ID) })
}

// nothing notes that something of the policy has no match: a typo must not read
// as "clean". Where a region that could hold the match was not read, that is
// the reason, and nothing is wrong with the policy.
func (r *Resolution) nothing(uid, what, message string, unread []Region) {
	u := Unknown{UID: uid, Why: MatchesNothing, Fault: &Fault{Op: "resolve", Kind: Invalid, Message: what + " " + message}}
	if len(unread) > 0 {
		var names []string
		for _, g := range unread {
			names = append(names, g.ID)
		}
		u.Why, u.Region = RegionNotRead, names[0]
		u.Fault = &Fault{Op: unread[0].Fault.Op, Kind: unread[0].Fault.Kind, Code: unread[0].Fault.Code, Status: unread[0].Fault.Status,
			Message: fmt.Sprintf("%s matches nothing that is listed, and may lie in a region that could not be read: %s", what,
				strings.Join(names, ", ")),
			Hint: "make the region readable for the caller and run again; if it is a typo, correct it"}
	}
	r.Unknown = append(r.Unknown, u)
}

// Overlooked is somebody whom no entry lists and RAM has no more, and who holds
// certificates in force by lists that were read anyway: only a hint, for the
// other lists were not.
type Overlooked struct {
	UID, Name string
	Kind      Kind // "" where no row says it
	Clusters  []string
}

// unlisted finds them. Two witnesses are asked for, as in an audit: the listings
// of RAM and the list of the cluster.
func (d *decision) unlisted() []Overlooked {
	found := map[string]*Overlooked{}
	var all []Overlooked
	listed := map[string]bool{}
	for _, uid := range d.Policy.Others {
		listed[uid] = true
	}
	for _, e := range d.Policy.Principals {
		listed[e.UID] = true
	}
	for _, l := range d.lists {
		if l.Err != nil {
			continue
		}
		for _, h := range l.Holders {
			_, live := d.live(h.UID)
			service := h.Service != "" || h.Kind() == Role && ServiceRole(h.Name)
			if live || listed[h.UID] || service || h.AccountState != "Deleted" || h.Cert != Unexpired {
				continue
			}
			if found[h.UID] == nil {
				found[h.UID] = &Overlooked{UID: h.UID, Name: h.Name, Kind: h.Kind()}
			}
			found[h.UID].Clusters = append(found[h.UID].Clusters, l.Cluster)
		}
	}
	for _, u := range found {
		slices.Sort(u.Clusters)
		all = append(all, *u)
	}
	slices.SortFunc(all, func(a, b Overlooked) int { return cmp.Compare(a.UID, b.UID) })
	return all
}

package policy

import (
	"cmp"
	"slices"
)

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
	for _, l := range d.lists {
		if l.Err != nil {
			continue
		}
		for _, h := range l.Holders {
			_, live := d.live(h.UID)
			listed := slices.Contains(d.Policy.Others, h.UID) || slices.ContainsFunc(d.Policy.Principals,
				func(e Principal) bool { return e.UID == h.UID })
			if live || listed || h.AccountState != "Deleted" || h.Cert != Unexpired || h.Service != "" || h.Kind() == Role && ServiceRole(h.Name) {
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

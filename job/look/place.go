package look

import (
	"context"
	"slices"
	"strings"
	"time"

	"ackrevoke/job/sight"
	"ackrevoke/policy"
	"ackrevoke/policy/kubeconfig"
)

// Placed is how it is known which cluster a leaked certificate is for.
type Placed string

// How it can be known; see [inspector.place].
const (
	PlacedByAddress Placed = "address"
	PlacedByExpiry  Placed = "expiry"
	PlacedByBoth    Placed = "address and expiry"
)

// locate asks where API servers answer, until each address of the file has found
// its cluster: first of those on which a principal of the file has, or had, a
// certificate, then of all others. A private address is looked for everywhere.
func (x *inspector) locate(ctx context.Context, leaked []Leaked) {
	x.at = sight.Addresses{Sight: x.Sight}
	var likely []string
	for _, s := range x.subjects {
		likely = append(likely, sight.Issued(s.States.All())...)
	}
	x.at.Ask(ctx, slices.DeleteFunc(likely, func(id string) bool { return !slices.ContainsFunc(x.directory.Clusters, is(id)) }))
	if slices.ContainsFunc(leaked, func(l Leaked) bool {
		return l.Server != "" && (len(x.serving(l.Server)) == 0 || kubeconfig.PrivateServer(l.Server))
	}) {
		x.at.Ask(ctx, sight.Existing(x.directory.Clusters))
	}
}

// serving are the listed clusters whose API server answers at an address.
func (x *inspector) serving(server string) []policy.Cluster {
	var all []policy.Cluster
	for _, c := range x.at.Serving(server) {
		if i := slices.IndexFunc(x.directory.Clusters, is(c.ID)); i >= 0 {
			all = append(all, x.directory.Clusters[i])
		}
	}
	return all
}

// unsearched is the failed read that may be why no cluster was found at an address:
// of another cluster's address, or a gap of the listing.
func (x *inspector) unsearched(l Leaked, t Inspected) *policy.Fault {
	switch {
	case l.Server == "" || len(t.Clusters) > 0:
		return nil
	case len(x.at.Failed) > 0:
		return x.at.Failed[0]
	case x.directory.ListedBy == policy.ByRetired:
		return x.directory.Short
	}
	for _, r := range x.directory.Regions {
		if !r.Read() {
			return r.Fault
		}
	}
	return nil
}

// place decides which cluster a certificate is for.
//
//	clusters at its address   certificates of the principal with its expiry   placed
//	one                       -                                               by the address
//	several                   on one of these                                 by both
//	none                      on one cluster of the account, and it is listed by the expiry
//	otherwise                                                                 not
//
// Where a read that could show another one failed, nothing is placed by the
// expiry, and the fault is kept.
func (x *inspector) place(l Leaked, t *Inspected) {
	if len(t.Clusters) == 1 {
		t.Placed = PlacedByAddress
		return
	}
	if t.Fault = x.hidden(l, *t); t.Fault != nil {
		return
	}
	if l.UID == "" {
		t.Fault = x.unsearched(l, *t)
		return
	}
	by, fit := PlacedByExpiry, x.expiring(l)
	if len(t.Clusters) > 1 {
		by = PlacedByBoth
		fit = slices.DeleteFunc(fit, func(id string) bool { return !slices.ContainsFunc(t.Clusters, is(id)) })
	}
	if len(fit) != 1 {
		t.Fault = x.unsearched(l, *t)
		return
	}
	if i := slices.IndexFunc(x.directory.Clusters, is(fit[0])); i >= 0 {
		t.Placed, t.Clusters = by, []policy.Cluster{x.directory.Clusters[i]}
	}
}

func is(id string) func(policy.Cluster) bool {
	return func(c policy.Cluster) bool { return c.ID == id }
}

// candidates are the clusters that a certificate can be for by its address:
// those that answer there, or all where none does.
func (x *inspector) candidates(t Inspected) []string {
	clusters := t.Clusters
	if len(clusters) == 0 {
		clusters = x.directory.Clusters
	}
	return policy.Undeferred(clusters)
}

// searched are the per-cluster lists that must be read before a certificate
// can be placed by its expiry: those of a deleted principal, and those that
// the list of a living one leaves open.
func (x *inspector) searched(l Leaked, t Inspected) []string {
	if l.UID == "" || len(t.Clusters) == 1 {
		return nil
	}
	return policy.Missing(t.Identity, x.subjectOf(l.UID), x.candidates(t))
}

// hidden is the fault of a read that could have shown one more certificate.
func (x *inspector) hidden(l Leaked, t Inspected) *policy.Fault {
	if l.UID == "" {
		return nil
	}
	if f := x.subjectOf(l.UID).StatesErr; f != nil && !(t.Identity == policy.Deleted && f.Kind == policy.NotFound) {
		return f
	}
	ids := x.searched(l, t)
	for _, list := range x.lists {
		if list.Err != nil && slices.Contains(ids, list.Cluster) {
			return list.Err
		}
	}
	return nil
}

// expiring are the clusters, listed or not, on which any surface shows a
// certificate of the principal that is in force and ends in the very second of
// the leaked one. The slack of a pin would be too much here: who fetches files
// for several clusters does so within minutes.
func (x *inspector) expiring(l Leaked) []string {
	var ids []string
	add := func(cluster string, cert policy.CertState, expires time.Time) {
		if cert == policy.Unexpired && expires.Truncate(time.Second).Equal(l.Expires.Truncate(time.Second)) {
			ids = append(ids, cluster)
		}
	}
	for row := range x.subjectOf(l.UID).States.All() {
		if row.ClusterState != "deleted" {
			add(row.Cluster, row.Cert, row.Expires)
		}
	}
	for _, list := range x.lists {
		for _, h := range list.Holders {
			if h.UID == l.UID {
				add(list.Cluster, h.Cert, h.Expires)
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func (x *inspector) subjectOf(uid string) *policy.Subject {
	i, _ := slices.BinarySearchFunc(x.subjects, uid, func(s policy.Subject, uid string) int { return strings.Compare(s.UID, uid) })
	return &x.subjects[i]
}

// readLists reads the lists of these clusters, except those that were read already.
func (x *inspector) readLists(ctx context.Context, stage string, ids []string) {
	slices.Sort(ids)
	ids = slices.DeleteFunc(slices.Compact(ids), func(id string) bool {
		return slices.ContainsFunc(x.lists, func(l policy.ClusterList) bool { return l.Cluster == id })
	})
	x.lists = append(x.lists, x.Lists(ctx, stage, ids)...)
	slices.SortFunc(x.lists, func(a, b policy.ClusterList) int { return strings.Compare(a.Cluster, b.Cluster) })
}

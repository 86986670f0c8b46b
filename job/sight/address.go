package sight

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"ackrevoke/policy"
	"ackrevoke/policy/kubeconfig"
)

// The listing of clusters does not say where their API servers answer; only
// DescribeClusterDetail does, one cluster at a time. So it is asked of those in
// question first, and of all others only where none of these fits.

// Addresses are the API servers of clusters, as far as they were asked for.
type Addresses struct {
	Sight    *Sight
	Clusters []policy.Cluster // that were had
	Failed   []*policy.Fault

	asked map[string]bool
}

// Ask reads the details of clusters that were not asked about yet.
func (a *Addresses) Ask(ctx context.Context, ids []string) {
	if a.asked == nil {
		a.asked = map[string]bool{}
	}
	ids = slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(ids))), func(id string) bool { return a.asked[id] })
	got, faults := make([]policy.Cluster, len(ids)), make([]*policy.Fault, len(ids))
	a.Sight.Stage("addresses read", len(ids), func(i int) {
		c, err := a.Sight.Reader.Cluster(ctx, ids[i])
		got[i], faults[i] = c, Fault("DescribeClusterDetail", err)
	})
	for i, id := range ids {
		a.asked[id] = true
		switch {
		case faults[i] == nil:
			a.Clusters = append(a.Clusters, got[i])
		case faults[i].Kind != policy.NotFound:
			a.Failed = append(a.Failed, faults[i])
		}
	}
}

// Serving are the clusters whose API server answers at an address, by id: more
// than one where it is an address of several networks.
func (a *Addresses) Serving(server string) []policy.Cluster {
	var all []policy.Cluster
	for _, c := range a.Clusters {
		if kubeconfig.SameServer(server, c.Server) || kubeconfig.SameServer(server, c.Intranet) {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b policy.Cluster) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// Issued are the clusters on which a principal has, or had, a certificate.
func Issued(states iter.Seq[policy.State]) []string {
	var ids []string
	for s := range states {
		if s.Cert != policy.Unissued && s.ClusterState != "deleted" {
			ids = append(ids, s.Cluster)
		}
	}
	return ids
}

// Existing are the Kubernetes clusters of a listing that are there.
func Existing(clusters []policy.Cluster) []string {
	var ids []string
	for _, c := range clusters {
		if c.Kubernetes() && !c.Gone() {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// Served is what was found at an address.
type Served struct {
	Clusters []policy.Cluster // whose API server answers there, by id
	Listed   int              // clusters of the account
	Gaps     string           // what the search could not see, where nothing was found; "" for nothing
}

// Serving finds the clusters of the account whose API server answers at an
// address. uid may name a principal whose clusters are asked about first; "" is
// nobody. The error is *Unseen or *Panic.
func (s *Sight) Serving(ctx context.Context, uid, server string) (Served, error) {
	var d policy.Directory
	if f := s.clusters(ctx, &d); f != nil {
		return Served{}, &Unseen{Fault: f}
	}
	all := Existing(d.Clusters)
	at := &Addresses{Sight: s}
	s.Net.Safely(func() {
		if uid != "" {
			states, err := s.Reader.States(ctx, uid)
			if Fault("ListUserKubeConfigStates", err) == nil {
				at.Ask(ctx, Issued(slices.Values(states)))
			}
		}
		if len(at.Serving(server)) == 0 {
			at.Ask(ctx, all)
		}
	})
	if p := s.Net.Caught(); p != nil {
		return Served{}, p
	}
	found := Served{Clusters: at.Serving(server), Listed: len(all)}
	if len(found.Clusters) == 0 {
		found.Gaps = at.gaps(d)
	}
	return found, nil
}

// gaps says why a server that was not found may be of the account all the same.
func (a *Addresses) gaps(d policy.Directory) string {
	var all []string
	for _, r := range d.Regions {
		if !r.Read() {
			all = append(all, "region "+r.ID+" could not be read")
		}
	}
	if d.ListedBy == policy.ByRetired {
		all = append(all, "the listing of clusters may be short")
	}
	if n := len(a.Failed); n > 0 {
		all = append(all, fmt.Sprintf("the address of %d clusters could not be read: %s", n, a.Failed[0].Message))
	}
	return strings.Join(all, "; ")
}

package job

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"ackrevoke/policy"
	"ackrevoke/policy/kubeconfig"
)

// The listing of clusters does not say where their API servers answer; only
// DescribeClusterDetail does, one cluster at a time. So it is asked of those in
// question first, and of all others only where none of these fits.

// addresses are the API servers of clusters, as far as they were asked for.
type addresses struct {
	job    *job
	reader interface {
		Cluster(ctx context.Context, id string) (policy.Cluster, error)
	}
	clusters []policy.Cluster // that were had
	asked    map[string]bool
	failed   []*policy.Fault
}

// ask reads the details of clusters that were not asked about yet.
func (a *addresses) ask(ctx context.Context, ids []string) {
	if a.asked == nil {
		a.asked = map[string]bool{}
	}
	ids = slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(ids))), func(id string) bool { return a.asked[id] })
	got, faults := make([]policy.Cluster, len(ids)), make([]*policy.Fault, len(ids))
	a.job.each(len(ids), func(i int) {
		c, err := a.reader.Cluster(ctx, ids[i])
		got[i], faults[i] = c, fault("DescribeClusterDetail", err)
		a.job.tell(Event{Kind: Progress, Stage: "addresses read", Of: len(ids)})
	})
	for i, id := range ids {
		a.asked[id] = true
		switch {
		case faults[i] == nil:
			a.clusters = append(a.clusters, got[i])
		case faults[i].Kind != policy.NotFound:
			a.failed = append(a.failed, faults[i])
		}
	}
}

// serving are the clusters whose API server answers at an address, by id: more
// than one where it is an address of several networks.
func (a *addresses) serving(server string) []policy.Cluster {
	var all []policy.Cluster
	for _, c := range a.clusters {
		if kubeconfig.SameServer(server, c.Server) || kubeconfig.SameServer(server, c.Intranet) {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b policy.Cluster) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// issued are the clusters on which a principal has, or had, a certificate.
func issued(states []policy.State) []string {
	var ids []string
	for _, s := range states {
		if s.Cert != policy.Unissued && s.ClusterState != "deleted" {
			ids = append(ids, s.Cluster)
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
// nobody. The error is *Unlooked or *Panic.
func (l Look) Serving(ctx context.Context, uid, server string) (Served, error) {
	j := l.job()
	var d policy.Directory
	if f := j.clusters(ctx, l.Reader, l.Regions, &d); f != nil {
		return Served{}, &Unlooked{Fault: f}
	}
	all := existing(d.Clusters)
	at := &addresses{job: j, reader: l.Reader}
	j.safely(func() {
		if uid != "" {
			states, err := l.Reader.States(ctx, uid)
			if fault("ListUserKubeConfigStates", err) == nil {
				at.ask(ctx, issued(states))
			}
		}
		if len(at.serving(server)) == 0 {
			at.ask(ctx, all)
		}
	})
	if p := j.caught(); p != nil {
		return Served{}, p
	}
	s := Served{Clusters: at.serving(server), Listed: len(all)}
	if len(s.Clusters) == 0 {
		s.Gaps = at.gaps(d)
	}
	return s, nil
}

// existing are the Kubernetes clusters of a listing that are there.
func existing(clusters []policy.Cluster) []string {
	var ids []string
	for _, c := range clusters {
		if c.Kubernetes() && !c.Gone() {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// gaps says why a server that was not found may be of the account all the same.
func (a *addresses) gaps(d policy.Directory) string {
	var all []string
	for _, r := range d.Regions {
		if !r.Read() {
			all = append(all, "region "+r.ID+" could not be read")
		}
	}
	if d.ListedBy == policy.ByRetired {
		all = append(all, "the listing of clusters may be short")
	}
	if n := len(a.failed); n > 0 {
		all = append(all, fmt.Sprintf("the address of %d clusters could not be read: %s", n, a.failed[0].Message))
	}
	return strings.Join(all, "; ")
}

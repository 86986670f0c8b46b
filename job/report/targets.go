package report

import "ackrevoke/policy"

// Targets are the targets of entries in effect and not refused, by what a run
// knows of each. A row of the plan counts when its cluster is a target: rows of
// an entry or of the run have no cluster, a cluster that was not listed is no
// target, and a refused entry has none.
type Targets struct {
	Acted    int // with an action
	Settled  int
	Unknown  int
	Residual int // without an action
}

// Targets counts the targets in the lists of the plan. Their sum is
// summary.targets; [Check] holds that.
func (r *Report) Targets() Targets {
	type target struct{ uid, cluster string }
	acted, unknown, residual := map[target]bool{}, map[target]bool{}, map[target]bool{}
	refused := r.refusedUIDs()
	for _, a := range r.Plan.Actions {
		if a.Cluster.ID != "" {
			acted[target{a.UID, a.Cluster.ID}] = true
		}
	}
	settled := 0
	for _, s := range r.Plan.Settled {
		settled += s.Clusters
	}
	for _, u := range r.Plan.Unknown {
		if u.Cluster != "" && u.Why != policy.ClusterNotListed && !aboutNoCluster(u.Why) && !refused[u.UID] {
			unknown[target{u.UID, u.Cluster}] = true
		}
	}
	for _, l := range r.Plan.Residual {
		if t := (target{l.UID, l.Cluster}); l.Cluster != "" && !acted[t] && !refused[l.UID] {
			residual[t] = true
		}
	}
	return Targets{Acted: len(acted), Settled: settled, Unknown: len(unknown), Residual: len(residual)}
}

// aboutNoCluster reports whether an unknown is of an entry or of the run.
func aboutNoCluster(why policy.Why) bool {
	switch why {
	case policy.NoTrace, policy.MatchesNothing, policy.AllClustersNotVisible, policy.RegionNotRead, policy.ListingMayBeShort:
		return true
	}
	return false
}

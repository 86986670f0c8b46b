package policy

import (
	"slices"
	"strings"
)

// granted crosses the grants of one principal with the certificates. That there
// is none is only believed of a cluster whose lists were both had.
//
//	non-owner rows  owner row  certificate  found
//	some            -          ended        expired-granted
//	some            -          none         no-certificate
//	none            none       in force     no-grant, if all rows can be seen
//	-               some       -            owner, of one who left
//
// Of a deleted principal an empty answer proves nothing, so it never has
// "no grant".
func (s *Survey) granted(w *who, identity IdentityState, leaver bool, spots map[FindingKind][]Spot) {
	d := s.resolution.Directory
	rows, owner := map[int32]bool{}, map[int32]bool{}
	for _, g := range w.grants {
		i, listed := slices.BinarySearchFunc(d.Clusters, g.Cluster, func(c Cluster, id string) int { return strings.Compare(c.ID, id) })
		switch {
		case g.Scope == OnAllClusters || !listed || d.Clusters[i].Deferred():
		case g.Owner:
			owner[int32(i)] = true
		default:
			rows[int32(i)] = true
		}
	}
	all := allClustersRows(w.grants)
	if len(all) > 0 {
		spots[FoundAllClusters] = nil
	}
	add := func(kind FindingKind, cluster int32, h held) {
		spots[kind] = append(spots[kind], s.spot(w, cluster, h))
	}
	listed := map[int32]held{}
	for _, h := range w.held {
		listed[h.cluster] = h
		switch {
		case h.cert == ended && rows[h.cluster]:
			add(FoundExpired, h.cluster, h)
		case h.cert == inForce && identity == Live && !rows[h.cluster] && !owner[h.cluster] && len(all) == 0 && s.sees(h.cluster):
			add(FoundNoGrant, h.cluster, h)
		}
	}
	for i := range rows {
		if _, has := listed[i]; !has && s.unread[d.Clusters[i].ID] == nil {
			add(FoundNoCertificate, i, held{cluster: i})
		}
	}
	leaver = leaver || s.leaves(w.uid)
	for i := range owner {
		if leaver {
			add(FoundOwner, i, listed[i])
		}
	}
}

// sees reports whether every row of anybody on a cluster can be seen.
func (s *Survey) sees(cluster int32) bool {
	r := s.resolution
	return !r.Blind(r.Directory.Clusters[cluster].ID) && !r.Coverage.AllClustersUnseen &&
		!slices.ContainsFunc(s.strays, func(x Stray) bool { return !x.Gone && !r.administers(x.Cluster) })
}

// leaves reports whether the policy lists somebody as departed, in effect.
func (s *Survey) leaves(uid string) bool {
	e := s.entry(uid)
	return e.Reason == Departed && e.Phase(s.now) == InEffect
}

func allClustersRows(rows []Grant) []Grant {
	var all []Grant
	for _, g := range rows {
		if g.Scope == OnAllClusters {
			all = append(all, g)
		}
	}
	return SortedGrants(all)
}

// propose says whether a finding is listed and accepted, and drafts the entry
// that would list it.
func (s *Survey) propose(f *Finding) {
	switch f.Kind {
	case FoundOwner:
		f.Accepted = !slices.ContainsFunc(f.Places, func(p Spot) bool { return !s.accepts(f.UID, p.Cluster.ID, LeftOwner) })
	case FoundAllClusters:
		f.Accepted = s.accepts(f.UID, "", LeftAllClusters)
	}
	if e := s.entry(f.UID); e.UID != "" {
		f.Listed = &Listed{Line: e.Line, Phase: e.Phase(s.now), Reason: e.Reason}
		f.Listed.Covers = f.Listed.Phase == InEffect && !e.Pinned() &&
			!slices.ContainsFunc(f.Places, func(p Spot) bool { return !s.policy.Scope.Holds(*p.Cluster) || !e.covers(*p.Cluster) })
		return
	}
	if f.Draft == NoDraft {
		return
	}
	if f.Protected = s.protected(f.UID, f.Name); f.Protected {
		return
	}
	e := &Principal{UID: f.UID, Kind: f.Principal, Name: f.Name, CreatedAt: f.CreatedAt, Reason: Departed, Deleted: f.Identity == Deleted}
	if f.Draft == ForDecision {
		for _, p := range f.Places {
			e.Clusters = append(e.Clusters, p.Cluster.ID)
		}
		slices.Sort(e.Clusters)
	}
	f.Entry = e
}

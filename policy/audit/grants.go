package audit

import (
	"slices"
	"strings"

	"ackrevoke/policy"
)

// claim is what the grants of one principal come to on one cluster.
type claim struct {
	cluster int32 // index into the clusters; -1: all of them
	kind    FindingKind
	held    held
}

// cross crosses the grants of one principal with the certificates, and keeps
// what comes of it. That there is none is only believed of a cluster whose
// lists were both had.
//
//	non-owner rows  owner row  certificate  claim
//	some            -          ended        expired-granted
//	some            -          none         no-certificate
//	none            none       in force     no-grant, if all rows turn out to be seen
//	-               some       -            owner, of one who left
//
// Of a deleted principal an empty answer proves nothing, so it never has
// "no grant".
func (s *Survey) cross(w *who, grants []policy.Grant, identity policy.IdentityState, standing standing) {
	d := s.resolution.Directory
	rows, owner, all := map[int32]bool{}, map[int32]bool{}, false
	at := func(g policy.Grant) int32 {
		i, listed := slices.BinarySearchFunc(d.Clusters, g.Cluster, func(c policy.Cluster, id string) int { return strings.Compare(c.ID, id) })
		if g.Scope == policy.OnAllClusters || !listed || d.Clusters[i].Deferred() {
			return -1
		}
		return int32(i)
	}
	for _, g := range grants {
		switch i := at(g); {
		case g.Scope == policy.OnAllClusters:
			all = true
		case i < 0:
		case g.Owner:
			owner[i] = true
		default:
			rows[i] = true
		}
	}
	add := func(kind FindingKind, cluster int32, h held) { w.claims = append(w.claims, claim{cluster, kind, h}) }
	if all {
		add(FoundAllClusters, -1, held{})
	}
	leaver := identity == policy.Deleted || standing == isLocked
	listed, kept := map[int32]held{}, map[int32]bool{}
	for _, h := range w.held {
		listed[h.cluster] = h
		kept[h.cluster] = leaver
		switch {
		case h.cert == ended && rows[h.cluster]:
			add(FoundExpired, h.cluster, h)
		case h.cert == inForce && identity == policy.Live && !rows[h.cluster] && !owner[h.cluster] && !all &&
			!s.resolution.Blind(d.Clusters[h.cluster].ID):
			add(FoundNoGrant, h.cluster, h)
		}
	}
	for i := range rows {
		if _, has := listed[i]; !has && s.unread[d.Clusters[i].ID] == nil {
			add(FoundNoCertificate, i, held{cluster: i})
		}
	}
	for i := range owner {
		if leaver || s.leaves(w.uid) {
			add(FoundOwner, i, listed[i])
		}
	}
	for _, c := range w.claims {
		kept[c.cluster] = true
	}
	for _, g := range grants {
		if g.Scope == policy.OnAllClusters || kept[at(g)] {
			w.grants = append(w.grants, g)
		}
	}
}

// seesAll reports whether a grant on all clusters of anybody would be seen.
func (s *Survey) seesAll() bool {
	r := s.resolution
	return !r.Coverage.AllClustersUnseen && !slices.ContainsFunc(s.strays, func(x policy.Stray) bool {
		return x.Exists() &&
			!r.Administers(x.Cluster)
	})
}

// about reports whether an entry of the policy is about a cluster.
func (s *Survey) about(e policy.Principal, c policy.Cluster) bool {
	r := *s.resolution
	r.Policy = s.policy
	return r.About(e, c)
}

// leaves reports whether the policy lists somebody as departed, in effect.
func (s *Survey) leaves(uid string) bool {
	e := s.entry(uid)
	return e.Reason == policy.Departed && e.Phase(s.now) == policy.InEffect
}

// propose says whether a finding is listed and accepted, and drafts the entry
// that would list it.
func (s *Survey) propose(f *Finding) {
	switch f.Kind {
	case FoundOwner:
		f.Accepted = !slices.ContainsFunc(f.Places, func(p Spot) bool { return !s.accepts(f.UID, p.Cluster.ID, policy.LeftOwner) })
	case FoundAllClusters:
		f.Accepted = s.accepts(f.UID, "", policy.LeftAllClusters)
	}
	if e := s.entry(f.UID); e.UID != "" {
		f.Listed = &Listed{Line: e.Line, Phase: e.Phase(s.now), Reason: e.Reason}
		f.Listed.Covers = f.Listed.Phase == policy.InEffect && !e.Pinned() &&
			!slices.ContainsFunc(f.Places, func(p Spot) bool { return !s.about(e, *p.Cluster) })
		return
	}
	if f.Draft == NoDraft {
		return
	}
	if f.Protected = s.protected(f.UID, f.Name); f.Protected {
		return
	}
	e := &policy.Principal{UID: f.UID, Kind: f.Principal, Name: f.Name, CreatedAt: f.CreatedAt, Reason: policy.Departed,
		Deleted: f.Identity == policy.Deleted}
	if f.Draft == ForDecision {
		for _, p := range f.Places {
			e.Clusters = append(e.Clusters, p.Cluster.ID)
		}
		slices.Sort(e.Clusters)
	}
	f.Entry = e
}

package audit

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"ackrevoke/policy"
)

// Inventory says what all that was folded in comes to.
func (s *Survey) Inventory() *Inventory {
	v := &Inventory{Coverage: s.coverage, Unknown: slices.Clone(s.failed), Notes: slices.Clone(s.notes)}
	v.Coverage.Holders = len(s.holders)
	for uid := range s.services {
		if s.holders[uid] {
			v.Coverage.Holders--
		}
	}
	for _, uid := range slices.Sorted(maps.Keys(s.services)) {
		v.Services = append(v.Services, *s.services[uid])
	}
	for _, id := range slices.Sorted(maps.Keys(s.unread)) {
		v.Coverage.Unread = append(v.Coverage.Unread, id)
		v.Unknown = append(v.Unknown, policy.Unknown{Cluster: id, Why: policy.ReadFailed, Fault: s.unread[id],
			Failed: []*policy.Fault{s.unread[id]}})
	}
	s.sight(v)
	for _, uid := range slices.Sorted(maps.Keys(s.who)) {
		if s.services[uid] == nil {
			s.judge(v, s.who[uid])
		}
	}
	for _, id := range s.Leavers() {
		if a := s.access[id.UID]; a.Login || a.ActiveKeys > 0 {
			f := s.finding(FoundResidual, &who{uid: id.UID, name: id.Name, kind: id.Kind, said: saysActive})
			f.Access = a
			s.propose(f)
			v.Findings = append(v.Findings, *f)
		}
	}
	s.retirable(v)
	for i := range v.Unknown {
		v.Unknown[i].Accepted = s.policy != nil && s.policy.Lives(&v.Unknown[i], s.now)
	}
	v.sort()
	return v
}

// sight says what the listing of clusters leaves open, and what of the grants
// could not be seen where they were asked for.
func (s *Survey) sight(v *Inventory) {
	r := s.resolution
	v.Unknown = append(v.Unknown, r.Gaps()...)
	for _, x := range s.strays {
		if x.Exists() {
			v.Unknown = append(v.Unknown, policy.NotListed("", x))
		}
	}
	if !s.grants {
		return
	}
	v.Coverage.AllClustersUnseen = !s.seesAll()
	for _, c := range r.Directory.Clusters {
		if r.Blind(c.ID) && !c.Deferred() {
			v.Coverage.Blind = append(v.Coverage.Blind, c.ID)
			u := policy.Unknown{Cluster: c.ID, Why: policy.GrantsNotVisible, Fault: r.Directory.OwnErr}
			if u.Fault != nil {
				u.Failed = []*policy.Fault{u.Fault}
			}
			v.Unknown = append(v.Unknown, u)
		}
	}
	if v.Coverage.AllClustersUnseen {
		v.Unknown = append(v.Unknown, r.AllClustersUnseen())
	}
}

func (s *Survey) accepts(uid, cluster string, what policy.Leftover) bool {
	return s.policy != nil && s.policy.Accepts(what, uid, cluster, "", s.now)
}

// judge tells all that there is to be told about one principal.
//
//	                     the certificate on a cluster is
//	standing             in force              unclear   ended or none, with rows
//	deleted, locked      deleted, locked       unknown   expired-granted, no-certificate
//	lives                no-grant without any  unknown*  expired-granted, no-certificate
//	root, caller, fixed  not-revokable         -         -
//	changed              a note
//	undecided            unknown
//
// * only where grants were asked for: else nothing hangs on it. Rows are seen
// only then.
func (s *Survey) judge(v *Inventory, w *who) {
	identity, standing := s.identity(w)
	switch {
	case w.root || w.uid == s.resolution.Directory.Caller.UID:
		s.fixed(v, w)
		return
	case standing == changed:
		if s.matters(w) {
			what := CreatedMeanwhile
			if _, before := find(s.people, w.uid); before {
				what = DeletedMeanwhile
			}
			v.Notes = append(v.Notes, Note{UID: w.uid, What: what})
		}
		return
	case standing == undecided:
		if s.matters(w) {
			v.Unknown = append(v.Unknown, s.contradiction(w))
		}
		return
	}
	s.fixed(v, w)
	leaver := identity == policy.Deleted || standing == isLocked
	spots := map[FindingKind][]Spot{}
	for _, h := range w.held {
		switch {
		case h.cert == inForce && leaver:
			kind := FoundDeleted
			if standing == isLocked {
				kind = FoundLocked
			}
			spots[kind] = append(spots[kind], s.spot(w, h.cluster, h))
		case h.cert == unclearCert && (leaver || s.grants):
			id := s.resolution.Directory.Clusters[h.cluster].ID
			v.Unknown = append(v.Unknown, policy.Unknown{UID: w.uid, Cluster: id, Why: policy.CertificateUnclear})
		}
	}
	for _, c := range w.claims {
		switch {
		case c.kind == FoundAllClusters:
			spots[c.kind] = nil
		case c.kind != FoundNoGrant || s.seesAll():
			spots[c.kind] = append(spots[c.kind], s.spot(w, c.cluster, c.held))
		}
	}
	for _, row := range Findings {
		if places, ok := spots[row.Kind]; ok {
			f := s.finding(row.Kind, w)
			f.Identity, f.Locked, f.Places = identity, standing == isLocked, places
			if row.Kind == FoundAllClusters {
				f.Places, f.Grants = nil, policy.SortedGrants(policy.OfAllClusters(w.grants))
			}
			s.propose(f)
			v.Findings = append(v.Findings, *f)
		}
	}
}

// matters reports whether anything hangs on somebody's identity.
func (s *Survey) matters(w *who) bool {
	return w.holds() || s.grants && (!w.seen || w.rows)
}

// fixed tells of certificates that this caller cannot revoke, or may not be
// able to.
func (s *Survey) fixed(v *Inventory, w *who) {
	d := s.resolution.Directory
	var places []Spot
	for _, h := range w.held {
		if h.cert != inForce {
			continue
		}
		var why []string
		for _, reason := range []struct {
			holds bool
			word  string
		}{{w.root, "root-account"}, {!w.root && w.uid == d.Caller.UID, "caller"}, {h.fixed, "not-revokable-by-caller"},
			{d.Clusters[h.cluster].TooOld(), "old-cluster"}} {
			if reason.holds {
				why = append(why, reason.word)
			}
		}
		if len(why) > 0 {
			spot := s.spot(w, h.cluster, h)
			spot.Warnings = why
			places = append(places, spot)
		}
	}
	if len(places) == 0 {
		return
	}
	f := s.finding(FoundFixed, w)
	f.Identity, _ = s.identity(w)
	f.Root, f.Places = w.root, places
	s.propose(f)
	v.Findings = append(v.Findings, *f)
}

func (s *Survey) finding(kind FindingKind, w *who) *Finding {
	row, _ := kind.Row()
	live, _ := find(s.people, w.uid)
	return &Finding{FindingRow: row, UID: w.uid, Name: w.name, Principal: w.kind, CreatedAt: live.CreatedAt, Identity: policy.Live}
}

// spot is what somebody holds on one cluster.
func (s *Survey) spot(w *who, cluster int32, h held) Spot {
	c := &s.resolution.Directory.Clusters[cluster]
	p := Spot{Cluster: c}
	switch h.cert {
	case inForce:
		p.Certificate.State = policy.Unexpired
	case ended:
		p.Certificate.State = policy.Expired
	}
	if h.expires != 0 {
		p.Certificate.Expires = time.Unix(h.expires, 0).UTC()
	}
	if h.cert != noCert {
		live, _ := find(s.people, w.uid)
		p.Oldest, p.By = s.oldest(p.Certificate.Expires, live.CreatedAt, c.CreatedAt)
	}
	for _, g := range w.grants {
		if g.Cluster == c.ID && g.Scope != policy.OnAllClusters {
			p.Grants = append(p.Grants, g)
		}
	}
	slices.SortFunc(p.Grants, policy.CompareGrants)
	if h.fixed {
		p.Warnings = append(p.Warnings, "not-revokable-by-caller")
	}
	if c.TooOld() {
		p.Warnings = append(p.Warnings, "old-cluster")
	}
	return p
}

// oldest bounds the age of a certificate from above: it is no older than its
// principal, its cluster, and the three years for which the service issues
// certificates by default. A validity that was made longer shows where the
// bound would lie ahead; else it does not show.
func (s *Survey) oldest(expires, principal, cluster time.Time) (time.Time, AgeBasis) {
	var since time.Time
	var by AgeBasis
	for _, b := range []struct {
		at time.Time
		by AgeBasis
	}{{expires.AddDate(-3, 0, 0), ByValidity}, {principal, ByPrincipal}, {cluster, ByCluster}} {
		if b.by == ByValidity && expires.IsZero() || b.at.After(s.now) || !b.at.After(since) {
			continue
		}
		since, by = b.at, b.by
	}
	return since, by
}

// retirable tells which entries may be taken out: RAM has the principal no
// more, every list was read and none shows a certificate, and no grants are
// left. Since when RAM has it no more is told by no read.
func (s *Survey) retirable(v *Inventory) {
	gaps := len(s.resolution.Gaps()) > 0
	if s.policy == nil || !s.grants || gaps || len(v.Coverage.Unread)+len(v.Coverage.Deferred)+len(v.Coverage.Blind) > 0 ||
		v.Coverage.AllClustersUnseen {
		return
	}
	for _, e := range s.policy.Principals {
		w := s.who[e.UID]
		if w == nil || !w.seen || w.rows || w.holds() || s.standing(w) != isDeleted || s.services[e.UID] != nil {
			continue
		}
		if len(w.held) == 0 && !e.Deleted {
			continue // no trace: a mistyped uid looks the same
		}
		v.Retirable = append(v.Retirable, Retirable{UID: e.UID, Name: e.Name, Line: e.Line})
	}
}

func (v *Inventory) sort() {
	rank := map[FindingKind]int{}
	for i, r := range Findings {
		rank[r.Kind] = i
	}
	slices.SortStableFunc(v.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(rank[a.Kind], rank[b.Kind]), cmp.Compare(a.UID, b.UID))
	})
	for i := range v.Findings {
		slices.SortFunc(v.Findings[i].Places, func(a, b Spot) int { return cmp.Compare(a.Cluster.ID, b.Cluster.ID) })
	}
	slices.SortFunc(v.Notes, func(a, b Note) int {
		return cmp.Or(cmp.Compare(a.UID, b.UID), cmp.Compare(a.Cluster, b.Cluster), cmp.Compare(a.What, b.What))
	})
	v.Notes = slices.Compact(v.Notes)
	slices.SortFunc(v.Unknown, policy.CompareUnknown)
	slices.SortFunc(v.Retirable, func(a, b Retirable) int { return cmp.Compare(a.UID, b.UID) })
}

package policy

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// decision is a plan in the making.
type decision struct {
	*Resolution
	obs     Observation
	by      byUID
	lists   []ClusterList
	listed  map[string]*ClusterList // lists, by cluster: there are as many questions as targets
	names   map[string][]string     // see namesOf
	plan    *Plan
	decides bool // the unread regions alone decide about an all-clusters grant
}

// Decide makes the plan: for each target one of action, settled, unknown or
// residual. It depends on nothing but its arguments, and not on their order.
func Decide(r *Resolution, obs Observation) *Plan {
	d := decision{Resolution: r, obs: obs, by: subjectsByUID(obs.Subjects), lists: distrust(obs.Lists, obs.Subjects), plan: &Plan{
		Account: r.Policy.Account, Coverage: r.Coverage, Warnings: slices.Clone(r.Warnings),
		Refused: slices.Clone(r.Refused), Unknown: slices.Clone(r.Unknown),
	}}
	d.listed = make(map[string]*ClusterList, len(d.lists))
	for i := range slices.Backward(d.lists) {
		d.listed[d.lists[i].Cluster] = &d.lists[i]
	}
	d.obs.Strays = distrustStrays(obs.Strays, obs.Subjects)
	d.plan.Coverage.AllClustersUnseen = r.Coverage.AllClustersUnseen || d.strayBlind()
	everything := false
	for _, e := range r.Entries {
		if e.Phase == InEffect && !e.Refused {
			e.Warnings = slices.Clone(e.Warnings)
			d.entry(&e)
			everything = everything || !e.Refused && !e.Pinned()
			d.plan.Targets += len(e.Targets)
		}
		d.plan.Entries = append(d.plan.Entries, e)
	}
	d.run(everything)
	d.plan.Unlisted = d.unlisted()
	d.accept()
	d.plan.sort()
	return d.plan
}

// run notes what is unknown of the run as a whole. everything says that an
// entry is about all that its principal holds.
func (d *decision) run(everything bool) {
	if everything && d.plan.Coverage.AllClustersUnseen {
		d.plan.Unknown = append(d.plan.Unknown, d.AllClustersUnseen())
	}
	d.caller()
	for _, g := range d.Directory.unread() {
		switch {
		case d.Policy.Scope.holdsRegion(g.ID): // said already; see listing
		case d.decides || everything && !d.administersAll():
			d.plan.Unknown = append(d.plan.Unknown, notRead(g))
		default:
			d.plan.Warnings = append(d.plan.Warnings, fmt.Sprintf("region-not-read %s, outside the scope: %s", g.ID, g.Fault.Message))
		}
	}
}

// AllClustersUnseen is the row of the run for all-clusters grants that could be
// there unseen, with the read of the caller's own permissions where that failed.
func (r *Resolution) AllClustersUnseen() Unknown {
	u := Unknown{Why: AllClustersNotVisible, Fault: allClustersFault()}
	if own := r.Directory.OwnErr; own != nil {
		u.Fault, u.Failed = own, []*Fault{own}
	}
	return u
}

func allClustersFault() *Fault {
	return &Fault{Op: "DescribeUserPermission", Kind: Denied,
		Message: "an all-clusters grant of somebody else is only sure to be seen by the root account, a caller with all-clusters admin, or " +
			"one that is administrator of every cluster"}
}

func (d *decision) entry(e *Entry) {
	s := d.by.of(e.UID)
	if guard, message := d.contradicted(e, s); guard != "" {
		e.Refused, e.Targets = true, nil
		d.plan.Refused = append(d.plan.Refused, Refusal{UID: e.UID, Guard: guard, Message: message, Line: e.Line})
		d.plan.Unknown = slices.DeleteFunc(d.plan.Unknown, func(u Unknown) bool { return u.UID == e.UID })
		return
	}
	d.strays(e, s)
	d.outside(e, s)
	if f := d.unclear(e, s); f != nil {
		d.setAside(e, f)
		return
	}
	settled := Settled{UID: e.UID}
	for _, id := range e.Targets {
		d.target(e, s, id, &settled)
	}
	if !e.Deleted && e.Identity == Deleted && d.traceless(s) && !d.unread(e) {
		d.plan.Unknown = append(d.plan.Unknown, Unknown{UID: e.UID, Why: NoTrace, Fault: d.noTrace(e)})
	}
	if settled.Clusters > 0 {
		d.plan.Settled = append(d.plan.Settled, settled)
	}
	e.HoldsMore = d.silent(e, s) || e.Identity == Deleted && d.named(e.Name) != nil
	if e.Pinned() {
		e.HoldsMore = e.HoldsMore || d.holdsMore(e, s)
	} else {
		d.allClusters(e, s)
	}
	if f := cmp.Or(s.statesFault(e.Identity), s.grantsFault(e.Identity)); f != nil {
		e.HoldsMore = true       // for all that this run could read
		if len(e.Targets) == 0 { // no target is there to be unknown: all its clusters are deferred
			d.plan.Unknown = append(d.plan.Unknown, Unknown{UID: e.UID, Why: ReadFailed, Fault: f})
		}
	}
}

// setAside leaves everything of an entry alone whose identity cannot be told.
func (d *decision) setAside(e *Entry, f *Fault) {
	e.Identity, e.HoldsMore = IdentityUnknown, true
	for _, id := range e.Targets {
		d.plan.Unknown = append(d.plan.Unknown, Unknown{UID: e.UID, Cluster: id, Why: IdentityUnclear, Fault: f})
	}
	if len(e.Targets) == 0 {
		d.plan.Unknown = append(d.plan.Unknown, Unknown{UID: e.UID, Why: IdentityUnclear, Fault: f})
	}
}

// traceless reports whether nothing that was read bears the uid: it may be
// mistyped, and must not read as "out".
func (d *decision) traceless(s *Subject) bool {
	if s.grantsFault(Deleted) != nil || s.statesFault(Deleted) != nil || len(s.Grants) > 0 {
		return false
	}
	for row := range s.States.All() {
		if row.Cert != Unissued {
			return false
		}
	}
	return !slices.ContainsFunc(d.lists, func(l ClusterList) bool { _, present := l.holder(s.UID); return present })
}

// unread reports whether the plan says that a target of the entry could not be
// read, where the uid may have left its trace. What the policy lives with says
// nothing any more, and so does a list that the entry is not about.
func (d *decision) unread(e *Entry) bool {
	return slices.ContainsFunc(d.plan.Unknown, func(u Unknown) bool {
		return u.UID == e.UID && u.Why == ReadFailed && !d.Policy.Lives(&u, d.Now)
	})
}

// target decides one target and puts it where it belongs.
func (d *decision) target(e *Entry, s *Subject, id string, settled *Settled) {
	c, _ := d.Cluster(id)
	ev := Look(e.Identity, s, d.listed[id], id, d.Blind(id), d.Now)
	row := departed(ev, e.Identity)
	if e.Pinned() {
		row = pinned(ev, e.pinsOn(id), d.Now)
	}
	switch row.verdict {
	case act:
		a := d.action(e, Clean, c, row.because)
		a.Before = Snapshot{ev.Certificate, ev.GrantsSeen, SortedGrants(append(slices.Clone(ev.Rows), ev.Owner...))}
		a.Before.Certificate.Expires = d.meant(e, id, ev)
		a.Warnings = d.actionWarnings(e, ev, c)
		d.plan.Actions = append(d.plan.Actions, a)
	case settle:
		settled.count(row.as)
	case left:
		d.plan.Residual = append(d.plan.Residual, Residual{UID: e.UID, Cluster: id, What: LeftOwner})
	case dunno:
		d.plan.Unknown = append(d.plan.Unknown, d.unknown(e, id, ev, row.why))
	}
}

// unknown is the row of a target about which no proof could be had, with all
// that it hangs on.
func (d *decision) unknown(e *Entry, cluster string, ev Evidence, why Why) Unknown {
	u := Unknown{UID: e.UID, Cluster: cluster, Why: why, Fault: cmp.Or(ev.CertFault, ev.GrantsFault)}
	own := d.Directory.OwnErr
	if ev.GrantsSeen || ev.GrantsFault != nil {
		own = nil
	}
	for _, f := range []*Fault{ev.CertFault, ev.GrantsFault, own} {
		if f != nil {
			u.Failed = append(u.Failed, f)
		}
	}
	u.Hidden = !ev.GrantsSeen && ev.GrantsFault == nil && own == nil
	u.Owner = len(ev.Owner) > 0 && e.Identity != Deleted
	if u.Fault == nil && why == GrantsNotVisible {
		u.Fault = d.Directory.OwnErr
	}
	return u
}

func (s *Settled) count(as CertState) {
	s.Clusters++
	switch as {
	case Removed:
		s.Removed++
	case Unissued:
		s.Unissued++
	case Expired:
		s.Expired++
	case OtherCertificate:
		s.OtherCertificate++
	case ownerOfRecord:
		s.OwnerOfRecord++
	default:
		s.Unlisted++
	}
}

// meant is the expiry of the certificate that an action is about: the pinned one
// of two that are in force, else the last to end.
func (d *decision) meant(e *Entry, cluster string, ev Evidence) time.Time {
	for _, t := range ev.InForce {
		if slices.ContainsFunc(e.pinsOn(cluster), func(p Pin) bool { return SameExpiry(t, p.Expires) }) {
			return t
		}
	}
	return ev.Certificate.Expires
}

func (d *decision) action(e *Entry, op Operation, c Cluster, because []string) Action {
	a := Action{Operation: op, UID: e.UID, Kind: e.Kind, Name: e.Name, CreatedAt: e.CreatedAt, Identity: e.Identity,
		Reason: e.Reason, Force: e.Force, Cluster: c, Because: because, Pins: e.pinsOn(c.ID)}
	if live, ok := d.live(e.UID); ok {
		a.Name, a.CreatedAt = live.Name, live.CreatedAt
	} else if a.Name == "" {
		if names := d.namesOf(e.UID); len(names) > 0 {
			a.Name = names[0]
		}
	}
	a.ID = c.ID + "/" + e.UID
	if op == RevokeGrant {
		a.ID = AllClusters + "/" + e.UID
	}
	return a
}

// allClusters plans the removal of an all-clusters grant where the entry is
// about every cluster, or the policy allows it; else it is a residual.
func (d *decision) allClusters(e *Entry, s *Subject) {
	rows := OfAllClusters(s.Grants)
	if len(rows) == 0 {
		return
	}
	if !d.coversAll(e) {
		d.plan.Residual = append(d.plan.Residual, Residual{UID: e.UID, What: LeftAllClusters})
		return
	}
	a := d.action(e, RevokeGrant, Cluster{Name: "all clusters"}, []string{BecauseAllClusters})
	a.Before = Snapshot{GrantsSeen: true, Grants: SortedGrants(rows)}
	d.plan.Actions = append(d.plan.Actions, a)
}

// coversAll reports whether an entry is about every cluster that is known to
// exist, or the policy says that an all-clusters grant may be taken all the
// same. A cluster whose detail or region was not read may lie anywhere, and so
// may one that the retired listing leaves out.
func (d *decision) coversAll(e *Entry) bool {
	if d.Policy.Scope.AllClustersGrants || !d.Policy.Scope.narrow() && len(e.Clusters) == 0 {
		return true
	}
	about := func(c Cluster) bool { return d.holds(c) && d.covers(e.Principal, c) }
	known := !slices.ContainsFunc(d.Directory.Clusters, func(c Cluster) bool { return !about(c) }) &&
		!slices.ContainsFunc(d.obs.Strays, func(x Stray) bool { return x.Exists() && (x.Err != nil || !about(x.Detail)) })
	d.decides = d.decides || known && len(d.Directory.unread()) > 0
	return known && d.Directory.whole()
}

// holdsMore reports whether a principal with pins holds anything in scope that
// no action of the plan takes away: it is its own business, and keeps the entry
// from being called retirable.
func (d *decision) holdsMore(e *Entry, s *Subject) bool {
	acted := func(cluster string) bool {
		return slices.ContainsFunc(d.plan.Actions, func(a Action) bool { return a.UID == e.UID && a.Cluster.ID == cluster })
	}
	for _, c := range d.Directory.Clusters {
		ev := Look(e.Identity, s, d.listed[c.ID], c.ID, d.Blind(c.ID), d.Now)
		owner := e.Identity == Live && len(ev.Owner) > 0 // no action takes that away
		held := ev.Valid() || s.state(c.ID).Cert == CertUnknown || len(ev.Rows) > 0
		if owner || held && !acted(c.ID) {
			return true
		}
	}
	return slices.ContainsFunc(s.Grants, func(g Grant) bool { return g.Scope == OnAllClusters })
}

// silent reports whether a deleted principal may hold something on a cluster
// that no list of a cluster was read for, listed or not: a per-user list without
// a single row is one of the undocumented answers about deleted principals, and
// proves nothing there [CS ListUserKubeConfigStates].
func (d *decision) silent(e *Entry, s *Subject) bool {
	if e.Identity != Deleted || s.States.Len() > 0 {
		return false
	}
	return slices.ContainsFunc(d.obs.Strays, Stray.Exists) || slices.ContainsFunc(d.Directory.Clusters, func(c Cluster) bool {
		list := d.listed[c.ID]
		return list == nil || list.Err != nil
	})
}

// outside lists what the principal holds on listed clusters where the policy
// does not act, and on deferred ones. Other certificates of a pinned entry are
// the person's own business.
func (d *decision) outside(e *Entry, s *Subject) {
	for _, c := range d.Directory.Clusters {
		if d.holds(c) && !c.Deferred() && (d.covers(e.Principal, c) || e.Pinned()) {
			continue
		}
		d.beyond(e, s, c, Look(e.Identity, s, d.listed[c.ID], c.ID, d.Blind(c.ID), d.Now))
	}
}

// beyond lists what a principal holds on one cluster where nothing is done.
func (d *decision) beyond(e *Entry, s *Subject, c Cluster, ev Evidence) {
	grants := len(ev.Rows)
	if e.Identity == Live {
		grants += len(ev.Owner)
	}
	row := s.state(c.ID)
	if !ev.Valid() && row.Cert != CertUnknown && grants == 0 {
		return
	}
	o := Outside{UID: e.UID, Cluster: c, Grants: grants, Certificate: Certificate{row.Cert, row.Expires}}
	if ev.Valid() { // the list of the cluster may show more, where it was read anyway
		o.Certificate = ev.Certificate
	}
	d.plan.OutOfScope = append(d.plan.OutOfScope, o)
}

// The days on which clusters became able to have a kubeconfig revoked
// [console user guide, "revoke a KubeConfig"]: midnight in the service's zone.
var (
	revocableSince           = time.Date(2019, 10, 15, 0, 0, 0, 0, time.FixedZone("", 8*3600))
	revocableSinceServerless = time.Date(2019, 9, 6, 0, 0, 0, 0, time.FixedZone("", 8*3600))
)

// revocable is the day from which on a cluster of this type had to be created;
// zero where no day is documented.
func revocable(c Cluster) time.Time {
	switch {
	case c.Profile == "Serverless" || c.Profile == "ask.v2" || c.Type == "Ask":
		return revocableSinceServerless
	case c.Type == "Kubernetes" || c.Type == "ManagedKubernetes":
		return revocableSince
	}
	return time.Time{}
}

// TooOld reports whether the cluster is from before the day since which credentials
// can be revoked on clusters of its kind.
func (c Cluster) TooOld() bool {
	possible, _ := c.OwnRevocation()
	return possible == OwnTooOld
}

func (d *decision) actionWarnings(e *Entry, ev Evidence, c Cluster) []string {
	var w []string
	if c.TooOld() {
		w = append(w, "old-cluster")
	}
	if !ev.GrantsSeen {
		w = append(w, "grants-not-visible")
		if e.Pinned() {
			w = append(w, "grants-cannot-be-given-back")
		}
	}
	if len(ev.Owner) > 0 && e.Identity == Live {
		w = append(w, "owner-row-may-stay")
	}
	return w
}

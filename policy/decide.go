package policy

import (
	"cmp"
	"slices"
	"time"
)

// Needs says what is left to read after the subjects: the per-cluster lists
// and the clusters that rows name and the listing lacks, both as sorted ids.
// With any deleted entry in effect every cluster in scope is read.
func (r *Resolution) Needs(subjects []Subject) (lists, strays []string) {
	for _, e := range r.Acting() {
		s := subjectOf(subjects, e.UID)
		if e.Identity == Deleted {
			for _, c := range r.Directory.Clusters {
				if r.Policy.Scope.Holds(c) && !c.Deferred() {
					lists = append(lists, c.ID)
				}
			}
		}
		lists = append(lists, Missing(e.Identity, s, e.Targets)...)
		for _, id := range s.clusters() {
			if _, ok := r.Cluster(id); !ok && !r.gone[id] {
				strays = append(strays, id)
			}
		}
	}
	slices.Sort(lists)
	slices.Sort(strays)
	return slices.Compact(lists), slices.Compact(strays)
}

// clusters that the rows of a subject name, deleted ones apart.
func (s *Subject) clusters() []string {
	var ids []string
	for _, row := range s.States {
		if row.ClusterState != "deleted" {
			ids = append(ids, row.Cluster)
		}
	}
	for _, g := range s.Grants {
		if g.Scope != OnAllClusters {
			ids = append(ids, g.Cluster)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func subjectOf(subjects []Subject, uid string) *Subject {
	if i := slices.IndexFunc(subjects, func(s Subject) bool { return s.UID == uid }); i >= 0 {
		return &subjects[i]
	}
	f := &Fault{Op: "observe", Kind: Internal, Message: "principal " + uid + " was not read"}
	return &Subject{UID: uid, GrantsErr: f, StatesErr: f}
}

func listOf(lists []ClusterList, cluster string) *ClusterList {
	if i := slices.IndexFunc(lists, func(l ClusterList) bool { return l.Cluster == cluster }); i >= 0 {
		return &lists[i]
	}
	return nil
}

// decision is a plan in the making.
type decision struct {
	*Resolution
	obs   Observation
	lists []ClusterList
	plan  *Plan
}

// Decide makes the plan: for each target one of action, settled, unknown or
// residual. It depends on nothing but its arguments, and not on their order.
func Decide(r *Resolution, obs Observation) *Plan {
	d := decision{r, obs, distrust(obs.Lists, obs.Subjects), &Plan{
		Account: r.Policy.Account, Coverage: r.Coverage, Warnings: slices.Clone(r.Warnings),
		Refused: slices.Clone(r.Refused), Unknown: slices.Clone(r.Unknown),
	}}
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
	if everything && d.plan.Coverage.AllClustersUnseen {
		d.plan.Unknown = append(d.plan.Unknown, Unknown{Why: AllClustersNotVisible, Fault: allClustersFault()})
	}
	d.plan.Unlisted = d.unlisted()
	d.accept()
	d.plan.sort()
	return d.plan
}

func allClustersFault() *Fault {
	return &Fault{Op: "DescribeUserPermission", Kind: Denied,
		Message: "an all-clusters grant of somebody else is only sure to be seen by the root account, a caller with all-clusters admin, or one that is administrator of every cluster"}
}

func (d *decision) entry(e *Entry) {
	s := subjectOf(d.obs.Subjects, e.UID)
	if guard, message := contradicted(e, s, d.lists); guard != "" {
		e.Refused, e.Targets = true, nil
		d.plan.Refused = append(d.plan.Refused, Refusal{UID: e.UID, Guard: guard, Message: message, Line: e.Line})
		d.plan.Unknown = slices.DeleteFunc(d.plan.Unknown, func(u Unknown) bool { return u.UID == e.UID })
		return
	}
	d.strays(e, s)
	if !e.Deleted && e.Identity == Deleted && d.traceless(s) {
		d.plan.Unknown = append(d.plan.Unknown, Unknown{UID: e.UID, Why: NoTrace, Fault: &Fault{Op: "observe", Kind: NotFound,
			Message: "nobody has this uid and nothing bears it: check it for a typo; if the identity is deleted for certain, state deleted: true"}})
	}
	settled := Settled{UID: e.UID}
	for _, id := range e.Targets {
		d.target(e, s, id, &settled)
	}
	if settled.Clusters > 0 {
		d.plan.Settled = append(d.plan.Settled, settled)
	}
	e.HoldsMore = d.silent(e, s)
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
	d.outside(e, s)
}

// strays makes rows on clusters that exist and are not listed unknown.
func (d *decision) strays(e *Entry, s *Subject) {
	for _, id := range s.clusters() {
		i := slices.IndexFunc(d.obs.Strays, func(x Stray) bool { return x.Cluster == id })
		if _, listed := d.Cluster(id); listed || d.gone[id] || i >= 0 && d.obs.Strays[i].Gone {
			continue
		}
		u := Unknown{UID: e.UID, Cluster: id, Why: ClusterNotListed}
		if i >= 0 {
			u.Fault = d.obs.Strays[i].Err
		}
		d.plan.Unknown = append(d.plan.Unknown, u)
	}
}

// strayBlind reports whether there is a cluster that the listing lacks and of
// which the caller is no administrator: then it is not one of all clusters, and
// the service may hide the all-clusters grants of others.
func (d *decision) strayBlind() bool {
	return slices.ContainsFunc(d.obs.Strays, func(x Stray) bool { return !x.Gone && !d.administers(x.Cluster) })
}

// traceless reports whether everything was read and nothing bears the uid: it
// may be mistyped, and must not read as "out".
func (d *decision) traceless(s *Subject) bool {
	if s.grantsFault(Deleted) != nil || s.statesFault(Deleted) != nil || len(s.Grants) > 0 {
		return false
	}
	for _, row := range s.States {
		if row.Cert != Unissued {
			return false
		}
	}
	for i := range d.lists {
		if _, present := d.lists[i].holder(s.UID); present || d.lists[i].Err != nil {
			return false
		}
	}
	return true
}

// target decides one target and puts it where it belongs.
func (d *decision) target(e *Entry, s *Subject, id string, settled *Settled) {
	c, _ := d.Cluster(id)
	ev := Look(e.Identity, s, listOf(d.lists, id), id, d.Blind(id), d.Now)
	row := departed(ev, e.Identity)
	if e.Pinned() {
		row = pinned(ev, e.pinsOn(id), d.Now)
	}
	switch row.verdict {
	case act:
		a := d.action(e, Clean, c, row.because)
		a.Before = Snapshot{ev.Certificate, ev.GrantsSeen, SortedGrants(append(slices.Clone(ev.Rows), ev.Owner...))}
		a.Warnings = d.actionWarnings(e, ev, c)
		d.plan.Actions = append(d.plan.Actions, a)
	case settle:
		settled.count(row.as)
	case left:
		d.plan.Residual = append(d.plan.Residual, Residual{UID: e.UID, Cluster: id, What: LeftOwner})
	case dunno:
		u := Unknown{UID: e.UID, Cluster: id, Why: row.why, Fault: cmp.Or(ev.CertFault, ev.GrantsFault)}
		if u.Fault == nil && row.why == GrantsNotVisible {
			u.Fault = d.Directory.OwnErr
		}
		d.plan.Unknown = append(d.plan.Unknown, u)
	}
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
	case otherCertificate:
		s.OtherCertificate++
	case ownerOfRecord:
		s.OwnerOfRecord++
	default:
		s.Unlisted++
	}
}

func (d *decision) action(e *Entry, op Operation, c Cluster, because []string) Action {
	a := Action{Operation: op, UID: e.UID, Kind: e.Kind, Name: e.Name, CreatedAt: e.CreatedAt, Identity: e.Identity,
		Reason: e.Reason, Force: e.Force, Cluster: c, Because: because, Pins: e.pinsOn(c.ID)}
	if live, ok := d.live(e.UID); ok {
		a.Name, a.CreatedAt = live.Name, live.CreatedAt
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
	var rows []Grant
	for _, g := range s.Grants {
		if g.Scope == OnAllClusters {
			rows = append(rows, g)
		}
	}
	if len(rows) == 0 {
		return
	}
	full := d.Policy.Scope.AllClustersGrants
	if !full {
		full = !slices.ContainsFunc(d.Directory.Clusters, func(c Cluster) bool { return !d.Policy.Scope.Holds(c) || !e.covers(c) })
	}
	if !full {
		d.plan.Residual = append(d.plan.Residual, Residual{UID: e.UID, What: LeftAllClusters})
		return
	}
	a := d.action(e, RevokeGrant, Cluster{Name: "all clusters"}, []string{BecauseAllClusters})
	a.Before = Snapshot{GrantsSeen: true, Grants: SortedGrants(rows)}
	d.plan.Actions = append(d.plan.Actions, a)
}

// holdsMore reports whether a principal with pins holds anything in scope that
// no action of the plan takes away: it is its own business, and keeps the entry
// from being called retirable.
func (d *decision) holdsMore(e *Entry, s *Subject) bool {
	acted := func(cluster string) bool {
		return slices.ContainsFunc(d.plan.Actions, func(a Action) bool { return a.UID == e.UID && a.Cluster.ID == cluster })
	}
	for _, c := range d.Directory.Clusters {
		ev := Look(e.Identity, s, listOf(d.lists, c.ID), c.ID, d.Blind(c.ID), d.Now)
		owner := e.Identity == Live && len(ev.Owner) > 0 // no action takes that away
		if owner || !acted(c.ID) && (ev.Valid() || s.state(c.ID).Cert == CertUnknown || len(ev.Rows) > 0) {
			return true
		}
	}
	return slices.ContainsFunc(s.Grants, func(g Grant) bool { return g.Scope == OnAllClusters })
}

// silent reports whether a deleted principal may hold something on a cluster
// that no list of a cluster was read for: a per-user list without a single row
// is one of the undocumented answers about deleted principals, and proves
// nothing there [CS ListUserKubeConfigStates].
func (d *decision) silent(e *Entry, s *Subject) bool {
	return e.Identity == Deleted && len(s.States) == 0 && slices.ContainsFunc(d.Directory.Clusters, func(c Cluster) bool {
		list := listOf(d.lists, c.ID)
		return list == nil || list.Err != nil
	})
}

// outside lists what the principal holds on listed clusters where the policy
// does not act, and on deferred ones. Other certificates of a pinned entry are
// the person's own business.
func (d *decision) outside(e *Entry, s *Subject) {
	for _, c := range d.Directory.Clusters {
		if d.Policy.Scope.Holds(c) && !c.Deferred() && (e.covers(c) || e.Pinned()) {
			continue
		}
		ev := Look(e.Identity, s, listOf(d.lists, c.ID), c.ID, d.Blind(c.ID), d.Now)
		grants := len(ev.Rows)
		if e.Identity == Live {
			grants += len(ev.Owner)
		}
		row := s.state(c.ID)
		if !ev.Valid() && row.Cert != CertUnknown && grants == 0 {
			continue
		}
		o := Outside{UID: e.UID, Cluster: c, Grants: grants, Certificate: Certificate{row.Cert, row.Expires}}
		if ev.Valid() { // the list of the cluster may show more, where it was read anyway
			o.Certificate = ev.Certificate
		}
		d.plan.OutOfScope = append(d.plan.OutOfScope, o)
	}
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

func old(c Cluster) bool {
	possible, _ := c.OwnRevocation()
	return possible == OwnTooOld
}

func (d *decision) actionWarnings(e *Entry, ev Evidence, c Cluster) []string {
	var w []string
	if old(c) {
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

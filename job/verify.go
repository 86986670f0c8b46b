package job

import (
	"context"
	"slices"
	"time"

	"ackrevoke/job/report"
	"ackrevoke/job/sight"
	"ackrevoke/job/write"
	"ackrevoke/policy"
)

// verify proves the writes of one principal, or says that it could not.
// Accepted is not revoked: both surfaces are read at once, then after 2 s,
// doubling to 15 s, until the verify timeout has passed since the last write.
// Reads lag behind writes and never run ahead, so "gone" counts whenever it is
// seen; a surface that was not visible before the write proves nothing after it.
//
// Whatever became of the writes, what went missing beside them is named. seen is the
// principal where it was read after all writes already.
func (j *job) verify(ctx context.Context, mine []*Outcome, seen *policy.Subject) {
	var open, wrote, rejected []*Outcome
	var last time.Time
	for _, o := range mine {
		switch {
		case o.taken && (o.Status == report.WasFailed || o.Status == report.WasBlocked):
			rejected = append(rejected, o)
		case o.Status != write.Accepted && o.Status != write.Gone:
		case !o.VerifiedAt.IsZero():
			o.conclude(ctx)
		default:
			open = append(open, o)
		}
		if o.Begun() {
			wrote = append(wrote, o)
		}
		if o.EndedAt.After(last) {
			last = o.EndedAt
		}
	}
	now := notRead()
	switch {
	case len(open) > 0:
		now = j.prove(ctx, open, last)
	case seen != nil:
		now = *seen
	case len(wrote) > 0 && ctx.Err() == nil:
		now = j.remains(ctx, wrote)
	}
	if len(rejected) > 0 && ctx.Err() == nil {
		now = j.again(ctx, rejected, now)
	}
	j.collateral(mine, wrote, now)
}

// remains reads what one principal has, where nothing else is left to be proven:
// the grants, and the certificates where a call of several clusters was made.
func (j *job) remains(ctx context.Context, wrote []*Outcome) policy.Subject {
	uid := wrote[0].Action.UID
	if slices.ContainsFunc(wrote, func(o *Outcome) bool { return o.taken }) {
		return j.sight.Subject(ctx, uid)
	}
	rows, err := j.Reader.Grants(ctx, uid)
	return policy.Subject{UID: uid, Grants: rows, GrantsErr: sight.Fault("DescribeUserPermission", err)}
}

// again looks once more at what was rejected after a call of all was taken: that one
// may have done it meanwhile.
func (j *job) again(ctx context.Context, rejected []*Outcome, before policy.Subject) policy.Subject {
	now := j.poll(ctx, rejected, before, j.gathering.lists)
	for _, o := range rejected {
		switch {
		case j.proven(o):
			o.Status, o.Fault = report.WasRevoked, nil
		case o.hopeless():
			o.Status = report.WasUnverified // what can be seen of it is gone
		}
	}
	return now
}

// prove looks until all outcomes are proven or the time is up, of which the wait for
// lists that others need as well is no part. It returns the principal as it was read
// last.
func (j *job) prove(ctx context.Context, all []*Outcome, last time.Time) policy.Subject {
	open, subject := all, notRead()
	lists := j.waiting(&last)
	j.writes.Prove(ctx, &last, func(ctx context.Context) bool {
		subject = j.poll(ctx, open, subject, lists)
		open = slices.DeleteFunc(slices.Clone(open), j.decided)
		return len(open) == 0
	}, j.gathering.sleep)
	for _, o := range all {
		o.conclude(ctx)
	}
	return subject
}

// poll reads both surfaces once and notes on every outcome what is seen gone: lists
// of clusters first, because who waits for them waits long. It returns the subject with
// the newest grants and the newest states that could be read, of those before and
// these; GrantsErr says that there are no grants.
func (j *job) poll(ctx context.Context, all []*Outcome, before policy.Subject, read lister) policy.Subject {
	id, uid := all[0].Action.Identity, all[0].Action.UID
	known := j.listsFor(id, uid, all)
	lists := read(ctx, known)
	s := j.sight.Subject(ctx, uid)
	if more := j.listsAfter(id, &s, all, known); len(more) > 0 {
		began := j.Now()
		lists = append(lists, read(ctx, more)...)
		if j.Now().Sub(began) > write.Step {
			s = j.sight.Subject(ctx, uid)
		}
	}
	for i := range lists {
		lists[i] = policy.Doubt(lists[i], &s)
	}
	for _, o := range all {
		j.see(o, &s, lists)
	}
	switch {
	case s.GrantsErr == nil:
	case id == policy.Deleted && s.GrantsErr.Kind == policy.NotFound:
		s.GrantsErr = nil // it has none
	default:
		s.Grants, s.GrantsErr = before.Grants, before.GrantsErr
	}
	if s.StatesErr != nil {
		s.States = before.States
	}
	return s
}

// notRead is a principal of whom nothing was read.
func notRead() policy.Subject { return policy.Subject{GrantsErr: &policy.Fault{}} }

// lister reads the lists of these clusters: shared with others, or for one alone.
type lister func(ctx context.Context, clusters []string) []policy.ClusterList

// waiting reads lists together with others, and puts a time off by what that took.
func (j *job) waiting(until *time.Time) lister {
	return func(ctx context.Context, clusters []string) []policy.ClusterList {
		began := j.Now()
		defer func() { *until = until.Add(j.Now().Sub(began)) }()
		return j.gathering.lists(ctx, clusters)
	}
}

// own reads lists at once and for nobody else, where a write waits for the answer.
func (j *job) own(ctx context.Context, clusters []string) []policy.ClusterList {
	lists := make([]policy.ClusterList, len(clusters))
	for i, c := range clusters {
		lists[i] = j.gathering.read(ctx, c)
	}
	return lists
}

// listsFor are the clusters whose lists the actions of one principal need, whatever its
// own lists say: one that showed its certificate before must show it gone, and of
// somebody deleted each has a say.
func (j *job) listsFor(id policy.IdentityState, uid string, all []*Outcome) (ids []string) {
	for _, o := range all {
		c := o.Action.Cluster.ID
		if o.Action.Operation == policy.Clean && (id == policy.Deleted || j.seen.showed[place{uid, c}]) {
			ids = append(ids, c)
		}
	}
	return ids
}

// listsAfter are those that its own lists make necessary beside the known ones.
func (j *job) listsAfter(id policy.IdentityState, s *policy.Subject, all []*Outcome, known []string) []string {
	var acted []string
	for _, o := range all {
		if o.Action.Operation == policy.Clean {
			acted = append(acted, o.Action.Cluster.ID)
		}
	}
	ids := policy.Missing(id, s, acted)
	for _, o := range all {
		if c := o.Action.Cluster.ID; !slices.Contains(ids, c) && policy.HidesPin(s, c, o.Action.Pins, j.Now()) {
			ids = append(ids, c)
		}
	}
	return slices.DeleteFunc(ids, func(c string) bool { return slices.Contains(known, c) })
}

// see judges one outcome by what was read now.
func (j *job) see(o *Outcome, s *policy.Subject, lists []policy.ClusterList) {
	a := o.Action
	if a.Operation == policy.RevokeGrant {
		o.seeAllClusters(s)
		return
	}
	var list *policy.ClusterList
	if i := slices.IndexFunc(lists, func(l policy.ClusterList) bool { return l.Cluster == a.Cluster.ID }); i >= 0 {
		list = &lists[i]
	}
	ev := policy.Look(a.Identity, s, list, a.Cluster.ID, j.resolution.Blind(a.Cluster.ID), j.Now())
	if list != nil && list.Err != nil && j.seen.showed[place{a.UID, a.Cluster.ID}] {
		ev.Certificate.State, ev.InForce = policy.Unclear, nil // the surface that showed it cannot be asked
	}
	o.After = &policy.Snapshot{Certificate: ev.Certificate, GrantsSeen: ev.GrantsSeen,
		Grants: policy.SortedGrants(append(slices.Clone(ev.Rows), ev.Owner...))}
	ended := ev.Ended()
	o.standing = ev.Valid() || len(ev.Rows) > 0
	if len(a.Pins) > 0 { // other certificates are the person's own
		ended = policy.PinsGone(ev, a.Pins, j.Now())
		o.standing = policy.PinInForce(ev, a.Pins)
		if ended && ev.Valid() {
			o.After.Certificate.State = policy.OtherCertificate
		}
	}
	o.certGone = o.certGone || ended
	o.fading = o.fades(s, list)
	o.grantsGone = o.grantsGone || a.Before.GrantsSeen && ev.GrantsSeen && len(ev.Rows) == 0
	if ev.GrantsFault == nil { // what was seen once does not go by a read that fails
		o.owner = len(ev.Owner) > 0 && a.Identity == policy.Live
	}
}

// shown is how much of what an action is about was shown before anything was written.
func (j *job) shown(a *policy.Action) int {
	before := policy.Subject{UID: a.UID, Grants: a.Before.Grants}
	if was := j.seen.subjects[a.UID]; was != nil {
		before.States = was.States
	}
	n := a.Shown(&before, nil)
	if j.seen.showed[place{a.UID, a.Cluster.ID}] {
		n++ // on the list of the cluster
	}
	return n
}

// fades reports whether this look showed less of what it is about than any before. Then
// a write is coming into effect while the surfaces are read one after another, and what
// the older reading shows beside the newer one is no reason to make it again.
func (o *Outcome) fades(s *policy.Subject, list *policy.ClusterList) bool {
	if unread(o.Action, s) || list != nil && list.Err != nil {
		return false // what was not read is not gone
	}
	now, before := o.Action.Shown(s, list), o.least
	o.least = min(now, before)
	return now < before
}

// unread reports whether one of the principal's own lists could not be had.
func unread(a *policy.Action, s *policy.Subject) bool {
	return policy.Withheld(a.Identity, s.StatesErr) != nil || policy.Withheld(a.Identity, s.GrantsErr) != nil
}

func (o *Outcome) seeAllClusters(s *policy.Subject) {
	o.certGone = true // no certificate hangs on this action
	if s.GrantsErr != nil {
		o.After, o.standing = &policy.Snapshot{Grants: nil}, false
		o.grantsGone = o.grantsGone || o.Action.Identity == policy.Deleted && s.GrantsErr.Kind == policy.NotFound
		return
	}
	rows := policy.OfAllClusters(s.Grants)
	o.After = &policy.Snapshot{GrantsSeen: true, Grants: policy.SortedGrants(rows)}
	o.standing = len(rows) > 0
	o.grantsGone = o.grantsGone || len(rows) == 0
}

// proven reports whether both surfaces were seen clear, and when first.
func (j *job) proven(o *Outcome) bool {
	if !o.certGone || !o.grantsGone {
		return false
	}
	if o.VerifiedAt.IsZero() {
		o.VerifiedAt = j.Now()
	}
	return true
}

// decided reports whether neither another read nor another write can tell or do more.
func (j *job) decided(o *Outcome) bool { return j.proven(o) || o.hopeless() }

// hopeless reports whether more reads cannot prove more: the certificate has
// ended, and grants were never visible here.
func (o *Outcome) hopeless() bool {
	return o.certGone && !o.Action.Before.GrantsSeen && !o.standing
}

// conclude turns accepted and gone into what was proven.
//
//	             both surfaces clear   else
//	accepted     revoked               unverified; with the rejection, where a repetition was rejected
//	gone         absent                failed, if what it is about is still shown; else unverified
//	interrupted  revoked or absent     unverified: nothing was left to look with
//
// Gone, after a call of all was taken, is as accepted: that call may have done it,
// whatever is still shown.
func (o *Outcome) conclude(ctx context.Context) {
	was := o.Status
	switch {
	case !o.VerifiedAt.IsZero() && was == write.Gone && !o.taken: // else the call of all has ended it
		o.Status, o.Fault = report.WasAbsent, nil
	case !o.VerifiedAt.IsZero():
		o.Status, o.Fault = report.WasRevoked, nil
	case ctx.Err() != nil:
		o.Status = report.WasUnverified
		o.Fault = write.Interrupted(ctx)
		o.Hint = "run again: the next run looks anew and revokes what is still there"
	case was == write.Gone && o.After != nil && o.standing && !o.taken:
		o.Status = report.WasFailed
	default:
		o.Status = report.WasUnverified
		if !o.Action.Before.GrantsSeen {
			o.Hint = "grants on this cluster are not visible: make the caller RBAC administrator of it, then run again"
		}
	}
}

// collateral finds rows that the principal had where no write of this run was
// about them and that are gone now: something took more away than was asked.
// They are named on every outcome that was written, and a revoked one is called
// collateral. A write that was rejected or never begun explains no missing row.
func (j *job) collateral(mine, wrote []*Outcome, now policy.Subject) {
	planned := map[string]bool{}
	for _, o := range mine {
		if o.taken || o.Status != report.WasFailed && o.Status != report.WasBlocked && o.Status != report.WasSkipped {
			planned[o.Action.Cluster.ID] = true // the all-clusters action has the empty id, as its rows have
		}
	}
	missing, certificates := j.missing(now, planned)
	if len(missing)+len(certificates) == 0 {
		return
	}
	for _, o := range wrote {
		o.Collateral, o.Certificates = policy.SortedGrants(missing), certificates
		if o.Status == report.WasRevoked {
			o.Status = report.WasCollateral
			o.Hint = "grants that nobody asked to take away are gone: give them back from the snapshot in the journal"
			if len(certificates) > 0 {
				o.Hint = "what nobody asked to take away is gone: give the grants back from the snapshot in the journal; a certificate cannot " +
					"be given back, its holder fetches a new kubeconfig"
			}
		}
	}
}

// missing are the rows that a principal had and has no more on clusters without an
// action, and the ids of those where its certificate was taken: as far as now has
// grants, and states.
func (j *job) missing(now policy.Subject, planned map[string]bool) (rows []policy.Grant, certificates []string) {
	for _, g := range j.before[now.UID] {
		if now.GrantsErr == nil && !planned[g.Cluster] && !slices.Contains(now.Grants, g) {
			rows = append(rows, g)
		}
	}
	before := j.seen.subjects[now.UID]
	if before == nil {
		return nil, nil // nothing was read
	}
	for was := range before.States.All() {
		if was.Cert == policy.Unexpired && !planned[was.Cluster] && now.States.Of(was.Cluster).Cert == policy.Removed {
			certificates = append(certificates, was.Cluster)
		}
	}
	return rows, certificates
}

// tookEffect reports whether the state shows that a write whose answer was lost
// took effect. For a pin it is enough that no pinned certificate is in force.
func (o *Outcome) tookEffect() bool {
	return o.certGone && (o.grantsGone || o.hopeless() || len(o.Action.Pins) > 0 && !o.standing)
}

package job

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"ackrevoke/policy"
)

// directory reads what must be known before single principals are looked at.
// The caller comes first and alone: under a wrong account nothing else is
// asked. failed is the first read, in the order below, that could not be had;
// the caller's own permissions are a gap in the directory and no failure.
func (j *job) directory(ctx context.Context, caller policy.Caller) (d policy.Directory, failed *policy.Fault) {
	d, faults := j.listings(ctx, caller)
	if p := j.caught(); p != nil {
		return d, &policy.Fault{Op: "directory", Kind: policy.Internal, Message: p.Error()}
	}
	for _, f := range faults {
		if f != nil {
			return d, f
		}
	}
	return d, nil
}

// listings makes the reads of the directory, and says of the users, the roles
// and the clusters, in this order, which could not be had.
func (j *job) listings(ctx context.Context, caller policy.Caller) (d policy.Directory, faults [3]*policy.Fault) {
	d.Caller = caller
	reads := []func(){
		func() {
			var err error
			d.Users, err = j.Reader.Users(ctx)
			faults[0] = fault("ListUsers", err)
		},
		func() {
			var err error
			d.Roles, err = j.Reader.Roles(ctx)
			faults[1] = fault("ListRoles", err)
		},
		func() {
			faults[2] = j.clusters(ctx, j.Reader, j.regions(), &d)
		},
		func() {
			if caller.Type == policy.RootAccount {
				return // sees everything, and has no permissions of its own to show
			}
			own, err := j.Reader.Grants(ctx, caller.UID)
			if d.OwnErr = fault("DescribeUserPermission", err); d.OwnErr == nil {
				d.Own = own
			}
		},
	}
	j.each(len(reads), func(i int) { reads[i]() })
	return d, faults
}

// regions are those of the policy's scope, where there is a policy.
func (j *job) regions() []string {
	if j.Policy == nil {
		return nil
	}
	return j.Policy.Scope.Regions
}

// observe reads both surfaces of every entry that is in effect, and what these
// reads leave open: per-cluster lists and clusters that are not listed. What
// cannot be read is a gap in the observation, never an error of the run.
func (j *job) observe(ctx context.Context, r *policy.Resolution) policy.Observation {
	obs := policy.Observation{Directory: r.Directory}
	acting := r.Acting()
	obs.Subjects = make([]policy.Subject, len(acting))
	j.each(len(acting), func(i int) {
		obs.Subjects[i] = j.subject(ctx, acting[i].UID)
		j.tell(Event{Kind: Progress, Stage: "principals read", Of: len(acting)})
	})
	lists, strays := r.Needs(obs.Subjects)
	obs.Lists = make([]policy.ClusterList, len(lists))
	j.each(len(lists), func(i int) {
		obs.Lists[i] = j.list(ctx, lists[i])
		j.tell(Event{Kind: Progress, Stage: "cluster lists read", Of: len(lists)})
	})
	obs.Strays = make([]policy.Stray, len(strays))
	j.each(len(strays), func(i int) { obs.Strays[i] = j.stray(ctx, strays[i]) })
	return obs
}

// each runs n reads, some at a time; their results go where they belong, so
// that the order of answers never shows.
func (j *job) each(n int, read func(i int)) {
	var g errgroup.Group
	g.SetLimit(j.Concurrency)
	for i := range n {
		g.Go(func() error { j.safely(func() { read(i) }); return nil })
	}
	_ = g.Wait()
}

func (j *job) subject(ctx context.Context, uid string) policy.Subject {
	s := policy.Subject{UID: uid}
	grants, err := j.Reader.Grants(ctx, uid)
	if s.GrantsErr = fault("DescribeUserPermission", err); s.GrantsErr == nil {
		s.Grants = grants
	}
	states, err := j.Reader.States(ctx, uid)
	if s.StatesErr = fault("ListUserKubeConfigStates", err); s.StatesErr == nil {
		s.States = states
	}
	slices.SortFunc(s.States, func(a, b policy.State) int { return strings.Compare(a.Cluster, b.Cluster) })
	return s
}

func (j *job) list(ctx context.Context, cluster string) policy.ClusterList {
	l := policy.ClusterList{Cluster: cluster}
	holders, err := j.Reader.Holders(ctx, cluster)
	if l.Err = fault("ListClusterKubeconfigStates", err); l.Err == nil {
		l.Holders = holders
	}
	return l
}

func (j *job) stray(ctx context.Context, id string) policy.Stray { return j.strayOf(ctx, j.Reader, id) }

// strayOf asks for one cluster by its id: it is gone, or it is there and is
// not known, for whatever cause.
func (j *job) strayOf(ctx context.Context, r interface {
	Cluster(ctx context.Context, id string) (policy.Cluster, error)
}, id string) policy.Stray {
	c, err := r.Cluster(ctx, id)
	f := fault("DescribeClusterDetail", err)
	switch {
	case f == nil:
		return policy.Stray{Cluster: id, Gone: c.Gone(), Detail: c}
	case f.Kind == policy.NotFound:
		return policy.Stray{Cluster: id, Gone: true}
	}
	return policy.Stray{Cluster: id, Err: f}
}

package sight

import (
	"context"
	"fmt"
	"strings"

	"ackrevoke/policy"
)

// Caller finds out who asks. Under another account than the expected one nothing
// else is to be asked; the caller is returned beside the *Unseen all the same.
func (s *Sight) Caller(ctx context.Context) (policy.Caller, *Unseen) {
	s.Say(Began{Stage: "asking whose the credentials are"}) // which may have to be fetched, or exchanged, before
	caller, err := s.Reader.Caller(ctx)
	if f := Fault("GetCallerIdentity", err); f != nil {
		return policy.Caller{}, &Unseen{Fault: f, Nobody: true}
	}
	if s.Account != "" && caller.AccountID != s.Account {
		return caller, &Unseen{Foreign: true,
			Message: fmt.Sprintf("the credentials belong to account %s and the policy is for account %s: nothing else was read", caller.AccountID,
				s.Account)}
	}
	return caller, nil
}

// Parts says which of a directory are read.
type Parts uint

// The parts of a directory.
const (
	People   Parts = 1 << iota // users and roles
	Clusters                   // region by region
	Own                        // the caller's own grants: they say where he sees what others hold

	All = People | Clusters | Own
)

// Directory reads what must be known before single principals are looked at.
// faults are the reads of the users, the roles and the clusters, in this order,
// that failed. The caller's own grants are a gap in the directory and no failure.
func (s *Sight) Directory(ctx context.Context, caller policy.Caller, parts Parts) (d policy.Directory, faults [3]*policy.Fault) {
	d.Caller = caller
	var keep func(policy.Identity) bool
	if s.Keep != nil {
		keep = s.Keep(caller)
	}
	keep = s.early.counting(keep)
	var reads []func()
	var names []string
	if parts&People != 0 {
		names = append(names, "users", "roles")
		reads = append(reads, func() {
			rows, err := s.Reader.Users(ctx, keep)
			d.Users, faults[0] = Rows("ListUsers", rows, err)
		}, func() {
			rows, err := s.Reader.Roles(ctx, keep)
			d.Roles, faults[1] = Rows("ListRoles", rows, err)
		})
	}
	if parts&Clusters != 0 {
		names = append(names, "clusters")
		reads = append(reads, func() { faults[2] = s.clusters(ctx, &d) })
	}
	if parts&Own != 0 && caller.Type != policy.RootAccount { // which sees everything, and has no permissions of its own to show
		names = append(names, "the caller's grants")
		reads = append(reads, func() {
			rows, err := s.Reader.Grants(ctx, caller.UID)
			d.Own, d.OwnErr = Rows("DescribeUserPermission", rows, err)
		})
	}
	s.Stage("listed of "+strings.Join(names, ", "), len(reads), func(i int) { reads[i]() })
	return d, faults
}

// First is the first of faults, or nil.
func First(faults [3]*policy.Fault) *policy.Fault {
	for _, f := range faults {
		if f != nil {
			return f
		}
	}
	return nil
}

// Believed asks who it is and reads these parts of a directory, and holds them to
// what can be believed. The error is *Unseen or *Panic.
func (s *Sight) Believed(ctx context.Context, parts Parts) (policy.Directory, error) {
	caller, unseen := s.Caller(ctx)
	if unseen != nil {
		return policy.Directory{}, unseen
	}
	d, faults := s.Directory(ctx, caller, parts)
	if p := s.Net.Caught(); p != nil {
		return d, p
	}
	if f := First(faults); f != nil {
		return d, &Unseen{Fault: f}
	}
	if ok, message := d.Complete(); !ok {
		return d, &Unseen{Message: message}
	}
	return d, nil
}

// Observe reads both surfaces of every entry that is in effect, and what these
// reads leave open: per-cluster lists and clusters that are not listed. What
// cannot be read is a gap in the observation, never an error of the command.
func (s *Sight) Observe(ctx context.Context, r *policy.Resolution) policy.Observation {
	obs := policy.Observation{Directory: r.Directory}
	var uids []string
	for _, p := range r.Acting() {
		uids = append(uids, p.UID)
	}
	obs.Subjects = s.Subjects(ctx, uids)
	lists, strays := r.Needs(obs.Subjects)
	obs.Lists = s.Lists(ctx, "cluster lists read", lists)
	obs.Strays = s.Strays(ctx, strays)
	return obs
}

// Subjects looks at these principals.
func (s *Sight) Subjects(ctx context.Context, uids []string) []policy.Subject {
	all := make([]policy.Subject, len(uids))
	s.Stage("states and grants of principals read", len(uids), func(i int) {
		if x, read := s.early.subject(uids[i]); read {
			all[i] = x
		} else {
			all[i] = s.Subject(ctx, uids[i])
		}
	})
	return all
}

// Subject reads the grants and the states of one principal, side by side where more
// than one call at a time is allowed. A panic in one of them is one here, so that
// what was left unread is never taken for absent.
func (s *Sight) Subject(ctx context.Context, uid string) policy.Subject {
	x := policy.Subject{UID: uid}
	var read [2]bool
	s.Each(2, func(i int) {
		if i == 0 {
			grants, err := s.Reader.Grants(ctx, uid)
			x.Grants, x.GrantsErr = Rows("DescribeUserPermission", grants, err)
		} else {
			states, err := s.Reader.States(ctx, uid)
			states, x.StatesErr = Rows("ListUserKubeConfigStates", states, err)
			x.States = policy.NewStates(states...)
		}
		read[i] = true
	})
	if !read[0] || !read[1] {
		panic(s.Net.Caught())
	}
	return x
}

// Lists reads who has a credential on these clusters, and tells of it as a stage.
func (s *Sight) Lists(ctx context.Context, stage string, clusters []string) []policy.ClusterList {
	all := make([]policy.ClusterList, len(clusters))
	s.Stage(stage, len(clusters), func(i int) { all[i] = s.List(ctx, clusters[i]) })
	return all
}

// List reads who has a credential on one cluster.
func (s *Sight) List(ctx context.Context, cluster string) policy.ClusterList {
	holders, err := s.Reader.Holders(ctx, cluster)
	rows, f := Rows("ListClusterKubeconfigStates", holders, err)
	return policy.ClusterList{Cluster: cluster, Holders: rows, Err: f}
}

// Strays asks for these clusters by their ids.
func (s *Sight) Strays(ctx context.Context, clusters []string) []policy.Stray {
	all := make([]policy.Stray, len(clusters))
	s.Stage("clusters asked for by name", len(clusters), func(i int) { all[i] = s.Stray(ctx, clusters[i]) })
	return all
}

// Stray asks for one cluster by its id: it is gone, or it is there and is not
// known, for whatever cause.
func (s *Sight) Stray(ctx context.Context, id string) policy.Stray {
	c, err := s.Reader.Cluster(ctx, id)
	f := Fault("DescribeClusterDetail", err)
	switch {
	case f == nil:
		return policy.Stray{Cluster: id, Gone: c.Gone(), Detail: c}
	case f.Kind == policy.NotFound:
		return policy.Stray{Cluster: id, Gone: true}
	}
	return policy.Stray{Cluster: id, Err: f}
}

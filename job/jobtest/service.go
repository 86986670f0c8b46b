// Package jobtest is a hand-made account behind the ports of the commands, for
// their tests: small enough to see through. What the Service itself does, the
// simulated account does; here a test says of each call how it is answered.
package jobtest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"ackrevoke/policy"
)

// Account is the id of the account.
const Account = "1234567890123456"

// Service is a hand-made account: small enough to see through.
// Faults are given by what a call is about.
type Service struct {
	Mu         sync.Mutex
	Identities []policy.Identity
	GrantRows  map[string][]policy.Grant  // by uid
	StateRows  map[string][]policy.State  // by uid
	HolderRows map[string][]policy.Holder // by cluster
	Log        []string                   // calls
	// On may answer a call with an error; effect says whether a write still does its work.
	On func(call string, n int) (effect bool, err error)
	N  map[string]int // by call

	Own    []string // clusters that the caller administers; nil: it is the root account
	Strays bool     // clusters that only rows name exist

}

// New is an account with these users and four clusters.
func New(uids ...string) *Service {
	s := &Service{GrantRows: map[string][]policy.Grant{}, StateRows: map[string][]policy.State{}, HolderRows: map[string][]policy.Holder{},
		N: map[string]int{}}
	for _, u := range uids {
		s.Identities = append(s.Identities, policy.Identity{UID: u, Name: "user-" + u, Kind: policy.User, CreatedAt: time.Unix(0, 0)})
	}
	return s
}

// Holds gives a principal a certificate and a grant on a cluster.
func (s *Service) Holds(uid, cluster string) {
	s.StateRows[uid] = append(s.StateRows[uid], policy.State{Cluster: cluster, Cert: policy.Unexpired,
		Expires: time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)})
	s.GrantRows[uid] = append(s.GrantRows[uid], policy.Grant{Cluster: cluster, Scope: policy.OnCluster, Role: "dev"})
}

// Saw takes a note of a call, and says how it is answered.
func (s *Service) Saw(call string) (bool, error) {
	s.Log = append(s.Log, call)
	s.N[call]++
	if s.On == nil {
		return true, nil
	}
	return s.On(call, s.N[call])
}

func (s *Service) Caller(context.Context) (policy.Caller, error) {
	if s.Own != nil {
		s.Identities = append(s.Identities, policy.Identity{UID: "90", Name: "runner", Kind: policy.User})
		for _, c := range s.Own {
			s.GrantRows["90"] = append(s.GrantRows["90"], policy.Grant{Cluster: c, Scope: policy.OnCluster, Role: "admin"})
		}
		return policy.Caller{Type: policy.RAMUser, AccountID: Account, UID: "90"}, nil
	}
	return policy.Caller{Type: policy.RootAccount, AccountID: Account, UID: Account}, nil
}
func (s *Service) Users(_ context.Context, keep func(policy.Identity) bool) ([]policy.Identity, error) {
	return slices.DeleteFunc(slices.Clone(s.Identities), func(id policy.Identity) bool { return keep != nil && !keep(id) }), nil
}
func (s *Service) Roles(context.Context, func(policy.Identity) bool) ([]policy.Identity, error) {
	return nil, nil
}
func (s *Service) Regions(context.Context) ([]string, error) { return []string{"r"}, nil }
func (s *Service) RegionClusters(_ context.Context, region string) ([]policy.Cluster, error) {
	var cs []policy.Cluster
	for i := range 4 {
		cs = append(cs, policy.Cluster{ID: fmt.Sprintf("c%d", i+1), Name: fmt.Sprintf("cluster-%d", i+1), Region: region, State: "running"})
	}
	return cs, nil
}
func (s *Service) RetiredClusters(context.Context) ([]policy.Cluster, error) {
	return nil, &policy.Fault{Kind: policy.Invalid, Status: 404}
}
func (s *Service) Cluster(context.Context, string) (policy.Cluster, error) {
	if s.Strays {
		return policy.Cluster{State: "running"}, nil
	}
	return policy.Cluster{}, &policy.Fault{Kind: policy.NotFound}
}

func (s *Service) Grants(_ context.Context, uid string) ([]policy.Grant, error) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	if _, err := s.Saw("grants " + uid); err != nil {
		return nil, err
	}
	return slices.Clone(s.GrantRows[uid]), nil
}

func (s *Service) States(_ context.Context, uid string) ([]policy.State, error) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	if _, err := s.Saw("states " + uid); err != nil {
		return nil, err
	}
	all := slices.Clone(s.StateRows[uid])
	for i := range 4 {
		id := fmt.Sprintf("c%d", i+1)
		if !slices.ContainsFunc(all, func(r policy.State) bool { return r.Cluster == id }) {
			all = append(all, policy.State{Cluster: id, Cert: policy.Unissued})
		}
	}
	return all, nil
}

func (s *Service) Holders(_ context.Context, cluster string) ([]policy.Holder, error) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	if _, err := s.Saw("holders " + cluster); err != nil {
		return nil, err
	}
	return s.HolderRows[cluster], nil
}

func (s *Service) Clean(_ context.Context, cluster, uid string, force bool) (string, int, error) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	effect, err := s.Saw("clean " + cluster + " " + uid)
	if effect {
		s.Take(cluster, uid)
	}
	return "request-" + cluster, 1, err
}

// Take ends what somebody has on a cluster.
func (s *Service) Take(cluster, uid string) {
	for i, row := range s.StateRows[uid] {
		if row.Cluster == cluster {
			s.StateRows[uid][i].Cert = policy.Removed
		}
	}
	s.GrantRows[uid] = slices.DeleteFunc(s.GrantRows[uid], func(g policy.Grant) bool { return g.Cluster == cluster && !g.Owner })
}

// CleanMany does at once what it is asked for.
func (s *Service) CleanMany(_ context.Context, clusters []string, uid string, force bool) (string, string, int, error) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	effect, err := s.Saw("clean-many " + strings.Join(clusters, ",") + " " + uid)
	for _, c := range clusters {
		if effect {
			s.Take(c, uid)
		}
	}
	if err != nil {
		return "", "", 1, err
	}
	return "task-" + uid, "request-many", 1, nil
}

// TaskEnded says that it is over, unless On says otherwise.
func (s *Service) TaskEnded(_ context.Context, task string) (bool, error) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	return s.Saw(task)
}

func (s *Service) RevokeGrants(_ context.Context, uid string, _ policy.Kind, rows []policy.Grant) (string, int, error) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	effect, err := s.Saw("revoke-grants " + uid)
	if effect {
		s.GrantRows[uid] = slices.DeleteFunc(s.GrantRows[uid], func(g policy.Grant) bool { return slices.Contains(rows, g) })
	}
	return "request-all", 1, err
}

// Writes are the calls that write, in order.
func (s *Service) Writes() []string {
	return slices.DeleteFunc(slices.Clone(s.Log), func(c string) bool {
		return !strings.HasPrefix(c, "clean") &&
			!strings.HasPrefix(c, "revoke")
	})
}

// Departed are entries of people who left.
func Departed(uids ...string) []policy.Principal {
	var ps []policy.Principal
	for _, u := range uids {
		ps = append(ps, policy.Principal{UID: u, Kind: policy.User, Reason: policy.Departed, Force: true})
	}
	return ps
}

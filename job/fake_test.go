package job

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ackrevoke/job/report"
	"ackrevoke/job/write"
	"ackrevoke/policy"
)

const account = "1234567890123456"

// service is a hand-made account behind the ports: small enough to see through.
// Faults are given by what a call is about.
type service struct {
	mu      sync.Mutex
	users   []policy.Identity
	grants  map[string][]policy.Grant
	states  map[string][]policy.State
	holders map[string][]policy.Holder
	log     []string
	// on may answer a call with an error; effect says whether a write still does its work.
	on func(call string, n int) (effect bool, err error)
	n  map[string]int

	own    []string // clusters that the caller administers; nil: it is the root account
	strays bool     // clusters that only rows name exist

	dir    string          // of the journal of the last run
	panics bool            // is expected to
	ctx    context.Context // of the run, where a test ends it
}

func newService(uids ...string) *service {
	s := &service{grants: map[string][]policy.Grant{}, states: map[string][]policy.State{}, holders: map[string][]policy.Holder{}, n: map[string]int{}}
	for _, u := range uids {
		s.users = append(s.users, policy.Identity{UID: u, Name: "user-" + u, Kind: policy.User, CreatedAt: time.Unix(0, 0)})
	}
	return s
}

// holds gives a principal a certificate and a grant on a cluster.
func (s *service) holds(uid, cluster string) {
	s.states[uid] = append(s.states[uid], policy.State{Cluster: cluster, Cert: policy.Unexpired, Expires: time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)})
	s.grants[uid] = append(s.grants[uid], policy.Grant{Cluster: cluster, Scope: policy.OnCluster, Role: "dev"})
}

func (s *service) saw(call string) (bool, error) {
	s.log = append(s.log, call)
	s.n[call]++
	if s.on == nil {
		return true, nil
	}
	return s.on(call, s.n[call])
}

func (s *service) Caller(context.Context) (policy.Caller, error) {
	if s.own != nil {
		s.users = append(s.users, policy.Identity{UID: "90", Name: "runner", Kind: policy.User})
		for _, c := range s.own {
			s.grants["90"] = append(s.grants["90"], policy.Grant{Cluster: c, Scope: policy.OnCluster, Role: "admin"})
		}
		return policy.Caller{Type: policy.RAMUser, AccountID: account, UID: "90"}, nil
	}
	return policy.Caller{Type: policy.RootAccount, AccountID: account, UID: account}, nil
}
func (s *service) Users(context.Context) ([]policy.Identity, error) { return s.users, nil }
func (s *service) Roles(context.Context) ([]policy.Identity, error) { return nil, nil }
func (s *service) Regions(context.Context) ([]string, error)        { return []string{"r"}, nil }
func (s *service) RegionClusters(_ context.Context, region string) ([]policy.Cluster, error) {
	var cs []policy.Cluster
	for i := range 4 {
		cs = append(cs, policy.Cluster{ID: fmt.Sprintf("c%d", i+1), Name: fmt.Sprintf("cluster-%d", i+1), Region: region, State: "running"})
	}
	return cs, nil
}
func (s *service) RetiredClusters(context.Context) ([]policy.Cluster, error) {
	return nil, &policy.Fault{Kind: policy.Invalid, Status: 404}
}
func (s *service) Cluster(context.Context, string) (policy.Cluster, error) {
	if s.strays {
		return policy.Cluster{State: "running"}, nil
	}
	return policy.Cluster{}, &policy.Fault{Kind: policy.NotFound}
}

func (s *service) Grants(_ context.Context, uid string) ([]policy.Grant, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.saw("grants " + uid); err != nil {
		return nil, err
	}
	return slices.Clone(s.grants[uid]), nil
}

func (s *service) States(_ context.Context, uid string) ([]policy.State, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.saw("states " + uid); err != nil {
		return nil, err
	}
	all := slices.Clone(s.states[uid])
	for i := range 4 {
		id := fmt.Sprintf("c%d", i+1)
		if !slices.ContainsFunc(all, func(r policy.State) bool { return r.Cluster == id }) {
			all = append(all, policy.State{Cluster: id, Cert: policy.Unissued})
		}
	}
	return all, nil
}

func (s *service) Holders(_ context.Context, cluster string) ([]policy.Holder, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.saw("holders " + cluster); err != nil {
		return nil, err
	}
	return s.holders[cluster], nil
}

func (s *service) Clean(_ context.Context, cluster, uid string, force bool) (string, int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	effect, err := s.saw("clean " + cluster + " " + uid)
	if effect {
		for i, row := range s.states[uid] {
			if row.Cluster == cluster {
				s.states[uid][i].Cert = policy.Removed
			}
		}
		s.grants[uid] = slices.DeleteFunc(s.grants[uid], func(g policy.Grant) bool { return g.Cluster == cluster && !g.Owner })
	}
	return "request-" + cluster, 1, err
}

func (s *service) RevokeGrants(_ context.Context, uid string, _ policy.Kind, rows []policy.Grant) (string, int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	effect, err := s.saw("revoke-grants " + uid)
	if effect {
		s.grants[uid] = slices.DeleteFunc(s.grants[uid], func(g policy.Grant) bool { return slices.Contains(rows, g) })
	}
	return "request-all", 1, err
}

func (s *service) writes() []string {
	return slices.DeleteFunc(slices.Clone(s.log), func(c string) bool { return !strings.HasPrefix(c, "clean") && !strings.HasPrefix(c, "revoke") })
}

func departed(uids ...string) []policy.Principal {
	var ps []policy.Principal
	for _, u := range uids {
		ps = append(ps, policy.Principal{UID: u, Kind: policy.User, Reason: policy.Departed, Force: true})
	}
	return ps
}

// run makes one applying run in a bubble and returns its report; with says
// what is different from the usual.
func (s *service) run(t *testing.T, ps []policy.Principal, with func(*Config), then func(*report.Report)) {
	t.Helper()
	s.dir = t.TempDir()
	dir := s.dir
	synctest.Test(t, func(t *testing.T) {
		j, err := write.OpenJournal(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer j.Close()
		c := Config{Policy: &policy.Policy{Account: account, Guards: policy.Guards{MaxPrincipals: 10, MaxRevocations: 200, MaxCompromised: 5}, Principals: ps},
			Reader: s, Revoker: s, Journal: j, Concurrency: 4, VerifyTimeout: 2 * time.Minute, Now: time.Now, Run: report.Run{ID: "run-1"}}
		if with != nil {
			with(&c)
		}
		ctx := s.ctx
		if ctx == nil {
			ctx = t.Context()
		}
		r, err := Run(ctx, c)
		if err != nil && !s.panics {
			t.Error(err)
		}
		if err := report.Check(r); err != nil {
			t.Error(err)
		}
		then(r)
	})
}

func statuses(r *report.Report) map[string]report.Status {
	m := map[string]report.Status{}
	for _, o := range r.Outcomes {
		m[o.Action] = o.Status
	}
	return m
}

package job

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/job/jobtest"
	"ackrevoke/job/report"
	"ackrevoke/policy"
)

// deleted is an account of so many people who are deleted from RAM, each with a
// certificate and a grant on one of four clusters, whose lists show them until they
// are revoked.
func deleted(n int) (s *service, uids []string) {
	s = newService()
	for i := range n {
		uid, c := fmt.Sprint(100+i), fmt.Sprintf("c%d", 1+i%4)
		uids = append(uids, uid)
		s.Holds(uid, c)
		s.HolderRows[c] = append(s.HolderRows[c], policy.Holder{UID: uid, Name: "user-" + uid, AccountType: "RamUser", AccountState: "Deleted",
			Cert: policy.Unexpired, Expires: time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)})
	}
	s.On = s.unlist
	return s, uids
}

// unlist lets the lists follow the writes.
func (s *service) unlist(call string, _ int) (bool, error) {
	if f := strings.Fields(call); f[0] == "clean" {
		s.HolderRows[f[1]] = slices.DeleteFunc(slices.Clone(s.HolderRows[f[1]]), func(h policy.Holder) bool { return h.UID == f[2] })
	}
	return true, nil
}

func (s *service) count(prefix string) (n int) {
	for _, c := range s.Log {
		if strings.HasPrefix(c, prefix) {
			n++
		}
	}
	return n
}

func many(c *Config) { c.Policy.Guards.MaxPrincipals, c.Policy.Guards.MaxRevocations = 1000, 1000 }

func revoked(t *testing.T, r *report.Report, n int) {
	t.Helper()
	if r.Summary.Revoked != n || r.Verdict.ExitCode != 0 {
		t.Errorf("%d of %d revoked, exit %d", r.Summary.Revoked, n, r.Verdict.ExitCode)
	}
}

// slowLists takes a second for each list, and notes what is written meanwhile.
type slowLists struct {
	*service
	writing          time.Duration // that each write takes
	under, meanwhile atomic.Int32
}

func (s *slowLists) Holders(ctx context.Context, cluster string) ([]policy.Holder, error) {
	s.under.Add(1)
	defer s.under.Add(-1)
	time.Sleep(time.Second)
	return s.service.Holders(ctx, cluster)
}

func (s *slowLists) Clean(ctx context.Context, cluster, uid string, force bool) (string, int, error) {
	s.meanwhile.Add(s.under.Load())
	time.Sleep(s.writing)
	return s.service.Clean(ctx, cluster, uid, force)
}

// Principals that need the list of one cluster as proof share its readings: their
// number does not grow with the principals. Nobody writes while lists are read, for
// pages of a list that changes do not fit each other.
func TestProofsShareLists(t *testing.T) {
	s, uids := deleted(200)
	slow := &slowLists{service: s}
	s.run(t, jobtest.Departed(uids...), func(c *Config) { many(c); c.Reader, c.Revoker = slow, slow }, func(r *report.Report) {
		revoked(t, r, 200)
		if n := s.count("holders "); n > 4+200/sharers+4 {
			t.Errorf("%d lists were read: 4 before anything was written, and one for each %d of 200", n, sharers)
		}
		if n := slow.meanwhile.Load(); n > 0 {
			t.Errorf("%d writes were made while lists were read", n)
		}
	})
}

// To wait for others is no part of the verify timeout: where the lists that were waited
// for could not be read, they are read again.
func TestWaitingForOthersIsNotTheTimeout(t *testing.T) {
	s, uids := deleted(40)
	s.On = func(call string, n int) (bool, error) {
		if strings.HasPrefix(call, "holders") && n == 2 {
			return false, &policy.Fault{Kind: policy.Unavailable}
		}
		return s.unlist(call, n)
	}
	slow := &slowLists{service: s, writing: 3 * time.Second}
	s.run(t, jobtest.Departed(uids...), func(c *Config) {
		many(c)
		c.Reader, c.Revoker, c.Concurrency, c.VerifyTimeout = slow, slow, 2, 10*time.Second
	}, func(r *report.Report) { revoked(t, r, 40) })
}

// lagging shows what a write did after five seconds, in all three lists, and takes two
// seconds for the pages of a cluster's list, which do not fit each other where one of
// its rows goes meanwhile.
type lagging struct {
	*service
	wrote map[string]time.Time // by uid
	along []string             // clusters on which somebody loses everything as well
}

func (s *lagging) settle() {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	for uid, at := range s.wrote {
		if time.Since(at) >= 5*time.Second {
			delete(s.wrote, uid)
			for _, c := range s.along {
				s.Take(c, uid)
			}
			for c, rows := range s.HolderRows {
				s.Take(c, uid)
				s.HolderRows[c] = slices.DeleteFunc(slices.Clone(rows), func(h policy.Holder) bool { return h.UID == uid })
			}
		}
	}
}

func (s *lagging) Holders(ctx context.Context, cluster string) ([]policy.Holder, error) {
	s.settle()
	before, err := s.service.Holders(ctx, cluster)
	time.Sleep(2 * time.Second)
	s.settle()
	if after, _ := s.service.Holders(ctx, cluster); len(after) < len(before) {
		return nil, &policy.Fault{Op: "ListClusterKubeconfigStates", Kind: policy.Unavailable, Status: 200, Message: "the total changed"}
	}
	return before, err
}

func (s *lagging) States(ctx context.Context, uid string) ([]policy.State, error) {
	s.settle()
	return s.service.States(ctx, uid)
}

func (s *lagging) Grants(ctx context.Context, uid string) ([]policy.Grant, error) {
	s.settle()
	return s.service.Grants(ctx, uid)
}

func (s *lagging) Clean(ctx context.Context, cluster, uid string, force bool) (string, int, error) {
	time.Sleep(500 * time.Millisecond)
	id, n, err := s.service.Clean(ctx, cluster, uid, force)
	s.Mu.Lock()
	defer s.Mu.Unlock()
	s.wrote[uid] = time.Now()
	return id, n, err
}

// Reads that lag, and lists that change while they are read, are no reason to call
// anything unverified in an account where all is well: who waits long for lists is
// judged by rows that were read after them.
func TestProofsShareListsThatLag(t *testing.T) {
	s, uids := deleted(300)
	s.On = func(call string, _ int) (bool, error) { return !strings.HasPrefix(call, "clean"), nil }
	slow := &lagging{service: s, wrote: map[string]time.Time{}}
	s.run(t, jobtest.Departed(uids...), func(c *Config) {
		many(c)
		c.Reader, c.Revoker, c.VerifyTimeout = slow, slow, 30*time.Second
	}, func(r *report.Report) { revoked(t, r, 300) })
}

// What went along is looked for in rows that are as new as the proof.
func TestCollateralOfSomebodyWhoWaitedForLists(t *testing.T) {
	s, uids := deleted(1)
	s.StateRows[uids[0]] = nil // the list of the cluster alone shows the certificate
	s.GrantRows[uids[0]] = []policy.Grant{{Cluster: "c2", Scope: policy.OnCluster, Role: "ops"}}
	s.On = func(call string, _ int) (bool, error) { return !strings.HasPrefix(call, "clean"), nil }
	slow := &lagging{service: s, wrote: map[string]time.Time{}, along: []string{"c2"}}
	ps := jobtest.Departed(uids...)
	ps[0].Clusters = []string{"c1"}
	s.run(t, ps, func(c *Config) { c.Reader, c.Revoker = slow, slow }, func(r *report.Report) {
		if diff := cmp.Diff(map[string][]string{"c1/100": {"c2 ops"}}, lostOf(r)); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", statuses(r), diff)
		}
	})
}

// A proof is a reading that began after the write, also where another one's reading
// was under way.
func TestAListThatWasReadBeforeProvesNothing(t *testing.T) {
	s, uids := deleted(40)
	written := map[string]bool{}
	shown := map[string]bool{} // clusters and people that a list has shown since they were revoked
	s.On = func(call string, n int) (bool, error) {
		f := strings.Fields(call)
		switch f[0] {
		case "clean":
			written[f[2]] = true // the lists go on showing them
		case "holders":
			for _, h := range s.HolderRows[f[1]] {
				shown[h.UID] = shown[h.UID] || written[h.UID]
			}
		}
		return true, nil
	}
	s.run(t, jobtest.Departed(uids...), func(c *Config) { many(c); c.VerifyTimeout = time.Minute }, func(r *report.Report) {
		for _, uid := range uids {
			if !shown[uid] {
				t.Errorf("no list was read after %s was revoked", uid)
			}
		}
		for action, status := range statuses(r) {
			if status != report.WasUnverified {
				t.Errorf("%s is %s, and its list shows the certificate to this day", action, status)
			}
		}
	})
}

// With one at a time, each is proven before the next begins.
func TestOneAtATimeIsProvenBeforeTheNext(t *testing.T) {
	s, uids := deleted(3)
	s.run(t, jobtest.Departed(uids...), func(c *Config) { c.Concurrency = 1 }, func(r *report.Report) {
		revoked(t, r, 3)
		first, second := slices.Index(s.Log, "clean c1 100"), slices.Index(s.Log, "clean c2 101")
		if between := s.Log[first:second]; !slices.Contains(between, "holders c1") || !slices.Contains(between, "states 100") {
			t.Errorf("between two writes: %v", between)
		}
	})
}

// Reads lag behind writes: who waits for them lets another one write.
func TestWaitingMakesPlace(t *testing.T) {
	uids := make([]string, 40)
	for i := range uids {
		uids[i] = fmt.Sprint(100 + i)
	}
	s := newService(uids...)
	wrote := map[string]time.Time{}
	for _, uid := range uids {
		s.Holds(uid, "c1")
	}
	s.On = func(call string, _ int) (bool, error) {
		f := strings.Fields(call)
		switch f[0] {
		case "clean":
			wrote[f[2]] = time.Now()
			return false, nil
		case "grants", "states":
			if at, ok := wrote[f[1]]; ok && time.Since(at) >= 8*time.Second {
				s.Take("c1", f[1])
			}
		}
		return true, nil
	}
	var began time.Time
	s.run(t, jobtest.Departed(uids...), func(c *Config) { many(c); c.Concurrency = 2; began = time.Now() }, func(r *report.Report) {
		revoked(t, r, 40)
		if took := time.Since(began); took > 20*time.Second { // each takes 14 s: 2, 4 and 8
			t.Errorf("took %v", took)
		}
	})
}

// A run that is ended while many wait for lists ends, and calls none of them revoked.
func TestEndedWhileProofsWait(t *testing.T) {
	s, uids := deleted(100)
	ctx, cancel := context.WithCancel(t.Context())
	s.ctx = ctx
	s.On = func(call string, n int) (bool, error) {
		if strings.HasPrefix(call, "holders") && n > 1 {
			cancel()
			return false, context.Canceled
		}
		return s.unlist(call, n)
	}
	s.run(t, jobtest.Departed(uids...), many, func(r *report.Report) {
		for action, status := range statuses(r) {
			if status != report.WasUnverified && status != report.WasSkipped {
				t.Errorf("%s is %s without a list", action, status)
			}
		}
	})
}

// A panic in a reading that many share is one of the run; nobody waits for ever, and
// nothing that needed it is called revoked.
func TestPanicInASharedReading(t *testing.T) {
	s, uids := deleted(20)
	s.panics = true
	s.On = func(call string, n int) (bool, error) {
		if call == "holders c2" && n > 1 {
			panic(call)
		}
		return s.unlist(call, n)
	}
	s.run(t, jobtest.Departed(uids...), func(c *Config) { many(c); c.VerifyTimeout = time.Minute }, func(r *report.Report) {
		for action, status := range statuses(r) {
			if strings.HasPrefix(action, "c2/") && status == report.WasRevoked {
				t.Errorf("%s is revoked without a list", action)
			}
		}
		if r.Verdict.ExitCode != 1 {
			t.Errorf("exit %d", r.Verdict.ExitCode)
		}
	})
}

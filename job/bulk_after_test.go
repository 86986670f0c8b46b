package job

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/job/end"
	"ackrevoke/job/jobtest"
	"ackrevoke/job/report"
	"ackrevoke/job/sight"
	"ackrevoke/policy"
)

// A task may do its work after it said that it is over. Whatever the calls of each
// cluster say then, what is gone was revoked by this run.
func TestBulkTakesEffectLate(t *testing.T) {
	for _, c := range []struct {
		name string
		kind policy.FaultKind
	}{{"and a call of its own finds nothing", policy.NotFound}, {"and a call of its own is rejected", policy.Invalid}} {
		t.Run(c.name, func(t *testing.T) {
			s := holder()
			s.On = func(call string, _ int) (bool, error) {
				switch {
				case call == ofAll:
					return false, nil
				case call == "clean c3 1":
					s.Take("c3", "1")
					return false, &policy.Fault{Kind: c.kind, Message: "no"}
				}
				return true, nil
			}
			s.run(t, jobtest.Departed("1"), func(x *Config) { x.Most = 200 }, func(r *report.Report) {
				for _, o := range r.Outcomes {
					if o.Status != report.WasRevoked || o.Error != nil {
						t.Errorf("%s is %s: %+v", o.Action, o.Status, o.Error)
					}
				}
			})
		})
	}
}

// Without a line for each cluster no call is made, and no outcome says that there was one.
func TestBulkThatWasNotMade(t *testing.T) {
	s := holder()
	s.run(t, jobtest.Departed("1"), func(c *Config) { c.Most, c.Journal = 200, nil }, func(r *report.Report) {
		for _, o := range r.Outcomes {
			if o.Bulk || o.Attempts != 0 || o.Status != report.WasSkipped {
				t.Errorf("%+v", o)
			}
		}
	})
}

// How long a lost write is made again counts from its own first try, however long
// the call of all kept everybody waiting.
func TestBulkLeavesTimeForTheOthers(t *testing.T) {
	s := holder()
	s.On = func(call string, n int) (bool, error) {
		if call == ofAll || call == "task-1" {
			return false, nil
		}
		if call == "clean c1 1" && n == 1 {
			return false, &policy.Fault{Kind: policy.Unavailable, Sent: true}
		}
		return true, nil
	}
	s.run(t, jobtest.Departed("1"), func(c *Config) { c.Most, c.VerifyTimeout = 200, 20*time.Second }, func(r *report.Report) {
		want := append([]string{ofAll, "clean c1 1"}, alone("c1", "c2", "c3", "c4")...)
		if diff := cmp.Diff(want, s.Writes()); diff != "" || r.Summary.Revoked != 4 {
			t.Errorf("%+v\n%s", r.Summary, diff)
		}
	})
}

// Of somebody deleted each look reads the list of every cluster. While nobody says
// whether the task is over, one list will do.
func TestBulkOfTheDeleted(t *testing.T) {
	s := holder()
	s.Identities = nil
	for _, c := range []string{"c1", "c2", "c3", "c4"} {
		s.HolderRows[c] = []policy.Holder{{UID: "1", Cert: policy.Unexpired, AccountState: "Deleted",
			Expires: time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)}}
	}
	lists := 0
	s.On = func(call string, _ int) (bool, error) {
		switch {
		case call == ofAll:
			lists = 0
			return false, &policy.Fault{Kind: policy.Unavailable, Sent: true}
		case strings.HasPrefix(call, "clean "):
			s.HolderRows[call[6:8]] = nil
			return true, nil
		case strings.HasPrefix(call, "holders"):
			lists++
		}
		return true, nil
	}
	s.run(t, jobtest.Departed("1"), func(c *Config) { c.Most = 200 }, func(r *report.Report) {
		// One list at 0, 2, 6, 14 and 29 s, all of them at the end of the patience, and all for the proof.
		if lists != 5+4+4 || r.Summary.Revoked != 4 {
			t.Errorf("%d lists were read, calls %v: %+v", lists, s.Log, r.Summary)
		}
	})
}

// A denial of the call of all is told with the actions that are missing, and
// anything else without them.
func TestBulkRefusedHint(t *testing.T) {
	for kind, want := range map[policy.FaultKind]bool{policy.Denied: true, policy.Declined: false, policy.Conflict: false} {
		s := holder()
		s.On = func(call string, _ int) (bool, error) {
			if call == ofAll {
				return false, &policy.Fault{Op: "CleanUserPermissions", Kind: kind, Message: "no"}
			}
			return true, nil
		}
		var told []string
		s.run(t, jobtest.Departed("1"), func(c *Config) {
			c.Most = 200
			c.Tell = func(e sight.Event) {
				if text := fmt.Sprint(e); strings.Contains(text, "one by one") {
					told = append(told, text)
				}
			}
		}, func(*report.Report) {
			if len(told) != 1 || strings.Contains(told[0], "cs:CleanUserPermissions") != want {
				t.Errorf("%s: %v", kind, told)
			}
		})
	}
}

// More clusters than one call may name are several calls, and the few that are left
// over have calls of their own.
func TestBulkInParts(t *testing.T) {
	for most, want := range map[int][]string{3: alone("c1", "c2", "c3", "c4"), 4: {ofAll}} {
		s := holder()
		s.run(t, jobtest.Departed("1"), func(c *Config) { c.Most = most }, func(r *report.Report) {
			if diff := cmp.Diff(want, s.Writes()); diff != "" || r.Summary.Revoked != 4 {
				t.Errorf("at most %d:\n%s", most, diff)
			}
		})
	}
}

// A call that took more than it named is the last of its kind in a run, and what it
// took is named.
func TestBulkThatTookMoreIsTheLast(t *testing.T) {
	s := newService("1", "2")
	for _, uid := range []string{"1", "2"} {
		for _, c := range []string{"c1", "c2", "c3", "c4"} {
			s.Holds(uid, c)
		}
	}
	s.GrantRows["1"] = append(s.GrantRows["1"], policy.Grant{Cluster: "c9", Scope: policy.OnCluster, Role: "dev"})
	s.On = func(call string, _ int) (bool, error) {
		if call == ofAll {
			s.Take("c9", "1")
		}
		return true, nil
	}
	s.run(t, jobtest.Departed("1", "2"), func(c *Config) { c.Most, c.Concurrency = 200, 1 }, func(r *report.Report) {
		want := []string{ofAll, "clean c1 2", "clean c2 2", "clean c3 2", "clean c4 2"}
		if diff := cmp.Diff(want, s.Writes()); diff != "" || r.Summary.Collateral != 4 || r.Summary.Revoked != 4 {
			t.Errorf("%+v\n%s", r.Summary, diff)
		}
	})
}

// What is seen gone while an answer to the call of one cluster was lost gets no call
// of its own any more.
func TestBulkSeenGoneMeanwhile(t *testing.T) {
	s := holder()
	s.On = func(call string, n int) (bool, error) {
		switch {
		case call == ofAll:
			return false, nil
		case call == "clean c1 1" && n == 1:
			for _, c := range []string{"c1", "c2", "c3"} {
				s.Take(c, "1")
			}
			return false, &policy.Fault{Kind: policy.Timeout, Sent: true}
		}
		return true, nil
	}
	s.run(t, jobtest.Departed("1"), func(x *Config) { x.Most = 200 }, func(r *report.Report) {
		want := append([]string{ofAll}, alone("c1", "c4")...)
		if diff := cmp.Diff(want, s.Writes()); diff != "" || r.Summary.Revoked != 4 {
			t.Errorf("%+v\n%s", r.Summary, diff)
		}
	})
}

// Where a surface that was read later shows gone what one that was read before still
// shows, the effect has come in between: they are read again before anything is written
// again, after a call of all and after the lost answer of one.
func TestEffectBetweenTwoSurfaces(t *testing.T) {
	lost := &policy.Fault{Op: "clean", Kind: policy.Timeout, Sent: true}
	for _, c := range []struct {
		name   string
		most   int
		holds  []string
		at     time.Duration // of the last look
		answer error
		writes []string
	}{
		{"a call of all", 200, []string{"c1", "c2", "c3", "c4"}, 30 * time.Second, nil, []string{ofAll}},
		{"a call of all with a lost answer", 200, []string{"c1", "c2", "c3", "c4"}, 30 * time.Second, lost, []string{ofAll}},
		{"a lost answer", 0, []string{"c1"}, 10 * time.Second, lost, alone("c1")},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newService("1")
			forever := time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)
			s.HolderRows["c4"] = []policy.Holder{{UID: "9", AccountState: "Deleted", Cert: policy.Unexpired, Expires: forever}}
			for _, id := range c.holds {
				s.Holds("1", id)
				s.HolderRows[id] = append(s.HolderRows[id], policy.Holder{UID: "1", Cert: policy.Unexpired, Expires: forever})
			}
			var wrote time.Time
			gone := false
			s.On = func(call string, _ int) (bool, error) {
				switch {
				case call == c.writes[0]:
					wrote = time.Now()
					return false, c.answer
				case call == "task-1":
					return false, &policy.Fault{Kind: policy.Denied, Message: "no"}
				case call == "states 1" && !wrote.IsZero() && time.Since(wrote) >= c.at && !gone:
					for _, id := range c.holds {
						s.Take(id, "1")
					}
					gone = true
				case gone && strings.HasPrefix(call, "holders "):
					s.HolderRows[call[len("holders "):]] = nil
				}
				return true, nil
			}
			s.run(t, jobtest.Departed("1", "9"), func(x *Config) { x.Most, x.Concurrency = c.most, 1 }, func(r *report.Report) {
				writes := slices.DeleteFunc(s.Writes(), func(w string) bool { return strings.HasSuffix(w, " 9") })
				if diff := cmp.Diff(c.writes, writes); diff != "" || r.Summary.Revoked != len(c.holds)+1 {
					t.Errorf("%+v\n%s", r.Summary, diff)
				}
			})
		})
	}
}

// A call of its own that finds nothing, after a call of all, does not make it failed that
// something is still shown: reads can lag for longer than they were given.
func TestBulkFindsNothingAndShowsSomething(t *testing.T) {
	s := holder()
	s.On = func(call string, _ int) (bool, error) {
		if strings.HasPrefix(call, "clean c") {
			return false, &policy.Fault{Kind: policy.NotFound, Message: "there is nothing"}
		}
		return call != ofAll, nil
	}
	s.run(t, jobtest.Departed("1"), func(x *Config) { x.Most = 200 }, func(r *report.Report) {
		if r.Summary.Unverified != 4 || r.Verdict.ExitCode != end.CodeFailed {
			t.Errorf("exit %d, %+v", r.Verdict.ExitCode, r.Summary)
		}
	})
}

// Where only the list of the cluster is left to say that something is gone since, it is
// asked before another write is made.
func TestBulkAsksTheListBeforeItWritesAgain(t *testing.T) {
	s := newService("1")
	forever := time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)
	every := []string{"c1", "c2", "c3", "c4"}
	s.HolderRows["c4"] = []policy.Holder{{UID: "9", AccountState: "Deleted", Cert: policy.Unexpired, Expires: forever}}
	for _, id := range every {
		s.Holds("1", id)
		s.HolderRows[id] = append(s.HolderRows[id], policy.Holder{UID: "1", Cert: policy.Unexpired, Expires: forever})
	}
	s.On = func(call string, n int) (bool, error) {
		switch {
		case call == ofAll:
			return false, nil
		case call == "clean c1 1" && n == 1:
			for _, id := range every {
				s.Take(id, "1")
				if id != "c3" {
					s.HolderRows[id] = nil
				}
			}
			return false, &policy.Fault{Kind: policy.Timeout, Sent: true}
		case call == "clean c3 1":
			s.HolderRows["c3"] = nil
		}
		return true, nil
	}
	s.run(t, jobtest.Departed("1", "9"), func(x *Config) { x.Most, x.Concurrency = 200, 1 }, func(r *report.Report) {
		writes := slices.DeleteFunc(s.Writes(), func(w string) bool { return strings.HasSuffix(w, " 9") })
		if diff := cmp.Diff(append([]string{ofAll}, alone("c1", "c3")...), writes); diff != "" || r.Summary.Revoked != 4+1 {
			t.Errorf("%+v\n%s", r.Summary, diff)
		}
	})
}

// Where grants cannot be seen, what is gone as far as it can be seen gets no call of its
// own, and is never called failed over one that was rejected.
func TestBulkGoneAsFarAsItCanBeSeen(t *testing.T) {
	for _, c := range []struct {
		name   string
		takes  string // the call during which the task does its work
		answer error
		alone  []string
		want   map[string]report.Status
	}{
		{"seen after a lost answer", "clean c1 1", &policy.Fault{Kind: policy.Timeout, Sent: true}, []string{"c1"},
			map[string]report.Status{"c1/1": report.WasRevoked, "c2/1": report.WasUnverified, "c3/1": report.WasRevoked, "c4/1": report.WasRevoked}},
		{"rejected", "clean c2 1", &policy.Fault{Kind: policy.Invalid, Message: "no"}, []string{"c1", "c2", "c3", "c4"},
			map[string]report.Status{"c1/1": report.WasRevoked, "c2/1": report.WasUnverified, "c3/1": report.WasRevoked, "c4/1": report.WasRevoked}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := holder()
			s.Own = []string{"c1", "c3", "c4"}
			s.On = func(call string, n int) (bool, error) {
				switch {
				case call == ofAll:
					return false, nil
				case call == c.takes && n == 1:
					for _, id := range []string{"c1", "c2", "c3", "c4"} {
						s.Take(id, "1")
					}
					return false, c.answer
				}
				return true, nil
			}
			s.run(t, jobtest.Departed("1"), func(x *Config) { x.Most = 200 }, func(r *report.Report) {
				want := append([]string{ofAll}, alone(c.alone...)...)
				if diff := cmp.Diff(want, s.Writes()) + cmp.Diff(c.want, statuses(r)); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

package job

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/job/end"
	"ackrevoke/job/jobtest"
	"ackrevoke/job/report"
	"ackrevoke/job/write"
	"ackrevoke/policy"
)

func TestCompromisedIsVerifiedBeforeDepartedBegins(t *testing.T) {
	s := newService("1", "2", "3")
	s.Holds("1", "c1")
	s.Holds("1", "c2")
	s.Holds("2", "c1")
	s.GrantRows["2"] = append(s.GrantRows["2"], policy.Grant{Scope: policy.OnAllClusters, Role: "dev"})
	s.Holds("3", "c3")
	ps := jobtest.Departed("1", "2", "3")
	ps[2].Reason, ps[2].Until = policy.Compromised, time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	s.run(t, ps, func(c *Config) { c.Concurrency = 1 }, func(r *report.Report) {
		want := []string{"clean c3 3", "clean c1 1", "clean c2 1", "revoke-grants 2", "clean c1 2"}
		if diff := cmp.Diff(want, s.Writes()); diff != "" {
			t.Errorf("order of writes:\n%s", diff)
		}
		if at, next := lastIndex(s.Log, "grants 3"), slices.Index(s.Log, "clean c1 1"); at > next {
			t.Errorf("the first departed write came before compromised was verified: %v", s.Log)
		}
		if r.Verdict.ExitCode != 0 {
			t.Errorf("verdict %+v", r.Verdict)
		}
	})
}

func lastIndex(log []string, call string) int {
	last := -1
	for i, c := range log {
		if c == call {
			last = i
		}
	}
	return last
}

// What an answer to a write means, by the outcome, the number of writes and
// the exit code.
func TestAnswersToAWrite(t *testing.T) {
	lost := &policy.Fault{Op: "clean", Kind: policy.Unavailable, Sent: true}
	for _, c := range []struct {
		name   string
		force  bool
		on     func(call string, n int) (bool, error)
		status report.Status
		writes int
		exit   int
		took   time.Duration
	}{
		{"accepted", true, nil, report.WasRevoked, 1, 0, 0},
		{"answer lost after the effect", true, answer("clean c1 1", true, lost), report.WasRevoked, 1, 0, 0},
		{"answer lost before the effect, once", true, onceOnly("clean c1 1", lost), report.WasRevoked, 2, 0, 10 * time.Second},
		{"answer always lost, never an effect", true, answer("clean c1 1", false, lost), report.WasUnverified, 6, 5, time.Minute},
		{"accepted, and nothing happens", true, answer("clean c1 1", false, nil), report.WasUnverified, 1, 5, 2 * time.Minute},
		{"gone, and it is", true, answer("clean c1 1", true, &policy.Fault{Kind: policy.NotFound}), report.WasAbsent, 1, 0, 0},
		{"gone, and it is not", true, answer("clean c1 1", false, &policy.Fault{Kind: policy.NotFound}), report.WasFailed, 1, 5, 2 * time.Minute},
		{"denied", true, answer("clean c1 1", false, &policy.Fault{Kind: policy.Denied}), report.WasFailed, 1, 5, 0},
		{"conflict to the end", true, answer("clean c1 1", false, &policy.Fault{Kind: policy.Conflict}), report.WasFailed, 1, 5, 0},
		{"invalid, forced", true, answer("clean c1 1", false, &policy.Fault{Kind: policy.Invalid, Message: "in use"}), report.WasFailed, 1, 5, 0},
		{"invalid, unforced", false, answer("clean c1 1", false, &policy.Fault{Kind: policy.Invalid, Message: "in use"}), report.WasBlocked, 1, 5,
			0},
		{"the read after a lost answer fails", true, func(call string, n int) (bool, error) {
			switch {
			case call == "clean c1 1":
				return false, lost
			case n > 1 && strings.HasSuffix(call, " 1"):
				return false, &policy.Fault{Kind: policy.Unavailable}
			}
			return true, nil
		}, report.WasUnverified, 1, 5, 10 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newService("1")
			s.Holds("1", "c1")
			s.On = c.on
			ps := jobtest.Departed("1")
			ps[0].Force = c.force
			start := time.Time{}
			s.run(t, ps, func(*Config) { start = time.Now() }, func(r *report.Report) {
				if got := statuses(r)["c1/1"]; got != c.status || len(s.Writes()) != c.writes || r.Verdict.ExitCode != c.exit {
					t.Errorf("%s after %v, exit %d; want %s after %d writes, exit %d", got, s.Writes(), r.Verdict.ExitCode, c.status, c.writes, c.exit)
				}
				if took := time.Since(start); took != c.took {
					t.Errorf("took %v, want %v", took, c.took)
				}
				if o := r.Outcomes[0]; o.Status != report.WasRevoked && o.Status != report.WasAbsent && (o.Error == nil || o.Error.Hint == "") {
					t.Errorf("%s without an error that says what to do: %+v", o.Status, o.Error)
				}
			})
		})
	}
}

func answer(to string, effect bool, f *policy.Fault) func(string, int) (bool, error) {
	return func(call string, _ int) (bool, error) {
		if call != to {
			return true, nil
		}
		if f == nil {
			return effect, nil
		}
		return effect, f
	}
}

func onceOnly(to string, f *policy.Fault) func(string, int) (bool, error) {
	return func(call string, n int) (bool, error) {
		if call == to && n == 1 {
			return false, f
		}
		return true, nil
	}
}

func TestWhatEndsAllWrites(t *testing.T) {
	t.Run("credentials", func(t *testing.T) {
		s := newService("1", "2")
		s.Holds("1", "c1")
		s.Holds("1", "c2")
		s.Holds("2", "c1")
		s.On = answer("clean c1 1", false, &policy.Fault{Kind: policy.Credentials, Message: "token expired"})
		s.run(t, jobtest.Departed("1", "2"), func(c *Config) { c.Concurrency = 1 }, func(r *report.Report) {
			want := map[string]report.Status{"c1/1": report.WasFailed, "c2/1": report.WasSkipped, "c1/2": report.WasSkipped}
			if diff := cmp.Diff(want, statuses(r)); diff != "" || r.Verdict.ExitCode != 5 || len(s.Writes()) != 1 {
				t.Errorf("exit %d, writes %v:\n%s", r.Verdict.ExitCode, s.Writes(), diff)
			}
		})
	})
	t.Run("three denials on three clusters", func(t *testing.T) {
		s := newService("1")
		for _, c := range []string{"c1", "c2", "c3", "c4"} {
			s.Holds("1", c)
		}
		s.On = func(call string, _ int) (bool, error) {
			if strings.HasPrefix(call, "clean") {
				return false, &policy.Fault{Kind: policy.Denied, Message: "no"}
			}
			return true, nil
		}
		s.run(t, jobtest.Departed("1"), nil, func(r *report.Report) {
			if got := statuses(r)["c4/1"]; got != report.WasSkipped || len(s.Writes()) != 3 {
				t.Errorf("the fourth is %s after %v", got, s.Writes())
			}
		})
	})
	t.Run("three denials after a success", func(t *testing.T) {
		s := newService("1")
		for _, c := range []string{"c1", "c2", "c3", "c4"} {
			s.Holds("1", c)
		}
		s.On = func(call string, _ int) (bool, error) {
			if strings.HasPrefix(call, "clean") && call != "clean c1 1" {
				return false, &policy.Fault{Kind: policy.Denied, Message: "no"}
			}
			return true, nil
		}
		s.run(t, jobtest.Departed("1"), nil, func(r *report.Report) {
			if len(s.Writes()) != 4 || r.Summary.Failed != 3 || r.Summary.Revoked != 1 {
				t.Errorf("%+v after %v", r.Summary, s.Writes())
			}
		})
	})
}

func TestNoJournalLineNoWrite(t *testing.T) {
	s := newService("1")
	s.Holds("1", "c1")
	s.run(t, jobtest.Departed("1"), func(c *Config) { c.Journal.Close() }, func(r *report.Report) {
		if len(s.Writes()) > 0 || statuses(r)["c1/1"] != report.WasSkipped || r.Verdict.ExitCode != 5 {
			t.Errorf("writes %v, %v, exit %d", s.Writes(), statuses(r), r.Verdict.ExitCode)
		}
	})
	s.run(t, jobtest.Departed("1"), func(c *Config) { c.Journal = nil }, func(r *report.Report) {
		if len(s.Writes()) > 0 || statuses(r)["c1/1"] != report.WasSkipped {
			t.Errorf("writes %v, %v", s.Writes(), statuses(r))
		}
	})
}

// The line of a write is on disk, with all that is taken away, before the
// write goes out.
func TestIntentComesBeforeTheWrite(t *testing.T) {
	s := newService("1")
	s.Holds("1", "c1")
	s.Holds("1", "c2")
	s.On = func(call string, _ int) (bool, error) {
		if call == "clean c1 1" {
			data, _ := os.ReadFile(filepath.Join(s.dir, "ackrevoke.journal"))
			lines := write.ReadLines(data)
			if len(lines) != 1 || lines[0].Type != "intent" || lines[0].Action != "c1/1" || len(lines[0].Grants) != 2 ||
				lines[0].Certificate.State != policy.Unexpired {
				t.Errorf("journal at the time of the write: %s", data)
			}
		}
		return true, nil
	}
	s.run(t, jobtest.Departed("1"), nil, func(r *report.Report) {
		if r.Summary.Revoked != 2 {
			t.Errorf("%+v", r.Summary)
		}
	})
}

func TestCollateral(t *testing.T) {
	s := newService("1")
	s.Holds("1", "c1")
	s.GrantRows["1"] = append(s.GrantRows["1"], policy.Grant{Cluster: "c9", Scope: policy.OnCluster, Role: "ops"})
	s.On = func(call string, _ int) (bool, error) {
		if call == "clean c1 1" {
			s.GrantRows["1"] = nil // takes away what nobody asked for
		}
		return true, nil
	}
	s.run(t, jobtest.Departed("1"), nil, func(r *report.Report) {
		o := r.Outcomes[0]
		if o.Status != report.WasCollateral || len(o.Collateral) != 1 || o.Collateral[0].Cluster != "c9" || r.Verdict.ExitCode != 5 {
			t.Errorf("%+v, exit %d", o, r.Verdict.ExitCode)
		}
	})
}

// A run that is stopped starts nothing new, and what it could not prove any
// more it does not call revoked.
func TestStoppedInTheMiddle(t *testing.T) {
	for _, c := range []struct {
		name  string
		cause error
		exit  int
	}{
		{"signal", end.SIGTERM, 143},
		{"time limit", end.ErrTimeLimit, 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newService("1", "2")
			s.Holds("1", "c1")
			s.Holds("1", "c2")
			s.Holds("2", "c1")
			var stop context.CancelCauseFunc
			s.On = func(call string, _ int) (bool, error) {
				if call == "clean c1 1" {
					stop(c.cause)
				}
				return true, nil
			}
			s.run(t, jobtest.Departed("1", "2"), func(k *Config) {
				k.Concurrency = 1
				s.ctx, stop = context.WithCancelCause(context.Background())
			}, func(r *report.Report) {
				want := map[string]report.Status{"c1/1": report.WasUnverified, "c2/1": report.WasSkipped, "c1/2": report.WasSkipped}
				if diff := cmp.Diff(want, statuses(r)); diff != "" || r.Verdict.ExitCode != c.exit || len(s.Writes()) != 1 {
					t.Errorf("exit %d, writes %v:\n%s", r.Verdict.ExitCode, s.Writes(), diff)
				}
				if !slices.Contains(r.Verdict.Reasons, "interrupted") && !slices.Contains(r.Verdict.Reasons, "incomplete") {
					t.Errorf("reasons %v", r.Verdict.Reasons)
				}
				if last := s.Log[len(s.Log)-1]; last != "clean c1 1" {
					t.Errorf("%q was called after the stop", last)
				}
			})
		})
	}
}

// An approval that cannot be compared is no approval.
func TestExpectedPlanWithoutAPlan(t *testing.T) {
	s := newService("1")
	s.Holds("1", "c1")
	s.run(t, jobtest.Departed("1"), func(c *Config) {
		c.Approval.Expect = "sha256:x"
		c.Policy.Scope.Include = []string{"no-such-cluster"}
	}, func(r *report.Report) {
		if r.Verdict.ExitCode != 4 || !slices.Contains(r.Verdict.Reasons, "incomplete") || len(s.Writes()) > 0 {
			t.Errorf("%+v, writes %v", r.Verdict, s.Writes())
		}
	})
}

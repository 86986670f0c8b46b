package job

import (
	"context"
	"fmt"
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
	"ackrevoke/job/sight"
	"ackrevoke/policy"
)

const ofAll = "clean-many c1,c2,c3,c4 1"

// holder is an account in which one principal has something on all four clusters.
func holder() *service {
	s := newService("1")
	for _, c := range []string{"c1", "c2", "c3", "c4"} {
		s.Holds("1", c)
	}
	return s
}

func alone(clusters ...string) (calls []string) {
	for _, c := range clusters {
		calls = append(calls, "clean "+c+" 1")
	}
	return calls
}

// What a call of all means by its answer and by what is seen afterwards, and who
// gets a call of its own.
func TestBulk(t *testing.T) {
	lost := &policy.Fault{Op: "clean", Kind: policy.Unavailable, Sent: true}
	every := []string{"c1", "c2", "c3", "c4"}
	const gone = report.WasRevoked
	revoked := map[string]report.Status{"c1/1": gone, "c2/1": gone, "c3/1": gone, "c4/1": gone}
	some := func(s report.Status, ids ...string) map[string]report.Status {
		m := map[string]report.Status{}
		for id := range revoked {
			m[id] = report.WasRevoked
		}
		for _, id := range ids {
			m[id+"/1"] = s
		}
		return m
	}
	for _, c := range []struct {
		name   string
		on     func(s *service, call string, n int) (bool, error)
		alone  []string
		status map[string]report.Status
		exit   int
		took   time.Duration
	}{
		{name: "taken", status: revoked},
		{name: "the task needs its time", on: func(_ *service, call string, n int) (bool, error) { return call != "task-1" || n > 2, nil },
			status: revoked, took: 6 * time.Second},
		{name: "the task cannot be asked for", on: refusing("task-1", policy.Denied), status: revoked},
		{name: "denied", on: refusing(ofAll, policy.Denied), alone: every, status: revoked},
		{name: "refused over one cluster", on: refusing(ofAll, policy.Declined), alone: every, status: revoked},
		{name: "not known", on: refusing(ofAll, policy.NotFound), alone: every, status: revoked},
		{name: "another change is under way", on: refusing(ofAll, policy.Conflict), alone: every, status: revoked},
		{name: "the answer is lost after the effect", on: withFault(ofAll, true, lost), status: revoked},
		{name: "the answer is lost before the effect", on: withFault(ofAll, false, lost), alone: every, status: revoked, took: 30 * time.Second},
		{name: "half of it is done", on: func(s *service, call string, _ int) (bool, error) {
			if call != ofAll {
				return true, nil
			}
			s.Take("c1", "1")
			s.Take("c2", "1")
			return false, nil
		}, alone: []string{"c3", "c4"}, status: revoked, took: 10 * time.Second},
		{name: "well, it says, and nothing is done", on: func(_ *service, call string, _ int) (bool, error) { return call != ofAll, nil },
			alone: every, status: revoked, took: 10 * time.Second},
		{name: "it never ends", on: func(_ *service, call string, _ int) (bool, error) { return call != ofAll && call != "task-1", nil },
			alone: every, status: revoked, took: 30 * time.Second},
		{name: "its own call says why", on: func(_ *service, call string, _ int) (bool, error) {
			if call == "clean c3 1" {
				return false, &policy.Fault{Kind: policy.Invalid, Message: "in use"}
			}
			return call != ofAll, nil
		}, alone: every, status: some(report.WasFailed, "c3"), exit: end.CodeFailed, took: 10 * time.Second},
		{name: "its own call is refused while the task goes on", on: func(_ *service, call string, _ int) (bool, error) {
			if call == "clean c3 1" {
				return false, &policy.Fault{Kind: policy.Invalid, Message: "in use"}
			}
			return call != ofAll && call != "task-1", nil
		}, alone: every, status: some(report.WasUnverified, "c3"), exit: end.CodeFailed, took: 30*time.Second + 2*time.Minute},
		{name: "no keys any more", on: refusing(ofAll, policy.Credentials), status: some(report.WasFailed, every...), exit: end.CodeFailed},
		{name: "nothing can be read any more after a lost answer", on: func(_ *service, call string, n int) (bool, error) {
			switch {
			case call == ofAll:
				return false, lost
			case n > 1 && strings.HasSuffix(call, " 1"):
				return false, &policy.Fault{Kind: policy.Unavailable}
			}
			return true, nil
		}, status: some(report.WasUnverified, every...), exit: end.CodeFailed, took: 30 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := holder()
			if c.on != nil {
				s.On = func(call string, n int) (bool, error) { return c.on(s, call, n) }
			}
			start := time.Time{}
			s.run(t, jobtest.Departed("1"), func(c *Config) { c.Most, start = 200, time.Now() }, func(r *report.Report) {
				want := append([]string{ofAll}, alone(c.alone...)...)
				if diff := cmp.Diff(want, s.Writes()); diff != "" {
					t.Errorf("writes:\n%s", diff)
				}
				if diff := cmp.Diff(c.status, statuses(r)); diff != "" || r.Verdict.ExitCode != c.exit {
					t.Errorf("exit %d, want %d:\n%s", r.Verdict.ExitCode, c.exit, diff)
				}
				if took := time.Since(start); took != c.took {
					t.Errorf("took %v, want %v", took, c.took)
				}
				for _, o := range r.Outcomes {
					if !o.Bulk || o.Attempts == 0 {
						t.Errorf("%s is not of a call of all: %+v", o.Action, o)
					}
				}
			})
		})
	}
}

func refusing(to string, kind policy.FaultKind) func(*service, string, int) (bool, error) {
	return withFault(to, false, &policy.Fault{Kind: kind, Message: "no"})
}

func withFault(to string, effect bool, f *policy.Fault) func(*service, string, int) (bool, error) {
	return func(_ *service, call string, _ int) (bool, error) {
		if call != to {
			return true, nil
		}
		return effect, f
	}
}

// Who stays, what is pinned, and what is not worth it are never asked for together.
func TestNoBulk(t *testing.T) {
	far := time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name string
		most int
		with func(s *service, p *policy.Principal)
	}{
		{"not allowed", 0, nil},
		{"three", 200, func(s *service, _ *policy.Principal) { s.Take("c4", "1") }},
		{"locked out for a time", 200, func(_ *service, p *policy.Principal) { p.Reason, p.Until = policy.Compromised, far }},
		{"pinned", 200, func(_ *service, p *policy.Principal) {
			p.Reason = policy.Compromised
			for _, c := range []string{"c1", "c2", "c3", "c4"} {
				p.Pins = append(p.Pins, policy.Pin{Cluster: c, Expires: time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)})
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := holder()
			ps := jobtest.Departed("1")
			if c.with != nil {
				c.with(s, &ps[0])
			}
			s.run(t, ps, func(x *Config) { x.Most = c.most }, func(r *report.Report) {
				if len(s.Writes()) < 3 || slices.ContainsFunc(s.Log, func(call string) bool {
					return strings.HasPrefix(call, "clean-many") || strings.HasPrefix(call, "task-")
				}) {
					t.Errorf("the calls were %v", s.Log)
				}
				for _, o := range r.Outcomes {
					if o.Status != report.WasRevoked || o.Bulk {
						t.Errorf("%+v", o)
					}
				}
			})
		})
	}
}

// A denial is one for everybody, so it is asked for once, and told once.
func TestBulkDeniedOnce(t *testing.T) {
	s := newService("1", "2", "3")
	for _, uid := range []string{"1", "2", "3"} {
		for _, c := range []string{"c1", "c2", "c3", "c4"} {
			s.Holds(uid, c)
		}
	}
	s.On = func(call string, _ int) (bool, error) {
		if strings.HasPrefix(call, "clean-many") {
			return false, &policy.Fault{Op: "CleanUserPermissions", Kind: policy.Denied}
		}
		return true, nil
	}
	told := 0
	s.run(t, jobtest.Departed("1", "2", "3"), func(c *Config) {
		c.Most, c.Concurrency = 200, 1
		c.Tell = func(e sight.Event) {
			if strings.Contains(fmt.Sprint(e), "cs:CleanUserPermissions") {
				told++
			}
		}
	}, func(r *report.Report) {
		many := slices.DeleteFunc(s.Writes(), func(c string) bool { return !strings.HasPrefix(c, "clean-many") })
		if len(many) != 1 || len(s.Writes()) != 13 || told != 1 || r.Summary.Revoked != 12 {
			t.Errorf("told %d times, %d revoked, writes %v", told, r.Summary.Revoked, s.Writes())
		}
	})
}

// All lines are on disk before the call goes out, and a line that cannot be
// written is a call that is not made.
func TestBulkIsInTheJournalFirst(t *testing.T) {
	s := holder()
	s.On = func(call string, _ int) (bool, error) {
		if call == ofAll {
			data := journals(t, s.dir)
			for _, c := range []string{"c1", "c2", "c3", "c4"} {
				if !strings.Contains(data, `"action":"`+c+`/1"`) {
					t.Errorf("the call goes out, and the journal has no line of %s:\n%s", c, data)
				}
			}
		}
		return true, nil
	}
	s.run(t, jobtest.Departed("1"), func(c *Config) { c.Most = 200 }, func(*report.Report) {
		if got := strings.Count(journals(t, s.dir), `"status":"revoked"`); got != 4 {
			t.Errorf("%d outcomes are in the journal", got)
		}
	})
	s = holder()
	s.run(t, jobtest.Departed("1"), func(c *Config) { c.Most, c.Journal = 200, nil }, func(r *report.Report) {
		if len(s.Writes()) != 0 || r.Summary.Skipped != 4 || r.Verdict.ExitCode != end.CodeFailed {
			t.Errorf("without a journal %v were made: %+v", s.Writes(), r.Summary)
		}
	})
}

func journals(t *testing.T, dir string) (all string) {
	t.Helper()
	names, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all += string(data)
	}
	return all
}

// A run that is stopped says of a call under way what it can: nothing is known.
func TestBulkInterrupted(t *testing.T) {
	for _, c := range []struct {
		at     string
		status report.Status
	}{{ofAll, report.WasUnverified}, {"grants 1", report.WasSkipped}} {
		ctx, stop := context.WithCancelCause(context.Background())
		s := holder()
		s.ctx = ctx
		s.On = func(call string, n int) (bool, error) {
			if call == c.at {
				stop(end.ErrTimeLimit)
				return false, &policy.Fault{Kind: policy.Canceled, Sent: true, Message: "stopped"}
			}
			return true, nil
		}
		s.run(t, jobtest.Departed("1"), func(c *Config) { c.Most = 200 }, func(r *report.Report) {
			for _, o := range r.Outcomes {
				if o.Status != c.status || o.Error == nil || o.Error.Hint == "" {
					t.Errorf("stopped at %s: %+v", c.at, o)
				}
			}
		})
	}
}

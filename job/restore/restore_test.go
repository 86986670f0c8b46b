package restore

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"ackrevoke/job/jobtest"
	"ackrevoke/job/report"
	"ackrevoke/job/write"
	"ackrevoke/policy"
)

// giver is the service as a restore may use it.
type giver struct {
	*jobtest.Service
	panics bool // is expected to
}

func newGiver() giver { return giver{Service: jobtest.New("1")} }

func (g giver) Grant(_ context.Context, uid string, _ policy.Kind, rows []policy.Grant) (string, int, error) {
	g.Mu.Lock()
	defer g.Mu.Unlock()
	effect, err := g.Saw("grant " + uid)
	if effect {
		g.GrantRows[uid] = append(g.GrantRows[uid], rows...)
	}
	return "request-grant", 1, err
}

// restores makes one restore of user 1 on c1, who had a grant there.
func (s giver) restores(t *testing.T, with func(*Config), then func(*report.Restore)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		j, err := write.OpenJournal(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer j.Close()
		source := &Source{From: "report", Action: "c1/1", Status: "revoked", LastWrite: time.Now().Add(-time.Hour)}
		source.Taken = policy.Taken{Account: jobtest.Account, UID: "1", Kind: policy.User, Name: "user-1", CreatedAt: time.Unix(0, 0),
			Cluster: policy.Cluster{ID: "c1"}, At: time.Now(),
			Certificate: policy.Certificate{State: policy.Unexpired, Expires: time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)}, Ended: true,
			GrantsSeen: true,
			Grants:     []policy.Grant{{Cluster: "c1", Scope: policy.OnCluster, Role: "dev"}}}
		c := Config{Source: source, Current: &policy.Policy{Account: jobtest.Account}, Reader: s, Granter: s, Journal: j, Concurrency: 4,
			VerifyTimeout: 2 * time.Minute,
			Now:           time.Now, Run: report.Run{ID: "run-1"}}
		if with != nil {
			with(&c)
		}
		r, err := Run(t.Context(), c)
		if err != nil && !s.panics {
			t.Error(err)
		}
		then(r)
	})
}

func (s giver) given() int {
	n := 0
	for _, call := range s.Log {
		if call == "grant 1" {
			n++
		}
	}
	return n
}

// No line, no write.
func TestRestoreWithoutAJournalGivesNothing(t *testing.T) {
	for name, with := range map[string]func(*Config){
		"none":   func(c *Config) { c.Journal = nil },
		"closed": func(c *Config) { _ = c.Journal.Close() },
	} {
		s := newGiver()
		s.restores(t, with, func(r *report.Restore) {
			if s.given() > 0 || r.Verdict.ExitCode != 5 || r.Writes[0].Status != report.NotStarted || r.Writes[0].Error == nil {
				t.Errorf("%s: %v, %+v", name, s.Log, r.Verdict)
			}
		})
	}
}

// A lost answer is asked for, and repeated only where it is needed; what was
// rejected afterwards is not "failed", for the first may have arrived.
func TestRestoreWithALostAnswer(t *testing.T) {
	lost := &policy.Fault{Op: "UpdateUserPermissions", Kind: policy.Timeout, Sent: true}
	denied := &policy.Fault{Op: "UpdateUserPermissions", Kind: policy.Denied, Sent: true}
	for _, c := range []struct {
		name    string
		answers []error // to the tries; nil after them
		effect  bool    // of the first
		tries   int
		status  string
		ends    int
	}{
		{"done", []error{lost}, true, 1, report.Done, 0},
		{"not done", []error{lost}, false, 2, report.Done, 0},
		{"not done, then denied", []error{lost, denied}, false, 2, report.NotProven, 5},
		{"denied", []error{denied}, false, 1, report.Rejected, 5},
		{"never", []error{lost, lost, lost, lost, lost, lost, lost, lost}, false, 6, report.NotProven, 5},
	} {
		s := newGiver()
		s.On = func(call string, n int) (bool, error) {
			if call != "grant 1" || n > len(c.answers) {
				return true, nil
			}
			return c.effect, c.answers[n-1]
		}
		s.restores(t, nil, func(r *report.Restore) {
			if s.given() != c.tries || r.Writes[0].Status != c.status || r.Verdict.ExitCode != c.ends {
				t.Errorf("%s: %d tries, %+v, %+v", c.name, s.given(), r.Writes[0], r.Verdict)
			}
			if rows := s.GrantRows["1"]; c.ends == 0 && !slices.Equal(rows, []policy.Grant{{Cluster: "c1", Scope: policy.OnCluster, Role: "dev"}}) {
				t.Errorf("%s: %v", c.name, rows)
			}
		})
	}
}

// What is accepted and never seen is not called given.
func TestRestoreThatNeverShows(t *testing.T) {
	s := newGiver()
	s.On = func(call string, _ int) (bool, error) { return call != "grant 1", nil }
	s.restores(t, nil, func(r *report.Restore) {
		if r.Verdict.ExitCode != 5 || r.Writes[0].Status != report.NotProven || r.Rows[0].State != report.RowPerhaps {
			t.Errorf("%+v %+v", r.Verdict, r.Rows)
		}
	})
}

// A panic ends in a report, and gives nothing more.
func TestRestorePanics(t *testing.T) {
	s := newGiver()
	s.panics = true
	s.On = func(call string, _ int) (bool, error) {
		if call == "states 1" {
			panic("a defect")
		}
		return true, nil
	}
	s.restores(t, nil, func(r *report.Restore) {
		if r.Verdict.ExitCode != 1 || s.given() > 0 || len(r.Errors) != 1 {
			t.Errorf("%+v %+v", r.Verdict, r.Errors)
		}
	})
}

// alive is a leaked file that the grants bring back to life.
type alive struct{ asked int }

func (a *alive) Prove(context.Context) Proof {
	if a.asked++; a.asked == 1 {
		return Proof{Power: Dead}
	}
	return Proof{Power: Alive}
}

// A journal that takes no line ends all writes of a restore: what was given cannot
// be taken back either, and that is said.
func TestJournalThatTakesNoLineEndsTheRestore(t *testing.T) {
	s := newGiver()
	var j *write.Journal
	s.On = func(call string, n int) (bool, error) {
		if call == "grant 1" {
			_ = j.Close()
			return true, &policy.Fault{Op: "UpdateUserPermissions", Kind: policy.Timeout, Sent: true}
		}
		return true, nil
	}
	file := &alive{}
	s.restores(t, func(c *Config) {
		j = c.Journal
		c.Leaked = func([]policy.Cluster) (Prover, error) { return file, nil }
	}, func(r *report.Restore) {
		if s.given() != 1 || len(s.Writes()) > 0 || r.Verdict.ExitCode != 5 || len(r.Writes) != 2 || r.Writes[1].Status != report.NotStarted {
			t.Errorf("%v, %+v, %+v", s.Log, r.Verdict, r.Writes)
		}
	})
}

package write

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"ackrevoke/job/report"
	"ackrevoke/job/sight"
	"ackrevoke/policy"
)

// desk is one session in a bubble, and what its writes are answered.
type desk struct {
	*Session
	journal *Journal
	sent    []string
	answers []error // to one after the other; nothing once they are spent
	shows   Seen
	look    func() Seen // instead
	closes  int         // the journal takes no line from this send on
}

func open(t *testing.T, with func(t *testing.T, d *desk)) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		j, err := OpenJournal(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer j.Close()
		with(t, &desk{journal: j, Session: &Session{Journal: j, Run: "run-1", Account: "1234567890123456", Timeout: 2 * time.Minute,
			Sight: &sight.Sight{Now: time.Now}}})
	})
}

// do makes a write of each kind of command: a run's, a restore's, self's.
func (d *desk) do(ctx context.Context, op policy.Operation, cluster string) *Outcome {
	o := &Outcome{Action: &policy.Action{ID: cluster + "/1", Operation: op, UID: "1", Cluster: policy.Cluster{ID: cluster}, Force: true},
		Status: report.WasSkipped}
	d.Do(ctx, Write{
		Into:   o,
		Intent: func() Line { return Line{} },
		Send: func(context.Context) (string, int, error) {
			d.sent = append(d.sent, o.Action.ID)
			if len(d.sent) == d.closes {
				_ = d.journal.Close()
			}
			if n := len(d.sent); n <= len(d.answers) {
				return "", 1, d.answers[n-1]
			}
			return "", 1, nil
		},
		Probe: func() func(context.Context) Seen {
			return func(context.Context) Seen {
				if d.look != nil {
					return d.look()
				}
				return d.shows
			}
		},
		Absent: map[policy.Operation]report.Status{policy.Clean: Gone, GivesBack: report.WasFailed, TakesBack: report.WasFailed,
			RevokesOwn: Accepted}[op],
	})
	return o
}

var operations = []policy.Operation{policy.Clean, policy.RevokeGrant, GivesBack, TakesBack, RevokesOwn}

func f(kind policy.FaultKind) error {
	return &policy.Fault{Op: "write", Kind: kind, Message: "no", Sent: true}
}

// A repetition that is rejected after a lost answer is no failure, whatever the
// command and the rejection: the surfaces decide.
func TestRejectedRepetitionIsNoFailure(t *testing.T) {
	for _, op := range operations {
		for _, kind := range []policy.FaultKind{policy.Denied, policy.Invalid, policy.Declined, policy.Conflict, policy.NotFound,
			policy.Credentials} {
			open(t, func(t *testing.T, d *desk) {
				d.answers, d.shows = []error{f(policy.Unavailable), f(kind)}, Standing
				if o := d.do(t.Context(), op, "c1"); o.Status != Accepted || o.Fault == nil || o.Fault.Kind != kind || len(d.sent) != 2 {
					t.Errorf("%s, then %s: %s after %v, fault %v", op, kind, o.Status, d.sent, o.Fault)
				}
			})
		}
	}
}

// Without a line there is no write, and no further one: not a repetition, and not
// another write of the same process.
func TestNoLineEndsAllWrites(t *testing.T) {
	for _, op := range operations {
		open(t, func(t *testing.T, d *desk) {
			d.answers, d.shows, d.closes = []error{f(policy.Unavailable)}, Standing, 1
			if o := d.do(t.Context(), op, "c1"); o.Status != report.WasUnverified || len(d.sent) != 1 {
				t.Errorf("%s: %s after %v", op, o.Status, d.sent)
			}
			o := d.do(t.Context(), op, "c2")
			if o.Status != report.WasSkipped || len(d.sent) != 1 || o.Fault.Op != "journal" {
				t.Errorf("%s, the next one: %s after %v, %v", op, o.Status, d.sent, o.Fault)
			}
		})
	}
}

// Credentials that are not taken end all writes.
func TestCredentialsEndAllWrites(t *testing.T) {
	for _, op := range operations {
		open(t, func(t *testing.T, d *desk) {
			d.answers = []error{f(policy.Credentials)}
			if o := d.do(t.Context(), op, "c1"); o.Status != report.WasFailed {
				t.Errorf("%s: %s", op, o.Status)
			}
			if o := d.do(t.Context(), op, "c2"); o.Status != report.WasSkipped || len(d.sent) != 1 {
				t.Errorf("%s, the next one: %s after %v", op, o.Status, d.sent)
			}
		})
	}
}

// What fades is looked at until it stands as it is or is gone, however late it began to.
func TestFadingIsNotSentAgain(t *testing.T) {
	for last, sent := range map[Seen]int{Done: 1, Standing: 2} {
		open(t, func(t *testing.T, d *desk) {
			began := time.Now()
			d.answers = []error{f(policy.Timeout)}
			d.look = func() Seen {
				switch past := time.Since(began); {
				case past < Lag:
					return Standing
				case past == Lag:
					return Fading
				}
				return last
			}
			o := d.do(t.Context(), policy.Clean, "c1")
			if o.Status != Accepted || len(d.sent) != sent {
				t.Errorf("%v: %s after %v", last, o.Status, d.sent)
			}
			if want := map[Seen]time.Duration{Done: Lag + Step, Standing: 2 * Lag}[last]; time.Since(began) != want {
				t.Errorf("%v: after %v, want %v", last, time.Since(began), want)
			}
		})
	}
}

// A write whose answer was lost is sent again only where the surfaces show that
// it is needed, and not for ever.
func TestLostAnswer(t *testing.T) {
	for shows, want := range map[Seen]struct {
		status report.Status
		sent   int
	}{Done: {Accepted, 1}, Unseen: {report.WasUnverified, 1}, Standing: {report.WasUnverified, maxTries}} {
		open(t, func(t *testing.T, d *desk) {
			d.shows = shows
			for range maxTries + 1 {
				d.answers = append(d.answers, f(policy.Timeout))
			}
			if o := d.do(t.Context(), policy.Clean, "c1"); o.Status != want.status || len(d.sent) != want.sent {
				t.Errorf("%v: %s after %v", shows, o.Status, d.sent)
			}
		})
	}
}

// What ends all writes while the disk works for the line of one keeps that one from
// being made, alone and together with others.
func TestEndedWhileTheDiskIsAtWork(t *testing.T) {
	ends := func(d *desk) {
		disk := d.journal.flush
		d.journal.flush = func() error {
			d.Stop(&policy.Fault{Op: "write", Kind: policy.Credentials, Message: "no"})
			return disk()
		}
	}
	for _, op := range operations {
		t.Run(string(op), func(t *testing.T) {
			open(t, func(t *testing.T, d *desk) {
				ends(d)
				o := d.do(t.Context(), op, "c1")
				if len(d.sent) > 0 || o.Status != report.WasSkipped || o.Fault == nil || len(d.journal.open) > 0 {
					t.Errorf("sent %v; %s, %v; open %v", d.sent, o.Status, o.Fault, d.journal.open)
				}
			})
		})
	}
	open(t, func(t *testing.T, d *desk) {
		ends(d)
		w := Write{Into: &Outcome{Action: &policy.Action{ID: "c1/1"}, Status: report.WasSkipped}, Intent: func() Line { return Line{} }}
		answer, _ := d.Many(t.Context(), []Write{w}, func(context.Context) (string, int, error) {
			t.Error("a call of several clusters was made")
			return "", 1, nil
		})
		if answer != Unsent {
			t.Errorf("answer %v", answer)
		}
	})
}

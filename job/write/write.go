// Package write makes the writes of every command: one loop, and the journal
// without which nothing is written.
//
//	line in the journal --> send --> what does the answer mean? --> accepted, gone, or final
//	        ^                            | the answer was lost
//	        |          nothing happened  v
//	        +--------------------- what do the surfaces show? --> it took effect: accepted
//
// Accepted is not revoked: what comes of a write is proven by its command, which
// reads it back. A command differs in what it sends, in what its reads must show,
// and in what "not found" means; see [Write].
//
// Begin with this file, then halt.go (what ends all writes) and journal.go.
package write

import (
	"cmp"
	"context"
	"errors"
	"time"

	"ackrevoke/job/report"
	"ackrevoke/job/sight"
	"ackrevoke/policy"
)

// The states of a write that are not final: no report has them. Accepted is not
// revoked.
const (
	Accepted report.Status = "accepted" // the service took it, or may have
	Gone     report.Status = "gone"     // the service says that there is nothing

	ambiguous report.Status = "ambiguous" // the answer was lost: done or not
)

// Outcome is what became of one write.
type Outcome struct {
	Action     *policy.Action
	Status     report.Status
	Attempts   int // that went out
	RequestID  string
	StartedAt  time.Time
	EndedAt    time.Time // of the last try
	VerifiedAt time.Time
	Fault      *policy.Fault
	Hint       string // what to do next; a command words only what it alone knows
	Lost       bool   // an earlier try may take effect yet: its answer was lost, or what it began goes on
	Bulk       bool   // one call was made for it and others

	lines int           // on disk about it
	noted report.Status // the last one on disk
}

// Begun reports whether a line about it is on disk: the write may have been made.
func (o *Outcome) Begun() bool { return !o.StartedAt.IsZero() }

// Noted reports whether a line on disk says what has become of it by now.
func (o *Outcome) Noted() bool { return o.noted == o.Status }

// Write is one write that is to be made.
type Write struct {
	Into *Outcome // with its action; Skipped before the first try
	// what is about to change; Do adds run, time, account, action and try
	Intent func() Line
	Send   func(ctx context.Context) (requestID string, attempts int, err error) // makes the write
	// begins to look whether a write whose answer was lost took effect
	Probe func() func(ctx context.Context) Seen
	// what an answer "not found" means: Gone or Accepted for a taker, Failed for a giver
	Absent report.Status
}

// Seen is what the surfaces show after an answer was lost.
type Seen int

// What the surfaces can show.
const (
	Unseen   Seen = iota // they could not be read
	Standing             // what the write is about is as it was before
	Fading               // it stands, and less of it than was shown before: the write may be coming into effect
	Done                 // the write took effect
)

const (
	Lag  = 10 * time.Second // reads lag behind writes for so long
	Step = 2 * time.Second  // between two reads within it

	maxTries    = 6 // of one write, the first included
	FirstWait   = 2 * time.Second
	LongestWait = 15 * time.Second
)

// Session is what the writes of one command share. One that is stopped makes no
// further write, whoever asks.
type Session struct {
	Journal   *Journal // nil: nothing can be written
	Run       string   // its id
	Simulated bool
	Account   string
	Timeout   time.Duration // how long after its first try a write may be made again
	Sight     *sight.Sight  // its clock and its listener

	halt halt
}

// Intended says that a line is on disk; its write is next.
type Intended struct{ Line *Line }

// Do makes one write, again where an answer was lost and the surfaces show that
// it is needed. It leaves the outcome Accepted, Gone or final. Where a line cannot be
// written, this write is not made, and all later ones of the session are refused.
func (s *Session) Do(ctx context.Context, w Write) {
	o, began := w.Into, s.Sight.Now()
	for try := 1; ; try++ {
		if ctx.Err() != nil || s.halt.stopped() != nil {
			if !o.made() {
				s.skip(ctx, o)
			}
			return
		}
		if err := s.intend(w); err != nil {
			s.unwritten(err, w)
			return
		}
		made := o.made()
		if s.halt.stopped() != nil { // by another write, while the disk was at work for this one
			if !made {
				s.skip(ctx, o)
				s.Note(o, nil, nil)
			}
			return
		}
		s.send(ctx, w)
		if o.doubt(made); o.Status != ambiguous {
			s.Note(o, nil, nil)
			return
		}
		o.Lost = true
		switch seen := s.lookFor(ctx, w.Probe()); {
		case seen == Done:
			o.Status = Accepted
			return
		case seen == Unseen, try == maxTries, s.Sight.Now().Sub(began) >= s.Timeout:
			o.Status = report.WasUnverified
			return
		}
		o.Status = report.WasUnverified // unless the next try says better
	}
}

// made reports whether a call may have been made whose effect is still open.
func (o *Outcome) made() bool { return o.Status != report.WasSkipped }

// unwritten ends all writes for want of the lines of some on disk.
func (s *Session) unwritten(err error, some ...Write) {
	f := &policy.Fault{Op: "journal", Kind: policy.Internal, Message: err.Error()}
	s.Stop(f)
	for _, w := range some {
		if o := w.Into; o.made() {
			s.Sight.Say(sight.Warned(err.Error())) // the outcome keeps the fault of the answer that was lost
		} else {
			o.Status, o.Fault = report.WasSkipped, f
		}
	}
}

// send makes one try, and says what its answer means.
func (s *Session) send(ctx context.Context, w Write) {
	id, attempts, err := w.Send(ctx)
	s.answered(w, id, attempts, err)
}

func (s *Session) answered(w Write, id string, attempts int, err error) {
	o := w.Into
	o.Attempts, o.EndedAt, o.RequestID = o.Attempts+attempts, s.Sight.Now(), cmp.Or(id, o.RequestID)
	if o.Fault = sight.Fault(string(o.Action.Operation), err); o.Fault != nil {
		o.RequestID = cmp.Or(o.RequestID, o.Fault.RequestID)
	}
	s.classify(w)
}

// classify says what an answer to a write means.
//
//	no error                          accepted, to be proven
//	not found                         for a taker gone, to be proven; for a giver failed
//	no answer, 5xx, time-out          ambiguous
//	interrupted in flight             accepted perhaps, never proven
//	interrupted before it was sent    skipped
//	credentials                       failed, and no further writes at all
//	denied                            failed; the third cluster in a row skips the rest
//	other 4xx to an unforced clean    blocked, verbatim
//	anything else                     failed
func (s *Session) classify(w Write) {
	o := w.Into
	if o.Fault == nil {
		s.halt.succeeded()
		o.Status = Accepted
		return
	}
	switch o.Fault.Kind {
	case policy.NotFound:
		o.Status = w.Absent
	case policy.Unavailable, policy.Timeout:
		o.Status = ambiguous
	case policy.Canceled:
		o.Status = report.WasUnverified
		if !o.Fault.Sent {
			o.Status = report.WasSkipped
		}
	case policy.Credentials:
		o.Status = report.WasFailed
		s.Stop(o.Fault)
	case policy.Denied:
		o.Status = report.WasFailed
		s.halt.denied(o.Action.Cluster.ID, o.Fault)
	case policy.Invalid, policy.Declined:
		o.Status = report.WasFailed
		if o.Action.Operation == policy.Clean && !o.Action.Force {
			declined := *o.Fault
			declined.Kind = policy.Declined
			o.Status, o.Fault = report.WasBlocked, &declined
		}
	default:
		o.Status = report.WasFailed
	}
}

// doubt takes back that a repetition was rejected, or was stopped before it was
// sent, after an answer was lost: the first try may have succeeded all the same. So
// may a call of all that was made before one that was stopped before it was sent. The
// surfaces decide, and the rejection stays as the reason if they do not.
func (o *Outcome) doubt(made bool) {
	if o.Lost && o.Status != ambiguous || made && o.Status == report.WasSkipped {
		o.Status = Accepted
	}
}

// lookFor asks the surfaces until they show that the write took effect, or for
// so long that a lag of the reads cannot hide it any more.
func (s *Session) lookFor(ctx context.Context, look func(context.Context) Seen) Seen {
	until := s.Sight.Now().Add(Lag)
	for {
		seen := look(ctx)
		switch seen {
		case Done:
			return Done
		case Fading: // what else shows it lags
			until, seen = s.Sight.Now().Add(Lag), Standing
		}
		left := until.Sub(s.Sight.Now())
		switch {
		case ctx.Err() != nil:
			return Unseen
		case left <= 0:
			return seen
		case !Sleep(ctx, min(Step, left)):
			return Unseen
		}
	}
}

// Settle gives an outcome that was left in the middle a name that holds: accepted
// is not revoked.
func (o *Outcome) Settle() {
	switch {
	case o.Status == Accepted || o.Status == Gone || o.Status == ambiguous:
		o.Status = report.WasUnverified
	case o.Status == report.WasSkipped && o.Begun() && o.Fault == nil:
		o.Status = report.WasUnverified // the intent is on disk, and nothing is known of the write
	case o.Status == report.WasSkipped && o.Fault == nil:
		o.Fault = &policy.Fault{Op: "run", Kind: policy.Internal, Message: "not started"}
	}
}

var errNoJournal = errors.New("journal: none is open, and without one nothing is written to the account")

// intend puts on disk what is about to change, and tells it.
func (s *Session) intend(all ...Write) error {
	if s.Journal == nil {
		return errNoJournal
	}
	lines := make([]Line, len(all))
	for i, w := range all {
		l, a := w.Intent(), w.Into.Action
		l.Type, l.Run, l.At, l.Account, l.Simulated = "intent", s.Run, s.Sight.Now().UTC(), s.Account, s.Simulated
		l.Action, l.Try, l.Operation, l.UID, l.Kind = a.ID, w.Into.lines+1, a.Operation, a.UID, a.Kind
		lines[i] = l
	}
	if err := s.Journal.Append(lines...); err != nil {
		return err
	}
	for i, w := range all {
		o := w.Into
		o.lines++
		if o.StartedAt.IsZero() {
			o.StartedAt = s.Sight.Now()
		}
		s.Sight.Say(Intended{&lines[i]})
	}
	return nil
}

// Note puts an outcome on disk, with the rows that went missing beside it, and the
// clusters where a certificate did. That it fails loses nothing: the intent stands,
// and the next run looks anew.
func (s *Session) Note(o *Outcome, lost []policy.Grant, certificates []string) {
	if s.Journal == nil {
		return
	}
	l := Line{Type: "outcome", Run: s.Run, At: s.Sight.Now().UTC(), Account: s.Account, Action: o.Action.ID, Status: string(o.Status),
		RequestID: o.RequestID, Bulk: o.Bulk, Collateral: JournalGrants(lost), CollateralCertificates: certificates}
	if o.Fault != nil {
		l.Message = o.Fault.Error()
	}
	if err := s.Journal.Append(l); err != nil {
		s.Sight.Say(sight.Warned(err.Error()))
		return
	}
	o.noted = o.Status
}

// Prove looks at once, then after 2 s, doubling to 15 s, until look says that
// there is nothing more to see, or until the timeout after since, which look may
// move. It reports whether look said so. It waits with sleep.
func (s *Session) Prove(ctx context.Context, since *time.Time, look func(context.Context) bool,
	sleep func(context.Context, time.Duration) bool,
) bool {
	for wait := FirstWait; ctx.Err() == nil; wait = min(2*wait, LongestWait) {
		if look(ctx) {
			return true
		}
		left := since.Add(s.Timeout).Sub(s.Sight.Now())
		if left <= 0 || !sleep(ctx, min(wait, left)) {
			break
		}
	}
	return false
}

// Interrupted is the fault of a write whose proof was stopped.
func Interrupted(ctx context.Context) *policy.Fault {
	return &policy.Fault{Op: "verify", Kind: policy.Canceled, Message: "perhaps accepted, and not proven: " + context.Cause(ctx).Error()}
}

// Sleep waits. It reports false where the context ended first.
func Sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

package write

import (
	"context"
	"slices"

	"ackrevoke/job/report"
	"ackrevoke/job/sight"
	"ackrevoke/policy"
)

// Answer is what a call says that does the work of several writes.
type Answer int

// What such a call can say.
const (
	Unsent  Answer = iota // it was not made
	Taken                 // the service took it, or may have
	Refused               // nothing came of it: each write is to be made by itself
	Over                  // it failed for a reason that ends these writes, which have their final outcomes
)

// Many makes the work of several writes with one call: the lines of all of them are
// on disk before it goes out. Where it is taken they are Accepted, and those of
// which the answer was lost are marked so. Where it is refused they are as they
// were before, and fault says why.
func (s *Session) Many(ctx context.Context, all []Write, send func(ctx context.Context) (requestID string, attempts int, err error)) (
	answer Answer, fault *policy.Fault) {
	for some := range slices.Chunk(all, linesAtOnce) {
		if ctx.Err() != nil || s.halt.stopped() != nil {
			return Unsent, nil
		}
		if err := s.intend(some...); err != nil {
			s.unwritten(err, some...)
			return Unsent, some[0].Into.Fault
		}
	}
	if s.halt.stopped() != nil { // by another write, while the disk was at work for these
		return Unsent, nil
	}
	id, attempts, err := send(ctx)
	if f := sight.Fault("CleanUserPermissions", err); f != nil && refused(f.Kind) {
		for _, w := range all {
			w.Into.Attempts, w.Into.Bulk = w.Into.Attempts+attempts, attempts > 0
		}
		return Refused, f
	}
	answer = Taken
	for _, w := range all {
		s.answered(w, id, attempts, err)
		w.Into.Bulk = attempts > 0
		switch o := w.Into; o.Status {
		case Accepted:
		case ambiguous:
			o.Lost, o.Status = true, Accepted
		default:
			answer, fault = Over, o.Fault
		}
	}
	return answer, fault
}

// linesAtOnce is how many lines go to disk together. Each has all that the principal
// holds on every cluster, so that hundreds of them would take a lot of memory.
const linesAtOnce = 16

// refused reports whether nothing came of a call that was answered so, and the
// work of it can still be done in another way.
func refused(k policy.FaultKind) bool {
	switch k {
	case policy.Unavailable, policy.Timeout, policy.Canceled, policy.Credentials:
		return false
	}
	return true
}

// GiveUp leaves a write that may have been made, and can be neither seen nor made again.
func (o *Outcome) GiveUp() { o.Status = report.WasUnverified }

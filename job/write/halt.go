package write

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/job/sight"
	"ackrevoke/policy"
)

// halt ends all further writes of a command.
type halt struct {
	mu       sync.Mutex
	why      *policy.Fault
	success  bool
	clusters map[string]bool
}

// denialLimit is on how many clusters a denial, without one success, ends the rest.
const denialLimit = 3

// Stop ends all further writes.
func (s *Session) Stop(f *policy.Fault) {
	s.halt.mu.Lock()
	defer s.halt.mu.Unlock()
	if s.halt.why == nil {
		s.halt.why = f
	}
}

// Defect ends all further writes over a panic.
func (s *Session) Defect(p *sight.Panic) {
	s.Stop(&policy.Fault{Op: "run", Kind: policy.Internal, Message: p.Error()})
}

func (h *halt) stopped() *policy.Fault {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.why
}

func (h *halt) succeeded() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.success = true
}

func (h *halt) denied(cluster string, f *policy.Fault) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.clusters == nil {
		h.clusters = map[string]bool{}
	}
	h.clusters[cluster] = true
	if !h.success && len(h.clusters) >= denialLimit && h.why == nil {
		h.why = &policy.Fault{Op: f.Op, Kind: policy.Denied, Code: f.Code, RequestID: f.RequestID,
			Message: fmt.Sprintf("denied on %d clusters and nowhere accepted: %s", len(h.clusters), f.Message)}
	}
}

// skip says why a write is not started. Where the hint stays empty, the report uses
// that of the fault.
func (s *Session) skip(ctx context.Context, o *Outcome) {
	o.Status = report.WasSkipped
	if f := s.halt.stopped(); f != nil {
		o.Fault = &policy.Fault{Op: f.Op, Kind: f.Kind, Code: f.Code, Message: "not started, because an earlier action ended all writes: " +
			f.Message}
		return
	}
	if errors.Is(context.Cause(ctx), end.ErrTimeLimit) {
		o.Fault = &policy.Fault{Op: "run", Kind: policy.Timeout, Message: "not started: " + end.ErrTimeLimit.Error()}
		o.Hint = "run again with a longer --timeout: what was not started is still to do"
		return
	}
	message := "not started: the run was stopped"
	if cause := context.Cause(ctx); cause != nil {
		message = "not started: " + cause.Error()
	}
	o.Fault = &policy.Fault{Op: "run", Kind: policy.Canceled, Message: message}
	o.Hint = "run again: what was not started is still to do"
}

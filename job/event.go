package job

import (
	"errors"

	"ackrevoke/job/report"
)

var errNoJournal = errors.New("journal: none is open, and without one nothing is written to the account")

// EventKind says what an event is about.
type EventKind int

// The kinds of events.
const (
	Progress  EventKind = iota // one of Of at Stage
	PlanReady                  // the plan is in Report, and nothing has been written
	Intended                   // Line is on disk; its write is next
	Done                       // Outcome is final
	Warned                     // Message
	Noted                      // Message, of no harm
)

// Event is what a run tells while it goes on.
type Event struct {
	Kind    EventKind
	Stage   string
	Of      int
	Report  *report.Report
	Line    *Line
	Outcome *Outcome
	Message string
}

func (j *job) tell(e Event) {
	if j.Tell != nil {
		j.Tell(e)
	}
}

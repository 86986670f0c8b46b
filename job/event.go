package job

import (
	"errors"

	"ackrevoke/job/report"
)

var errNoJournal = errors.New("journal: none is open, and without one nothing is written to the account")

// The events of a run, beside those of every command.
type (
	// PlanReady says that the plan is in the report, and nothing has been written.
	PlanReady struct{ Report *report.Report }
	// Intended says that a line is on disk; its write is next.
	Intended struct{ Line *Line }
	// Done says that an outcome is final.
	Done struct{ Outcome *Outcome }
)

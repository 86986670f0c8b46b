// Package end says how commands end: one table of exit codes, names and
// precedence, and one reading of why a context ended. Every command takes its
// ending from here, the help prints the table, and no other exit code stands in
// the code.
package end

import (
	"context"
	"errors"
)

// The exit codes; contract.md section 4.
const (
	CodeClean      = 0
	CodeError      = 1
	CodeInvalid    = 2
	CodeLeft       = 3
	CodeRefused    = 4
	CodeFailed     = 5
	CodeIncomplete = 6
	codeSIGINT     = 130
	codeSIGTERM    = 143
)

// Name is the one word for how a command ended.
type Name string

// The names. Converged, planned and complete go with exit code 0, and so do the
// last three of audit and doctor.
const (
	Converged   Name = "converged"
	Planned     Name = "planned"
	Failed      Name = "failed"
	Refused     Name = "refused"
	Incomplete  Name = "incomplete"
	Interrupted Name = "interrupted"
	Invalid     Name = "invalid"
	Errored     Name = "error"

	Complete  Name = "complete"   // show: everything could be seen
	Ready     Name = "ready"      // doctor: nothing is in the way
	FoundSome Name = "found"      // audit: something was found
	NoneFound Name = "none-found" // audit: nothing was
)

// Ending is one way to end.
type Ending struct {
	Code  int
	Name  Name
	Means string // for the help and the documents
}

// Table has every ending, the weightiest first: where several hold, the first of
// them is how the command ended.
var Table = []Ending{
	{CodeInvalid, Invalid, "usage error or invalid policy"},
	{CodeError, Errored, "could not run: no credentials, nothing readable, report or journal not writable, internal error"},
	{codeSIGINT, Interrupted, "interrupted by SIGINT; the report says how far it came"},
	{codeSIGTERM, Interrupted, "interrupted by SIGTERM; the report says how far it came"},
	{CodeFailed, Failed, "an outcome is failed, blocked, unverified, collateral, or skipped for another cause " +
		"than a signal or the time limit; or a residual is not accepted"},
	{CodeRefused, Refused, "a guard refused the plan, a group of it, or an entry: what was refused was not touched"},
	{CodeIncomplete, Incomplete, `something in scope is unknown and not accepted, or the time ran out: "clean" cannot be said`},
	{CodeLeft, Planned, "`--check`: something is left to revoke"},
	{CodeClean, Converged, "converged; or a dry run in which no guard refuses, nothing is unknown and no residual is unaccepted, whatever " +
		"it plans"},
}

// Rank is the place of an exit code in the table: the smaller, the weightier.
func Rank(code int) int {
	for i, e := range Table {
		if e.Code == code {
			return i
		}
	}
	return len(Table)
}

// NothingInEffect is a reason without an exit code of its own: the policy lists nobody
// whose time has come and whom no guard refuses. It stands last, beside what else holds.
const NothingInEffect = "nothing-in-effect"

// PolicyGone is a reason beside "refused": an account that an earlier run over a folder
// looked after has no policy file in it any more.
const PolicyGone = "policy-gone"

// Verdict is how a command ended.
type Verdict struct {
	Name     Name     `json:"name"`
	ExitCode int      `json:"exitCode"`
	Reasons  []string `json:"reasons"` // all that hold, the weightiest first
}

// Held is what holds of a command when it ends.
type Held struct {
	Invalid    bool // usage or policy
	Error      bool // could not run
	Signal     int  // the exit code of the signal that ended it, or 0
	Failed     bool // something is left
	Refused    bool // a guard refused something
	Incomplete bool // something could not be seen, or the time ran out
	Left       bool // something was found that was asked not to be there
}

// Verdict names the weightiest of all that hold: clean is the name where nothing
// does, and left that of exit code 3.
func (h Held) Verdict(clean, left Name) Verdict {
	v := Verdict{Name: clean, Reasons: []string{}}
	for _, e := range Table {
		if !h.holds(e.Code) {
			continue
		}
		if e.Code == CodeLeft {
			e.Name = left
		}
		if len(v.Reasons) == 0 {
			v.Name, v.ExitCode = e.Name, e.Code
		}
		v.Reasons = append(v.Reasons, string(e.Name))
	}
	return v
}

func (h Held) holds(code int) bool {
	all := map[int]bool{CodeInvalid: h.Invalid, CodeError: h.Error, CodeFailed: h.Failed, CodeRefused: h.Refused,
		CodeIncomplete: h.Incomplete, CodeLeft: h.Left, CodeClean: false} // the last is what is said where nothing holds
	if holds, known := all[code]; known {
		return holds
	}
	return h.Signal == code
}

// Add adds to what holds that a part of the command ended with an exit code. Of
// two signals the weightier stays.
func (h *Held) Add(code int) {
	switch code {
	case CodeClean:
	case CodeInvalid:
		h.Invalid = true
	case CodeError:
		h.Error = true
	case CodeFailed:
		h.Failed = true
	case CodeRefused:
		h.Refused = true
	case CodeIncomplete:
		h.Incomplete = true
	case CodeLeft:
		h.Left = true
	default:
		if h.Signal == 0 || Rank(code) < Rank(h.Signal) {
			h.Signal = code
		}
	}
}

// Cut adds to what holds that the context ended: by a signal, or because the time
// ran out. It returns what a report is to say of the latter, or nil.
func (h *Held) Cut(ctx context.Context) (late error) {
	cause := context.Cause(ctx)
	if s := BySignal(ctx); s != nil {
		h.Signal = s.Code
		return nil
	}
	if cause != nil {
		h.Incomplete = true
	}
	return cause
}

// ErrTimeLimit is the cause of a context that ends with the time of the whole run.
var ErrTimeLimit = errors.New("the time limit of the run (--timeout) was reached")

// Signal is the cause of a context that a signal ends.
type Signal struct {
	Name string // SIGINT or SIGTERM
	Code int    // the exit code that stands for it
}

// The signals that end a command.
var (
	SIGINT  = &Signal{"SIGINT", codeSIGINT}
	SIGTERM = &Signal{"SIGTERM", codeSIGTERM}
)

func (s *Signal) Error() string { return "interrupted by " + s.Name }

// BySignal is the signal that ended a context, or nil.
func BySignal(ctx context.Context) *Signal {
	var s *Signal
	if errors.As(context.Cause(ctx), &s) {
		return s
	}
	return nil
}

// CodesOf are the exit codes that go with a name of a run; none where it is no
// such name.
func CodesOf(n Name) []int {
	var codes []int
	if n == Planned {
		codes = append(codes, CodeClean)
	}
	for _, e := range Table {
		if e.Name == n {
			codes = append(codes, e.Code)
		}
	}
	return codes
}

package report

import "ackrevoke/policy"

// HistoryName is the name and version of what the command history prints.
const HistoryName = "ackrevoke.history/v1"

// History is what the journals of a folder, and the reports kept beside them, tell
// of the past.
type History struct {
	Schema     string       `json:"schema"` // HistoryName
	Version    string       `json:"version"`
	Folder     string       `json:"folder"`
	UID        string       `json:"uid"`  // "" for everybody
	Runs       []PastRun    `json:"runs"` // by time
	Summary    PastSummary  `json:"summary"`
	Unreadable []Unreadable `json:"unreadable"` // by file: what is in them is missing here
	NotRead    int          `json:"notRead"`    // journals, the oldest: there are too many
}

// PastSummary is the history in numbers.
type PastSummary struct {
	Runs        int `json:"runs"`
	Writes      int `json:"writes"`
	Proven      int `json:"proven"`      // writes that were read back
	Resurrected int `json:"resurrected"` // writes about a target that had been proven gone
	GivenBack   int `json:"givenBack"`   // writes about a target that a restore had given back
	Unfinished  int `json:"unfinished"`  // writes of which no run has said what became of them
	Proofs      int `json:"proofs"`
}

// PastKind says which command wrote.
type PastKind string

// The commands that leave a journal.
const (
	PastRevoke  PastKind = "run"
	PastRestore PastKind = "restore"
	PastSelf    PastKind = "self"
)

// PastRun is one command that wrote to the account. What its journal does not say
// comes from its report, and is empty without one.
type PastRun struct {
	ID        string      `json:"id"`
	Kind      PastKind    `json:"kind"`
	StartedAt Time        `json:"startedAt"` // by its report, else its first line
	LastAt    Time        `json:"lastAt"`    // of its last line
	Account   string      `json:"account"`   // "" of self
	Simulated bool        `json:"simulated"`
	Journal   string      `json:"journal"` // the name of the file
	Report    string      `json:"report"`  // the path of the one that was kept
	Caller    *Caller     `json:"caller,omitempty"`
	Policy    *PolicyInfo `json:"policy,omitempty"`
	Verdict   string      `json:"verdict"`
	ExitCode  *int        `json:"exitCode,omitempty"`
	Writes    []PastWrite `json:"writes"` // in their order
	Proofs    []PastProof `json:"proofs"` // by time
}

// PastWrite is one write, and what became of it.
type PastWrite struct {
	Action     string           `json:"action"`
	Operation  policy.Operation `json:"operation"` // clean, revoke-grant, give-back, take-back, revoke-own
	UID        string           `json:"uid"`
	Kind       policy.Kind      `json:"kind"`
	Name       string           `json:"name"`
	Reason     policy.Reason    `json:"reason"` // "" where it is none of a run
	Cluster    Cluster          `json:"cluster"`
	At         Time             `json:"at"`
	EndedAt    Time             `json:"endedAt"` // of the last word on it
	Status     string           `json:"status"`  // that word, "" where there is none
	Proven     bool             `json:"proven"`  // it was read back
	Unfinished bool             `json:"unfinished"`
	Before     Snapshot         `json:"before"` // what was there
	Pins       []Pin            `json:"pins"`
	Rows       []Lost           `json:"rows"` // that were given back, or taken back

	Resurrected *Earlier `json:"resurrected,omitempty"`
	GivenBack   *Earlier `json:"givenBack,omitempty"`
}

// PastProof is what a cluster said of a leaked file, as prove --attach added it to
// the report of a run.
type PastProof struct {
	At      Time            `json:"at"`
	Verdict EvidenceVerdict `json:"verdict"`
	Why     string          `json:"why"`
	UID     string          `json:"uid"` // of the certificate
	Cluster EvidenceCluster `json:"cluster"`
}

// Unreadable is a file that cannot be read, or not believed in full.
type Unreadable struct {
	File string `json:"file"`
	Why  string `json:"why"`
}

// NewHistory returns a history with nothing in it.
func NewHistory(folder, uid string) *History {
	h := &History{Schema: HistoryName, Folder: folder, UID: uid}
	fillLists(h)
	return h
}

// Count counts the numbers.
func (h *History) Count() {
	h.Summary = PastSummary{Runs: len(h.Runs)}
	s := &h.Summary
	for _, r := range h.Runs {
		s.Proofs += len(r.Proofs)
		for _, w := range r.Writes {
			s.Writes++
			for _, n := range []struct {
				to *int
				is bool
			}{{&s.Proven, w.Proven}, {&s.Resurrected, w.Resurrected != nil}, {&s.GivenBack, w.GivenBack != nil}, {&s.Unfinished, w.Unfinished}} {
				if n.is {
					*n.to++
				}
			}
		}
	}
}

// Encode returns the history as JSON; see [Report.Encode].
func (h *History) Encode() ([]byte, error) { return encode(h) }

package report

import (
	"ackrevoke/policy"

	"ackrevoke/job/end"
)

// DoctorSchema is the name and version of what doctor says.
const DoctorSchema = "ackrevoke.doctor/v1"

// Doctor is what doctor found out about an account before the first run:
// who asks, what can be seen, and what of a policy can be decided. It is a
// protocol like the report, with the same manners.
type Doctor struct {
	Schema     string      `json:"schema"` // DoctorSchema
	At         Time        `json:"at"`
	Version    string      `json:"version"` // of the program
	Simulated  bool        `json:"simulated"`
	Endpoints  Endpoints   `json:"endpoints"`
	Account    Examined    `json:"account"`
	Policy     *PolicyInfo `json:"policy"` // null where none was read
	Clock      Clock       `json:"clock"`
	Reads      []Reading   `json:"reads"` // in the order of a run
	Coverage   Coverage    `json:"coverage"`
	Clusters   []Clusters  `json:"clusters"`   // by region, state
	Deferred   []Place     `json:"deferred"`   // by id
	Blind      []Place     `json:"blind"`      // by id
	Grant      *Needed     `json:"grant"`      // what would end the blindness; null where nothing has to, or it is not known
	StatesList StatesList  `json:"statesList"` // of one principal, beside the listing of clusters
	Entries    Decided     `json:"entries"`
	Findings   []Finding   `json:"findings"` // what is in the way, in the order in which to deal with it
	Calls      Calls       `json:"calls"`
	Next       string      `json:"next"` // the command to type next
	Verdict    end.Verdict `json:"verdict"`
}

// Match says whether the account is that of the policy.
type Match string

// Whether the account is that of the policy.
const (
	SameAccount  Match = "same"
	OtherAccount Match = "other"
	NoAccount    Match = "unknown" // there is no policy, or no caller
)

// Examined is the account that the credentials belong to, and whose they are.
type Examined struct {
	ID     string `json:"id"`
	Policy string `json:"policy"` // the account of the policy; "" where none was read
	Match  Match  `json:"match"`
	Caller Asker  `json:"caller"`
}

// Asker is the caller, with its name as the listing of people has it.
type Asker struct {
	Caller
	Name string `json:"name"` // "" where it is not known
}

// Clock is the clock of this machine beside that of the service.
type Clock struct {
	Known        bool  `json:"known"`
	AheadSeconds int64 `json:"aheadSeconds"` // of this machine's; negative: behind
}

// Answer is what became of a read.
type Answer string

// What can become of a read.
const (
	Answered Answer = "ok"
	Denied   Answer = "denied" // at least once
	Missed   Answer = "failed" // at least once, and denied never
	NotTried Answer = "not-tried"
)

// Reading is one operation that a run looks with.
type Reading struct {
	Operation string   `json:"operation"`
	Actions   []string `json:"actions"` // the RAM actions that allow it; none: everybody may
	Answer    Answer   `json:"answer"`
	Tried     int      `json:"tried"`
	Failed    int      `json:"failed"`   // of these, denied ones included
	Why       string   `json:"why"`      // it was not tried
	Error     *Error   `json:"error"`    // of the first that failed; the first denied one, if any was
	Missing   []string `json:"missing"`  // the RAM actions that the service named in its denials; sorted
	Explicit  bool     `json:"explicit"` // one of these is forbidden by a Deny, so that to allow it does not help

	Fallback bool `json:"-"` // made only where another operation is not to be had
}

// Clusters counts the clusters of one region in one state.
type Clusters struct {
	Region   string `json:"region"`
	State    string `json:"state"`
	Clusters int    `json:"clusters"`
	InScope  int    `json:"inScope"`
	Blind    int    `json:"blind"`
}

// Place is a cluster with what is said of it.
type Place struct {
	Cluster
	InScope  bool `json:"inScope"`
	Accepted bool `json:"accepted"` // the policy lives with what cannot be seen there
}

// Needed is the one grant that would let the caller see everybody's.
type Needed struct {
	UID   string            `json:"uid"` // to whom
	Kind  policy.Kind       `json:"kind"`
	Name  string            `json:"name"`
	Scope policy.GrantScope `json:"scope"`
	Role  string            `json:"role"`
	How   string            `json:"how"`
}

// Enumeration says whether lists of states name every cluster.
type Enumeration string

// Whether lists of states name every cluster.
const (
	Enumerates Enumeration = "enumerates"
	LeavesOut  Enumeration = "leaves-out" // clusters without a credential
	NotTold    Enumeration = "unknown"
)

// StatesList is whether the states of a principal enumerate the clusters.
type StatesList struct {
	Answer  Enumeration `json:"answer"`
	UID     string      `json:"uid"`     // of whom
	Missing []string    `json:"missing"` // ids of listed clusters that are not in it
	Why     string      `json:"why"`     // it cannot be told
}

// Decided is what a dry run would say of the entries of the policy now.
type Decided struct {
	Decided  bool           `json:"decided"` // false: it did not come so far
	Why      string         `json:"why"`     // it did not
	Summary  Forecast       `json:"summary"`
	Unknown  []Named        `json:"unknown"`  // by uid, cluster, why
	Refused  []RefusedEntry `json:"refused"`  // by uid, guard
	Residual []Residual     `json:"residual"` // by uid, cluster, what
	Guards   []Guard        `json:"guards"`   // those that a run would trip over; by guard, group
}

// Forecast is what a dry run would count now; the names are those of the
// summary of a report.
type Forecast struct {
	Entries  int `json:"entries"`
	InEffect int `json:"inEffect"`
	Refused  int `json:"refused"`
	Pending  int `json:"pending"`
	Lapsed   int `json:"lapsed"`
	Targets  int `json:"targets"`
	Actions  int `json:"actions"`
	Settled  int `json:"settled"`
	Unknown  int `json:"unknown"`
	Residual int `json:"residual"`
	Accepted int `json:"accepted"`
}

// Named is an unknown with the names of what it is about.
type Named struct {
	Unknown
	Name        string `json:"name"`        // of the principal
	ClusterName string `json:"clusterName"` // of the cluster
	Line        int    `json:"line"`        // of the entry; 0 for the run
}

// About is what a finding is about.
type About string

// What a finding is about.
const (
	AboutRun     About = "run"
	AboutClock   About = "clock"
	AboutAccount About = "account"
	AboutReads   About = "reads"
	AboutListing About = "listing"
	AboutBlind   About = "blind"
	AboutEntries About = "entries"
	AboutGuards  About = "guards"
)

// Finding is something that a run would stumble over, or that its reader
// should know.
type Finding struct {
	About    About  `json:"about"`
	ExitCode int    `json:"exitCode"` // 1, 6, or 0 for a warning; the weightiest is that of doctor
	Message  string `json:"message"`
	Hint     string `json:"hint"` // what to do next
}

// NewDoctor returns one with nothing in it: every list is empty and none
// is nil.
func NewDoctor() *Doctor {
	e := &Doctor{Schema: DoctorSchema}
	e.Coverage.AllClustersGrants = Unseen
	e.Account.Match, e.StatesList.Answer = NoAccount, NotTold
	fillLists(e)
	return e
}

// Foresee puts a plan beside what it leaves open: the entries of the policy as
// a dry run would report them. names finds the name of a principal or cluster
// by its id.
func (e *Doctor) Foresee(p *policy.Plan, names map[string]string) {
	r := Report{Policy: PolicyInfo{Entries: len(p.Entries)}, Plan: NewPlan(p, "")}
	s := r.count(p.Targets)
	d := Decided{Decided: true, Refused: r.Plan.Refused, Residual: r.Plan.Residual, Guards: []Guard{}, Unknown: []Named{},
		Summary: Forecast{Entries: s.Entries, InEffect: s.InEffect, Refused: s.Refused, Pending: s.Pending, Lapsed: s.Lapsed, Targets: s.Targets,
			Actions: s.Actions, Settled: s.Settled, Unknown: s.Unknown, Residual: s.Residual, Accepted: s.Accepted}}
	lines := map[string]int{}
	for _, entry := range p.Entries {
		lines[entry.UID] = entry.Line
	}
	for _, u := range r.Plan.Unknown {
		d.Unknown = append(d.Unknown, Named{Unknown: u, Name: names[u.UID], ClusterName: names[u.Cluster], Line: lines[u.UID]})
	}
	for _, g := range r.Plan.Guards {
		if g.Tripped {
			d.Guards = append(d.Guards, g)
		}
	}
	e.Entries = d
}

// Conclude sets the verdict: the weightiest finding.
func (e *Doctor) Conclude() {
	var held end.Held
	for _, f := range e.Findings {
		held.Error = held.Error || f.ExitCode == end.CodeError
		held.Incomplete = held.Incomplete || f.ExitCode == end.CodeIncomplete
	}
	e.Verdict = held.Verdict(end.Ready, end.Ready)
}

// Encode returns the examination as JSON, as a report is.
func (e *Doctor) Encode() ([]byte, error) { return encode(e) }

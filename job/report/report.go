// Package report is the report of a run as a versioned protocol: what a person,
// a pipeline, a later restore and an auditor read, and what outlives the
// program that wrote it.
//
//	policy.Plan --NewPlan--> Report --Complete--> Report --Check--> Write | PlanTable | ResultTable
//	                            ^                                     |
//	                            +-------------- Decode ---------------+
//
// Fields are added within v1, never renamed or taken away, so a reader
// tolerates fields that it does not know and refuses another schema name.
// Lists are sorted and never null, times are UTC to the second, and text that
// others control cannot harm a terminal, whether in the JSON or in a table.
//
// A report is only worth its numbers if they add up: [Check] counts every
// listed target exactly once, so that "clean" is never said by leaving out.
// The package knows nothing of how a report came about; there is no field for
// a key, a token or a kubeconfig, so none can leak through one.
//
// Begin with this file; each command has a file of its name and one for its words
// (doctor.go, doctor_text.go).
package report

import (
	"ackrevoke/job/end"
	"ackrevoke/policy"
)

// SchemaName is the name and version of the protocol.
const SchemaName = "ackrevoke.report/v1"

// Report is all that one run says about itself.
type Report struct {
	Schema     string       `json:"schema"` // SchemaName
	Run        Run          `json:"run"`
	Account    Account      `json:"account"`
	Policy     PolicyInfo   `json:"policy"`
	Coverage   Coverage     `json:"coverage"`
	Principals []Principal  `json:"principals"` // by uid: the list of the policy, and what became of each
	Plan       Plan         `json:"plan"`
	Outcomes   []Outcome    `json:"outcomes"` // by action id
	Calls      Calls        `json:"calls"`
	Summary    Summary      `json:"summary"`
	Unfinished []Unfinished `json:"unfinished"` // by action id, then run id
	Limits     []string     `json:"limits"`     // what no run can end, one sentence each
	Verdict    end.Verdict  `json:"verdict"`
	Errors     []Error      `json:"errors"` // what stopped or hampered the run as a whole, in the order found

	Proofs []Evidence `json:"proofs,omitempty"` // by time; added after the run
}

// Mode says whether a run could write.
type Mode string

// The modes of a run.
const (
	DryRun Mode = "dry-run"
	Apply  Mode = "apply"
)

// Run identifies the run.
type Run struct {
	ID          string    `json:"id"`   // unique, fit for a file name
	Mode        Mode      `json:"mode"` // dry-run or apply
	Simulated   bool      `json:"simulated"`
	Endpoints   Endpoints `json:"endpoints"`
	Version     string    `json:"version"` // of the program
	StartedAt   Time      `json:"startedAt"`
	FinishedAt  Time      `json:"finishedAt"`
	Interrupted bool      `json:"interrupted"` // a signal ended it early
	Only        []string  `json:"only"`        // by uid: the entries that the policy was applied to; empty: all of them
	Journal     string    `json:"journal"`     // the folder of the run's journal, as the run named it
}

// Endpoints are the hosts that the run spoke to.
type Endpoints struct {
	CS  string `json:"cs"`
	RAM string `json:"ram"`
	STS string `json:"sts"`
}

// Account is the account that the run acted in; empty where the run did not
// come so far.
type Account struct {
	ID     string `json:"id"`
	Caller Caller `json:"caller"`
}

// Caller is whoever ran the program.
type Caller struct {
	Type policy.CallerType `json:"type"`
	UID  string            `json:"uid"`
	ARN  string            `json:"arn"`
}

// PolicyInfo identifies the policy file.
type PolicyInfo struct {
	Path    string `json:"path"`    // as the user named it
	SHA256  string `json:"sha256"`  // of its bytes, hex
	Entries int    `json:"entries"` // of the file, whatever run.only leaves of them; 0 where it could not be read
}

// Sight says whether all-clusters grants could be seen.
type Sight string

// Whether something could be seen.
const (
	Seen   Sight = "seen"
	Unseen Sight = "unseen"
)

// Coverage says how much of the account the run could see.
type Coverage struct {
	Listing           policy.ListedBy `json:"listing"`           // regions, or retired: the list may be short
	Regions           []Region        `json:"regions"`           // by id; empty where the listing is retired
	Clusters          int             `json:"clusters"`          // listed
	InScope           int             `json:"inScope"`           // of these in scope and not deferred
	Deferred          int             `json:"deferred"`          // of those in scope: coming or going
	Blind             []string        `json:"blind"`             // ids of clusters whose grants the caller cannot see
	AllClustersGrants Sight           `json:"allClustersGrants"` // seen, or unseen: one may be invisible
}

// Region is one region of the listing; the id * stands for all others.
type Region struct {
	ID       string `json:"id"`
	Clusters int    `json:"clusters"`
	Read     bool   `json:"read"` // false: what is there is not known
}

// Standing is what a run says of one principal.
type Standing string

// The standings of principals.
const (
	Out         Standing = "out"     // nothing left in scope, proven
	Acting      Standing = "acting"  // planned
	Left        Standing = "left"    // something failed, is blocked, unverified or residual
	Unclear     Standing = "unknown" // no proof could be had
	Refusal     Standing = "refused"
	PendingYet  Standing = "pending"
	LapsedSince Standing = "lapsed"
)

// Principal is one entry of the policy and what became of it.
type Principal struct {
	UID        string               `json:"uid"`
	Kind       policy.Kind          `json:"kind"`
	Name       string               `json:"name"`     // as the policy states it, else as an action found it
	Identity   policy.IdentityState `json:"identity"` // live, deleted or unknown
	Reason     policy.Reason        `json:"reason"`
	Effective  Time                 `json:"effective"` // "" for at once
	Ticket     string               `json:"ticket"`
	Line       int                  `json:"line"` // in the policy file
	Verdict    Standing             `json:"verdict"`
	Actions    int                  `json:"actions"`    // rows of plan.actions
	Settled    int                  `json:"settled"`    // clusters proven to need nothing
	Unknown    int                  `json:"unknown"`    // rows of plan.unknown
	Residual   int                  `json:"residual"`   // rows of plan.residual
	OutOfScope int                  `json:"outOfScope"` // rows of plan.outOfScope
	Warnings   []string             `json:"warnings"`
	Retirable  bool                 `json:"retirable"` // nothing is held anywhere: take the entry out
}

// Calls counts the attempts that went through the gate.
type Calls struct {
	Reads       int            `json:"reads"`
	Writes      int            `json:"writes"`
	Retries     int            `json:"retries"`
	Throttled   int            `json:"throttled"`
	ByOperation map[string]int `json:"byOperation"` // by the service's name of the operation

	ByResult map[string]Results `json:"byResult,omitempty"` // likewise, and by what came of each
	Rate     *Rate              `json:"rate,omitempty"`     // nil: nothing was found, mostly because nothing was throttled
}

// Rate is what was found of the rate that the service allows to the account, in
// calls per second.
type Rate struct {
	Found float64 `json:"found"` // as last measured, to a hundredth
	Share float64 `json:"share"` // of these, that were to be used
	Used  float64 `json:"used"`  // what came of it
}

// Results are the attempts of one operation by what came of them.
type Results struct {
	OK        int `json:"ok"`        // a good answer
	Throttled int `json:"throttled"` // one that asked for fewer calls
	Failed    int `json:"failed"`    // any other answer, or none
}

// Summary is the report in numbers; [Report.Complete] counts them.
type Summary struct {
	Entries    int `json:"entries"`  // of the policy, or those of run.only
	InEffect   int `json:"inEffect"` // of these in effect and not refused
	Targets    int `json:"targets"`  // principal and cluster pairs of these
	Actions    int `json:"actions"`  // planned, refused ones included
	Revoked    int `json:"revoked"`  // outcomes, as the next six
	Absent     int `json:"absent"`
	Blocked    int `json:"blocked"`
	Failed     int `json:"failed"`
	Unverified int `json:"unverified"`
	Skipped    int `json:"skipped"`
	Collateral int `json:"collateral"`
	Settled    int `json:"settled"`  // targets, not rows
	Unknown    int `json:"unknown"`  // rows, accepted ones included
	Residual   int `json:"residual"` // rows, accepted ones included
	Accepted   int `json:"accepted"` // of these two
	Refused    int `json:"refused"`  // entries refused by a guard
	Pending    int `json:"pending"`
	Lapsed     int `json:"lapsed"`

	Resurrected int `json:"resurrected"` // targets that an earlier run proved gone, and that hold something again
}

// New returns a report with nothing in it but its schema name and limits:
// every list is empty and none is nil.
func New() *Report {
	r := &Report{Schema: SchemaName, Limits: Limits()}
	r.Coverage.AllClustersGrants = Unseen
	fillLists(r)
	return r
}

// Limits returns what no run can end, one sentence each. They stand in every
// report: a list of what was taken away reads as "everything" otherwise.
func Limits() []string {
	return []string{
		"What the service confirms to have removed is the KubeConfig record and the grants that ACK made, nothing beyond.",
		"A certificate may go on authenticating until it expires, for Kubernetes has no revocation list.",
		"Bindings made by hand for the user name <uid> or <uid>-<digits>, or for groups, stay.",
		"A certificate whose organisation is system:masters is beyond RBAC and keeps its power.",
		"Connections that are already open are not closed.",
		"Service-account tokens that the person made stay valid.",
		"Access through ack-ram-authenticator mappings stays.",
		"The RAM identity itself stays, with its console login and access keys; a live one can fetch a new file.",
		"People who come through CloudSSO or role SSO have no credential of their own that could be revoked.",
		"What was removed can be restored from the 30-day recycle bin, which is why every run looks again.",
		"A grant managed by Terraform comes back with its next apply: take it out there first.",
		"A second writer to the same account is not detected.",
	}
}

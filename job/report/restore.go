package report

import (
	"slices"

	"ackrevoke/job/end"
	"ackrevoke/policy"
)

// RestoreSchemaName is the name and version of the report of a restore. It is
// a protocol of its own: a reader that counts what a run took away must not
// find rows in between that were given.
const RestoreSchemaName = "ackrevoke.restore/v1"

// Restore is all that one restore says about itself.
type Restore struct {
	Schema    string      `json:"schema"` // RestoreSchemaName
	Run       Run         `json:"run"`
	Account   Account     `json:"account"`
	Source    Source      `json:"source"`
	Principal Restored    `json:"principal"`
	Cluster   Cluster     `json:"cluster"`
	Before    Snapshot    `json:"before"` // what the source says was there
	Now       *Snapshot   `json:"now"`    // as last seen; null where nobody looked
	Rows      []Row       `json:"rows"`   // of before, by cluster: what became of each
	Refused   []Guard     `json:"refused"`
	Writes    []Written   `json:"writes"` // in their order
	Proofs    []Proof     `json:"proofs"` // in their order
	Calls     Calls       `json:"calls"`
	Warnings  []string    `json:"warnings"`
	Verdict   end.Verdict `json:"verdict"`
	Errors    []Error     `json:"errors"`
}

// Source is where a restore takes the rows from.
type Source struct {
	Path        string `json:"path"`
	Kind        string `json:"kind"` // report or journal
	RunID       string `json:"runId"`
	Action      string `json:"action"`
	Status      string `json:"status"` // "" where the journal has no outcome
	At          Time   `json:"at"`     // of the snapshot
	LastWriteAt Time   `json:"lastWriteAt"`
}

// Restored is the principal that gets the rows.
type Restored struct {
	UID       string      `json:"uid"`
	Kind      policy.Kind `json:"kind"`
	Name      string      `json:"name"`
	CreatedAt Time        `json:"createdAt"`
}

// RowState is what became of one row.
type RowState string

// The states of rows.
const (
	RowThere     RowState = "there"     // nothing to do
	RowMissing   RowState = "missing"   // to give, and not given
	RowGiven     RowState = "given"     // given, and read back
	RowPerhaps   RowState = "perhaps"   // given or not: not proven
	RowTakenBack RowState = "takenBack" // given, and taken away again
	RowOwner     RowState = "owner"     // comes from having created the cluster: cannot be given
	RowUnseen    RowState = "unknown"   // nobody looked
)

// Row is one row of the snapshot.
type Row struct {
	Cluster string `json:"cluster"` // "" for all clusters
	Grant
	State RowState `json:"state"`
}

// The statuses of writes.
const (
	Done       = "done" // accepted, and read back
	NotProven  = "unverified"
	Rejected   = "failed"
	NotStarted = "skipped"
)

// Written is one write of a restore.
type Written struct {
	Operation  policy.Operation `json:"operation"` // give-back or take-back
	Status     string           `json:"status"`    // done, unverified, failed, skipped
	Attempts   int              `json:"attempts"`
	RequestID  string           `json:"requestId"`
	StartedAt  Time             `json:"startedAt"`
	EndedAt    Time             `json:"endedAt"`
	VerifiedAt Time             `json:"verifiedAt"`
	Error      *Error           `json:"error"`
}

// Proof is what the cluster itself said of a leaked file.
type Proof struct {
	When    string `json:"when"`    // before or after the rows were given
	Verdict string `json:"verdict"` // dead, powerless, alive, unreachable
	Message string `json:"message"`
	At      Time   `json:"at"`
}

// NewRestore returns a report with nothing in it: no list is nil.
func NewRestore() *Restore {
	r := &Restore{Schema: RestoreSchemaName}
	fillLists(r)
	return r
}

// NewRow returns a row as it stands in the report.
func NewRow(g policy.Grant, s RowState) Row { return Row{g.Cluster, newGrant(g), s} }

// Compare orders rows by cluster and what they say.
func (r Row) Compare(o Row) int {
	return slices.Compare(append([]string{r.Cluster}, r.key()...), append([]string{o.Cluster}, o.key()...))
}

// Encode returns the report as JSON; see [Report.Encode].
func (r *Restore) Encode() ([]byte, error) { return encode(r) }

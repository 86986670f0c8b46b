package write

import (
	"time"

	"ackrevoke/job/report"
	"ackrevoke/policy"
)

// The operations of the journal that are none of a run.
const (
	GivesBack  policy.Operation = "give-back"
	TakesBack  policy.Operation = "take-back" // exactly the rows that were given
	RevokesOwn policy.Operation = "revoke-own"
)

// Line is one line of a journal.
type Line struct {
	Type    string    `json:"type"` // intent | outcome
	Run     string    `json:"run"`
	At      time.Time `json:"at"`
	Account string    `json:"account"`
	Action  string    `json:"action"`
	Try     int       `json:"try,omitempty"`

	Simulated bool `json:"simulated,omitempty"`

	// Of an intent: what is about to be done, and what it takes away.
	Operation   policy.Operation    `json:"operation,omitempty"`
	UID         string              `json:"uid,omitempty"`
	Kind        policy.Kind         `json:"kind,omitempty"`
	Name        string              `json:"name,omitempty"`
	CreatedAt   *time.Time          `json:"createdAt,omitempty"`
	Reason      policy.Reason       `json:"reason,omitempty"`
	Force       bool                `json:"force,omitempty"`
	Cluster     *JournalCluster     `json:"cluster,omitempty"`
	Certificate *JournalCertificate `json:"certificate,omitempty"`
	GrantsSeen  bool                `json:"grantsSeen,omitempty"`
	Grants      []JournalGrant      `json:"grants,omitempty"` // all of the principal, on every cluster
	Pins        []time.Time         `json:"pins,omitempty"`   // expiries, where it is about these certificates alone

	// Of an intent to give rows back, or to take just these away again.
	Rows []JournalGrant `json:"rows,omitempty"`

	// Of an outcome.
	Status     string         `json:"status,omitempty"`
	RequestID  string         `json:"requestId,omitempty"`
	Bulk       bool           `json:"bulk,omitempty"` // one call was made for it and others
	Message    string         `json:"message,omitempty"`
	Collateral []JournalGrant `json:"collateral,omitempty"` // rows that went missing beside the action

	CollateralCertificates []string `json:"collateralCertificates,omitempty"` // clusters where a certificate did, by id
}

// JournalCluster names the cluster of an intent.
type JournalCluster struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Region string `json:"region"`
}

// NewJournalCluster is a cluster as it stands in a line.
func NewJournalCluster(c policy.Cluster) *JournalCluster {
	return &JournalCluster{ID: c.ID, Name: c.Name, Region: c.Region}
}

// JournalCertificate is the credential that an intent takes away.
type JournalCertificate struct {
	State   policy.CertState `json:"state"`
	Expires *time.Time       `json:"expires,omitempty"`
}

// NewJournalCertificate is a certificate as it stands in a line.
func NewJournalCertificate(c policy.Certificate) *JournalCertificate {
	return &JournalCertificate{State: c.State, Expires: Moment(c.Expires)}
}

// Before is the certificate of an intent; zero where it says nothing of one.
func (l Line) Before() policy.Certificate {
	var c policy.Certificate
	if l.Certificate != nil {
		c.State = l.Certificate.State
		if l.Certificate.Expires != nil {
			c.Expires = *l.Certificate.Expires
		}
	}
	return c
}

// Snapshot is what an intent takes away on its cluster.
func (l Line) Snapshot() policy.Snapshot {
	s := policy.Snapshot{Certificate: l.Before(), GrantsSeen: l.GrantsSeen}
	for _, g := range l.Grants { // of the principal everywhere
		if g.Cluster == l.cluster() {
			s.Grants = append(s.Grants, g.Row())
		}
	}
	return s
}

func (l Line) cluster() string {
	if l.Cluster == nil {
		return ""
	}
	return l.Cluster.ID
}

// JournalGrant is one row of the permissions that the principal has when an
// intent is written.
type JournalGrant struct {
	Cluster   string            `json:"cluster"`
	Scope     policy.GrantScope `json:"scope"`
	Namespace string            `json:"namespace"`
	Role      string            `json:"role"`
	Custom    bool              `json:"custom"`
	Owner     bool              `json:"owner"`
}

// Row is the grant as the account has it.
func (g JournalGrant) Row() policy.Grant {
	return policy.Grant{Cluster: g.Cluster, Scope: g.Scope, Namespace: g.Namespace, Role: g.Role, Custom: g.Custom, Owner: g.Owner}
}

// JournalGrants are rows as they stand in a line, in order.
func JournalGrants(rows []policy.Grant) []JournalGrant {
	var out []JournalGrant
	for _, g := range policy.SortedGrants(rows) {
		out = append(out, JournalGrant{Cluster: g.Cluster, Scope: g.Scope, Namespace: g.Namespace, Role: g.Role, Custom: g.Custom,
			Owner: g.Owner})
	}
	return out
}

// Moment is a time as it stands in a line; nil for none.
func Moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// Unfinished is an intent of an earlier run as it stands in the report.
func Unfinished(l Line) report.Unfinished {
	before := report.NewSnapshot(l.Snapshot())
	return report.Unfinished{Action: l.Action, UID: l.UID, Cluster: l.cluster(), Operation: l.Operation, RunID: l.Run, At: report.At(l.At),
		Before: &before}
}

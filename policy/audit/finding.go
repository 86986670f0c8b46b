package audit

import (
	"time"

	"ackrevoke/policy"
)

// FindingKind is what an audit can find out about a principal.
type FindingKind string

// The kinds of findings; the table below says when each holds.
const (
	FoundDeleted       FindingKind = "deleted"
	FoundLocked        FindingKind = "locked"
	FoundResidual      FindingKind = "residual"
	FoundAllClusters   FindingKind = "all-clusters"
	FoundExpired       FindingKind = "expired-granted"
	FoundOwner         FindingKind = "owner"
	FoundNoCertificate FindingKind = "no-certificate"
	FoundNoGrant       FindingKind = "no-grant"
	FoundFixed         FindingKind = "not-revokable"
)

// Severity says how soon somebody should look.
type Severity string

// The severities, the weightiest first.
const (
	Critical Severity = "critical"
	High     Severity = "high"
	Medium   Severity = "medium"
	Low      Severity = "low"
	Info     Severity = "info"
)

// Need is a flag without which a kind is not looked for.
type Need string

// What a kind of finding needs.
const (
	NeedsNothing  Need = ""
	NeedsGrants   Need = "grants"
	NeedsResidual Need = "residual"
)

// Draft says whether the entry for a finding is ready, or is for somebody to
// decide on first.
type Draft int

// What can be proposed.
const (
	NoDraft     Draft = iota // no entry would help
	ForDecision              // it may well be rightful
	Ready                    // nobody should hold this
)

// FindingRow is one row of the table of findings.
type FindingRow struct {
	Kind     FindingKind
	Severity Severity
	Needs    Need
	Draft    Draft
	Means    string
	Hint     string
}

// Findings is the table of what an audit looks for, in the order in which it
// is told. What it says of a certificate holds of the cluster's own list, and
// what it says of grants of the rows that the caller can see.
var Findings = []FindingRow{
	{FoundDeleted, Critical, NeedsNothing, Ready, "a certificate in force, of a principal that RAM has no more",
		"list it as departed: nobody else will end this certificate before it expires"},
	{FoundLocked, High, NeedsNothing, Ready, "a certificate in force, of a user whom RAM has locked",
		"list it as departed, or unlock the user: the lock does not end the certificate"},
	{FoundResidual, High, NeedsResidual, NoDraft, "a listed principal who can still log in or has active access keys",
		"take away the console login and the access keys in RAM: with them a new kubeconfig can be fetched"},
	{FoundAllClusters, Medium, NeedsGrants, ForDecision, "a grant on all clusters, also on those to come",
		"see whether it is meant; on the clusters of today single grants do the same"},
	{FoundExpired, Medium, NeedsGrants, ForDecision, "an expired certificate, and the grants are still there",
		"list it as departed with these clusters, or take the grants back: with a new certificate they count again"},
	{FoundOwner, Medium, NeedsGrants, ForDecision, "one who left is the owner of record of a cluster",
		"no call takes this row away; once the principal is deleted nobody can fetch a new file with it"},
	{FoundNoCertificate, Low, NeedsGrants, ForDecision, "grants, and no certificate to use them with",
		"see whether they are still needed: a certificate can be fetched at any time"},
	{FoundNoGrant, Low, NeedsGrants, ForDecision, "a certificate in force, and no grant of ACK's",
		"see whether it is still needed; bindings that were made by hand do not show here"},
	{FoundFixed, Info, NeedsNothing, NoDraft, "a certificate in force that this caller cannot revoke, or perhaps not",
		"the root account and the caller revoke their own; on a cluster from before 2019-10-15 a revocation is tried"},
}

// Row returns the row of a kind; false if there is none.
func (k FindingKind) Row() (FindingRow, bool) {
	for _, r := range Findings {
		if r.Kind == k {
			return r, true
		}
	}
	return FindingRow{}, false
}

// Finding is one thing found out about one principal, wherever it holds.
type Finding struct {
	FindingRow
	UID       string
	Name      string      // as RAM has it, else as the lists do
	Principal policy.Kind // "" for the root account, and where no row says it
	CreatedAt time.Time
	Identity  policy.IdentityState
	Root      bool
	Locked    bool
	Places    []Spot         // by cluster id; none where it is about no cluster
	Grants    []policy.Grant // of all-clusters
	Access    WayIn          // of residual
	Listed    *Listed        // nil: nobody listed it
	Accepted  bool           // the policy lives with it
	Entry     *policy.Principal
	Protected bool // by the policy: therefore no entry
}

// Spot is what a principal holds on one cluster.
type Spot struct {
	Cluster     *policy.Cluster
	Certificate policy.Certificate // with an empty state where the list of the cluster has none
	Grants      []policy.Grant     // where they were asked for
	Oldest      time.Time          // the certificate was issued then or later
	By          AgeBasis           // how that is known
	Warnings    []string
}

// AgeBasis says how the age of a certificate is bounded.
type AgeBasis string

// What bounds the age of a certificate. The first is the validity by default,
// which the root account can change for a certificate.
const (
	ByValidity  AgeBasis = "default-validity"
	ByPrincipal AgeBasis = "principal-created"
	ByCluster   AgeBasis = "cluster-created"
)

// Listed is the entry of the policy for the principal of a finding.
type Listed struct {
	Line   int
	Phase  policy.Phase
	Reason policy.Reason
	Covers bool // in effect, and about all places of the finding
}

// WayIn is what a RAM user can still get in with.
type WayIn struct {
	Login      bool
	ActiveKeys int
}

// Service is a role of a cloud service with credentials: listed apart, for
// revoking it breaks clusters.
type Service struct {
	UID, Name, Service string
	Clusters           int
}

// Note is what changed while the audit looked: no finding, and no fault.
type Note struct {
	UID, Cluster string
	What         NoteKind
}

// NoteKind is what can change meanwhile.
type NoteKind string

// What can change meanwhile.
const (
	DeletedMeanwhile NoteKind = "deleted-meanwhile"
	CreatedMeanwhile NoteKind = "created-meanwhile"
	ClusterGone      NoteKind = "cluster-deleted-meanwhile"
)

// Retirable is an entry of the policy whose principal RAM has no more and that
// holds nothing. Since when RAM has it no more is told by no read.
type Retirable struct {
	UID, Name string
	Line      int
}

// Inventory is what an audit found.
type Inventory struct {
	Findings  []Finding // in the order of the table, then by uid
	Services  []Service // by uid
	Notes     []Note
	Unknown   []policy.Unknown
	Retirable []Retirable
	Coverage  Coverage
}

// Coverage says how much of the account an audit could see.
type Coverage struct {
	ListedBy          policy.ListedBy
	Regions           []policy.Region // by id
	Clusters          int             // listed
	Read              int             // of these: both lists were had, or it is gone by now
	Deferred          []string
	Unread            []string
	Blind             []string // only where grants were asked for
	AllClustersUnseen bool
	Principals        int // in RAM
	Holders           int // with a certificate in any list, cloud services apart
	Credentials       int // of these
}

package policy

import (
	"cmp"
	"slices"
	"time"
)

// Plan is what a run would do and why nothing is done about the rest: a
// sorted value. What applies it can do only what is in it.
type Plan struct {
	Account    string
	Entries    []Entry // in order of uids
	Coverage   Coverage
	Actions    []Action
	Settled    []Settled
	Unknown    []Unknown
	Residual   []Residual
	OutOfScope []Outside
	Unlisted   []Overlooked // by uid; nothing is done about them
	Refused    []Refusal
	Guards     []GuardRow
	Warnings   []string // of the policy as a whole
	Targets    int
}

// IdentityState says what became of a uid in RAM.
type IdentityState string

// The states of an identity.
const (
	Live            IdentityState = "live"
	Deleted         IdentityState = "deleted"
	IdentityUnknown IdentityState = "unknown" // the directory was not read
)

// Entry is one listed principal with what was found out about it.
type Entry struct {
	Principal
	Phase    Phase
	Identity IdentityState
	Refused  bool
	Targets  []string // cluster ids in order; empty unless in effect and not refused

	// HoldsMore says that the principal holds something that the plan leaves
	// alone beside a pin, or may hold something that no read would show.
	HoldsMore bool
	Warnings  []string
}

// Coverage says how much of the account the run could see.
type Coverage struct {
	ListedBy          ListedBy
	Regions           []Region // by id
	Clusters          int      // listed
	InScope           int      // of these in scope and not deferred
	Deferred          int      // of those in scope: coming or going
	Blind             []string // ids of listed clusters whose grants the caller cannot see
	AllClustersUnseen bool     // an all-clusters grant of somebody may be invisible
}

// Whole reports whether the listing of clusters is sure to be all of them.
func (c Coverage) Whole() bool {
	return c.ListedBy != ByRetired && !slices.ContainsFunc(c.Regions, func(r Region) bool { return !r.Read() })
}

// HangsOn reports whether something unknown hangs on a failed read of this
// operation, and whether the policy does not live with all of that.
func (p *Plan) HangsOn(op string) (hangs, open bool) {
	for _, u := range p.Unknown {
		of := u.Fault != nil && u.Fault.Op == op || slices.ContainsFunc(u.Failed, func(f *Fault) bool { return f.Op == op })
		hangs, open = hangs || of, open || of && !u.Accepted
	}
	return hangs, open
}

// Operation is a write that a plan can hold.
type Operation string

// The operations of actions.
const (
	Clean       Operation = "clean"        // CleanClusterUserPermissions
	RevokeGrant Operation = "revoke-grant" // UpdateUserPermissions mode=delete, exactly these rows
)

// AllClusters is the cluster part of the id of a revoke-grant action.
const AllClusters = "all-clusters"

// Certificate is a credential at a moment.
type Certificate struct {
	State   CertState
	Expires time.Time
}

// Action is one planned write.
type Action struct {
	ID        string // <cluster id>/<uid>, or all-clusters/<uid>
	Operation Operation
	UID       string
	Kind      Kind
	Name      string // live name, else the stated one
	CreatedAt time.Time
	Identity  IdentityState
	Reason    Reason
	Force     bool
	Pins      []Pin   // of this cluster; the action is about these
	Cluster   Cluster // zero id for all clusters
	Because   []string
	RefusedBy string
	Before    Snapshot
	Warnings  []string
}

// Snapshot is what a principal holds where an action takes it away.
type Snapshot struct {
	Certificate Certificate
	GrantsSeen  bool
	Grants      []Grant // of this cluster, or the all-clusters rows
}

// The reasons of an action.
const (
	BecauseCertificate = "certificate"
	BecauseGrants      = "grants"
	BecausePin         = "pin"
	BecauseAllClusters = "all-clusters"
)

// Settled counts the targets of one principal that are proven to need nothing.
type Settled struct {
	UID                                                                   string
	Clusters                                                              int // the sum of the others
	Removed, Unissued, Expired, Unlisted, OtherCertificate, OwnerOfRecord int
}

// Why says why no proof could be had.
type Why string

// Why something is unknown.
const (
	CertificateUnclear    Why = "certificate-unclear"
	GrantsNotVisible      Why = "grants-not-visible"
	ReadFailed            Why = "read-failed"
	ClusterNotListed      Why = "cluster-not-listed"
	RegionNotRead         Why = "region-not-read"
	ListingMayBeShort     Why = "listing-may-be-short"
	NoTrace               Why = "no-trace"
	MatchesNothing        Why = "matches-nothing"
	RenewalPossible       Why = "renewal-possible"
	PinNotShown           Why = "pin-not-shown"
	AllClustersNotVisible Why = "all-clusters-not-visible"
	IdentityUnclear       Why = "identity-unclear"
)

// Unknown is a target, an entry (no cluster) or the run (no uid) about which
// no proof could be had. It is never counted as clean.
type Unknown struct {
	UID, Cluster string
	Region       string // of region-not-read
	Why          Why
	Accepted     bool
	Fault        *Fault // what failed, or what to do; may be nil

	Failed []*Fault // every read that failed and that the row hangs on
	Hidden bool     // the grants are not visible, whatever else is
	Owner  bool     // a grant as owner is visible, which no run can end
}

// Residual is known access that the tool cannot end.
type Residual struct {
	UID, Cluster string // no cluster: all of them
	What         Leftover
	Accepted     bool
}

// Outside is what a listed principal holds where the policy does not act.
type Outside struct {
	UID     string
	Cluster Cluster
	Certificate
	Grants int
}

// Refusal is an entry that is not touched, and why.
type Refusal struct {
	UID     string
	Guard   string
	Message string
	Line    int
}

// GuardRow is one guard over the whole plan and what it found.
type GuardRow struct {
	Guard   string
	Group   Reason // empty: the whole run
	Limit   int
	Found   int
	Tripped bool
	Message string // what to do next, where it tripped
}

// sort puts every list of the plan in its order: by uid and cluster, actions by id.
func (p *Plan) sort() {
	slices.SortFunc(p.Actions, func(a, b Action) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(p.Settled, func(a, b Settled) int { return cmp.Compare(a.UID, b.UID) })
	slices.SortFunc(p.Unknown, CompareUnknown)
	slices.SortFunc(p.Residual, func(a, b Residual) int {
		return cmp.Or(cmp.Compare(a.UID, b.UID), cmp.Compare(a.Cluster, b.Cluster), cmp.Compare(a.What, b.What))
	})
	slices.SortFunc(p.OutOfScope, func(a, b Outside) int {
		return cmp.Or(cmp.Compare(a.UID, b.UID), cmp.Compare(a.Cluster.ID, b.Cluster.ID))
	})
	slices.SortFunc(p.Refused, func(a, b Refusal) int { return cmp.Or(cmp.Compare(a.UID, b.UID), cmp.Compare(a.Guard, b.Guard)) })
	slices.Sort(p.Warnings)
}

// CompareUnknown orders rows by principal, cluster, cause, region and words.
func CompareUnknown(a, b Unknown) int {
	return cmp.Or(cmp.Compare(a.UID, b.UID), cmp.Compare(a.Cluster, b.Cluster), cmp.Compare(a.Why, b.Why), cmp.Compare(a.Region, b.Region),
		cmp.Compare(a.message(), b.message()))
}

func (u Unknown) message() string {
	if u.Fault == nil {
		return ""
	}
	return u.Fault.Message
}

// OfAllClusters returns the rows that hold on every cluster, also on those to come.
func OfAllClusters(rows []Grant) []Grant {
	return slices.DeleteFunc(slices.Clone(rows), func(g Grant) bool { return g.Scope != OnAllClusters })
}

// SortedGrants returns the rows in the one order in which rows are shown and digested.
func SortedGrants(rows []Grant) []Grant {
	rows = slices.Clone(rows)
	slices.SortFunc(rows, CompareGrants)
	return rows
}

// CompareGrants orders rows by cluster, scope, namespace, role and the rest.
func CompareGrants(a, b Grant) int {
	return cmp.Or(cmp.Compare(a.Cluster, b.Cluster), cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Namespace, b.Namespace),
		cmp.Compare(a.Role, b.Role), bools(a.Custom, b.Custom), bools(a.Owner, b.Owner), bools(a.RAMRole, b.RAMRole))
}

func bools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

package policy

import (
	"strconv"
	"time"
)

// Identity is one live RAM user or role, as ListUsers and ListRoles give it.
type Identity struct {
	UID       string
	Name      string
	Kind      Kind
	CreatedAt time.Time
}

// CallerType is the IdentityType of GetCallerIdentity.
type CallerType string

// The types of callers [STS GetCallerIdentity].
const (
	RootAccount     CallerType = "Account"
	RAMUser         CallerType = "RAMUser"
	AssumedRoleUser CallerType = "AssumedRoleUser"
)

// Caller is whoever this process is. UID is the user id, the role id of a
// session, or the account id of the root account.
type Caller struct {
	Type      CallerType
	AccountID string
	UID       string
	ARN       string
}

// Kind of the caller as a principal; the root account is neither and has "".
func (c Caller) Kind() Kind {
	switch c.Type {
	case RAMUser:
		return User
	case AssumedRoleUser:
		return Role
	}
	return ""
}

// Cluster is one ACK cluster of the account.
type Cluster struct {
	ID, Name, Region string
	Type, Profile    string // cluster_type and profile of the service
	State            string
	CreatedAt        time.Time
	Server, Intranet string // where its API server answers [DescribeClusterDetail], "" where the service does not say
}

// Deferred reports whether the cluster is still coming or already going:
// nothing is decided about it.
func (c Cluster) Deferred() bool { return c.State == "initial" || c.State == "deleting" }

// Undeferred are the ids of the clusters that are neither coming nor going.
func Undeferred(all []Cluster) []string {
	var ids []string
	for _, c := range all {
		if !c.Deferred() {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// Gone reports whether the cluster exists no more.
func (c Cluster) Gone() bool { return c.State == "deleted" }

// GrantScope is where a grant counts.
type GrantScope string

// The scopes of grants.
const (
	OnCluster     GrantScope = "cluster"
	OnNamespace   GrantScope = "namespace"
	OnAllClusters GrantScope = "all-clusters"
)

// Grant is one row of the RBAC permissions of a principal
// [CS DescribeUserPermission].
type Grant struct {
	Cluster   string // id; empty for all clusters
	Scope     GrantScope
	Namespace string
	Role      string // predefined role, or the name of a custom ClusterRole
	Custom    bool
	Owner     bool // the implicit row of the cluster's creator
	RAMRole   bool // the row says that the principal is a RAM role
}

// CertState is the state of a credential as the service names it
// [CS ListUserKubeConfigStates], or one of ours where it names none.
type CertState string

// The states of a credential. Unlisted is ours: neither list shows one.
const (
	Unexpired   CertState = "Unexpired"
	Expired     CertState = "Expired"
	Unissued    CertState = "Unissued"
	Removed     CertState = "Removed"
	CertUnknown CertState = "Unknown"
	Unlisted    CertState = "unlisted"
	Unclear     CertState = "unclear" // unreadable or contradictory
)

// State is one row of the credentials of one principal.
type State struct {
	Cluster      string
	ClusterName  string
	ClusterState string
	Cert         CertState
	Expires      time.Time // zero where the service gives none
}

// Holder is one row of the credentials on one cluster
// [CS ListClusterKubeconfigStates].
type Holder struct {
	UID          string
	Name         string
	AccountType  string // RootAccount, RamUser, RamRole
	AccountState string // Active, InActive, Deleted
	Cert         CertState
	Expires      time.Time
	Service      string // cloud_service_name
	Fixed        bool   // the row says that the caller may not clean it: revokable is false
}

// Kind of the holder; "" where the row does not say.
func (h Holder) Kind() Kind {
	switch h.AccountType {
	case "RamUser":
		return User
	case "RamRole":
		return Role
	}
	return ""
}

// Directory is what a run knows before it looks at single principals.
type Directory struct {
	Caller   Caller
	Own      []Grant // the caller's own permissions; empty for the root account
	OwnErr   *Fault  // then every cluster is blind
	Users    []Identity
	Roles    []Identity
	Clusters []Cluster
	ListedBy ListedBy // how the clusters were listed; "" is by regions
	Regions  []Region // by id; none where the retired listing was used
	Short    *Fault   // why the retired listing had to be used
}

// Observation is everything that one run has read, in order of ids. An error
// beside a list says that the list could not be had: it is never "empty".
type Observation struct {
	Directory
	Subjects []Subject     // by uid
	Lists    []ClusterList // by cluster id; only those that were asked for
	Strays   []Stray       // by cluster id: clusters that rows name and the listing lacks
}

// Subject is what the service says of one listed principal.
type Subject struct {
	UID       string
	Grants    []Grant
	GrantsErr *Fault
	States    States
	StatesErr *Fault
}

// ClusterList is what the service says of all who hold a credential on one cluster.
type ClusterList struct {
	Cluster string
	Holders []Holder
	Err     *Fault
}

// Stray is a cluster that a row names and the cluster listing lacks.
type Stray struct {
	Cluster string
	Gone    bool    // there is no such cluster any more
	Detail  Cluster // what DescribeClusterDetail says of one that exists
	Err     *Fault
}

// Exists reports whether there is, or may be, a Kubernetes cluster of that id.
func (x Stray) Exists() bool { return !x.Gone && x.Detail.Kubernetes() }

// FaultKind says what a caller can do about a fault.
type FaultKind string

// The kinds of faults; contract.md section 6, field error.kind.
const (
	Throttled   FaultKind = "throttled"
	Conflict    FaultKind = "conflict"
	NotFound    FaultKind = "notFound"
	Credentials FaultKind = "credentials"
	Denied      FaultKind = "denied"
	Declined    FaultKind = "declined"
	Invalid     FaultKind = "invalid"
	Unavailable FaultKind = "unavailable"
	Timeout     FaultKind = "timeout"
	Canceled    FaultKind = "canceled"
	Internal    FaultKind = "internal"
)

// Fault is the one error of the project where a caller must choose: filled by
// ack, chosen on by job, printed in the report.
type Fault struct {
	Op        string // the service's operation
	Kind      FaultKind
	Code      string // the service's code, as sent
	Status    int    // HTTP status; 0 where there was no answer
	RequestID string
	Message   string
	Hint      string // what to do next, where only the place that made the fault knows it
	Sent      bool   // at least one attempt may have reached the service
	Denial    *Denial
}

// Denial is what the service says of a call that it denied [accessDeniedDetail].
type Denial struct {
	Action   string // the RAM action that is missing, such as cs:GetClusters
	Explicit bool   // a policy forbids it, so that allowing it elsewhere does not help
}

func (f *Fault) Error() string {
	s := f.Op + ": " + string(f.Kind)
	if f.Code != "" {
		s += " " + f.Code
	}
	if f.Status != 0 {
		s += " (HTTP " + strconv.Itoa(f.Status) + ")"
	}
	if f.Message != "" {
		s += ": " + f.Message
	}
	return s
}

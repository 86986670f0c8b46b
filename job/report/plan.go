package report

import "ackrevoke/policy"

// Plan is what the run would do, and why nothing is done about the rest.
type Plan struct {
	Digest     string         `json:"digest"`     // "sha256:<hex>"; "" where no plan came about
	Actions    []Action       `json:"actions"`    // by id
	Settled    []Settled      `json:"settled"`    // by uid
	Unknown    []Unknown      `json:"unknown"`    // by uid, cluster, why
	Residual   []Residual     `json:"residual"`   // by uid, cluster, what
	OutOfScope []Outside      `json:"outOfScope"` // by uid, cluster
	Unlisted   []Overlooked   `json:"unlisted"`   // by uid; only of lists that were read anyway
	Refused    []RefusedEntry `json:"refused"`    // by uid, guard
	Guards     []Guard        `json:"guards"`     // by guard, group
	Pending    []Pending      `json:"pending"`    // by uid
	Lapsed     []Lapsed       `json:"lapsed"`     // by uid
	Warnings   []string       `json:"warnings"`   // of the policy as a whole
}

// Action is one planned write.
type Action struct {
	ID        string               `json:"id"`        // <cluster id>/<uid>, or all-clusters/<uid>
	Operation policy.Operation     `json:"operation"` // clean or revoke-grant
	UID       string               `json:"uid"`
	Kind      policy.Kind          `json:"kind"`
	Name      string               `json:"name"` // live, else as the policy states it
	Reason    policy.Reason        `json:"reason"`
	Force     bool                 `json:"force"`
	RefusedBy string               `json:"refusedBy"` // the guard that refused it; such an action has no outcome
	Cluster   Cluster              `json:"cluster"`
	Because   []string             `json:"because"` // certificate, grants, pin, all-clusters; resurrected
	Before    Snapshot             `json:"before"`  // what it takes away
	Warnings  []string             `json:"warnings"`
	Identity  policy.IdentityState `json:"identity"`
	CreatedAt Time                 `json:"createdAt"` // of the live identity: a restore compares it
	Pins      []Pin                `json:"pins"`      // by expiry: the certificates that the action is about

	// What the journals of earlier runs say of its target; see package history.
	Resurrected *Earlier `json:"resurrected,omitempty"` // it was proven gone, and holds something again
	GivenBack   *Earlier `json:"givenBack,omitempty"`   // likewise, and a restore gave back what it had
}

// Pin is one exact certificate on the cluster of its action.
type Pin struct {
	Expires Time `json:"expires"`
}

// Cluster names a cluster; an all-clusters grant has one without an id.
type Cluster struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Region string `json:"region"`
}

// Snapshot is what a principal holds on one cluster at a moment.
type Snapshot struct {
	Certificate Certificate `json:"certificate"`
	GrantsSeen  bool        `json:"grantsSeen"` // false: the list of grants proves nothing
	Grants      []Grant     `json:"grants"`
}

// Certificate is a credential at a moment; its state is empty for an
// all-clusters grant, which is about none.
type Certificate struct {
	State   policy.CertState `json:"state"`
	Expires Time             `json:"expires,omitzero"` // left out where the service gives none
}

// Grant is one row of RBAC permissions.
type Grant struct {
	Scope     policy.GrantScope `json:"scope"`
	Namespace string            `json:"namespace"`
	Role      string            `json:"role"`
	Custom    bool              `json:"custom"` // role is the name of a ClusterRole
	Owner     bool              `json:"owner"`  // the implicit row of the cluster's creator
}

// Settled counts the targets of one principal that are proven to need
// nothing, each by what proves it.
type Settled struct {
	UID              string `json:"uid"`
	Clusters         int    `json:"clusters"` // the sum of the others
	Removed          int    `json:"removed"`
	Unissued         int    `json:"unissued"`
	Expired          int    `json:"expired"`
	Unlisted         int    `json:"unlisted"`
	OtherCertificate int    `json:"otherCertificate"` // not the pinned one
	OwnerOfRecord    int    `json:"ownerOfRecord"`    // creator, deleted: cannot fetch a new file
}

// Unknown is a target, an entry (no cluster) or the run (no uid) about which
// no proof could be had.
type Unknown struct {
	UID      string     `json:"uid"`
	Cluster  string     `json:"cluster"`
	Region   string     `json:"region"` // of region-not-read
	Why      policy.Why `json:"why"`
	Accepted bool       `json:"accepted"` // the policy lives with it until a date; it is still not clean
	Error    *Error     `json:"error"`    // what failed, or what to do

	ProvenGone *Earlier `json:"provenGone,omitempty"` // when it was, by an earlier run: it says nothing of today
}

// Residual is known access that a run cannot end.
type Residual struct {
	UID      string          `json:"uid"`
	Cluster  string          `json:"cluster"` // "" for all clusters
	What     policy.Leftover `json:"what"`    // owner or all-clusters
	Accepted bool            `json:"accepted"`

	Resurrected *Earlier `json:"resurrected,omitempty"` // of all-clusters: it was proven gone
}

// Outside is what a listed principal holds where the policy does not act, or
// on a deferred cluster.
type Outside struct {
	UID         string      `json:"uid"`
	Cluster     string      `json:"cluster"`
	Name        string      `json:"name"` // of the cluster
	Certificate Certificate `json:"certificate"`
	Grants      int         `json:"grants"`
}

// RefusedEntry is an entry that is not touched, and why.
type RefusedEntry struct {
	UID     string `json:"uid"`
	Guard   string `json:"guard"`
	Message string `json:"message"`
	Line    int    `json:"line"` // in the policy file
}

// Guard is one guard over the whole plan and what it found.
type Guard struct {
	Guard   string        `json:"guard"`
	Group   policy.Reason `json:"group"` // "" for the whole run
	Limit   int           `json:"limit"`
	Found   int           `json:"found"`
	Tripped bool          `json:"tripped"`
	Message string        `json:"message"` // what to do next, where it tripped
}

// Pending is an entry whose time has not come.
type Pending struct {
	UID       string `json:"uid"`
	Effective Time   `json:"effective"`
}

// Lapsed is an entry whose time is over.
type Lapsed struct {
	UID   string `json:"uid"`
	Until Time   `json:"until"`
}

// Overlooked is somebody whom no entry lists and RAM has no more, and who holds
// certificates in force.
type Overlooked struct {
	UID      string      `json:"uid"`
	Name     string      `json:"name"`
	Kind     policy.Kind `json:"kind"`     // "" where no row says it
	Clusters []string    `json:"clusters"` // ids
}

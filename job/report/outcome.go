package report

import (
	"cmp"

	"ackrevoke/policy"
)

// Status is what became of an action.
type Status string

// The statuses of outcomes.
const (
	WasPlanned    Status = "planned"    // a dry run
	WasRevoked    Status = "revoked"    // accepted, and both surfaces clear
	WasAbsent     Status = "absent"     // already gone, and both surfaces clear
	WasBlocked    Status = "blocked"    // an unforced clean was declined
	WasUnverified Status = "unverified" // perhaps accepted, but not proven gone
	WasFailed     Status = "failed"     // rejected
	WasSkipped    Status = "skipped"    // not started
	WasCollateral Status = "collateral" // revoked, and something unplanned went missing too
)

// Outcome is what became of one action.
type Outcome struct {
	Action     string    `json:"action"` // its id
	Status     Status    `json:"status"`
	Attempts   int       `json:"attempts"`
	RequestID  string    `json:"requestId"` // of the last attempt
	StartedAt  Time      `json:"startedAt"`
	EndedAt    Time      `json:"endedAt"`
	VerifiedAt Time      `json:"verifiedAt"` // when both surfaces were seen clear
	After      *Snapshot `json:"after"`      // as last seen; null where nobody looked
	Error      *Error    `json:"error"`
	Collateral []Lost    `json:"collateral"` // by cluster: rows that went missing without being planned

	CollateralCertificates []string `json:"collateralCertificates,omitempty"` // clusters where a certificate did, by id

	Bulk bool `json:"bulk,omitempty"` // one call was made for it and others; where it failed there, another one for it alone
}

// Lost is a grant that went missing although no action was about it.
type Lost struct {
	Cluster string `json:"cluster"` // "" for all clusters
	Grant
}

// Unfinished is a write that an earlier run intended, without a report of
// what became of it.
type Unfinished struct {
	Action    string           `json:"action"`
	UID       string           `json:"uid"`
	Cluster   string           `json:"cluster"`
	Operation policy.Operation `json:"operation"`
	RunID     string           `json:"runId"`
	At        Time             `json:"at"`
	Before    *Snapshot        `json:"before"` // what that run was about to take away
}

// Error is a failure and what to do about it.
type Error struct {
	Kind       policy.FaultKind `json:"kind"`
	Code       string           `json:"code"`       // the service's, as sent
	HTTPStatus int              `json:"httpStatus"` // 0 where there was no answer
	Message    string           `json:"message"`
	RequestID  string           `json:"requestId"`
	Hint       string           `json:"hint"` // what to do next
}

// NewError returns the fault as it stands in a report, and nil for none. An
// empty hint is replaced by the one that fits the kind of the fault, for no
// error may leave its reader without a next step.
func NewError(f *policy.Fault, hint string) *Error {
	if f == nil {
		return nil
	}
	if hint == "" {
		hint = hintFor(f)
	}
	return &Error{Kind: cmp.Or(f.Kind, policy.Internal), Code: f.Code, HTTPStatus: f.Status, Message: cmp.Or(f.Message, f.Error()),
		RequestID: f.RequestID, Hint: hint}
}

// hintFor says what to do next: what the place that made the fault knows, what
// the service says that is missing, or what helps with faults of this kind.
func hintFor(f *policy.Fault) string {
	switch {
	case f.Hint != "":
		return f.Hint
	case f.Denial != nil:
		return Missing(f.Denial)
	}
	return cmp.Or(kindHints[f.Kind], lastResort)
}

const lastResort = "run again; if it stays, report it together with this report"

// kindHints says what to do about a failed call, by the kind of its fault.
var kindHints = map[policy.FaultKind]string{
	policy.Throttled: "run again later, or lower --read-qps and --write-qps",
	policy.Conflict:  "another change of the same principal's permissions is in progress: run again when it is done",
	policy.NotFound:  "the service does not know it any more: run again to read the account anew",
	policy.Credentials: "set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET (with ALIBABA_CLOUD_SECURITY_TOKEN for " +
		"STS), or give the pod a RAM role through RRSA (ALIBABA_CLOUD_ROLE_ARN, ALIBABA_CLOUD_OIDC_PROVIDER_ARN, " +
		"ALIBABA_CLOUD_OIDC_TOKEN_FILE)",
	policy.Denied:      "give the caller the missing permission, in RAM and as administrator of the cluster",
	policy.Declined:    "the principal used the cluster within the last 7 days: wait, or remove force: false from its entry",
	policy.Invalid:     "correct what the message names and run again",
	policy.Unavailable: "run again; check network and endpoints if it stays",
	policy.Timeout:     "run again; check network and endpoints if it stays",
	policy.Canceled:    "run again: the call was given up before it was answered",
}

// Missing says what to do about a call that the service denied for want of one
// action.
func Missing(d *policy.Denial) string {
	if d.Explicit {
		return "a Deny in a RAM policy of the caller, or of its account, forbids " + d.Action +
			": take it out there, for to allow it elsewhere does not help"
	}
	return "give the caller " + d.Action + " in RAM: no policy allows it"
}

// Advice says what to do about an unknown, by its why.
func Advice(w policy.Why) string {
	return cmp.Or(advices[w], lastResort)
}

var advices = map[policy.Why]string{
	policy.NoTrace:               "check the uid for a typo; if the identity was deleted for certain, state deleted: true on the entry",
	policy.MatchesNothing:        "correct it in the policy or take it out: it matches no cluster in scope",
	policy.GrantsNotVisible:      "make the caller RBAC administrator of this cluster, or of all clusters, and run again",
	policy.AllClustersNotVisible: "make the caller RBAC administrator of all clusters, and run again",
	policy.CertificateUnclear: "look at the cluster's KubeConfig list in the console; run again when the service says what state the " +
		"certificate has",
	policy.ClusterNotListed: "the listing of clusters is short: look for a condition (tags, resource groups) in the caller's RAM policy, " +
		"and use the central endpoint, which answers for every region",
	policy.IdentityUnclear: "look for the uid in the RAM console, also in its recycle bin, and look again in a minute; if it stays, the " +
		"listing of RAM is not complete for this caller",
	policy.RegionNotRead: "make the region readable for the caller; if it is not open to the account, accept it until a date (accepted, " +
		"what: unread, region)",
	policy.ListingMayBeShort: "give the caller cs:DescribeRegions and cs:DescribeClustersForRegion in RAM: the operation that was used " +
		"instead is being switched off",
	policy.PinNotShown: "check the pin's cluster and expiry: the service shows no such certificate there; take the pin out if a run has " +
		"ended it",
	policy.RenewalPossible: "the pinned certificate may live on beside its renewal: lock the principal out (until:), or wait for the " +
		"pin's expiry",
	policy.ReadFailed: "run again; check network, endpoints and the caller's permissions if it stays",
}

// AdviceOn says what to do about what no run can end.
func AdviceOn(left policy.Leftover) string {
	if left == policy.LeftAllClusters {
		return "let the policy take it away, from clusters outside its scope as well (scope.allClustersGrants: revoke), or accept it until " +
			"a date (accepted, what: all-clusters)"
	}
	return "the service keeps the grant of a cluster's creator for as long as the identity lives: delete it in RAM once its certificates " +
		"are gone, or accept the grant until a date (accepted, what: owner)"
}

// Defect is the error of a command that panicked.
func Defect(message string) Error {
	return Error{Kind: policy.Internal, Message: message,
		Hint: "this is a defect of ackrevoke: report it with this report and the log; the next run looks at the account anew"}
}

// Stopping is the error of a read that everything else hangs on.
func Stopping(f *policy.Fault) Error {
	e := NewError(f, "")
	e.Message = f.Op + ": " + e.Message
	return *e
}

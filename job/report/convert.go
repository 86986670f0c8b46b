package report

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"ackrevoke/policy"
)

// allClustersName stands where a cluster's name stands, in an action about
// all of them.
const allClustersName = "all clusters"

// NewPlan returns the plan as it stands in a report, sorted.
func NewPlan(p *policy.Plan, digest string) Plan {
	out := Plan{Digest: digest, Warnings: texts(p.Warnings), Actions: mapped(p.Actions, newAction), Unknown: mapped(p.Unknown, newUnknown),
		Guards: mapped(p.Guards, NewGuard)}
	for _, s := range p.Settled {
		out.Settled = append(out.Settled, Settled{UID: s.UID, Clusters: s.Clusters, Removed: s.Removed, Unissued: s.Unissued,
			Expired: s.Expired, Unlisted: s.Unlisted, OtherCertificate: s.OtherCertificate, OwnerOfRecord: s.OwnerOfRecord})
	}
	for _, r := range p.Residual {
		out.Residual = append(out.Residual, Residual{UID: r.UID, Cluster: r.Cluster, What: r.What, Accepted: r.Accepted})
	}
	for _, o := range p.OutOfScope {
		out.OutOfScope = append(out.OutOfScope, Outside{UID: o.UID, Cluster: o.Cluster.ID, Name: o.Cluster.Name,
			Certificate: newCertificate(o.Certificate), Grants: o.Grants})
	}
	for _, u := range p.Unlisted {
		out.Unlisted = append(out.Unlisted, Overlooked{UID: u.UID, Name: u.Name, Kind: u.Kind, Clusters: texts(u.Clusters)})
	}
	for _, r := range p.Refused {
		out.Refused = append(out.Refused, RefusedEntry{UID: r.UID, Guard: r.Guard, Message: r.Message, Line: r.Line})
	}
	for _, e := range p.Entries {
		switch {
		case e.Refused:
		case e.Phase == policy.Pending:
			out.Pending = append(out.Pending, Pending{UID: e.UID, Effective: At(e.Effective)})
		case e.Phase == policy.Lapsed:
			out.Lapsed = append(out.Lapsed, Lapsed{UID: e.UID, Until: At(e.Until)})
		}
	}
	r := Report{Plan: out}
	r.sort()
	fillLists(&r)
	return r.Plan
}

// place is what a row is about, in a column of clusters: the cluster, or the
// region that could not be read.
func (u Unknown) place() string {
	if u.Cluster == "" && u.Region != "" {
		return "region " + Plain(u.Region)
	}
	return Plain(u.Cluster)
}

func newUnknown(u policy.Unknown) Unknown {
	hint := "" // of the call that failed
	switch u.Why {
	case policy.MatchesNothing, policy.NoTrace:
		hint = Advice(u.Why) // no call failed: here something else has to change
	case policy.IdentityUnclear:
		if u.Fault == nil || u.Fault.Hint == "" {
			hint = Advice(u.Why) // likewise, unless a list could not be read
		}
	case policy.RegionNotRead:
		if u.Fault != nil && u.Fault.Hint == "" && u.Fault.Kind != policy.Denied && u.Fault.NotServed() {
			hint = Advice(u.Why) // the region has no such service, or is not open to the account
		}
	}
	return Unknown{UID: u.UID, Cluster: u.Cluster, Region: u.Region, Why: u.Why, Accepted: u.Accepted, Error: NewError(u.Fault, hint)}
}

// NewGuard returns a guard as it stands in a report.
func NewGuard(g policy.GuardRow) Guard {
	return Guard{Guard: g.Guard, Group: g.Group, Limit: g.Limit, Found: g.Found, Tripped: g.Tripped, Message: g.Message}
}

func newAction(a policy.Action) Action {
	out := Action{ID: a.ID, Operation: a.Operation, UID: a.UID, Kind: a.Kind, Name: a.Name, Reason: a.Reason, Force: a.Force,
		RefusedBy: a.RefusedBy, Because: texts(a.Because), Before: NewSnapshot(a.Before), Warnings: texts(a.Warnings),
		Cluster:  Cluster{ID: a.Cluster.ID, Name: a.Cluster.Name, Region: a.Cluster.Region},
		Identity: cmp.Or(a.Identity, policy.IdentityUnknown), CreatedAt: At(a.CreatedAt)}
	if a.Cluster.ID == "" {
		out.Cluster = Cluster{Name: allClustersName}
	}
	for _, p := range a.Pins {
		out.Pins = append(out.Pins, Pin{At(p.Expires)})
	}
	return out
}

// NewSnapshot returns the snapshot as it stands in a report, grants sorted.
func NewSnapshot(s policy.Snapshot) Snapshot {
	out := Snapshot{Certificate: newCertificate(s.Certificate), GrantsSeen: s.GrantsSeen, Grants: mapped(s.Grants, newGrant)}
	byKey("", out.Grants, Grant.key).sort()
	return out
}

// NewLost returns grants that went missing as they stand in an outcome, sorted.
func NewLost(grants []policy.Grant) []Lost {
	out := mapped(grants, func(g policy.Grant) Lost { return Lost{g.Cluster, newGrant(g)} })
	byKey("", out, Lost.key).sort()
	return out
}

func newGrant(g policy.Grant) Grant {
	return Grant{Scope: g.Scope, Namespace: g.Namespace, Role: g.Role, Custom: g.Custom, Owner: g.Owner}
}

func newCertificate(c policy.Certificate) Certificate {
	return Certificate{State: c.State, Expires: At(c.Expires)}
}

// NewAccount returns the account and the caller.
func NewAccount(c policy.Caller) Account {
	return Account{ID: c.AccountID, Caller: Caller{Type: c.Type, UID: c.UID, ARN: c.ARN}}
}

// NewPolicyInfo returns what identifies the policy.
func NewPolicyInfo(p *policy.Policy) PolicyInfo {
	return PolicyInfo{Path: p.Path, SHA256: p.SHA256, Entries: p.Entries()}
}

// NewCoverage returns what could be seen.
func NewCoverage(c policy.Coverage) Coverage {
	out := Coverage{Listing: c.ListedBy, Regions: newRegions(c.Regions), Clusters: c.Clusters, InScope: c.InScope, Deferred: c.Deferred,
		Blind: texts(c.Blind), AllClustersGrants: Seen}
	if c.AllClustersUnseen {
		out.AllClustersGrants = Unseen
	}
	return out
}

func newRegions(all []policy.Region) []Region {
	out := mapped(all, func(r policy.Region) Region { return Region{ID: r.ID, Clusters: r.Clusters, Read: r.Read()} })
	slices.SortFunc(out, func(a, b Region) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// Unstarted returns the plan and the principals of a policy that no plan was
// made for, for the report of a run that ended before: nothing is known of
// those in effect, but who is pending or lapsed is.
func Unstarted(p *policy.Policy, now time.Time) (Plan, []Principal) {
	made := policy.Plan{Coverage: policy.Coverage{AllClustersUnseen: true}}
	for _, e := range p.Principals {
		made.Entries = append(made.Entries, policy.Entry{Principal: e, Phase: e.Phase(now)})
	}
	plan := NewPlan(&made, "")
	rows := Principals(&made, &plan)
	for i := range rows {
		if rows[i].Verdict == Out {
			rows[i].Verdict = Unclear
		}
	}
	return plan, rows
}

// mapped makes a row of each of a list; no row is an empty list, not nil.
func mapped[A, B any](list []A, row func(A) B) []B {
	out := make([]B, 0, len(list))
	for _, a := range list {
		out = append(out, row(a))
	}
	return out
}

// texts copies a list, so that sorting a report leaves the plan as it is.
func texts(s []string) []string { return append([]string{}, s...) }

package policy

import (
	"cmp"
	"slices"
)

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

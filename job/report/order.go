package report

import (
	"slices"
	"strconv"
)

// list is one list of a report with the order that it has to have.
type list struct {
	name   string
	sort   func()
	sorted func() bool
}

// byKey orders rows by their keys, compared part by part.
func byKey[T any](name string, rows []T, key func(T) []string) list {
	compare := func(a, b T) int { return slices.Compare(key(a), key(b)) }
	return list{name,
		func() { slices.SortStableFunc(rows, compare) },
		func() bool { return slices.IsSortedFunc(rows, compare) }}
}

// within adds a list of one row of another list. Thousands of them have one row or
// none, and are in any order.
func within[T any](all []list, name, of string, rows []T, key func(T) []string) []list {
	if len(rows) < 2 {
		return all
	}
	return append(all, byKey(name+of, rows, key))
}

// lists names every list of the report that has an order of its own. Prose
// (limits, reasons, errors) is in the order in which it is to be read.
func (r *Report) lists() []list {
	self := func(s string) []string { return []string{s} }
	p := &r.Plan
	all := []list{
		byKey("coverage.blind", r.Coverage.Blind, self),
		byKey("coverage.regions", r.Coverage.Regions, func(g Region) []string { return []string{g.ID} }),
		byKey("run.only", r.Run.Only, self),
		byKey("principals", r.Principals, Principal.key),
		byKey("plan.actions", p.Actions, func(a Action) []string { return []string{a.ID} }),
		byKey("plan.settled", p.Settled, func(s Settled) []string { return []string{s.UID} }),
		byKey("plan.unknown", p.Unknown, Unknown.key),
		byKey("plan.residual", p.Residual, func(l Residual) []string { return []string{l.UID, l.Cluster, string(l.What)} }),
		byKey("plan.outOfScope", p.OutOfScope, func(o Outside) []string { return []string{o.UID, o.Cluster} }),
		byKey("plan.unlisted", p.Unlisted, func(u Overlooked) []string { return []string{u.UID} }),
		byKey("plan.refused", p.Refused, func(f RefusedEntry) []string { return []string{f.UID, f.Guard, f.Message} }),
		byKey("plan.guards", p.Guards, func(g Guard) []string { return []string{g.Guard, string(g.Group)} }),
		byKey("plan.pending", p.Pending, func(e Pending) []string { return []string{e.UID} }),
		byKey("plan.lapsed", p.Lapsed, func(e Lapsed) []string { return []string{e.UID} }),
		byKey("plan.warnings", p.Warnings, self),
		byKey("outcomes", r.Outcomes, func(o Outcome) []string { return []string{o.Action} }),
		byKey("unfinished", r.Unfinished, func(u Unfinished) []string { return []string{u.Action, u.RunID, u.At.String()} }),
	}
	for _, e := range r.Principals {
		all = within(all, "principals[].warnings of ", e.UID, e.Warnings, self)
	}
	for i := range p.Actions {
		a := &p.Actions[i]
		all = within(all, "because of action ", a.ID, a.Because, self)
		all = within(all, "before.grants of action ", a.ID, a.Before.Grants, Grant.key)
		all = within(all, "warnings of action ", a.ID, a.Warnings, self)
		all = within(all, "pins of action ", a.ID, a.Pins, func(p Pin) []string { return []string{p.Expires.String()} })
	}
	for i := range r.Outcomes {
		o := &r.Outcomes[i]
		all = within(all, "collateral of outcome ", o.Action, o.Collateral, Lost.key)
		if o.After != nil {
			all = within(all, "after.grants of outcome ", o.Action, o.After.Grants, Grant.key)
		}
	}
	for _, u := range r.Unfinished {
		if u.Before != nil {
			all = within(all, "before.grants of unfinished ", u.Action, u.Before.Grants, Grant.key)
		}
	}
	return append(all, r.proofLists()...)
}

func (r *Report) sort() {
	for _, l := range r.lists() {
		l.sort()
	}
}

func (p Principal) key() []string { return []string{p.UID} }

func (l Lost) key() []string { return append([]string{l.Cluster}, l.Grant.key()...) }

func (g Grant) key() []string {
	return []string{string(g.Scope), g.Namespace, g.Role, strconv.FormatBool(g.Custom), strconv.FormatBool(g.Owner)}
}

func (u Unknown) key() []string {
	k := []string{u.UID, u.Cluster, string(u.Why), u.Region}
	if u.Error != nil {
		k = append(k, u.Error.Message)
	}
	return k
}

package policy

import (
	"fmt"
	"slices"
	"time"
)

// The guards over the whole plan; contract.md section 5.
const (
	GuardAccount          = "account"
	GuardListing          = "listing"
	GuardEmptied          = "emptied"
	GuardMaxPrincipals    = "maxPrincipals"
	GuardMaxRevocations   = "maxRevocations"
	GuardMaxCompromised   = "maxCompromised"
	GuardAllowRevocations = "allow-revocations"
	GuardPlanDrift        = "plan-drift"
)

// Approval is what the command line says about the plan. Nil and empty mean
// not given.
type Approval struct {
	MaxPrincipals  *int   // ceilings over the policy's caps
	MaxRevocations *int   //
	Allow          *int   // lets refused groups through when it is exactly their number of actions
	Expect         string // the digest of the plan that was reviewed
}

// group is the part of a plan that is judged together.
type group struct {
	reason              Reason
	principals, actions int
}

func (p *Plan) group(reason Reason) group {
	g := group{reason: reason}
	seen := map[string]bool{}
	for _, a := range p.Actions {
		if a.Reason == reason {
			g.actions++
			seen[a.UID] = true
		}
	}
	g.principals = len(seen)
	return g
}

// Guard judges the whole plan before anything is written and returns it with
// its guards and with refusedBy on every action that must not be done. Actions
// are never taken out: a refused plan is still shown.
//
//	over a cap              the group is refused, the other goes on
//	... --allow exact       the refused groups go through
//	--allow anything else   everything is refused
//	digest differs          everything is refused
//
// What was judged before there was a plan stands first: a row that tripped
// refuses everything.
func Guard(p *Plan, g Guards, with Approval, now time.Time, judged ...GuardRow) *Plan {
	guarded := *p
	guarded.Actions = slices.Clone(p.Actions)
	guarded.Guards = slices.Clone(p.Guards)
	guarded.heed(judged)

	principals, revocations, compromised := g.Caps(now)
	principals, revocations = ceiling(principals, with.MaxPrincipals), ceiling(revocations, with.MaxRevocations)
	d, c := p.group(Departed), p.group(Compromised)
	caps := []GuardRow{
		{Guard: GuardMaxCompromised, Group: Compromised, Limit: compromised, Found: c.principals},
		{Guard: GuardMaxRevocations, Group: Compromised, Limit: revocations, Found: c.actions},
		{Guard: GuardMaxPrincipals, Group: Departed, Limit: principals, Found: d.principals},
		{Guard: GuardMaxRevocations, Group: Departed, Limit: revocations, Found: d.actions},
	}
	tripped := map[Reason]bool{}
	for i, row := range caps {
		if row.Found > row.Limit {
			caps[i].Tripped, tripped[row.Group] = true, true
		}
	}
	refused := 0
	for _, g := range []group{d, c} {
		if tripped[g.reason] {
			refused += g.actions
		}
	}
	allowed := with.Allow != nil && refused > 0 && *with.Allow == refused
	for i := range caps {
		row := &caps[i]
		switch {
		case !row.Tripped:
		case allowed:
			row.Message = fmt.Sprintf("lifted by --allow-revocations %d", refused)
		default:
			row.Message = fmt.Sprintf("%d found, %d allowed: the %s group is refused whole", row.Found, row.Limit, row.Group)
			guarded.refuse(row.Guard, row.Group)
		}
	}
	guarded.Guards = append(guarded.Guards, caps...)

	if with.Allow != nil && !allowed {
		guarded.Guards = append(guarded.Guards, GuardRow{Guard: GuardAllowRevocations, Limit: *with.Allow, Found: refused, Tripped: true,
			Message: fmt.Sprintf("--allow-revocations %d given and %d actions need it: everything is refused", *with.Allow, refused)})
		guarded.refuse(GuardAllowRevocations, "")
	}
	if with.Expect != "" {
		row := GuardRow{Guard: GuardPlanDrift}
		if got := p.Digest(); got != with.Expect {
			row.Tripped = true
			row.Message = fmt.Sprintf("the plan's digest is %s and %s was expected: everything is refused; review the plan again", got, with.Expect)
			guarded.refuse(GuardPlanDrift, "")
		}
		guarded.Guards = append(guarded.Guards, row)
	}
	return &guarded
}

// heed takes over what was judged before there was a plan.
func (p *Plan) heed(judged []GuardRow) {
	p.Guards = append(p.Guards, judged...)
	for _, row := range judged {
		if row.Tripped {
			p.refuse(row.Guard, "")
		}
	}
}

func ceiling(limit int, flag *int) int {
	if flag != nil {
		return min(limit, *flag)
	}
	return limit
}

// refuse marks the actions of a group, or all; the first guard to refuse an
// action is the one that is named.
func (p *Plan) refuse(guard string, group Reason) {
	for i := range p.Actions {
		if a := &p.Actions[i]; a.RefusedBy == "" && (group == "" || a.Reason == group) {
			a.RefusedBy = guard
		}
	}
}

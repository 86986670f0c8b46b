package report

import (
	"slices"

	"ackrevoke/job/end"
	"ackrevoke/policy"
)

var statuses = []Status{WasPlanned, WasRevoked, WasAbsent, WasBlocked, WasUnverified, WasFailed, WasSkipped, WasCollateral}

func (c *checker) outcomes() {
	refusedBy, outcomes := map[string]string{}, map[string]int{}
	for _, a := range c.report.Plan.Actions {
		_, twice := refusedBy[a.ID]
		c.that(!twice, "action %s is in the plan twice", a.ID)
		refusedBy[a.ID] = a.RefusedBy
	}
	for _, o := range c.report.Outcomes {
		guard, planned := refusedBy[o.Action]
		c.that(planned, "outcome %s has no action", o.Action)
		c.that(guard == "", "action %s was refused by %s, but has an outcome", o.Action, guard)
		c.that(slices.Contains(statuses, o.Status), "outcome %s: status %q is none", o.Action, o.Status)
		c.that((o.Status == WasPlanned) == (c.report.Run.Mode == DryRun), "outcome %s is %s in a run of mode %s", o.Action, o.Status,
			c.report.Run.Mode)
		lost := len(o.Collateral) + len(o.CollateralCertificates)
		c.that(o.Status != WasCollateral && o.Status != WasRevoked || (o.Status == WasCollateral) == (lost > 0),
			"outcome %s is %s with %d collateral rows", o.Action, o.Status, lost)
		outcomes[o.Action]++
	}
	for _, a := range c.report.Plan.Actions {
		n := outcomes[a.ID]
		c.that(n <= 1, "action %s has %d outcomes", a.ID, n)
		if c.report.Run.Mode == Apply && a.RefusedBy == "" {
			c.that(n > 0, "action %s has no outcome", a.ID)
		}
	}
}

// verdict also rejects a report that calls itself clean over something that is
// not.
func (c *checker) verdict() {
	v, s := c.report.Verdict, c.report.Summary
	codes := end.CodesOf(v.Name)
	if len(codes) == 0 {
		c.that(false, "verdict: %q is none", v.Name)
		return
	}
	c.that(slices.Contains(codes, v.ExitCode), "verdict: %s with exit code %d", v.Name, v.ExitCode)
	c.that(v.Name != end.Interrupted || c.report.Run.Interrupted, "verdict: interrupted, but run.interrupted is false")
	// Not the other way round: reports of older versions do not have the reason.
	c.that(!slices.Contains(v.Reasons, end.NothingInEffect) || c.report.NothingInEffect(), "verdict: %s, but %d entries are in effect",
		end.NothingInEffect, s.InEffect)
	if v.Name != end.Converged && v.Name != end.Planned {
		return
	}
	bad := s.Blocked + s.Failed + s.Unverified + s.Skipped + s.Collateral
	c.that(bad == 0, "verdict: %s, but %d outcomes are not revoked", v.Name, bad)
	open := s.Unknown + s.Residual - s.Accepted
	c.that(open == 0, "verdict: %s, but %d unknown or residual rows are not accepted", v.Name, open)
	emptied := slices.ContainsFunc(c.report.Plan.Guards, func(g Guard) bool { return g.Guard == policy.GuardEmptied && g.Tripped })
	c.that(!emptied, "verdict: %s, but the list was emptied", v.Name)
	refused := s.Refused
	for _, a := range c.report.Plan.Actions {
		if a.RefusedBy != "" {
			refused++
		}
	}
	c.that(refused == 0, "verdict: %s, but %d entries or actions are refused", v.Name, refused)
	c.that(v.Name == end.Planned || c.report.Run.Mode == Apply || s.Actions == 0, "verdict: converged, but a dry run plans %d actions",
		s.Actions)
}

package job

import (
	"slices"

	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/policy"
)

// Verdict says how a run ended, from what its report lists and what else holds:
//
//	5 failed       an outcome is failed, blocked, unverified, collateral or skipped for
//	               another cause than a signal or the time limit; or a residual is not accepted
//	4 refused      a guard refused the plan, a group of it, or an entry
//	6 incomplete   something is unknown and not accepted, or the time ran out
//	3 planned      held.Left (--check), and something is left to revoke
//
// Where no entry is in effect, that is the last of the reasons: whatever the name
// is, nobody was looked for.
func Verdict(r *report.Report, held end.Held) end.Verdict {
	held.Failed = held.Failed || failed(r)
	held.Incomplete = held.Incomplete || unknown(r)
	held.Left = held.Left && leftToRevoke(r)
	clean := end.Converged
	if r.Run.Mode == report.DryRun && len(r.Plan.Actions) > 0 {
		clean = end.Planned
	}
	v := held.Verdict(clean, end.Planned)
	if r.NothingInEffect() {
		v.Reasons = append(v.Reasons, end.NothingInEffect)
	}
	return v
}

func failed(r *report.Report) bool {
	for _, o := range r.Outcomes {
		switch o.Status {
		case report.WasFailed, report.WasBlocked, report.WasUnverified, report.WasCollateral:
			return true
		case report.WasSkipped:
			if o.Error == nil || o.Error.Kind != policy.Canceled && o.Error.Kind != policy.Timeout {
				return true
			}
		}
	}
	return slices.ContainsFunc(r.Plan.Residual, func(x report.Residual) bool { return !x.Accepted })
}

func unknown(r *report.Report) bool {
	return slices.ContainsFunc(r.Plan.Unknown, func(u report.Unknown) bool { return !u.Accepted })
}

func leftToRevoke(r *report.Report) bool {
	return slices.ContainsFunc(r.Plan.Actions, func(a report.Action) bool {
		return !slices.ContainsFunc(r.Outcomes, func(o report.Outcome) bool {
			return o.Action == a.ID && (o.Status == report.WasRevoked || o.Status == report.WasAbsent)
		})
	})
}

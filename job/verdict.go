package job

import (
	"slices"

	"ackrevoke/job/report"
	"ackrevoke/policy"
)

// Held is what holds of a run as a whole, beside what its report lists.
type Held struct {
	Invalid    bool // usage or policy
	Error      bool // could not run
	Signal     int  // the exit code of the signal that ended it, or 0
	Refused    bool // a guard refused something
	Incomplete bool // a listing could not be had, or the time ran out
	Check      bool // something left to revoke counts
}

// Verdict says how a run ended: the weightiest of all that hold names it.
//
//	exit     verdict      holds when
//	2        invalid      the policy or the command line is wrong
//	1        error        it could not run
//	130 143  interrupted  a signal ended it
//	5        failed       an outcome is failed, blocked, unverified, collateral or skipped for
//	                      another cause than a signal or the time limit; or a residual is not accepted
//	4        refused      a guard refused the plan, a group of it, or an entry
//	6        incomplete   something is unknown and not accepted, or the time ran out
//	3        planned      --check: something is left to revoke
//	0        planned, converged
func Verdict(r *report.Report, h Held) report.Verdict {
	return verdict([]holding{
		{h.Invalid, report.Invalid, 2},
		{h.Error, report.Errored, 1},
		{h.Signal != 0, report.Interrupted, h.Signal},
		{failed(r), report.Failed, 5},
		{h.Refused, report.Refused, 4},
		{h.Incomplete || unknown(r), report.Incomplete, 6},
		{h.Check && leftToRevoke(r), report.Planned, 3},
	}, r.Run.Mode == report.DryRun && len(r.Plan.Actions) > 0)
}

// holding is one line of the table.
type holding struct {
	holds bool
	name  report.VerdictName
	code  int
}

// verdict goes through the lines, the weightiest first; planned says that a dry
// run found something to do.
func verdict(all []holding, planned bool) report.Verdict {
	v := report.Verdict{Name: report.Converged, Reasons: []string{}}
	if planned {
		v.Name = report.Planned
	}
	for _, c := range slices.Backward(all) {
		if c.holds {
			v.Name, v.ExitCode = c.name, c.code
			v.Reasons = append([]string{string(c.name)}, v.Reasons...)
		}
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

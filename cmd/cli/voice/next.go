package voice

import (
	"slices"
	"strconv"

	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/policy"
)

// next is the exact command that goes on after a run, or "".
//
//	interrupted, error              the same again
//	the list was emptied            the same again, once the policy is put right
//	--expect-plan does not fit      a dry run, to review the plan anew
//	--allow-revocations is wrong    with the number that is right, or without
//	a cap refuses                   with --allow-revocations and the number
//	a dry run with a plan           the same for good, tied to this plan
//	applied, and not converged      the same again
func (v *Voice) next(r *report.Report) string {
	allow := tripped(r, policy.GuardAllowRevocations)
	switch {
	case r.Verdict.Name == end.Interrupted || r.Verdict.ExitCode == end.CodeError || tripped(r, policy.GuardEmptied) != nil:
		return v.Again()
	case tripped(r, policy.GuardPlanDrift) != nil:
		return v.Again("--dry-run=true", "--expect-plan", "") // drops the approval that no longer fits
	case allow != nil && allow.Found == 0:
		return v.Again("--allow-revocations", "")
	case allow != nil:
		return v.Again("--allow-revocations", strconv.Itoa(allow.Found))
	case refused(r) > 0:
		return v.Again("--allow-revocations", strconv.Itoa(refused(r)))
	case r.Run.Mode == report.DryRun && len(r.Plan.Actions) > 0:
		return v.Again("--schedule", "", "--dry-run=false", "--expect-plan", r.Plan.Digest)
	case r.Run.Mode == report.Apply && r.Verdict.ExitCode != 0:
		return v.Again("--expect-plan", "", "--allow-revocations", "")
	}
	return ""
}

// Instruct puts the command that goes on into the refusals of the report.
func (v *Voice) Instruct(r *report.Report) {
	for i := range r.Plan.Guards {
		g := &r.Plan.Guards[i]
		if !g.Tripped || slices.Contains([]string{policy.GuardAccount, policy.GuardListing, policy.GuardEmptied}, g.Guard) {
			continue // no command goes on: something else has to change
		}
		if next := v.next(r); next != "" && (refused(r) > 0 || g.Group == "") {
			g.Message += "; to go on: " + next
		}
	}
}

func tripped(r *report.Report, guard string) *report.Guard {
	i := slices.IndexFunc(r.Plan.Guards, func(g report.Guard) bool { return g.Guard == guard && g.Tripped })
	if i < 0 {
		return nil
	}
	return &r.Plan.Guards[i]
}

// AfterDoctor is the exact command that goes on after an examination: the same
// again once what it names is corrected, else a dry run.
func (v *Voice) AfterDoctor(e *report.Doctor) string {
	args := v.args
	if e.Verdict.ExitCode == 0 && e.Policy != nil {
		args = without(args, "--format", false)
		args[slices.Index(args, "doctor")] = "run"
	}
	return Command(args...)
}

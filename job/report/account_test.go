package report

import (
	"slices"
	"strings"
	"testing"

	"ackrevoke/job/end"
	"ackrevoke/policy"
)

func TestCheckFindsWhatDoesNotAddUp(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		of     func() *Report
		change func(*Report)
		says   string
	}{
		"another schema":   {converged, func(r *Report) { r.Schema = "ackrevoke.report/v2" }, "schema is"},
		"no mode":          {converged, func(r *Report) { r.Run.Mode = "" }, "run.mode"},
		"a target is lost": {converged, func(r *Report) { r.Summary.Targets++ }, "targets: 5, but with an action 3 + settled 1"},
		"a settled cluster is lost": {converged, func(r *Report) { r.Plan.Settled[0].Clusters = 0 },
			"targets: 4, but with an action 3 + settled 0"},
		"settled for no reason": {converged, func(r *Report) { r.Plan.Settled[0].Removed++ }, "their reasons sum to 2"},
		"an unknown is lost":    {incomplete, func(r *Report) { r.Plan.Unknown = slices.Delete(r.Plan.Unknown, 3, 4) }, "unknown 1"},
		"a residual is lost":    {incomplete, func(r *Report) { r.Plan.Residual = r.Plan.Residual[:1] }, "residual without an action 0"},
		"an entry is lost":      {converged, func(r *Report) { r.Summary.InEffect-- }, "entries: 4, but in effect 1"},
		"entries of the policy": {converged, func(r *Report) { r.Policy.Entries = 3 }, "3 in the policy"},
		"a principal is lost":   {converged, func(r *Report) { r.Principals = r.Principals[1:] }, "principals: 3 rows for 4 entries"},
		"an action too many":    {converged, func(r *Report) { r.Summary.Actions = 9 }, "summary.actions: 9"},
		"a status miscounted":   {converged, func(r *Report) { r.Summary.Revoked = 3 }, "summary.revoked: 3, but the lists say 4"},
		"accepted miscounted": {incomplete, func(r *Report) { r.Plan.Unknown[0].Accepted = true },
			"summary.accepted: 2, but the lists say 3"},
		"pending miscounted":          {converged, func(r *Report) { r.Plan.Pending = nil }, "summary.pending: 1, but the lists say 0"},
		"principal miscounted":        {converged, func(r *Report) { r.Principals[0].Actions = 0 }, "principal " + alice + ": actions 0"},
		"principal without a verdict": {converged, func(r *Report) { r.Principals[0].Verdict = "" }, "verdict \"\" is none"},
		"outcome without an action":   {converged, func(r *Report) { r.Outcomes[0].Action = "a/1" }, "outcome a/1 has no action"},
		"action without an outcome": {converged, func(r *Report) { r.Outcomes = r.Outcomes[1:] }, "all-clusters/" + alice +
			" has no outcome"},
		"action with two outcomes": {converged, func(r *Report) { r.Outcomes = slices.Insert(r.Outcomes, 0, r.Outcomes[0]) },
			"has 2 outcomes"},
		"action planned twice": {converged, func(r *Report) { r.Plan.Actions = slices.Insert(r.Plan.Actions, 0, r.Plan.Actions[0]) },
			"in the plan twice"},
		"action of a refused entry": {refused, func(r *Report) { r.Plan.Actions[0].UID = bob }, "belongs to an entry that is refused"},
		"outcome of a refused action": {refused, func(r *Report) {
			r.Outcomes = []Outcome{{Action: r.Plan.Actions[0].ID,
				Status: WasRevoked}}
		}, "was refused by maxPrincipals, but has an outcome"},
		"an action under another's name": {converged, func(r *Report) { r.Plan.Actions[1].Cluster.ID = "c0" }, "is about \"c0/"},
		"a write in a dry run": {incomplete, func(r *Report) { r.Outcomes[0].Status = WasRevoked },
			"is revoked in a run of mode dry-run"},
		"planned while applying": {converged, func(r *Report) { r.Outcomes[0].Status = WasPlanned }, "is planned in a run of mode apply"},
		"a status that is none":  {converged, func(r *Report) { r.Outcomes[0].Status = "gone" }, "status \"gone\" is none"},
		"collateral without rows": {converged, func(r *Report) { r.Outcomes[0].Status = WasCollateral },
			"collateral with 0 collateral rows"},
		"matches-nothing with a cluster": {incomplete, func(r *Report) { r.Plan.Unknown[1].Cluster = c1 }, "is not about a cluster"},
		"nothing in effect, over entries that are": {converged, func(r *Report) { r.Verdict.Reasons = []string{end.NothingInEffect} },
			"nothing-in-effect, but 2 entries are in effect"},
		"clean over a list that was emptied": {converged, func(r *Report) {
			r.Plan.Guards = append(r.Plan.Guards, Guard{Guard: policy.GuardEmptied, Tripped: true})
		}, "converged, but the list was emptied"},
		"unsorted actions": {converged, func(r *Report) { slices.Reverse(r.Plan.Actions) }, "plan.actions is not sorted"},
		"unsorted grants": {converged, func(r *Report) { slices.Reverse(r.Plan.Actions[1].Before.Grants) },
			"before.grants of action"},
		"unsorted principals":          {converged, func(r *Report) { slices.Reverse(r.Principals) }, "principals is not sorted"},
		"a verdict that is none":       {converged, func(r *Report) { r.Verdict.Name = "fine" }, "verdict: \"fine\" is none"},
		"exit code of another verdict": {converged, func(r *Report) { r.Verdict.ExitCode = 4 }, "verdict: converged with exit code 4"},
		"interrupted by nobody": {converged, func(r *Report) { r.Verdict = end.Verdict{Name: end.Interrupted, ExitCode: 130} },
			"run.interrupted is false"},
		"clean over a failure": {converged, func(r *Report) { r.Outcomes[0].Status = WasFailed; r.Complete(4) },
			"1 outcomes are not revoked"},
		"clean over an unknown": {converged, func(r *Report) { r.Plan.Residual[0].Accepted = false; r.Complete(4) },
			"1 unknown or residual rows are not accepted"},
		"clean over a refusal": {refused, func(r *Report) { r.Verdict = end.Verdict{Name: end.Planned} }, "are refused"},
		"clean over a plan": {incomplete, func(r *Report) {
			r.Plan.Unknown, r.Plan.Residual = nil, nil
			r.Verdict = end.Verdict{Name: end.Converged}
			r.Complete(7)
		}, "a dry run plans 4 actions"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := tc.of()
			tc.change(r)
			err := Check(r)
			if err == nil {
				t.Fatal("passes")
			}
			if !strings.Contains(err.Error(), tc.says) {
				t.Errorf("%v\ndoes not say %q", err, tc.says)
			}
		})
	}
}

func TestCheckCountsOnlyTargets(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Report){
		"an unlisted cluster is no target": func(r *Report) {
			r.Plan.Unknown = append(r.Plan.Unknown, Unknown{UID: ghost, Cluster: "c8", Why: policy.ClusterNotListed})
		},
		"two unknowns of one target count once": func(r *Report) {
			r.Plan.Unknown = append(r.Plan.Unknown, Unknown{UID: ghost, Cluster: c3, Why: policy.CertificateUnclear})
		},
		"a residual where something is done": func(r *Report) {
			r.Plan.Residual = append(r.Plan.Residual, Residual{UID: bob, Cluster: c1, What: policy.LeftOwner})
		},
		"a row of the entry": func(r *Report) {
			r.Plan.Unknown = append(r.Plan.Unknown, Unknown{UID: ghost, Why: policy.NoTrace})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := incomplete()
			change(r)
			r.Complete(r.Summary.Targets)
			if err := Check(r); err != nil {
				t.Error(err)
			}
		})
	}
}

// A run over part of the policy counts that part, and nobody beside it.
func TestCheckOnly(t *testing.T) {
	t.Parallel()
	r := converged()
	for _, p := range r.Principals {
		r.Run.Only = append(r.Run.Only, p.UID)
	}
	r.Policy.Entries += 10
	if err := Check(r); err != nil {
		t.Errorf("part of a policy: %v", err)
	}
	for name, spoil := range map[string]func(*Report){
		"somebody else":         func(r *Report) { r.Run.Only[0] = "1" },
		"more than the policy":  func(r *Report) { r.Policy.Entries = 1 },
		"the whole file counts": func(r *Report) { r.Summary.Entries, r.Summary.InEffect = r.Policy.Entries, r.Summary.InEffect+10 },
		"not sorted":            func(r *Report) { r.Run.Only[0], r.Run.Only[1] = r.Run.Only[1], r.Run.Only[0] },
	} {
		r := converged()
		for _, p := range r.Principals {
			r.Run.Only = append(r.Run.Only, p.UID)
		}
		r.Policy.Entries += 10
		spoil(r)
		if Check(r) == nil {
			t.Errorf("%s: passes", name)
		}
	}
}

package job

import (
	"slices"

	"ackrevoke/job/report"
	"ackrevoke/policy"
)

// proof puts the outcomes into the report, and says anew of every principal
// where it stands.
func (j *job) proof(r *report.Report, outcomes []*Outcome) {
	for _, o := range outcomes {
		r.Outcomes = append(r.Outcomes, o.report())
		if o.owner && o.Status != report.WasFailed && o.Status != report.WasSkipped {
			r.Plan.Residual = append(r.Plan.Residual, report.Residual{UID: o.Action.UID, Cluster: o.Action.Cluster.ID, What: policy.LeftOwner,
				Accepted: j.Policy.Accepts(policy.LeftOwner, o.Action.UID, o.Action.Cluster.ID, "", j.Now())})
		}
	}
	if len(outcomes) == 0 && len(r.Plan.Residual) == 0 {
		return
	}
	mine, left := map[string][]*Outcome{}, map[string]bool{}
	for _, o := range outcomes {
		mine[o.Action.UID] = append(mine[o.Action.UID], o)
	}
	for _, x := range r.Plan.Residual {
		left[x.UID] = true
	}
	proofs := report.NewProofs(j.plan, &r.Plan)
	for i := range r.Principals {
		p := &r.Principals[i]
		standing(p, proofs, mine[p.UID], left[p.UID])
	}
}

// standing says where a principal stands after the writes, by the outcomes of its
// actions, and by whether something is left of it that no run ends.
func standing(p *report.Principal, proofs *report.Proofs, outcomes []*Outcome, left bool) {
	ended := 0
	for _, o := range outcomes {
		if o.Status == report.WasRevoked || o.Status == report.WasAbsent {
			ended++
		}
	}
	switch {
	case ended < len(outcomes) || left:
		p.Verdict = report.Left
	case p.Verdict == report.Acting && len(outcomes) > 0:
		p.Verdict = proofs.Standing(p.UID)
		p.Retirable = proofs.Retirable(p.UID) && !slices.ContainsFunc(outcomes, holdsAnother)
	}
}

// holdsAnother reports whether a certificate came to light behind the one that was
// taken away: an older one, say, that the surfaces did not show before.
func holdsAnother(o *Outcome) bool {
	return o.After != nil && o.After.Certificate.State == policy.OtherCertificate
}

// report is the outcome as it stands in the report.
func (o *Outcome) report() report.Outcome {
	out := report.Outcome{Action: o.Action.ID, Status: o.Status, Attempts: o.Attempts, RequestID: o.RequestID,
		StartedAt: report.At(o.StartedAt), EndedAt: report.At(o.EndedAt), VerifiedAt: report.At(o.VerifiedAt),
		Error: o.Error(), Collateral: report.NewLost(o.Collateral), CollateralCertificates: o.Certificates, Bulk: o.Bulk}
	if o.After != nil {
		after := report.NewSnapshot(*o.After)
		out.After = &after
	}
	return out
}

// Error says what went wrong and what to do next; nil where nothing did.
func (o *Outcome) Error() *report.Error {
	if o.Fault != nil || o.Status != report.WasUnverified && o.Status != report.WasCollateral {
		return report.NewError(o.Fault, o.Hint)
	}
	hint := o.Hint
	if hint == "" {
		hint = "run again: the next run looks anew and revokes what is still there"
	}
	return &report.Error{Kind: policy.Unavailable, Message: o.shortfall(), Hint: hint}
}

// shortfall says what a proof lacks.
func (o *Outcome) shortfall() string {
	switch {
	case o.Status == report.WasCollateral:
		return "grants or certificates on clusters without a planned action went missing as well"
	case !o.Action.Before.GrantsSeen:
		return "accepted, but the grants on this cluster are not visible to the caller: nothing proves that they are gone"
	case !o.certGone:
		return "accepted, but the certificate is still shown, or could not be read, at the end of the verify timeout"
	}
	return "accepted, but grants are still shown, or could not be read, at the end of the verify timeout"
}

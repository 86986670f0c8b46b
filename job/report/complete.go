package report

// Complete sorts the lists of the report and counts every number that follows
// from them: the summary and the counts of each principal. The number of
// targets is the one thing that no list of a report shows; it comes from the
// plan.
func (r *Report) Complete(targets int) {
	fillLists(r)
	r.sort()
	counts := r.Plan.tally()
	for i := range r.Principals {
		counts[r.Principals[i].UID].fill(&r.Principals[i])
	}
	r.Summary = r.count(targets)
}

func (r *Report) count(targets int) Summary {
	p := &r.Plan
	s := Summary{Entries: r.entries(), Targets: targets, Actions: len(p.Actions), Unknown: len(p.Unknown), Residual: len(p.Residual),
		Refused: len(r.refusedUIDs()), Pending: len(p.Pending), Lapsed: len(p.Lapsed), Resurrected: p.resurrected()}
	s.InEffect = s.Entries - s.Pending - s.Lapsed - s.Refused
	for _, row := range p.Settled {
		s.Settled += row.Clusters
	}
	for _, u := range p.Unknown {
		if u.Accepted {
			s.Accepted++
		}
	}
	for _, l := range p.Residual {
		if l.Accepted {
			s.Accepted++
		}
	}
	counts := map[Status]*int{WasRevoked: &s.Revoked, WasAbsent: &s.Absent, WasBlocked: &s.Blocked, WasFailed: &s.Failed,
		WasUnverified: &s.Unverified, WasSkipped: &s.Skipped, WasCollateral: &s.Collateral}
	for _, o := range r.Outcomes {
		if n := counts[o.Status]; n != nil { // a planned one has none
			*n++
		}
	}
	return s
}

// NothingInEffect reports whether a policy was read of which no entry is in effect:
// it has none, or none whose time has come and which no guard refuses.
func (r *Report) NothingInEffect() bool { return r.Policy.SHA256 != "" && r.Summary.InEffect == 0 }

// entries is the number of entries that the run was about.
func (r *Report) entries() int {
	if len(r.Run.Only) > 0 && r.Policy.Entries > 0 {
		return len(r.Run.Only)
	}
	return r.Policy.Entries
}

// refusedUIDs returns the entries that a guard refused: one may be refused by
// several guards and counts once.
func (r *Report) refusedUIDs() map[string]bool {
	uids := map[string]bool{}
	for _, f := range r.Plan.Refused {
		if f.UID != "" {
			uids[f.UID] = true
		}
	}
	return uids
}

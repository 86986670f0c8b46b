package report

import (
	"cmp"
	"slices"

	"ackrevoke/policy"
)

// Principals returns one row for each entry of a plan. Its counts are those of the plan
// as it is written in the report. The verdict is that of the plan, the worst thing that
// holds; after the writes job corrects it by the outcomes.
func Principals(p *policy.Plan, written *Plan) []Principal {
	proofs := NewProofs(p, written)
	counts := proofs.counts
	rows := make([]Principal, 0, len(p.Entries))
	for _, e := range p.Entries {
		row := Principal{UID: e.UID, Kind: e.Kind, Name: e.Name, Identity: cmp.Or(e.Identity, policy.IdentityUnknown), Reason: e.Reason,
			Effective: At(e.Effective), Ticket: e.Ticket, Line: e.Line, Warnings: texts(e.Warnings)}
		n := counts[e.UID]
		n.fill(&row)
		row.Name = cmp.Or(row.Name, n.name)
		row.Verdict = standing(proofs, e, n)
		row.Retirable = n.actions == 0 && retirable(p, e, n)
		rows = append(rows, row)
	}
	byKey("", rows, Principal.key).sort()
	return rows
}

func standing(proofs *Proofs, e policy.Entry, n numbers) Standing {
	switch {
	case e.Refused:
		return Refusal
	case e.Phase == policy.Pending:
		return PendingYet
	case e.Phase == policy.Lapsed:
		return LapsedSince
	case n.residual > 0:
		return Left
	case n.refused > 0:
		return Refusal
	case n.unknown > 0:
		return Unclear
	case n.actions > 0:
		return Acting
	}
	return proofs.Standing(e.UID)
}

// Proofs say of principals whose actions are all proven where they stand. All is
// looked up once for the whole plan, for there may be thousands of them.
type Proofs struct {
	plan    *policy.Plan
	gaps    bool // something could be there unseen, of anybody
	entries map[string]policy.Entry
	counts  map[string]numbers
}

// NewProofs are those of a plan, with the counts of the same as it is written in the report.
func NewProofs(p *policy.Plan, written *Plan) *Proofs {
	s := &Proofs{plan: p, entries: make(map[string]policy.Entry, len(p.Entries)), counts: written.tally()}
	s.gaps = p.Coverage.AllClustersUnseen || slices.ContainsFunc(p.Unknown, func(u policy.Unknown) bool {
		return u.UID == "" && (u.Why == policy.RegionNotRead || u.Why == policy.ListingMayBeShort)
	})
	for _, e := range p.Entries {
		s.entries[e.UID] = e
	}
	return s
}

// Standing is where a principal stands when nothing of it is left that can be
// seen. It is out, unless an all-clusters grant of it, or a cluster in scope, could
// be there unseen; that this is accepted makes it no proof. An entry with pins is
// not about grants.
func (s *Proofs) Standing(uid string) Standing {
	if e, listed := s.entries[uid]; listed && s.gaps && !e.Pinned() {
		return Unclear
	}
	return Out
}

// Retirable says whether the entry of a principal can be taken out of the policy.
func (s *Proofs) Retirable(uid string) bool {
	e, listed := s.entries[uid]
	return listed && retirable(s.plan, e, s.counts[uid])
}

// retirable is said only where nothing is held anywhere, once the actions that
// count have been done: another certificate beside the pin, or an all-clusters
// grant that could not be seen, is enough to keep the entry.
func retirable(p *policy.Plan, e policy.Entry, n numbers) bool {
	return !e.Refused && e.Phase == policy.InEffect && (e.Identity == policy.Deleted || e.Pinned()) && !e.HoldsMore &&
		n.unknown+n.residual+n.outOfScope == 0 && !p.Coverage.AllClustersUnseen && p.Coverage.Whole()
}

// numbers are what the lists of a plan say of one principal.
type numbers struct {
	name string // of the live identity, where an action tells it

	actions, refused, settled, unknown, residual, outOfScope int
}

func (n numbers) fill(row *Principal) {
	row.Actions, row.Settled, row.Unknown, row.Residual, row.OutOfScope = n.actions, n.settled, n.unknown, n.residual, n.outOfScope
}

// tally counts the rows of the plan by uid.
func (p *Plan) tally() map[string]numbers {
	all := map[string]numbers{}
	add := func(uid string, f func(*numbers)) {
		n := all[uid]
		f(&n)
		all[uid] = n
	}
	for _, a := range p.Actions {
		add(a.UID, func(n *numbers) {
			n.actions++
			n.name = a.Name
			if a.RefusedBy != "" {
				n.refused++
			}
		})
	}
	for _, s := range p.Settled {
		add(s.UID, func(n *numbers) { n.settled += s.Clusters })
	}
	for _, u := range p.Unknown {
		add(u.UID, func(n *numbers) { n.unknown++ })
	}
	for _, l := range p.Residual {
		add(l.UID, func(n *numbers) { n.residual++ })
	}
	for _, o := range p.OutOfScope {
		add(o.UID, func(n *numbers) { n.outOfScope++ })
	}
	return all
}

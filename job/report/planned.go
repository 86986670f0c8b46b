package report

import (
	"cmp"
	"slices"
)

// Planned is an action in the words of the table of a plan. They hold text of
// others: whoever writes them makes them harmless.
type Planned struct {
	Principal, Cluster, Taken, Why string
	Refused                        bool
}

// Planned returns the actions of the plan, in the order in which they would be
// done.
func (r *Report) Planned() []Planned {
	actions := slices.Clone(r.Plan.Actions)
	slices.SortStableFunc(actions, func(a, b Action) int { // as in PlanTable
		return cmp.Or(cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.UID, b.UID), cmp.Compare(a.Cluster.ID, b.Cluster.ID))
	})
	return mapped(actions, func(a Action) Planned {
		return Planned{principalText(a.Kind, a.Name, a.UID, a.Identity), clusterText(a.Cluster), takenText(a), whyText(a), a.RefusedBy != ""}
	})
}

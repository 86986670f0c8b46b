package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"ackrevoke/policy"
)

// PlanTable writes what the plan takes away from whom, where and why, in the
// order in which it would be done. It writes nothing where nothing is planned.
func PlanTable(w io.Writer, r *Report, look Look) error {
	if len(r.Plan.Actions) == 0 {
		return nil
	}
	t := table{heads: []string{"PRINCIPAL", "CLUSTER", "TAKEN AWAY", "WHY"}}
	actions := slices.Clone(r.Plan.Actions)
	slices.SortStableFunc(actions, func(a, b Action) int {
		// "compromised" sorts before "departed", and no id before all others.
		return cmp.Or(cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.UID, b.UID), cmp.Compare(a.Cluster.ID, b.Cluster.ID))
	})
	name := look.namer(clustersOf(actions))
	for _, a := range actions {
		tone := ToneActing
		if a.RefusedBy != "" {
			tone = ToneRefused
		}
		t.rows = append(t.rows, []cell{{principalText(a.Kind, a.Name, a.UID, a.Identity), TonePlain}, {name(a.Cluster), TonePlain},
			{takenText(a), tone}, {whyText(a), TonePlain}})
	}
	return t.write(w, look)
}

func clustersOf(actions []Action) []string {
	return mapped(actions, func(a Action) string { return a.Cluster.ID })
}

// principalText is a principal as a table names it. That RAM has it no more stands
// behind the uid.
func principalText(kind policy.Kind, name, uid string, identity policy.IdentityState) string {
	s := uid
	if name != "" {
		s = Plain(name) + " (" + uid + ")"
	}
	if kind == policy.Role {
		s = "role " + s
	}
	if identity == policy.Deleted {
		s += ", deleted"
	}
	return s
}

func clusterText(c Cluster) string {
	switch {
	case c.ID == "":
		return allClustersName
	case c.Name == "":
		return Plain(c.ID)
	}
	return Plain(c.Name) + " (" + Plain(c.ID) + ")"
}

// mostRoles is how many grants a cell names; the report has them all.
const mostRoles = 8

// takenText names what there was to see; an owner row is not taken away by
// any action, so it is not promised.
func takenText(a Action) string { return orDash(strings.Join(taken(a.Before), "; ")) }

// Taken is what an action takes away, as a part of a sentence.
func Taken(before Snapshot) string {
	if parts := taken(before); len(parts) > 0 {
		return strings.Join(parts, ", ")
	}
	return "what may be there unseen"
}

func taken(before Snapshot) (parts []string) {
	if before.Certificate.State == policy.Unexpired {
		s := "certificate"
		if e := before.Certificate.Expires; !e.IsZero() {
			s += " until " + e.String()
		}
		parts = append(parts, s)
	}
	var roles []string
	for _, g := range before.Grants {
		if g.Owner {
			continue
		}
		s := Plain(g.Role)
		if g.Scope == policy.OnNamespace {
			s += " in " + Plain(g.Namespace)
		}
		roles = append(roles, s)
	}
	if more := len(roles) - mostRoles; more > 0 {
		roles = append(roles[:mostRoles], fmt.Sprintf("and %d more", more))
	}
	if len(roles) > 0 {
		parts = append(parts, "grants "+strings.Join(roles, ", "))
	}
	if !before.GrantsSeen {
		parts = append(parts, "grants that cannot be seen")
	}
	return parts
}

func whyText(a Action) string {
	s := fmt.Sprintf("%s: %s", a.Reason, strings.Join(a.Because, ", "))
	if !a.Force {
		s += "; not forced"
	}
	if a.RefusedBy != "" {
		s += "; refused by " + Plain(a.RefusedBy)
	}
	for _, w := range a.Warnings {
		s += "; " + Plain(w)
	}
	return s
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

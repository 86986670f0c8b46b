package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"ackrevoke/policy"
)

// PlanTable writes what the plan takes away from whom, where and why, in the
// order in which it would be done. It writes nothing where nothing is planned.
func PlanTable(w io.Writer, r *Report, style Style) error {
	if len(r.Plan.Actions) == 0 {
		return nil
	}
	t := table{heads: []string{"PRINCIPAL", "CLUSTER", "TAKEN AWAY", "WHY"}}
	actions := slices.Clone(r.Plan.Actions)
	slices.SortStableFunc(actions, func(a, b Action) int {
		// "compromised" sorts before "departed", and no id before all others.
		return cmp.Or(cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.UID, b.UID), cmp.Compare(a.Cluster.ID, b.Cluster.ID))
	})
	for _, a := range actions {
		tone := ToneActing
		if a.RefusedBy != "" {
			tone = ToneRefused
		}
		t.rows = append(t.rows, []cell{{principalText(a), TonePlain}, {clusterText(a.Cluster), TonePlain}, {takenText(a), tone},
			{whyText(a), TonePlain}})
	}
	return t.write(w, style)
}

// PrincipalTable writes who is out: one row for each entry of the policy.
func PrincipalTable(w io.Writer, r *Report, style Style) error {
	if len(r.Principals) == 0 {
		return nil
	}
	t := table{
		heads:   []string{"UID", "NAME", "KIND", "REASON", "IDENTITY", "VERDICT", "ACTIONS", "SETTLED", "UNKNOWN", "RESIDUAL", "OUTSIDE"},
		numbers: map[int]bool{6: true, 7: true, 8: true, 9: true, 10: true},
	}
	for _, p := range r.Principals {
		row := []cell{{text: p.UID}, {text: orDash(Plain(p.Name))}, {text: string(p.Kind)}, {text: string(p.Reason)}, {text: string(p.Identity)},
			{string(p.Verdict), Tone(p.Verdict)}}
		for _, n := range []int{p.Actions, p.Settled, p.Unknown, p.Residual, p.OutOfScope} {
			row = append(row, cell{text: strconv.Itoa(n)})
		}
		t.rows = append(t.rows, row)
	}
	return t.write(w, style)
}

func principalText(a Action) string {
	s := a.UID
	if a.Name != "" {
		s = Plain(a.Name) + " (" + a.UID + ")"
	}
	if a.Kind == policy.Role {
		return "role " + s
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
func takenText(a Action) string {
	var parts []string
	if a.Before.Certificate.State == policy.Unexpired {
		s := "certificate"
		if e := a.Before.Certificate.Expires; !e.IsZero() {
			s += " until " + e.String()
		}
		parts = append(parts, s)
	}
	var roles []string
	for _, g := range a.Before.Grants {
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
	if !a.Before.GrantsSeen {
		parts = append(parts, "grants that cannot be seen")
	}
	return orDash(strings.Join(parts, "; "))
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

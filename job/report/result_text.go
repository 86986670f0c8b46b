package report

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// ResultTable writes what became of whom: a row for each entry of the policy, and
// in it the actions that did not end as revoked. Of a dry run it has only what does
// not stand in the table of the plan, and so may write nothing.
func ResultTable(w io.Writer, r *Report, look Look) error {
	x := newResults(r, look)
	heads := []string{"PRINCIPAL", "VERDICT", "REVOKED", "SETTLED", "LEFT"}
	if x.dry {
		heads = slices.Delete(heads, 2, 3)
	}
	t := table{heads: heads, numbers: map[int]bool{len(heads) - 2: true}}
	for _, p := range r.Principals {
		row := []cell{{text: principalText(p.Kind, p.Name, p.UID, p.Identity)}, {string(p.Verdict), Tone(p.Verdict)}}
		left := strings.Join(x.left(p), "; ")
		switch {
		case x.dry && p.Actions > 0 && left == "":
			continue
		case !x.dry:
			row = append(row, cell{text: x.revoked(p)})
		}
		t.rows = append(t.rows, append(row, cell{text: strconv.Itoa(p.Settled)}, cell{text: orDash(left)}))
	}
	if len(t.rows) == 0 {
		return nil
	}
	return t.write(w, look)
}

// results are the actions of a report by principal, each with its outcome.
type results struct {
	dry      bool
	name     func(Cluster) string
	actions  map[string][]Action
	statuses map[string]Status // by id of the action
}

func newResults(r *Report, look Look) results {
	x := results{dry: r.Run.Mode == DryRun, name: look.namer(clustersOf(r.Plan.Actions)), actions: map[string][]Action{},
		statuses: map[string]Status{}}
	for _, a := range r.Plan.Actions {
		x.actions[a.UID] = append(x.actions[a.UID], a)
	}
	for _, o := range r.Outcomes {
		x.statuses[o.Action] = o.Status
	}
	return x
}

// revoked says how many of the actions of a principal are proven.
func (x results) revoked(p Principal) string {
	if p.Actions == 0 {
		return "-"
	}
	n := 0
	for _, a := range x.actions[p.UID] {
		if s := x.statuses[a.ID]; s == WasRevoked || s == WasAbsent {
			n++
		}
	}
	return fmt.Sprintf("%d of %d", n, p.Actions)
}

// mostPlaces is how many clusters a cell names for one cause; the report has them all.
const mostPlaces = 8

// left is what is not out of the way: actions by what became of them, and what no
// action is about.
func (x results) left(p Principal) (parts []string) {
	var causes []string
	places := map[string][]string{}
	for _, a := range x.actions[p.UID] {
		cause := string(x.statuses[a.ID])
		switch s := x.statuses[a.ID]; {
		case x.dry, s == WasRevoked, s == WasAbsent:
			continue
		case a.RefusedBy != "":
			cause = "refused by " + Plain(a.RefusedBy)
		case s == "":
			cause = "not reported"
		}
		if places[cause] == nil {
			causes = append(causes, cause)
		}
		places[cause] = append(places[cause], x.name(a.Cluster))
	}
	for _, cause := range causes {
		parts = append(parts, cause+": "+First(mostPlaces, places[cause]))
	}
	for _, n := range []struct {
		n    int
		text string
	}{{p.Unknown, "unknown"}, {p.Residual, "residual"}, {p.OutOfScope, "outside the scope"}} {
		if n.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n.n, n.text))
		}
	}
	if p.Verdict == PendingYet && !p.Effective.IsZero() {
		parts = append(parts, "begins "+p.Effective.String())
	}
	return parts
}

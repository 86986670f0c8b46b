package page

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"ackrevoke/job/report"
)

// State is how one principal stands on one cluster.
type State string

// The states, the weightiest first: where several rows of a report are about one
// place, it has the weightiest of them.
const (
	Blank State = "" // no row of the report: settled and counted, or not asked about
)

// Look is how a state is told from the others: by a sign as well as by a colour.
type Look struct {
	State State
	Sign  string // one character
	Tone  Tone
	Means string
}

// Looks are all states, the weightiest first. The word of a state is its name.
var Looks = []Look{
	{"failed", "✗", Bad, "rejected: still there"},
	{"blocked", "■", Bad, "declined by the service, because it was in use"},
	{"collateral", "±", Bad, "revoked, and something that was not planned went missing"},
	{"left", "!", Bad, "known access that a run cannot end"},
	{"unverified", "≈", Unsure, "perhaps revoked, and not proven"},
	{"unknown", "?", Unsure, "nothing could be proven"},
	{"refused", "⊘", Bad, "refused by a guard, and not touched"},
	{"skipped", "…", Unsure, "not begun"},
	{"planned", "→", Act, "would be revoked"},
	{"accepted", "a", Quiet, "unknown or left, and accepted by the policy until a date"},
	{"revoked", "✓", Good, "revoked, and proven gone"},
	{"absent", "○", Good, "gone already, and proven"},
	{"outside", "»", Quiet, "held outside the scope, and not touched"},
}

// Look is how the state looks; false for a blank or an unknown one.
func (s State) Look() (Look, bool) {
	i := slices.IndexFunc(Looks, func(l Look) bool { return l.State == s })
	if i < 0 {
		return Look{}, false
	}
	return Looks[i], true
}

func (s State) rank() int {
	i := slices.IndexFunc(Looks, func(l Look) bool { return l.State == s })
	if i < 0 {
		return len(Looks)
	}
	return i
}

// Matrix is principals by clusters. It has a column for each cluster that any row
// of the report is about, and a principal for whom there is such a row; everything
// else is settled, or was not asked about, and is folded.
type Matrix struct {
	Caption string
	Places  []Cell // the columns
	Rows    []MatrixRow
	Legend  []Look // of the states that occur
	Folded  []string
	Cut     string // what is left out for being too much, "" for nothing
}

// MatrixRow is one principal.
type MatrixRow struct {
	Who     Cell
	States  []State // as long as Places
	Settled int     // clusters proven to need nothing, beside these
}

// mostCells is how many places a matrix shows. A page with so many is some 4 MB.
const mostCells = 120_000

// The columns that are no cluster.
const (
	onAll   = "\x00all"   // what holds on all clusters at once
	byEntry = "\x01entry" // of an entry as a whole
)

// spots are the states of a report by principal and column.
type spots struct {
	states map[[2]string]State
	names  *names
}

func (s *spots) put(uid, column string, state State) {
	key := [2]string{uid, column}
	if was, there := s.states[key]; uid != "" && (!there || state.rank() < was.rank()) {
		s.states[key] = state
	}
}

func matrix(r *report.Report, n *names) *Matrix {
	s := &spots{map[[2]string]State{}, n}
	s.fill(r)
	if len(s.states) == 0 {
		return nil
	}
	columns := map[string]bool{}
	acted := map[string]bool{}
	for key := range s.states {
		columns[key[1]], acted[key[0]] = true, true
	}
	order := slices.SortedFunc(maps.Keys(columns), func(a, b string) int {
		return cmp.Or(cmp.Compare(s.columnKey(a), s.columnKey(b)), cmp.Compare(a, b))
	})
	m := &Matrix{}
	for _, c := range order {
		m.Places = append(m.Places, s.column(c))
	}
	seen := map[State]bool{}
	for _, p := range r.Principals {
		if !acted[p.UID] {
			m.Folded = append(m.Folded, folded(p))
			continue
		}
		row := MatrixRow{Who: who(p.Name, p.UID, p.Kind), Settled: p.Settled, States: make([]State, len(order))}
		for i, c := range order {
			row.States[i] = s.states[[2]string{p.UID, c}]
			seen[row.States[i]] = true
		}
		m.Rows = append(m.Rows, row)
	}
	for _, l := range Looks {
		if seen[l.State] {
			m.Legend = append(m.Legend, l)
		}
	}
	m.bound()
	m.Caption = fmt.Sprintf("%s by %s, and what became of each place", count(len(m.Rows), "principal", "principals"),
		count(len(m.Places), "column", "columns"))
	return m
}

// fill puts in what the lists of the report say.
func (s *spots) fill(r *report.Report) {
	outcomes := map[string]report.Status{}
	for _, o := range r.Outcomes {
		outcomes[o.Action] = o.Status
	}
	for _, a := range r.Plan.Actions {
		s.put(a.UID, cmp.Or(a.Cluster.ID, onAll), stateOf(a, outcomes[a.ID]))
	}
	accepted := func(yes bool, else_ State) State {
		if yes {
			return "accepted"
		}
		return else_
	}
	for _, u := range r.Plan.Unknown {
		s.put(u.UID, cmp.Or(u.Cluster, byEntry), accepted(u.Accepted, "unknown"))
	}
	for _, x := range r.Plan.Residual {
		s.put(x.UID, cmp.Or(x.Cluster, onAll), accepted(x.Accepted, "left"))
	}
	for _, o := range r.Plan.OutOfScope {
		s.put(o.UID, o.Cluster, "outside")
	}
}

func stateOf(a report.Action, status report.Status) State {
	switch {
	case a.RefusedBy != "":
		return "refused"
	case status == "", status == report.WasPlanned:
		return "planned"
	}
	return State(status)
}

func (s *spots) columnKey(c string) string {
	if c == onAll || c == byEntry {
		return c
	}
	return "\x02" + s.names.cluster(c).Name
}

func (s *spots) column(c string) Cell {
	switch c {
	case onAll:
		return Cell{Text: "all clusters"}
	case byEntry:
		return Cell{Text: "the entry as a whole"}
	}
	return where(s.names.cluster(c))
}

// folded is a principal for whom no row has to be looked at.
func folded(p report.Principal) string {
	s := report.Plain(p.UID)
	if p.Name != "" {
		s = report.Plain(p.Name) + " (" + s + ")"
	}
	return s + ": " + standing(p.Verdict) + ", " + count(p.Settled, "cluster", "clusters") + " settled"
}

// bound cuts what would make a page that no browser likes, and says so.
func (m *Matrix) bound() {
	if most := max(1, mostCells/max(1, len(m.Places))); len(m.Rows) > most {
		m.Cut = fmt.Sprintf("Only the first %s of %s principals are shown here, for the page would be too large: "+
			"the CSV and the report itself have all.", thousands(most), thousands(len(m.Rows)))
		m.Rows = m.Rows[:most]
	}
}

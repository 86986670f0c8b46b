package page

import (
	"cmp"
	"fmt"

	"ackrevoke/job/report"
	"ackrevoke/policy"
)

func (v *run) unknown() {
	if len(v.Plan.Unknown) == 0 {
		return
	}
	t := Table{Caption: "About which no proof could be had", Filter: true,
		Columns: columns("Who", "Where", "Why", "What happened", "What to do")}
	for _, u := range v.Plan.Unknown {
		l, row := unknown(v.names, u)
		t.Lines = append(t.Lines, l)
		v.p.row(row)
	}
	v.p.section(Section{ID: "unknown", Title: "What is not known", Count: len(t.Lines), Tables: []Table{t},
		Lead: "Unknown is never clean. What the policy accepts until a date is listed too; it only does not change the exit code."})
}

// unknown is one row of unknowns, which several formats have.
func unknown(n *names, u report.Unknown) (Line, Row) {
	hint := report.Advice(u.Why)
	if u.Error != nil {
		hint = cmp.Or(u.Error.Hint, hint)
	}
	tone, state := Unsure, "open"
	if u.Accepted {
		tone, state = Quiet, "accepted"
	}
	row := Row{Type: "unknown", State: state, Accepted: u.Accepted, Why: string(u.Why), Hint: hint}.by(n,
		u.UID).placed(n.cluster(u.Cluster))
	row = row.failed(u.Error)
	row.Hint, row.Region = hint, cmp.Or(u.Region, row.Region)
	return Line{State: state, Tone: tone, Cells: []Cell{n.who(u.UID), n.place(u.Cluster, u.Region),
		{Text: report.Plain(string(u.Why)), More: texts(yes(u.Accepted, "accepted"), earlier("proven gone by", u.ProvenGone)),
			Tone: tone}, fault(u.Error),
		{Text: long(hint)}}}, row
}

// leftovers say what a residual is, and what to do about it.
var leftovers = map[policy.Leftover][2]string{
	policy.LeftOwner: {"the grant of a cluster's creator",
		"No call takes it away. Once the principal is deleted nobody can fetch a new file " +
			"with it; else accept it until a date (accepted, what: owner)."},
	policy.LeftAllClusters: {"a grant on all clusters, which the entry or the scope does not cover",
		"Set scope.allClustersGrants: revoke, or " +
			"widen the entry; else accept it until a date (accepted, what: all-clusters)."},
}

func (v *run) residual() { v.p.residual(v.names, v.Plan.Residual) }

func (p *Page) residual(n *names, all []report.Residual) {
	if len(all) == 0 {
		return
	}
	t := Table{Caption: "Known access that a run cannot end", Columns: columns("Who", "Where", "What", "What to do")}
	for _, x := range all {
		words := leftovers[x.What]
		tone, state := Bad, "left"
		if x.Accepted {
			tone, state = Quiet, "accepted"
		}
		t.Lines = append(t.Lines, Line{State: state, Tone: tone, Cells: []Cell{n.who(x.UID), where(n.cluster(x.Cluster)),
			{Text: report.Plain(string(x.What)), More: texts(words[0], yes(x.Accepted, "accepted"),
				earlier("came back: proven gone by", x.Resurrected)), Tone: tone}, {Text: words[1]}}})
		p.row(Row{Type: "residual", State: state, Accepted: x.Accepted, Why: string(x.What), Message: words[0], Hint: words[1]}.
			by(n, x.UID).placed(n.cluster(x.Cluster)))
	}
	p.section(Section{ID: "residual", Title: "What is left", Count: len(t.Lines), Tables: []Table{t}})
}

func (v *run) refused() { v.p.refused(v.names, v.Plan.Refused, v.Plan.Guards) }

func (p *Page) refused(n *names, entries []report.RefusedEntry, guards []report.Guard) {
	var tables []Table
	if len(entries) > 0 {
		t := Table{Caption: "Entries that a guard refused: nothing of them was touched", Columns: columns("Who", "Guard", "Why", "#Line")}
		for _, f := range entries {
			t.Lines = append(t.Lines, Line{Tone: Bad, Cells: []Cell{n.who(f.UID), {Text: report.Plain(f.Guard), Tone: Bad},
				{Text: long(f.Message)}, number(f.Line)}})
			p.row(Row{Type: "refused", State: "refused", Why: f.Guard, Message: f.Message}.by(n, f.UID))
		}
		tables = append(tables, t)
	}
	tripped := 0
	if len(guards) > 0 {
		t := Table{Caption: "Guards over the whole plan", Columns: columns("Guard", "Of", "#Found", "#Allowed", "Verdict", "What to do")}
		for _, g := range guards {
			line := Line{Cells: []Cell{{Text: report.Plain(g.Guard)}, {Text: cmp.Or(report.Plain(string(g.Group)), "the whole run")},
				{Text: thousands(g.Found)}, {Text: thousands(g.Limit)}, {Text: "passed", Tone: Good}, {Text: long(g.Message)}}}
			state := "passed"
			if g.Tripped {
				tripped++
				state, line.Tone, line.Cells[4] = "tripped", Bad, Cell{Text: "tripped", Tone: Bad}
			}
			t.Lines = append(t.Lines, line)
			p.row(Row{Type: "guard", State: state, Why: g.Guard, Message: g.Message, Kind: string(g.Group)})
		}
		tables = append(tables, t)
	}
	if len(tables) > 0 {
		p.section(Section{ID: "refused", Title: "Guards and refusals", Count: len(entries) + tripped, Tables: tables,
			Folded: len(entries)+tripped == 0})
	}
}

// number is a cell with a line number or the like, which 0 is none of.
func number(n int) Cell {
	if n == 0 {
		return Cell{}
	}
	return Cell{Text: fmt.Sprint(n)}
}

func (v *run) unfinished() {
	if len(v.Unfinished) == 0 {
		return
	}
	t := Table{Caption: "Writes that earlier runs intended, and of which no report tells the end",
		Columns: columns("Who", "Where", "Operation", "Run", "It was about to take away")}
	for _, u := range v.Unfinished {
		before := Cell{}
		if u.Before != nil {
			before.Text = after(*u.Before)
		}
		t.Lines = append(t.Lines, Line{Tone: Unsure, Cells: []Cell{v.names.who(u.UID), place(v.names, u),
			{Text: report.Plain(string(u.Operation))},
			{Text: report.Plain(u.RunID), More: texts(stamp(u.At)), Code: true}, before}})
		v.p.row(Row{Type: "unfinished", State: "unfinished", Why: string(u.Operation), Message: u.RunID, StartedAt: u.At.String()}.
			by(v.names, u.UID).placed(v.names.cluster(u.Cluster)))
	}
	v.p.section(Section{ID: "unfinished", Title: "What earlier runs left unfinished", Count: len(t.Lines), Tables: []Table{t},
		Lead: "This run looked at the account anew, so nothing has to be done about them; what an earlier run took away is in its journal."})
}

func place(n *names, u report.Unfinished) Cell {
	c := where(n.cluster(u.Cluster))
	c.More = append(c.More, report.Plain(u.Action))
	return c
}

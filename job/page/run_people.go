package page

import (
	"cmp"
	"fmt"
	"strings"

	"ackrevoke/job/report"
)

// standings say how a principal stands.
func standing(s report.Standing) string {
	words := map[report.Standing]string{report.Out: "out", report.Acting: "to be revoked", report.Left: "something is left",
		report.Unclear: "not known", report.Refusal: "refused", report.PendingYet: "not in effect yet", report.LapsedSince: "lapsed"}
	return cmp.Or(words[s], report.Plain(string(s)))
}

func standingTone(s report.Standing) Tone {
	switch s {
	case report.Out:
		return Good
	case report.Acting:
		return Act
	case report.Left, report.Refusal:
		return Bad
	case report.Unclear:
		return Unsure
	}
	return Quiet
}

func (v *run) entries() {
	if len(v.Principals) == 0 {
		return
	}
	until := map[string][]string{}
	for _, l := range v.Plan.Lapsed {
		until[l.UID] = append(until[l.UID], "lapsed "+stamp(l.Until))
	}
	for _, p := range v.Plan.Pending {
		until[p.UID] = append(until[p.UID], "in effect from "+stamp(p.Effective))
	}
	t := Table{Caption: "Entries of the policy, and how each stands", Filter: true,
		Columns: columns("Principal", "How it stands", "Reason", "#Actions", "#Settled", "#Unknown", "#Left", "#Outside", "Ticket",
			"#Line")}
	for _, e := range v.Principals {
		tone := standingTone(e.Verdict)
		reason := Cell{Text: report.Plain(string(e.Reason)), More: append(texts("identity "+report.Plain(string(e.Identity))),
			until[e.UID]...)}
		if !e.Effective.IsZero() && until[e.UID] == nil {
			reason.More = append(reason.More, "since "+stamp(e.Effective))
		}
		stands := Cell{Text: standing(e.Verdict), Tone: tone, More: texts(yes(e.Retirable, "nothing is held anywhere: take the entry out"))}
		for _, w := range e.Warnings {
			stands.More = append(stands.More, "warning: "+long(w))
		}
		t.Lines = append(t.Lines, Line{State: standing(e.Verdict), Tone: tone, Cells: []Cell{who(e.Name, e.UID, e.Kind), stands, reason,
			{Text: thousands(e.Actions)}, {Text: thousands(e.Settled)}, {Text: thousands(e.Unknown)}, {Text: thousands(e.Residual)},
			{Text: thousands(e.OutOfScope)}, {Text: report.Plain(e.Ticket)}, number(e.Line)}})
		v.p.row(Row{Type: "entry", State: string(e.Verdict), Why: string(e.Reason), Message: e.Ticket, StartedAt: e.Effective.String()}.
			by(v.names, e.UID))
	}
	v.p.section(Section{ID: "entries", Title: "Who is on the list", Count: len(t.Lines), Tables: []Table{t}})
}

func (v *run) outside() {
	if len(v.Plan.OutOfScope) == 0 {
		return
	}
	t := Table{Caption: "What listed principals hold where the policy does not act", Columns: columns("Who", "Where", "Certificate",
		"#Grants")}
	for _, o := range v.Plan.OutOfScope {
		t.Lines = append(t.Lines, Line{Tone: Quiet, Cells: []Cell{v.names.who(o.UID), where(report.Cluster{ID: o.Cluster, Name: o.Name}),
			{Text: certificate(o.Certificate)}, {Text: thousands(o.Grants)}}})
		v.p.row(Row{Type: "outside", State: "outside", Message: count(o.Grants, "grant", "grants")}.by(v.names, o.UID).
			placed(report.Cluster{ID: o.Cluster, Name: o.Name}).holding(o.Certificate, nil))
	}
	v.p.section(Section{ID: "outside", Title: "Outside the scope", Count: len(t.Lines), Tables: []Table{t},
		Lead: "It is not touched. Widen the scope or the entry to have it taken away."})
}

func (v *run) unlisted() {
	if len(v.Plan.Unlisted) == 0 {
		return
	}
	t := Table{Caption: "Deleted principals with certificates in force, whom no entry lists", Columns: columns("Who", "#Clusters", "Which")}
	for _, u := range v.Plan.Unlisted {
		t.Lines = append(t.Lines, Line{Tone: Act, Cells: []Cell{who(u.Name, u.UID, u.Kind), {Text: thousands(len(u.Clusters))},
			{Text: strings.Join(first(10, plain(u.Clusters)), ", "), Code: true}}})
		v.p.row(Row{Type: "unlisted", UID: u.UID, Name: u.Name, Kind: string(u.Kind), State: "unlisted", Message: strings.Join(u.Clusters,
			" ")})
	}
	v.p.section(Section{ID: "unlisted", Title: "Listed by nobody", Count: len(t.Lines), Tables: []Table{t},
		Lead: "Only lists that were read anyway are told of here; ackrevoke audit finds all of them."})
}

func (v *run) warnings() {
	if n := len(v.Plan.Warnings); n > 0 {
		v.p.section(Section{ID: "warnings", Title: "Warnings about the policy", Count: n, List: longs(v.Plan.Warnings)})
		for _, w := range v.Plan.Warnings {
			v.p.row(Row{Type: "warning", State: "warning", Message: w})
		}
	}
}

func longs(all []string) []string {
	out := make([]string, 0, len(all))
	for _, s := range all {
		out = append(out, long(s))
	}
	return out
}

func (v *run) coverage() {
	c := v.Coverage
	s := Section{ID: "coverage", Title: "What could be seen", Count: -1, Folded: true, Lead: sentence(coverageText(c))}
	if t := regions(c.Regions); len(t.Lines) > 0 {
		s.Tables = append(s.Tables, t)
	}
	for _, id := range c.Blind {
		s.List = append(s.List, "blind: "+report.Plain(v.names.cluster(id).Name)+" "+report.Plain(id))
	}
	if len(s.Tables)+len(s.List) > 0 {
		v.p.section(s)
	}
}

func regions(all []report.Region) Table {
	t := Table{Caption: "Regions of the listing", Columns: columns("Region", "#Clusters", "Read")}
	for _, g := range all {
		line := Line{Cells: []Cell{{Text: report.Plain(g.ID)}, {Text: thousands(g.Clusters)}, {Text: "read", Tone: Good}}}
		if !g.Read {
			line.Tone, line.Cells[2] = Unsure, Cell{Text: "not read: what is there is not known", Tone: Unsure}
		}
		t.Lines = append(t.Lines, line)
	}
	return t
}

func (v *run) settled() {
	if len(v.Plan.Settled) == 0 {
		return
	}
	t := Table{Caption: "Places proven to need nothing, by what proves it", Columns: columns("Who", "#Clusters", "#Removed",
		"#Never issued",
		"#Expired", "#In no list", "#Another certificate", "#Creator, deleted")}
	n := 0
	for _, s := range v.Plan.Settled {
		n += s.Clusters
		cells := []Cell{v.names.who(s.UID)}
		for _, k := range []int{s.Clusters, s.Removed, s.Unissued, s.Expired, s.Unlisted, s.OtherCertificate, s.OwnerOfRecord} {
			cells = append(cells, Cell{Text: thousands(k)})
		}
		t.Lines = append(t.Lines, Line{Tone: Good, Cells: cells})
		v.p.row(Row{Type: "settled", State: "settled", Message: fmt.Sprint(s.Clusters)}.by(v.names, s.UID))
	}
	v.p.section(Section{ID: "settled", Title: "What needs nothing", Count: n, Tables: []Table{t}, Folded: true})
}

// limits are said on every page: a list of what was taken away reads as
// "everything" otherwise.
func (p *Page) limits(title string, limits []string) {
	if len(limits) > 0 {
		p.section(Section{ID: "limits", Title: title, Count: len(limits), List: longs(limits)})
	}
}

package page

import (
	"cmp"
	"strings"

	"ackrevoke/job/report"
	"ackrevoke/policy"
)

func (v *run) actions() {
	if len(v.Plan.Actions) == 0 {
		return
	}
	outcomes := map[string]report.Outcome{}
	for _, o := range v.Outcomes {
		outcomes[o.Action] = o
	}
	t := Table{Caption: "Planned revocations, and what became of each", Filter: true,
		Columns: columns("Principal", "Cluster", "Taken away", "Why", "Outcome", "Begun and proven")}
	for _, a := range v.Plan.Actions {
		o := outcomes[a.ID]
		state := stateOf(a, o.Status)
		look, _ := state.Look()
		t.Lines = append(t.Lines, Line{State: string(state), Tone: look.Tone, Cells: []Cell{who(a.Name, a.UID, a.Kind), where(a.Cluster),
			taken(a), why(a), became(a, state, o), times(o)}})
		v.p.row(Row{Type: "action", ID: a.ID, UID: a.UID, Name: a.Name, Kind: string(a.Kind), State: string(state),
			Why:       strings.Join(a.Because, " "),
			StartedAt: o.StartedAt.String(), EndedAt: o.EndedAt.String(), VerifiedAt: o.VerifiedAt.String()}.placed(a.Cluster).
			holding(a.Before.Certificate, a.Before.Grants).failed(o.Error))
	}
	title := "What was planned, and what became of it"
	if v.Run.Mode != report.Apply {
		title = "What would be taken away"
	}
	v.p.section(Section{ID: "actions", Title: title, Count: len(t.Lines), Tables: []Table{t}})
}

// taken is what an action takes away.
func taken(a report.Action) Cell {
	c := Cell{Text: "grants"}
	if a.Before.Certificate.State == policy.Unexpired {
		c.Text = "certificate " + strings.TrimPrefix(certificate(a.Before.Certificate), string(policy.Unexpired)+" ")
	} else if s := string(a.Before.Certificate.State); s != "" {
		c.More = append(c.More, "certificate "+certificate(a.Before.Certificate))
	}
	c.More = append(c.More, first(mostGrants, takenRows(a.Before.Grants))...)
	if !a.Before.GrantsSeen {
		c.More = append(c.More, "grants that cannot be seen")
	}
	return c
}

// takenRows are the rows that an action takes away, and those of a creator, which
// stay.
func takenRows(all []report.Grant) (rows []string) {
	for _, g := range all {
		rows = append(rows, yes(g.Owner, "stays: ")+grant(g))
	}
	return rows
}

func why(a report.Action) Cell {
	identity := strings.Join(texts(prefixed("identity ", report.Plain(string(a.Identity))), prefixed("of ", stamp(a.CreatedAt))), ", ")
	c := Cell{Text: report.Plain(string(a.Reason)), More: texts(report.Plain(strings.Join(a.Because, ", ")), operation(a.Operation),
		yes(!a.Force, "not forced"), identity)}
	for _, p := range a.Pins {
		c.More = append(c.More, "certificate that expires "+stamp(p.Expires))
	}
	c.More = append(c.More, texts(earlier("came back: proven gone by", a.Resurrected), earlier("given back by", a.GivenBack))...)
	for _, w := range a.Warnings {
		c.More = append(c.More, "warning: "+long(w))
	}
	return c
}

// earlier is what an earlier run has to do with it; "" for nothing.
func earlier(what string, e *report.Earlier) string {
	if e == nil {
		return ""
	}
	return what + " run " + report.Plain(e.Run) + ", " + stamp(e.At) + prefixed("; certificate: ", report.Plain(string(e.Certificate)))
}

// operation is said where it is not the usual one.
func operation(o policy.Operation) string {
	if o == policy.Clean {
		return ""
	}
	return report.Plain(string(o))
}

func became(a report.Action, state State, o report.Outcome) Cell {
	look, _ := state.Look()
	c := Cell{Text: strings.TrimSpace(look.Sign + " " + report.Plain(string(state))), Tone: look.Tone}
	if a.RefusedBy != "" {
		c.More = append(c.More, "by "+report.Plain(a.RefusedBy))
	}
	if _, known := state.Look(); !known {
		c.Tone = Unsure
	}
	if o.Error != nil {
		f := fault(o.Error)
		c.More = append(append(c.More, f.Text), f.More...)
		c.More = append(c.More, "→ "+long(o.Error.Hint))
	}
	if o.After != nil && state != "revoked" && state != "absent" {
		c.More = append(c.More, "last seen: "+after(*o.After))
	}
	for _, l := range o.Collateral {
		c.More = append(c.More, "went missing: "+grant(l.Grant)+" on "+cmp.Or(report.Plain(l.Cluster), "all clusters"))
	}
	for _, cluster := range o.CollateralCertificates {
		c.More = append(c.More, "went missing: the certificate on "+report.Plain(cluster))
	}
	if o.Bulk {
		c.More = append(c.More, "by a call of several clusters")
	}
	if o.RequestID != "" {
		c.More = append(c.More, "request "+report.Plain(o.RequestID))
	}
	return c
}

// after is what was last seen of a place.
func after(s report.Snapshot) string {
	parts := texts(prefixed("certificate ", certificate(s.Certificate)))
	switch {
	case len(s.Grants) > 0:
		parts = append(parts, strings.Join(first(mostGrants, grants(s.Grants)), ", "), yes(!s.GrantsSeen,
			"perhaps more, which cannot be seen"))
	case s.GrantsSeen:
		parts = append(parts, "no grants")
	default:
		parts = append(parts, "grants cannot be seen")
	}
	return strings.Join(texts(parts...), "; ")
}

func times(o report.Outcome) Cell {
	if o.StartedAt.IsZero() {
		return Cell{}
	}
	c := Cell{Text: stamp(o.StartedAt), More: texts(yes(o.Attempts != 1, count(o.Attempts, "attempt", "attempts")))}
	switch d := took(o.StartedAt, o.VerifiedAt); {
	case d != "":
		c.More = append(c.More, "proven after "+d)
	case !o.EndedAt.IsZero():
		c.More = append(c.More, "not proven by "+stamp(o.EndedAt))
	}
	return c
}

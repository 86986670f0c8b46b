package page

import (
	"fmt"
	"strings"

	"ackrevoke/job/report"
)

// viewInspect shows what a leaked file gives access to.
func viewInspect(i *report.Inspect) *Page {
	p := &Page{Kind: "Inspection of a leaked file", Title: report.Plain(i.File) + " · " + stamp(i.InspectedAt)}
	p.Verdict = Verdict{Name: "inspected", ExitCode: i.Verdict.ExitCode, Reasons: i.Verdict.Reasons, Tone: Act,
		Sentence: inspectSentence(i)}
	if i.Verdict.ExitCode != 0 {
		p.Verdict.Tone = Bad
	}
	p.simulated(i.Simulated)
	p.fact("File", report.Plain(i.File)+", "+i.FormText(), false)
	p.fact("When", stamp(i.InspectedAt), false)
	p.fact("Account", i.Account.ID, true)
	p.caller(i.Account.Caller)
	p.fact("Asked", map[bool]string{true: "the file, and the account", false: "the file alone"}[i.Live], false)
	p.fact("Version", "ackrevoke "+report.Plain(i.Version), false)
	p.errors(i.Errors)
	inspectContexts(p, i)
	inspectEntries(p, i)
	if n := len(i.Problems); n > 0 {
		p.section(Section{ID: "problems", Title: "Notes about the file", Count: n, List: longs(i.Problems)})
	}
	return p
}

func inspectSentence(i *report.Inspect) string {
	valid, masters := 0, 0
	for _, c := range i.Contexts {
		if x := c.Certificate; x != nil {
			if x.Validity != "expired" {
				valid++
			}
			if x.Masters {
				masters++
			}
		}
	}
	text := "The file has " + count(len(i.Contexts), "way in", "ways in") + ", " + thousands(valid) +
		" of them with a certificate that has not expired."
	if masters > 0 {
		text += " " + sentence(count(masters, "certificate is",
			"certificates are")+" of system:masters, which no revocation ends: rotate the cluster's CA")
	}
	return text
}

func inspectContexts(p *Page, i *report.Inspect) {
	if len(i.Contexts) == 0 {
		return
	}
	t := Table{Caption: "Ways in", Columns: columns("Context", "Server", "Certificate", "Notes", "The account says")}
	for _, c := range i.Contexts {
		name := Cell{Text: report.Plain(c.Context), More: texts(report.Plain(c.Content), yes(c.Current, "current"), prefixed("found in ",
			report.Plain(c.FoundIn)), prefixed("user ", report.Plain(c.User)))}
		server := Cell{Text: report.Plain(c.Server), More: texts(prefixed("called ", report.Plain(c.Cluster)))}
		row := Row{Type: "context", Name: c.Context, State: c.Key, Message: c.Server}
		if x := c.Certificate; x != nil {
			row.UID, row.State, row.Certificate, row.Expires = x.UID, x.Validity, x.Serial, x.ExpiresAt.String()
		}
		t.Lines = append(t.Lines, Line{Tone: inspectTone(c), Cells: []Cell{name, server, inspected(c), inspectNotes(c),
			inspectLive(c.Account)}})
		p.row(row)
	}
	p.section(Section{ID: "contexts", Title: "Ways in", Count: len(i.Contexts), Tables: []Table{t}})
}

func inspectTone(c report.InspectedContext) Tone {
	switch x := c.Certificate; {
	case x == nil, x.Validity == "expired":
		return Quiet
	case x.Masters:
		return Bad
	}
	return Act
}

func inspected(c report.InspectedContext) Cell {
	x := c.Certificate
	if x == nil {
		return Cell{Text: c.KeyText()}
	}
	return Cell{Text: report.Plain(x.Validity), Tone: inspectTone(c), More: texts(prefixed("uid ", report.Plain(x.UID)),
		prefixed("suffix ", report.Plain(x.Suffix)), prefixed("CN ", report.Plain(x.CommonName)),
		prefixed("O ", strings.Join(first(mostGrants, plain(x.Organisations)), ", ")), prefixed("issuer ", report.Plain(x.Issuer)),
		prefixed("serial ", report.Plain(x.Serial)), report.Plain(x.PublicKey), c.KeyText(), prefixed("issued ", stamp(x.IssuedAt)),
		prefixed("expires ", stamp(x.ExpiresAt)), fmt.Sprintf("%d days left", x.DaysLeft), yes(x.Masters,
			"of system:masters: no revocation ends it"),
		yes(x.Others > 0, count(x.Others, "further certificate", "further certificates")))}
}

func inspectNotes(c report.InspectedContext) Cell {
	lines := longs(c.Problems)
	for _, n := range c.NotFollowed {
		lines = append(lines, "not followed: "+report.Plain(n))
	}
	for _, id := range c.LooksLike {
		lines = append(lines, report.Plain(id)+" looks like a cluster id; whoever wrote the file chose it")
	}
	if len(lines) == 0 {
		return Cell{}
	}
	return Cell{Text: lines[0], More: lines[1:]}
}

func inspectLive(a *report.InspectedLive) Cell {
	if a == nil {
		return Cell{Text: "was not asked"}
	}
	var lines []string
	for _, k := range a.Clusters {
		lines = append(lines, where(k).Text+" "+report.Plain(k.ID)+" "+report.Plain(k.Region)+" "+a.PlacedText())
	}
	if a.Identity != "" {
		lines = append(lines, report.Plain(a.UID)+": "+long(a.Suspect()))
	}
	lines = append(lines, texts(prefixed("shown as ", certificate(a.Shows)))...)
	for _, id := range a.Also {
		lines = append(lines, "the same expiry is shown on "+report.Plain(id))
	}
	if a.Pin != "" {
		lines = append(lines, long(a.PinText()))
	}
	if len(lines) == 0 {
		return Cell{Text: "nothing that fits"}
	}
	return Cell{Text: lines[0], More: lines[1:]}
}

func inspectEntries(p *Page, i *report.Inspect) {
	if len(i.Entries) == 0 {
		return
	}
	t := Table{Caption: "Entries for the policy", Columns: columns("Who", "Reason", "Certificates", "To be filled in")}
	for _, e := range i.Entries {
		c := Cell{Text: count(len(e.Certificates), "certificate", "certificates")}
		for _, pin := range e.Certificates {
			c.More = append(c.More, strings.Join(texts(prefixed("cluster ", report.Plain(pin.Cluster)), prefixed("expires ",
				stamp(pin.Expires)),
				report.Plain(pin.Server), prefixed("known by ", report.Plain(pin.PlacedBy)), prefixed("looks like ",
					strings.Join(plain(pin.LooksLike), ", "))), ", "))
		}
		principal := who(e.Name, e.UID, e.Kind)
		principal.More = append(principal.More, texts(prefixed("created ", stamp(e.Created)))...)
		t.Lines = append(t.Lines, Line{Cells: []Cell{principal, {Text: report.Plain(e.Reason)}, c, {Text: strings.Join(plain(e.Missing),
			", ")}}})
		p.row(Row{Type: "entry", UID: e.UID, Name: e.Name, Kind: string(e.Kind), State: e.Reason, Message: strings.Join(e.Missing, ", ")})
	}
	s := Section{ID: "entries", Title: "For the policy", Count: len(i.Entries), Tables: []Table{t}}
	if i.PolicyYAML != "" {
		s.Lead = "Under principals:"
		s.List = strings.Split(strings.TrimRight(i.PolicyYAML, "\n"), "\n")
	}
	p.section(s)
}

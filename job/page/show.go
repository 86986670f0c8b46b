package page

import (
	"strings"

	"ackrevoke/job/report"
	"ackrevoke/policy"
)

// viewShow shows what one principal can reach.
func viewShow(a *report.Show) *Page {
	p := &Page{Kind: "What somebody holds", Verdict: Verdict{Name: string(a.Verdict.Name), ExitCode: a.Verdict.ExitCode,
		Tone: toneOf(a.Verdict.Name), Reasons: a.Verdict.Reasons, Sentence: showSentence(a)}}
	if a.Summary.Held+len(a.AllClusters.Grants) > 0 && p.Verdict.Tone == Good {
		p.Verdict.Tone = Act // somebody holds something: that is no good news
	}
	p.Verdict.Also = texts(sentence(a.Reaches()))
	if n := a.Summary.Unseen; n > 0 {
		p.Verdict.Also = append(p.Verdict.Also, "On "+count(n, "cluster", "clusters")+" something could not be seen.")
	}
	if a.Principal.Protected != "" {
		p.Verdict.Also = append(p.Verdict.Also, "No policy can name this principal: "+long(a.Principal.Protected))
	}
	name := who(a.Principal.Name, a.Principal.UID, "").Text
	p.Title = strings.Join(texts(name, accountTitle(a.Account.ID), stamp(a.At)), " · ")
	p.simulated(a.Simulated)
	showFacts(p, a)
	showClusters(p, a)
	n := &names{map[string]report.Cluster{}, map[string]report.Principal{}}
	p.unknown(n, a.Unknown)
	showNext(p, a)
	p.calls(a.Calls)
	return p
}

func showSentence(a *report.Show) string {
	name := report.Plain(a.Principal.Name)
	if name == "" {
		name = "The uid " + report.Plain(a.Principal.UID)
	}
	s, all := a.Summary, len(a.AllClusters.Grants) > 0
	unsure := a.Verdict.ExitCode != 0
	switch {
	case a.Principal.Traceless:
		return "Nobody has the uid " + report.Plain(a.Principal.UID) + " and nothing bears it: it is most likely mistyped."
	case s.Held == 0 && !all && unsure:
		return "Nothing was seen that " + name + " holds, and not everything could be seen."
	case s.Held == 0 && !all:
		return name + " holds nothing on any of the " + count(s.Clusters, "cluster", "clusters") + "."
	}
	text := name + " holds something on " + thousands(s.Held) + " of " + count(s.Clusters, "cluster", "clusters")
	if all {
		text += ", and a grant on all of them"
	}
	if unsure {
		text += "; not everything could be seen, so there may be more"
	}
	return text + "."
}

func showFacts(p *Page, a *report.Show) {
	x := a.Principal
	p.fact("Principal", strings.Join(texts(report.Plain(x.Name), report.Plain(x.UID), yes(x.UID == a.Account.ID, "the root account")),
		" · "), false)
	p.fact("Identity", strings.Join(texts(report.Plain(string(x.Identity)), prefixed("kind ", report.Plain(string(x.Kind))),
		prefixed("created ", stamp(x.CreatedAt))), " · "), false)
	if x.Kind == policy.Role {
		p.fact("A role", "its credential is everybody's who assumes it", false)
	}
	p.fact("All clusters at once", a.AllClusters.Text(), false)
	p.fact("Account", a.Account.ID, true)
	p.caller(a.Account.Caller)
	p.fact("When", stamp(a.At), false)
	p.fact("Version", "ackrevoke "+report.Plain(a.Version), false)
	for _, g := range a.AllClusters.Grants {
		p.row(Row{Type: "grant", UID: x.UID, Name: x.Name, Kind: string(x.Kind), State: "held", Grants: []string{grant(g)}})
	}
	if len(x.Near) > 0 {
		t := Table{Caption: "Who may have been meant", Columns: columns("Who", "Kind", "Created")}
		for _, n := range x.Near {
			t.Lines = append(t.Lines, Line{Cells: []Cell{who(n.Name, n.UID, ""), {Text: report.Plain(string(n.Kind))},
				{Text: stamp(n.CreatedAt)}}})
			p.row(Row{Type: "near", UID: n.UID, Name: n.Name, Kind: string(n.Kind), State: "near"})
		}
		p.section(Section{ID: "near", Title: "Near it", Count: len(x.Near), Tables: []Table{t}})
	}
}

func showClusters(p *Page, a *report.Show) {
	held := Table{Caption: "Clusters that can be reached, or perhaps", Filter: true,
		Columns: columns("Cluster", "Held", "Certificate", "Grants", "Own revocation", "Created")}
	free := Table{Caption: "Clusters on which nothing is held", Columns: columns("Cluster", "Type", "State")}
	for _, c := range a.Clusters {
		p.row(Row{Type: "cluster", UID: a.Principal.UID, Name: a.Principal.Name, Kind: string(a.Principal.Kind), State: string(c.Access),
			ClusterID: c.ID, Cluster: c.Name, Region: c.Region, Why: c.State}.holding(c.Certificate, c.Grants).failed(c.Error))
		cluster := where(report.Cluster{ID: c.ID, Name: c.Name, Region: c.Region})
		cluster.More = append(cluster.More, texts(yes(!c.Listed, "not listed: only rows name it"), yes(c.Deferred, "coming or going"))...)
		if c.Access == report.HoldsNot {
			free.Lines = append(free.Lines, Line{Tone: Good, Cells: []Cell{cluster, {Text: report.Plain(c.Type)},
				{Text: report.Plain(c.State)}}})
			continue
		}
		held.Lines = append(held.Lines, reached(c, cluster))
	}
	if len(held.Lines) > 0 {
		p.section(Section{ID: "held", Title: "What is held", Count: len(held.Lines), Tables: []Table{held}})
	}
	if len(free.Lines) > 0 {
		p.section(Section{ID: "free", Title: "Where nothing is held", Count: len(free.Lines), Tables: []Table{free}, Folded: true})
	}
}

func reached(c report.Reached, cluster Cell) Line {
	cluster.More = append(cluster.More, strings.Join(texts(report.Plain(c.Type), report.Plain(c.State)), ", "))
	access, tone := "yes", Act
	if c.Access == report.HoldsUnsure {
		access, tone = "not known", Unsure
	}
	seen := Cell{More: first(mostGrants, grants(c.Grants))}
	if !c.GrantsSeen {
		seen.More = append(seen.More, "not visible")
	}
	seen.More = append(seen.More, texts(yes(c.Blind, "the caller is no administrator there"))...)
	seen.Text = count(len(c.Grants), "grant", "grants")
	held := Cell{Text: access, Tone: tone}
	if c.Error != nil {
		f := fault(c.Error)
		held.More = append(append(held.More, f.Text), f.More...)
		held.More = append(held.More, "→ "+long(c.Error.Hint))
	}
	return Line{State: access, Tone: tone, Cells: []Cell{cluster, held, {Text: certificate(c.Certificate)}, seen,
		{Text: c.OwnRevocation.Text()},
		{Text: stamp(c.CreatedAt)}}}
}

func showNext(p *Page, a *report.Show) {
	if len(a.Next) == 0 {
		return
	}
	t := Table{Caption: "Commands that would put it into a policy, the narrowest first", Columns: columns("What", "Command")}
	for _, n := range a.Next {
		t.Lines = append(t.Lines, Line{Cells: []Cell{{Text: long(n.What)}, {Text: n.Command, Code: true}}})
	}
	p.section(Section{ID: "next", Title: "What takes it away", Count: len(a.Next), Tables: []Table{t}})
}

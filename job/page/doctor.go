package page

import (
	"fmt"
	"strings"

	"ackrevoke/job/end"
	"ackrevoke/job/report"
)

// examining is the view of an examination while it is made.
type examining struct {
	*report.Doctor
	names *names
	p     *Page
}

// viewDoctor shows an examination: what is in the way of a run, and each check.
func viewDoctor(e *report.Doctor) *Page {
	v := &examining{e, &names{map[string]report.Cluster{}, map[string]report.Principal{}}, &Page{Kind: "Examination",
		Verdict: doctorVerdict(e)}}
	for _, u := range e.Entries.Unknown {
		v.names.clusters[u.Cluster] = report.Cluster{ID: u.Cluster, Name: u.ClusterName}
		v.names.people[u.UID] = report.Principal{UID: u.UID, Name: u.Name}
	}
	v.p.Title = strings.Join(texts(string(e.Verdict.Name), accountTitle(e.Account.ID), stamp(e.At)), " · ")
	v.p.simulated(e.Simulated)
	v.facts()
	v.findings()
	v.reads()
	v.entries()
	v.p.residual(v.names, e.Entries.Residual)
	v.p.refused(v.names, e.Entries.Refused, e.Entries.Guards)
	v.clusters()
	v.p.calls(e.Calls)
	return v.p
}

func doctorVerdict(e *report.Doctor) Verdict {
	v := Verdict{Name: string(e.Verdict.Name), ExitCode: e.Verdict.ExitCode, Tone: toneOf(e.Verdict.Name), Reasons: e.Verdict.Reasons}
	stops, open, warnings := 0, 0, 0
	for _, f := range e.Findings {
		switch f.ExitCode {
		case end.CodeError:
			stops++
		case end.CodeClean:
			warnings++
		default:
			open++
		}
	}
	switch {
	case stops > 0:
		v.Sentence = "A run is not possible like this: " + count(stops, "thing has", "things have") + " to be put right first."
	case open > 0:
		v.Sentence = "A run is possible, and " + count(open, "thing", "things") + " would keep it from saying that everybody is out."
	case e.Entries.Decided && len(e.Entries.Guards)+len(e.Entries.Refused) > 0:
		v.Sentence = "Everything could be seen, and a guard would refuse something."
	default:
		v.Sentence = "Nothing is in the way of a run."
	}
	if warnings > 0 {
		v.Also = append(v.Also, sentence(count(warnings, "thing", "things")+" should be known beside that"))
	}
	v.Also = append(v.Also, sentence(long(e.Conclusion())))
	return v
}

func (v *examining) facts() {
	p, a := v.p, v.Account
	p.fact("Account", a.ID, true)
	p.fact("Account of the policy", strings.Join(texts(report.Plain(string(a.Match)), report.Plain(a.Policy)), ": "), false)
	p.fact("Run by", strings.Join(texts(report.Plain(a.Caller.Name), report.Plain(string(a.Caller.Type)), report.Plain(a.Caller.UID),
		report.Plain(a.Caller.ARN)), " · "), true)
	p.fact("When", stamp(v.At), false)
	p.policy(v.Policy)
	p.fact("Clock", v.Clock.Text(), false)
	p.fact("Coverage", coverageText(v.Coverage), false)
	p.fact("List of states", v.StatesList.Text(), false)
	p.fact("Endpoints", endpoints(v.Endpoints), true)
	p.fact("Next", v.Next, true)
	p.fact("Version", "ackrevoke "+report.Plain(v.Version), false)
}

func (v *examining) findings() {
	if len(v.Findings) == 0 {
		return
	}
	t := Table{Caption: "What is in the way, in the order in which to deal with it", Columns: columns("What", "About", "Weight",
		"What to do")}
	for _, f := range v.Findings {
		word, tone := "to be known", Quiet
		switch f.ExitCode {
		case end.CodeClean:
		case end.CodeError:
			word, tone = "no run is possible", Bad
		default:
			word, tone = "a run cannot be complete", Unsure
		}
		t.Lines = append(t.Lines, Line{State: word, Tone: tone, Cells: []Cell{{Text: long(f.Message)},
			{Text: report.Plain(string(f.About))},
			{Text: word, Tone: tone, More: texts(yes(f.ExitCode != 0, fmt.Sprintf("exit code %d", f.ExitCode)))}, {Text: long(f.Hint)}}})
		v.p.row(Row{Type: "finding", State: fmt.Sprint(f.ExitCode), Why: string(f.About), Message: f.Message, Hint: f.Hint})
	}
	v.p.section(Section{ID: "findings", Title: "What is in the way", Count: len(v.Findings), Tables: []Table{t}})
}

func (v *examining) reads() {
	if len(v.Reads) == 0 {
		return
	}
	t := Table{Caption: "Everything that a run reads, and whether it was answered", Columns: columns("Read", "Answer", "RAM action",
		"What happened",
		"What to do")}
	for _, r := range v.Reads {
		tone := map[report.Answer]Tone{report.Answered: Good, report.Denied: Bad, report.Missed: Unsure}[r.Answer]
		happened, hint := fault(r.Error), ""
		if r.Error != nil {
			hint = r.Error.Hint
		}
		if r.Error == nil {
			happened.Text = long(r.Why)
		} else {
			happened.More = append(happened.More, texts(long(r.Why))...)
		}
		if len(r.Missing) > 0 {
			happened.More = append(happened.More, "missing: "+strings.Join(plain(r.Missing), ", "))
		}
		happened.More = append(happened.More, texts(yes(r.Explicit, "forbidden by a Deny"))...)
		t.Lines = append(t.Lines, Line{State: string(r.Answer), Tone: tone, Cells: []Cell{{Text: report.Plain(r.Operation), Code: true},
			{Text: long(r.Text()), Tone: tone, More: texts(yes(r.Tried > 0, count(r.Tried, "try", "tries")))},
			{Text: strings.Join(plain(r.Actions), ", "), Code: true}, happened, {Text: long(hint)}}})
		v.p.row(Row{Type: "check", State: string(r.Answer), Why: r.Operation, Message: r.Why}.failed(r.Error))
	}
	v.p.section(Section{ID: "reads", Title: "Checks", Count: len(v.Reads), Tables: []Table{t}})
}

// entries are what a dry run would say now.
func (v *examining) entries() {
	d := v.Entries
	if !d.Decided {
		v.p.section(Section{ID: "entries", Title: "What a dry run would say", Count: -1, Lead: long(d.Why)})
		return
	}
	s := d.Summary
	t := numbers("What a dry run would count now", []amount{{"entries", s.Entries}, {"in effect", s.InEffect}, {"refused", s.Refused},
		{"pending", s.Pending}, {"lapsed", s.Lapsed}, {"targets", s.Targets}, {"actions", s.Actions}, {"settled", s.Settled},
		{"unknown", s.Unknown}, {"left", s.Residual}, {"accepted", s.Accepted}})
	v.p.section(Section{ID: "entries", Title: "What a dry run would say", Count: -1, Tables: []Table{t}})
	if len(d.Unknown) == 0 {
		return
	}
	open := Table{Caption: "Of what no proof could be had", Filter: true,
		Columns: columns("Who", "Where", "Why", "What happened", "What to do", "#Line")}
	for _, u := range d.Unknown {
		l, row := unknown(v.names, u.Unknown)
		l.Cells = append(l.Cells, number(u.Line))
		open.Lines = append(open.Lines, l)
		v.p.row(row)
	}
	v.p.section(Section{ID: "unknown", Title: "What is not known", Count: len(d.Unknown), Tables: []Table{open}})
}

func (v *examining) clusters() {
	s := Section{ID: "clusters", Title: "Clusters", Count: v.Coverage.Clusters}
	if len(v.Clusters) > 0 {
		t := Table{Caption: "Clusters by region and state", Columns: columns("Region", "State", "#Clusters", "#In scope", "#Blind")}
		for _, c := range v.Clusters {
			t.Lines = append(t.Lines, Line{Cells: []Cell{{Text: report.Plain(c.Region)}, {Text: report.Plain(c.State)},
				{Text: thousands(c.Clusters)},
				{Text: thousands(c.InScope)}, {Text: thousands(c.Blind)}}})
		}
		s.Tables = append(s.Tables, t)
	}
	if t := regions(v.Coverage.Regions); len(t.Lines) > 0 {
		s.Tables = append(s.Tables, t)
	}
	for _, l := range []struct {
		what   string
		places []report.Place
	}{{"blind", v.Blind}, {"coming or going", v.Deferred}} {
		if len(l.places) == 0 {
			continue
		}
		t := Table{Caption: "Clusters that are " + l.what, Columns: columns("Cluster", "In scope", "Accepted")}
		for _, c := range l.places {
			t.Lines = append(t.Lines, Line{Cells: []Cell{where(c.Cluster), {Text: yes(c.InScope, "in scope")}, {Text: yes(c.Accepted,
				"accepted")}}})
			v.p.row(Row{Type: "cluster", State: l.what, Accepted: c.Accepted}.placed(c.Cluster))
		}
		s.Tables = append(s.Tables, t)
	}
	if g := v.Grant; g != nil {
		s.Lead = "One grant would end the blindness: " + report.Plain(g.Role) + " on " + report.Plain(string(g.Scope)) + " for " +
			strings.TrimSpace(report.Plain(string(g.Kind))+" "+report.Plain(g.Name)) + " (" + report.Plain(g.UID) + "): " + long(g.How)
	}
	if len(s.Tables) > 0 || s.Lead != "" {
		v.p.section(s)
	}
}

package page

import (
	"cmp"
	"fmt"
	"strings"

	"ackrevoke/job/report"
	"ackrevoke/policy"
)

// viewRun shows the report of a run.
func viewRun(r *report.Report) *Page {
	v := &run{Report: r, names: namesOf(r), p: &Page{Kind: "Run report", Verdict: verdictOf(r)}}
	v.p.Title = strings.Join(texts(string(r.Verdict.Name), mode(r.Run.Mode), accountTitle(r.Account.ID), stamp(r.Run.StartedAt)), " · ")
	v.notices()
	v.facts()
	v.errors()
	v.matrix()
	v.actions()
	v.unknown()
	v.residual()
	v.refused()
	v.unfinished()
	v.entries()
	v.outside()
	v.unlisted()
	v.proofs()
	v.warnings()
	v.p.calls(r.Calls)
	v.timeline()
	v.coverage()
	v.settled()
	v.p.section(Section{ID: "numbers", Title: "In numbers", Count: -1, Folded: true, Tables: []Table{totals("What the report counts",
		v.Summary)}})
	v.p.limits("What this run cannot end", r.Limits)
	return v.p
}

// run is the view of a run while it is made.
type run struct {
	*report.Report
	names *names
	p     *Page
}

func (p *Page) section(s Section) { p.Sections = append(p.Sections, s) }

func (p *Page) fact(label, text string, code bool) {
	if text != "" {
		p.Facts = append(p.Facts, Fact{label, text, code})
	}
}

func (p *Page) row(r Row) { p.Rows = append(p.Rows, r) }

func mode(m report.Mode) string {
	switch m {
	case report.DryRun:
		return "dry run"
	case report.Apply:
		return "apply"
	}
	return report.Plain(string(m))
}

func accountTitle(id string) string {
	if id == "" {
		return ""
	}
	return "account " + report.Plain(id)
}

// simulated is what changes the meaning of everything else.
func (p *Page) simulated(yes bool) {
	if yes {
		p.Notices = append(p.Notices, Notice{Act, "Simulated: this is about a made-up account, and says nothing about a real one."})
	}
}

func (v *run) notices() {
	v.p.simulated(v.Run.Simulated)
	if err := report.Check(v.Report); err != nil {
		what, _, _ := strings.Cut(err.Error(), "\n")
		v.p.Notices = append(v.p.Notices, Notice{Bad, "Do not trust this page: " + long(what) +
			". The report was changed by hand, or is damaged."})
		v.p.Verdict.Tone = Bad
		v.p.Verdict.Sentence = "This report does not add up, and proves nothing. What it says: " + v.p.Verdict.Sentence
	}
	if n := len(v.Run.Only); n > 0 {
		v.p.Notices = append(v.p.Notices, Notice{Act, fmt.Sprintf("Only a part of the list was looked at (--only): %s of %s: %s.",
			thousands(n),
			count(v.Policy.Entries, "entry", "entries"), strings.Join(first(10, plain(v.Run.Only)), ", "))})
	}
	if v.Run.Interrupted {
		v.p.Notices = append(v.p.Notices, Notice{Unsure, "A signal ended this run early: what it had not begun was not begun."})
	}
}

func (v *run) facts() {
	p := v.p
	p.fact("Account", cmp.Or(v.Account.ID, "not known: the run did not come so far"), v.Account.ID != "")
	p.caller(v.Account.Caller)
	p.fact("When", span(v.Run.StartedAt, v.Run.FinishedAt), false)
	p.fact("Mode", modeText(v.Run), false)
	p.fact("Policy", report.Plain(v.Policy.Path)+", "+count(v.Policy.Entries, "entry", "entries"), false)
	p.fact("Policy digest", prefixed("sha256:", v.Policy.SHA256), true)
	p.fact("Plan digest", v.Plan.Digest, true)
	p.fact("Coverage", coverageText(v.Coverage), false)
	p.fact("Run", v.Run.ID, true)
	p.fact("Endpoints", endpoints(v.Run.Endpoints), true)
	p.fact("Journal", report.Plain(v.Run.Journal), true)
	p.fact("Version", "ackrevoke "+report.Plain(v.Run.Version), false)
}

func modeText(r report.Run) string {
	if r.Mode == report.Apply {
		return "apply: it could write to the account"
	}
	return "dry run: nothing was written"
}

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

// caller says who ran the program.
func (p *Page) caller(c report.Caller) {
	p.fact("Run by", strings.Join(texts(report.Plain(string(c.Type)), report.Plain(c.UID), report.Plain(c.ARN)), " · "), true)
}

func span(from, to report.Time) string {
	s := stamp(from)
	if !to.IsZero() {
		s += " to " + stamp(to)
	}
	if d := took(from, to); d != "" {
		s += ", took " + d
	}
	return s
}

func endpoints(e report.Endpoints) string {
	return strings.Join(texts(prefixed("cs ", report.Plain(e.CS)), prefixed("ram ", report.Plain(e.RAM)), prefixed("sts ",
		report.Plain(e.STS))), ", ")
}

// coverageText is how much of the account could be seen.
func coverageText(c report.Coverage) string {
	read, unread := 0, 0
	for _, g := range c.Regions {
		if g.Read {
			read++
		} else {
			unread++
		}
	}
	parts := []string{listing(c.Listing), count(c.Clusters, "cluster", "clusters") + ", " + thousands(c.InScope) + " in scope"}
	if c.Deferred > 0 {
		parts = append(parts, thousands(c.Deferred)+" coming or going")
	}
	if len(c.Regions) > 0 {
		parts = append(parts, count(read, "region", "regions")+" read, "+thousands(unread)+" unread")
	}
	parts = append(parts, thousands(len(c.Blind))+" blind")
	parts = append(parts, prefixed("grants on all clusters: ", report.Plain(string(c.AllClustersGrants))))
	return strings.Join(texts(parts...), "; ")
}

// listing says how the clusters were listed.
func listing(by policy.ListedBy) string {
	switch by {
	case "":
		return ""
	case policy.ByRetired:
		return "listed by an operation that is being switched off (retired): the list may be short"
	}
	return "listed by " + report.Plain(string(by))
}

func (v *run) errors() { v.p.errors(v.Errors) }

// errors are what stopped or hampered all of it.
func (p *Page) errors(all []report.Error) {
	if len(all) == 0 {
		return
	}
	t := Table{Caption: "Errors of the run as a whole", Columns: columns("What happened", "Kind", "What to do")}
	for i := range all {
		e := &all[i]
		t.Lines = append(t.Lines, Line{Tone: Bad, Cells: []Cell{fault(e), {Text: report.Plain(string(e.Kind)), Tone: Bad},
			{Text: long(e.Hint)}}})
		p.row(Row{Type: "error", State: string(e.Kind)}.failed(e))
	}
	p.section(Section{ID: "errors", Title: "Errors", Count: len(all), Tables: []Table{t}})
}

// fault says what happened, as the service said it.
func fault(e *report.Error) Cell {
	if e == nil {
		return Cell{}
	}
	status := ""
	if e.HTTPStatus != 0 {
		status = fmt.Sprintf("HTTP %d", e.HTTPStatus)
	}
	return Cell{Text: long(e.Message), More: texts(strings.Join(texts(report.Plain(string(e.Kind)), report.Plain(e.Code), status), ", "),
		prefixed("request ", report.Plain(e.RequestID)))}
}

// long is text of others that may be longer than a name.
func long(s string) string { return report.Harmless(s) }

func columns(heads ...string) []Column {
	out := make([]Column, len(heads))
	for i, h := range heads {
		out[i] = Column{Head: strings.TrimPrefix(h, "#"), Number: strings.HasPrefix(h, "#")}
	}
	return out
}

func (v *run) matrix() {
	m := matrix(v.Report, v.names)
	if m == nil {
		return
	}
	v.p.section(Section{ID: "matrix", Title: "Who, and where", Count: -1, Matrix: m,
		Lead: "An empty place has no row in the report: it is settled and counted in the last column, or the entry is not about it."})
}

package page

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/policy"
	"ackrevoke/policy/audit"
)

// auditing is the view of an audit while it is made.
type auditing struct {
	*report.Audit
	names *names
	p     *Page
}

// viewAudit shows an audit: what was found by its kind, and what was not seen.
func viewAudit(a *report.Audit) *Page {
	v := &auditing{a, &names{map[string]report.Cluster{}, map[string]report.Principal{}}, &Page{Kind: "Audit", Verdict: auditVerdict(a)}}
	for _, f := range a.Findings {
		v.names.people[f.UID] = report.Principal{UID: f.UID, Name: f.Name, Kind: policy.Kind(f.Principal)}
		for _, c := range f.Places {
			v.names.clusters[c.Cluster.ID] = c.Cluster
		}
	}
	v.p.Title = strings.Join(texts(string(a.Verdict.Name), accountTitle(a.Account.ID), stamp(a.StartedAt)), " · ")
	v.p.simulated(a.Simulated)
	v.facts()
	v.p.errors(a.Errors)
	v.findings()
	v.unknown()
	v.services()
	v.retirable()
	v.notes()
	v.p.calls(a.Calls)
	v.coverage()
	v.numbers()
	v.p.limits("What no audit can see", a.Limits)
	return v.p
}

func auditVerdict(a *report.Audit) Verdict {
	v := Verdict{Name: string(a.Verdict.Name), ExitCode: a.Verdict.ExitCode, Tone: toneOf(a.Verdict.Name), Reasons: a.Verdict.Reasons}
	s := a.Summary
	found := fmt.Sprintf("%s found: %s", count(s.Findings, "thing was", "things were"), and(bySeverity(a)))
	complete := a.Coverage.Read == a.Coverage.Clusters && a.Verdict.ExitCode != end.CodeIncomplete && !a.Open()
	where := fmt.Sprintf("%s of %s were read", thousands(a.Coverage.Read), count(a.Coverage.Clusters, "cluster", "clusters"))
	switch {
	case !a.Made():
		v.Sentence = "Nothing was audited: this says nothing about the account."
	case !complete && s.Findings == 0:
		v.Sentence = "Nothing was found in what could be seen, but not everything could be: " + where + "."
	case !complete:
		v.Sentence = sentence(found) + " This may not be all, for not everything could be seen: " + where + "."
	case s.Findings == 0:
		v.Sentence = "Nothing was found: " + where + "."
	default:
		v.Sentence = sentence(found + "; " + where)
	}
	if a.Made() {
		v.Also = texts(sentence(long(a.Conclusion())))
	}
	return v
}

// bySeverity counts the findings, the weightiest first.
func bySeverity(a *report.Audit) []string {
	counts := map[audit.Severity]int{}
	for _, f := range a.Findings {
		counts[f.Severity]++
	}
	var words []string
	for _, s := range []audit.Severity{audit.Critical, audit.High, audit.Medium, audit.Low, audit.Info} {
		if counts[s] > 0 {
			words = append(words, thousands(counts[s])+" "+string(s))
		}
	}
	return words
}

func severityTone(s audit.Severity) Tone {
	switch s {
	case audit.Critical, audit.High:
		return Bad
	case audit.Medium:
		return Act
	}
	return Quiet
}

func (v *auditing) facts() {
	p, c := v.p, v.Coverage
	p.fact("Account", v.Account.ID, true)
	p.caller(v.Account.Caller)
	p.fact("When", span(v.StartedAt, v.FinishedAt), false)
	p.policy(v.Policy)
	p.fact("Looked for", strings.Join(texts("certificates", yes(v.Asked.Grants, "grants"), yes(v.Asked.Residual, "other ways in")), ", "),
		false)
	if len(v.Asked.FailOn) > 0 {
		var kinds []string
		for _, k := range v.Asked.FailOn {
			kinds = append(kinds, report.Plain(string(k)))
		}
		p.fact("Exit code 3 for", strings.Join(kinds, ", ")+": "+count(v.Summary.FailsOn, "finding", "findings"), false)
	}
	p.fact("Coverage", fmt.Sprintf("%d of %s read, %d unread, %d coming or going, %d blind; %s of %s; %s in RAM", c.Read,
		count(c.Clusters, "cluster", "clusters"), len(c.Unread), len(c.Deferred), len(c.Blind), count(c.Credentials, "credential",
			"credentials"),
		count(c.Holders, "holder", "holders"), count(c.Principals, "principal", "principals")), false)
	p.fact("Grants on all clusters", report.Plain(string(c.AllClustersGrants)), false)
	p.fact("Endpoints", endpoints(v.Endpoints), true)
	p.fact("Version", "ackrevoke "+report.Plain(v.Version), false)
}

// policy names the policy of a command that may have had none.
func (p *Page) policy(i *report.PolicyInfo) {
	if i == nil {
		p.fact("Policy", "none was read", false)
		return
	}
	p.fact("Policy", report.Plain(i.Path)+", "+count(i.Entries, "entry", "entries"), false)
	p.fact("Policy digest", prefixed("sha256:", i.SHA256), true)
}

// findings are a section for each kind, in the order of the table of findings.
func (v *auditing) findings() {
	var kinds []audit.FindingKind
	by := map[audit.FindingKind][]report.AuditFinding{}
	for _, f := range v.Findings {
		if by[f.Kind] == nil {
			kinds = append(kinds, f.Kind)
		}
		by[f.Kind] = append(by[f.Kind], f)
	}
	for i, kind := range kinds {
		all := by[kind]
		t := Table{Caption: "Findings of the kind " + report.Plain(string(kind)), Filter: true,
			Columns: columns("Principal", "Severity", "Where", "Until", "Issued since", "Listed", "Entry that would list it")}
		for _, f := range all {
			t.Lines = append(t.Lines, v.finding(f))
		}
		v.p.section(Section{ID: fmt.Sprintf("found-%d", i+1), Title: title(string(kind)), Count: len(all), Tables: []Table{t},
			Lead: long(all[0].Means) + " What to do: " + long(all[0].Hint)})
	}
}

func title(kind string) string {
	s := report.Plain(strings.ReplaceAll(kind, "-", " "))
	if s == "" {
		return "Of no kind"
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func (v *auditing) finding(f report.AuditFinding) Line {
	tone := severityTone(f.Severity)
	state := report.Plain(string(f.Severity))
	principal := who(f.Name, f.UID, policy.Kind(f.Principal))
	principal.More = append(principal.More, texts(yes(f.Principal == "root", "the root account"),
		"identity "+report.Plain(string(f.Identity)),
		yes(f.Locked, "locked"), prefixed("created ", stamp(f.CreatedAt)))...)
	until, since := Cell{}, Cell{}
	var places []string
	for _, c := range f.Places {
		places = append(places, foundAt(c))
		if s := stamp(c.Certificate.Expires); s > until.Text {
			until.Text = s
		}
		if s := stamp(c.IssuedAtEarliest); s != "" && (since.Text == "" || s < since.Text) {
			since = Cell{Text: s, More: texts(prefixed("by ", report.Plain(string(c.IssuedBy))))}
		}
		v.p.row(v.foundRow(f).placed(c.Cluster).holding(c.Certificate, c.Grants))
	}
	if len(f.Places) == 0 {
		v.p.row(v.foundRow(f).holding(report.Certificate{}, f.Grants))
	}
	where := Cell{Text: count(len(f.Places), "cluster", "clusters"), More: first(mostGrants, places)}
	switch all := first(mostGrants, grants(f.Grants)); {
	case len(f.Places) == 0:
		where = Cell{Text: long(f.Where()), More: all}
	case f.Access != nil:
		where.More = append(append(where.More, all...), long(f.Where()))
	default:
		where.More = append(where.More, all...)
	}
	listed := Cell{Text: long(f.ListedText()), More: texts(yes(f.Protected, "protected by the policy"))}
	if f.Listed != nil {
		l := f.Listed
		listed.More = append(listed.More, texts(fmt.Sprintf("line %d", l.Line), report.Plain(string(l.Phase)),
			report.Plain(string(l.Reason)),
			yes(!l.Covers, "not all of this"))...)
	}
	return Line{State: state, Tone: tone, Cells: []Cell{principal, {Text: state, Tone: tone}, where, until, since, listed, draft(f)}}
}

func (v *auditing) foundRow(f report.AuditFinding) Row {
	return Row{Type: "finding", UID: f.UID, Name: f.Name, Kind: f.Principal, State: string(f.Severity), Accepted: f.Accepted,
		Why: string(f.Kind), Message: f.Means, Hint: f.Hint}
}

func foundAt(c report.AuditPlace) string {
	s := cmp.Or(report.Plain(c.Cluster.Name), report.Plain(c.Cluster.ID))
	more := texts(certificate(c.Certificate), strings.Join(first(mostGrants, grants(c.Grants)), ", "), strings.Join(plain(c.Warnings),
		", "))
	if len(more) > 0 {
		s += ": " + strings.Join(more, "; ")
	}
	return s
}

// draft is the entry that would list somebody.
func draft(f report.AuditFinding) Cell {
	e := f.Entry
	if e == nil {
		return Cell{}
	}
	c := Cell{Text: "reason: " + report.Plain(string(e.Reason)), More: texts(yes(f.Decide, "for somebody to decide on: it may be rightful"),
		"uid "+report.Plain(e.UID), prefixed("kind ", report.Plain(string(e.Kind))), prefixed("name ", report.Plain(e.Name)),
		prefixed("createdAt ", e.CreatedAt.String()), yes(e.Deleted, "deleted: true"),
		prefixed("clusters ", strings.Join(first(mostGrants, plain(e.Clusters)), ", ")))}
	return c
}

func (v *auditing) unknown() { v.p.unknown(v.names, v.Unknown) }

// unknown are the rows of a command that only looks.
func (p *Page) unknown(n *names, all []report.Unknown) {
	if len(all) == 0 {
		return
	}
	t := Table{Caption: "What could not be seen", Columns: columns("Who", "Where", "Why", "What happened", "What to do"), Filter: true}
	for _, u := range all {
		l, row := unknown(n, u)
		if u.UID == "" {
			l.Cells[0].Text = "everybody"
		}
		t.Lines = append(t.Lines, l)
		p.row(row)
	}
	p.section(Section{ID: "unknown", Title: "What is not known", Count: len(all), Tables: []Table{t}})
}

func (v *auditing) services() {
	if len(v.ServiceRoles) == 0 {
		return
	}
	t := Table{Caption: "Roles of cloud services, which are no findings", Columns: columns("Role", "Service", "#Clusters")}
	for _, s := range v.ServiceRoles {
		t.Lines = append(t.Lines, Line{Tone: Quiet, Cells: []Cell{who(s.Name, s.UID, policy.Role), {Text: report.Plain(s.Service)},
			{Text: thousands(s.Clusters)}}})
		v.p.row(Row{Type: "service-role", UID: s.UID, Name: s.Name, Kind: "role", State: "service", Message: s.Service})
	}
	v.p.section(Section{ID: "services", Title: "Roles of cloud services", Count: len(v.ServiceRoles), Tables: []Table{t}, Folded: true})
}

func (v *auditing) retirable() {
	if len(v.Retirable) == 0 {
		return
	}
	t := Table{Caption: "Entries of deleted principals that hold nothing", Columns: columns("Who", "#Line", "Deleted since", "What to do")}
	for _, r := range v.Retirable {
		t.Lines = append(t.Lines, Line{Tone: Quiet, Cells: []Cell{who(r.Name, r.UID, ""), number(r.Line), {Text: stamp(r.DeletedSince)},
			{Text: long(r.Hint)}}})
		v.p.row(Row{Type: "retirable", UID: r.UID, Name: r.Name, State: "retirable", Hint: r.Hint})
	}
	v.p.section(Section{ID: "retirable", Title: "Entries that may be taken out", Count: len(v.Retirable), Tables: []Table{t}, Folded: true})
}

func (v *auditing) notes() {
	if len(v.Notes) == 0 {
		return
	}
	t := Table{Caption: "What changed while the audit looked, so is no finding", Columns: columns("Who", "Where", "What")}
	for _, n := range v.Notes {
		t.Lines = append(t.Lines, Line{Tone: Quiet, Cells: []Cell{v.names.who(n.UID), where(v.names.cluster(n.Cluster)),
			{Text: report.Plain(string(n.What))}}})
		v.p.row(Row{Type: "note", State: "note", Message: string(n.What)}.by(v.names, n.UID).placed(v.names.cluster(n.Cluster)))
	}
	v.p.section(Section{ID: "notes", Title: "Changed meanwhile", Count: len(v.Notes), Tables: []Table{t}, Folded: true})
}

func (v *auditing) numbers() {
	s := v.Summary
	all := []amount{{"findings", s.Findings}, {"of these listed", s.Listed}, {"of these accepted", s.Accepted}, {"that fail the audit",
		s.FailsOn},
		{"unknown", s.Unknown}, {"changed meanwhile", s.Notes}, {"entries to be taken out", s.Retirable}}
	for _, kind := range slices.Sorted(maps.Keys(s.ByKind)) {
		all = append(all, amount{"of the kind " + report.Plain(string(kind)), s.ByKind[kind]})
	}
	v.p.section(Section{ID: "numbers", Title: "In numbers", Count: -1, Folded: true, Tables: []Table{numbers("What the audit counts",
		all)}})
}

func (v *auditing) coverage() {
	c := v.Coverage
	s := Section{ID: "coverage", Title: "What could be seen", Count: -1, Folded: true}
	if t := regions(c.Regions); len(t.Lines) > 0 {
		s.Tables = append(s.Tables, t)
	}
	for _, l := range []struct {
		what string
		ids  []string
	}{{"unread", c.Unread}, {"blind", c.Blind}, {"coming or going", c.Deferred}} {
		for _, id := range l.ids {
			s.List = append(s.List, l.what+": "+strings.TrimSpace(report.Plain(v.names.cluster(id).Name)+" "+report.Plain(id)))
		}
	}
	s.Lead = sentence(listing(c.Listing))
	if len(s.Tables)+len(s.List) > 0 || s.Lead != "" {
		slices.Sort(s.List)
		v.p.section(s)
	}
}

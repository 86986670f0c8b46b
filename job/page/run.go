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

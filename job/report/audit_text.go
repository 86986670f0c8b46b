package report

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"ackrevoke/policy"
	"ackrevoke/policy/audit"
)

// AuditText writes an audit for people: what was found, the weightiest first,
// what could not be seen, and one line that says how it stands.
func AuditText(w io.Writer, a *Audit, look Look) error {
	p := &page{w: w, look: look}
	p.found(a)
	p.unseen(a)
	p.apart(a)
	p.hints(a)
	p.line("%s (exit %d): %s.", a.Verdict.Name, a.Verdict.ExitCode, auditConclusion(a))
	return p.err
}

func (p *page) found(a *Audit) {
	if len(a.Findings) == 0 {
		return
	}
	t := table{heads: []string{"SEVERITY", "FOUND", "PRINCIPAL", "WHERE", "UNTIL", "ISSUED SINCE", "LISTED"}}
	for _, f := range a.Findings {
		until, since := spans(f.Places)
		t.rows = append(t.rows, []cell{{string(f.Severity), Tone(f.Severity)}, {text: string(f.Kind)}, {text: foundText(f)}, {text: whereText(f)},
			{text: orDash(until)}, {text: orDash(since)}, {text: listedText(f)}})
	}
	p.table(t)
}

func foundText(f AuditFinding) string {
	text := f.UID
	if f.Name != "" {
		text = Plain(f.Name) + " (" + f.UID + ")"
	}
	if f.Principal == string(policy.Role) {
		text = "role " + text
	}
	return text
}

// whereText names the first few places.
func whereText(f AuditFinding) string {
	const most = 3
	switch {
	case f.Kind == audit.FoundAllClusters:
		roles := mapped(f.Grants, func(g Grant) string { return Plain(g.Role) })
		return "all clusters: " + strings.Join(roles, ", ")
	case f.Access != nil:
		var ways []string
		if f.Access.ConsoleLogin {
			ways = append(ways, "console login")
		}
		if n := f.Access.ActiveAccessKeys; n > 0 {
			ways = append(ways, number(n, "active access key", "active access keys"))
		}
		return strings.Join(ways, ", ")
	}
	var names []string
	for i, c := range f.Places {
		if i == most {
			names = append(names, fmt.Sprintf("and %d more", len(f.Places)-most))
			break
		}
		name := Plain(c.Cluster.Name)
		if name == "" {
			name = Plain(c.Cluster.ID)
		}
		if len(c.Warnings) > 0 {
			name += " (" + strings.Join(c.Warnings, ", ") + ")"
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// spans are the latest expiry of a certificate in force, and since when the
// oldest of them can have been there.
func spans(places []AuditPlace) (until, since string) {
	for _, p := range places {
		if p.Certificate.State == "" {
			continue
		}
		until = max(until, p.Certificate.Expires.String())
		if s := p.IssuedAtEarliest.String(); s != "" && (since == "" || s < since) {
			since = s
		}
	}
	return day(until), day(since)
}

func day(stamp string) string { return stamp[:min(len(stamp), len("2006-01-02"))] }

func listedText(f AuditFinding) string {
	switch l := f.Listed; {
	case f.Accepted:
		return "accepted"
	case l == nil && f.Protected:
		return "protected"
	case l == nil:
		return "no"
	case !l.Covers:
		return fmt.Sprintf("line %d, %s, not all of this", l.Line, l.Phase)
	default:
		return "line " + strconv.Itoa(l.Line)
	}
}

// unseen are the rows that keep the audit from being complete.
func (p *page) unseen(a *Audit) {
	if len(a.Unknown) == 0 {
		return
	}
	t := table{heads: []string{"COULD NOT BE SEEN", "CLUSTER", "WHY", "WHAT HAPPENED"}}
	for i, u := range a.Unknown {
		if i == textRows {
			t.rows = append(t.rows, []cell{{text: fmt.Sprintf("and %d more", len(a.Unknown)-i)}, {}, {}, {}})
			break
		}
		why, what := string(u.Why), ""
		if u.Accepted {
			why += ", accepted"
		}
		if u.Error != nil {
			what = Plain(u.Error.Message)
		}
		who := u.UID
		if who == "" {
			who = "everybody"
		}
		t.rows = append(t.rows, []cell{{text: who}, {text: orDash(u.place())}, {text: why}, {text: orDash(what)}})
	}
	p.table(t)
}

// apart is what is no finding.
func (p *page) apart(a *Audit) {
	some := func(title string, lines []string) {
		if len(lines) == 0 {
			return
		}
		if more := len(lines) - textRows; more > 0 {
			lines = append(slices.Clone(lines[:textRows]), fmt.Sprintf("and %d more", more))
		}
		p.sentence("", title+": "+strings.Join(lines, ", "))
		p.line("")
	}
	services := mapped(a.ServiceRoles, func(s ServiceRole) string {
		return fmt.Sprintf("%s (%s) on %s", orDash(Plain(s.Name)), s.UID, number(s.Clusters, "cluster", "clusters"))
	})
	entries := mapped(a.Retirable, func(r RetirableRow) string { return fmt.Sprintf("%s (line %d)", r.UID, r.Line) })
	notes := mapped(a.Notes, func(n AuditNote) string {
		return strings.TrimSpace(n.UID+" "+Plain(n.Cluster)) + " " + string(n.What)
	})
	some("Roles of cloud services, which are no findings", services)
	some("Entries of deleted principals that hold nothing, to be taken out once RAM's recycle bin (30 days) shows them no more", entries)
	some("Changed meanwhile, so no finding", notes)
	some("Coming or going, so not looked at", mapped(a.Coverage.Deferred, Plain))
}

// hints say what to do, once for each kind.
func (p *page) hints(a *Audit) {
	for _, e := range a.Errors {
		p.sentence("! ", e.Message)
		p.sentence("  ", "hint: "+e.Hint)
	}
	told := map[audit.FindingKind]bool{}
	for _, f := range a.Findings {
		if !told[f.Kind] {
			told[f.Kind] = true
			p.sentence("- ", string(f.Kind)+": "+f.Means+"; "+f.Hint)
		}
	}
	for _, why := range unseenWhys(a) {
		p.sentence("- ", string(why)+": "+Advice(why))
	}
	if len(a.Errors)+len(a.Findings)+len(a.Unknown) > 0 {
		p.line("")
	}
}

func unseenWhys(a *Audit) []policy.Why {
	all := mapped(a.Unknown, func(u Unknown) policy.Why { return u.Why })
	slices.Sort(all)
	return slices.Compact(all)
}

// auditConclusion is how it stands, in one sentence. It says "nothing was
// found" only where everything was looked at.
func auditConclusion(a *Audit) string {
	c, s := a.Coverage, a.Summary
	var parts []string
	switch {
	case !a.Made() && len(a.Errors) > 0:
		return "nothing was audited: " + strings.TrimSuffix(a.Errors[0].Message, ".")
	case s.Findings > 0:
		text := number(s.Findings, "finding", "findings")
		var kinds []string
		for _, row := range audit.Findings {
			if n := s.ByKind[row.Kind]; n > 0 {
				kinds = append(kinds, fmt.Sprintf("%d %s", n, row.Kind))
			}
		}
		text += " (" + strings.Join(kinds, ", ") + ")"
		if a.Policy != nil {
			text += fmt.Sprintf(", %d of them listed", s.Listed)
		}
		parts = append(parts, text)
	case a.Open() || a.Verdict.ExitCode != 0:
		parts = append(parts, "no finding in what could be seen")
	default:
		parts = append(parts, "nothing was found")
	}
	where := fmt.Sprintf("%d of %s read", c.Read, number(c.Clusters, "cluster", "clusters"))
	if n := len(c.Unread); n > 0 {
		where += fmt.Sprintf(", %d unread", n)
	}
	if n := len(c.Deferred); n > 0 {
		where += fmt.Sprintf(", %d coming or going", n)
	}
	parts = append(parts, where, fmt.Sprintf("%s of %s", number(c.Credentials, "credential", "credentials"),
		number(c.Holders, "holder", "holders")))
	if s.Unknown > 0 {
		parts = append(parts, fmt.Sprintf("%d unknown", s.Unknown))
	}
	if !a.Asked.Grants {
		parts = append(parts, "grants were not asked for (--grants)")
	}
	return strings.Join(parts, "; ")
}

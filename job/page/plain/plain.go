// Package plain writes pages as text for a terminal: the verdict in a sentence, and
// then what the command that made the document shows there.
package plain

import (
	"bytes"
	"fmt"
	"io"
	"slices"

	"ackrevoke/job/page"
	"ackrevoke/job/report"
)

// mostRows is how many rows of a table a terminal shows; the other formats have all.
const mostRows = 20

// Encode returns the documents as text, one below the other, for a terminal of so
// many columns; without a width lines are as wide as they need to be. There are no
// colours: what would be one is taken for text of others.
func Encode(look report.Look, documents ...*page.Document) ([]byte, error) {
	var b bytes.Buffer
	look.Style = nil
	say := func(format string, a ...any) { say(&b, look, format, a...) }
	for i, d := range documents {
		if i > 0 {
			b.WriteString("\n\n")
		}
		p := d.View()
		if len(documents) > 1 {
			say("%s: %s", p.File, p.Kind)
		}
		head(&b, look, p)
		if err := body(&b, look, d.Value, p); err != nil {
			return nil, err
		}
	}
	return harmless(b.String()), nil
}

// harmless makes visible what a terminal would obey. The commands themselves write
// what the service told them; a stored document may be from anybody.
func harmless(s string) []byte {
	var b bytes.Buffer
	for _, r := range s {
		if r != '\n' && report.Hidden(r) {
			fmt.Fprintf(&b, `\u{%x}`, r)
			continue
		}
		b.WriteRune(r)
	}
	return b.Bytes()
}

// say writes a line; what others control in it is made harmless.
func say(w io.Writer, look report.Look, format string, a ...any) {
	for _, line := range report.Fold(report.Harmless(fmt.Sprintf(format, a...)), look.Width, 2) {
		fmt.Fprintln(w, line)
	}
}

func head(w io.Writer, look report.Look, p *page.Page) {
	say(w, look, "%s (exit %d): %s", p.Verdict.Name, p.Verdict.ExitCode, p.Verdict.Sentence)
	for _, n := range p.Notices {
		say(w, look, "! %s", n.Text)
	}
	for _, s := range p.Verdict.Also {
		say(w, look, "- %s", s)
	}
	fmt.Fprintln(w)
}

// body writes what the command itself shows, and what it says beside that.
func body(w io.Writer, look report.Look, document page.Encoder, p *page.Page) error {
	switch d := document.(type) {
	case *report.Report:
		return run(w, look, d, p)
	case *report.Audit:
		return report.AuditText(w, d, look)
	case *report.Doctor:
		return report.DoctorText(w, d, look)
	case *report.Show:
		return report.ShowTable(w, d, look)
	case *report.Accounts:
		return report.SummaryTable(w, d.Files, look)
	case *report.Inspect:
		return report.InspectText(w, d, look)
	case *report.Prove:
		return report.ProveText(w, d)
	}
	return sections(w, look, p, nil)
}

func run(w io.Writer, look report.Look, r *report.Report, p *page.Page) error {
	if err := report.PlanTable(w, r, look); err != nil {
		return err
	}
	if len(r.Plan.Actions) > 0 {
		fmt.Fprintln(w)
	}
	if err := report.ResultTable(w, r, look); err != nil {
		return err
	}
	return sections(w, look, p, []string{"errors", "unknown", "residual", "refused", "unfinished", "proofs", "warnings"})
}

// sections writes some sections of a page, all where none is named.
func sections(w io.Writer, look report.Look, p *page.Page, ids []string) error {
	for _, s := range p.Sections {
		if ids != nil && !slices.Contains(ids, s.ID) || s.Folded {
			continue
		}
		fmt.Fprintln(w)
		say(w, look, "%s:", s.Title)
		for i := range s.Tables {
			if err := table(w, look, &s.Tables[i]); err != nil {
				return err
			}
		}
		for _, l := range s.List {
			say(w, look, "- %s", l)
		}
	}
	return nil
}

func table(w io.Writer, look report.Look, t *page.Table) error {
	var heads []string
	for _, c := range t.Columns {
		heads = append(heads, c.Head)
	}
	var rows [][]string
	for _, l := range t.Lines[:min(mostRows, len(t.Lines))] {
		var row []string
		for _, c := range l.Cells {
			text := c.Text
			for _, m := range c.More {
				text += "; " + m
			}
			row = append(row, text)
		}
		rows = append(rows, row)
	}
	if err := report.Grid(w, heads, rows, look); err != nil {
		return err
	}
	if more := len(t.Lines) - mostRows; more > 0 {
		say(w, look, "and %d more: the other formats have them", more)
	}
	return nil
}

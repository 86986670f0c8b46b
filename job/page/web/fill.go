package web

import (
	"cmp"
	"fmt"
	"html/template"
	"strings"

	"ackrevoke/job/page"
	"ackrevoke/job/report"
)

// These are what the template takes: texts that are visible, and nothing that it
// would have to decide.
type (
	filled struct {
		Policy, Title, Heading, Footer string
		Style                          template.CSS
		Script                         template.JS
		Contents                       []content
		Pages                          []pageFilled
	}
	content struct {
		ID, Word, Text string
		Tone           page.Tone
	}
	pageFilled struct {
		ID, Word, Sentence, Reasons, File, NavLabel string
		Tone                                        page.Tone
		ExitCode                                    int
		Also                                        []string
		Notices                                     []page.Notice
		Facts                                       []page.Fact
		Sections                                    []section
	}
	section struct {
		ID, Title, Number, Lead, Cut string
		Folded                       bool
		Matrix                       *matrix
		Tables                       []table
		List                         []string
		Timeline                     *timeline
	}
	table struct {
		ID, Caption, Cut string
		Filter           bool
		Columns          []page.Column
		Lines            []line
	}
	line struct {
		State string
		Cells []cell
	}
	cell struct {
		Text, Head          string
		More                []string
		Tone                page.Tone
		Code, First, Number bool
		Bar                 []page.Part
	}
	timeline struct {
		Text, From, To, Begun, Proven string
		Most                          int
	}
)

// What one table or list takes of a page at the most. A browser shows some
// thousand rows without a pause; what is left out is said, and is in the CSV.
const (
	mostLines = 2000
	mostBytes = 700 << 10
)

func fill(pages []*page.Page) filled {
	f := filled{Policy: securityPolicy, Style: template.CSS(style), Script: template.JS(script), //nolint:gosec // both are our own files
		Footer: "Written by ackrevoke from the document itself. It claims no more than that."}
	for i, p := range pages {
		id := fmt.Sprintf("d%d", i+1)
		f.Pages = append(f.Pages, fillPage(id, p, len(pages) > 1))
		if len(pages) > 1 {
			f.Contents = append(f.Contents, content{id, clear(p.Verdict.Name), clear(strings.Join(texts(p.File, p.Verdict.Sentence), ": ")),
				p.Verdict.Tone})
		}
	}
	switch len(pages) {
	case 1:
		f.Title = clear("ackrevoke: " + pages[0].Title)
		f.Heading = clear("ackrevoke · " + pages[0].Kind + " · " + pages[0].Title)
	default:
		f.Heading = fmt.Sprintf("ackrevoke · %d documents", len(pages))
		f.Title = f.Heading
	}
	return f
}

// clear makes visible what cannot be seen. Texts of a page are short already.
func clear(s string) string { return report.Harmless(s) }

func clears(all []string) []string {
	out := make([]string, 0, len(all))
	for _, s := range all {
		out = append(out, clear(s))
	}
	return out
}

func texts(all ...string) []string {
	var kept []string
	for _, s := range all {
		if s != "" {
			kept = append(kept, s)
		}
	}
	return kept
}

func fillPage(id string, p *page.Page, many bool) pageFilled {
	out := pageFilled{ID: id, Word: clear(p.Verdict.Name), Sentence: clear(p.Verdict.Sentence), Tone: p.Verdict.Tone,
		ExitCode: p.Verdict.ExitCode,
		Also:     clears(p.Verdict.Also), NavLabel: "Contents"}
	if r := p.Verdict.Reasons; len(r) > 1 || len(r) == 1 && r[0] != p.Verdict.Name {
		out.Reasons = clear(strings.Join(p.Verdict.Reasons, ", "))
	}
	if many {
		out.File, out.NavLabel = clear(p.Kind+", "+p.File), "Contents of document "+id[1:]
	}
	for _, n := range p.Notices {
		out.Notices = append(out.Notices, page.Notice{Tone: n.Tone, Text: clear(n.Text)})
	}
	for _, f := range p.Facts {
		out.Facts = append(out.Facts, page.Fact{Label: f.Label, Text: clear(f.Text), Code: f.Code})
	}
	for i := range p.Sections {
		out.Sections = append(out.Sections, fillSection(id, &p.Sections[i]))
	}
	return out
}

func fillSection(page string, s *page.Section) section {
	id := page + "-" + s.ID
	out := section{ID: id, Title: clear(s.Title), Lead: clear(s.Lead), Folded: s.Folded}
	if s.Count >= 0 {
		out.Number = fmt.Sprint(s.Count)
	}
	if s.Matrix != nil {
		out.Matrix = fillMatrix(id, s.Matrix)
	}
	for i := range s.Tables {
		out.Tables = append(out.Tables, fillTable(fmt.Sprintf("%s-t%d", id, i+1), &s.Tables[i]))
	}
	out.List, out.Cut = cutList(clears(s.List))
	if t := s.Timeline; t != nil {
		out.Timeline = &timeline{Text: clear(t.Text), From: t.From, To: t.To, Most: t.Most, Begun: path(t.Begun), Proven: path(t.Proven)}
	}
	return out
}

func cutList(all []string) ([]string, string) {
	if len(all) <= mostLines {
		return all, ""
	}
	return all[:mostLines], cutText(mostLines, len(all))
}

func cutText(shown, of int) string {
	return fmt.Sprintf("The first %d of %d are shown here; the document itself, and its CSV, have all.", shown, of)
}

func fillTable(id string, t *page.Table) table {
	out := table{ID: id, Caption: clear(t.Caption), Filter: t.Filter, Columns: t.Columns}
	size := 0
	for i, l := range t.Lines {
		if i == mostLines || size > mostBytes {
			out.Cut = cutText(i, len(t.Lines))
			break
		}
		row := line{State: clear(l.State)}
		for j, c := range l.Cells {
			col := t.Columns[j]
			filled := cell{Text: cmp.Or(clear(c.Text), "–"), Head: col.Head, More: clears(c.More), Tone: c.Tone, Code: c.Code,
				First:  j == 0,
				Number: col.Number, Bar: c.Bar}
			size += len(filled.Text) + len(strings.Join(filled.More, "")) + 60
			row.Cells = append(row.Cells, filled)
		}
		out.Lines = append(out.Lines, row)
	}
	return out
}

// path draws steps: to the right, and then up.
func path(points []page.Point) string {
	var b strings.Builder
	for i, p := range points {
		if i == 0 {
			fmt.Fprintf(&b, "M%d %d", p.X, 1000-p.Y)
			continue
		}
		fmt.Fprintf(&b, "H%dV%d", p.X, 1000-p.Y)
	}
	return b.String()
}

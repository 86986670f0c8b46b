// Package comment writes pages as Markdown that fits into a comment on a pull
// request: GitHub takes 65,536 characters. What does not fit is left out row by
// row, and each table says how many of its rows stand there. What others control
// is text in it, whatever it looks like: see package markdown.
package comment

import (
	"bytes"
	"fmt"
	"strings"

	"ackrevoke/job/markdown"
	"ackrevoke/job/page"
)

const (
	// Most is how many bytes there are at the most: never more characters than that.
	Most = 65_536

	mostRows   = 100 // of one table: nobody reads more in a comment
	mostPlaces = 10  // of a matrix: a wider one cannot be read there
	reserve    = 700 // for the last words
	perTable   = 400 // kept for each table that is still to come
)

// Encode returns the pages as Markdown, one below the other.
func Encode(pages ...*page.Page) []byte {
	w := &writer{}
	for i, p := range pages {
		w.most = (Most - reserve) * (i + 1) / len(pages) // a share for each
		w.page(p, len(pages) > 1)
	}
	if w.absent > 0 {
		w.line("\n**Of %d documents %d did not fit here at all: nothing above is about them.**", len(pages), w.absent)
	}
	if w.missing > 0 {
		w.line("\n_%s did not fit here and %s left out; the HTML and the CSV have more, the document itself has all._",
			plural(w.missing, "part", "parts"), either(w.missing, "is", "are"))
	}
	return w.Bytes()
}

// writer is a comment, and how long it may become.
type writer struct {
	bytes.Buffer
	most    int
	missing int // parts that did not fit
	absent  int // whole pages: without the verdict nothing of them is shown
}

func (w *writer) line(format string, a ...any) { fmt.Fprintf(w, format+"\n", a...) }

// fits writes a part if it fits, with room kept for what is still to come.
func (w *writer) fits(part string, keep int) bool {
	if w.Len()+len(part)+keep > w.most {
		return false
	}
	w.WriteString(part)
	return true
}

// try is fits for a part whose absence is said at the end.
func (w *writer) try(part string) {
	if !w.fits(part, 0) {
		w.missing++
	}
}

func (w *writer) page(p *page.Page, many bool) {
	name := p.Kind
	if many {
		name += " " + p.File
	}
	head := ""
	if w.Len() > 0 {
		head = "\n---\n\n"
	}
	head += fmt.Sprintf("### %s: %s\n\n**%s** (exit code %d)\n\n", markdown.Text(name), markdown.Text(p.Verdict.Name),
		markdown.Long(p.Verdict.Sentence), p.Verdict.ExitCode)
	for _, n := range p.Notices {
		head += "> **" + markdown.Long(n.Text) + "**\n\n"
	}
	if !w.fits(head, 0) {
		w.absent++
		return
	}
	also := ""
	for _, s := range p.Verdict.Also {
		also += "- " + markdown.Long(s) + "\n"
	}
	w.try(also)
	facts := "\n| | |\n|---|---|\n"
	for _, f := range p.Facts {
		facts += "| " + f.Label + " | " + cell(page.Cell{Text: f.Text, Code: f.Code}) + " |\n"
	}
	w.try(facts)
	left := 0
	for i := range p.Sections {
		left += len(p.Sections[i].Tables)
	}
	for i := range p.Sections {
		left -= len(p.Sections[i].Tables)
		w.section(&p.Sections[i], left*perTable)
	}
}

// section writes a section; what is folded on a page is folded here.
func (w *writer) section(s *page.Section, keep int) {
	head, tail := "\n#### "+heading(s)+"\n\n", ""
	if s.Folded || bars(s) || len(s.List) > 0 && len(s.Tables) == 0 {
		head, tail = "\n<details><summary>"+heading(s)+"</summary>\n\n", "\n</details>\n"
	}
	if s.Lead != "" {
		head += markdown.Long(s.Lead) + "\n\n"
	}
	if !w.fits(head, keep+len(tail)) {
		w.missing++
		return
	}
	if s.Matrix != nil {
		w.matrix(s.Matrix, keep)
	}
	for i := range s.Tables {
		w.table(&s.Tables[i], keep+len(tail))
	}
	if s.Timeline != nil {
		w.try(markdown.Long(s.Timeline.Text) + "\n")
	}
	w.list(s.List, keep+len(tail))
	w.WriteString(tail)
}

// bars reports whether a section is one of bars, which a comment has none of.
func bars(s *page.Section) bool {
	return len(s.Tables) > 0 && s.Tables[0].Columns[len(s.Tables[0].Columns)-1].Bars
}

func heading(s *page.Section) string {
	title := markdown.Long(s.Title) // an audit has sections named after kinds
	if s.Count < 0 {
		return title
	}
	return fmt.Sprintf("%s (%d)", title, s.Count)
}

// rows writes rows while they fit, and says how many of how many did.
func (w *writer) rows(all []string, keep int) {
	shown := 0
	for i, row := range all {
		if i == mostRows || !w.fits(row, keep+80) {
			break
		}
		shown++
	}
	if shown < len(all) {
		w.line("\n_%d of %d rows are shown._", shown, len(all))
	}
}

func (w *writer) table(t *page.Table, keep int) {
	var heads, rules []string
	for _, c := range t.Columns {
		if c.Bars {
			continue
		}
		heads = append(heads, c.Head)
		rules = append(rules, map[bool]string{true: "--:", false: "---"}[c.Number])
	}
	if !w.fits("| "+strings.Join(heads, " | ")+" |\n|"+strings.Join(rules, "|")+"|\n", keep+80) {
		w.missing++
		return
	}
	all := make([]string, 0, min(len(t.Lines), mostRows))
	for i, l := range t.Lines {
		row := ""
		if i < mostRows {
			row = "|"
			for j, c := range l.Cells {
				if t.Columns[j].Bars {
					continue
				}
				row += " " + cell(c) + " |"
			}
		}
		all = append(all, row+"\n")
	}
	w.rows(all, keep)
	w.line("")
}

// cell is the lines of a cell in one.
func cell(c page.Cell) string {
	text := "-"
	switch {
	case c.Code && c.Text != "":
		text = markdown.Code(c.Text)
	case c.Text != "":
		text = markdown.Long(c.Text)
	}
	if c.Tone != page.Neutral && c.Text != "" {
		text = "**" + text + "**"
	}
	for _, m := range c.More {
		text += "<br>" + markdown.Long(m)
	}
	return text
}

func (w *writer) list(all []string, keep int) {
	var rows []string
	for _, s := range all {
		rows = append(rows, "- "+markdown.Long(s)+"\n")
	}
	if len(rows) > 0 {
		w.rows(rows, keep)
	}
}

func (w *writer) matrix(m *page.Matrix, keep int) {
	legend := ""
	for _, l := range m.Legend {
		legend += "- " + l.Sign + " " + string(l.State) + ": " + l.Means + "\n"
	}
	if len(m.Places) > mostPlaces {
		w.try(fmt.Sprintf("%d principals by %d columns, which is too wide for a comment: the HTML has it.\n", len(m.Rows), len(m.Places)))
		return
	}
	head, rule := "| Principal |", "|---|"
	for _, p := range m.Places {
		head += " " + cell(page.Cell{Text: p.Text}) + " |"
		rule += ":-:|"
	}
	if !w.fits(legend+"\n"+head+" other clusters |\n"+rule+"--:|\n", keep+80) {
		w.missing++
		return
	}
	var rows []string
	for _, r := range m.Rows {
		row := "| " + cell(r.Who) + " |"
		for _, s := range r.States {
			look, _ := s.Look()
			row += " " + look.Sign + " |"
		}
		rows = append(rows, row+fmt.Sprintf(" %d settled |\n", r.Settled))
	}
	w.rows(rows, keep)
	if n := len(m.Folded); n > 0 {
		w.try(fmt.Sprintf("\nand %s without a row to look at\n", plural(n, "principal", "principals")))
	}
	w.line("")
}

func plural(n int, one, many string) string { return fmt.Sprintf("%d %s", n, either(n, one, many)) }

func either(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// Package sheet writes pages as CSV: one table of flat rows, with the same columns
// whatever the documents are.
//
// No cell is a formula to a spreadsheet. One that would begin like one begins with
// an apostrophe instead; and so does what follows a semicolon or a quotation mark
// inside a cell, for where the comma is the decimal sign spreadsheets take a
// semicolon for the end of a cell. Every cell stands in quotation marks.
package sheet

import (
	"bytes"
	"strings"

	"ackrevoke/job/page"
	"ackrevoke/job/report"
)

// Columns are the heads: where a row is from, and what it says.
func Columns() []string { return append([]string{"file", "document"}, page.RowColumns...) }

// Encode returns the rows of all pages as CSV (RFC 4180, UTF-8). There is always a
// first row for each page, of the type verdict; what that has to be read together
// with follows it, of the type notice.
func Encode(pages ...*page.Page) []byte {
	var b bytes.Buffer
	write(&b, Columns())
	for _, p := range pages {
		for _, r := range append(head(p), p.Rows...) {
			write(&b, append([]string{p.File, p.Schema}, r.Cells()...))
		}
	}
	return b.Bytes()
}

// head is the verdict, and a row for each sentence without which it says too much:
// that the run was simulated, that only a part was looked at, that something is not
// known.
func head(p *page.Page) []page.Row {
	rows := []page.Row{{Type: "verdict", State: p.Verdict.Name, Message: p.Verdict.Sentence}}
	for _, n := range p.Notices {
		rows = append(rows, page.Row{Type: "notice", Message: n.Text})
	}
	for _, s := range p.Verdict.Also {
		rows = append(rows, page.Row{Type: "notice", Message: s})
	}
	return rows
}

func write(b *bytes.Buffer, cells []string) {
	for i, c := range cells {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"` + strings.ReplaceAll(harmless(c), `"`, `""`) + `"`)
	}
	b.WriteString("\r\n")
}

// harmless makes visible what cannot be seen, and a text of what could be a formula.
func harmless(s string) string {
	s = report.Harmless(s)
	var b strings.Builder
	begins := true
	for _, r := range s {
		if begins && formula(r) {
			b.WriteByte('\'')
		}
		b.WriteRune(r)
		begins = r == ';' || r == '"' || begins && r == ' '
	}
	return b.String()
}

// formula reports whether a spreadsheet, or one with another keyboard, takes what
// begins like this for something to work out.
func formula(r rune) bool {
	switch r {
	case '=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠':
		return true
	}
	return false
}

package report

import (
	"fmt"
	"io"
	"strings"
)

// textWidth is where sentences are broken at the latest.
const textWidth = 110

// page is lines, sentences and tables for people, one below another. It keeps the
// first error of writing.
type page struct {
	w    io.Writer
	look Look
	err  error
}

// put writes one line as it is.
func (p *page) put(line string) {
	if p.err == nil {
		_, p.err = fmt.Fprintln(p.w, line)
	}
}

// line writes one line, broken only where the terminal is too narrow for it.
func (p *page) line(format string, a ...any) {
	for _, line := range Fold(Harmless(fmt.Sprintf(format, a...)), p.look.Width, 2) {
		p.put(line)
	}
}

// sentence writes text with line breaks; the first line begins with the mark
// and the others below the text: no line but ours begins at the margin.
func (p *page) sentence(mark, text string) {
	width := textWidth
	if p.look.Width > 0 {
		width = min(width, p.look.Width)
	}
	for _, line := range Fold(Harmless(mark+text), width, max(2, len(mark))) {
		p.put(line)
	}
}

// table writes a table and an empty line.
func (p *page) table(t table) {
	if p.err == nil {
		p.err = t.write(p.w, p.look)
	}
	p.put("")
}

// card writes labels with their values and an empty line.
func (p *page) card(labels, values []cell) {
	var b strings.Builder
	card(&b, labels, values, p.look)
	p.put(b.String())
}

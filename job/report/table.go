package report

import (
	"io"
	"strings"

	"github.com/mattn/go-runewidth"
)

// Tone is what a cell of a table is about, for whoever gives it a colour.
type Tone string

// The tones of cells. The verdict of a principal is a tone of its own name.
const (
	ToneHeading Tone = "heading"
	TonePlain   Tone = ""
	ToneRefused Tone = Tone(Refusal)
	ToneActing  Tone = Tone(Acting)
)

// Style gives a cell a look; nil leaves all as it is. It is called after the
// cell was measured and made harmless, and may add what has no width.
type Style func(tone Tone, text string) string

// table is a list of rows padded to columns that line up.
type table struct {
	heads   []string
	numbers map[int]bool // columns that line up at the right
	rows    [][]cell
}

type cell struct {
	text string
	tone Tone
}

// write makes every cell harmless, whoever composed it.
func (t *table) write(w io.Writer, style Style) error {
	rows := [][]cell{make([]cell, len(t.heads))}
	for i, h := range t.heads {
		rows[0][i] = cell{h, ToneHeading}
	}
	rows = append(rows, t.rows...)
	widths := make([]int, len(t.heads))
	for _, row := range rows {
		for i := range row {
			row[i].text = Harmless(row[i].text)
			widths[i] = max(widths[i], displayWidth(row[i].text))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		for i, c := range row {
			pad := strings.Repeat(" ", widths[i]-displayWidth(c.text))
			text := c.text
			if style != nil && text != "" {
				text = style(c.tone, text)
			}
			switch {
			case t.numbers[i]:
				b.WriteString(pad + text)
			case i == len(row)-1: // nothing to line up behind it
				b.WriteString(text)
			default:
				b.WriteString(text + pad)
			}
			if i < len(row)-1 {
				b.WriteString("  ")
			}
		}
		b.WriteString("\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// terminal knows how wide characters are; those that are wide in East Asia alone
// are narrow, wherever the program runs.
var terminal = runewidth.Condition{StrictEmojiNeutral: true}

// displayWidth is the number of places that a text takes on a terminal: none
// for marks that combine, two for the wide scripts of East Asia.
func displayWidth(s string) int { return terminal.StringWidth(s) }

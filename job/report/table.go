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

// gap is what stands between two columns.
const gap = "  "

// write makes every cell harmless, whoever composed it, and lays the table out to
// the look: as wide as it needs to be where that fits, else with cells of several
// lines, broken between words, and where that is no better, as cards.
func (t *table) write(w io.Writer, look Look) error {
	rows := [][]cell{make([]cell, len(t.heads))}
	for i, h := range t.heads {
		rows[0][i] = cell{h, ToneHeading}
	}
	rows = append(rows, t.rows...)
	for _, row := range rows {
		for i := range row {
			row[i].text = Harmless(row[i].text)
		}
	}
	text := ""
	if widths := fit(rows, look.table()); widths == nil || t.tall(rows, widths, look) {
		text = cards(rows, look)
	} else {
		text = t.lines(rows, widths, look)
	}
	_, err := io.WriteString(w, text)
	return err
}

// tall reports whether the rows take more lines than cards would.
func (t *table) tall(rows [][]cell, widths []int, look Look) bool {
	look.Style = nil
	text := t.lines(rows, widths, look)
	return strings.Count(text, "\n") > len(rows) && strings.Count(text, "\n") > strings.Count(cards(rows, look), "\n")
}

func (t *table) lines(rows [][]cell, widths []int, look Look) string {
	var b strings.Builder
	for _, row := range rows {
		t.row(&b, row, widths, look)
	}
	return b.String()
}

// cards writes each row as a card with the heads as labels.
func cards(rows [][]cell, look Look) string {
	var b strings.Builder
	for i, row := range rows[1:] {
		if i > 0 {
			b.WriteString("\n")
		}
		card(&b, rows[0], row, look)
	}
	return b.String()
}

// fit is how wide each column is: as its widest cell, or where that is too much
// for the whole, the wide ones all alike, but none narrower than its longest word. It
// is nil where not even the longest words fit.
func fit(rows [][]cell, width int) []int {
	full, least := make([]int, len(rows[0])), make([]int, len(rows[0]))
	for _, row := range rows {
		for i, c := range row {
			full[i], least[i] = max(full[i], displayWidth(c.text)), max(least[i], longest(c.text))
		}
	}
	if width == 0 {
		return full
	}
	room := width - len(gap)*(len(full)-1)
	for limit := room; limit > 0; limit-- {
		widths, sum := make([]int, len(full)), 0
		for i := range full {
			widths[i] = max(least[i], min(full[i], limit))
			sum += widths[i]
		}
		if sum <= room {
			return widths
		}
	}
	return nil
}

// row writes one row, on as many lines as its tallest cell has.
func (t *table) row(b *strings.Builder, row []cell, widths []int, look Look) {
	cells, height := make([][]string, len(row)), 1
	for i, c := range row {
		cells[i] = Fold(c.text, widths[i], 0)
		height = max(height, len(cells[i]))
	}
	for n := range height {
		line, owed := "", 0 // spaces that are only written before something
		for i, c := range row {
			text := ""
			if n < len(cells[i]) {
				text = cells[i][n]
			}
			pad := widths[i] - displayWidth(text)
			if t.numbers[i] {
				owed, pad = owed+pad, 0
			}
			if text != "" {
				line += strings.Repeat(" ", owed) + look.styled(cell{text, c.tone})
				owed = 0
			}
			owed += pad + len(gap)
		}
		b.WriteString(line + "\n")
	}
}

// terminal knows how wide characters are; those that are wide in East Asia alone
// are narrow, wherever the program runs.
var terminal = runewidth.Condition{StrictEmojiNeutral: true}

// displayWidth is the number of places that a text takes on a terminal: none
// for marks that combine, two for the wide scripts of East Asia.
func displayWidth(s string) int { return terminal.StringWidth(s) }

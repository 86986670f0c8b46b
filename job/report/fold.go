package report

import (
	"regexp"
	"strings"
)

// Fold breaks a text between its words into lines of at most so many columns; all
// but the first begin with an indent. A word that is longer than a line stands whole
// on a line of its own, and so does each of keep, texts that are of use only in one
// piece. A width of 0 breaks nothing.
func Fold(text string, width, indent int, keep ...string) []string {
	if width <= 0 || displayWidth(bare(text)) <= width {
		return []string{text}
	}
	lines, line := []string{}, ""
	margin := strings.Repeat(" ", min(indent, max(0, width-1)))
	for i, word := range pieces(text, keep) {
		switch {
		case i == 0:
			if line = text[:len(text)-len(strings.TrimLeft(text, " "))] + word; displayWidth(bare(line)) > width {
				line = word
			}
		case displayWidth(bare(line+" "+word)) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
			if displayWidth(bare(margin+word)) <= width {
				line = margin + word
			}
		}
	}
	return append(lines, line)
}

// pieces are the words of a text; each of keep that stands in it is one word, with
// what touches it.
func pieces(text string, keep []string) []string {
	for _, k := range keep {
		before, after, found := strings.Cut(text, k)
		if !found || k == "" {
			continue
		}
		words, rest := pieces(before, keep), pieces(after, keep)
		if n := len(words) - 1; n >= 0 && !strings.HasSuffix(before, " ") {
			words[n] += k
		} else {
			words = append(words, k)
		}
		if len(rest) > 0 && !strings.HasPrefix(after, " ") {
			words[len(words)-1] += rest[0]
			rest = rest[1:]
		}
		return append(words, rest...)
	}
	return strings.Fields(text)
}

var colours = regexp.MustCompile("\x1b\\[[0-9;]*m")

// bare is a text without the colours that the program put into it.
func bare(text string) string { return colours.ReplaceAllString(text, "") }

// longest is the width of the longest word.
func longest(text string) (width int) {
	for word := range strings.FieldsSeq(text) {
		width = max(width, displayWidth(word))
	}
	return width
}

// Width is the number of columns that a text takes on a terminal.
func Width(text string) int { return displayWidth(text) }

// Cut shortens a text to so many columns; a width below 1 leaves it whole.
func Cut(text string, width int) string {
	if width < 1 {
		return text
	}
	return terminal.Truncate(text, width, "…")
}

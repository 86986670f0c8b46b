package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// plainLimit is how much of a text that others control is worth showing.
const plainLimit = 120

// Plain makes text that others control harmless for a terminal: what moves a
// cursor, changes a colour or a title, reverses the direction, breaks the line
// or cannot be seen is shown as \u{...}, invalid UTF-8 as \x.., and what is
// longer than 120 runes ends in an ellipsis.
func Plain(s string) string {
	short := strings.Builder{}
	n := 0
	for rest := s; rest != ""; {
		piece, size := visible(rest)
		width := utf8.RuneCountInString(piece)
		// The last place is kept for the ellipsis unless this piece ends the text.
		if n+width > plainLimit || n+width == plainLimit && size < len(rest) {
			short.WriteString("…")
			break
		}
		short.WriteString(piece)
		n += width
		rest = rest[size:]
	}
	return short.String()
}

// Harmless is Plain without a limit, for lines composed of several texts.
func Harmless(s string) string {
	var b strings.Builder
	for s != "" {
		piece, size := visible(s)
		b.WriteString(piece)
		s = s[size:]
	}
	return b.String()
}

// visible returns the first rune of s in a form that can be seen, and its size in s.
func visible(s string) (piece string, size int) {
	r, size := utf8.DecodeRuneInString(s)
	switch {
	case r == utf8.RuneError && size == 1:
		return fmt.Sprintf(`\x%02x`, s[0]), 1
	case hidden(r):
		return fmt.Sprintf(`\u{%x}`, r), size
	}
	return s[:size], size
}

// hidden reports whether a rune is not seen as itself: controls, formats
// (direction, zero width, tags), line and paragraph ends, spaces that are no
// space, and the few letters and marks that are blank by definition.
func hidden(r rune) bool {
	switch r {
	case ' ':
		return false
	case 0x034f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x2800, 0x3164, 0xffa0:
		return true
	}
	if unicode.Is(unicode.Variation_Selector, r) {
		return true
	}
	return !unicode.IsPrint(r)
}

package report

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// How many runes of a text that others control are worth showing, and of a
// line in which several such texts stand: a name of 64 KiB must not push
// everything else off the screen.
const (
	plainLimit = 120
	lineLimit  = 4000
)

// Plain makes text that others control harmless for a terminal: what moves a
// cursor, changes a colour or a title, reverses the direction, breaks the line
// or cannot be seen is shown as \u{...}, invalid UTF-8 as \x.., and what is
// longer than 120 runes ends in an ellipsis.
func Plain(s string) string { return clip(s, plainLimit) }

// Harmless is Plain for a line composed of several texts, with room for 4000
// runes.
func Harmless(s string) string { return clip(s, lineLimit) }

func clip(s string, limit int) string {
	short := strings.Builder{}
	n := 0
	for rest := s; rest != ""; {
		piece, size := visible(rest)
		width := utf8.RuneCountInString(piece)
		// The last place is kept for the ellipsis unless this piece ends the text.
		if n+width > limit || n+width == limit && size < len(rest) {
			short.WriteString("…")
			break
		}
		short.WriteString(piece)
		n += width
		rest = rest[size:]
	}
	return short.String()
}

// Hidden reports whether a rune is one that Plain does not show as itself.
func Hidden(r rune) bool { return hidden(r) }

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

// First joins the first few names and says how many are left out, so that a part is
// never taken for the whole.
func First(most int, names []string) string {
	if more := len(names) - most; more > 0 {
		names = append(slices.Clone(names[:most]), fmt.Sprintf("and %d more", more))
	}
	return strings.Join(names, ", ")
}

// Package markdown makes text that others control harmless in GitHub-flavoured
// Markdown, as GitHub and GitLab show it: names of principals and clusters, and
// the words of a policy, are data, and none of them may mention a person, close
// a ticket, link somewhere or break a table.
//
// A backslash is not enough for that: both services look for mentions, tickets,
// commits, addresses and emoji in the text that is left once the Markdown is
// read. So a comment of HTML, which nobody sees, is put between the sign and what
// follows it, and the text reads and copies as it was.
package markdown

import (
	"strings"

	"ackrevoke/job/report"
)

// split ends a piece of text where nothing is to be seen.
const split = "<!-- -->"

// Text is text of others for a line of its own, a list item or the middle of a
// sentence. What a terminal would not show as itself is shown as \u{...}, and
// what is longer than 120 runes ends in an ellipsis; see report.Plain.
func Text(s string) string { return escape(report.Plain(s)) }

// Line is Text for a line that several texts stand in, with room for 4000 runes.
func Line(s string) string { return escape(report.Harmless(s)) }

// Cell is Text for a cell of a table, where an empty one is a dash.
func Cell(s string) string {
	if s == "" {
		return "-"
	}
	return Text(s)
}

// Code is text of others in the letters of code: for ids, patterns and digests.
// It may stand wherever Text may, also in a cell.
func Code(s string) string {
	s = report.Plain(s)
	if s == "" || strings.ContainsAny(s, "`|\\#$<>&") || s[0] == ' ' || s[len(s)-1] == ' ' {
		return "<code>" + escape(s) + "</code>"
	}
	return "`" + s + "`"
}

// escape writes text that is plain already.
func escape(s string) string {
	var b strings.Builder
	start, hex := true, 0
	runes := []rune(s)
	for i, r := range runes {
		if hex = countHex(hex, r); hex > mostHex {
			b.WriteString(split)
			hex = 1
		}
		switch {
		case start:
			start = beginning(&b, r)
		case r == '.' && www(runes[:i]):
			b.WriteString(split + ".")
		case r == '-' && gh(runes[:i]):
			b.WriteString("-" + split)
		default:
			write(&b, r)
		}
		if strings.ContainsRune(signs, r) && (i+1 == len(runes) || runes[i+1] != ' ') {
			b.WriteString(split)
		}
	}
	return b.String()
}

// signs begin something in the text of GitHub or GitLab: a mention, a ticket, a
// merge request, a label, a milestone, an epic, a snippet, an alert, an emoji
// or what follows the scheme of an address.
const signs = "@#!~%&$^:"

// write writes a rune in the middle of text.
func write(b *strings.Builder, r rune) {
	switch r {
	case '&':
		b.WriteString("&amp;")
	case '<':
		b.WriteString("&lt;")
	case '>':
		b.WriteString("&gt;")
	case '|':
		b.WriteString("&#124;") // a backslash before it counts in tables only
	case '$':
		b.WriteString("<span>$</span>") // as GitHub asks for it: what stands between two is mathematics
	case '\\', '`', '*', '_', '[', ']', '#', '!', '~', '^':
		b.WriteRune('\\')
		b.WriteRune(r)
	default:
		b.WriteRune(r)
	}
}

// beginning writes a rune of the spaces and digits that a text begins with, or
// the one that ends them: there it could make a list, a heading, a line across
// the page, indented code or, on GitLab, a command. It reports whether the next
// one still belongs to the beginning.
func beginning(b *strings.Builder, r rune) bool {
	switch {
	case r == ' ':
		b.WriteString("&#32;")
		return true
	case r >= '0' && r <= '9':
		b.WriteRune(r)
		return true
	case strings.ContainsRune("-+=/.)", r):
		b.WriteRune('\\')
		b.WriteRune(r)
	default:
		write(b, r)
	}
	return false
}

// mostHex is one less than what is taken for the id of a commit.
const mostHex = 6

// countHex is how many hexadecimal digits end with r.
func countHex(before int, r rune) int {
	if r >= '0' && r <= '9' || r >= 'a' && r <= 'f' || r >= 'A' && r <= 'F' {
		return before + 1
	}
	return 0
}

// www reports whether a dot behind this text would make an address of it.
func www(before []rune) bool { return endsIn(before, "www") }

// gh reports whether a dash and a number behind this text would be a ticket.
func gh(before []rune) bool { return endsIn(before, "gh") }

func endsIn(text []rune, word string) bool {
	n := len(word)
	return len(text) >= n && strings.EqualFold(string(text[len(text)-n:]), word)
}

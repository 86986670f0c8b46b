package edit

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// items are what goes into a list, each as its lines, in whatever dialect is
// spoken there.
type items func(dialect) [][]string

// inline is the items on one line.
func (t items) inline(d dialect) string {
	d.flow = true
	var all []string
	for _, lines := range t(d) {
		all = append(all, strings.Join(lines, " "))
	}
	return strings.Join(all, ", ")
}

// block is the items as lines, each behind a dash.
func (t items) block(d dialect, indent, gap string) []string {
	var all []string
	for _, lines := range t(d) {
		all = append(all, indented(lines, indent+"-"+gap, indent+" "+gap)...)
	}
	return all
}

// insert says how an item can be put before the i-th of a list, or behind all:
// every way is a set of parts, the likeliest first.
//
//	list            the item goes
//	block           behind the last line of the item before, its deeper comments included;
//	                else right before what comes next; before all: below the key
//	[{...}, {...}]  behind the item before and its comma, on a line of its own where that has one
//	[]              in block style below the key, where the key stands in a block
func (s *source) insert(key, list *yaml.Node, i int, text items) [][]part {
	flow := list.Style&yaml.FlowStyle != 0
	switch {
	case flow && len(list.Content) == 0:
		return s.intoEmpty(key, list, text)
	case flow && i == 0:
		return s.beforeFlow(list, text)
	case flow:
		return s.behindFlow(list.Content[i-1], text)
	}
	return s.intoBlock(key, list, i, text)
}

// dialectOf is how an item of a list is written.
func dialectOf(n *yaml.Node) dialect {
	return dialect{flow: n.Style&yaml.FlowStyle != 0, json: len(n.Content) > 0 && n.Content[0].Style&yaml.DoubleQuotedStyle != 0}
}

func (s *source) intoEmpty(key, list *yaml.Node, text items) [][]part {
	json := key.Style&yaml.DoubleQuotedStyle != 0
	at := s.offset(list)
	inside := []part{{at: at + 1, text: text.inline(dialect{json: json})}}
	end, ok := closing(s.text, at)
	line := list.Line
	if !ok || key.Line != line || json || strings.TrimSpace(s.text[at+1:end-1]) != "" || strings.ContainsAny(s.text[at:end], "\r\n") ||
		s.begin(line)+key.Column-1 != s.offset(key) {
		return [][]part{inside}
	}
	cut := part{at: at, cut: end - at}
	if cut.at > 0 && s.text[cut.at-1] == ' ' {
		cut.at, cut.cut = cut.at-1, cut.cut+1
	}
	indent := strings.Repeat(" ", key.Column-1)
	return [][]part{{cut, s.newLines(line+1, text.block(dialect{}, indent+"  ", " "))}, inside}
}

func indented(lines []string, first, rest string) []string {
	out := slices.Clone(lines)
	for i := range out {
		if i == 0 {
			out[i] = first + out[i]
		} else {
			out[i] = rest + out[i]
		}
	}
	return out
}

// newLines puts whole lines before a line; at the end of a text without a last
// break they bring one and leave none.
func (s *source) newLines(before int, lines []string) part {
	at := s.begin(before)
	eol := s.eol(before - 1)
	text := strings.Join(lines, eol)
	if at == len(s.text) && !strings.HasSuffix(s.text, "\n") && !strings.HasSuffix(s.text, "\r") {
		return part{at: at, text: eol + text}
	}
	return part{at: at, text: text + eol}
}

func (s *source) intoBlock(key, list *yaml.Node, i int, text items) [][]part {
	near := list.Content[max(i-1, 0)]
	dash := strings.Repeat(" ", list.Column-1)
	gap := strings.Repeat(" ", max(near.Column-list.Column-1, 1))
	lines := text.block(dialectOf(near), dash, gap)
	if i == 0 {
		first := list.Content[0].Line
		if len(list.Content) > 1 && s.gap(list.Content[0], list.Content[1]) {
			lines = append(lines, "")
		}
		return [][]part{{s.newLines(key.Line+1, lines)}, {s.newLines(first, lines)}}
	}
	next := s.after(near)
	last := s.contentBefore(next)
	for last+1 < next && comment(s.row(last+1)) && column(s.row(last+1)) > list.Column {
		last++
	}
	blank := i < len(list.Content) && s.gap(near, list.Content[i]) || i == len(list.Content) && i > 1 && s.gap(list.Content[i-2], near)
	if blank {
		lines = append([]string{""}, lines...)
	}
	return [][]part{{s.newLines(last+1, lines)}, {s.newLines(next, lines)}}
}

// gap reports whether there is an empty line between two items.
func (s *source) gap(a, b *yaml.Node) bool {
	for l := a.Line + 1; l < b.Line; l++ {
		if strings.TrimSpace(s.row(l)) == "" && l > s.contentBefore(b.Line) {
			return true
		}
	}
	return false
}

// contentBefore is the last line before a line that is more than a comment, a
// bare dash or a mark of the document's end.
func (s *source) contentBefore(line int) int {
	for line--; line > 1; line-- {
		row := strings.TrimSpace(s.row(line))
		bare, _, _ := strings.Cut(row, " #")
		if row != "" && !comment(row) && strings.TrimSpace(bare) != "-" && bare != "..." {
			break
		}
	}
	return line
}

func comment(row string) bool { return strings.HasPrefix(strings.TrimLeft(row, " \t"), "#") }

// column of the first word of a line, from 1.
func column(row string) int { return len(row) - len(strings.TrimLeft(row, " \t")) + 1 }

func (s *source) beforeFlow(list *yaml.Node, text items) [][]part {
	first := list.Content[0]
	at, entry := s.offset(first), text.inline(dialectOf(first))
	if lead, own := s.own(at); own {
		return [][]part{{{at: at, text: entry + "," + s.eol(first.Line) + lead}}, {{at: at, text: entry + ", "}}}
	}
	return [][]part{{{at: at, text: entry + ", "}}}
}

func (s *source) behindFlow(near *yaml.Node, text items) [][]part {
	at, entry := s.offset(near), text.inline(dialectOf(near))
	end, ok := closing(s.text, at)
	if !ok || s.text[at] != '{' {
		return nil
	}
	beside := []part{{at: end, text: ", " + entry}}
	lead, own := s.own(at)
	if !own {
		return [][]part{beside}
	}
	blanks := func(i int) int { return i + len(s.text[i:]) - len(strings.TrimLeft(s.text[i:], " \t")) }
	k := blanks(end)
	comma := strings.HasPrefix(s.text[k:], ",")
	if comma {
		k = blanks(k + 1)
	}
	if strings.HasPrefix(s.text[k:], "#") {
		k += strings.IndexAny(s.text[k:]+"\n", "\r\n")
	}
	switch {
	case k < len(s.text) && s.text[k] != '\r' && s.text[k] != '\n':
		return [][]part{beside}
	case comma:
		return [][]part{{{at: k, text: s.eol(near.Line) + lead + entry + ","}}, beside}
	}
	return [][]part{{{at: end, text: ","}, {at: k, text: s.eol(near.Line) + lead + entry}}, beside}
}

// own reports whether a place is the first on its line, and what stands before it.
func (s *source) own(at int) (lead string, yes bool) {
	begin := strings.LastIndexAny(s.text[:at], "\r\n") + 1
	lead = s.text[begin:at]
	return lead, begin > 0 && strings.TrimLeft(lead, " ") == ""
}

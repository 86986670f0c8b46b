package policy

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// A text that is no YAML is looked through line by line for what only looks like
// YAML. The rules are narrow, since free text of the file may hold such characters
// and be right: each wants a key of the format, or the place of one, beside it.

var (
	keyed = `(?:` + strings.Join(allKeys, "|") + `)`
	// 1: the strange character.
	riddleForms = []*regexp.Regexp{
		regexp.MustCompile(`(?:^\s*(?:[\-` + dashes + `]\s*)?|[{,` + commas + `]\s*)["'` + marks + `]?` + keyed + `["'` + marks + `]?\s*([` + colons + `])`),
		regexp.MustCompile(`([` + commas + `])\s*["'` + marks + `]?` + keyed + `["'` + marks + `]?\s*[:` + colons + `]`),
		regexp.MustCompile(`^\s*([` + dashes + `])\s*["']?` + keyed + `["']?\s*[:` + colons + `]`),
		regexp.MustCompile(`[:` + colons + `\-]\s*([｛［【])`),
		regexp.MustCompile(`(?:uid|account|version|createdAt|effective|until|expires|kind|reason|what)\s*:\s*([` + marks + singles + `])`),
		regexp.MustCompile(`^\s*(＃)`),
		regexp.MustCompile(`^ *([\x{a0}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}])`),
		regexp.MustCompile(`(?:` + keyed + `:|-|[,{\[])([\x{a0}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}])`),
		regexp.MustCompile(`([\x{ad}\x{200b}-\x{200f}\x{2028}-\x{202e}\x{2060}-\x{2064}\x{feff}])`),
	}
	tabbed = regexp.MustCompile(`^ *(\t)\s*[^\s#]`)
	blocks = regexp.MustCompile(`[:\-]\s+[|>][+\-0-9]*\s*$`)
)

// mostRiddles is how many lines are told of at most: a file that was pasted from
// somewhere has the same on every line.
const mostRiddles = 100

// riddles notes the strange character of each line, and reports whether there was
// one. It is asked when the text is no YAML, or no mapping.
func (l *loader) riddles() bool {
	found, block := 0, -1
	number := 0
	for line := range strings.Lines(string(l.source)) {
		number++
		line = strings.TrimRight(line, "\r\n")
		if found == mostRiddles {
			break
		}
		indent := len(line) - len(strings.TrimLeft(line, " "))
		if block >= 0 && (strings.TrimSpace(line) == "" || indent > block) {
			continue
		}
		block = -1
		row := masked(line)
		if blocks.MatchString(row) {
			block = indent
		}
		if m := tabbed.FindStringSubmatchIndex(row); m != nil {
			found++
			l.on(RuleTab, number, m[2]+1, "a tab stands in the indentation, which YAML forbids: indent with spaces")
			continue
		}
		if l.riddle(number, row) {
			found++
		}
	}
	return found > 0
}

// riddle notes the first strange character of a line.
func (l *loader) riddle(number int, row string) bool {
	first := len(row)
	for _, form := range riddleForms {
		if m := form.FindStringSubmatchIndex(row); m != nil {
			first = min(first, m[2])
		}
	}
	if first == len(row) {
		return false
	}
	r, _ := utf8.DecodeRuneInString(row[first:])
	s, ok := strangerOf(r)
	if ok {
		l.on(s.rule, number, 1+utf8.RuneCountInString(row[:first]), "%s", s.says(r))
	}
	return ok
}

// masked is a line with a comment taken away, and with what stands between ordinary
// quotation marks blotted out, of as many characters as before.
func masked(line string) string {
	out := []rune(line)
	for i := 0; i < len(out); i++ {
		switch r := out[i]; {
		case r == '#' && (i == 0 || out[i-1] == ' ' || out[i-1] == '\t'):
			return string(out[:i])
		case (r == '"' || r == '\'') && (i == 0 || strings.ContainsRune(" \t{[,:-"+colons+commas, out[i-1])):
			end := i + 1
			for end < len(out) && out[end] != r {
				end++
			}
			if end == len(out) {
				return string(out) // never closed on this line
			}
			if !slices.Contains(allKeys, string(out[i+1:end])) {
				for k := i + 1; k < end; k++ {
					out[k] = '_'
				}
			}
			i = end
		}
	}
	return string(out)
}

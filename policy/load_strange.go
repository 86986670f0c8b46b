package policy

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// Characters that an input method, a word processor or a chat puts where YAML
// needs its own. To a reader they look right, and what the parser says of them is a
// riddle; so they are named for what they are, at their place.

// Rules that a policy breaks with characters that nobody types on purpose.
const (
	// Of valid policies; the value may not be what was meant.
	RuleSwallowed = "swallowed-key"
	RuleHidden    = "hidden-character"
)

// stranger is a character that stands for another.
type stranger struct {
	rule string
	name string // "a full-width colon"
	for_ string // what to write in its place; "" for nothing
}

// spelt are the strangers that have a name of their own.
var spelt = map[rune]stranger{
	'：': {RuleLookalike, "a full-width colon", ":"}, '﹕': {RuleLookalike, "a small colon", ":"},
	'︰': {RuleLookalike, "a vertical two-dot leader", ":"}, '∶': {RuleLookalike, "a ratio sign", ":"},
	'꞉': {RuleLookalike, "a modifier colon", ":"},
	'，': {RuleLookalike, "a full-width comma", ","}, '、': {RuleLookalike, "an ideographic comma", ","},
	'﹐': {RuleLookalike, "a small comma", ","}, '；': {RuleLookalike, "a full-width semicolon", ","},
	'–': {RuleLookalike, "an en dash", "-"}, '—': {RuleLookalike, "an em dash", "-"}, '−': {RuleLookalike, "a minus sign", "-"},
	'‐': {RuleLookalike, "a typographic hyphen", "-"}, '‑': {RuleLookalike, "a no-break hyphen", "-"},
	'－': {RuleLookalike, "a full-width hyphen", "-"}, '•': {RuleLookalike, "a bullet", "-"},
	'【': {RuleLookalike, "a lenticular bracket", "["}, '】': {RuleLookalike, "a lenticular bracket", "]"},
	0xa0: {RuleInvisible, "a no-break space", " "}, 0x202f: {RuleInvisible, "a narrow no-break space", " "},
	0x2007: {RuleInvisible, "a figure space", " "}, 0x3000: {RuleInvisible, "an ideographic space", " "},
	0x200b: {RuleInvisible, "a zero-width space", ""}, 0x200c: {RuleInvisible, "a zero-width non-joiner", ""},
	0x200d: {RuleInvisible, "a zero-width joiner", ""}, 0x2060: {RuleInvisible, "a word joiner", ""},
	0xfeff: {RuleInvisible, "a byte-order mark inside the file", ""}, 0xad: {RuleInvisible, "a soft hyphen", ""},
	0x2028: {RuleInvisible, "a line separator", ""}, 0x2029: {RuleInvisible, "a paragraph separator", ""},
}

const (
	colons  = "：﹕︰∶꞉"
	commas  = "，、﹐；"
	dashes  = "–—−‐‑－•"
	marks   = "“”„‟«»「」『』＂" // in the place of a double quotation mark
	singles = "‘’‚‛‹›＇"     // of a single one
)

// strangerOf says what a character stands for, where it stands for another.
func strangerOf(r rune) (stranger, bool) {
	if r < 0xa0 {
		return stranger{}, false
	}
	if s, ok := spelt[r]; ok {
		return s, true
	}
	switch {
	case strings.ContainsRune(marks, r):
		return stranger{RuleLookalike, "a typographic quotation mark", `"`}, true
	case strings.ContainsRune(singles, r):
		return stranger{RuleLookalike, "a typographic quotation mark", "'"}, true
	case r >= 0xff10 && r <= 0xff19:
		return stranger{RuleLookalike, "a full-width digit", string(r - 0xfee0)}, true
	case unicode.Is(unicode.Nd, r):
		return stranger{RuleLookalike, "a digit of another script", digitOf(r)}, true
	case r >= 0xff01 && r <= 0xff5e:
		return stranger{RuleLookalike, "a full-width character", string(r - 0xfee0)}, true
	case unicode.Is(unicode.Zs, r):
		return stranger{RuleInvisible, "a space that is none to YAML", " "}, true
	case unicode.Is(unicode.Cf, r):
		return stranger{RuleInvisible, "a character that cannot be seen", ""}, true
	}
	return stranger{}, false
}

// digitOf is the value of a decimal digit: they stand in rows of ten, from zero on
// [Unicode, Nd].
func digitOf(r rune) string {
	for zero := r; zero > r-10; zero-- {
		if !unicode.Is(unicode.Nd, zero-1) {
			return string('0' + r - zero)
		}
	}
	return "0 to 9"
}

// says words a stranger.
func (s stranger) says(r rune) string {
	switch {
	case s.for_ == "":
		return fmt.Sprintf("here is %s (%U), which cannot be seen: remove it", s.name, r)
	case s.for_ == " ":
		return fmt.Sprintf("here is %s (%U), which is no space to YAML: write an ordinary space", s.name, r)
	}
	plain := "'" + s.for_ + "'"
	if s.for_ == "'" {
		plain = `"'"`
	}
	return fmt.Sprintf("here is %s (%U), not the %s that YAML needs: write an ordinary one", s.name, r, plain)
}

// misread are the rules that a value or a key can break because of a stranger in it.
var misread = []string{
	RuleUnknownKey, RuleUID, RuleAccount, RuleDate, RuleNumber, RuleFlag, RuleWord, RuleVersion, RuleNoMapping, RuleNoList, RuleTimeZone,
	RuleAssumeRole, RuleExternalID,
}

// strange notes that a node breaks a rule because of the character in it, if so.
func (l *loader) strange(rule string, n *yaml.Node) bool {
	if n.Kind != yaml.ScalarNode || !slices.Contains(misread, rule) {
		return false
	}
	for _, r := range n.Value {
		s, ok := strangerOf(r)
		if !ok {
			continue
		}
		line, column := l.place(n, r)
		l.on(s.rule, line, column, "%s", s.says(r))
		l.missed(n)
		return true
	}
	return false
}

// missed notes the keys that a value holds in which a stranger stands for the sign
// between two of them, or behind the first.
func (l *loader) missed(n *yaml.Node) {
	if len(l.lost) > mostSearched {
		return
	}
	for _, part := range strings.FieldsFunc(n.Value, func(r rune) bool { return strings.ContainsRune(commas, r) }) {
		part = strings.TrimSpace(part)
		for _, key := range allKeys {
			if rest, ok := strings.CutPrefix(part, key); ok && (rest == "" || strings.ContainsAny(rest[:1], ": ") || rest[0] >= 0x80) {
				l.lost = append(l.lost, lost{key, n.Line})
			}
		}
	}
}

// hidden doubts a text that holds what cannot be seen: a name that can never be
// the same as another one. Free text may hold what it likes.
func (l *loader) hidden(key string, n *yaml.Node) {
	if key == "note" || key == "why" {
		return
	}
	for _, r := range n.Value {
		if s, ok := strangerOf(r); ok && s.rule == RuleInvisible {
			line, column := l.place(n, r)
			l.doubts = append(l.doubts, l.problem(RuleHidden, line, column, fmt.Sprintf("%s has %s (%U) in it, so it is the same as no other",
				key, s.name, r)))
			return
		}
	}
}

// swallowing notes a line that was meant as a key of its own, and that YAML takes
// for more of the value above it.
func (l *loader) swallowing(n *yaml.Node) {
	plain := n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0
	if n.Kind != yaml.ScalarNode || !plain || !strings.ContainsAny(n.Value, colons) || len(l.swallowed) > mostSearched {
		return
	}
	from := l.offset(n.Line, n.Column)
	rest := l.source[from:min(len(l.source), from+2*len(n.Value)+1000)]
	line := n.Line
	for at := bytes.IndexByte(rest, '\n'); at >= 0; at = bytes.IndexByte(rest, '\n') {
		line, rest = line+1, rest[at+1:]
		lead := len(rest) - len(bytes.TrimLeft(rest, " "))
		row, _, _ := strings.Cut(string(rest[lead:]), "\n")
		key, ok := behind(row, func(key string) bool { return strings.HasPrefix(row, key) })
		if !ok || !strings.Contains(n.Value, " "+strings.TrimSpace(row[:len(key)+2])) {
			continue
		}
		r, _ := utf8.DecodeRuneInString(row[len(key):])
		s, _ := strangerOf(r)
		l.swallowed = append(l.swallowed, l.problem(RuleSwallowed, line, lead+len(key)+1, s.says(r)+"; as it is, "+key+
			" is not set, and the line is part of the value that begins on line "+fmt.Sprint(n.Line)))
	}
}

// allKeys are the keys of every mapping of the format.
var allKeys = slices.Concat(policyKeys, scopeKeys, guardKeys, protectKeys, raiseKeys, acceptedKeys, principalKeys, pinKeys)

// behind returns the longest key of the format of which begins says that the text
// begins with it, if a strange colon follows.
func behind(text string, begins func(key string) bool) (key string, ok bool) {
	for _, k := range allKeys {
		if len(k) > len(key) && begins(k) {
			r, _ := utf8.DecodeRuneInString(text[len(k):])
			if strings.ContainsRune(colons, r) {
				key = k
			}
		}
	}
	return key, key != ""
}

// explain takes the lines that are lost in the value above for what is wrong, and
// does not say of a key that is missing when it is there, and not read.
func (l *loader) explain() {
	for _, p := range l.swallowed {
		p.Rule = RuleLookalike
		if !slices.ContainsFunc(l.problems, func(q Problem) bool { return q.Line == p.Line && q.Column == p.Column }) {
			l.problems = append(l.problems, p)
		}
		for _, k := range allKeys {
			if strings.Contains(p.Message, "; as it is, "+k+" is not set") {
				l.lost = append(l.lost, lost{k, p.Line})
			}
		}
	}
	for _, gone := range l.lost {
		last := -1
		for i, p := range l.problems {
			if p.Rule == RuleMissingKey && p.Line <= gone.line && strings.HasPrefix(p.Message, gone.key+" is missing") &&
				(last < 0 || p.Line >= l.problems[last].Line) {
				last = i
			}
		}
		if last >= 0 {
			l.problems = slices.Delete(l.problems, last, last+1)
		}
	}
}

// mostSearched bounds how often a hostile file is searched from a place on, and what
// comes of it.
const mostSearched = 1000

// place is where a character of a node stands; the node, where it is written as an
// escape.
func (l *loader) place(n *yaml.Node, r rune) (line, column int) {
	if l.searched++; l.searched > mostSearched {
		return n.Line, n.Column
	}
	from := l.offset(n.Line, n.Column)
	rest := l.source[from:min(len(l.source), from+6*len(n.Value)+100)]
	at := bytes.IndexRune(rest, r)
	if at < 0 {
		return n.Line, n.Column
	}
	before := rest[:at]
	if breaks := bytes.Count(before, []byte("\n")); breaks > 0 {
		return n.Line + breaks, 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
	}
	return n.Line, n.Column + utf8.RuneCount(before)
}

// offset is where in the text a place is.
func (l *loader) offset(line, column int) int {
	if l.lines == nil {
		l.index()
	}
	if line > len(l.lines) {
		return len(l.source)
	}
	at := l.lines[max(line, 1)-1]
	for range column - 1 {
		_, size := utf8.DecodeRune(l.source[at:])
		at += size
	}
	return at
}

// index finds the lines, by the breaks that the parser counts.
func (l *loader) index() {
	l.lines = []int{0}
	for i := 0; i < len(l.source); {
		r, size := utf8.DecodeRune(l.source[i:])
		i += size
		switch {
		case r == '\r' && bytes.HasPrefix(l.source[i:], []byte("\n")):
		case r == '\n', r == '\r', r == 0x85, r == 0x2028, r == 0x2029:
			l.lines = append(l.lines, i)
		}
	}
}

package edit

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"ackrevoke/policy"
)

// source is the text of a policy that loads, and where everything stands.
type source struct {
	mark       string // byte-order mark, or nothing
	text       string // all behind it
	lines      []int  // offsets at which lines begin
	policy     *policy.Policy
	principals *yaml.Node   // the list
	key        *yaml.Node   // its key
	nodes      []*yaml.Node // of the whole document, in order of the text
}

// open reads a policy; what is wrong with it is policy.Errors.
func open(name string, data []byte) (*source, error) {
	p, err := policy.Load(name, data)
	if err != nil {
		return nil, err
	}
	s := &source{policy: p, text: string(data)}
	if rest, ok := strings.CutPrefix(s.text, "\ufeff"); ok {
		s.mark, s.text = "\ufeff", rest
	}
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(s.text), &doc); err != nil || len(doc.Content) == 0 {
		return nil, fmt.Errorf("%s: the policy loads, and its nodes cannot be read: %w", name, err)
	}
	s.index()
	s.flatten(doc.Content[0])
	root := doc.Content[0]
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value == "principals" {
			s.key, s.principals = root.Content[i], root.Content[i+1]
		}
	}
	return s, nil
}

// index finds the lines, by the breaks that YAML counts.
func (s *source) index() {
	s.lines = []int{0}
	for i := 0; i < len(s.text); {
		r, size := utf8.DecodeRuneInString(s.text[i:])
		i += size
		switch {
		case r == '\r' && strings.HasPrefix(s.text[i:], "\n"):
		case r == '\n', r == '\r', r == 0x85, r == 0x2028, r == 0x2029:
			s.lines = append(s.lines, i)
		}
	}
}

func (s *source) flatten(n *yaml.Node) {
	s.nodes = append(s.nodes, n)
	for _, c := range n.Content {
		s.flatten(c)
	}
}

// offset is where a node begins.
func (s *source) offset(n *yaml.Node) int {
	at := s.begin(n.Line)
	for range n.Column - 1 {
		_, size := utf8.DecodeRuneInString(s.text[at:])
		at += size
	}
	return at
}

// begin is the offset of a line, counted from 1; of the line behind the last
// one it is the end of the text.
func (s *source) begin(line int) int {
	if line < 1 || line > len(s.lines) {
		return len(s.text)
	}
	return s.lines[line-1]
}

// row is a line without its break.
func (s *source) row(line int) string {
	return strings.TrimRight(s.text[s.begin(line):s.begin(line+1)], "\r\n\u2028\u2029")
}

// eol is how lines end around a place.
func (s *source) eol(line int) string {
	for _, l := range []int{line, 1} {
		switch whole := s.text[s.begin(l):s.begin(l+1)]; {
		case strings.HasSuffix(whole, "\r\n"):
			return "\r\n"
		case strings.HasSuffix(whole, "\n"):
			return "\n"
		case strings.HasSuffix(whole, "\r"):
			return "\r"
		}
	}
	return "\n"
}

// after is the line of the first node behind all of n, or the one behind the
// last line of the text.
func (s *source) after(n *yaml.Node) int {
	last := n
	for len(last.Content) > 0 {
		last = last.Content[len(last.Content)-1]
	}
	for i, x := range s.nodes {
		if x == last && i+1 < len(s.nodes) {
			return s.nodes[i+1].Line
		}
	}
	if len(s.text) == s.lines[len(s.lines)-1] {
		return len(s.lines) // the text ends with a break: there is no such line
	}
	return len(s.lines) + 1
}

// value is the key and the value of a field of a mapping, or nil.
func field(n *yaml.Node, name string) (key, value *yaml.Node) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i], n.Content[i+1]
		}
	}
	return nil, nil
}

// end is where a value of one line ends, and false for any other.
func (s *source) end(n *yaml.Node) (int, bool) {
	at := s.offset(n)
	if at >= len(s.text) || n.Kind != yaml.ScalarNode {
		return 0, false
	}
	end := at + len(n.Value)
	if q := s.text[at]; q == '"' || q == '\'' {
		end = quoteEnd(s.text, at)
	} else if !strings.HasPrefix(s.text[at:], n.Value) || n.Value == "" {
		return 0, false
	}
	return end, end > at && !strings.ContainsAny(s.text[at:end], "\r\n\u2028\u2029")
}

// quoteEnd is the offset behind the text in quotes that begins here, or 0.
func quoteEnd(text string, at int) int {
	q := text[at]
	for i := at + 1; i < len(text); i++ {
		switch {
		case q == '"' && text[i] == '\\':
			i++
		case text[i] != q:
		case q == '\'' && strings.HasPrefix(text[i+1:], "'"):
			i++
		default:
			return i + 1
		}
	}
	return 0
}

// closing is the offset behind the bracket that closes the one at this place.
// A quotation mark begins a text only where a value can begin.
func closing(text string, at int) (int, bool) {
	depth, fresh := 0, true
	for i := at; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '{' || c == '[':
			depth, fresh = depth+1, true
		case c == '}' || c == ']':
			if depth--; depth == 0 {
				return i + 1, true
			}
			fresh = false
		case c == ',' || c == ':':
			fresh = true
		case (c == '"' || c == '\'') && fresh:
			end := quoteEnd(text, i)
			if end == 0 {
				return 0, false
			}
			i, fresh = end-1, false
		case c == '#' && strings.ContainsRune(" \t\r\n", rune(text[i-1])):
			for i+1 < len(text) && text[i+1] != '\n' && text[i+1] != '\r' {
				i++
			}
		case !strings.ContainsRune(" \t\r\n", rune(c)):
			fresh = false
		}
	}
	return 0, false
}

package sim

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// fields is a mapping with known keys.
type fields struct {
	s     *source
	at    *yaml.Node // nil: the mapping is not there
	what  string
	nodes map[string]*yaml.Node
}

// object reads a mapping; nil reads as an absent one, with no fields.
func (s *source) object(n *yaml.Node, what string, keys ...string) fields {
	f := fields{s: s, at: n, what: what, nodes: make(map[string]*yaml.Node)}
	if n == nil {
		return f
	}
	if n.Kind != yaml.MappingNode {
		s.fail(n, "%s must be a mapping with the keys %s", what, strings.Join(keys, ", "))
		f.at = nil // complaints about missing keys would say the same again
		return f
	}
	lines := make(map[string]int)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch before, again := lines[key.Value]; {
		case key.Kind != yaml.ScalarNode || !slices.Contains(keys, key.Value):
			s.fail(key, "%s has no key %q; it has %s", what, key.Value, strings.Join(keys, ", "))
		case again:
			s.fail(key, "%s is already there in line %d", key.Value, before)
		default:
			f.nodes[key.Value], lines[key.Value] = value, key.Line
		}
	}
	return f
}

// list reads a sequence; an absent one is empty.
func (f fields) list(key string) []*yaml.Node {
	n := f.nodes[key]
	if n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		f.s.fail(n, "%s must be a list", key)
		return nil
	}
	return n.Content
}

// each hands over the nodes of a list.
func (f fields) each(key string, take func(*yaml.Node)) {
	for _, n := range f.list(key) {
		take(n)
	}
}

// need returns the node of a key that must be there.
func (f fields) need(key string) *yaml.Node {
	n := f.nodes[key]
	if n == nil && f.at != nil {
		f.s.fail(f.at, "%s needs the key %s", f.what, key)
	}
	return n
}

var digits = regexp.MustCompile(`^[0-9]{1,32}$`)

// uid reads an id of digits. As a number it would lose its last digits in many a reader, so it must be quoted.
func (f fields) uid(key string) string {
	n := f.need(key)
	switch {
	case n == nil:
		return ""
	case n.Kind == yaml.ScalarNode && n.Tag != "!!str" && digits.MatchString(n.Value):
		f.s.fail(n, "%s must be quoted: write %s: %q", key, key, n.Value)
		return n.Value
	case n.Kind != yaml.ScalarNode || n.Tag != "!!str" || !digits.MatchString(n.Value):
		f.s.fail(n, "%s must be an id of digits in quotes", key)
		return ""
	}
	return n.Value
}

// text reads a string that must be there and is on one line.
func (f fields) text(key string) string {
	s := f.verbatim(key)
	switch n := f.nodes[key]; {
	case s == "":
		return ""
	case strings.TrimSpace(s) != s:
		f.s.fail(n, "%s must be a text that is not empty, without blanks around it", key)
		return ""
	case strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }):
		f.s.fail(n, "%s must not contain control characters", key)
		return ""
	}
	return s
}

// verbatim reads a text that the account passes on as it stands, whatever is in it: names and messages are what others choose,
// and a client has to bear them.
func (f fields) verbatim(key string) string {
	n := f.need(key)
	switch {
	case n == nil:
		return ""
	case n.Kind != yaml.ScalarNode:
		f.s.fail(n, "%s must be a text", key)
		return ""
	case n.Tag != "!!str" && n.Tag != "!!null":
		f.s.fail(n, "%s must be a text: write %s: %q", key, key, n.Value)
		return n.Value
	case n.Tag == "!!null" || n.Value == "":
		f.s.fail(n, "%s must be a text that is not empty, without blanks around it", key)
		return ""
	}
	return n.Value
}

// optional is text with a default.
func (f fields) optional(key, def string) string {
	if f.nodes[key] == nil {
		return def
	}
	return f.text(key)
}

// optionally is verbatim with a default.
func (f fields) optionally(key, def string) string {
	if f.nodes[key] == nil {
		return def
	}
	return f.verbatim(key)
}

// blank is text that may be empty, and is by default.
func (f fields) blank(key string) string {
	if n := f.nodes[key]; n == nil || n.Kind == yaml.ScalarNode && n.Tag == "!!str" && n.Value == "" {
		return ""
	}
	return f.verbatim(key)
}

// choice reads one of a few words; the first is the default.
func (f fields) choice(key string, words ...string) string {
	text := f.optional(key, words[0])
	if text != "" && !slices.Contains(words, text) {
		f.s.fail(f.nodes[key], "%s is %q; it can be %s", key, text, strings.Join(words, ", "))
		return words[0]
	}
	return text
}

// flag reads true or false.
func (f fields) flag(key string, def bool) bool {
	n := f.nodes[key]
	if n == nil {
		return def
	}
	if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" || (n.Value != "true" && n.Value != "false") {
		f.s.fail(n, "%s must be true or false", key)
	}
	return n.Value == "true"
}

// number reads a whole number within bounds.
func (f fields) number(key string, def, low, high int) int {
	n := f.nodes[key]
	if n == nil {
		return def
	}
	value, err := strconv.Atoi(n.Value)
	if err != nil || n.Kind != yaml.ScalarNode || n.Tag != "!!int" || value < low || value > high {
		f.s.fail(n, "%s must be a whole number from %d to %d", key, low, high)
	}
	return value
}

// moment reads a time; zero if it is not there.
func (f fields) moment(key string) time.Time {
	n := f.nodes[key]
	if n == nil {
		return time.Time{}
	}
	value, err := time.Parse(time.RFC3339, n.Value)
	if err != nil || n.Kind != yaml.ScalarNode {
		f.s.fail(n, "%s must be a time like 2024-05-06T07:08:09Z", key)
	}
	return value
}

// duration reads a length of time.
func (f fields) duration(key string, def time.Duration) time.Duration {
	n := f.nodes[key]
	if n == nil {
		return def
	}
	value, err := time.ParseDuration(n.Value)
	if err != nil || n.Kind != yaml.ScalarNode || n.Tag != "!!str" || value < 0 {
		f.s.fail(n, "%s must be a duration like 5s", key)
	}
	return value
}

// effect reads a duration for which there is a word when it is zero.
func (f fields) effect(key string) time.Duration {
	if n := f.nodes[key]; n != nil && n.Kind == yaml.ScalarNode && n.Value == "immediate" {
		return 0
	}
	return f.duration(key, 0)
}

package edit

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"gopkg.in/yaml.v3"

	"ackrevoke/policy"
)

// pair is one field of an entry, its value as it stands in the text.
type pair struct {
	key   string
	value string
	items []string // of a list, where there is no value
}

// dialect is how the text around writes its values.
type dialect struct {
	flow bool // {a: b} on one line
	json bool // everything in double quotes
}

// quoted is a text in double quotes; what cannot be seen is escaped.
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteRune('\\')
			b.WriteRune(r)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// harmless are texts that need no quotes anywhere, unless YAML reads them as
// something else.
var harmless = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_./@-]*( [A-Za-z0-9_./@()-]+)*$`)

// oldBools are texts to a YAML 1.2 reader and booleans to a 1.1 reader.
var oldBools = []string{"y", "n", "yes", "no", "on", "off"}

// word is a text, in quotes where it needs them.
func (d dialect) word(s string) string {
	if d.json || !harmless.MatchString(s) || slices.Contains(oldBools, strings.ToLower(s)) {
		return quoted(s)
	}
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(s), &n); err != nil || len(n.Content) != 1 || n.Content[0].Tag != "!!str" || n.Content[0].Value != s {
		return quoted(s)
	}
	return s
}

// stamp is a moment. Load takes it in quotes as well.
func (d dialect) stamp(t time.Time) string { return d.bare(t.UTC().Format(time.RFC3339)) }

// bare is a value that is no text to YAML.
func (d dialect) bare(s string) string {
	if d.json {
		return quoted(s)
	}
	return s
}

// date is a date or time as a person typed it; what is neither is left to
// Load, in quotes, so that it cannot be anything else either.
func (d dialect) date(s string) string {
	if d.json || strings.Trim(s, "0123456789-:TZ+.") != "" || s == "" {
		return quoted(s)
	}
	return s
}

func (d dialect) key(s string) string {
	if d.json {
		return quoted(s)
	}
	return s
}

func (d dialect) pin(p policy.Pin) string {
	return "{" + d.key("cluster") + ": " + d.word(p.Cluster) + ", " + d.key("expires") + ": " + d.stamp(p.Expires) + "}"
}

// inline is the fields as {a: b}, without the braces.
func (d dialect) inline(pairs []pair) string {
	var all []string
	for _, p := range pairs {
		value := p.value
		if p.items != nil {
			value = "[" + strings.Join(p.items, ", ") + "]"
		}
		all = append(all, d.key(p.key)+": "+value)
	}
	return strings.Join(all, ", ")
}

// block is the fields as lines; a list of pins has a line each.
func (d dialect) block(pairs []pair) []string {
	var lines []string
	for _, p := range pairs {
		switch {
		case p.items == nil:
			lines = append(lines, d.key(p.key)+": "+p.value)
		case p.key == "certificates":
			lines = append(lines, d.key(p.key)+":")
			for _, item := range p.items {
				lines = append(lines, "  - "+item)
			}
		default:
			lines = append(lines, d.key(p.key)+": ["+strings.Join(p.items, ", ")+"]")
		}
	}
	return lines
}

// lines is an item of a list in this dialect.
func (d dialect) lines(pairs []pair) []string {
	if d.flow {
		return []string{"{" + d.inline(pairs) + "}"}
	}
	return d.block(pairs)
}

package policy

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// text returns a text that every reader of YAML takes for one. What YAML
// reads as something else is refused, with the quoted form: "name: no" is not
// the name "no" to all of them, and an id like 1e10 is a number.
func (l *loader) text(key string, n *yaml.Node) (s string, ok bool) {
	plain := n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0
	switch {
	case spent(n):
	case n.Kind != yaml.ScalarNode:
		l.at(RuleText, n, "%s must be text, not %s", key, looks(n))
	case null(n) && n.Value == "":
		l.at(RuleText, n, "%s has no value: write a text, or take it out", key)
	case null(n):
		l.at(RuleText, n, "%s must be text, but YAML reads %s as null: write %s, or take it out", key, bare(n.Value), quoted(key, n.Value))
	case n.Tag != strTag:
		l.at(RuleText, n, "%s must be text, but YAML reads %s as %s: write %s", key, bare(n.Value), looks(n), quoted(key, n.Value))
	case plain && slices.Contains(oldBools, strings.ToLower(n.Value)):
		l.at(RuleText, n, "%s must be text, but YAML 1.1 reads %s as a boolean: write %s", key, bare(n.Value), quoted(key, n.Value))
	default:
		l.hidden(key, n)
		return n.Value, true
	}
	return "", false
}

// oldBools are texts to a YAML 1.2 reader and booleans to a 1.1 reader.
var oldBools = []string{"y", "n", "yes", "no", "on", "off"}

// words is a text that says something.
func (l *loader) words(key string, n *yaml.Node) string {
	s, ok := l.text(key, n)
	if ok && strings.TrimSpace(s) == "" {
		l.at(RuleEmptyText, n, "%s is an empty text: write one, or take it out", key)
	}
	return s
}

// text of an optional key.
func (r section) text(key string) string {
	if n := r.get(key); n != nil {
		s, _ := r.loader.text(key, n)
		return s
	}
	return ""
}

// words of an optional key that must not be empty.
func (r section) words(key string) string {
	if n := r.get(key); n != nil {
		return r.loader.words(key, n)
	}
	return ""
}

// glob returns a cluster id or a glob over names.
func (l *loader) glob(key string, n *yaml.Node) string {
	s := l.words(key, n)
	if _, err := path.Match(s, ""); err != nil {
		l.at(RuleGlob, n,
			`%s: %s is not a valid glob: close every [ with a ], and write \ before a character that is meant itself`, key, short(s))
	}
	return s
}

// exact returns an id for which a glob would match nothing, silently.
func (l *loader) exact(key string, n *yaml.Node) string {
	s := l.words(key, n)
	if strings.ContainsAny(s, `*?[\`) {
		l.at(RuleExactID, n, "%s takes an exact id, not the glob %s", key, short(s))
	}
	return s
}

// id is an exact id of an optional key.
func (r section) id(key string) string {
	if n := r.get(key); n != nil {
		return r.exact(key, n)
	}
	return ""
}

// each reads every item of a list.
func each(key string, items []*yaml.Node, read func(string, *yaml.Node) string) []string {
	var all []string
	for _, n := range items {
		all = append(all, read(itemOf+key, n))
	}
	return all
}

// one returns a word out of a few, or the first if the key is not there.
func (r section) one(key string, of ...string) string {
	n := r.get(key)
	switch {
	case n == nil:
		return of[0]
	case spent(n):
		return ""
	case n.Kind == yaml.ScalarNode && n.Tag == strTag && slices.Contains(of, n.Value):
		return n.Value
	}
	got := looks(n)
	if n.Kind == yaml.ScalarNode && !null(n) {
		got = short(n.Value)
	}
	r.at(RuleWord, n, "unknown %s: write %s, not %s", key, strings.Join(of, " or "), got)
	return ""
}

// digits returns an id of RAM: a decimal string in quotes, because a number of
// that size loses its last digits in many readers. Digits without quotes are
// returned too, so that the other checks find what else is wrong.
func (l *loader) digits(key string, n *yaml.Node) string {
	inQuotes := n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0
	decimal := len(n.Value) >= 1 && len(n.Value) <= 32 && strings.Trim(n.Value, "0123456789") == ""
	switch {
	case spent(n):
		return ""
	case n.Kind != yaml.ScalarNode:
		l.at(digitsRule(key), n,
			`%s must be a quoted string of 1 to 32 decimal digits, like %s: "200000000000000001", not %s`, key, key, looks(n))
		return ""
	case key == "uid" && uidAsShown(n.Value) != "":
		l.at(RuleUID, n, "uid must be the uid alone, not %s: %s", short(n.Value), uidAsShown(n.Value))
		return ""
	case !decimal:
		l.at(digitsRule(key), n,
			`%s must be a quoted string of 1 to 32 decimal digits, like %s: "200000000000000001", not %s`, key, key, short(n.Value))
		return ""
	case !inQuotes:
		l.at(digitsRule(key), n, "%s must be quoted: write %s: %q", key, key, n.Value)
	}
	return n.Value
}

// digitsRule is what an id of RAM breaks that has not its form.
func digitsRule(key string) string {
	if key == "account" {
		return RuleAccount
	}
	return RuleUID
}

// number returns a whole number from 0 on, or nil if the key is not there.
func (r section) number(key string) *int {
	n := r.get(key)
	if n == nil || spent(n) {
		return nil
	}
	decimal := strings.TrimLeft(n.Value, "-")
	plain := n.Kind == yaml.ScalarNode && strings.Trim(decimal, "0123456789") == "" && decimal != ""
	value, err := strconv.ParseInt(n.Value, 10, 32)
	switch {
	case n.Kind != yaml.ScalarNode || null(n):
		r.at(RuleNumber, n, "%s must be a whole number from 0 on, like %s: 10, not %s", key, key, looks(n))
	case n.Tag == strTag && plain:
		r.at(RuleNumber, n, "%s must be a number without quotes: write %s: %s", key, key, bare(decimal))
	case plain && strings.HasPrefix(n.Value, "-"):
		r.at(RuleNumber, n, "%s must not be negative: 0 allows nothing, and there is no value for unlimited, not %s", key, bare(n.Value))
	case plain && err != nil:
		r.at(RuleNumber, n, "%s is too large: at most 2147483647, not %s", key, bare(n.Value))
	case n.Tag != intTag || !plain || len(decimal) > 1 && decimal[0] == '0':
		r.at(RuleNumber, n, "%s must be a whole number from 0 on in plain digits, like %s: 10, not %s", key, key, short(n.Value))
	default:
		whole := int(value)
		return &whole
	}
	return nil
}

// flag returns true or false, or the default if the key is not there.
func (r section) flag(key string, otherwise bool) bool {
	n := r.get(key)
	switch {
	case n == nil || spent(n):
		return otherwise
	case n.Kind != yaml.ScalarNode || null(n):
		r.at(RuleFlag, n, "%s must be true or false, not %s", key, looks(n))
		return otherwise
	case n.Tag != boolTag:
		r.at(RuleFlag, n, "%s must be true or false without quotes, not %s", key, short(n.Value))
		return otherwise
	}
	return strings.EqualFold(n.Value, "true")
}

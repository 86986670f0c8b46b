package policy

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// section is one mapping of the file whose keys are known and stand once.
type section struct {
	*loader
	node   *yaml.Node
	fields map[string]field
}

type field struct{ key, value *yaml.Node }

// section checks that n is a mapping with none but the known keys. What names
// it in messages.
func (l *loader) section(n *yaml.Node, what string, known []string) (section, bool) {
	r := section{loader: l, node: n, fields: map[string]field{}}
	if n.Kind != yaml.MappingNode {
		if !spent(n) && !(what == wholePolicy && l.riddles()) {
			l.at(RuleNoMapping, n, "%s must be a mapping with the keys %s, not %s", what, strings.Join(known, ", "), looks(n))
		}
		return r, false
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		name := key.Value
		first, twice := r.fields[name]
		switch {
		case spent(key):
		case key.Kind != yaml.ScalarNode:
			l.at(RuleNoMapping, key, "a key must be a word, not %s: known in %s are %s", looks(key), what, strings.Join(known, ", "))
		case key.Tag == mergeTag:
			l.at(RuleAlias, key, "merge keys (<<) are not allowed: write the keys out")
		case twice:
			l.at(RuleDuplicateKey, key, "duplicate key %s: it stands already on line %d, take one out", short(name), first.key.Line)
		case !slices.Contains(known, name):
			l.at(RuleUnknownKey, key, "unknown key %s in %s: %sknown are %s", short(name), what, didYouMean(name, known), strings.Join(known, ", "))
			r.fields[name] = field{key, value}
		default:
			r.fields[name] = field{key, value}
		}
	}
	return r, true
}

// has reports whether the key is there, whatever its value.
func (r section) has(key string) bool {
	_, ok := r.fields[key]
	return ok
}

// get returns the value of a key, or nil if it is not there.
func (r section) get(key string) *yaml.Node { return r.fields[key].value }

// need returns the value of a key that must be there and must not be null, or
// nil after saying what to write.
func (r section) need(key, hint string) *yaml.Node {
	n := r.get(key)
	switch {
	case n == nil:
		r.at(RuleMissingKey, r.node, "%s is missing: %s", key, hint)
		return nil
	case null(n):
		r.at(RuleMissingKey, n, "%s has no value: %s", key, hint)
		return nil
	}
	return n
}

// list returns the items of a list, and whether the key holds one.
func (r section) list(key string) ([]*yaml.Node, bool) {
	n := r.get(key)
	switch {
	case n == nil || spent(n):
		return nil, false
	case null(n):
		r.at(RuleNoList, n, "%s has no value: write a list, or take the key out", key)
		return nil, false
	case n.Kind == yaml.ScalarNode:
		r.at(RuleNoList, n, "%s must be a list, not %s: write %s: [%s]", key, looks(n), key, short(n.Value))
		return nil, false
	case n.Kind != yaml.SequenceNode:
		r.at(RuleNoList, n, "%s must be a list, not %s", key, looks(n))
		return nil, false
	}
	return n.Content, true
}

// filled is a list that says something else empty than left out: nothing
// against everything. So empty is refused.
func (r section) filled(key string) []*yaml.Node {
	items, ok := r.list(key)
	if ok && len(items) == 0 {
		r.at(RuleEmptyList, r.get(key), "%s is an empty list: name at least one, or take the key out", key)
	}
	return items
}

func null(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Tag == nullTag && !spent(n)
}

// didYouMean names the known key nearest to a mistyped one, if one is near.
func didYouMean(name string, known []string) string {
	if nearest := Nearest(name, known); nearest != "" {
		return "did you mean " + short(nearest) + "? "
	}
	return ""
}

// Nearest is the known word that a mistyped one was most likely meant to be, "" where
// none is near.
func Nearest(name string, known []string) string {
	const longest = 40 // longer is no slip of a key
	best, nearest := len(name)/2+1, ""
	if len(name) > longest {
		return ""
	}
	for _, k := range known {
		if d := distance(strings.ToLower(name), strings.ToLower(k)); d < best {
			best, nearest = d, k
		}
	}
	return nearest
}

// distance is the number of bytes to insert, delete or replace (Levenshtein).
func distance(a, b string) int {
	above := make([]int, len(b)+1)
	for j := range above {
		above[j] = j
	}
	for i := range len(a) {
		left, corner := i+1, above[0]
		above[0] = left
		for j := range len(b) {
			d := corner
			if a[i] != b[j] {
				d = 1 + min(corner, left, above[j+1])
			}
			corner, left = above[j+1], d
			above[j+1] = d
		}
	}
	return above[len(b)]
}

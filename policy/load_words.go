package policy

import (
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// looks says what YAML takes a node for.
func looks(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	}
	words := map[string]string{
		intTag: "a number", floatTag: "a number", boolTag: "a boolean", nullTag: "null", timeTag: "a date", mergeTag: "a merge key",
	}
	if w, ok := words[n.Tag]; ok {
		return w
	}
	return "text"
}

// short quotes a value for a message: escaped, and not longer than a line bears.
func short(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "..."
	}
	return strconv.Quote(s)
}

// bare is short without quotation marks, for what stands without in the file.
func bare(s string) string {
	q := short(s)
	return q[1 : len(q)-1]
}

// itemOf begins what a message calls an item of a list.
const itemOf = "item of "

// quoted shows how to write a text so that it stays one.
func quoted(key, value string) string {
	if strings.HasPrefix(key, itemOf) {
		return short(value)
	}
	return key + ": " + short(value)
}

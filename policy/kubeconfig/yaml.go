package kubeconfig

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// root parses the only document of a kubeconfig. JSON is YAML.
//
// Anchors, aliases, merge keys and tags are refused, as in a policy: without
// them a file costs no more than its size. A message holds no text of the
// file, for that text may be a key.
func root(name string, data []byte) (*yaml.Node, error) {
	if err := small(name, data); err != nil {
		return nil, err
	}
	if _, ok := unbase64(data); ok {
		return nil, fmt.Errorf("%s: the file is base64, and no kubeconfig: decode it first", name)
	}
	switch {
	case bytes.HasPrefix(bytes.TrimSpace(data), []byte(pemBegin)):
		return nil, fmt.Errorf("%s: the file is PEM, a certificate or key by itself, and no kubeconfig", name)
	case marks(data) > maxMarks:
		return nil, fmt.Errorf("%s: the file has more than %d lines and separators: no kubeconfig has", name, int(maxMarks))
	}
	doc, second, err := parse(data)
	switch {
	case err != nil:
		return nil, syntax(name, err)
	case second != nil:
		return nil, at(name, second, "a second document begins here: a kubeconfig is one; give each by itself")
	case doc == nil:
		return nil, fmt.Errorf("%s: the file is empty", name)
	case doc.Kind != yaml.MappingNode:
		return nil, fmt.Errorf("%s: the file is no kubeconfig: at its top is no mapping", name)
	}
	return doc, forbid(name, doc)
}

// marks counts what a YAML file needs to have many nodes: each costs memory
// that is a hundred times its text.
func marks(data []byte) int {
	n := 0
	for _, b := range data {
		if strings.IndexByte("\n\r,:[{?", b) >= 0 {
			n++
		}
	}
	return n
}

func parse(data []byte) (doc, second *yaml.Node, err error) {
	defer func() { // the parser panics on what it did not foresee
		if recover() != nil {
			doc, second, err = nil, nil, errors.New("the parser gave up")
		}
	}()
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var n yaml.Node
		switch err := decoder.Decode(&n); {
		case errors.Is(err, io.EOF):
			return doc, second, nil
		case err != nil:
			return nil, nil, err
		case doc == nil:
			doc = n.Content[0]
		default:
			return doc, &n, nil
		}
	}
}

var lineOf = regexp.MustCompile(`^line (\d+): `)

// syntax says where the parser failed. Its words are kept only where they are
// its own: it quotes the name of an anchor.
func syntax(name string, err error) error {
	message, line := strings.TrimPrefix(err.Error(), "yaml: "), 1
	if m := lineOf.FindStringSubmatch(message); m != nil {
		line, _ = strconv.Atoi(m[1])
		message = message[len(m[0]):]
	}
	if strings.Contains(message, "anchor") {
		message = "aliases are not read: write the value out"
	}
	if strings.ContainsAny(message, "'\"`") && !strings.Contains(message, "expected") || len(message) > 200 {
		message = "it cannot be read"
	}
	return fmt.Errorf("%s:%d: neither YAML nor JSON: %s", name, max(line, 1), message)
}

func at(name string, n *yaml.Node, message string) error {
	return fmt.Errorf("%s:%d:%d: %s", name, max(n.Line, 1), max(n.Column, 1), message)
}

// forbid refuses what makes a value stand for another. Recursion is bounded by
// the parser's limit of nesting.
func forbid(name string, n *yaml.Node) error {
	switch {
	case n.Kind == yaml.AliasNode:
		return at(name, n, "aliases are not read: write the value out")
	case n.Anchor != "":
		return at(name, n, "anchors are not read: take the & and its name out, and write the value out where it is used")
	case n.Style&yaml.TaggedStyle != 0:
		return at(name, n, "explicit tags are not read: take the ! and its name out")
	case n.Tag == "!!merge":
		return at(name, n, "merge keys (<<) are not read: write the keys out")
	}
	for _, c := range n.Content {
		if err := forbid(name, c); err != nil {
			return err
		}
	}
	return nil
}

// mapping reads the keys that are known; others are not looked at, as kubectl
// does not. A known key that stands twice is refused, because readers differ
// about which of the two counts.
func mapping(name string, n *yaml.Node, what string, known ...string) (map[string]*yaml.Node, error) {
	if n == nil || null(n) {
		return nil, nil
	}
	if n.Kind != yaml.MappingNode {
		return nil, at(name, n, what+" is no mapping: this is no kubeconfig")
	}
	m := map[string]*yaml.Node{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode || !slices.Contains(known, key.Value) {
			continue
		}
		if m[key.Value] != nil {
			return nil, at(name, key, "the key "+key.Value+" stands twice in "+what+": take one out, and inspect each")
		}
		m[key.Value] = n.Content[i+1]
	}
	return m, nil
}

func null(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// given reports whether a key says something: kubectl takes an empty text, an
// empty list and false for not there.
func given(n *yaml.Node) bool {
	switch {
	case n == nil || null(n):
		return false
	case n.Kind == yaml.ScalarNode:
		return n.Value != "" && !(n.Tag == "!!bool" && strings.EqualFold(n.Value, "false"))
	}
	return len(n.Content) > 0
}

// value is the text of a key, "" if it has none.
func value(n *yaml.Node) string {
	if n == nil || n.Kind != yaml.ScalarNode || null(n) {
		return ""
	}
	return n.Value
}

package policy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// maxBytes is the size of the largest policy: with aliases refused it also
// bounds what a hostile file can cost.
const maxBytes = 1 << 20

// Tags of scalars, as yaml.v3 resolves them.
const (
	strTag   = "!!str"
	intTag   = "!!int"
	floatTag = "!!float"
	boolTag  = "!!bool"
	nullTag  = "!!null"
	timeTag  = "!!timestamp"
	mergeTag = "!!merge"
)

// read returns the root of the file's only document, or nil if there is
// nothing that could be read on.
func (l *loader) read(data []byte) *yaml.Node {
	if len(data) > maxBytes {
		l.on(RuleTooLarge, 1, 1, "the policy has %d bytes, at most %d (1 MiB) are allowed: split the list over several policies",
			len(data), maxBytes)
		return nil
	}
	if wide := encoding(data); wide != "" {
		l.on(RuleNotUTF8, 1, 1, "the file is %s, not UTF-8: save it as UTF-8, with: iconv -f %s -t UTF-8 %s > new.yaml",
			wide, wide, l.handle())
		return nil
	}
	l.source = l.printable(bytes.TrimPrefix(data, []byte("\ufeff")))
	root, second, others, err := parse(l.source)
	switch {
	case err != nil && len(l.problems) > 0:
		return nil // most likely because of the characters already reported
	case err != nil && l.riddles():
		return nil // and what the parser makes of these
	case err != nil:
		l.syntax(l.source, err)
		return nil
	}
	if l.foreign(root, others) {
		return nil
	}
	if second != nil {
		l.at(RuleSecondDocument, second, "a second document begins here: a policy is one document, put everything in the first")
	}
	if root == nil || root.Tag == nullTag {
		l.on(RuleEmpty, 1, 1, "the policy is empty: it needs at least version, account and principals")
		return nil
	}
	l.forbid(root)
	return root
}

// printable reports invalid UTF-8 and control characters, the first of each
// line, and returns the text with a replacement in their place so that the
// rest of the file can be checked as well.
func (l *loader) printable(data []byte) []byte {
	clean := make([]byte, 0, len(data))
	line, column, told := 1, 1, 0
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		rule, message := RuleControl, ""
		switch {
		case r == utf8.RuneError && size == 1:
			rule = RuleNotUTF8
			message = fmt.Sprintf("invalid UTF-8 (byte 0x%02x): save the file as UTF-8", data[i])
		case control(r):
			message = fmt.Sprintf("control character %U is not allowed: remove it", r)
		case r == 0xFFFE || r == 0xFFFF:
			message = fmt.Sprintf("character %U is not allowed in YAML: remove it", r)
		}
		if message != "" && told != line {
			l.on(rule, line, column, "%s", message)
			told = line
		}
		if message != "" {
			r = utf8.RuneError
		}
		clean = utf8.AppendRune(clean, r)
		i += size
		if r == '\n' || r == '\r' && !bytes.HasPrefix(data[i:], []byte("\n")) {
			line, column = line+1, 1
		} else {
			column++
		}
	}
	return clean
}

// control reports whether r may stand nowhere in a policy.
func control(r rune) bool {
	return unicode.IsControl(r) && r != '\t' && r != '\n' && r != '\r'
}

// parse reads every document of the text, so that a syntax error is found
// wherever it is. Root is the content of the first.
func parse(text []byte) (root, second *yaml.Node, others foreign, err error) {
	defer func() { // the parser panics on what it did not foresee
		if r := recover(); r != nil {
			root, second, err = nil, nil, fmt.Errorf("the parser gave up: %v", r)
		}
	}()
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var doc yaml.Node
		switch err := decoder.Decode(&doc); {
		case errors.Is(err, io.EOF):
			return root, second, others, nil
		case err != nil:
			return nil, nil, others, err
		case root == nil:
			root = doc.Content[0]
		case second == nil:
			second = &doc
		}
		others.see(doc.Content[0])
	}
}

var (
	lineOf        = regexp.MustCompile(`^line (\d+): `)
	unknownAnchor = regexp.MustCompile(`^unknown anchor '(.*)' referenced$`)
)

// syntax reports an error of the parser, which often knows the line and never
// the column.
func (l *loader) syntax(text []byte, err error) {
	message, line := strings.TrimPrefix(err.Error(), "yaml: "), 1
	if m := lineOf.FindStringSubmatch(message); m != nil {
		line, _ = strconv.Atoi(m[1])
		message = message[len(m[0]):]
	}
	hint := ""
	if m := unknownAnchor.FindStringSubmatch(message); m != nil {
		before, _, _ := bytes.Cut(text, []byte("*"+m[1]))
		line = 1 + bytes.Count(before, []byte("\n"))
		message = fmt.Sprintf("unknown anchor %s referenced", short(m[1]))
		hint = fmt.Sprintf("; aliases are not allowed, and a glob that begins with * must be quoted: write %s", short("*"+m[1]))
	} else if strings.Contains(message, "expected alphabetic or numeric character") {
		hint = `; a text that begins with * or & must be quoted, like "*-prod"`
	} else if strings.Contains(message, "cannot start any token") {
		hint = "; indent with spaces, and quote a text that begins with a special character"
	}
	l.on(RuleSyntax, line, 1, "YAML syntax error: %s%s", message, hint)
}

// forbid reports what the format leaves out of YAML, wherever it stands.
// Recursion is bounded by the parser's limit of nesting.
func (l *loader) forbid(n *yaml.Node) {
	if n.Kind == yaml.AliasNode {
		l.at(RuleAlias, n, "aliases are not allowed: write the value out instead of *%s", strings.Trim(short(n.Value), `"`))
		return // and never follow it
	}
	if n.Anchor != "" {
		l.at(RuleAlias, n, "anchors are not allowed: take &%s out, and write the value out where it is used", strings.Trim(short(n.Anchor), `"`))
	}
	if n.Style&yaml.TaggedStyle != 0 {
		l.at(RuleTag, n, "explicit tags are not allowed: take %s out, and quote the value if it is a text", short(n.Tag))
	}
	if i := strings.IndexFunc(n.Value, control); i >= 0 {
		r, _ := utf8.DecodeRuneInString(n.Value[i:])
		l.at(RuleControl, n, "control character %U is not allowed, also not as an escape: remove it from %s", r, short(n.Value))
	}
	l.swallowing(n)
	for _, c := range n.Content {
		l.forbid(c)
	}
}

// spent reports whether forbid has already said that this is no value.
func spent(n *yaml.Node) bool {
	return n.Kind == yaml.AliasNode || n.Kind == yaml.ScalarNode && n.Style&yaml.TaggedStyle != 0
}

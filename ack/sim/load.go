package sim

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Load reads an estate, as strictly as a policy is read: unknown and repeated keys, aliases, further documents, unquoted ids and
// references to nothing are errors, and all of them are reported at once, as Errors. The name is the one the errors begin with.
// On an error the estate is nil.
func Load(name string, data []byte) (*Estate, error) {
	s := &source{name: name}
	top, err := s.document(data)
	if err != nil {
		return nil, err
	}
	e := s.estate(top)
	if err := s.err(); err != nil {
		return nil, err
	}
	return e, nil
}

// yamlLine finds the line in the parser's own messages.
var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// document parses the one document there may be.
func (s *source) document(data []byte) (*yaml.Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var doc, further yaml.Node
	if err := decoder.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, Errors{fmt.Errorf("%s:1:1: the file is empty", s.name)}
	} else if err != nil {
		return nil, s.syntax(err)
	}
	if err := decoder.Decode(&further); err == nil {
		s.fail(&further, "there is a second document; an estate is one")
	} else if !errors.Is(err, io.EOF) {
		return nil, s.syntax(err)
	}
	s.plain(&doc)
	return doc.Content[0], nil
}

func (s *source) syntax(err error) error {
	line := "1"
	if found := yamlLine.FindStringSubmatch(err.Error()); found != nil && found[1] != "" {
		line = found[1]
	}
	return Errors{fmt.Errorf("%s:%s:1: %s", s.name, line, yamlLine.ReplaceAllString(err.Error(), ""))}
}

// estate reads the sections, those first that others refer to.
func (s *source) estate(top *yaml.Node) *Estate {
	f := s.object(top, "an estate", "account", "caller", "users", "roles", "deleted", "regions", "clusters", "credentials",
		"grants", "cloudServices", "behaviour")
	e := &Estate{account: f.uid("account")}
	x := index{people: make(map[string]kind), clusters: make(map[string]bool), seen: make(map[string]int)}
	if e.account != "" {
		x.people[e.account] = root
	}
	e.principals = append(e.principals, principal{uid: e.account, name: "root", kind: root})
	f.each("users", func(n *yaml.Node) { e.principals = append(e.principals, s.principal(x, n, "a user", user)) })
	f.each("roles", func(n *yaml.Node) { e.principals = append(e.principals, s.principal(x, n, "a role", role)) })
	f.each("deleted", func(n *yaml.Node) { e.principals = append(e.principals, s.deleted(x, n)) })
	if f.nodes["regions"] != nil {
		x.regions = make(map[string]bool)
	}
	f.each("regions", func(n *yaml.Node) { e.regions = append(e.regions, s.region(x, n)) })
	f.each("clusters", func(n *yaml.Node) { e.clusters = append(e.clusters, s.cluster(x, n)) })
	if x.regions == nil {
		e.regions = defaultRegions(e.clusters)
	}
	e.caller = s.caller(x, f, e)
	f.each("credentials", func(n *yaml.Node) { e.credentials = append(e.credentials, s.credential(x, n)) })
	f.each("grants", func(n *yaml.Node) { e.grants = append(e.grants, s.grant(x, n)) })
	f.each("cloudServices", func(n *yaml.Node) { e.services = append(e.services, s.cloudService(x, n)) })
	b := s.object(f.nodes["behaviour"], "behaviour", behaviourKeys...)
	e.behaviour = s.behaviour(b)
	if id := e.behaviour.endpointRegion; id != "" && !slices.ContainsFunc(e.regions, func(r region) bool { return r.id == id }) {
		s.fail(b.nodes["endpointRegion"], "there is no region %q", id)
	}

	slices.SortFunc(e.principals[1:], func(a, b principal) int { return strings.Compare(a.uid, b.uid) })
	sortRegions(e.regions)
	slices.SortFunc(e.clusters, func(a, b cluster) int { return strings.Compare(a.id, b.id) })
	return e
}

// Errors are all that is wrong with an estate, in the order of the file, each beginning with file:line:column.
type Errors []error

// Error returns the errors, one a line.
func (e Errors) Error() string { return errors.Join(e...).Error() }

// Unwrap returns the errors one by one.
func (e Errors) Unwrap() []error { return e }

// source is a file being read. Its readers never stop at an error: they note it and go on with an empty value, so that one
// reading finds everything.
type source struct {
	name     string
	problems []problem
}

type problem struct {
	line, column int
	text         string
}

func (s *source) fail(n *yaml.Node, format string, args ...any) {
	if n.Kind == yaml.AliasNode {
		return // plain has said what there is to say
	}
	s.note(n, format, args...)
}

func (s *source) note(n *yaml.Node, format string, args ...any) {
	s.problems = append(s.problems, problem{n.Line, n.Column, fmt.Sprintf(format, args...)})
}

// err returns what was noted, nil if nothing.
func (s *source) err() error {
	if len(s.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(s.problems, func(a, b problem) int {
		return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.column, b.column))
	})
	var out Errors
	for _, p := range s.problems {
		out = append(out, fmt.Errorf("%s:%d:%d: %s", s.name, p.line, p.column, p.text))
	}
	return out
}

// plain refuses what makes a file say something else than what stands at the place: anchors, aliases, explicit tags.
func (s *source) plain(n *yaml.Node) {
	switch {
	case n.Kind == yaml.AliasNode:
		s.note(n, "the alias *%s is not allowed: write the value out", n.Value)
		return // not followed: it may lead back here
	case n.Anchor != "":
		s.fail(n, "the anchor &%s is not allowed: write the value out where it belongs", n.Anchor)
	case n.Style&yaml.TaggedStyle != 0:
		s.fail(n, "the tag %s is not allowed", n.Tag)
	}
	for _, child := range n.Content {
		s.plain(child)
	}
}

package sim

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"
)

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

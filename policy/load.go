package policy

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// Problem is one thing that is wrong with a policy file, and where.
type Problem struct {
	File         string
	Line, Column int // from 1
	Message      string
}

func (p Problem) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Message)
}

// Errors is everything that is wrong with a policy file, in order of place:
// whoever mends a list of leavers should not have to run it once per mistake.
type Errors []Problem

func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, p := range e {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Load reads a policy of version 1. The name is used in messages; "<stdin>"
// stands for standard input. On error the policy is nil and the error is
// [Errors] with every problem of the file.
//
// The reading is strict because every leniency of YAML is a way to act on
// something else than what was reviewed: a uid that became a float, a second
// "principals" that hides the first, a date that became a string.
//
//	bytes --read--> yaml.Node --policy--> Policy
//
//	load_yaml.go                       which YAML is let in
//	load_foreign.go                    what is no policy at sight
//	load_sections.go                   mappings and their keys
//	load_values.go, load_dates.go      single values
//	load_policy.go, load_role.go,
//	load_principal.go                  the format itself
func Load(name string, data []byte) (*Policy, error) {
	l := &loader{file: name, location: time.UTC}
	var p *Policy
	if root := l.read(data); root != nil {
		p = l.policy(root)
	}
	if len(l.problems) > 0 {
		slices.SortStableFunc(l.problems, func(a, b Problem) int {
			return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
		})
		return nil, l.problems
	}
	sum := sha256.Sum256(data)
	p.Path, p.SHA256 = name, hex.EncodeToString(sum[:])
	return p, nil
}

// loader gathers the problems of one file while it is read.
type loader struct {
	file     string
	location *time.Location // of dates
	problems Errors
}

// at notes a problem at a node.
func (l *loader) at(n *yaml.Node, format string, args ...any) {
	l.on(n.Line, n.Column, format, args...)
}

// on notes a problem at a place.
func (l *loader) on(line, column int, format string, args ...any) {
	l.problems = append(l.problems, Problem{
		File: l.file, Line: max(line, 1), Column: max(column, 1), Message: fmt.Sprintf(format, args...),
	})
}

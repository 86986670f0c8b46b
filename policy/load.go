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
	Line, Column int    // from 1
	Rule         string // the name of what it breaks, one of those in load_rules.go
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
//	load_rules.go                      what a problem can be an example of
//	load_strange.go, load_riddle.go    characters that only look like those of YAML
func Load(name string, data []byte) (*Policy, error) {
	r, err := Read(name, data)
	if err != nil {
		return nil, err
	}
	return r.Policy, nil
}

// Reading is a policy beside what it was read from, for whoever has more to say
// about the text than whether it is valid.
type Reading struct {
	Policy *Policy
	Root   *yaml.Node // the mapping of the file
	Doubts Errors     // what is valid, and was most likely not meant; in order of place
}

// Read is [Load] with all that it knows.
func Read(name string, data []byte) (*Reading, error) {
	l := &loader{file: name, location: time.UTC}
	var p *Policy
	root := l.read(data)
	if root != nil {
		p = l.policy(root)
	}
	if len(l.problems) > 0 {
		l.explain()
		l.problems.sort()
		return nil, l.problems
	}
	sum := sha256.Sum256(data)
	p.Path, p.SHA256 = name, hex.EncodeToString(sum[:])
	doubts := append(l.doubts, l.swallowed...)
	doubts.sort()
	return &Reading{Policy: p, Root: root, Doubts: doubts}, nil
}

// loader gathers the problems of one file while it is read.
type loader struct {
	file     string
	source   []byte         // of the file, without a byte-order mark
	lines    []int          // offsets in it at which lines begin, once somebody asks
	location *time.Location // of dates
	problems Errors
	doubts   Errors
	searched int // strange characters that were looked for in the text

	swallowed Errors // lines that were meant as keys and are part of the value above
	lost      []lost // keys that were meant and not read
}

// lost is a key that a strange character hid from YAML, and its line.
type lost struct {
	key  string
	line int
}

// at notes a problem at a node; where a strange character in it is the cause, that.
func (l *loader) at(rule string, n *yaml.Node, format string, args ...any) {
	if !l.strange(rule, n) {
		l.on(rule, n.Line, n.Column, format, args...)
	}
}

// on notes a problem at a place.
func (l *loader) on(rule string, line, column int, format string, args ...any) {
	l.problems = append(l.problems, l.problem(rule, line, column, fmt.Sprintf(format, args...)))
}

func (l *loader) problem(rule string, line, column int, message string) Problem {
	return Problem{File: l.file, Line: max(line, 1), Column: max(column, 1), Rule: rule, Message: message}
}

// sort puts problems in order of place.
func (e Errors) sort() {
	slices.SortStableFunc(e, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// Package lint says what is wrong with a policy file and what is doubtful in it,
// each as an example of a rule that can be looked up.
//
//	bytes --policy.Read--> problems, errors all of them
//	                   \-> policy and nodes --checks--> warnings --allowed--> findings
//
// It is pure: the file's name is used in messages alone, and now is an argument.
// Whether a warning is fatal is the caller's business. Begin with Check; the rules
// are in the table_*.go, what looks for warnings in entries.go, near.go and limits.go.
package lint

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"gopkg.in/yaml.v3"

	"ackrevoke/policy"
)

// Severity says whether a file with such a finding is a policy.
type Severity string

// What a finding can be.
const (
	Error   Severity = "error"   // no command takes the file
	Warning Severity = "warning" // the file is valid, and something in it wants a second look
)

// Finding is one example of a rule in a file.
type Finding struct {
	File         string
	Line, Column int // from 1; the column in characters
	Rule         string
	Severity     Severity
	Message      string // of an error, with what to do
	Fix          string
}

// Result is what a file is.
type Result struct {
	Policy   *policy.Policy // nil where a finding is an error
	Findings []Finding      // in order of place
	Account  Account        // of a valid file
	Allowed  int            // warnings that a comment of the file allows
}

// Account is the account that a policy is about, and where it says so.
type Account struct {
	ID           string
	Line, Column int
}

// Check reads a file as [policy.Load] does, and looks for what is doubtful in a
// valid one.
func Check(name string, data []byte, now time.Time) Result {
	read, err := policy.Read(name, data)
	var wrong policy.Errors
	if errors.As(err, &wrong) {
		return Result{Findings: problems(wrong)}
	}
	c := &checker{file: name, policy: read.Policy, root: read.Root, now: now}
	for _, d := range read.Doubts {
		c.on(d.Rule, d.Line, d.Column, d.Message)
	}
	c.entries()
	c.limits()
	kept, allowed := c.allowances(data).sift(c.findings)
	Sort(kept)
	account := value(read.Root, "account")
	return Result{Policy: read.Policy, Findings: kept, Allowed: allowed,
		Account: Account{read.Policy.Account, account.Line, account.Column}}
}

// problems are the findings that errors of reading are.
func problems(wrong policy.Errors) []Finding {
	found := make([]Finding, len(wrong))
	for i, p := range wrong {
		found[i] = Finding{p.File, p.Line, p.Column, p.Rule, Error, p.Message, byID[p.Rule].Fix}
	}
	return found
}

// Of is a finding about a whole file, which nobody could read.
func Of(file, rule, message, fix string) Finding {
	return Finding{file, 1, 1, rule, byID[rule].Severity, message, cmp.Or(fix, byID[rule].Fix)}
}

// Sort puts findings of one file in order of place.
func Sort(all []Finding) {
	slices.SortStableFunc(all, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Rule, b.Rule))
	})
}

// checker gathers the warnings of one valid file.
type checker struct {
	file     string
	policy   *policy.Policy
	root     *yaml.Node
	now      time.Time
	about    int // the line of the entry that is looked at; 0 for none
	findings []noted
}

// noted is a warning, and the line on which the entry begins that it is about.
type noted struct {
	Finding
	entry int
}

// at notes a warning at a node.
func (c *checker) at(rule string, n *yaml.Node, message string) {
	c.on(rule, n.Line, n.Column, message)
}

func (c *checker) on(rule string, line, column int, message string) {
	c.findings = append(c.findings, noted{Finding{c.file, line, column, rule, Warning, message, byID[rule].Fix}, c.about})
}

// value is what a mapping holds under a key; the mapping itself where it has no
// such key, so that there is always a place.
func value(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Kind == yaml.MappingNode && n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return n
}

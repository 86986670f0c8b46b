package lint

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// allowed are the warnings that a comment of the file allows, with a reason that
// whoever reviews the file can read:
//
//	# ackrevoke:allow long-departed: the identity is kept for the auditors
//
// On a line of its own it is about the next line with more than a comment, at the
// end of a line about that one, and above all keys about the whole file. On the
// first line of an entry it is about all of the entry.
type allowed struct {
	whole map[string]bool
	lines map[int]map[string]bool
}

// allowForm is such a comment: rules, and the reason.
var allowForm = regexp.MustCompile(`(?:^|\s)#\s*ackrevoke:allow\b\s*([^:]*):?\s*(.*)$`)

// allowances reads the comments, and warns of those that allow nothing.
func (c *checker) allowances(data []byte) allowed {
	a := allowed{whole: map[string]bool{}, lines: map[int]map[string]bool{}}
	if !bytes.Contains(data, []byte("ackrevoke:allow")) {
		return a
	}
	number, head := 0, true
	var pending []string // of comments above a line
	for line := range strings.Lines(string(data)) {
		number++
		text := strings.TrimSpace(strings.TrimPrefix(line, "\ufeff"))
		comment := strings.HasPrefix(text, "#")
		rules := c.allowance(number, strings.TrimRight(line, "\r\n"))
		switch {
		case text == "" || text == "---":
		case comment && head:
			for _, r := range rules {
				a.whole[r] = true
			}
		case comment:
			pending = append(pending, rules...)
		default:
			head = false
			for _, r := range append(pending, rules...) {
				if a.lines[number] == nil {
					a.lines[number] = map[string]bool{}
				}
				a.lines[number][r] = true
			}
			pending = nil
		}
	}
	return a
}

// allowance is what the comment of one line allows.
func (c *checker) allowance(number int, line string) []string {
	m := allowForm.FindStringSubmatchIndex(line)
	if m == nil {
		return nil
	}
	column := 1 + utf8.RuneCountInString(line[:strings.Index(line[m[0]:], "#")+m[0]])
	names := strings.FieldsFunc(line[m[2]:m[3]], func(r rune) bool { return r == ',' || r == ' ' })
	wrong := ""
	for _, name := range names {
		switch rule, known := byID[name]; {
		case !known:
			wrong = fmt.Sprintf("there is no rule %q%s", clip(name), nearest(name))
		case rule.Severity != Warning:
			wrong = name + " is an error, which cannot be allowed"
		}
	}
	switch {
	case len(names) == 0:
		wrong = "it names no rule"
	case wrong == "" && strings.TrimSpace(line[m[4]:m[5]]) == "":
		wrong = "it says no reason"
	}
	if wrong != "" {
		c.on(AllowForm, number, column, "this comment allows nothing: "+wrong)
		return nil
	}
	return names
}

// sift splits findings into those that stay and the number of those that are allowed.
func (a allowed) sift(all []noted) (kept []Finding, n int) {
	for _, f := range all {
		if a.whole[f.Rule] || a.lines[f.Line][f.Rule] || a.lines[f.entry][f.Rule] {
			n++
			continue
		}
		kept = append(kept, f.Finding)
	}
	return kept, n
}

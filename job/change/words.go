package change

import (
	"fmt"
	"strings"

	"ackrevoke/job/report"
)

// What both writers say, in a form of which each makes its own.

// titles say what a class of changes comes to.
var titles = map[Class]string{
	Loosened:  "Loosened, or reaches elsewhere",
	Removed:   "Removed: they may hold again, for nothing looks at their credentials any more",
	Added:     "Added: what they hold in scope is taken away",
	Moved:     "Moved to the other reason",
	Changed:   "Changed",
	Tightened: "Tightened",
}

const typos = "Probably one entry with a mistyped uid: see which of the two is meant"

// more says how many of a kind are not shown.
func more(n int, one, many string) string {
	if n == 1 {
		many = one
	}
	return fmt.Sprintf("and %d more %s", n, many)
}

// called is what changes of a class are called, one and several.
func called(c Class) (one, many string) {
	if c == Removed || c == Added || c == Moved {
		return "entry", "entries"
	}
	return "change", "changes"
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// headline is the one sentence that a reader in a hurry reads, without the names
// of the files.
func (d *Diff) headline() string {
	entries := fmt.Sprintf(" (%s before, %d now)", plural(d.Old.Entries, "entry", "entries"), d.New.Entries)
	switch {
	case d.Old.Absent && d.New.Absent:
		return "no change: neither is there"
	case len(d.Changes) == 0 && d.Old.SHA256 == d.New.SHA256:
		return "no change: the same file"
	case len(d.Changes) == 0:
		return "no change: they differ in order, comments or layout alone" + entries
	case d.Old.Absent:
		entries = fmt.Sprintf(" (a new file, %s)", plural(d.New.Entries, "entry", "entries"))
	case d.New.Absent:
		entries = fmt.Sprintf(" (the file is gone, with %s)", plural(d.Old.Entries, "entry", "entries"))
	}
	var parts []string
	for _, c := range Classes {
		if n := d.Summary.Of(c); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, c))
		}
	}
	return strings.Join(parts, ", ") + entries
}

// whom is the entry that a change is about, by parts; nothing for other parts
// of the policy.
func (x Change) entry() bool { return x.Key == "principals" || strings.HasPrefix(x.Key, "principals.") }

// field is the key without what is clear from the entry.
func (x Change) field() string {
	return strings.TrimPrefix(strings.TrimPrefix(x.Key, "principals"), ".")
}

// line is where to look: in the new file, or in the old one for what is gone.
func (x Change) line() string {
	switch {
	case x.NewLine > 0:
		return fmt.Sprintf("line %d", x.NewLine)
	case x.OldLine > 0:
		return fmt.Sprintf("line %d before", x.OldLine)
	}
	return ""
}

// mostPieces is how many parts of a value are shown.
const mostPieces = 12

// value writes the parts of a value, which may be a list that others wrote.
func value(s string, write func(string) string) string {
	pieces := strings.Split(s, ", ")
	for i := range pieces[:min(len(pieces), mostPieces)] {
		pieces[i] = write(pieces[i])
	}
	return report.First(mostPieces, pieces)
}

// values are what was and what is.
func (x Change) values(arrow string, write func(string) string) string {
	switch {
	case x.Class == Removed:
		return value(x.Old, write)
	case x.Class == Added:
		return value(x.New, write)
	case x.Old == "":
		return "added: " + value(x.New, write)
	case x.New == "":
		return "taken out: " + value(x.Old, write)
	}
	return value(x.Old, write) + arrow + value(x.New, write)
}

// because says what makes it probable that two entries are one.
func (n *Near) because() string {
	words := map[string]string{byName: "the same name", byUID: "uids one slip apart"}
	var parts []string
	for _, b := range n.Because {
		parts = append(parts, words[b])
	}
	return strings.Join(parts, ", ")
}

// mistyped are the entries that went and came, and are probably one.
func (d *Diff) mistyped() []Change {
	var all []Change
	for _, x := range d.Changes {
		if x.Class == Removed && x.Near != nil {
			all = append(all, x)
		}
	}
	return all
}

// of are the changes of a class.
func (d *Diff) of(c Class) []Change {
	var all []Change
	for _, x := range d.Changes {
		if x.Class == c {
			all = append(all, x)
		}
	}
	return all
}

// alone reports whether a change says more than its title does.
func (x Change) alone() bool { return x.Class == Removed || x.Class == Added }

// Package page is a stored document as it is shown to people: one view of every
// format that this program writes, and beside it, in rooms of their own, those who
// write that view down.
//
//	bytes --Decode--> Document --View--> Page --web-----> HTML
//	                                          --comment-> Markdown
//	                                          --sheet---> CSV
//	                                          --plain---> text
//
// A page claims no more than its document. Its texts are as the document has them,
// but where several stand in one text each is made harmless and short by
// [report.Plain]: whoever writes a page escapes for the format it writes, and for
// nothing else.
//
// Where to find what:
//
//	decode.go    which format it is          run.go        a run, section by section
//	sentence.go  the verdict of a run        matrix.go     principals and clusters
//	             in a sentence               timeline.go   when what was proven
//	calls.go     calls as bars               audit.go  doctor.go  restore.go  show.go
//	rows.go      one flat row for each       summary.go  inspect.go  prove.go
//	             thing, for CSV
package page

import "ackrevoke/job/end"

// Page is one document as it is shown.
type Page struct {
	Schema   string // of the document
	File     string // where it was read from; "" where that does not matter
	Kind     string // what it is: "Run report"
	Title    string // what it is about, for a window or a list
	Verdict  Verdict
	Notices  []Notice // what has to be read together with the verdict
	Facts    []Fact
	Sections []Section
	Rows     []Row // the same, one flat row for each thing
}

// Tone is how good or bad something is, for whoever gives it a colour.
type Tone string

// The tones.
const (
	Neutral Tone = ""
	Good    Tone = "good"   // proven
	Act     Tone = "act"    // planned, or to be looked at
	Bad     Tone = "bad"    // left, failed, refused
	Unsure  Tone = "unsure" // not known
	Quiet   Tone = "quiet"  // accepted, or of no weight
)

// Verdict is how the document ended.
type Verdict struct {
	Name     string // the word of the protocol
	ExitCode int
	Tone     Tone
	Sentence string   // for somebody who reads nothing else
	Also     []string // what the sentence is not true without, one sentence each
	Reasons  []string // of the protocol
}

// Notice is a sentence that changes what everything else means.
type Notice struct {
	Tone Tone
	Text string
}

// Fact is a line at the head: who, when, of what.
type Fact struct {
	Label string
	Text  string
	Code  bool // an id, a digest or a path
}

// Section is one part of a page, under a heading.
type Section struct {
	ID       string // unique in its page: lower case and dashes
	Title    string
	Count    int    // of what it lists; -1: a number would say nothing
	Lead     string // a sentence above
	Folded   bool   // of less weight: shown when it is asked for
	Matrix   *Matrix
	Tables   []Table
	List     []string
	Timeline *Timeline
}

// Column is one column of a table.
type Column struct {
	Head   string
	Number bool
	Bars   bool // a Cell's Bar is drawn here
}

// Table is rows of cells.
type Table struct {
	Caption string
	Columns []Column
	Lines   []Line
	Filter  bool // long enough, and varied enough, to look for something in it
}

// Line is one row of a table; State is what it can be filtered by.
type Line struct {
	State string
	Tone  Tone
	Cells []Cell
}

// Cell is one cell of a table.
type Cell struct {
	Text string   // the main line; "" is shown as a dash
	More []string // further lines, of less weight
	Tone Tone     // with a colour, and never by the colour alone: the text says it
	Code bool     // an id or a digest
	Bar  []Part   // lengths, of a row whose table draws bars
}

// Part is one part of a bar; Share is of the longest bar, from 0 to 1000.
type Part struct {
	Tone  Tone
	At    int
	Share int
}

// toneOf is the tone of a verdict's name.
func toneOf(name end.Name) Tone {
	switch name {
	case end.Converged, end.Complete, end.Ready, end.NoneFound:
		return Good
	case end.Planned, end.FoundSome:
		return Act
	case end.Incomplete, end.Interrupted:
		return Unsure
	}
	return Bad
}

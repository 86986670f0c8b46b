// Package voice speaks every word of the program to a person, on standard error.
// Its rules:
//
//   - an error says what happened and to what; the line below it, marked
//     "hint:", says what to do next;
//   - a terminal gets tables and one closing line, anything else gets JSON log
//     lines; both carry the same facts;
//   - text that others control (names, messages of the service) is made harmless
//     by what writes it, here: nobody who hands it over needs to think of that;
//   - the command that goes on from here is always whole: it can be pasted;
//   - standard output is never spoken to.
//
// Where to find which words:
//
//	line.go     what others control is escaped here   command.go  command lines to paste, and which
//	hear.go     what a command tells while it works               of them goes on from here
//	run.go      the last words of a run               closing.go  what the last words are made of
//	restore.go  self.go  of these commands            ending.go   the table of exit codes
//	trouble.go  what is wrong with files and policies colour.go   whether there is any
//	crowd.go    several that speak at a time          accounts.go the last words about them all
//	screen.go   lines that fit into a terminal        progress.go how far a command is
package voice

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"ackrevoke/job/report"
)

// Listener is who is spoken to, and how that was asked for.
type Listener struct {
	To            io.Writer // standard error
	Terminal      bool      // it is one
	Wide          bool      // --wide
	Env           []string
	Args          []string // of the command line
	Format, Level string   // --log-format and --log-level, which are valid
	Report        string   // where the report goes, - for standard output
	Now           func() time.Time
}

// Voice speaks of one command.
type Voice struct {
	args    []string
	report  string
	w       io.Writer
	member  *Member // of several that speak at a time; nil: alone
	log     zerolog.Logger
	console bool    // people read it
	screen  *Screen // where a line of progress may stand; nil for none
	wide    bool
	style   report.Style

	now    func() time.Time
	mu     sync.Mutex
	stages map[string]*stage
	taken  map[string]string // by id of an action: what it takes away
}

// New is a voice for whoever listens.
func New(l Listener) *Voice {
	v := &Voice{args: l.Args, report: l.Report, w: l.To, now: l.Now, wide: l.Wide, style: Colours(l.Env, l.Terminal),
		stages: map[string]*stage{}, taken: map[string]string{}}
	v.member, _ = l.To.(*Member)
	if l.Terminal && l.Format != "json" && v.member == nil { // else the line of progress is that of all
		v.screen, _ = l.To.(*Screen)
	}
	v.console = l.Format == "console" || l.Format == "auto" && l.Terminal
	var to io.Writer = escaping{l.To}
	if v.member != nil {
		to = escaping{logged{v.member.crowd}}
	}
	if v.console {
		to = zerolog.ConsoleWriter{Out: folding{l.To}, NoColor: v.style == nil, PartsExclude: []string{zerolog.TimestampFieldName}}
	}
	level, _ := zerolog.ParseLevel(l.Level)
	v.log = zerolog.New(to).Level(level).Hook(clock(l.Now))
	if v.member != nil && v.member.file != "" && !v.console {
		v.log = v.log.With().Str("file", v.member.file).Logger()
	}
	return v
}

// speak begins what is said in one piece, and returns its end.
func (v *Voice) speak() (end func()) {
	v.mu.Lock()
	v.clear()
	if v.member == nil {
		return v.mu.Unlock
	}
	release := v.member.together()
	return func() { release(); v.mu.Unlock() }
}

// Look is how tables look to the listener.
func (v *Voice) Look() report.Look {
	return report.Look{Style: v.style, Width: columns(v.w), Wide: v.wide}
}

// Say prints one line, on a terminal as several that fit. What others control in it
// is made harmless.
func Say(w io.Writer, format string, a ...any) {
	for _, line := range folded(w, report.Harmless(fmt.Sprintf(format, a...)), indent) {
		fmt.Fprintln(w, line)
	}
}

// Complain prints an error and its hint.
func Complain(w io.Writer, err error, hint string) {
	for _, m := range Messages(err) {
		Say(w, "ackrevoke: %s", m)
	}
	if hint != "" {
		Say(w, "hint: %s", hint)
	}
}

// Name is a name that others chose, short enough to stand in a sentence.
func Name(name string) string { return report.Plain(name) }

// Whom is a principal by name and uid, or by uid where it has no name.
func Whom(name, uid string) string {
	if name == "" {
		return uid
	}
	return Name(name) + " (" + uid + ")"
}

// Count is a number of things.
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

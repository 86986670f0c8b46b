package voice

import (
	"io"
	"time"

	"github.com/rs/zerolog"

	"ackrevoke/job/report"
)

// Line is one line of the log while it is put together. What others control is
// made harmless by the method that takes it.
type Line struct{ event *zerolog.Event }

// Info begins a line of what goes on.
func (v *Voice) Info() Line { return Line{v.log.Info()} }

// Warn begins a line of what may have to be looked at.
func (v *Voice) Warn() Line { return Line{v.log.Warn()} }

// Error begins a line of what went wrong.
func (v *Voice) Error() Line { return Line{v.log.Error()} }

// Str adds a name or another short text.
func (l Line) Str(key, name string) Line { l.event.Str(key, report.Plain(name)); return l }

// Text adds a message, which may be long.
func (l Line) Text(key, message string) Line { l.event.Str(key, report.Harmless(message)); return l }

// Whole adds a path or a command, which is of no use unless it is whole. Whoever
// reads the log as JSON gets it unchanged, and the writer makes it harmless to
// look at.
func (l Line) Whole(key, text string) Line { l.event.Str(key, text); return l }

// Whether adds a yes or no.
func (l Line) Whether(key string, yes bool) Line { l.event.Bool(key, yes); return l }

// Int adds a number.
func (l Line) Int(key string, n int) Line { l.event.Int(key, n); return l }

// List adds words of the program's own.
func (l Line) List(key string, words []string) Line { l.event.Strs(key, words); return l }

// Time adds a time.
func (l Line) Time(key string, t time.Time) Line { l.event.Time(key, t); return l }

// Say writes the line, with what it says.
func (l Line) Say(text string) { l.event.Msg(report.Harmless(text)) }

// clock stamps log lines with the program's clock.
type clock func() time.Time

// Run implements zerolog.Hook.
func (c clock) Run(e *zerolog.Event, _ zerolog.Level, _ string) {
	e.Time(zerolog.TimestampFieldName, c().UTC())
}

// escaping makes JSON lines harmless to look at: what a terminal could take
// for a command, and encoding/json leaves as it is, is escaped.
type escaping struct{ w io.Writer }

func (e escaping) Write(line []byte) (int, error) {
	if _, err := e.w.Write(report.EscapeJSON(line)); err != nil {
		return 0, err
	}
	return len(line), nil
}

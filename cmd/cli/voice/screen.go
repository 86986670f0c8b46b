package voice

import (
	"fmt"
	"io"
	"regexp"
	"sync"

	"ackrevoke/job/report"
)

// Screen is standard error where it is a terminal: lines that fit into it, and at
// its end one line of progress, which makes room for whatever else is written.
type Screen struct {
	mu    sync.Mutex
	to    io.Writer
	width func() int
	shown bool     // a line of progress stands there
	whole []string // commands to be pasted: they are never broken
}

// NewScreen writes to a terminal. width asks how many columns it has, 0 for
// unknown; it may be nil.
func NewScreen(to io.Writer, width func() int) *Screen { return &Screen{to: to, width: width} }

// Write implements io.Writer: what is written takes the place of the line of
// progress.
func (s *Screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
	return s.to.Write(b)
}

// Progress puts one line in the place of the one before it. What does not fit is
// left out, for a line that goes on below itself cannot be taken away.
func (s *Screen) Progress(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprint(s.to, "\r\x1b[K"+report.Cut(text, s.columns()-1))
	s.shown = true
}

// Quiet takes the line of progress away.
func (s *Screen) Quiet() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
}

func (s *Screen) clear() {
	if s.shown {
		fmt.Fprint(s.to, "\r\x1b[K")
	}
	s.shown = false
}

func (s *Screen) columns() int {
	if s.width == nil {
		return 0
	}
	return s.width()
}

// keep remembers a command that is to be pasted.
func (s *Screen) keep(command string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.whole = append(s.whole, command)
}

func (s *Screen) commands() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.whole
}

// The space that lines of people have below their first one.
const (
	indent    = 2
	logIndent = 4
)

// columns is how wide lines to w may be, 0 for any.
func columns(w io.Writer) int {
	switch w := w.(type) {
	case *Screen:
		return w.columns()
	case *Member:
		if all := columns(w.crowd.to); all > 0 {
			return max(1, all-report.Width(w.prefix()))
		}
	}
	return 0
}

// screen is the terminal behind w, nil where there is none.
func screen(w io.Writer) *Screen {
	switch w := w.(type) {
	case *Screen:
		return w
	case *Member:
		return screen(w.crowd.to)
	}
	return nil
}

// asked is a command at the end of a text, after a colon: it is there to be pasted.
var asked = regexp.MustCompile(`: (ackrevoke [^:;]*)$`)

// folded breaks a text that is harmless into lines that fit. Commands stay whole.
func folded(w io.Writer, text string, indent int) []string {
	var keep []string
	if s := screen(w); s != nil {
		keep = s.commands()
	}
	if m := asked.FindStringSubmatch(text); m != nil {
		keep = append(keep[:len(keep):len(keep)], m[1])
	}
	return report.Fold(text, columns(w), indent, keep...)
}

// folding takes lines of the log for people.
type folding struct{ to io.Writer }

func (f folding) Write(line []byte) (int, error) {
	text := string(line)
	if n := len(text) - 1; n >= 0 && text[n] == '\n' {
		text = text[:n]
	}
	for _, l := range folded(f.to, text, logIndent) {
		if _, err := fmt.Fprintln(f.to, l); err != nil {
			return 0, err
		}
	}
	return len(line), nil
}

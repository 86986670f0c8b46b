package voice

import (
	"bytes"
	"fmt"
	"io"
	"sync"

	"ackrevoke/job/report"
)

// Crowd is standard error where several runs speak at a time, each of one file.
// Lines stay whole and say whose they are: those for people begin with the file's
// name, log lines have it as the field file. What belongs together stays
// together. Below it all stands one line of progress, on a terminal.
type Crowd struct {
	mu    sync.Mutex
	to    io.Writer
	live  bool
	stage string // the line of progress; "" for none
}

// NewCrowd shares out where to write; live says that a line there may be rewritten.
func NewCrowd(to io.Writer, live bool) *Crowd { return &Crowd{to: to, live: live} }

// Member is the standard error of one run. It is a writer for [Listener.To].
type Member struct {
	crowd *Crowd
	file  string
	held  bool
	lines bytes.Buffer // not written yet: what is held, or the beginning of a line
}

// Member speaks of one file; "" speaks of all.
func (c *Crowd) Member(file string) *Member { return &Member{crowd: c, file: file} }

// Progress says how many of all are done.
func (c *Crowd) Progress(stage string, n, of int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.live {
		c.stage = report.Cut(fmt.Sprintf("%s: %d of %d", stage, n, of), columns(c.to)-1)
		fmt.Fprint(c.to, "\r\x1b[K"+c.stage)
	}
}

// Quiet ends the line of progress.
func (c *Crowd) Quiet() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.put(nil)
	c.stage = ""
}

// put writes whole lines above the line of progress. The crowd is locked.
func (c *Crowd) put(lines []byte) {
	if c.stage != "" {
		fmt.Fprint(c.to, "\r\x1b[K")
	}
	_, _ = c.to.Write(lines)
	if c.stage != "" && len(lines) > 0 {
		fmt.Fprint(c.to, c.stage)
	}
}

// Write takes lines for people.
func (m *Member) Write(b []byte) (int, error) {
	m.crowd.mu.Lock()
	defer m.crowd.mu.Unlock()
	m.lines.Write(b)
	if !m.held {
		m.flush()
	}
	return len(b), nil
}

// flush writes the lines that are whole, each with the name before it. Lines
// without a word only kept tables apart.
func (m *Member) flush() {
	whole := bytes.LastIndexByte(m.lines.Bytes(), '\n') + 1
	var out bytes.Buffer
	for line := range bytes.Lines(m.lines.Next(whole)) {
		if m.file != "" {
			if len(bytes.TrimSpace(line)) == 0 {
				continue
			}
			out.WriteString(m.prefix())
		}
		out.Write(line)
	}
	if out.Len() > 0 {
		m.crowd.put(out.Bytes())
	}
}

// prefix begins each line of the member.
func (m *Member) prefix() string {
	if m.file == "" {
		return ""
	}
	return report.Harmless(m.file) + ": "
}

// together keeps what is written from now on, until it is released, in one piece.
func (m *Member) together() (release func()) {
	m.crowd.mu.Lock()
	m.held = true
	m.crowd.mu.Unlock()
	return func() {
		m.crowd.mu.Lock()
		defer m.crowd.mu.Unlock()
		m.held = false
		m.flush()
	}
}

// Close writes what is left of a line.
func (m *Member) Close() {
	if m.lines.Len() > 0 {
		fmt.Fprintln(m)
	}
}

// logged takes lines of the log, one at a time. They name their file themselves.
type logged struct{ *Crowd }

func (l logged) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.put(line)
	return len(line), nil
}

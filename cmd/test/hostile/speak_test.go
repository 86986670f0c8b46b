package hostile

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/report"
)

// spoken are the only control sequences that this program writes itself:
// colours on a terminal, and the line that it rewrites there. No text of the
// corpus has one of them.
var spoken = strings.NewReplacer("\r\x1b[K", "", "\x1b[0m", "", "\x1b[1m", "", "\x1b[31m", "", "\x1b[32m", "", "\x1b[33m", "",
	"\x1b[36m", "", "\x1b[90m", "")

// harmful says why a rune must not reach a reader, "" if it may. It is not the
// program's own table: that one could be wrong.
func harmful(r rune) string {
	for _, c := range []struct {
		from, to rune
		what     string
	}{
		{0x00, 0x09, "C0"}, {0x0b, 0x1f, "C0"}, {0x7f, 0x7f, "DEL"}, {0x80, 0x9f, "C1"}, {0xad, 0xad, "soft hyphen"},
		{0x061c, 0x061c, "bidi mark"}, {0x180e, 0x180e, "zero width"}, {0x200b, 0x200d, "zero width"}, {0x200e, 0x200f, "bidi mark"},
		{0x2028, 0x2029, "line separator"}, {0x202a, 0x202e, "bidi embedding"}, {0x2060, 0x2064, "zero width"}, {0x2066, 0x2069, "bidi isolate"},
		{0xfeff, 0xfeff, "zero width"}, {0xfff9, 0xfffb, "annotation"}, {0xe0000, 0xe007f, "tag"},
	} {
		if r >= c.from && r <= c.to {
			return c.what
		}
	}
	return ""
}

// harmless asserts that a text can be looked at.
func harmless(t *testing.T, what, text string) {
	t.Helper()
	for i, r := range text {
		why := harmful(r)
		if r == utf8.RuneError && !strings.HasPrefix(text[i:], "\uFFFD") {
			why = "invalid UTF-8"
		}
		if why != "" {
			t.Errorf("%s: %s (%U) at %q", what, why, r, stage.Around(text, i))
			return
		}
	}
}

// said asserts of a stream that it is harmless, that no line of it begins with
// what others wrote, and that no text of others makes it long.
func said(t *testing.T, what, text string, terminal bool) {
	t.Helper()
	if terminal {
		text = spoken.Replace(text)
	}
	harmless(t, what, text)
	whole := 0
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "FORGED") || strings.HasPrefix(line, `{"level":"info","FORGED"`) ||
			strings.Contains(line, "hint: FORGED") && strings.HasPrefix(line, "hint") {
			t.Errorf("%s: a line that others wrote: %q", what, line[:min(len(line), 100)])
		}
		if strings.Contains(line, `"snapshot":`) {
			continue // whole by contract: it is what can be given back
		}
		if n := utf8.RuneCountInString(line); n > 6000 {
			t.Errorf("%s: a line of %d runes: %q", what, n, line[:200])
		}
		whole += len(line)
	}
	if whole > 40<<10 {
		t.Errorf("%s: %d bytes:\n%s", what, whole, text[:2000])
	}
}

// mode is a way in which the output is read.
type mode struct {
	name     string
	terminal bool
	env      []string
	args     []string
}

var modes = []mode{
	{"terminal", true, nil, []string{"--log-level", "trace"}},
	{"terminal without colours", true, []string{"NO_COLOR=1"}, nil},
	{"console", false, nil, []string{"--log-format", "console", "--log-level", "trace"}},
	{"json", false, nil, []string{"--log-level", "trace"}},
	{"json on a terminal", true, nil, []string{"--log-format", "json"}},
}

func (m mode) lines() bool { return strings.HasPrefix(m.name, "json") }

// speak makes one run of the program in a mode, and asserts what holds of
// every output: the streams, the report and what is kept beside it.
func speak(w *stage.World, m mode, args ...string) stage.Ran {
	w.T.Helper()
	w.Account.Reset()
	path := filepath.Join(w.Dir, "report.json")
	var stdout, stderr bytes.Buffer
	all := append([]string{"run", "-o", path, "--cs-endpoint", "http://127.0.0.1:1", "--ram-endpoint", "http://127.0.0.1:1",
		"--sts-endpoint", "http://127.0.0.1:1"}, m.args...)
	p := cli.Program{
		Args: append(all, args...), Env: m.env, Terminal: m.terminal,
		Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Now: w.Now, Dial: w.Pipe.Dial,
	}
	r := stage.Ran{Code: p.Run(context.Background()), Stdout: stdout.String(), Stderr: stderr.String(), Calls: w.Account.Calls()}
	said(w.T, m.name+" stdout", r.Stdout, false)
	said(w.T, m.name+" stderr", r.Stderr, m.terminal)
	if m.lines() {
		logLines(w, r.Stderr)
	}
	for _, name := range stage.Must(filepath.Glob(filepath.Join(w.Dir, "report*.json"))) {
		r.Raw = stage.Must(os.ReadFile(name))
		harmless(w.T, name, string(r.Raw))
		stage.Fits(w.T, "report", r.Raw)
		got, err := report.Decode(r.Raw)
		if err != nil {
			w.T.Fatalf("%s: %v", name, err)
		}
		if again := stage.Must(got.Encode()); !bytes.Equal(again, r.Raw) {
			w.T.Errorf("%s does not come round", name)
		}
		if err := report.Check(got); err != nil {
			w.T.Errorf("%s: %v", name, err)
		}
		if name == path {
			r.Report = got
		}
	}
	if r.Report == nil || r.Report.Verdict.ExitCode != r.Code {
		w.T.Errorf("%s: exit %d, report %+v", m.name, r.Code, r.Report)
	}
	return r
}

// logLines asserts that every line is one of ours: JSON with a level and a
// message, but for those that say why a run cannot be made.
func logLines(w *stage.World, stderr string) {
	w.T.Helper()
	for line := range strings.Lines(spoken.Replace(stderr)) {
		var fields map[string]any
		if strings.HasPrefix(line, "ackrevoke: ") || strings.HasPrefix(line, "hint: ") {
			continue
		}
		if err := json.Unmarshal([]byte(line), &fields); err != nil || fields["level"] == nil || fields["message"] == nil ||
			fields["FORGED"] != nil {
			w.T.Errorf("no log line: %q (%v)", line[:min(len(line), 200)], err)
		}
	}
}

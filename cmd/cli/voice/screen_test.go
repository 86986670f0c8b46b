package voice

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"ackrevoke/job/report"
	"ackrevoke/job/sight"
)

// A line of progress fits into its line, makes room for what is said, and names
// its stage before anything of it is done.
func TestProgressOnAScreen(t *testing.T) {
	var out bytes.Buffer
	now := time.Unix(0, 0)
	v := New(Listener{To: NewScreen(&out, func() int { return 24 }), Terminal: true, Format: "auto", Level: "info",
		Now: func() time.Time { return now }})
	for _, step := range []struct {
		tell sight.Event
		want string
	}{
		{sight.Began{Stage: "asking who"}, "\r\x1b[Kasking who ..."},
		{sight.Began{Stage: "users", Of: 2}, "\r\x1b[Kusers: 0 of 2"},
		{sight.Began{Stage: "regions", Of: 9}, "\r\x1b[Kregions: 0 of 9"},
		{sight.Progress{Stage: "users", Of: 2}, "\r\x1b[Kusers: 1 of 2"},
		{sight.Progress{Stage: "regions of the account", Of: 9}, "\r\x1b[Kregions of the account…"},
		{sight.Noted("a note that takes more than one line"), "\r\x1b[KINF a note that takes\n    more than one line\n"},
		{sight.Progress{Stage: "users", Of: 2}, "\r\x1b[Kusers: 2 of 2"},
		{sight.Began{Stage: "users", Of: 5}, "\r\x1b[Kusers: 0 of 5"},
	} {
		out.Reset()
		v.Hear(step.tell)
		if got := string(colourless(out.Bytes())); got != step.want {
			t.Errorf("%+v: %q, want %q", step.tell, got, step.want)
		}
	}
	out.Reset()
	v.Quiet()
	v.Quiet()
	if got := out.String(); got != "\r\x1b[K" {
		t.Errorf("the end of it: %q", got)
	}
}

func colourless(b []byte) []byte {
	for _, code := range []string{"\x1b[32m", "\x1b[31m", "\x1b[36m", "\x1b[1m", "\x1b[0m"} {
		b = bytes.ReplaceAll(b, []byte(code), nil)
	}
	return b
}

// Sentences are broken between words; what is to be pasted is not, wherever it stands.
func TestSayOnAScreen(t *testing.T) {
	var out bytes.Buffer
	screen := NewScreen(&out, func() int { return 40 })
	v := New(Listener{To: screen, Terminal: true, Format: "auto", Level: "info", Env: []string{"NO_COLOR=1"}, Now: time.Now,
		Args: []string{"run", "--policy", "the policy of the account.yaml"}})
	next := v.Again("--allow-revocations", "12")
	v.Error().Str("guard", "maxRevocations").Say("8 found, 1 allowed; to go on: " + next)
	Say(screen, "converged (exit 0): %s", strings.Repeat("word ", 10))
	Complain(screen, errText("nothing that fits into one line of this"), "start with: ackrevoke run --help, whatever is in the way")
	Next(screen, next)
	Offer(screen, "To revoke everything", "ackrevoke add 200000000000000001")
	Offer(screen, "To revoke", "ackrevoke add 2")
	want := `ERR 8 found, 1 allowed; to go on:
` + next + `
    guard=maxRevocations
converged (exit 0): word word word word
  word word word word word word
ackrevoke: nothing that fits into one
  line of this
hint: start with:
ackrevoke run --help, whatever is in the way
Next: ` + next + `
To revoke everything:
ackrevoke add 200000000000000001
To revoke: ackrevoke add 2
`
	if got := out.String(); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

type errText string

func (e errText) Error() string { return string(e) }

func TestColours(t *testing.T) {
	for _, c := range []struct {
		env      string
		terminal bool
		want     bool
	}{
		{"", true, true}, {"", false, false}, {"NO_COLOR=1", true, false}, {"NO_COLOR=0", true, false}, {"NO_COLOR=", true, true},
		{"TERM=dumb", true, false}, {"TERM=xterm", true, true}, {"FORCE_COLOR=1", false, true}, {"FORCE_COLOR=0", false, false},
		{"FORCE_COLOR=", false, false}, {"FORCE_COLOR=1 TERM=dumb", true, true}, {"FORCE_COLOR=1 NO_COLOR=1", true, false},
	} {
		if got := Colours(strings.Fields(c.env), c.terminal) != nil; got != c.want {
			t.Errorf("%s, terminal %v: %v", c.env, c.terminal, got)
		}
	}
}

func TestDiffInColour(t *testing.T) {
	const diff = "--- a\n+++ b\n@@ -1 +1 @@\n-old\x1b\n+new\n same\n"
	want := "\x1b[1m--- a\x1b[0m\n\x1b[1m+++ b\x1b[0m\n\x1b[36m@@ -1 +1 @@\x1b[0m\n\x1b[31m-old\\u{1b}\x1b[0m\n\x1b[32m+new\x1b[0m\n same\n"
	if got := Diff(diff, colour); got != want {
		t.Errorf("%q", got)
	}
	if got := Diff(diff, nil); got != strings.ReplaceAll(diff, "\x1b", `\u{1b}`) {
		t.Errorf("%q", got)
	}
}

// Lines of one of many files leave room for its name.
func TestMembersOfAScreen(t *testing.T) {
	var out bytes.Buffer
	crowd := NewCrowd(NewScreen(&out, func() int { return 30 }), true)
	m := crowd.Member("a.yaml")
	Say(m, "one two three four five six seven")
	for line := range strings.Lines(out.String()) {
		if report.Width(line) > 31 || !strings.HasPrefix(line, "a.yaml: ") {
			t.Errorf("%q", line)
		}
	}
	if words := strings.Fields(strings.ReplaceAll(out.String(), "a.yaml: ", "")); !slices.Equal(words,
		[]string{"one", "two", "three", "four", "five", "six", "seven"}) {
		t.Errorf("%q", words)
	}
}

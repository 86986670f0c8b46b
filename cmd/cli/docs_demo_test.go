package cli_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/cli"
)

// The README shows what make demo prints, with rows and columns left out: each
// line that it keeps of a run is said by one of the three, blanks aside.
func TestReadmeShowsTheDemo(t *testing.T) {
	fenced, _ := documents(t)[0].blocks(t)
	s := newScene(t)
	synctest.Test(t, func(t *testing.T) {
		s.t = t
		end := s.open()
		defer end()
		said := ""
		for _, line := range []string{
			"ackrevoke run --log-format console",
			`ackrevoke run --log-format console --dry-run=false --expect-plan "$(jq -r .plan.digest report.json)"`,
			"ackrevoke run --log-format console --dry-run=false",
		} {
			s.account.Reset()
			_, out := s.enter(line)
			calls := s.account.Calls()
			writes := len(slices.DeleteFunc(slices.Clone(calls), func(c sim.Call) bool { return !c.Write }))
			said += out + fmt.Sprintf("-- The account's own record of calls: %d reads; %d writes, exactly the planned ones.\n",
				len(calls)-writes, writes)
		}
		said = blanks.ReplaceAllString(said, " ")
		for _, b := range fenced {
			for _, line := range b.lines {
				if b.language != "text" || line == "..." || strings.HasPrefix(line, "==") {
					continue
				}
				shown := strings.ReplaceAll(regexp.QuoteMeta(blanks.ReplaceAllString(line, " ")), `\.\.\.`, `.*`)
				if !regexp.MustCompile(`(?m)^` + shown + `$`).MatchString(said) {
					t.Errorf("the README shows %q, and this is said:\n%s", line, said)
				}
			}
		}
	})
}

var blanks = regexp.MustCompile(` +`)

var mentioned = regexp.MustCompile("`(?:\\$ )?ackrevoke ([^`]+)`")

// Commands in the middle of a sentence exist, with the flags that they have there.
func TestDocsMentionCommandsThatExist(t *testing.T) {
	help := map[string]string{}
	for _, d := range documents(t) {
		_, prose := d.blocks(t)
		for i, line := range prose {
			for _, m := range mentioned.FindAllStringSubmatch(line, -1) {
				words := strings.Fields(m[1])
				if help[words[0]] == "" {
					out := &sayings{}
					p := cli.Program{Args: []string{words[0], "--help"}, Stdin: strings.NewReader(""), Stdout: out, Stderr: out,
						Now: func() time.Time { return theDay }}
					if code := p.Run(t.Context()); code != 0 {
						t.Errorf("%s:%d: `ackrevoke %s`: no such command", d.path, i+1, m[1])
					}
					help[words[0]] = out.String()
				}
				for _, w := range words[1:] {
					flag, _, _ := strings.Cut(strings.Trim(w, "[]\\"), "=")
					if strings.HasPrefix(flag, "-") && !regexp.MustCompile(`(^|[ ,])`+regexp.QuoteMeta(flag)+`[ ,\[\n]`).MatchString(help[words[0]]) {
						t.Errorf("%s:%d: `ackrevoke %s` has no flag %s", d.path, i+1, m[1], flag)
					}
				}
			}
		}
	}
}

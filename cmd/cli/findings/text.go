package findings

import (
	"fmt"
	"io"
	"strings"

	"ackrevoke/job/report"
	"ackrevoke/policy/lint"
)

// Text writes the findings of one file for people, and for editors that jump to
// file:line:column:
//
//	policy.yaml:4:10: uid must be quoted: write uid: "1" [uid-form]
//	policy.yaml:7:10: warning: the entry of 2 states neither name nor createdAt [no-cross-check]
//	    fix: write name and createdAt
//
// What an error is about says what to do, so it has no second line. The place of an
// error and the word of a warning have a colour, and lines fit the terminal, where
// the look has them.
func Text(w io.Writer, f File, look report.Look) error {
	var b strings.Builder
	styled := func(tone report.Tone, text string) string {
		if text = report.Harmless(text); look.Style == nil || text == "" {
			return text
		}
		return look.Style(tone, text)
	}
	say := func(indent int, text string) {
		margin := strings.Repeat(" ", indent)
		_, command, _ := strings.Cut(text, " with: ") // to the end: of use in one piece only
		lines := report.Fold(text, max(0, look.Width-indent), 4-indent, command)
		b.WriteString(margin + strings.Join(lines, "\n"+margin) + "\n")
	}
	for _, x := range f.Findings {
		where, kind, tone := fmt.Sprintf("%s:%d:%d:", x.File, x.Line, x.Column), "", report.ToneRefused
		if f.Missing {
			where = "" // there is no place in it
		}
		if x.Severity == lint.Warning {
			kind, tone = "warning:", report.TonePlain
		}
		text := report.Harmless(x.Message) + " [" + x.Rule + "]"
		for _, before := range []string{styled(report.ToneActing, kind), styled(tone, where)} {
			if before != "" {
				text = before + " " + text
			}
		}
		say(0, text)
		if x.Severity == lint.Warning || f.Missing {
			say(4, "fix: "+report.Harmless(x.Fix))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

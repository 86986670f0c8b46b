package voice

import (
	"errors"
	"fmt"
	"strings"

	"ackrevoke/ack/sim"
	"ackrevoke/job/report"
	"ackrevoke/job/sight"
	"ackrevoke/policy"
)

// Messages are the single problems of an error: those of a policy or of an
// estate, or the one that it is.
func Messages(err error) []string {
	var lines []string
	var ofPolicy policy.Errors
	var ofEstate sim.Errors
	switch {
	case errors.As(err, &ofPolicy):
		for _, problem := range ofPolicy {
			lines = append(lines, problem.Error())
		}
	case errors.As(err, &ofEstate):
		for _, problem := range ofEstate {
			lines = append(lines, problem.Error())
		}
	default:
		lines = []string{err.Error()}
	}
	return lines
}

// Problems prints what is wrong with a policy, one message a line.
func (v *Voice) Problems(err error) {
	for _, m := range Messages(err) {
		Say(v.w, "%s", m)
	}
	Complain(v.w, fmt.Errorf("the policy is not valid: nothing was called"), "correct what is named above; ackrevoke validate checks it again")
}

// FailedToWrite says that the report, or what lies beside it, could not be written,
// where err is not nil.
func (v *Voice) FailedToWrite(err error) {
	if err != nil {
		v.clear()
		Complain(v.w, fmt.Errorf("what the run leaves could not be written: %w", err),
			"the journal holds what was done; free the path and run again")
	}
}

// Unmetered warns that the metrics did not get to where they were asked for.
// The run is what it was.
func (v *Voice) Unmetered(err error, hint string) {
	v.clear()
	v.Warn().Text("hint", hint).Say(err.Error())
}

// Exposed warns of folders in which others can exchange what a run leaves
// there. It is no error: the emptyDir of a pod is one.
func (v *Voice) Exposed(folders []string) {
	for _, f := range folders {
		v.Warn().Text("folder", f).Say("everybody may put files into this folder of the report or the journal, and take them away: " +
			"where others share it, give a folder of your own, or chmod +t it")
	}
}

// Panicked logs a panic with its stack.
func (v *Voice) Panicked(err error) {
	var p *sight.Panic
	if !errors.As(err, &p) {
		return
	}
	v.clear()
	v.Error().Whole("stack", string(p.Stack)).Say(p.Error())
}

// Diff makes a diff harmless to look at; what YAML uses stays. A style gives it
// colours, nil leaves it as a patch that can be applied.
func Diff(diff string, style report.Style) string {
	lines := strings.SplitAfter(diff, "\n")
	for i, l := range lines {
		text := strings.TrimRight(l, "\r\n")
		words := strings.Split(text, "\t")
		for k := range words {
			words[k] = report.Harmless(words[k])
		}
		shown := strings.Join(words, "\t")
		if style != nil && shown != "" {
			shown = style(toneOfLine(shown), shown)
		}
		lines[i] = shown + l[len(text):]
	}
	return strings.Join(lines, "")
}

func toneOfLine(line string) report.Tone {
	if strings.HasPrefix(line, "--- ") || strings.HasPrefix(line, "+++ ") {
		return report.ToneHeading
	}
	return report.Tone(line[:1])
}

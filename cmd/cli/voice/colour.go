package voice

import (
	"slices"
	"strings"

	"ackrevoke/job/report"
	"ackrevoke/policy/audit"
)

// The tones of a diff.
const (
	added   report.Tone = "+"
	removed report.Tone = "-"
	place   report.Tone = "@"
)

// Colours are those of a table where they are wanted, else nil. In this order:
//
//	NO_COLOR, unless empty                   none
//	FORCE_COLOR, unless empty, 0 or false    some, also off a terminal
//	TERM=dumb                                none
//	else                                     on a terminal
func Colours(env []string, terminal bool) report.Style {
	given := map[string]string{}
	for _, kv := range env {
		k, v, _ := strings.Cut(kv, "=")
		given[k] = v
	}
	forced := !slices.Contains([]string{"", "0", "false"}, given["FORCE_COLOR"])
	if given["NO_COLOR"] == "" && (forced || terminal && given["TERM"] != "dumb") {
		return colour
	}
	return nil
}

// colour gives a cell of a table a look.
func colour(tone report.Tone, text string) string {
	code := ""
	switch tone {
	case report.ToneHeading:
		code = "1"
	case report.Tone(audit.Critical):
		code = "1;31"
	case report.Tone(report.Out), added:
		code = "32"
	case report.ToneActing, report.Tone(audit.Medium):
		code = "33"
	case report.Tone(report.Left), report.Tone(report.Unclear), report.ToneRefused, report.Tone(audit.High), removed:
		code = "31"
	case place:
		code = "36"
	default:
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

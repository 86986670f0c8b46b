package voice

import (
	"strings"

	"ackrevoke/job/report"
)

// colourWanted respects NO_COLOR and terminals that have no colours.
func colourWanted(env []string) bool {
	for _, kv := range env {
		k, v, _ := strings.Cut(kv, "=")
		if k == "NO_COLOR" && v != "" || k == "TERM" && v == "dumb" {
			return false
		}
	}
	return true
}

// colour gives a cell of a table a look.
func colour(tone report.Tone, text string) string {
	code := ""
	switch tone {
	case report.ToneHeading:
		code = "1"
	case report.Tone(report.Out):
		code = "32"
	case report.ToneActing:
		code = "33"
	case report.Tone(report.Left), report.Tone(report.Unclear), report.ToneRefused:
		code = "31"
	default:
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

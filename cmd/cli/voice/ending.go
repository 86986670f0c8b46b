package voice

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ackrevoke/job/end"
)

// Endings is the table of exit codes for the help.
func Endings() string {
	rows := slices.SortedFunc(slices.Values(end.Table), func(a, b end.Ending) int { return cmp.Compare(a.Code, b.Code) })
	var s strings.Builder
	s.WriteString("Exit codes:\n")
	for _, e := range rows {
		lines := fold(strings.ReplaceAll(e.Means, "`", ""), 72)
		fmt.Fprintf(&s, "  %3d  %s\n", e.Code, strings.Join(lines, "\n       "))
	}
	codes := make([]string, len(end.Table))
	for i, e := range end.Table {
		codes[i] = fmt.Sprint(e.Code)
	}
	fmt.Fprintf(&s, "When several hold, the first of %s.", strings.Join(codes, ", "))
	return s.String()
}

// fold breaks a text into lines of at most so many bytes.
func fold(text string, width int) []string {
	var lines []string
	for _, word := range strings.Fields(text) {
		if n := len(lines) - 1; n >= 0 && len(lines[n])+1+len(word) <= width {
			lines[n] += " " + word
			continue
		}
		lines = append(lines, word)
	}
	return lines
}

package edit

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/aymanbagabas/go-udiff"
)

// Diff is the change in the unified form that patch takes. What moves a
// cursor or hides is left as it is: whoever shows it makes it harmless.
func (e *Edit) Diff(name string) string {
	return numbered(udiff.Unified(name, name, string(e.Old), string(e.New)))
}

var hunk = regexp.MustCompile(`^@@ -(\d+)(,\d+)? \+(\d+)(,\d+)? @@\n$`)

// numbered corrects where the hunks after the first one begin in the new text: go-udiff
// (v0.4.1) does not count the lines that stand between two changes of one hunk.
func numbered(diff string) string {
	var b strings.Builder
	ahead := 0 // by how many lines the new text is longer, up to here
	for line := range strings.Lines(diff) {
		if m := hunk.FindStringSubmatch(line); m != nil { // no line of a text: those have a sign before them
			from, _ := strconv.Atoi(m[1])
			if from > 1 { // all but what begins with the first line, which is counted right
				line = fmt.Sprintf("@@ -%s%s +%d%s @@\n", m[1], m[2], from+ahead, m[4])
			}
			ahead += lines(m[4]) - lines(m[2])
		}
		b.WriteString(line)
	}
	return b.String()
}

// lines is how many there are by the head of a hunk, which leaves one out.
func lines(text string) int {
	if text == "" {
		return 1
	}
	n, _ := strconv.Atoi(text[1:])
	return n
}

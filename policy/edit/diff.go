package edit

import (
	"fmt"
	"slices"
	"strings"
)

// around is how many lines that stay are shown on either side of a change.
const around = 3

// change is a run of lines that are replaced by others.
type change struct {
	at       int // line of the old text, from 0
	old, now []string
}

// Diff is the change in the unified form that patch takes. What moves a
// cursor or hides is left as it is: whoever shows it makes it harmless.
func (e *Edit) Diff(name string) string {
	old := splitLines(string(e.Old))
	changes := e.changes(old)
	if len(changes) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "--- %s\n+++ %s\n", name, name)
	moved := 0 // how much longer the new text is so far
	for len(changes) > 0 {
		n := 1
		for n < len(changes) && changes[n].at-(changes[n-1].at+len(changes[n-1].old)) <= 2*around {
			n++
		}
		moved = hunk(&b, old, changes[:n], moved)
		changes = changes[n:]
	}
	return b.String()
}

// hunk writes changes that are near each other with what stands around them.
func hunk(b *strings.Builder, old []string, changes []change, moved int) int {
	last := changes[len(changes)-1]
	from, to := max(changes[0].at-around, 0), min(last.at+len(last.old)+around, len(old))
	longer := 0
	var body strings.Builder
	at := from
	for _, c := range changes {
		printLines(&body, " ", old[at:c.at])
		printLines(&body, "-", c.old)
		printLines(&body, "+", c.now)
		at = c.at + len(c.old)
		longer += len(c.now) - len(c.old)
	}
	printLines(&body, " ", old[at:to])
	fmt.Fprintf(b, "@@ -%s +%s @@\n%s", span(from, to-from), span(from+moved, to-from+longer), body.String())
	return moved + longer
}

// span is a place as a hunk's head names it: without lines, the line before.
func span(from, n int) string {
	if n == 0 {
		return fmt.Sprintf("%d,0", from)
	}
	return fmt.Sprintf("%d,%d", from+1, n)
}

func printLines(b *strings.Builder, sign string, lines []string) {
	for _, l := range lines {
		b.WriteString(sign + l)
		if !strings.HasSuffix(l, "\n") {
			b.WriteString("\n\\ No newline at end of file\n")
		}
	}
}

// splitLines keeps the breaks.
func splitLines(text string) []string {
	lines := strings.SplitAfter(text, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// changes are the lines that the parts touch, before and after, without those
// that stay the same.
func (e *Edit) changes(old []string) []change {
	var starts []int
	at := 0
	for _, l := range old {
		starts = append(starts, at)
		at += len(l)
	}
	lineOf := func(offset int) int { // that holds the offset
		i, found := slices.BinarySearch(starts, offset)
		if !found {
			i--
		}
		return i
	}
	offset := len(e.Old) - e.length()
	var all []change
	for i := 0; i < len(e.parts); {
		p := e.parts[i]
		from, to := lineOf(p.at+offset), lineOf(p.at+p.cut+offset)+1
		if p.at+offset == len(e.Old) && strings.HasSuffix(string(e.Old), "\n") {
			from, to = len(old), len(old)
		}
		j := i + 1
		for ; j < len(e.parts); j++ {
			q := e.parts[j]
			if lineOf(q.at+offset) >= to || q.at+offset == len(e.Old) && from < len(old) && strings.HasSuffix(string(e.Old), "\n") {
				break
			}
			to = max(to, lineOf(q.at+q.cut+offset)+1)
		}
		all = append(all, e.replaced(old, starts, from, to, e.parts[i:j], offset))
		i = j
	}
	return all
}

// length is that of the text that the parts count in: all but a mark.
func (e *Edit) length() int { return len(strings.TrimPrefix(string(e.Old), "\ufeff")) }

// replaced is one change, cut down to the lines that differ.
func (e *Edit) replaced(old []string, starts []int, from, to int, parts []part, offset int) change {
	begin, text := len(e.Old), strings.Join(old[from:to], "")
	if from < len(starts) {
		begin = starts[from]
	}
	inside := slices.Clone(parts)
	for i := range inside {
		inside[i].at += offset - begin
	}
	c := change{at: from, old: old[from:to], now: splitLines(apply(text, inside))}
	for len(c.old) > 0 && len(c.now) > 0 && c.old[0] == c.now[0] {
		c.at, c.old, c.now = c.at+1, c.old[1:], c.now[1:]
	}
	for len(c.old) > 0 && len(c.now) > 0 && c.old[len(c.old)-1] == c.now[len(c.now)-1] {
		c.old, c.now = c.old[:len(c.old)-1], c.now[:len(c.now)-1]
	}
	return c
}

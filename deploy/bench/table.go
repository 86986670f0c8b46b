package main

import (
	"fmt"
	"strings"
)

// say adds a paragraph, or a heading, to the document.
func (b *bench) say(format string, a ...any) {
	fmt.Fprintf(&b.text, "\n"+format+"\n", a...)
}

// table adds a table; the first row is the head.
func (b *bench) table(rows [][]string) {
	b.text.WriteString("\n")
	for i, row := range rows {
		b.text.WriteString("| " + strings.Join(row, " | ") + " |\n")
		if i == 0 {
			b.text.WriteString("|---" + strings.Repeat("|---:", len(row)-1) + "|\n")
		}
	}
}

// number is a number with thousands set apart.
func number(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

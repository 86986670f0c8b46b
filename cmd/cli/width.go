package cli

import (
	"strconv"

	"ackrevoke/cmd/cli/voice"
	"ackrevoke/job/report"
)

// widest is more than any terminal has; a COLUMNS beyond it is a mistake.
const widest = 10_000

// Columns is how many columns the terminal has, 0 for unknown. A COLUMNS that is a
// number stands for what the terminal itself would say.
func (p Program) Columns() int {
	if n, err := strconv.Atoi(variables(p.Env)["COLUMNS"]); err == nil && n > 0 && n <= widest {
		return n
	}
	if p.Width == nil {
		return 0
	}
	return p.Width()
}

// look is how what is asked for looks on standard output. Where that is no
// terminal, lines are as wide as they need to be.
func (p Program) look(o *options) report.Look {
	l := report.Look{Style: voice.Colours(p.Env, p.Screen), Wide: o.wide}
	if p.Screen {
		l.Width = p.Columns()
	}
	return l
}

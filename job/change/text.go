package change

import (
	"fmt"
	"io"
	"strings"

	"ackrevoke/job/report"
)

// Text writes the comparison for a terminal, or for whatever looks like this.
func (d *Diff) Text(w io.Writer, look report.Look) error {
	var b strings.Builder
	say := func(indent, format string, a ...any) {
		lines := report.Fold(report.Harmless(fmt.Sprintf(format, a...)), max(0, look.Width-len(indent)), 2)
		b.WriteString(indent + strings.Join(lines, "\n"+indent) + "\n")
	}
	say("", "%s -> %s: %s.", report.Plain(d.Old.Path), report.Plain(d.New.Path), d.headline())
	section := func(title string) { b.WriteString("\n"); say("", "%s", title) }
	for _, c := range Classes {
		if changes := d.of(c); len(changes) > 0 {
			section(titles[c])
			for _, x := range changes {
				say("  ", "%s", x.text())
			}
		}
		if pairs := d.mistyped(); c == Loosened && len(pairs) > 0 {
			section(typos)
			for _, x := range pairs {
				say("  ", "%s went and %s came: %s", x.UID, x.Near.UID, x.Near.because())
			}
		}
	}
	if d.Live != nil {
		b.WriteString("\n")
		if err := d.planText(&b, say, look); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// text is a change in one line.
func (x Change) text() string {
	var s string
	if x.entry() {
		s = x.UID
		if x.Name != "" {
			s = report.Plain(x.Name) + " (" + x.UID + ")"
		}
		if f := x.field(); f != "" {
			s += " " + f
		}
	} else {
		s = x.Key
	}
	s += ": " + x.values(" -> ", report.Plain)
	if !x.alone() {
		s += "; " + x.Says
	}
	if at := x.line(); at != "" {
		s += " [" + at + "]"
	}
	return s
}

// planText writes the plan of the new policy.
func (d *Diff) planText(b *strings.Builder, say func(indent, format string, a ...any), look report.Look) error {
	p := d.preview()
	say("", "%s", p.title)
	if err := report.PlanTable(b, d.Live, look); err != nil {
		return err
	}
	for _, n := range p.notes {
		say("  ", "%s", n)
	}
	if p.digest != "" {
		say("  ", "digest: %s", p.digest)
	}
	if d.Approve != "" {
		b.WriteString("  to apply exactly this plan: " + d.Approve + "\n")
	}
	return nil
}

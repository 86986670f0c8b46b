package change

import (
	"fmt"
	"io"
	"strings"

	"ackrevoke/job/markdown"
)

// mostMarkdown is how many bytes the Markdown has at most: a comment on a pull
// request holds 65,536 characters, and whoever posts it has a line to add.
const mostMarkdown = 64_000

// mostPlan is how much of that is kept for the plan, whatever there is of changes.
const mostPlan = 16_000

// part is a heading and the rows below it, which may be cut.
type part struct {
	head string
	rows []string
	rest func(left int) string // what is said of the rows that were cut
}

// Markdown writes the comparison for a comment on a pull request. Where there
// is more than a comment holds, each part says how much of it is not shown.
func (d *Diff) Markdown(w io.Writer) error {
	title := fmt.Sprintf("%s → %s: **%s**.\n", markdown.Code(d.Old.Path), markdown.Code(d.New.Path), d.headline())
	parts := d.parts()
	room := mostMarkdown - len(title)
	for _, p := range parts {
		room -= len(p.head) + len(p.rest(len(p.rows)))
	}
	kept := 0
	if d.Live != nil {
		kept = min(size(parts[len(parts)-1].rows), mostPlan)
		room -= kept
	}
	var out strings.Builder
	out.WriteString(title)
	for i, p := range parts {
		if i == len(parts)-1 && d.Live != nil {
			room += kept
		}
		out.WriteString(p.head)
		shown := 0
		for shown < len(p.rows) && len(p.rows[shown]) <= room {
			out.WriteString(p.rows[shown])
			room -= len(p.rows[shown])
			shown++
		}
		if left := len(p.rows) - shown; left > 0 {
			out.WriteString(p.rest(left))
			room = 0 // what comes after must not read as if nothing were missing before it
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func size(rows []string) (n int) {
	for _, r := range rows {
		n += len(r)
	}
	return n
}

func (d *Diff) parts() []part {
	var all []part
	for _, c := range Classes {
		one, many := called(c)
		if changes := d.of(c); len(changes) > 0 {
			all = append(all, part{head: fmt.Sprintf("\n**%s** (%d)\n\n", titles[c], len(changes)), rows: texts(changes, Change.markdown),
				rest: func(left int) string { return "- " + more(left, one, many) + "\n" }})
		}
		if pairs := d.mistyped(); c == Loosened && len(pairs) > 0 {
			all = append(all, part{head: fmt.Sprintf("\n**%s** (%d)\n\n", typos, len(pairs)), rows: texts(pairs, func(x Change) string {
				return fmt.Sprintf("- %s went and %s came: %s\n", markdown.Code(x.UID), markdown.Code(x.Near.UID), x.Near.because())
			}), rest: func(left int) string { return "- " + more(left, "pair", "pairs") + "\n" }})
		}
	}
	if d.Live != nil {
		all = append(all, d.plan())
	}
	return all
}

// markdown is a change as an item of a list.
func (x Change) markdown() string {
	s := "- **" + x.Key + "**"
	if x.entry() {
		s = "- " + markdown.Code(x.UID)
		if x.Name != "" {
			s = "- " + markdown.Text(x.Name) + " (" + markdown.Code(x.UID) + ")"
		}
		if f := x.field(); f != "" {
			s += " **" + f + "**"
		}
	}
	s += ": " + x.values(" → ", markdown.Text)
	if !x.alone() {
		s += "; " + x.Says
	}
	if at := x.line(); at != "" {
		s += " *(" + at + ")*"
	}
	return s + "\n"
}

// plan is the dry run of the new policy, the digest before its rows so that it
// is never cut.
func (d *Diff) plan() part {
	p := d.preview()
	head := "\n**" + markdown.Line(p.title) + "**\n\n"
	if p.digest != "" {
		head += "Digest: " + markdown.Code(p.digest) + "\n"
	}
	if d.Approve != "" {
		head += "\n```sh\n" + d.Approve + "\n```\n"
	}
	head += notes(p.notes)
	var rows []string
	for _, a := range d.Live.Planned() {
		rows = append(rows, "| "+strings.Join(texts([]string{a.Principal, a.Cluster, a.Taken, a.Why}, cell), " | ")+" |\n")
	}
	if len(rows) > 0 {
		head += "\n| principal | cluster | taken away | why |\n|---|---|---|---|\n"
	}
	return part{head: head, rows: rows, rest: func(left int) string { return "\n" + more(left, "action", "actions") + "\n" }}
}

// mostNotesText is how many bytes of remarks about a plan are shown.
const mostNotesText = 8_000

func notes(all []string) string {
	s := "\n"
	for i, n := range all {
		row := "- " + markdown.Line(n) + "\n"
		if len(s)+len(row) > mostNotesText {
			return s + "- " + more(len(all)-i, "note", "notes") + "\n"
		}
		s += row
	}
	return s
}

// cell is a text of a plan, which is longer than a name: each part of it is
// made harmless on its own.
func cell(s string) string {
	return value(s, func(piece string) string { return markdown.Line(piece) })
}

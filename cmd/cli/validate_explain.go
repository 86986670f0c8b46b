package cli

import (
	"io"
	"strings"

	"github.com/spf13/cobra"

	"ackrevoke/cmd/cli/voice"
	"ackrevoke/policy/lint"
)

// everyRule is what --explain takes for a list of the rules.
const everyRule = "all"

// explain says what a rule is about, on standard output.
func (p Program) explain(c *cobra.Command, id string, args []string) error {
	if len(args) > 0 || c.Flags().Changed("format") || c.Flags().Changed("strict") {
		return hinted(usage("--explain goes alone: it is about a rule, not about files"),
			"ackrevoke validate --explain "+everyRule+" lists the rules")
	}
	w := c.OutOrStdout()
	if id == everyRule {
		for _, r := range lint.Rules() {
			voice.Say(w, "%-24s %-8s %s", r.ID, r.Severity, r.Title)
		}
		return nil
	}
	r, near, known := lint.Lookup(id)
	if !known {
		hint := "ackrevoke validate --explain " + everyRule + " lists the rules"
		if near != "" {
			hint = "did you mean " + near + "? " + hint
		}
		return hinted(usage("there is no rule %q", id), hint)
	}
	voice.Say(w, "%s (%s): %s", r.ID, r.Severity, r.Title)
	voice.Say(w, "")
	wrapped(w, r.Meaning)
	voice.Say(w, "")
	wrapped(w, "Fix: "+r.Fix+".")
	dated := ""
	if r.Severity == lint.Warning {
		dated = " (on 22 November 2026)"
	}
	example(w, "Wrong"+dated, r.Wrong)
	example(w, "Right"+dated, r.Right)
	return nil
}

// example shows a part of a policy; what cannot be seen in it is shown as an escape.
func example(w io.Writer, title, text string) {
	if text == "" {
		return
	}
	voice.Say(w, "")
	voice.Say(w, "%s:", title)
	for line := range strings.Lines(text) {
		voice.Say(w, "    %s", strings.TrimRight(line, "\n"))
	}
}

// wrapped writes a paragraph in lines of a terminal.
func wrapped(w io.Writer, text string) {
	const width = 80
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			voice.Say(w, "%s", line)
			line = ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	voice.Say(w, "%s", line)
}

package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ackrevoke/cmd/cli/findings"
	"ackrevoke/cmd/cli/voice"
	"ackrevoke/job/end"
)

// validateFlags are the flags of validate.
type validateFlags struct {
	format, explain string
	strict          bool
}

func (p Program) validateCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "validate [FILE|DIR|GLOB...]",
		Short: "Check policy files offline",
		Long: `validate checks policy files without calling anything and says all that is wrong
with them, and what is doubtful in a valid one: an entry that states neither name
nor createdAt, uids that are almost the same, an exception that ends soon. Each is
file:line:column: message, and the rule in brackets. A DIR is every *.yaml and *.yml
in it, as run --policy-dir takes them; - is standard input; without arguments
policy.yaml is checked. Errors go to standard error in the format text; the other
formats are for machines, on standard output. Exit codes: 0 every file is valid; 2
one is not, or is missing, or with --strict something is doubtful, or usage.`,
		Example: "  ackrevoke validate --strict policy.yaml",
	}
	f := &validateFlags{}
	own(c.Flags(),
		flag{name: "format", at: &f.format, preset: "text", help: "text, json, github (annotations), sarif or junit"},
		flag{name: "strict", at: &f.strict, help: "a warning ends in exit code 2 as well"},
		flag{name: "explain", at: &f.explain, help: "say what a `RULE` means, with an example; all lists the rules"})
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := applyEnvironment(c.Flags(), p.Env); err != nil {
			return err
		}
		if c.Flags().Changed("explain") {
			return p.explain(c, f.explain, args)
		}
		if _, known := findings.Writers[f.format]; !known && f.format != "text" {
			return hinted(usage("--format %q is none of the formats", f.format),
				"give text, "+strings.Join(slices.Sorted(maps.Keys(findings.Writers)), ", "))
		}
		return p.validate(f, args)
	}
	return c
}

// validate checks the files, says what was found, and ends as that asks for.
func (p Program) validate(f *validateFlags, args []string) error {
	if len(args) == 0 {
		args = []string{defaultPolicy}
	}
	found := p.findings(args)
	found.Strict = f.strict
	write := p.tell
	if f.format != "text" {
		write = func(r *findings.Report) error { return findings.Writers[f.format](p.Stdout, r) }
	}
	if err := write(found); err != nil {
		return &status{code: end.CodeError, err: fmt.Errorf("what was found could not be written: %w", err)}
	}
	p.conclude(found)
	return exit(found.ExitCode())
}

// tell says in words what was found: what is valid on standard output, as ever, and
// what is not beside it.
func (p Program) tell(r *findings.Report) error {
	for _, f := range r.Files {
		if err := findings.Text(p.Stderr, f); err != nil {
			return err
		}
		if !f.Valid {
			continue
		}
		voice.Say(p.Stdout, "%s: valid, %s", f.Name, voice.Count(f.Entries, "entry", "entries"))
		if f.Allowed > 0 && r.Strict {
			voice.Say(p.Stderr, "%s: %s", f.Name, voice.Count(f.Allowed, "warning is allowed by a comment", "warnings are allowed by comments"))
		}
	}
	return nil
}

// conclude says in a sentence why the command does not end with 0, and what to do.
func (p Program) conclude(r *findings.Report) {
	var wrong, missing int
	for _, f := range r.Files {
		switch {
		case f.Missing:
			missing++
		case !f.Valid:
			wrong++
		}
	}
	_, warnings := r.Count()
	all := voice.Count(len(r.Files), "file is", "files are")
	if missing > 0 {
		voice.Complain(p.Stderr, fmt.Errorf("%d of %s missing or cannot be read", missing, all), "correct the path: see above")
	}
	if wrong > 0 {
		voice.Complain(p.Stderr, fmt.Errorf("%d of %s not valid", wrong, all), "correct what is named above; ackrevoke validate --explain RULE "+
			"says more of a rule, ackrevoke schema policy prints the format")
	}
	if r.Strict && missing+wrong == 0 && warnings > 0 {
		voice.Complain(p.Stderr, fmt.Errorf("%s, and --strict was given", voice.Count(warnings, "warning", "warnings")),
			"do what stands behind fix, or allow it for a reason: # ackrevoke:allow RULE: REASON")
	}
}

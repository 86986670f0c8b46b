package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"ackrevoke/cmd/cli/revision"
	"ackrevoke/cmd/cli/voice"
	"ackrevoke/job/change"
	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/policy"
)

// diffFlags are the flags of diff.
type diffFlags struct {
	format         string
	exitCode, live bool
}

func (p Program) diffCommand() *cobra.Command {
	var d diffFlags
	c := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "Say what a change of the policy means, for its reviewer",
		Long: `diff compares two policies by what they ask for: order, comments and layout are no
change. It says first what loosens a guard, then who is listed no more, then the
rest. OLD and NEW are files, - for standard input, or git:REV:PATH for a file as
it was in a revision (git is run for it); a file that the revision does not have
is a new one. It is offline, unless --live asks for the plan that a dry run of
NEW makes now, with the digest to approve: nothing is written, neither to the
account nor to a file. Exit codes: 0; 2 usage, or a policy that is not valid; 3
with --exit-code: something changed; with --live also those of a dry run: 1, 4,
5, 6, 130, 143.`,
		Example: "  ackrevoke diff testdata/diff/uid-typo/old.yaml policy.yaml",
		Args:    two("OLD", "NEW"),
	}
	var o options
	o.take(c.Flags(), append(looking, ofTables)...)
	own(c.Flags(),
		flag{name: "format", at: &d.format, preset: "text",
			help: "text, markdown (fits a comment on a pull request) or json (ackrevoke.diff/v1), on standard output"},
		flag{name: "exit-code", at: &d.exitCode, help: "exit 3 when something changed"},
		flag{name: "live", at: &d.live, help: "also make the plan of NEW, as a dry run does"},
		flag{name: "journal", at: &o.journal, variable: true,
			help: "with --live: `DIR` of the journal of the runs, which is only read (default report.json.journal)"})
	c.PreRunE = p.prepare
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := d.validate(c, args); err != nil {
			return err
		}
		o.policy = args[1]
		if err := o.validate(c); err != nil {
			return err
		}
		return p.diff(c, &o, &d, args[0], args[1])
	}
	return c
}

// two are two arguments, which are asked for by name.
func two(first, second string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 2 && args[0] != "" && args[1] != "" {
			return nil
		}
		return hinted(usage("%s and %s are two files, not %d", first, second, len(args)),
			"for example ackrevoke diff git:origin/main:policy.yaml policy.yaml")
	}
}

func (d *diffFlags) validate(c *cobra.Command, args []string) error {
	rules := []rule{
		{!slices.Contains([]string{"text", "markdown", "json"}, d.format),
			fmt.Sprintf("--format %q is none of text, markdown, json", d.format), "for example --format markdown"},
		{args[0] == "-" && args[1] == "-", "OLD and NEW cannot both be standard input", "give a file for one of them"},
	}
	if !d.live {
		name := changed(c, looking...)
		if c.Flags().Changed("journal") {
			name = "journal"
		}
		rules = append(rules, rule{name != "", "--" + name + " is for --live: without it nothing is called", "add --live, or leave it out"})
	}
	return obey(rules...)
}

// diff compares, and prints what came of it.
func (p Program) diff(c *cobra.Command, o *options, d *diffFlags, oldName, newName string) error {
	before, after := p.side(c.Context(), "OLD", oldName), p.side(c.Context(), "NEW", newName)
	if before.wrong != nil || after.wrong != nil {
		return p.refuse(c.Context(), before, after)
	}
	if d.live && after.Policy == nil {
		return hinted(usage("NEW %s is not there, so there is no plan of it", voice.Name(newName)), "leave --live out")
	}
	found := change.Compare(before.Version, after.Version)
	code := end.CodeClean
	if d.exitCode && len(found.Changes) > 0 {
		code = end.CodeLeft
	}
	if d.live {
		live, err := p.preview(c.Context(), o, after.Policy)
		if err != nil {
			return err
		}
		found.Live, found.Approve = live, approving(c, live, newName)
		if live.Verdict.ExitCode != end.CodeClean {
			code = live.Verdict.ExitCode
		}
	}
	if err := p.printDiff(found, d.format, p.look(o)); err != nil {
		return &status{code: end.CodeError, err: err}
	}
	return exit(code)
}

// side is one of the two policies as it was given.
type side struct {
	change.Version
	called string // OLD or NEW
	wrong  error
}

func (p Program) side(ctx context.Context, called, name string) side {
	s := side{Version: change.Version{Path: displayName(name)}, called: called}
	var data []byte
	rev, path, inGit, err := revision.Split(name)
	switch {
	case err == nil && inGit:
		data, err = revision.Read(ctx, rev, path, longest)
		if errors.Is(err, revision.ErrAbsent) {
			return s
		}
	case err == nil:
		data, err = p.read(name)
	}
	if err == nil {
		s.Policy, err = policy.Load(s.Path, data)
	}
	s.wrong = err
	return s
}

// refuse says what is wrong with the two policies, of both at once. A change of
// which one side cannot be read is not told by halves: it would look as if
// everything, or nothing, had changed.
func (p Program) refuse(ctx context.Context, sides ...side) error {
	if by := end.BySignal(ctx); by != nil {
		return &status{code: by.Code, err: errors.New(by.Error() + ": nothing was changed"), hint: "the same again"}
	}
	for _, s := range sides {
		if s.wrong == nil {
			continue
		}
		var invalid policy.Errors
		var ofGit *revision.Error
		name := s.called + " " + voice.Name(s.Path)
		switch {
		case errors.As(s.wrong, &invalid):
			for _, m := range voice.Messages(s.wrong) {
				voice.Say(p.Stderr, "%s", m)
			}
			voice.Complain(p.Stderr, fmt.Errorf("%s is not a valid policy: nothing was compared", name), "correct what is named above; "+
				"of an old one that nobody can correct any more, give a later revision")
		case errors.As(s.wrong, &ofGit):
			voice.Complain(p.Stderr, fmt.Errorf("%s cannot be read: %s", name, ofGit.What), ofGit.Hint)
		default:
			voice.Complain(p.Stderr, fmt.Errorf("%s cannot be read: %w", name, s.wrong), "give a file, - for standard input, or git:REV:PATH")
		}
	}
	return exit(end.CodeInvalid)
}

// printDiff prints the comparison on standard output.
func (p Program) printDiff(d *change.Diff, format string, look report.Look) error {
	switch format {
	case "json":
		return p.print(d)
	case "markdown":
		return d.Markdown(p.Stdout)
	}
	return d.Text(p.Stdout, look)
}

// Package cli is the program as a function of its context, arguments,
// environment, streams and clock, which returns an exit code: flags, files and
// the words that a person reads. Each command is a file of its name. Tests call
// it in process; cmd/ackrevoke binds it to the process.
//
// What the commands share:
//
//	program.go    the function, and its commands   flags.go      the table of flags
//	options.go    what is wrong with their values  account.go    live or simulated account
//	policy.go     the policy is read               edit.go       and changed, by add and pin
//	principal.go  whom a person means              leaked.go     a leaked file, opened with care
//	view.go       an account that is only looked   outputs.go    report and journal files of a run
//	              at                               status.go     how a command ends
//	resident.go   run by a schedule                rewrite.go    a policy, replaced whole
//	accounts.go   run over a folder of policies    accounts_*.go its files, and its flags
//	diff.go       two policies, diff_live.go and the plan of one
//	signals.go    what ends a command early        answer.go     JSON on standard output
//	misuse.go     what a slip is answered with     near.go       what may have been meant
//	choices.go    flags that take some words       missing.go    files that cannot be read
//	completion.go what a shell completes           init.go       a first policy
//	metrics.go    what is left for a monitor, in a file, at a Pushgateway (metrics_push.go,
//	              metrics_source.go, metrics_echo.go), or served (metrics_listen.go)
//
// Package voice has the words that a person reads, package schedule says when a
// resident run is due, package revision reads what a file was in git.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ackrevoke/cmd/cli/voice"
	"ackrevoke/job/end"
)

// Program is the whole program as a value.
type Program struct {
	Args     []string // without the program's name
	Env      []string
	Stdin    io.Reader
	Stdout   io.Writer  // only what was asked for
	Stderr   io.Writer  // logs, progress, tables, hints
	Terminal bool       // Stderr is one; it may be a voice.Screen already
	Screen   bool       // Stdout is one
	Width    func() int // of them in columns, 0 for unknown; nil: nobody knows
	Now      func() time.Time
	Version  string // what the build stamped, "" for the module's

	// Tests put the embedded account, a Pushgateway and whoever scrapes on
	// connections in memory.
	Listen   func() (net.Listener, error)
	Dial     func(ctx context.Context, network, address string) (net.Conn, error)
	ListenAt func(address string) (net.Listener, error) // of --metrics-listen
}

// Run runs the program and returns its exit code.
func (p Program) Run(ctx context.Context) int {
	c, err := p.root().ExecuteContextC(ctx)
	if err == nil {
		return 0
	}
	var s *status
	if !errors.As(err, &s) {
		s = &status{code: end.CodeInvalid, err: err, hint: helpOf(c)}
	}
	if s.err != nil {
		voice.Complain(p.Stderr, s.err, p.setBy(c, s)+s.hint)
	}
	return s.code
}

// setBy names the variable behind a flag that a usage error is about, where nobody typed it.
func (p Program) setBy(c *cobra.Command, s *status) (hint string) {
	if s.code != end.CodeInvalid {
		return ""
	}
	given := variables(p.Env)
	words := strings.Fields(s.err.Error())
	c.Flags().VisitAll(func(f *pflag.Flag) {
		name := variable(f.Name)
		if value, set := given[name]; set && !f.Changed && slices.Contains(words, "--"+f.Name) && f.Value.String() != f.DefValue {
			hint = fmt.Sprintf("%s=%s in the environment set it; ", name, withheld(value))
		}
	})
	return hint
}

// root is the program as a tree of commands.
func (p Program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "ackrevoke",
		Short: "End the KubeConfig credentials of departed principals on every ACK cluster, and prove it",
		Long: `ackrevoke reads a policy that lists departed or compromised RAM users and roles,
compares it with what they hold on the ACK clusters of the account, revokes what
is listed (only with --dry-run=false), proves it, and writes a JSON report.

` + voice.Endings(),
		Example:       "  ackrevoke run --simulate testdata/estate.yaml --policy policy.yaml",
		SilenceErrors: true, SilenceUsage: true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true}, // it has a command of its own
	}
	root.Args = noSuchCommand
	version := root.Flags().Bool("version", false, "print the version")
	root.RunE = func(c *cobra.Command, _ []string) error {
		if *version {
			return p.printVersion(c)
		}
		_ = c.Help()
		return hinted(usage("no command given"), "start with: ackrevoke run --help")
	}
	root.SetArgs(p.Args)
	root.SetIn(p.Stdin)
	root.SetOut(p.Stdout)
	if _, is := p.Stderr.(*voice.Screen); p.Terminal && !is {
		p.Stderr = voice.NewScreen(p.Stderr, p.Columns)
	}
	root.SetErr(p.Stderr)
	root.SetFlagErrorFunc(p.wrongFlag)
	for _, s := range p.sections() {
		root.AddGroup(&cobra.Group{ID: s.title, Title: s.title})
		for _, c := range s.commands {
			c.GroupID = s.title
			c.Args = p.careful(c.Args)
			if p.isAsked() {
				p.completes(c)
			}
		}
		root.AddCommand(s.commands...)
	}
	root.SetHelpCommandGroupID(toolsTitle)
	return root
}

// section is a heading of the help, and the commands below it.
type section struct {
	title    string
	commands []*cobra.Command
}

const toolsTitle = "Tools:"

// sections are all commands there are, as a person comes to need them.
func (p Program) sections() []section {
	return []section{
		{"Decide, and revoke:", []*cobra.Command{p.runCommand(), p.initCommand(), p.validateCommand(), p.diffCommand(), p.addCommand(),
			p.pinCommand()}},
		{"Look:", []*cobra.Command{p.doctorCommand(), p.auditCommand(), p.showCommand(), p.summaryCommand(), p.reportCommand(),
			p.historyCommand()}},
		{"A leaked file:", []*cobra.Command{p.inspectCommand(), p.proveCommand()}},
		{"Undo:", []*cobra.Command{p.restoreCommand()}},
		{"Your own credential:", []*cobra.Command{p.selfCommand()}},
		{toolsTitle, []*cobra.Command{p.simulateCommand(), p.schemaCommand(), p.completionCommand(), p.versionCommand()}},
	}
}

func init() { cobra.EnableCommandSorting = false } // help keeps the order of sections

// version of the program: what the build stamped, or the module's.
func (p Program) version() string {
	if p.Version != "" {
		return p.Version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}

func (p Program) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Example: "  ackrevoke version", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return p.printVersion(c) },
	}
}

func (p Program) printVersion(c *cobra.Command) error {
	if _, err := fmt.Fprintln(c.OutOrStdout(), "ackrevoke", p.version()); err != nil {
		return &status{code: end.CodeError, err: err}
	}
	return nil
}

// voice speaks of one command to whoever reads standard error.
func (p Program) voice(o *options) *voice.Voice {
	return voice.New(voice.Listener{To: p.Stderr, Terminal: p.Terminal, Env: p.Env, Args: withoutUser(p.Args), Format: o.logFormat,
		Level: o.logLevel, Report: o.report, Now: p.Now, Wide: o.wide})
}

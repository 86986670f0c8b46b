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
//	signals.go    what ends a command early        answer.go     JSON on standard output
//	metrics.go    what is left for a monitor, in a file, at a Pushgateway (metrics_push.go),
//	              or served (metrics_listen.go)
//
// Package voice has the words that a person reads, package schedule says when a
// resident run is due.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"ackrevoke/cmd/cli/voice"
	"ackrevoke/job/end"
)

// Program is the whole program as a value.
type Program struct {
	Args     []string // without the program's name
	Env      []string
	Stdin    io.Reader
	Stdout   io.Writer // only what was asked for
	Stderr   io.Writer // logs, progress, tables, hints
	Terminal bool      // Stderr is one
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
	root := &cobra.Command{
		Use:   "ackrevoke",
		Short: "End the KubeConfig credentials of departed principals on every ACK cluster, and prove it",
		Long: `ackrevoke reads a policy that lists departed or compromised RAM users and roles,
compares it with what they hold on the ACK clusters of the account, revokes what
is listed (only with --dry-run=false), proves it, and writes a JSON report.

` + voice.Endings(),
		Example:       "  ackrevoke run --simulate testdata/estate.yaml --policy policy.yaml",
		SilenceErrors: true, SilenceUsage: true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		Args:              cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			_ = c.Help()
			return hinted(usage("no command given"), "start with: ackrevoke run --help")
		},
	}
	root.SetArgs(p.Args)
	root.SetIn(p.Stdin)
	root.SetOut(p.Stdout)
	root.SetErr(p.Stderr)
	for _, s := range p.sections() {
		root.AddGroup(&cobra.Group{ID: s.title, Title: s.title})
		for _, c := range s.commands {
			c.GroupID = s.title
		}
		root.AddCommand(s.commands...)
	}
	root.SetHelpCommandGroupID(toolsTitle)
	if err := root.ExecuteContext(ctx); err != nil {
		var s *status
		if !errors.As(err, &s) {
			s = &status{code: end.CodeInvalid, err: err, hint: "see --help"}
		}
		if s.err != nil {
			voice.Complain(p.Stderr, s.err, s.hint)
		}
		return s.code
	}
	return 0
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
		{"Decide, and revoke:", []*cobra.Command{p.runCommand(), p.validateCommand(), p.addCommand(), p.pinCommand()}},
		{"Look:", []*cobra.Command{p.doctorCommand(), p.auditCommand(), p.showCommand(), p.summaryCommand(), p.reportCommand()}},
		{"A leaked file:", []*cobra.Command{p.inspectCommand(), p.proveCommand()}},
		{"Undo:", []*cobra.Command{p.restoreCommand()}},
		{"Your own credential:", []*cobra.Command{p.selfCommand()}},
		{toolsTitle, []*cobra.Command{p.simulateCommand(), p.schemaCommand(), p.versionCommand()}},
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
		RunE: func(c *cobra.Command, _ []string) error {
			fmt.Fprintln(c.OutOrStdout(), "ackrevoke", p.version())
			return nil
		},
	}
}

// voice speaks of one command to whoever reads standard error.
func (p Program) voice(o *options) *voice.Voice {
	return voice.New(voice.Listener{To: p.Stderr, Terminal: p.Terminal, Env: p.Env, Args: withoutUser(p.Args), Format: o.logFormat,
		Level: o.logLevel, Report: o.report, Now: p.Now})
}

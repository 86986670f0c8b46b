package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"ackrevoke/ack"
	"ackrevoke/ack/apiserver"
	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/job/restore"
	"ackrevoke/policy"
)

// restoreFlags are the options of restore: some of those of a run, and its own.
type restoreFlags struct {
	options
	source, uid, cluster, run string
	older                     bool
	to                        string // of the report, "" for none
	leaked, server            string
}

func (p Program) restoreCommand() *cobra.Command {
	var o restoreFlags
	c := &cobra.Command{
		Use:   "restore REPORT|JOURNAL --uid U --cluster C",
		Short: "Give back what a run took from one principal on one cluster; writes to the account",
		Long: `restore gives back what a run took away from one principal on one cluster (or its
all-clusters grants: --cluster all-clusters), and reads it back. The source is
the report of a run that revoked, or its journal, also that of a run that was
killed. It is a dry run unless --dry-run=false is given on the command line.

Only what is missing now is given, and only to the very same identity. It waits
until what was taken away has been gone for 10 s. A certificate cannot be given
back: the principal fetches a new kubeconfig. With --prove-with the cluster is
asked about the leaked file before and after; if it is alive, the same rows are
taken away again. Exit codes as those of run: 0 given, or nothing missing; 4
refused; 5 failed, not proven, or the leaked file is alive; 6 something cannot
be seen.`,
		Example: "  ackrevoke restore report.json --uid 200000000000000002 --cluster c0a1000000000000000000000000000002",
		Args:    cobra.ExactArgs(1),
	}
	f := c.Flags()
	o.take(f, append(writing, ofPolicy)...)
	reword(f, "policy", "the policy `FILE` in force: who is listed there as departed gets nothing back",
		"dry-run", "say only what would be given; --dry-run=false, on the command line alone, gives it",
		"journal", "`DIR` of the journal (default that of the source)",
		"verify-timeout", "of each wait: until it may be given, and until it is read back")
	own(f, o.flags()...)
	c.RunE = func(c *cobra.Command, args []string) error {
		o.source = args[0]
		if err := applyEnvironment(c.Flags(), p.Env); err != nil {
			return err
		}
		if err := o.check(c); err != nil {
			return err
		}
		return p.restore(c.Context(), &o)
	}
	return c
}

func (o *restoreFlags) flags() []flag {
	return []flag{
		{name: "uid", at: &o.uid, help: "the `UID` of the principal"},
		{name: "cluster", at: &o.cluster, help: "the `ID` of the cluster, or all-clusters"},
		{name: "run", at: &o.run, help: "the `ID` of the run, where a journal has several"},
		{name: "older", at: &o.older, help: fmt.Sprintf("give back a snapshot that is older than %d days", policy.SnapshotAge)},
		{name: "report", short: "o", variable: fromEnvironment, at: &o.to,
			help: "write a report to this `FILE`, - for standard output (default none)"},
		{name: "prove-with", at: &o.leaked, help: "the leaked kubeconfig `FILE`: prove that it stays without power"},
		{name: "server", at: &o.server,
			help: "the `URL` of the API server that --prove-with asks (default what the account has for the cluster)"},
	}
}

func (o *restoreFlags) check(c *cobra.Command) error {
	if err := obey(
		rule{!uidForm.MatchString(o.uid), fmt.Sprintf("--uid %q is no uid", o.uid), "the uid of the action in the report: digits"},
		rule{o.cluster == "", "--cluster is missing", "the id of the cluster of the action in the report, or all-clusters"},
		rule{slices.Contains([]string{"json", "yaml", "table"}, o.to), "--report " + o.to + ": this flag names a file",
			"the report is always JSON: give a file such as restore.json, or - for standard output"},
		rule{sameFile(o.to, o.source), "--report would overwrite the source",
			"give another file: the source is the only record of what was taken away"},
		rule{o.to != "-" && (sameFile(o.to, o.policy) || sameFile(o.to, o.leaked)),
			"--report would overwrite a file that is read", "give another file"},
		rule{o.server != "" && o.leaked == "", "--server is about --prove-with", "give both, or neither"},
		rule{o.leaked == "-", "--prove-with - is no file", "the file is read when it is needed: give its name"},
	); err != nil {
		return err
	}
	if o.server != "" {
		if _, err := apiserver.ParseServer(o.server); err != nil {
			return hinted(usage("--server: %w", err), "for example --server https://203.0.113.7:6443")
		}
	}
	return o.validate(c)
}

// restore makes one restore, from the source to the last words.
func (p Program) restore(ctx context.Context, o *restoreFlags) error {
	v := p.voice(&o.options)
	pol, err := p.load(&o.options)
	if err != nil {
		p.notLoaded(v, err)
		return exit(end.CodeInvalid)
	}
	if err := o.probe(); err != nil {
		return hinted(&status{code: end.CodeError, err: err}, "nothing was called; give another name with --report, or leave it out")
	}
	source, journal, folder, err := o.openSource()
	if journal != nil {
		defer func() { _ = journal.Close() }()
	}
	if err != nil {
		return err
	}
	open, err := p.leakedFile(o, source, v)
	if err != nil {
		return err
	}
	a, err := p.connectAs(&o.options, pol, func(c *ack.Options) { c.Grants = !o.dryRun })
	if err != nil {
		return err
	}
	defer a.close()
	ctx, cancel := context.WithTimeoutCause(ctx, o.timeout, end.ErrTimeLimit)
	defer cancel()
	c := restore.Config{Source: source, Current: pol, Older: o.older, Reader: a.Client, Leaked: open, Journal: journal,
		Concurrency: o.concurrency, VerifyTimeout: o.verifyTimeout, Now: p.Now, Calls: a.calls, Tell: v.Hear, Run: p.about(&o.options)}
	c.Run.Endpoints = report.Endpoints{CS: a.endpoints.CS, RAM: a.endpoints.RAM, STS: a.endpoints.STS}
	c.Run.Journal = folder
	if !o.dryRun {
		c.Granter = a.Client
	}
	r, panicked := restore.Run(ctx, c)
	if panicked != nil {
		v.Panicked(panicked)
	}
	v.CloseRestore(r, o.to)
	if err := p.deliver(o, r); err != nil {
		v.FailedToWrite(err)
		return exit(end.CodeError)
	}
	if journal != nil && panicked == nil {
		if err := journal.PutAway(r.Run.ID); err != nil {
			v.Warn().Say(err.Error())
		}
	}
	return exit(r.Verdict.ExitCode)
}

// probe finds out whether the report can be written afterwards, and keeps it
// off whatever is no report of a restore.
func (o *restoreFlags) probe() error {
	if o.to == "" || o.to == "-" {
		return nil
	}
	if err := report.Probe(o.to); err != nil {
		return err
	}
	if foreign(o.to, report.RestoreSchemaName) {
		return fmt.Errorf("report %s: the file is there and is no report of a restore", o.to)
	}
	return nil
}

func (p Program) deliver(o *restoreFlags, r *report.Restore) error {
	switch o.to {
	case "":
		return nil
	case "-":
		return p.print(r)
	}
	return report.Write(o.to, r)
}

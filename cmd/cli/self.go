package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"ackrevoke/ack"
	"ackrevoke/job/end"
	"ackrevoke/job/self"
	"ackrevoke/job/write"
	"ackrevoke/policy"
)

func (p Program) selfCommand() *cobra.Command {
	var o options
	var clusters []string
	c := &cobra.Command{
		Use:   "self --cluster ID...",
		Short: "Revoke your own KubeConfig credential on named clusters; writes to the account",
		Long: `self revokes the caller's own KubeConfig on the named clusters, for who has lost a
file: no policy and no administrator is needed. The grants stay, and the service
issues a new certificate in place of the old one, which can be fetched in the
console. It is a dry run unless --dry-run=false is given on the command line:
then it says who the caller is and which certificate is current. Afterwards it
reads until another certificate is shown, or none. The operation is documented
for dedicated and managed clusters created from 2019-10-15 on, and serverless
ones from 2019-09-06 on; for roles it is not documented at all. Exit codes: 0
revoked and proven, or nothing there; 1 could not run; 2 usage; 5 failed or not
proven; 6 a cluster or its certificate cannot be read; 130, 143 interrupted.`,
		Example: "  ackrevoke self --cluster c0a1000000000000000000000000000001 --simulate testdata/estate.yaml",
		Args:    cobra.NoArgs,
	}
	f := c.Flags()
	o.take(f, writing...)
	reword(f, "dry-run", "only look; --dry-run=false, on the command line alone, revokes",
		"journal", "`DIR` of the journal (default report.json.journal, as that of a run)",
		"verify-timeout", "of the proof on one cluster")
	own(f, flag{name: "cluster", at: &clusters, help: "the `ID` of a cluster; may be given several times"})
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := applyEnvironment(c.Flags(), p.Env); err != nil {
			return err
		}
		if len(clusters) == 0 {
			return hinted(usage("--cluster is missing"), "name each cluster whose KubeConfig is to be revoked by its id")
		}
		for _, id := range clusters {
			if strings.Trim(id, ".") == "" || strings.ContainsAny(id, "/*?[ ") || id == policy.AllClusters {
				return hinted(usage("--cluster %q is no cluster id", id), "self acts on named clusters alone, each by its id")
			}
		}
		if err := o.validate(c); err != nil {
			return err
		}
		return p.self(c.Context(), &o, clusters)
	}
	return c
}

func (p Program) self(ctx context.Context, o *options, clusters []string) error {
	v := p.voice(o)
	var journal *write.Journal
	if !o.dryRun {
		var err error
		if journal, err = write.OpenJournal(o.journalDir()); err != nil {
			return hinted(&status{code: end.CodeError, err: err}, "nothing was called; name another folder with --journal")
		}
		defer func() { _ = journal.Close() }()
	}
	a, err := p.connectAs(o, nil, func(c *ack.Options) { c.Own = !o.dryRun })
	if err != nil {
		return err
	}
	defer a.close()
	ctx, cancel := context.WithTimeoutCause(ctx, o.timeout, end.ErrTimeLimit)
	defer cancel()
	c := self.Config{Clusters: clusters, Reader: a.Client, Journal: journal, Concurrency: o.concurrency, VerifyTimeout: o.verifyTimeout,
		Now: p.Now, Tell: v.Hear, Run: p.about(o)}
	if !o.dryRun {
		c.Revoker = a.Client
	}
	r, panicked := self.Run(ctx, c)
	if panicked != nil {
		v.Panicked(panicked)
	}
	v.CloseSelf(r, c.Run.Simulated)
	if journal != nil {
		if err := journal.PutAway(c.Run.ID); err != nil {
			v.Warn().Say(err.Error())
		}
	}
	return exit(r.Verdict.ExitCode)
}

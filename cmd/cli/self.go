package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ackrevoke/ack"
	"ackrevoke/job"
	"ackrevoke/job/report"
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
	v := newVoice(p, o)
	var journal *job.Journal
	if !o.dryRun {
		var err error
		if journal, err = job.OpenJournal(o.journalDir()); err != nil {
			return hinted(&status{code: exitError, err: err}, "nothing was called; name another folder with --journal")
		}
		defer func() { _ = journal.Close() }()
	}
	a, err := p.connectAs(o, func(c *ack.Options) { c.Own = !o.dryRun })
	if err != nil {
		return err
	}
	defer a.close()
	ctx, cancel := context.WithTimeoutCause(ctx, o.timeout, job.ErrTimeLimit)
	defer cancel()
	c := job.OwnConfig{Clusters: clusters, Reader: a.Client, Journal: journal, Concurrency: o.concurrency, VerifyTimeout: o.verifyTimeout,
		Now: p.Now, Tell: v.hear, Run: p.about(o)}
	if !o.dryRun {
		c.Revoker = a.Client
	}
	r, panicked := job.Disown(ctx, c)
	if panicked != nil {
		v.panicked(panicked)
	}
	v.closeSelf(r, c.Run.Simulated)
	if journal != nil {
		if err := journal.PutAway(c.Run.ID); err != nil {
			v.log.Warn().Msg(report.Harmless(err.Error()))
		}
	}
	return exit(r.Verdict.ExitCode)
}

// closeSelf says who the caller is, what was and is there on each cluster, and
// in one line what happened and what comes next.
func (v *voice) closeSelf(r *job.OwnResult, simulated bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.clear()
	for _, e := range r.Errors {
		v.log.Error().Str("kind", string(e.Kind)).Str("hint", report.Harmless(e.Hint)).Msg(report.Harmless(e.Message))
	}
	if r.Caller.UID != "" {
		v.log.Info().Str("type", string(r.Caller.Type)).Str("uid", r.Caller.UID).Str("arn", report.Plain(r.Caller.ARN)).Str("account", r.Caller.AccountID).Msg("the caller")
	}
	if r.Caller.Type == policy.AssumedRoleUser {
		v.log.Warn().Msg("the caller is a session of a role: its credential is everybody's who assumes the role, and whether a session may revoke it is not documented")
	}
	counts := map[job.Status]int{}
	for _, c := range r.Clusters {
		counts[c.Status]++
		for _, w := range c.Warnings {
			v.log.Warn().Str("cluster", report.Plain(c.ID)).Msg(report.Harmless(w))
		}
		line := v.log.Info()
		if c.Error != nil {
			line = v.log.Error().Str("error", report.Harmless(c.Error.Message)).Str("hint", report.Harmless(c.Error.Hint))
		}
		line.Str("cluster", report.Plain(c.ID)).Str("name", report.Plain(c.Name)).Str("certificate", shown(c.Before)).Str("after", shown(c.After)).
			Str("requestId", report.Plain(c.RequestID)).Msg(string(c.Status))
	}
	var said []string
	for _, n := range []struct {
		status job.Status
		text   string
	}{
		{job.Planned, "would be revoked"}, {job.Revoked, "revoked and proven; the service issues a new certificate, fetch it in the console, and the grants stay"},
		{job.NothingThere, "with nothing to revoke"}, {job.Unverified, "not proven"}, {job.Failed, "failed"}, {job.Skipped, "skipped"}, {job.NotKnown, "not readable"},
	} {
		if counts[n.status] > 0 {
			said = append(said, fmt.Sprintf("%s %s", count(counts[n.status], "own credential", "own credentials"), n.text))
		}
	}
	if len(said) == 0 {
		said = append(said, "nothing was done")
	}
	if simulated {
		said = append(said, "simulated")
	}
	next := ""
	if r.Verdict.Name == report.Planned {
		said = append([]string{"dry run, nothing was written"}, said...)
		next = v.command("--dry-run=false")
	}
	closing := fmt.Sprintf("%s (exit %d): %s.", r.Verdict.Name, r.Verdict.ExitCode, strings.Join(said, "; "))
	if !v.console {
		v.log.Info().Str("verdict", string(r.Verdict.Name)).Int("exitCode", r.Verdict.ExitCode).Str("next", next).Msg(report.Harmless(closing))
		return
	}
	fmt.Fprintln(v.w, "\n"+report.Harmless(closing))
	if next != "" {
		fmt.Fprintln(v.w, "Next: "+report.Harmless(next))
	}
}

// shown is a certificate in a word or two, "" where it was not read.
func shown(c policy.Certificate) string {
	if c.Expires.IsZero() {
		return string(c.State)
	}
	return string(c.State) + ", expires " + c.Expires.UTC().Format(time.RFC3339)
}

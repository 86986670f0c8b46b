package cli

import (
	"context"

	"github.com/spf13/cobra"

	"ackrevoke/cmd/cli/revision"
	"ackrevoke/cmd/cli/voice"
	"ackrevoke/job"
	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/job/sight"
	"ackrevoke/job/write"
	"ackrevoke/policy"
)

// preview is the dry run of a policy that leaves nothing behind: the client
// refuses writes, and of the journal only what earlier runs left is read, so
// that the guards judge as those of a run would.
func (p Program) preview(ctx context.Context, o *options, pol *policy.Policy) (*report.Report, error) {
	unfinished, list, err := before(o.journalDir())
	if err != nil {
		return nil, &status{code: end.CodeError, err: err, hint: notOpened(err)}
	}
	a, err := p.connectToLook(o, pol)
	if err != nil {
		return nil, err
	}
	defer a.close()
	v := p.voice(o)
	ctx, cancel := context.WithTimeoutCause(ctx, o.timeout, end.ErrTimeLimit)
	defer cancel()
	c := job.Config{
		Policy: pol, Reader: a.Client, Unfinished: unfinished, LastList: list, Concurrency: o.concurrency, VerifyTimeout: o.verifyTimeout,
		Now: p.Now, Calls: a.calls, Tell: withoutPlan(v), Run: p.about(o),
	}
	c.Run.Endpoints = report.Endpoints{CS: a.endpoints.CS, RAM: a.endpoints.RAM, STS: a.endpoints.STS}
	r, panicked := job.Run(ctx, c)
	v.Quiet()
	v.Panicked(panicked)
	if err := report.Check(r); err != nil {
		r.Errors = append(r.Errors, report.Defect(err.Error()))
		r.Verdict = job.Verdict(r, end.Held{Error: true})
	}
	return r, nil
}

// before is what earlier runs left in the folder of their journal: writes whose
// end nobody saw, and how long the list was. Nothing is changed there.
func before(dir string) ([]write.Line, *policy.LastList, error) {
	unfinished, err := write.PeekJournal(dir)
	if err != nil {
		return nil, nil, err
	}
	list, err := write.LastList(dir, false)
	if err == nil && list == nil && len(unfinished) > 0 { // as outputs.openList
		list = &policy.LastList{Entries: len(unfinished), Run: unfinished[0].Run}
	}
	return unfinished, list, err
}

// withoutPlan passes on what is told on the way; the plan itself stands in the answer.
func withoutPlan(v *voice.Voice) func(sight.Event) {
	return func(e sight.Event) {
		if _, plan := e.(job.PlanReady); !plan {
			v.Hear(e)
		}
	}
}

// approving is the command that applies exactly the plan that was shown: none
// where there is nothing to do, where a guard refuses or the time ran out, or
// where the policy is no file that a run can read.
func approving(c *cobra.Command, r *report.Report, name string) string {
	_, _, inGit, _ := revision.Split(name)
	file := name != "-" && !inGit
	if r.Plan.Digest == "" || len(r.Plan.Actions) == 0 || !file || len(r.Errors) > 0 || r.Verdict.ExitCode == end.CodeRefused {
		return ""
	}
	words := append([]string{"run", "--policy", name}, given(c)...)
	if j := c.Flags().Lookup("journal"); j.Changed {
		words = append(words, "--journal="+j.Value.String())
	}
	return voice.Command(append(words, "--expect-plan", r.Plan.Digest, "--dry-run=false")...)
}

package cli

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"ackrevoke/ack"
	"ackrevoke/cmd/cli/voice"
	"ackrevoke/job"
	"ackrevoke/job/end"
	"ackrevoke/job/history"
	"ackrevoke/job/report"
	"ackrevoke/job/sight"
	"ackrevoke/job/write"
	"ackrevoke/policy"
)

func (p Program) runCommand() *cobra.Command {
	var o options
	c := &cobra.Command{
		Use:   "run",
		Short: "Revoke what the policy lists, prove it and report it; writes to the account",
		Long: `run makes one reconciliation. It is a dry run unless --dry-run=false is given on
the command line. With --policy-dir it makes one for each policy file of a
folder, and a summary of all. Exit codes: 0 converged, or a dry run with nothing to worry
about; 1 could not run; 2 invalid policy or usage; 3 with --check: something is
left to revoke; 4 a guard refused; 5 something failed or is left; 6 something
is unknown, or the time ran out; 130, 143 interrupted.`,
		Example: "  ackrevoke run --policy policy.yaml --simulate testdata/estate.yaml",
		Args:    cobra.NoArgs,
	}
	o.take(c.Flags(), every...)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := applyEnvironment(c.Flags(), p.Env); err != nil {
			return err
		}
		o.nameFolder(c, p.Env)
		if err := o.validate(c); err != nil {
			return err
		}
		once := func() (int, error) { return p.once(c.Context(), &o) }
		if o.policyDir != "" {
			all, err := p.accounts(c, &o)
			if err != nil {
				return err
			}
			once = func() (int, error) { return all.round(c.Context()) }
		}
		if o.schedule != "" {
			return p.resident(c.Context(), &o, once)
		}
		code, _ := once()
		return exit(code)
	}
	return c
}

// once makes one reconciliation, from the policy file to the report file, and
// returns its exit code.
//
// A panic, wherever it comes, is reported like any other end; it is returned as
// well, for a resident process must not go on after one.
func (p Program) once(ctx context.Context, o *options) (code int, panicked error) {
	return p.onceTo(ctx, o, &outputs{o: o, stdout: p.Stdout})
}

// onceTo is once for whoever wants to look at the outputs.
func (p Program) onceTo(ctx context.Context, o *options, out *outputs) (code int, panicked error) {
	v := p.voice(o)
	o.meter.begin(p.Now())
	defer out.close()
	defer func() {
		if value := recover(); value != nil {
			by := &sight.Panic{Value: value, Stack: debug.Stack()}
			v.Panicked(by)
			code = p.notRun(o, out, v, nil, end.Held{Error: true}, []string{by.Error()}, "this is a defect of ackrevoke: report it")
			panicked = by
		}
	}()
	return p.reconcile(ctx, o, v, out)
}

// reconcile reads the policy, makes sure of the places that are written, and
// connects; then it works. A usage error writes no report.
func (p Program) reconcile(ctx context.Context, o *options, v *voice.Voice, out *outputs) (int, error) {
	pol, err := p.load(o)
	if errors.Is(err, errChanged) {
		voice.Complain(p.Stderr, err, tryAgain)
		return p.notRun(o, out, v, nil, end.Held{Error: true}, []string{err.Error()}, tryAgain), nil
	}
	if err != nil {
		hint := p.notLoaded(v, err)
		return p.notRun(o, out, v, nil, end.Held{Invalid: true}, voice.Messages(err), hint), nil
	}
	if pol, err = pol.Only(o.only); err != nil {
		voice.Complain(p.Stderr, fmt.Errorf("--only: %w", err), "name uids that the policy lists; ackrevoke add puts somebody into it")
		return end.CodeInvalid, nil // the run did not get past its command line
	}
	if err := out.open(); err != nil {
		hint := notOpened(err)
		voice.Complain(p.Stderr, err, hint)
		return p.notRun(o, out, v, pol, end.Held{Error: true}, []string{err.Error()}, hint), nil
	}
	if o.stated == "" { // of the folder of many reports it is said once
		v.Exposed(out.exposed())
	}
	a, err := p.connect(o, pol)
	if err != nil {
		var s *status
		if !errors.As(err, &s) {
			s = &status{code: end.CodeError, err: err}
		}
		voice.Complain(p.Stderr, s, s.hint)
		if s.code == end.CodeInvalid { // a bad estate: the run did not get past its command line
			r := p.unmade(o, end.Held{Invalid: true})
			p.measured(o, v, pol, r)
			return s.code, nil
		}
		return p.notRun(o, out, v, pol, end.Held{Error: true}, []string{s.Error()}, s.hint), nil
	}
	defer a.close()
	return p.work(ctx, o, v, out, pol, a)
}

// notOpened says what to do about a place that a run cannot write or read.
func notOpened(err error) string {
	var spoilt *write.ListError
	switch {
	case errors.Is(err, write.ErrJournalHeld):
		return "nothing was called; wait until that run has ended and run again: two must not write to one account at a time"
	case errors.As(err, &spoilt):
		return "nothing was called; see that the policy lists everybody whom it should, and then remove that file: the next run leaves a new one"
	}
	return "nothing was called; give another place with --report, --html, --journal or --metrics-file"
}

// work makes the run, and leaves its report where that was asked for.
func (p Program) work(ctx context.Context, o *options, v *voice.Voice, out *outputs, pol *policy.Policy, a *account) (int, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, o.timeout, end.ErrTimeLimit)
	defer cancel()
	c := job.Config{
		Policy: pol, Reader: a.Client, Journal: out.journal, Unfinished: out.unfinished, LastList: out.list,
		Approval: o.approval, Check: o.check, Concurrency: o.concurrency, VerifyTimeout: o.verifyTimeout,
		Now: p.Now, Calls: a.calls, Tell: v.Hear, Run: p.about(o), Past: p.past(o, pol),
	}
	c.Run.Endpoints = report.Endpoints{CS: a.endpoints.CS, RAM: a.endpoints.RAM, STS: a.endpoints.STS}
	if !o.dryRun {
		c.Revoker = a.Client
	}
	if !o.noBulk {
		c.Most = ack.MostClusters
	}
	r, panicked := job.Run(ctx, c)
	v.Quiet() // standard output may be the same terminal
	out.last = r
	if panicked != nil {
		v.Panicked(panicked)
	}
	v.Instruct(r)
	if err := report.Check(r); err != nil {
		r.Errors = append(r.Errors, report.Error{Kind: policy.Internal, Message: err.Error(),
			Hint: "this is a defect of ackrevoke: do not trust this report, and report it"})
		r.Verdict = job.Verdict(r, end.Held{Error: true})
	}
	whole := panicked == nil && r.Verdict.Name != end.Errored
	if err := out.finish(r, whole); err != nil {
		v.FailedToWrite(err)
		r.Verdict = job.Verdict(r, end.Held{Error: true})
	}
	p.measured(o, v, pol, r)
	v.CloseRun(r, out.kept)
	return r.Verdict.ExitCode, panicked
}

// past returns what reads what earlier runs with the same journal proved about the
// policy's targets until now. Every run asks, a dry run too.
func (p Program) past(o *options, pol *policy.Policy) func() *history.Known {
	if o.journalNamed() == "" {
		return nil
	}
	a := history.Asked{Account: pol.Account, Simulated: o.simulate != "", Before: p.Now()}
	for _, e := range pol.Principals {
		a.UIDs = append(a.UIDs, e.UID)
	}
	return func() *history.Known { return history.Read(o.journalDir(), a) }
}

// about is what a run says of itself.
func (p Program) about(o *options) report.Run {
	return report.Run{ID: runID(p.Now()), Simulated: o.simulate != "", Version: p.version(), Only: o.only, Journal: o.journalNamed(),
		Endpoints: report.Endpoints{CS: o.endpoints.CS, RAM: o.endpoints.RAM, STS: o.endpoints.STS}}
}

// notRun reports a run that did not begin: nothing was called. It leaves every
// journal where it is, and says all the same what earlier runs left unfinished:
// also where not even a report can be written, which has been said already.
func (p Program) notRun(o *options, out *outputs, v *voice.Voice, pol *policy.Policy, held end.Held, messages []string, hint string) int {
	r := p.unmade(o, held)
	out.last = r
	kind := policy.Invalid
	if pol != nil {
		kind = policy.Internal
		r.Policy = report.NewPolicyInfo(pol)
		r.Plan, r.Principals = report.Unstarted(pol, p.Now())
	}
	for _, m := range messages {
		r.Errors = append(r.Errors, report.Error{Kind: kind, Message: m, Hint: hint})
	}
	out.peek()
	for _, l := range out.left() {
		r.Unfinished = append(r.Unfinished, write.Unfinished(l))
	}
	r.Complete(0)
	r.Verdict = job.Verdict(r, held)
	v.Unfinished(r)
	if out.probe() == nil {
		v.FailedToWrite(out.finish(r, false))
	}
	p.measured(o, v, pol, r)
	return r.Verdict.ExitCode
}

// unmade is the report of a run that did not begin, with nothing in it yet but
// what the run says of itself.
func (p Program) unmade(o *options, held end.Held) *report.Report {
	r := report.New()
	r.Run = p.about(o)
	r.Run.StartedAt, r.Run.FinishedAt, r.Run.Mode = report.At(p.Now()), report.At(p.Now()), report.DryRun
	if !o.dryRun {
		r.Run.Mode = report.Apply
	}
	r.Policy.Path = displayName(o.policy)
	r.Verdict = job.Verdict(r, held)
	return r
}

// runID is unique and sorts by time; it is fit for a file name.
func runID(now time.Time) string {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails
	return now.UTC().Format("20060102T150405Z") + "-" + hex.EncodeToString(b[:])
}

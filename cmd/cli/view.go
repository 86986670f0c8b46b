package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"ackrevoke/cmd/cli/voice"
	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/job/sight"
	"ackrevoke/policy"
)

// prepare applies the environment of a command that looks, before it begins.
func (p Program) prepare(c *cobra.Command, _ []string) error { return p.environment(c) }

// view is an account that is only looked at.
type view struct {
	*account
	sight *sight.Sight
	ctx   context.Context
	voice *voice.Voice
	close func()
}

// view connects for looking, to the account of a policy, or with nil to any.
func (p Program) view(ctx context.Context, o *options, pol *policy.Policy) (*view, error) {
	a, err := p.connectToLook(o, pol)
	if err != nil {
		return nil, err
	}
	id := ""
	if pol != nil {
		id = pol.Account
	}
	v := p.voice(o)
	ctx, cancel := context.WithTimeoutCause(ctx, o.timeout, end.ErrTimeLimit)
	return &view{account: a, voice: v, ctx: ctx, close: func() { cancel(); a.close() },
		sight: &sight.Sight{Reader: a.Client, Account: id, Concurrency: o.concurrency, Now: p.Now, Tell: v.Hear}}, nil
}

// failed is the error of a look that came to nothing, with its exit code:
//
//	a signal                                      130, 143
//	the time limit                                6
//	another account than the policy's             4
//	nothing readable: credentials, no answer      1
//	a listing that failed or contradicts itself   6
func (w *view) failed(err error) error {
	var not *sight.Unseen
	switch by, cause := end.BySignal(w.ctx), context.Cause(w.ctx); {
	case by != nil:
		return &status{code: by.Code, err: errors.New(by.Error() + ": nothing was changed"), hint: "the same again"}
	case cause != nil:
		return &status{code: end.CodeIncomplete, err: cause, hint: "the same again with a longer --timeout"}
	case !errors.As(err, &not):
		return &status{code: end.CodeError, err: err, hint: "this is a defect of ackrevoke: report it"}
	case not.Foreign:
		return &status{code: end.CodeRefused, err: err, hint: "use credentials of the policy's account, or correct account in the policy"}
	case not.Fault == nil:
		return &status{code: end.CodeIncomplete, err: err, hint: "give the caller ram:ListUsers and ram:ListRoles on everything"}
	case not.Nothing():
		return &status{code: end.CodeError, err: err, hint: report.NewError(not.Fault, "").Hint}
	}
	return &status{code: end.CodeIncomplete, err: err, hint: report.NewError(not.Fault, "").Hint}
}

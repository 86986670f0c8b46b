package cli

import (
	"context"
	"errors"
	"slices"
	"strings"

	"ackrevoke/cmd/cli/voice"
	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/job/sight"
	"ackrevoke/policy"
)

// view is an account that is only looked at.
type view struct {
	*account
	sight *sight.Sight
	ctx   context.Context
	voice *voice.Voice
	close func()
}

// view connects for looking; id is the account that it must be, "" for any.
func (p Program) view(ctx context.Context, o *options, id string) (*view, error) {
	a, err := p.connect(o) // o.dryRun is true: the client refuses writes
	if err != nil {
		return nil, err
	}
	v := p.voice(o)
	ctx, cancel := context.WithTimeoutCause(ctx, o.timeout, end.ErrTimeLimit)
	return &view{account: a, voice: v, ctx: ctx, close: func() { cancel(); a.close() },
		sight: &sight.Sight{Reader: a.Client, Account: id, Concurrency: o.concurrency, Now: p.Now, Tell: v.Hear}}, nil
}

// ended is the error of a look that came to nothing, with its exit code:
//
//	a signal                                      130, 143
//	the time limit                                6
//	another account than the policy's             4
//	nothing readable: credentials, no answer      1
//	a listing that failed or contradicts itself   6
func (w *view) ended(err error) error {
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

// meant finds the principal that a person named; see policy.Want. Whoever is
// not exactly one is an error with those who could be meant.
func meant(text string, d policy.Directory) (policy.Identity, policy.IdentityState, error) {
	w, err := policy.Want(text, d.Caller.AccountID)
	if err != nil {
		return policy.Identity{}, "", usage("%w", err)
	}
	id, state, candidates := w.In(d)
	if state != policy.IdentityUnknown {
		return id, state, nil
	}
	fits := slices.ContainsFunc(candidates, w.Means)
	list := report.First(mostMeant, introduced(candidates))
	shown := voice.Name(text)
	switch {
	case fits && len(candidates) > 1:
		return id, state, hinted(usage("%q is not one principal: %s", shown, list), "name the uid, or the ARN")
	case fits:
		return id, state, hinted(usage("%q is a uid that nobody has, and a name: %s", shown, list), "name the uid, or the ARN")
	case w.Foreign != "":
		return id, state, hinted(usage("%q is of account %s, and the caller of %s: nobody of another account can be looked up here", shown, w.Foreign, d.Caller.AccountID), "use credentials of that account")
	case len(candidates) == 0:
		return id, state, hinted(usage("nobody in account %s is named %q", d.Caller.AccountID, shown), "names are exact; somebody who was deleted is found by the uid alone")
	}
	return id, state, hinted(usage("nobody in account %s is named %q; near: %s", d.Caller.AccountID, shown, list), "name the uid of the one who is meant; somebody who was deleted is found by the uid alone")
}

// mostMeant is how many of those who could be meant a message names.
const mostMeant = 5

// introduced names people so that one can be told from the other.
func introduced(people []policy.Identity) []string {
	var lines []string
	for _, x := range people {
		lines = append(lines, string(x.Kind)+" "+voice.Whom(x.Name, x.UID)+" created "+report.At(x.CreatedAt).String())
	}
	return lines
}

// perhaps names whom a uid that nobody has could have meant; "" for nobody.
func perhaps(uid string, d policy.Directory) string {
	if near := introduced(policy.NearUIDs(uid, d)); len(near) > 0 {
		return "near it, and likely meant: " + strings.Join(near, ", ") + "; else "
	}
	return ""
}

package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"ackrevoke/cmd/cli/voice"
	"ackrevoke/job/end"
	"ackrevoke/policy"
	"ackrevoke/policy/edit"
)

// unlisted refuses a uid that has an entry.
func unlisted(pol *policy.Policy, uid string) error {
	for _, q := range pol.Principals {
		if q.UID == uid {
			return hinted(usage("%s:%d: %s is listed already, as %s", pol.Path, q.Line, voice.Whom(q.Name, q.UID), q.Reason),
				"change that entry by hand")
		}
	}
	return nil
}

// policyText reads the policy as text and as a value. Where it is to be
// written, whether that can be is found out first.
func (p Program) policyText(o *options, write bool) ([]byte, *policy.Policy, error) {
	if write && o.policy == "-" {
		return nil, nil, hinted(usage("--write cannot write to standard input"), "name the file with --policy, or take the diff")
	}
	if write {
		if err := replaceable(o.policy); err != nil {
			return nil, nil, &status{code: end.CodeError, err: fmt.Errorf("the policy cannot be written: %w", err),
				hint: "nothing was called; without --write the change is shown as a diff"}
		}
	}
	data, err := p.read(o.policy)
	if err != nil {
		return nil, nil, unreadable(notRead("the policy", o.policy, err, noPolicy), "")
	}
	pol, err := policy.Load(displayName(o.policy), data)
	if err != nil {
		p.voice(o).Problems(err)
		return nil, nil, exit(end.CodeInvalid)
	}
	return data, pol, nil
}

// offer shows a change of the policy and, where that was asked for, writes it.
func (p Program) offer(o *options, e *edit.Edit, write bool) (written bool, err error) {
	if _, err := fmt.Fprint(p.Stdout, voice.Diff(e.Diff(displayName(o.policy)), p.look(o).Style)); err != nil {
		return false, &status{code: end.CodeError, err: err}
	}
	if !write {
		return false, nil
	}
	if err := rewrite(o.policy, e.Old, e.New); err != nil {
		return false, &status{code: end.CodeError, err: fmt.Errorf("nothing was written: %w", err),
			hint: "the same again: it reads the file anew"}
	}
	return true, nil
}

// sayChanged says what a change of the policy is about, whether it was written, and
// what comes next: run, or the same command that writes it.
func (p Program) sayChanged(o *options, what string, written bool, run []string) {
	voice.Say(p.Stderr, "%s", what)
	switch {
	case written:
		voice.Next(p.Stderr, voice.Command(run...))
	case o.policy == "-":
		voice.Say(p.Stderr, "Nothing was written.")
	default:
		fmt.Fprint(p.Stderr, "Nothing was written. ")
		voice.Next(p.Stderr, voice.Command(append(slices.Clone(p.Args), "--write")...))
	}
}

// handOver turns a change that could not be proven into words.
func (p Program) handOver(err error) error {
	var by *edit.ByHand
	if !errors.As(err, &by) {
		return &status{code: end.CodeError, err: err, hint: "nothing was written"}
	}
	voice.Complain(p.Stderr, by, "nothing was written; paste this by hand, then: ackrevoke validate")
	for _, l := range strings.Split(strings.TrimSuffix(by.Text, "\n"), "\n") {
		voice.Paste(p.Stderr, l)
	}
	return exit(end.CodeError)
}

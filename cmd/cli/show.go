package cli

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"ackrevoke/cmd/cli/voice"
	"ackrevoke/job/end"
	"ackrevoke/job/look"
	"ackrevoke/job/report"
	"ackrevoke/job/sight"
	"ackrevoke/policy"
)

func (p Program) showCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "show PRINCIPAL",
		Short: "Show every cluster that one principal can reach",
		Long: `show reads, and only reads, what one RAM user or role holds on every cluster of
the account: certificate, grants, and what the caller cannot see. PRINCIPAL is a
uid, a name or an ARN, also as others show it: alice@<account>.onaliyun.com, or
<uid>-<number> of a certificate or an audit log. Somebody who was deleted is
found by the uid. Exit codes: 0 all was seen; 1 could not run; 2 usage, or nobody
or several have that name; 6 something could not be seen, or nothing bears the
uid; 130, 143 interrupted.`,
		Example: "  ackrevoke show alice --simulate testdata/estate.yaml",
	}
	var o options
	o.take(c.Flags(), append(looking, ofTables)...)
	own(c.Flags(), flag{name: "format", at: &format, preset: "table", help: "table or json (ackrevoke.show/v1), on standard output"})
	c.Args = one("PRINCIPAL", "a uid, a name or an ARN, such as 200000000000000001")
	c.PreRunE = p.prepare
	c.RunE = func(c *cobra.Command, args []string) error {
		if format != "table" && format != "json" {
			return hinted(usage("--format %q is neither table nor json", format), "for example --format json")
		}
		if err := o.validate(c); err != nil {
			return err
		}
		a, err := p.show(c, &o, args[0])
		if err != nil {
			return err
		}
		if err := p.printAccess(&o, a, format); err != nil {
			return &status{code: end.CodeError, err: err}
		}
		return exit(a.Verdict.ExitCode)
	}
	return c
}

// one is a single argument, which is asked for by name.
func one(name, example string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		switch {
		case len(args) == 1 && args[0] != "":
			return nil
		case len(args) > 1:
			return hinted(usage("one %s at a time, not %d", name, len(args)), "give "+example)
		}
		return hinted(usage("%s is missing", name), "give "+example)
	}
}

// show reads what a principal can reach.
func (p Program) show(c *cobra.Command, o *options, text string) (*report.Show, error) {
	w, err := p.view(c.Context(), o, nil)
	if err != nil {
		return nil, err
	}
	defer w.close()
	d, err := w.sight.Believed(w.ctx, sight.All)
	if err != nil {
		return nil, w.failed(err)
	}
	id, state, err := meant(text, d)
	if err != nil {
		return nil, err
	}
	r := policy.Resolve(&policy.Policy{Account: d.Caller.AccountID}, d, p.Now())
	found, err := look.Show(w.ctx, w.sight, r, id, state)
	w.voice.Quiet()
	if err != nil {
		w.voice.Panicked(err)
		return nil, w.failed(err)
	}
	a := report.NewShow(r, found)
	a.Version, a.Simulated, a.Calls = p.version(), w.simulated, w.calls()
	a.Next = revoking(a, given(c))
	if by := end.BySignal(w.ctx); by != nil {
		a.Verdict = end.Verdict{Name: end.Interrupted, ExitCode: by.Code, Reasons: append([]string{by.Error()}, a.Verdict.Reasons...)}
	}
	return a, nil
}

// printAccess prints the answer, and what to do about it where people look.
func (p Program) printAccess(o *options, a *report.Show, format string) error {
	if format == "json" {
		return p.print(a)
	}
	words := p.Stderr
	if err := report.ShowTable(p.Stdout, a, p.look(o)); err != nil {
		return err
	}
	for _, c := range a.Clusters {
		if c.Error != nil {
			voice.Complain(words, fmt.Errorf("%s could not be seen in full: %s", voice.Name(c.ID), c.Error.Message), c.Error.Hint)
		}
	}
	if a.Verdict.ExitCode != 0 {
		voice.Say(words, "%s (exit %d): %v", a.Verdict.Name, a.Verdict.ExitCode, a.Verdict.Reasons)
	}
	for _, n := range a.Next {
		voice.Offer(words, "To revoke "+n.What, n.Command)
	}
	return nil
}

// revoking are the commands that would revoke what the principal holds: on one
// cluster of those it reaches, exactly one certificate, and everywhere.
func revoking(a *report.Show, flags []string) []report.Revoking {
	p := a.Principal
	if p.Protected != "" || p.Traceless || a.Summary.Held == 0 && len(a.AllClusters.Grants) == 0 {
		return nil
	}
	add := []string{"add", p.UID}
	if p.Identity == policy.Deleted {
		add = append(add, "--deleted")
		if p.Kind == policy.Role {
			add = append(add, "--kind", "role")
		}
	}
	var next []report.Revoking
	say := func(what string, words ...string) {
		next = append(next, report.Revoking{What: what, Command: voice.Command(slices.Concat(add, words, flags)...)})
	}
	held := func(c report.Reached) bool { return c.Access == report.Holds && c.Listed }
	if i := slices.IndexFunc(a.Clusters, held); i >= 0 {
		say("on one cluster", "--reason", "departed", "--cluster", a.Clusters[i].ID)
	}
	pinnable := func(c report.Reached) bool {
		return c.Listed && c.Certificate.State == policy.Unexpired && !c.Certificate.Expires.IsZero()
	}
	if i := slices.IndexFunc(a.Clusters, pinnable); i >= 0 && p.Identity == policy.Live {
		c := a.Clusters[i]
		say("one certificate, while the principal goes on", "--reason", "compromised", "--pin", c.ID+"="+c.Certificate.Expires.String())
	}
	say("everything", "--reason", "departed")
	return next
}

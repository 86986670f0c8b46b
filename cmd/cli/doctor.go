package cli

import (
	"errors"
	"io/fs"

	"github.com/spf13/cobra"

	"ackrevoke/ack"
	"ackrevoke/job/end"
	"ackrevoke/job/look"
	"ackrevoke/job/report"
	"ackrevoke/policy"
)

func (p Program) doctorCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Look at the account and the policy, and say what is in the way of a run",
		Long: `doctor is first aid for the first hour on an account. It tells who the
credentials belong to, tries every read that a run makes, and says what is
missing: a RAM action, a grant, the right clock, an entry that cannot be
decided. It writes nothing, neither to the account nor a report. Without a
policy.yaml it answers for the account alone. Exit codes: 0 nothing is in the
way; 1 nothing could be examined, or the account is not that of the policy; 2
invalid policy or usage; 6 something cannot be seen or decided, or would make a
dry run end with another code than 0.`,
		Example: "  ackrevoke doctor --policy policy.yaml --simulate testdata/estate.yaml",
		Args:    cobra.NoArgs,
	}
	var o options
	var format string
	o.take(c.Flags(), append(looking, ofPolicy, ofTables)...)
	own(c.Flags(), flag{name: "format", at: &format, preset: "text", help: "text or json"})
	c.PreRunE = p.prepare
	c.RunE = func(c *cobra.Command, _ []string) error {
		if format != "text" && format != "json" {
			return usage("--format %q is neither text nor json", format)
		}
		if err := o.validate(c); err != nil {
			return err
		}
		return p.doctor(c, &o, format)
	}
	return c
}

// doctor examines the account and says what it found on standard output.
func (p Program) doctor(c *cobra.Command, o *options, format string) error {
	v := p.voice(o)
	pol, err := p.policyIfAny(c, o)
	if err != nil {
		p.notLoaded(v, err)
		return exit(end.CodeInvalid)
	}
	a, err := p.view(c.Context(), o, pol)
	if err != nil {
		return err
	}
	defer a.close()
	checkup := look.DoctorConfig{Policy: pol, Reader: a.Client, Concurrency: o.concurrency, Now: p.Now, Ahead: a.Ahead, Calls: a.calls,
		Tell: v.Hear}
	for _, r := range ack.Reads() {
		checkup.Reads = append(checkup.Reads, report.Reading{Operation: r.Operation, Actions: r.Actions, Fallback: r.Fallback})
	}
	e, panicked := look.Doctor(a.ctx, checkup)
	v.Quiet()
	if panicked != nil {
		v.Panicked(panicked)
	}
	e.Version, e.Simulated = p.version(), a.simulated
	e.Endpoints = report.Endpoints{CS: a.endpoints.CS, RAM: a.endpoints.RAM, STS: a.endpoints.STS}
	e.Next = v.AfterDoctor(e)
	if err := p.printExamination(o, e, format); err != nil {
		return &status{code: end.CodeError, err: err}
	}
	return exit(e.Verdict.ExitCode)
}

// policyIfAny is the policy, or nil where none was named and there is none of
// the default name.
func (p Program) policyIfAny(c *cobra.Command, o *options) (*policy.Policy, error) {
	pol, err := p.load(o)
	named := c.Flags().Changed("policy") || variables(p.Env)[variable("policy")] != ""
	if errors.Is(err, fs.ErrNotExist) && !named {
		return nil, nil
	}
	return pol, err
}

func (p Program) printExamination(o *options, e *report.Doctor, format string) error {
	if format == "text" {
		return report.DoctorText(p.Stdout, e, p.look(o))
	}
	return p.print(e)
}

package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ackrevoke/cmd/cli/voice"
	"ackrevoke/job/end"
	"ackrevoke/job/look"
	"ackrevoke/job/report"
	"ackrevoke/policy"
	"ackrevoke/policy/audit"
)

// auditFlags are the flags of audit beside those of looking.
type auditFlags struct {
	*options
	grants, residual, propose bool
	failOn                    []string
	format, output            string

	kinds []audit.FindingKind // of failOn
}

func (p Program) auditCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "audit",
		Short: "Find who holds a credential that nobody listed",
		Long: `audit looks at every cluster of the account and finds the credentials that
should not be there: above all those of principals that RAM has no more. It
writes nothing to the account. Without --policy nobody counts as listed.
--grants also asks for the grants of every holder (one read each), --residual
what listed users can still get in with (two reads each).
Exit codes: 0 all was seen, whatever was found; 1 nothing could be audited, or
the account is not that of the policy; 2 invalid policy or usage; 3 something
was found that --fail-on names; 6 something could not be seen, so that "nothing
was found" cannot be said; 130, 143 interrupted.

What is looked for, and what --fail-on can name:
` + kindsText(),
		Example: "  ackrevoke audit --fail-on deleted,locked --simulate testdata/estate.yaml",
		Args:    cobra.NoArgs,
	}
	q := &auditFlags{options: new(options)}
	f := c.Flags()
	q.take(f, append(looking, ofPolicy, ofTables)...)
	q.policy = ""
	f.Lookup("policy").DefValue = ""
	reword(f, "policy", "the policy `FILE` that says who is listed, - for standard input", "concurrency", "clusters at a time")
	own(f,
		flag{name: "grants", at: &q.grants, help: "also ask for the grants of every holder and listed principal"},
		flag{name: "residual", at: &q.residual, help: "also ask for console login and access keys of listed users; needs --policy"},
		flag{name: "fail-on", at: &q.failOn, help: "exit 3 when one of these `KINDS` is found, such as deleted,locked"},
		flag{name: "emit-policy", at: &q.propose, help: "print the entries for review, as a policy, instead of the table"},
		flag{name: "format", at: &q.format, preset: "table", help: "table or json"},
		flag{name: "output", short: "o", at: &q.output, help: "also write the audit as JSON to this `FILE`"})
	c.PreRunE = p.prepare
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := q.check(c); err != nil {
			return err
		}
		return p.audit(c, q)
	}
	return c
}

// kindNames are the kinds that --fail-on can name.
func kindNames() (names []string) {
	for _, r := range audit.Findings {
		names = append(names, string(r.Kind))
	}
	return names
}

// kindsText is the table of findings for people.
func kindsText() string {
	var b strings.Builder
	for _, r := range audit.Findings {
		needs := ""
		if r.Needs != audit.NeedsNothing {
			needs = " (--" + string(r.Needs) + ")"
		}
		fmt.Fprintf(&b, "  %-16s %s%s\n", r.Kind, r.Means, needs)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func (q *auditFlags) check(c *cobra.Command) error {
	if q.policy == "" && c.Flags().Changed("policy") {
		return hinted(usage("--policy is empty"), "give a file name, or leave the flag out")
	}
	for _, name := range q.failOn {
		row, known := audit.FindingKind(name).Row()
		missing := row.Needs == audit.NeedsGrants && !q.grants || row.Needs == audit.NeedsResidual && !q.residual
		switch {
		case !known:
			return hinted(usage("--fail-on %q is no kind of finding", name),
				strings.TrimSpace(question(near(name, kindNames())...)+" the kinds are in ackrevoke audit --help"))
		case missing:
			return hinted(usage("--fail-on %s needs --%s: without it nobody looks for that", name, row.Needs), "add --"+string(row.Needs))
		case !slices.Contains(q.kinds, row.Kind):
			q.kinds = append(q.kinds, row.Kind)
		}
	}
	slices.Sort(q.kinds)
	if err := obey(
		rule{q.format != "table" && q.format != "json", fmt.Sprintf("--format %q is neither table nor json", q.format),
			"leave it out for a table"},
		rule{q.propose && c.Flags().Changed("format"), "--emit-policy prints a policy, and --format says otherwise",
			"for both: --emit-policy --output audit.json"},
		rule{q.residual && q.policy == "", "--residual is about listed users, and without --policy nobody is listed", "add --policy policy.yaml"},
		rule{q.output == "" && c.Flags().Changed("output"), "--output is empty", "give a file name, or leave the flag out"},
		rule{slices.Contains([]string{"json", "yaml", "table", "-"}, q.output), "--output " + q.output + ": this flag names a file",
			"for standard output: --format json"},
		rule{q.output != "" && q.output == q.policy, "--output would overwrite the policy", "give another file"},
	); err != nil {
		return err
	}
	if q.policy == "" { // the rules of a run ask for one
		q.policy = defaultPolicy
		defer func() { q.policy = "" }()
	}
	return q.validate(c)
}

// audit looks at the account and says what it found on standard output.
func (p Program) audit(c *cobra.Command, q *auditFlags) error {
	v := p.voice(q.options)
	var pol *policy.Policy
	if q.policy != "" {
		var err error
		if pol, err = p.load(q.options); err != nil {
			p.notLoaded(v, err)
			return exit(end.CodeInvalid)
		}
	}
	if err := q.probe(); err != nil {
		return &status{code: end.CodeError, err: err, hint: "nothing was called; give another name with --output"}
	}
	a, err := p.view(c.Context(), q.options, pol)
	if err != nil {
		return err
	}
	defer a.close()
	found, panicked := look.Audit(a.ctx, look.AuditConfig{Policy: pol, Reader: a.Client, Grants: q.grants, Residual: q.residual,
		FailOn: q.kinds, Concurrency: q.concurrency, Now: p.Now, Calls: a.calls, Tell: v.Hear})
	v.Quiet()
	if panicked != nil {
		v.Panicked(panicked)
	}
	found.Version, found.Simulated = p.version(), a.simulated
	found.Endpoints = report.Endpoints{CS: a.endpoints.CS, RAM: a.endpoints.RAM, STS: a.endpoints.STS}
	if err := errors.Join(p.printAudit(v, q, found), q.keep(found)); err != nil {
		return &status{code: end.CodeError, err: err, hint: "the audit was made and cannot be shown: free the path, or give another --output"}
	}
	return exit(found.Verdict.ExitCode)
}

// printAudit says what was found, in the form that was asked for. Beside a policy the
// closing line goes where people look.
func (p Program) printAudit(v *voice.Voice, q *auditFlags, a *report.Audit) error {
	switch {
	case q.propose:
		if err := report.AuditText(p.Stderr, a, v.Look()); err != nil {
			return err
		}
		return report.Propose(p.Stdout, a)
	case q.format == "json":
		return p.print(a)
	}
	return report.AuditText(p.Stdout, a, p.look(q.options))
}

// probe finds out before the first call whether the file can be written, and
// that nothing of anybody's is overwritten.
func (q *auditFlags) probe() error {
	if q.output == "" {
		return nil
	}
	if err := report.Probe(q.output); err != nil {
		return err
	}
	f, err := os.Open(q.output)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("output %s: %w", q.output, err)
	}
	defer f.Close()
	var is struct{ Schema string }
	if err := json.NewDecoder(f).Decode(&is); err != nil && !errors.Is(err, io.EOF) || err == nil && is.Schema != report.AuditName {
		return fmt.Errorf("output %s: the file is there and is no audit of ackrevoke", q.output)
	}
	return nil
}

func (q *auditFlags) keep(a *report.Audit) error {
	if q.output == "" {
		return nil
	}
	return report.Write(q.output, a)
}

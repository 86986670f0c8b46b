package cli

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"ackrevoke/cmd/cli/voice"
	"ackrevoke/job/end"
	"ackrevoke/job/look"
	"ackrevoke/job/report"
	"ackrevoke/policy/kubeconfig"
)

// asking are the flags that say how to reach the account.
var asking = []group{ofCloud, ofTime, ofWorkers}

func (p Program) inspectCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "inspect KUBECONFIG",
		Short: "Say what a leaked kubeconfig gives access to, and print the policy entry that ends it",
		Long: `inspect reads a leaked kubeconfig, offline, - for standard input: whose
certificates are in it, for which server, from when until when; and prints the
entry for the policy. It takes one form off: base64, a Secret of Kubernetes (each
key that holds one), the service's {"config": ...}; and it reads a certificate by
itself, in PEM or DER. The answer says which. The file is taken for hostile: what it points to (exec,
auth-provider, files, proxies, tokens) is named and never followed, and no key,
token or password is ever printed, logged or kept. Where a chain holds several
certificates, the one that the key fits is shown, else the first.

With --live, or --simulate, the account is asked as well, read-only: which
cluster has this server, who it is, and whether the pin will act. Where the
server does not tell the cluster, the expiry does, if it is that of exactly one
certificate of the principal; the answer says so.

Exit codes: 0 read; 1 with --live: the account could not be read; 2 usage, or
no kubeconfig; 4 with --live: a guard would refuse the entry; 5 a certificate
is in system:masters, which no revocation ends; 6 with --live: the account
could not answer in full.`,
		Example: "  ackrevoke inspect --simulate testdata/estate.yaml testdata/leaked.yaml",
		Args:    cobra.ExactArgs(1),
	}
	var o options
	var format string
	var live bool
	o.take(c.Flags(), append(asking, ofLog)...)
	own(c.Flags(),
		flag{name: "format", at: &format, preset: "text", help: "text or json"},
		flag{name: "live", at: &live, help: "ask the account which cluster it is and who, read-only"})
	c.PreRunE = p.prepare
	c.RunE = func(c *cobra.Command, args []string) error {
		asks := changed(c, asking...) != ""
		live = live || o.simulate != ""
		switch {
		case format != "text" && format != "json":
			return usage("--format %q is neither text nor json", format)
		case asks && !live:
			return hinted(usage("the flags that say how to reach the account go with --live"),
				"add --live, or take them out: without it nothing is asked")
		}
		if err := o.validate(c); err != nil {
			return err
		}
		return p.inspect(c.Context(), &o, args[0], live, format)
	}
	return c
}

func (p Program) inspect(ctx context.Context, o *options, path string, live bool, format string) error {
	f, err := p.leaked(path)
	if err != nil {
		return unreadable(err, "nothing was called; if the file really opens a cluster, look at it by hand")
	}
	i := newInspection(p.version(), displayName(path), f, p.Now())
	var all []ending
	if live {
		if all, err = p.trace(ctx, o, i); err != nil {
			return err
		}
	}
	conclude(i, all)
	if err := p.printInspection(o, i, format); err != nil {
		return &status{code: end.CodeError, err: err}
	}
	if slices.ContainsFunc(i.Contexts, masters) {
		voice.Complain(p.Stderr, errors.New("a certificate of the file is in the group system:masters: no revocation of RBAC ends that one"),
			"rotate the cluster's CA; until then whoever holds the file is administrator of the cluster")
	}
	for _, e := range i.Errors {
		voice.Complain(p.Stderr, errors.New(e.Message), e.Hint)
	}
	return exit(i.Verdict.ExitCode)
}

// leaked reads the file, without its secrets.
func (p Program) leaked(path string) (*kubeconfig.Opened, error) {
	data, err := p.readLeaked(path)
	if err != nil {
		return nil, err
	}
	return kubeconfig.Open(displayName(path), data)
}

// ending is one thing that decides how an inspection ended.
type ending struct {
	code   int
	reason string
}

// conclude says what to put into the policy, and how the inspection ended.
func conclude(i *report.Inspect, all []ending) {
	i.Entries = leakEntries(i)
	i.PolicyYAML = leakYAML(i.Entries, i.Live)
	for _, c := range i.Contexts {
		if masters(c) {
			all = append(all, ending{end.CodeFailed, "system:masters"})
		}
		if pinRefused(c) {
			all = append(all, ending{end.CodeRefused, "refused"})
		}
		if unplaced(c) {
			all = append(all, ending{end.CodeIncomplete, "incomplete"})
		}
	}
	slices.SortStableFunc(all, func(a, b ending) int { return end.Rank(a.code) - end.Rank(b.code) })
	for n, h := range all {
		if n == 0 {
			i.Verdict.ExitCode = h.code
		}
		if !slices.Contains(i.Verdict.Reasons, h.reason) {
			i.Verdict.Reasons = append(i.Verdict.Reasons, h.reason)
		}
	}
}

func masters(c report.InspectedContext) bool { return c.Certificate != nil && c.Certificate.Masters }

func pinRefused(c report.InspectedContext) bool {
	return c.Account != nil && c.Account.Pin == string(look.PinRefused)
}

// unplaced reports whether the account was asked and could not say what a pin
// would do.
func unplaced(c report.InspectedContext) bool {
	return c.Account != nil && (c.Account.Pin == string(look.PinUnknown) || pinnable(c) && len(c.Account.Clusters) != 1)
}

func (p Program) printInspection(o *options, i *report.Inspect, format string) error {
	if format == "text" {
		return report.InspectText(p.Stdout, i, p.look(o))
	}
	return p.print(i)
}

// newInspection is what the file says by itself.
func newInspection(version, name string, o *kubeconfig.Opened, now time.Time) *report.Inspect {
	i := &report.Inspect{Schema: report.InspectSchema, Version: version, File: name, Form: string(o.Form),
		InspectedAt: report.At(now)}
	for _, f := range o.Found {
		for _, c := range slices.Concat(f.Contexts, f.Loose) {
			row := newContext(c, now)
			row.Content, row.FoundIn = string(f.Content), f.Key
			i.Contexts = append(i.Contexts, row)
		}
		for _, p := range f.Problems {
			if o.Form == kubeconfig.Secret {
				p = f.Key + ": " + p
			}
			i.Problems = append(i.Problems, p)
		}
	}
	i.Problems = append(i.Problems, o.Problems...)
	return i
}

func newContext(c kubeconfig.Context, now time.Time) report.InspectedContext {
	row := report.InspectedContext{
		Context: clip(c.Name), Current: c.Current, Cluster: clip(c.Cluster), Server: clip(c.Server), User: clip(c.User), Key: string(c.Key),
		NotFollowed: c.NotFollowed, Problems: c.Problems, LooksLike: c.ClusterIDs(),
	}
	if c.Certificate == nil {
		return row
	}
	x := c.Certificate
	row.Certificate = &report.InspectedCert{
		UID: x.UID, Suffix: clip(x.Suffix), CommonName: clip(x.CommonName), Masters: x.Masters, Issuer: clip(x.Issuer), Serial: clip(x.Serial),
		PublicKey: x.PublicKey, IssuedAt: moment(x.NotBefore), ExpiresAt: moment(x.NotAfter), Validity: string(x.At(now)),
		DaysLeft: x.DaysLeft(now), Others: x.Others,
	}
	for n, o := range x.Organisations {
		if n == mostGroups {
			row.Problems = append(row.Problems, voice.Count(len(x.Organisations)-n, "organisation", "organisations")+" more, not shown")
			break
		}
		row.Certificate.Organisations = append(row.Certificate.Organisations, clip(o))
	}
	return row
}

// mostGroups bounds what one certificate can put on the screen.
const mostGroups = 32

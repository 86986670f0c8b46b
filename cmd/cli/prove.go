package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"ackrevoke/ack/apiserver"
	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/policy"
	"ackrevoke/policy/kubeconfig"
)

// proveFlags are the flags of prove, beside those of run that say how to reach
// the account.
type proveFlags struct {
	options
	context, server string
	namespaces      []string
	format, attach  string
}

func (p Program) proveCommand() *cobra.Command {
	var o proveFlags
	c := &cobra.Command{
		Use:   "prove KUBECONFIG",
		Short: "Ask the cluster itself, as a leaked kubeconfig, what that still opens",
		Long: `prove asks the API server of a leaked kubeconfig, with its own certificate, whom
it takes that for and what it may do; - reads the file from standard input. It
asks with SelfSubject reviews alone and reads nothing of the cluster. Only what
stands inline in the file is used: exec, auth-provider, files, tokens, proxies
and insecure-skip-tls-verify are never followed.

  dead         the server does not authenticate it
  powerless    it authenticates until it expires, and may do nothing but what
               any authenticated user may: ask about itself, and read the API's
               list of resources, its version and its health
  alive        it may do more, which is listed
  unreachable  no proof could be had: never to be counted as dead

The server has to be that of a cluster of the account, which is asked for its
clusters, or be named with --server, and then no cloud call is made. Bindings
in single namespaces are looked for in default, kube-system, those of --namespace
and those that the report of --attach names, and nowhere else.

Proving is access: for 7 days the cluster's records show it, and an unforced
clean declines. Prove after a clean with force: false, not before.

Exit codes: 0 dead or powerless; 1 could not run; 2 usage, or a file that cannot
be tried; 5 alive; 6 unreachable; 130, 143 interrupted.`,
		Example: "  ackrevoke prove --attach report.json leaked.yaml",
		Args:    cobra.ExactArgs(1),
	}
	f := c.Flags()
	o.take(f, ofCloud, ofTime, ofLog)
	whole := f.Lookup("timeout")
	o.timeout, whole.DefValue, whole.Usage = 2*time.Minute, "2m0s", "of the whole proof; what was not asked by then is unproven"
	own(f,
		flag{name: "context", at: &o.context, help: "the context of the file (default its current one)"},
		flag{name: "server", at: &o.server,
			help: "the `URL` to ask; without it the account says whether the file's server is one of its clusters"},
		flag{name: "namespace", at: &o.namespaces, help: "look for bindings in this `NAMESPACE` as well; may be repeated"},
		flag{name: "format", at: &o.format, preset: "text", help: "text or json"},
		flag{name: "attach", at: &o.attach, help: "add the evidence to this report `FILE`"})
	c.PreRunE = p.prepare
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := o.check(c); err != nil {
			return err
		}
		return p.prove(c.Context(), &o, args[0])
	}
	return c
}

func (o *proveFlags) check(c *cobra.Command) error {
	asks := changed(c, ofCloud)
	switch {
	case o.format != "text" && o.format != "json":
		return usage("--format %q is neither text nor json", o.format)
	case c.Flags().Changed("server") && o.server == "":
		return usage("--server is empty")
	case o.server != "" && asks != "":
		return hinted(usage("--server makes no cloud call, and --%s is about one", asks), "take out one of the two")
	case c.Flags().Changed("attach") && (o.attach == "" || o.attach == "-"):
		return hinted(usage("--attach needs the file of a report"), "for example --attach report.json")
	}
	for _, n := range o.namespaces {
		if !namespaceForm.MatchString(n) {
			return usage("--namespace %q is no name of a namespace", n)
		}
	}
	if o.server != "" {
		if _, err := apiserver.ParseServer(o.server); err != nil {
			return hinted(usage("--server: %w", err), "for example --server https://203.0.113.7:6443")
		}
	}
	return o.validate(c)
}

// prove asks the server what the file opens, says it, and adds it to a report
// where one is named.
func (p Program) prove(ctx context.Context, o *proveFlags, path string) error {
	data, err := p.readLeaked(path)
	if err != nil {
		return unreadable(err, "give the leaked file, or - for standard input")
	}
	ctx, cancel := context.WithTimeoutCause(ctx, o.timeout, end.ErrTimeLimit)
	defer cancel()
	leaked, cluster, err := p.openToProve(ctx, o, path, data)
	if err != nil {
		return err
	}
	defer leaked.Close()
	v := p.voice(&o.options)
	v.Proving(leaked.Server())
	e := evidence(leaked.Prove(ctx), cluster)

	proof := report.NewProve(p.version(), o.simulate != "", e)
	if by := end.BySignal(ctx); by != nil {
		proof.ExitCode = by.Code
	}
	if err := p.printProof(proof, o.format); err != nil {
		return &status{code: end.CodeError, err: err}
	}
	if o.attach != "" {
		if err := report.Attach(o.attach, e); err != nil {
			return hinted(&status{code: end.CodeError, err: fmt.Errorf("the evidence could not be added: %w", err)},
				"the proof itself was made: it is "+string(e.Verdict)+"; prove again to add it")
		}
		v.Info().Str("report", o.attach).Say("evidence added")
	}
	return exit(proof.ExitCode)
}

// openToProve opens the file for the server that may be asked, and says which
// cluster of the account that is. What can be found out offline comes before the
// first call.
func (p Program) openToProve(ctx context.Context, o *proveFlags, path string, data []byte) (*apiserver.Leaked, policy.Cluster, error) {
	var cluster policy.Cluster
	bad := func(err error) error {
		return hinted(usage("%s: %w", displayName(path), err), "nothing was asked; ackrevoke inspect says what is in the file")
	}
	k, err := leakedContext(path, data, o.context)
	if err != nil {
		return nil, cluster, bad(err)
	}
	server := o.server
	if server == "" {
		if _, err := apiserver.Open(data, o.context, apiserver.Options{}); err != nil {
			return nil, cluster, bad(err)
		}
		if cluster, server, err = p.servingCluster(ctx, o, uidOf(k), k.Server); err != nil {
			return nil, cluster, err
		}
	}
	attached, err := o.attachedNamespaces(k, cluster.ID)
	if err != nil {
		return nil, cluster, err
	}
	leaked, err := apiserver.Open(data, o.context, apiserver.Options{Server: server, Namespaces: slices.Concat(o.namespaces, attached),
		Timeout: min(o.callTimeout, 10*time.Second), Now: p.Now, DialContext: p.Dial})
	if err != nil {
		return nil, cluster, bad(err)
	}
	return leaked, cluster, nil
}

// attachedNamespaces are those that the report of --attach names, which has to
// speak of the principal of the certificate.
func (o *proveFlags) attachedNamespaces(k *kubeconfig.Context, cluster string) ([]string, error) {
	if o.attach == "" {
		return nil, nil
	}
	r, err := report.Attachable(o.attach)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, unreadable(notRead("the report of --attach", o.attach, err, "give a report that ackrevoke wrote; nothing was asked"), "")
	}
	if err != nil {
		return nil, hinted(usage("--attach: %w", err), "nothing was asked; give a report that ackrevoke wrote")
	}
	found, about := granted(r, k, cluster)
	if !about {
		return nil, hinted(usage("--attach: the report %s says nothing of the principal of this certificate", o.attach),
			"nothing was asked; give the report of the run that revoked it")
	}
	return found, nil
}

func (p Program) printProof(proof *report.Prove, format string) error {
	if format == "text" {
		return report.ProveText(p.Stdout, proof)
	}
	return p.print(proof)
}

// granted are the namespaces in which a report says that the principal of a
// certificate held something, and whether it speaks of that principal at all.
func granted(r *report.Report, k *kubeconfig.Context, cluster string) (namespaces []string, about bool) {
	if k.Certificate == nil || k.Certificate.UID == "" {
		return nil, false
	}
	uid := k.Certificate.UID
	about = slices.ContainsFunc(r.Principals, func(e report.Principal) bool { return e.UID == uid })
	for _, a := range r.Plan.Actions {
		if a.UID != uid || cluster != "" && a.Cluster.ID != cluster {
			continue
		}
		for _, g := range a.Before.Grants {
			if namespaceForm.MatchString(g.Namespace) {
				namespaces = append(namespaces, g.Namespace)
			}
		}
	}
	return namespaces, about
}

// evidence is a proof as it stands in a report.
func evidence(p apiserver.Proof, k policy.Cluster) report.Evidence {
	e := report.Evidence{
		At: report.At(p.At), Verdict: report.EvidenceVerdict(p.Verdict), Why: p.Why, Hint: p.Hint,
		Cluster: report.EvidenceCluster{ID: k.ID, Name: k.Name}, Server: p.Server, Context: clip(p.Context),
		Certificate: report.EvidenceCertificate{UID: p.UID, CommonName: clip(p.CommonName), Serial: clip(p.Serial),
			SHA256: p.Fingerprint, Expires: moment(p.NotAfter)},
		Username: p.Username, Groups: p.Groups, Namespaces: p.Namespaces, MayMore: p.MayMore, Unanswered: p.Unanswered,
	}
	for _, m := range p.May {
		e.May = append(e.May, report.EvidencePermission{Verbs: m.Verbs, APIGroups: m.Groups, Resources: m.Resources,
			Names: m.Names, URLs: m.URLs, Namespaces: m.Namespaces})
	}
	for _, a := range p.Access {
		e.Access = append(e.Access, report.EvidenceAccess{Verb: a.Verb, APIGroup: a.Group, Resource: a.Resource,
			Namespace: a.Namespace, Allowed: a.Allowed, Reason: a.Reason})
	}
	return e
}

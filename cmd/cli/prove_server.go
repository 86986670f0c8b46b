package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"ackrevoke/ack/apiserver"
	"ackrevoke/cmd/cli/voice"
	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/job/sight"
	"ackrevoke/policy"
	"ackrevoke/policy/kubeconfig"
)

// readLeaked reads a leaked file, and no more of it than a kubeconfig can have.
func (p Program) readLeaked(path string) ([]byte, error) {
	from := p.Stdin
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("the file cannot be read: %w", err)
		}
		defer f.Close()
		from = f
	}
	data, err := io.ReadAll(io.LimitReader(from, kubeconfig.MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("the file cannot be read: %w", err)
	}
	return data, nil
}

// tried is the context of the file that is to be proven.
func tried(path string, data []byte, name string) (*kubeconfig.Context, error) {
	file, err := kubeconfig.Read(displayName(path), data)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, k := range file.Contexts {
		names = append(names, k.Name)
	}
	among := "; it has " + strings.Join(names, ", ")
	k := file.Current()
	switch {
	case len(names) == 0:
		return nil, errors.New("the file has no contexts")
	case name != "":
		k = file.Context(name)
		if k == nil {
			return nil, fmt.Errorf("the file has no context %q%s", name, among)
		}
	case k == nil:
		return nil, fmt.Errorf("the file has no current context: name one with --context%s", among)
	}
	return k, nil
}

// clusterOf finds the cluster of the account whose API server the file names,
// and the URL that the account has for it: the file's own is not asked, for it
// may go on behind the port.
func (p Program) clusterOf(ctx context.Context, o *proving, uid, server string) (policy.Cluster, string, error) {
	a, err := p.connect(&o.options) // o.dryRun is true: the client refuses writes
	if err != nil {
		return policy.Cluster{}, "", err
	}
	defer a.close()
	served, err := (&sight.Sight{Reader: a.Client, Concurrency: o.concurrency, Now: p.Now}).Serving(ctx, uid, server)
	if err != nil {
		f := &policy.Fault{Kind: policy.Internal, Message: err.Error()}
		var not *sight.Unseen
		if errors.As(err, &not) && not.Fault != nil {
			f = not.Fault
		}
		e := report.NewError(f, "")
		return policy.Cluster{}, "", hinted(&status{code: end.CodeError, err: fmt.Errorf("the clusters of the account could not be listed, so the server is not asked: %s", e.Message)},
			e.Hint+"; or name the server with --server, then no cloud call is made")
	}
	if at := serverOf(served.Clusters, server); at != "" {
		return served.Clusters[0], at, nil
	}
	if served.Gaps != "" {
		return policy.Cluster{}, "", hinted(&status{code: end.CodeIncomplete, err: fmt.Errorf("the server %s of the file was found in no cluster of the account, and not all could be seen: %s: it was not asked",
			voice.Name(server), served.Gaps)}, "make the rest readable, or name the server with --server where you know that it is yours")
	}
	return policy.Cluster{}, "", hinted(usage("the server %s of the file is none of the %s of the account: it was not asked", voice.Name(server), voice.Count(served.Listed, "cluster", "clusters")),
		"where you know that it is yours, name it with --server")
}

// uidOf is the principal of a context's certificate, "" where it names none.
func uidOf(k *kubeconfig.Context) string {
	if k.Certificate == nil {
		return ""
	}
	return k.Certificate.UID
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
		Certificate: report.EvidenceCertificate{UID: p.UID, CommonName: clip(p.CommonName), Serial: clip(p.Serial), SHA256: p.Fingerprint, Expires: moment(p.NotAfter)},
		Username:    p.Username, Groups: p.Groups, Namespaces: p.Namespaces, MayMore: p.MayMore, Unanswered: p.Unanswered,
	}
	for _, m := range p.May {
		e.May = append(e.May, report.EvidencePermission{Verbs: m.Verbs, APIGroups: m.Groups, Resources: m.Resources, Names: m.Names, URLs: m.URLs, Namespaces: m.Namespaces})
	}
	for _, a := range p.Access {
		e.Access = append(e.Access, report.EvidenceAccess{Verb: a.Verb, APIGroup: a.Group, Resource: a.Resource, Namespace: a.Namespace, Allowed: a.Allowed, Reason: a.Reason})
	}
	return e
}

package cli

import (
	"slices"

	"ackrevoke/ack/apiserver"
	"ackrevoke/job/report"
	"ackrevoke/policy"
	"ackrevoke/policy/kubeconfig"
)

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

package apiserver

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// anonymous is whom a server takes those for that show nothing it knows.
const anonymous = "system:anonymous"

// Prove asks, and judges:
//
//	nobody is known by this certificate        dead
//	a rule or an access beyond the baseline    alive, whatever else is unclear
//	somebody else than the certificate says    unreachable
//	a question without a full answer           unreachable
//	every answer, and nothing beyond it        powerless
//
// Proving is access: it shows in the audit log as the credential's.
func (l *Leaked) Prove(ctx context.Context) Proof {
	p := Proof{At: l.now().UTC(), Server: l.Server(), Context: l.context, UID: l.uid, CommonName: l.commonName,
		Serial: l.serial, Fingerprint: l.fingerprint, NotAfter: l.notAfter, Namespaces: l.namespaces}
	who, ended := l.identify(ctx, &p)
	if ended {
		return p
	}
	l.rules(ctx, &p)
	l.accesses(ctx, &p)

	switch {
	case len(p.May) > 0 || slices.ContainsFunc(p.Access, func(a Access) bool { return a.Allowed }):
		p.Verdict = Alive
		p.Why = "the server lets it do more than any authenticated user may"
		p.Hint = "revoke it; where that was done, remove the bindings that are named here, and look for others of this user and its groups"
		if slices.Contains(p.Groups, "system:masters") {
			p.Why = "it belongs to system:masters, which may do everything and which no revocation of RBAC ends"
			p.Hint = "rotate the CA of the cluster"
		}
	case who != "":
		p.Verdict, p.Why = Unreachable, who
		p.Hint = "ask the API server itself and not something in front of it: name it with --server"
	case len(p.Unanswered) > 0:
		p.Verdict = Unreachable
		p.Why = "it authenticates, and whether it may do anything is not proven: " + p.Unanswered[0]
		p.Hint = "it is not dead: remove what the message names and prove again"
	default:
		p.Verdict = Powerless
		p.Why = "it authenticates until it expires, and may do nothing but what any authenticated user may: " + Baseline
	}
	return p
}

// identify asks whom the server takes the certificate for. who is what is
// wrong with that, or ""; ended says that nothing more need be asked.
func (l *Leaked) identify(ctx context.Context, p *Proof) (who string, ended bool) {
	var review subjectReview
	a := l.ask(ctx, subjectPath, object(subjectKind, "authentication.k8s.io/v1", nil), subjectKind, &review)
	user := a.user
	if a.said == answered {
		user = review.Status.UserInfo.Username
		p.Groups = tidy(review.Status.UserInfo.Groups)
	}
	p.Username = short(user)
	unreachable := func(why, hint string) (string, bool) {
		p.Verdict, p.Why, p.Hint = Unreachable, why, hint
		p.Unanswered = append(p.Unanswered, why)
		return why, true
	}
	refused := a.said == unauthorized || user == anonymous
	switch {
	case a.stranger:
		return unreachable("the server gave no answer that proves anything: "+a.why,
			"nothing is known of the credential: only the CA of the file is believed, and only for an address that the server's certificate "+
				"names; give such a one with --server")
	case a.said == nothing:
		return unreachable("the server gave no answer that proves anything: "+a.why,
			"nothing is known of the credential: see that this machine reaches "+p.Server+", and prove again")
	case refused && !l.shown.Load():
		// A balancer that ends TLS itself, or a proxy in between.
		return unreachable("the server did not ask for a certificate, so its refusal says nothing about this one",
			"ask the API server itself and not something in front of it: name it with --server")
	case refused:
		p.Verdict = Dead
		p.Why = "the server does not authenticate it"
		if a.why != "" {
			p.Why += " (" + a.why + ")"
		}
		if p.At.After(l.notAfter) {
			p.Why += "; the certificate has expired"
		}
		return "", true
	case user == "":
		return "the server does not say whom it takes the certificate for", false
	case user != l.commonName:
		return fmt.Sprintf("the server takes it for %q and not for whom the certificate names", short(user)), false
	case !l.same(review.Status.UserInfo.Extra):
		return "the server saw another certificate than this one", false
	}
	return "", false
}

// same reports whether the certificate that the server saw is this one. Servers
// say so since 1.32; where they do not, nothing speaks against it.
func (l *Leaked) same(extra map[string][]string) bool {
	for _, id := range extra["authentication.kubernetes.io/credential-id"] {
		if sum, ok := strings.CutPrefix(id, "X509SHA256="); ok && sum != l.fingerprint {
			return false
		}
	}
	return true
}

// rules asks for all that RBAC gives in each namespace. Those of ClusterRoles
// show in every one of them.
func (l *Leaked) rules(ctx context.Context, p *Proof) {
	var all powers
	for _, namespace := range l.namespaces {
		var review rulesReview
		a := l.ask(ctx, rulesPath, rulesQuestion(namespace), rulesKind, &review)
		if a.said != answered {
			p.missing("the rules in namespace "+namespace, a.why)
			continue
		}
		s := review.Status
		if s == nil || s.ResourceRules == nil || s.NonResourceRules == nil || s.Incomplete == nil {
			p.missing("the rules in namespace "+namespace, "the answer lacks what an API server sends")
			continue
		}
		for _, r := range *s.ResourceRules {
			if r.beyond() {
				all.add(namespace, Permission{Verbs: r.Verbs, Groups: r.Groups, Resources: r.Resources, Names: r.Names})
			}
		}
		for _, r := range *s.NonResourceRules {
			if r.beyond() {
				all.add(namespace, Permission{Verbs: r.Verbs, URLs: r.URLs})
			}
		}
		switch {
		case s.EvaluationError != "":
			// Seen for a binding to a role that is gone: whoever makes that role
			// anew gives the credential its power.
			p.missing("the rules in namespace "+namespace, "the server could not evaluate them: "+short(s.EvaluationError))
		case *s.Incomplete:
			p.missing("the rules in namespace "+namespace, "the server calls them incomplete")
		}
	}
	p.May, p.MayMore = all.list()
}

// accesses asks for what is in the table.
func (l *Leaked) accesses(ctx context.Context, p *Proof) {
	for _, q := range telling {
		namespaces := []string{""}
		if !q.everywhere {
			namespaces = l.namespaces
		}
		for _, namespace := range namespaces {
			var review accessReview
			x := Access{Verb: q.verb, Group: q.group, Resource: q.resource, Namespace: namespace}
			if q.subresource != "" {
				x.Resource += "/" + q.subresource
			}
			a := l.ask(ctx, accessPath, accessQuestion(q.verb, q.group, q.resource, q.subresource, namespace), accessKind, &review)
			s := review.Status
			switch {
			case a.said != answered:
				p.missing("whether it may "+x.String(), a.why)
				if ctx.Err() != nil || a.said == nothing {
					return // a server that has gone does not come back for the rest
				}
				continue
			case s == nil || s.Allowed == nil:
				p.missing("whether it may "+x.String(), "the answer lacks what an API server sends")
				continue
			case !*s.Allowed && s.EvaluationError != "":
				p.missing("whether it may "+x.String(), "the server could not evaluate it: "+short(s.EvaluationError))
			}
			x.Allowed, x.Reason = *s.Allowed, short(s.Reason)
			p.Access = append(p.Access, x)
		}
	}
}

func (p *Proof) missing(what, why string) {
	p.Unanswered = append(p.Unanswered, what+": "+why)
}

// String is the access as a person would say it.
func (a Access) String() string {
	s := a.Verb + " " + a.Resource
	if a.Group != "" && a.Group != "*" {
		s += "." + a.Group
	}
	if a.Namespace != "" {
		return s + " in " + a.Namespace
	}
	return s + " everywhere"
}

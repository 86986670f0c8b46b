package apiserver

import (
	"cmp"
	"slices"
	"strings"
)

// The baseline: what Kubernetes lets every authenticated user do since 1.14, by
// the ClusterRoles system:basic-user, system:discovery and
// system:public-info-viewer. No revocation takes it from a certificate that
// still authenticates. Anything else is power, also where an administrator
// gave it to everybody.
var (
	baseResources = map[string][]string{ // by API group; create only
		"authorization.k8s.io":  {"selfsubjectaccessreviews", "selfsubjectrulesreviews"},
		"authentication.k8s.io": {"selfsubjectreviews"},
	}
	baseURLs = []string{ // get only
		"/api", "/api/*", "/apis", "/apis/*", "/openapi", "/openapi/*",
		"/healthz", "/livez", "/readyz", "/version", "/version/",
	}
)

// Baseline is the baseline in one sentence.
const Baseline = "ask about itself (SelfSubject reviews), and read the API's list of resources, its version and its health"

// beyond reports whether a rule allows something that the baseline does not. A
// rule that lacks a part allows nothing.
func (r resourceRule) beyond() bool {
	if len(r.Verbs) == 0 || len(r.Groups) == 0 || len(r.Resources) == 0 {
		return false
	}
	for _, g := range r.Groups {
		for _, resource := range r.Resources {
			if !slices.Contains(baseResources[g], resource) {
				return true
			}
		}
	}
	return other(r.Verbs, "create")
}

func (r nonResourceRule) beyond() bool {
	if len(r.Verbs) == 0 || len(r.URLs) == 0 {
		return false
	}
	return other(r.Verbs, "get") || slices.ContainsFunc(r.URLs, func(u string) bool { return !slices.Contains(baseURLs, u) })
}

func other(verbs []string, than string) bool {
	return slices.ContainsFunc(verbs, func(v string) bool { return v != than })
}

// powers gathers permissions of several namespaces; what is the same in two of
// them is one permission.
type powers struct {
	rows map[string]*Permission
}

func (p *powers) add(namespace string, q Permission) {
	for _, list := range []*[]string{&q.Verbs, &q.Groups, &q.Resources, &q.Names, &q.URLs} {
		*list = tidy(*list)
	}
	key := q.key()
	if p.rows == nil {
		p.rows = map[string]*Permission{}
	}
	if p.rows[key] == nil {
		p.rows[key] = &q
	}
	p.rows[key].Namespaces = tidy(append(p.rows[key].Namespaces, namespace))
}

// list returns the permissions in order, the first of many.
func (p *powers) list() (rows []Permission, more int) {
	const most = 200
	for _, q := range p.rows {
		rows = append(rows, *q)
	}
	slices.SortFunc(rows, func(a, b Permission) int { return cmp.Compare(a.key(), b.key()) })
	if len(rows) > most {
		rows, more = rows[:most], len(rows)-most
	}
	return rows, more
}

func (q *Permission) key() string {
	var parts []string
	for _, list := range [][]string{q.Groups, q.Resources, q.Verbs, q.Names, q.URLs} {
		parts = append(parts, strings.Join(list, "\x00"))
	}
	return strings.Join(parts, "\x01")
}

// tidy sorts a list, once each, and bounds it.
func tidy(list []string) []string {
	const most = 100
	all := make([]string, 0, len(list))
	for _, s := range list {
		all = append(all, short(s))
	}
	slices.Sort(all)
	all = slices.Compact(all)
	return all[:min(len(all), most)]
}

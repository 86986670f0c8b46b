package sim

import (
	"cmp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// grant reads one permission row and checks it by the rules of the service: a scope is one cluster, one namespace or all
// clusters; on one scope there may be one predefined role, and any number of custom ones [DOC]. That admin, admin-view and ops
// cannot be granted per namespace [DOC] is a rule about granting: rows like that may be older than the rule, so they are read.
func (s *source) grant(x index, n *yaml.Node) Grant {
	before := len(s.problems)
	f := s.object(n, "a grant", "uid", "cluster", "namespace", "role", "custom", "owner", "allClusters")
	g := Grant{
		UID: x.person(s, f), Custom: f.flag("custom", false), Owner: f.flag("owner", false),
		AllClusters: f.flag("allClusters", false), Namespace: f.optionally("namespace", ""),
	}
	if f.at == nil {
		return g
	}
	switch {
	case !g.AllClusters:
		g.Cluster = x.place(s, f)
	case f.nodes["cluster"] != nil || g.Namespace != "" || g.Owner:
		s.fail(n, "a grant for all clusters has no cluster, no namespace and no owner")
	}
	if g.Owner {
		g.Role = "admin"
		if f.nodes["role"] != nil || g.Namespace != "" || g.Custom {
			s.fail(n, "an owner is administrator of the whole cluster: leave out role, namespace and custom")
		}
	} else if g.Role = f.verbatim("role"); g.Role != "" {
		if wrong := wrongRole(g); wrong != "" {
			s.fail(f.nodes["role"], "%s", wrong)
		}
	}
	if len(s.problems) > before {
		return g // whether it repeats another can be told of a good row only
	}
	scope := "all clusters"
	if !g.AllClusters {
		scope = g.Cluster
	}
	if g.Namespace != "" {
		scope += "/" + g.Namespace
	}
	switch {
	case g.Owner:
		x.once(s, n, "the owner row of %s on %s", g.UID, scope)
	case g.Custom:
		x.once(s, n, "the grant of the custom role %q to %s on %s", g.Role, g.UID, scope)
	default:
		x.once(s, n, "a predefined role of %s on %s", g.UID, scope)
	}
	return g
}

// wrongRole says what is wrong with the role of a row, empty if nothing.
func wrongRole(g Grant) string {
	switch {
	case g.Custom:
		return ""
	case !slices.Contains(predefined, g.Role):
		return "the role " + g.Role + " is not predefined; a role of the cluster's own is custom"
	case g.Role == "admin-view" && g.AllClusters:
		return "admin-view cannot be granted for all clusters"
	}
	return ""
}

// patched returns the rows with one row added. A predefined role takes the place of the one that was on its scope, as there can
// be one only [DOC]; an owner row is not a grant and stays beside it.
func patched(rows []Grant, add Grant) []Grant {
	out := slices.DeleteFunc(slices.Clone(rows), func(g Grant) bool {
		return sameScope(g, add) && !g.Owner && g.Custom == add.Custom && (!add.Custom || g.Role == add.Role)
	})
	return append(out, add)
}

// without returns the rows with one row taken away.
func without(rows []Grant, gone Grant) []Grant {
	return slices.DeleteFunc(slices.Clone(rows), func(g Grant) bool { return g == gone })
}

func sameScope(a, b Grant) bool {
	return a.Cluster == b.Cluster && a.Namespace == b.Namespace && a.AllClusters == b.AllClusters
}

// compareGrants is the order rows are told in.
func compareGrants(a, b Grant) int {
	flag := func(b bool) int {
		if b {
			return 1
		}
		return 0
	}
	return cmp.Or(
		strings.Compare(a.UID, b.UID), cmp.Compare(flag(a.AllClusters), flag(b.AllClusters)), strings.Compare(a.Cluster, b.Cluster),
		strings.Compare(a.Namespace, b.Namespace), cmp.Compare(flag(b.Owner), flag(a.Owner)), cmp.Compare(flag(a.Custom), flag(b.Custom)),
		strings.Compare(a.Role, b.Role))
}

package policy

import (
	"path"
	"slices"
)

// matches reports whether a pattern of the policy means this cluster: its id to
// the letter, or a glob over its name. A pattern that is the id of a listed
// cluster means that one alone, however others are named, also where that one is
// gone or is no Kubernetes. Load has refused bad globs.
func (r *Resolution) matches(pattern string, c Cluster) bool {
	if pattern == c.ID || r.ids[pattern] || r.gone[pattern] || r.other[pattern] {
		return pattern == c.ID
	}
	ok, err := path.Match(pattern, c.Name)
	return ok && err == nil
}

func (r *Resolution) matchesAny(patterns []string, c Cluster) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return r.matches(p, c) })
}

// holds reports whether the scope holds a cluster.
func (r *Resolution) holds(c Cluster) bool {
	s := r.Policy.Scope
	if len(s.Regions) > 0 && !slices.ContainsFunc(s.Regions, func(id string) bool { return lies(c.Region, id) }) {
		return false
	}
	return (len(s.Include) == 0 || r.matchesAny(s.Include, c)) && !r.matchesAny(s.Exclude, c)
}

// Holds reports whether the scope holds a cluster of the directory.
func (r *Resolution) Holds(c Cluster) bool { return r.holds(c) }

// About reports whether an entry of the policy is about a cluster of the
// directory.
func (r *Resolution) About(e Principal, c Cluster) bool { return r.holds(c) && r.covers(e, c) }

// narrow reports whether the scope is able to leave a cluster out.
func (s Scope) narrow() bool { return len(s.Regions)+len(s.Include)+len(s.Exclude) > 0 }

// covers reports whether an entry, by its own narrowing, is about a cluster.
func (r *Resolution) covers(p Principal, c Cluster) bool {
	return len(p.Clusters) == 0 || r.matchesAny(p.Clusters, c)
}

// pinsOn returns the entry's pins on one cluster.
func (p Principal) pinsOn(cluster string) []Pin {
	var on []Pin
	for _, pin := range p.Pins {
		if pin.Cluster == cluster {
			on = append(on, pin)
		}
	}
	return on
}

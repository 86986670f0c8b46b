package policy

import "path"

// matches reports whether a pattern of the policy means this cluster: its id to
// the letter, or a glob over its name. Load has refused bad globs.
func matches(pattern string, c Cluster) bool {
	if pattern == c.ID {
		return true
	}
	ok, err := path.Match(pattern, c.Name)
	return ok && err == nil
}

func matchesAny(patterns []string, c Cluster) bool {
	for _, p := range patterns {
		if matches(p, c) {
			return true
		}
	}
	return false
}

// Holds reports whether the scope holds a cluster.
func (s Scope) Holds(c Cluster) bool {
	if len(s.Regions) > 0 {
		found := false
		for _, r := range s.Regions {
			found = found || r == c.Region
		}
		if !found {
			return false
		}
	}
	if len(s.Include) > 0 && !matchesAny(s.Include, c) {
		return false
	}
	return !matchesAny(s.Exclude, c)
}

// narrow reports whether the scope is able to leave a cluster out.
func (s Scope) narrow() bool { return len(s.Regions)+len(s.Include)+len(s.Exclude) > 0 }

// covers reports whether the entry, by its own narrowing, is about a cluster.
func (p Principal) covers(c Cluster) bool {
	return len(p.Clusters) == 0 || matchesAny(p.Clusters, c)
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

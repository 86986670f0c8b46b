package stage

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// City is an estate as lists of lines, so that a test can permute them.
type City struct {
	Caller                                         string
	Users, Roles, Deleted, Clusters, Creds, Grants []string
	Regions                                        []string // none: those of the clusters
	Behaviour                                      string
}

func (c City) Yaml() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "account: %q\ncaller: %s\n", Account, c.Caller)
	for _, s := range []struct {
		name  string
		lines []string
	}{{"regions", c.Regions}, {"users", c.Users}, {"roles", c.Roles}, {"deleted", c.Deleted}, {"clusters", c.Clusters},
		{"credentials", c.Creds}, {"grants", c.Grants}} {
		if len(s.lines) > 0 {
			fmt.Fprintf(&b, "%s:\n  - %s\n", s.name, strings.Join(s.lines, "\n  - "))
		}
	}
	if c.Behaviour != "" {
		fmt.Fprintf(&b, "behaviour: %s\n", c.Behaviour)
	}
	return []byte(b.String())
}

func (c City) Permuted(r *rand.Rand) City {
	for _, l := range []*[]string{&c.Users, &c.Roles, &c.Deleted, &c.Clusters, &c.Creds, &c.Grants} {
		shuffled := append([]string{}, *l...)
		r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		*l = shuffled
	}
	return c
}

package lint

import (
	"fmt"
	"time"

	"gopkg.in/yaml.v3"

	"ackrevoke/policy"
)

// soon is how long before its end an exception is told of: long enough for a review.
const soon = 14 * 24 * time.Hour

// limits looks at what the policy lets pass: caps, and exceptions that end.
func (c *checker) limits() {
	guards := value(c.root, "guards")
	g := c.policy.Guards
	for _, limit := range []struct {
		key               string
		stated, otherwise int
	}{
		{"maxPrincipals", g.MaxPrincipals, policy.DefaultMaxPrincipals},
		{"maxRevocations", g.MaxRevocations, policy.DefaultMaxRevocations},
		{"maxCompromised", g.MaxCompromised, policy.DefaultMaxCompromised},
	} {
		if limit.stated > limit.otherwise {
			c.at(RaisedCap, value(guards, limit.key), fmt.Sprintf("guards.%s is %d for good; where nothing is stated it is %d", limit.key,
				limit.stated, limit.otherwise))
		}
	}
	if g.Raise != nil {
		c.ending("guards.raise", g.Raise.Until, value(value(guards, "raise"), "until"))
	}
	for i, row := range value(guards, "protect").Content {
		if i < len(g.Protect) {
			c.rounded(g.Protect[i].UID, value(row, "uid"))
		}
	}
	for i, row := range value(c.root, "accepted").Content {
		if i < len(c.policy.Accepted) {
			a := c.policy.Accepted[i]
			c.ending("this accepted row (what: "+string(a.What)+")", a.Until, value(row, "until"))
			c.rounded(a.UID, value(row, "uid"))
		}
	}
}

// ending warns of an exception that is over, or will be before anybody has looked.
func (c *checker) ending(what string, until time.Time, n *yaml.Node) {
	switch left := until.Sub(c.now); {
	case left <= 0:
		c.at(Ended, n, fmt.Sprintf("%s ended at %s and no longer counts", what, until.In(c.policy.Location).Format(time.RFC3339)))
	case left <= soon:
		c.at(EndsSoon, n, fmt.Sprintf("%s ends at %s, in %s", what, until.In(c.policy.Location).Format(time.RFC3339), days(left)))
	}
}

// days is a time that is left, in days that have begun.
func days(left time.Duration) string {
	n := int((left + 24*time.Hour - 1) / (24 * time.Hour))
	if n == 1 {
		return "less than a day"
	}
	return fmt.Sprintf("less than %d days", n)
}

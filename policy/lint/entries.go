package lint

import (
	"fmt"
	"path"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"ackrevoke/policy"
)

// entries looks at the list: at each entry alone, at its place among the others,
// and for uids that could be a slip of one another.
func (c *checker) entries() {
	rows := value(c.root, "principals").Content
	for i, p := range c.policy.Principals {
		c.about = p.Line
		c.entry(p, rows[i])
	}
	c.about = 0
	c.protected(rows)
	c.order(rows)
	c.near(rows)
}

// entry looks at one entry.
func (c *checker) entry(p policy.Principal, row *yaml.Node) {
	uid := value(row, "uid")
	if p.Name == "" && p.CreatedAt.IsZero() {
		c.at(NoCrossCheck, uid, fmt.Sprintf("the entry of %s states neither name nor createdAt, so a mistyped uid is somebody else's and "+
			"nothing notices", p.UID))
	}
	if p.Reason == policy.Departed && !p.Effective.IsZero() && p.Effective.AddDate(1, 0, 0).Before(c.now) {
		c.at(LongDeparted, value(row, "effective"), fmt.Sprintf("%s departed on %s, more than a year ago", whom(p),
			p.Effective.In(c.policy.Location).Format(time.DateOnly)))
	}
	if p.Reason == policy.Compromised && !p.Pinned() && p.Ticket == "" {
		c.at(NoTicket, uid, fmt.Sprintf("%s is locked out of everything until %s, and no ticket says why", whom(p),
			p.Until.In(c.policy.Location).Format(time.RFC3339)))
	}
	c.rounded(p.UID, uid)
}

// whom is an entry in a sentence.
func whom(p policy.Principal) string {
	if p.Name == "" {
		return p.UID
	}
	return fmt.Sprintf("%q (%s)", clip(p.Name), p.UID)
}

// clip keeps a text of the file short enough for a sentence.
func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "..."
	}
	return s
}

// significant is how many digits a spreadsheet keeps of a number [IEEE 754 double];
// the rest it writes as zeros.
const significant = 15

// rounded warns of a uid that looks as if it had been a number.
func (c *checker) rounded(uid string, n *yaml.Node) {
	if len(uid) > significant && strings.HasSuffix(uid, "000") {
		c.at(RoundedUID, n, fmt.Sprintf("uid %s ends in three zeros, as if a spreadsheet had rounded it to %d digits", uid, significant))
	}
}

// protected warns of entries that the run will refuse, since a glob of
// guards.protect is about their names.
func (c *checker) protected(rows []*yaml.Node) {
	var globs, words = []policy.Protect{}, map[string]bool{}
	for _, g := range c.policy.Guards.Protect {
		switch {
		case strings.ContainsAny(g.Name, `*?[\`):
			globs = append(globs, g)
		case g.Name != "":
			words[g.Name] = true
		}
	}
	for i, p := range c.policy.Principals {
		if p.Name == "" {
			continue
		}
		hit := ""
		if words[p.Name] {
			hit = p.Name
		}
		for _, g := range globs {
			if ok, _ := path.Match(g.Name, p.Name); ok && hit == "" {
				hit = g.Name
			}
		}
		if hit != "" {
			c.at(ProtectedName, value(rows[i], "name"), fmt.Sprintf("guards.protect has %q, which is about %s: a run refuses the entry (exit 4)",
				clip(hit), whom(p)))
		}
	}
}

// order warns of a list in which ackrevoke add cannot keep the order, and so puts
// every new entry last.
func (c *checker) order(rows []*yaml.Node) {
	list := c.policy.Principals
	for i := 1; i < len(list); i++ {
		if policy.CompareUID(list[i-1].UID, list[i].UID) > 0 {
			c.at(Order, value(rows[i], "uid"), fmt.Sprintf("uid %s stands behind the higher %s (line %d), so the list is not in order of uids",
				list[i].UID, list[i-1].UID, list[i-1].Line))
			return
		}
	}
}

package policy

import (
	"fmt"
	"slices"
	"strings"
)

// Only returns the policy with none but the entries of these uids, and with
// the number of those that it leaves out. All else stands: the scope, the
// guards, what is accepted. A uid without an entry is an error, for it would
// otherwise read as "nothing to do".
func (p *Policy) Only(uids []string) (*Policy, error) {
	if len(uids) == 0 {
		return p, nil
	}
	chosen := *p
	chosen.Principals, chosen.Others = nil, slices.Clone(p.Others)
	missing := slices.Clone(uids)
	for _, e := range p.Principals {
		if slices.Contains(uids, e.UID) {
			chosen.Principals = append(chosen.Principals, e)
			missing = slices.DeleteFunc(missing, func(uid string) bool { return uid == e.UID })
			continue
		}
		chosen.Others = append(chosen.Others, e.UID)
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("%s has no entry for %s", p.Path, strings.Join(missing, ", "))
	}
	chosen.LeftOut = p.LeftOut + len(p.Principals) - len(chosen.Principals)
	return &chosen, nil
}

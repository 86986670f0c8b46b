package policy

// mostNameless is how many entries without a name have their uids compared with
// everybody's, for the hint of a mistyped one: it costs entries times people.
const mostNameless = 200

// Concerns tells who of an account's people matters to a run of this policy: whom an
// entry lists by uid, who bears the name of one or a uid near it, and the caller.
// Nobody else is asked about, so nobody else needs to be kept. A nil policy is one
// about everybody.
func (p *Policy) Concerns(caller Caller) func(Identity) bool {
	if p == nil {
		return nil
	}
	uids, names := map[string]bool{caller.UID: true}, map[string]bool{}
	var nameless []string
	for _, e := range p.Principals {
		uids[e.UID] = true
		if e.Name != "" {
			names[e.Name] = true
		} else if len(nameless) < mostNameless {
			nameless = append(nameless, e.UID)
		}
	}
	return func(id Identity) bool {
		if uids[id.UID] || names[id.Name] {
			return true
		}
		for _, uid := range nameless {
			if nearUID(uid, id.UID) {
				return true
			}
		}
		return false
	}
}

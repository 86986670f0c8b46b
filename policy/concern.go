package policy

// Concerns tells who of an account's people matters to a run of this policy: whom an
// entry lists by uid, who bears the name of one or a uid near it, and the caller.
// Nobody else is asked about, so nobody else needs to be kept. A nil policy is one
// about everybody.
func (p *Policy) Concerns(caller Caller) func(Identity) bool {
	if p == nil {
		return nil
	}
	uids, names, near := map[string]bool{caller.UID: true}, map[string]bool{}, map[string]bool{}
	for _, e := range p.Principals {
		uids[e.UID] = true
		if e.Name != "" {
			names[e.Name] = true
			continue
		}
		slips(e.UID, func(slip []byte) bool { near[string(slip)] = true; return false })
	}
	return func(id Identity) bool {
		return uids[id.UID] || names[id.Name] || len(near) > 0 && slips(id.UID, func(slip []byte) bool { return near[string(slip)] })
	}
}

// slips goes through what a uid has in common with each one that is near it, see
// [nearUID], until found says so: two uids are near each other, or the same, where one
// of these is. So a whole account is compared with a whole policy at the cost of one of
// them, however many entries have no name.
func slips(uid string, found func(slip []byte) bool) bool {
	slip := []byte(uid)
	if head := len(uid) - roundedDigits; head > 0 {
		for i := head; i < len(slip); i++ {
			slip[i] = '*'
		}
		if found(slip) {
			return true
		}
		copy(slip, uid)
	}
	for i := range slip {
		slip[i] = '?'
		if found(slip) {
			return true
		}
		slip[i] = uid[i]
	}
	return false
}

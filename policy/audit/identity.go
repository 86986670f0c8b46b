package audit

import (
	"fmt"
	"slices"
	"strings"

	"ackrevoke/policy"
)

// standing is what the audit makes of one principal's identity.
type standing uint8

const (
	lives standing = iota
	isLocked
	isDeleted
	changed   // created or deleted while the audit looked
	undecided // RAM and the lists of clusters contradict each other
)

// standing joins the listings of RAM with what the lists of clusters call the
// account. Two witnesses make a principal deleted; where they disagree RAM is
// asked once more, and only then.
//
//	in the first listing  lists say       in the second  standing
//	yes                   Active          -              lives
//	yes                   InActive        -              locked
//	yes                   Deleted, too    no             changed: deleted meanwhile
//	yes                   Deleted, too    yes            undecided
//	no                    Deleted only    -              deleted
//	no                    anything else   yes            changed: created meanwhile
//	no                    Deleted, too    no             deleted
//	no                    (Inn)Active     no             undecided
//	no                    another word    no             deleted, by RAM alone
//	they disagree                         not to be had  undecided
func (s *Survey) standing(w *who) standing {
	_, before := find(s.people, w.uid)
	_, after := find(s.later, w.uid)
	switch {
	case w.root:
		return lives
	case s.agreed(w) && !before:
		return isDeleted
	case s.agreed(w) && w.said&saysInactive != 0:
		return isLocked
	case s.agreed(w):
		return lives
	case !s.confirmed:
		return undecided
	case before != after:
		return changed
	case before || w.said&saysDeleted == 0 && w.said&(saysActive|saysInactive) != 0:
		return undecided
	}
	return isDeleted
}

// agreed reports whether RAM and the lists say the same of somebody.
func (s *Survey) agreed(w *who) bool {
	if _, before := find(s.people, w.uid); !before {
		return w.said == saysDeleted
	}
	return w.said&saysDeleted == 0
}

// Doubtful reports whether RAM has to be asked once more: the word of one
// witness is not enough to call somebody deleted, and without a certificate in
// force or grants nothing hangs on it.
func (s *Survey) Doubtful() bool {
	for _, w := range s.who {
		if !w.root && !s.agreed(w) && s.services[w.uid] == nil && (s.grants || w.holds()) {
			return true
		}
	}
	return false
}

// holds reports whether a certificate is in force, or may be.
func (w *who) holds() bool {
	return slices.ContainsFunc(w.held, func(h held) bool { return h.cert != ended })
}

// Confirm takes the second look at RAM.
func (s *Survey) Confirm(users, roles []policy.Identity) {
	s.later, s.confirmed = byUID(users, roles), true
}

// identity is the standing in the words of a plan.
func (s *Survey) identity(w *who) (policy.IdentityState, standing) {
	switch st := s.standing(w); st {
	case isDeleted:
		return policy.Deleted, st
	case lives, isLocked:
		return policy.Live, st
	default:
		return policy.IdentityUnknown, st
	}
}

// contradiction is the unknown of an identity that cannot be told.
func (s *Survey) contradiction(w *who) policy.Unknown {
	ram, lists := "RAM does not list the principal", "Active"
	if _, before := find(s.people, w.uid); before {
		ram, lists = "RAM lists the principal", "Deleted"
	} else if w.said&saysInactive != 0 {
		lists = "InActive"
	}
	message := fmt.Sprintf("%s, and the lists of clusters call it %s: it cannot be told whether it is deleted", ram, lists)
	if !s.confirmed {
		message += "; the second look at RAM failed"
	}
	return policy.Unknown{UID: w.uid, Why: policy.IdentityUnclear, Fault: &policy.Fault{Op: "ListClusterKubeconfigStates",
		Kind: policy.Unavailable, Message: message}}
}

// entry is that of the policy for a uid, or an empty one.
func (s *Survey) entry(uid string) policy.Principal {
	if s.policy != nil {
		for _, e := range s.policy.Principals {
			if e.UID == uid {
				return e
			}
		}
	}
	return policy.Principal{}
}

// protected reports whether the policy itself keeps an entry from being made.
func (s *Survey) protected(uid, name string) bool {
	if s.policy == nil {
		return false
	}
	probe := &policy.Resolution{Policy: s.policy, Directory: s.resolution.Directory}
	guard, _ := probe.Refuses(policy.Principal{UID: uid, Name: name}, policy.Identity{}, false)
	return guard == policy.GuardProtected && !policy.ServiceRole(name) && strings.TrimSpace(uid) != ""
}

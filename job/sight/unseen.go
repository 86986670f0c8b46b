package sight

import "ackrevoke/policy"

// Unseen is why looking ended before there was anything to see: a read that
// failed, another account than the expected one, or a listing that cannot be
// believed.
type Unseen struct {
	Fault   *policy.Fault // nil: see Message
	Nobody  bool          // not even the caller is known
	Foreign bool          // the credentials belong to another account
	Message string        // where there is no fault
}

func (u *Unseen) Error() string {
	if u.Fault != nil {
		return u.Fault.Error()
	}
	return u.Message
}

// Nothing reports whether nothing of the account could be read, and not just a part
// of it missed.
func (u *Unseen) Nothing() bool {
	return u.Nobody || u.Fault != nil && NothingReadable(u.Fault)
}

// NothingReadable reports whether a listing failed for the runner's own
// credentials, or for want of any answer.
func NothingReadable(f *policy.Fault) bool {
	return f.Kind == policy.Credentials || f.Status == 0
}

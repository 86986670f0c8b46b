package policy

import (
	"slices"
	"time"
)

// verdict is what becomes of one target.
type verdict int

const (
	act    verdict = iota + 1 // a clean
	settle                    // proven to need nothing
	left                      // residual: owner
	dunno                     // unknown
)

// Settled targets that are not counted by the state of a certificate.
const (
	OtherCertificate CertState = "otherCertificate"
	ownerOfRecord    CertState = "ownerOfRecord"
)

// ruling is one line of a decision table, applied.
type ruling struct {
	verdict verdict
	because []string  // of act
	as      CertState // of settle
	why     Why       // of dunno
}

// departed is the table for departed principals, and for compromised ones that
// are locked out until a time. Rows are disjoint.
//
//	certificate       grants                            decision
//	valid             rows, owner, none or not visible  clean, because certificate (and grants)
//	ended or unclear  rows                              clean, because grants
//	ended             owner only                        principal deleted: settled ownerOfRecord; live: residual owner
//	ended             none                              settled
//	ended             not visible                       unknown grants-not-visible
//	unclear           owner only, none, not visible     unknown certificate-unclear
//
// Where a read failed, the why of an unknown is read-failed.
func departed(ev Evidence, id IdentityState) ruling {
	rows, owner := len(ev.Rows) > 0, len(ev.Owner) > 0
	switch {
	case ev.Valid() && rows:
		return ruling{verdict: act, because: []string{BecauseCertificate, BecauseGrants}}
	case ev.Valid():
		return ruling{verdict: act, because: []string{BecauseCertificate}}
	case rows:
		return ruling{verdict: act, because: []string{BecauseGrants}}
	case !ev.Ended():
		return unknown(ev, CertificateUnclear)
	case !ev.GrantsSeen:
		return unknown(ev, GrantsNotVisible)
	case owner && id == Deleted:
		return ruling{verdict: settle, as: ownerOfRecord}
	case owner:
		return ruling{verdict: left}
	}
	return ruling{verdict: settle, as: ev.Certificate.State}
}

func unknown(ev Evidence, why Why) ruling {
	if ev.CertFault != nil || ev.GrantsFault != nil {
		why = ReadFailed
	}
	return ruling{verdict: dunno, why: why}
}

// A certificate can be renewed in its last 180 days, gets three years, and
// the replaced one lives on until its own expiry [CS DescribeClusterUserKubeconfig].
const (
	renewalWindow = 180 * 24 * time.Hour
	renewalYears  = 3
)

// pinned decides a cluster with pins: a clean if one of them asks for it, else
// unknown if one of them cannot be proven, else settled.
func pinned(ev Evidence, pins []Pin, now time.Time) ruling {
	rows := make([]ruling, len(pins))
	for i, pin := range pins {
		rows[i] = pinnedOne(ev, pin.Expires, now)
	}
	for _, v := range []verdict{act, dunno} {
		if i := slices.IndexFunc(rows, func(r ruling) bool { return r.verdict == v }); i >= 0 {
			return rows[i]
		}
	}
	return rows[0]
}

// pinnedOne is the table for one pinned certificate; the first line that fits.
// Where two certificates are in force, a line fits if it fits one of them.
//
//	certificate                                      decision
//	valid, expiry within 10 minutes of the pin       clean, because pin
//	any, the pin itself is past                      settled
//	Expired, within 10 minutes of the pin            settled
//	Removed                                          settled
//	valid, later than the pin, can be its renewal    unknown renewal-possible
//	valid, later than the pin                        settled otherCertificate
//	valid, earlier than the pin                      unknown pin-not-shown
//	Unissued, unlisted, Expired away from the pin    unknown pin-not-shown
//	unclear, or valid without an expiry, or with a   unknown
//	list that could not be read beside it
func pinnedOne(ev Evidence, pin, now time.Time) ruling {
	c := ev.Certificate
	readable := ev.Valid() && ev.CertFault == nil && !slices.ContainsFunc(ev.InForce, time.Time.IsZero)
	switch {
	case slices.ContainsFunc(ev.InForce, func(t time.Time) bool { return !t.IsZero() && SameExpiry(t, pin) }):
		return ruling{verdict: act, because: []string{BecausePin}}
	case !pin.After(now):
		return ruling{verdict: settle, as: Expired}
	case c.State == Expired && SameExpiry(c.Expires, pin):
		return ruling{verdict: settle, as: Expired}
	case c.State == Removed:
		return ruling{verdict: settle, as: Removed}
	case readable && slices.ContainsFunc(ev.InForce, func(t time.Time) bool { return Renews(t, pin, now) }):
		return ruling{verdict: dunno, why: RenewalPossible}
	case readable && c.Expires.After(pin):
		return ruling{verdict: settle, as: OtherCertificate}
	case readable || ev.Ended():
		return ruling{verdict: dunno, why: PinNotShown}
	case ev.CertFault != nil:
		return ruling{verdict: dunno, why: ReadFailed}
	}
	return ruling{verdict: dunno, why: CertificateUnclear}
}

// Renews reports whether a certificate that is in force can be a renewal of an
// older one, which then lives on until its own expiry.
func Renews(newer, older, now time.Time) bool {
	return newer.After(older) && older.After(now) && older.Sub(now) <= renewalWindow &&
		!newer.Before(older.AddDate(renewalYears, 0, 0).Add(-renewalWindow))
}

// PinsGone reports whether the surfaces prove that none of these certificates
// is in force. Another one that came to the fore does not matter, unless it can
// be a renewal of a pinned one.
func PinsGone(ev Evidence, pins []Pin, now time.Time) bool {
	for _, p := range pins {
		switch row := pinnedOne(ev, p.Expires, now); {
		case row.verdict == settle, row.why == PinNotShown:
		default:
			return false
		}
	}
	return true
}

// PinInForce reports whether a surface shows one of these certificates in force.
func PinInForce(ev Evidence, pins []Pin) bool {
	return slices.ContainsFunc(ev.InForce, func(t time.Time) bool {
		return !t.IsZero() && slices.ContainsFunc(pins, func(p Pin) bool { return SameExpiry(t, p.Expires) })
	})
}

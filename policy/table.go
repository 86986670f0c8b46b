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
	otherCertificate CertState = "otherCertificate"
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
//	unclear, or valid without an expiry              unknown
func pinnedOne(ev Evidence, pin, now time.Time) ruling {
	c := ev.Certificate
	readable := ev.Valid() && !c.Expires.IsZero()
	switch {
	case readable && c.Expires.Sub(pin).Abs() <= slack:
		return ruling{verdict: act, because: []string{BecausePin}}
	case !pin.After(now):
		return ruling{verdict: settle, as: Expired}
	case c.State == Expired && c.Expires.Sub(pin).Abs() <= slack:
		return ruling{verdict: settle, as: Expired}
	case c.State == Removed:
		return ruling{verdict: settle, as: Removed}
	case readable && c.Expires.After(pin):
		renewable := pin.Sub(now) <= renewalWindow && !c.Expires.Before(pin.AddDate(renewalYears, 0, 0).Add(-renewalWindow))
		if renewable {
			return ruling{verdict: dunno, why: RenewalPossible}
		}
		return ruling{verdict: settle, as: otherCertificate}
	case readable || ev.Ended():
		return ruling{verdict: dunno, why: PinNotShown}
	case ev.CertFault != nil:
		return ruling{verdict: dunno, why: ReadFailed}
	}
	return ruling{verdict: dunno, why: CertificateUnclear}
}

package policy

import (
	"slices"
	"time"
)

// Slack is how far two clocks or a typed expiry may be apart.
const Slack = 10 * time.Minute

// Evidence is what the surfaces together show of one principal on one cluster.
// Where two surfaces disagree the one that shows more access counts.
type Evidence struct {
	Certificate Certificate // Unclear where it was not readable or contradicts itself
	InForce     []time.Time // expiries of all certificates that a surface shows in force; zero for one that it does not tell
	CertFault   *Fault      // the read that failed; beside a certificate in force, that of the list of the cluster
	Rows        []Grant     // non-owner rows of the cluster itself
	Owner       []Grant     // owner rows
	GrantsSeen  bool        // false: the rows may be more than these
	GrantsFault *Fault      // the read that failed
}

// Valid reports whether the certificate is in force.
func (e Evidence) Valid() bool { return e.Certificate.State == Unexpired }

// Ended reports whether the certificate is proven not to be in force.
func (e Evidence) Ended() bool { return !e.Valid() && e.Certificate.State != Unclear }

// NeedsList reports whether the per-cluster list must be read before a target
// can be judged: always for a deleted principal, of which the per-user answers
// are undocumented, and where the per-user list has no row or no word
// [CS ListUserKubeConfigStates].
func NeedsList(id IdentityState, s *Subject, cluster string) bool {
	if id == Deleted {
		return true
	}
	if s.StatesErr != nil {
		return false
	}
	row := s.state(cluster)
	return row.Cert == "" || row.Cert == CertUnknown
}

// HidesPin reports whether the per-user row shows a certificate that ends later
// than a pinned one: either surface may show the one or the other of two, so the
// list of the cluster must be read before the pinned one is called gone.
func HidesPin(s *Subject, cluster string, pins []Pin, now time.Time) bool {
	row := s.state(cluster)
	return row.Cert == Unexpired && slices.ContainsFunc(pins, func(p Pin) bool {
		return p.Expires.After(now) && row.Expires.After(p.Expires) && !SameExpiry(row.Expires, p.Expires)
	})
}

// Look judges one principal on one cluster. list is nil where it was not read.
func Look(id IdentityState, s *Subject, list *ClusterList, cluster string, blind bool, now time.Time) Evidence {
	var e Evidence
	e.Certificate, e.CertFault = certificate(id, s, list, cluster, now)
	if e.Valid() {
		e.InForce = shownInForce(s, list, cluster)
		if list != nil {
			e.CertFault = list.Err // there may be another one beside it
		}
	}
	for _, g := range s.Grants {
		switch {
		case g.Cluster != cluster || g.Scope == OnAllClusters:
		case g.Owner:
			e.Owner = append(e.Owner, g)
		default:
			e.Rows = append(e.Rows, g)
		}
	}
	e.GrantsFault = s.grantsFault(id)
	e.GrantsSeen = !blind && e.GrantsFault == nil
	return e
}

// grantsFault is the fault that keeps the grants from being seen. Of a deleted
// principal "not found" says that this surface shows nothing.
func (s *Subject) grantsFault(id IdentityState) *Fault { return Withheld(id, s.GrantsErr) }

func (s *Subject) statesFault(id IdentityState) *Fault { return Withheld(id, s.StatesErr) }

// Withheld is the fault of a read, where the read is one that can be had: that
// nothing is found of somebody deleted is an answer.
func Withheld(id IdentityState, f *Fault) *Fault {
	if f != nil && f.Kind == NotFound && id == Deleted {
		return nil
	}
	return f
}

func (s *Subject) state(cluster string) State { return s.States.Of(cluster) }

func (l *ClusterList) holder(uid string) (Holder, bool) {
	for i := range l.Holders {
		if l.Holders[i].UID == uid {
			return l.Holders[i], true
		}
	}
	return Holder{}, false
}

// certificate joins the per-user row and the per-cluster list.
//
//	per-user row        per-cluster list            certificate
//	Unexpired           any                         Unexpired
//	any                 Unexpired                   Unexpired
//	ended               absent, Expired, not read   as the row says (deleted: the list must be read)
//	missing or Unknown  absent                      unlisted
//	missing or Unknown  Expired                     Expired
//	any                 Unknown                     unclear
//	Expired before it ends, on either               unclear
//	missing or Unknown  failed or not read          unclear
//	failed              not Unexpired               unclear
func certificate(id IdentityState, s *Subject, list *ClusterList, cluster string, now time.Time) (Certificate, *Fault) {
	row := s.state(cluster)
	var listed Holder
	var present bool
	if list != nil {
		listed, present = list.holder(s.UID)
	}
	unclear := func(f *Fault) (Certificate, *Fault) { return Certificate{State: Unclear, Expires: row.Expires}, f }

	if row.Cert == Unexpired || present && listed.Cert == Unexpired {
		all := shownInForce(s, list, cluster)
		return Certificate{State: Unexpired, Expires: all[len(all)-1]}, nil
	}
	if f := s.statesFault(id); f != nil {
		return unclear(f)
	}
	if NeedsList(id, s, cluster) {
		if list == nil {
			return unclear(&Fault{Op: "ListClusterKubeconfigStates", Kind: Unavailable, Message: "the list of this cluster was not read"})
		}
		if list.Err != nil {
			return unclear(list.Err)
		}
	}
	early := now.Add(Slack) // no certificate has expired that ends later
	if present && (listed.Cert != Expired || listed.Expires.After(early)) {
		return unclear(nil)
	}
	switch row.Cert {
	case "", CertUnknown:
		if !present {
			return Certificate{State: Unlisted}, nil
		}
		row.Cert, row.Expires = listed.Cert, listed.Expires
	case Removed, Unissued, Expired:
	default:
		return unclear(nil)
	}
	if row.Cert == Expired && row.Expires.After(early) {
		return unclear(nil)
	}
	return Certificate{State: row.Cert, Expires: row.Expires}, nil
}

// shownInForce are the expiries of the certificates that the surfaces show in force.
// Two that differ are two certificates: a renewal leaves the older one alive,
// and the surfaces need not show the same of the two [CS
// DescribeClusterUserKubeconfig].
func shownInForce(s *Subject, list *ClusterList, cluster string) []time.Time {
	var all []time.Time
	if row := s.state(cluster); row.Cert == Unexpired {
		all = append(all, row.Expires)
	}
	if list != nil {
		if h, ok := list.holder(s.UID); ok && h.Cert == Unexpired && !slices.ContainsFunc(all, h.Expires.Equal) {
			all = append(all, h.Expires)
		}
	}
	slices.SortFunc(all, time.Time.Compare)
	return all
}

// Shown counts what these surfaces show of what an action is about: the certificate on
// each of the two, all of them or those that are pinned, and the rows.
func (a *Action) Shown(s *Subject, list *ClusterList) (n int) {
	counts := func(cert CertState, expires time.Time) {
		if cert == Unexpired && (len(a.Pins) == 0 || slices.ContainsFunc(a.Pins, func(p Pin) bool { return SameExpiry(p.Expires, expires) })) {
			n++
		}
	}
	row := s.state(a.Cluster.ID)
	counts(row.Cert, row.Expires)
	if list != nil {
		h, _ := list.holder(a.UID)
		counts(h.Cert, h.Expires)
	}
	for _, g := range s.Grants {
		if len(a.Pins) == 0 && g.Cluster == a.Cluster.ID && g.Scope != OnAllClusters && !g.Owner {
			n++
		}
	}
	return n
}

// Missing returns the ids of the clusters whose per-cluster list must be read
// before the subject can be judged on these clusters.
func Missing(id IdentityState, s *Subject, clusters []string) []string {
	var ids []string
	for _, c := range clusters {
		if NeedsList(id, s, c) {
			ids = append(ids, c)
		}
	}
	return ids
}

// distrust turns lists that contradict a per-user row into failed reads: a
// list that lacks somebody who holds a certificate there is not complete.
func distrust(lists []ClusterList, subjects []Subject) []ClusterList {
	lists = slices.Clone(lists)
	for i := range lists {
		for j := range subjects {
			lists[i].doubt(&subjects[j])
		}
	}
	return lists
}

// Trusted returns the per-cluster lists that were had and that no per-user row
// contradicts.
func (o Observation) Trusted() []ClusterList {
	return slices.DeleteFunc(distrust(o.Lists, o.Subjects), func(l ClusterList) bool { return l.Err != nil })
}

func (l *ClusterList) doubt(s *Subject) {
	if l.Err != nil || s.state(l.Cluster).Cert != Unexpired {
		return
	}
	if _, ok := l.holder(s.UID); !ok {
		l.Err = &Fault{Op: "ListClusterKubeconfigStates", Kind: Unavailable,
			Message: "the list of cluster " + l.Cluster + " lacks " + s.UID + ", who holds a certificate there by the per-user list"}
	}
}

// Doubt checks a per-cluster list against what the per-user list says of one
// principal; see distrust.
func Doubt(l ClusterList, s *Subject) ClusterList {
	l.doubt(s)
	return l
}

// SameExpiry reports whether two expiries can be those of one certificate, as
// for a pin.
func SameExpiry(a, b time.Time) bool { return a.Sub(b).Abs() <= Slack }

package sim

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// States of a certificate [DOC].
const (
	unexpired = "Unexpired"
	expired   = "Expired"
	removed   = "Removed"  // cleaned; that one was issued is remembered
	unissued  = "Unissued" // never issued
	unknown   = "Unknown"
)

// allClusters is what stands for a cluster in a row about all of them [DOC].
const allClusters = "all-clusters"

// holdings are what one principal has.
type holdings struct {
	certificates map[string]credential // by cluster
	grants       []Grant
}

func (h holdings) clone() holdings {
	return holdings{maps.Clone(h.certificates), slices.Clone(h.grants)}
}

// ledger is what everybody had at the beginning, and what has changed since. What somebody has at a time is the beginning with
// all changes up to that time: a lagging read asks for an earlier time, and an effect to come is a change with a later one. So
// a clean that takes effect late also takes away what was granted in between, as it may in the service.
type ledger struct {
	uids    []string // sorted
	holders []string // sorted; of these, who may have a certificate: of 50,000 people few ever had one
	origin  map[string]holdings
	changes map[string][]change // in the order of their time
}

type change struct {
	at    time.Time
	apply func(*holdings)
}

func newLedger(e *Estate) ledger {
	l := ledger{origin: make(map[string]holdings), changes: make(map[string][]change)}
	for _, p := range e.principals {
		l.uids = append(l.uids, p.uid)
		l.origin[p.uid] = holdings{certificates: make(map[string]credential)}
	}
	for _, c := range e.credentials {
		l.origin[c.uid].certificates[c.cluster] = c
		l.holders = append(l.holders, c.uid)
	}
	for _, g := range e.grants {
		h := l.origin[g.UID]
		h.grants = append(h.grants, g)
		l.origin[g.UID] = h
	}
	slices.Sort(l.uids)
	slices.Sort(l.holders)
	l.holders = slices.Compact(l.holders)
	return l
}

// at returns what a principal has at a time. It is not to be changed.
func (l *ledger) at(uid string, t time.Time) holdings {
	h, copied := l.origin[uid], false
	for _, c := range l.changes[uid] {
		if c.at.After(t) {
			break
		}
		if !copied {
			h, copied = h.clone(), true
		}
		c.apply(&h)
	}
	return h
}

// change notes a change of what a principal has, from a time on.
func (l *ledger) change(uid string, at time.Time, apply func(*holdings)) {
	if i, known := slices.BinarySearch(l.holders, uid); !known {
		l.holders = slices.Insert(l.holders, i, uid)
	}
	list := l.changes[uid]
	i := len(list)
	for i > 0 && list[i-1].at.After(at) {
		i--
	}
	l.changes[uid] = slices.Insert(list, i, change{at, apply})
}

// change notes what a write does to its principal from a time on. A fault may make it less, or more.
func (a *Account) change(q *request, at time.Time, apply func(*holdings)) {
	q.Changed = true
	twist := q.twist
	a.ledger.change(q.UID, at, func(h *holdings) {
		if twist == nil {
			apply(h)
			return
		}
		before := h.clone()
		apply(h)
		twist(h, before)
	})
}

// seen returns what reads show of a principal: what was so before the visibility lag.
func (a *Account) seen(uid string) holdings {
	return a.ledger.at(uid, a.options.Ledger().Add(-a.estate.behaviour.lag-a.staleness))
}

// held returns what a principal really has.
func (a *Account) held(uid string) holdings { return a.ledger.at(uid, a.options.Ledger()) }

// state returns the state of a certificate by the account's calendar.
func (a *Account) state(c credential) string {
	switch {
	case c.state != "":
		return c.state
	case c.cluster == "":
		return unissued
	case a.options.Now().Before(c.expires):
		return unexpired
	}
	return expired
}

// Certificate is the truth about one certificate.
type Certificate struct {
	UID     string    `json:"uid"`
	Cluster string    `json:"cluster"`
	State   string    `json:"state"`
	Expires time.Time `json:"expires"`
	// Previous marks the older of two certificates after a renewal.
	Previous bool `json:"previous,omitempty"`
}

// Truth is what really is so, whatever reads show at the moment.
type Truth struct {
	// Certificates are all that were ever issued, removed ones too, sorted by uid, cluster and expiry.
	Certificates []Certificate `json:"certificates"`
	// Grants are all permission rows, sorted by uid, cluster, namespace and role, those for all clusters last.
	Grants []Grant `json:"grants"`
}

// Truth returns what is so now. It ignores the visibility lag, and knows nothing of effects still to come.
func (a *Account) Truth() Truth {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := Truth{Certificates: []Certificate{}, Grants: []Grant{}}
	for _, uid := range a.ledger.uids {
		h := a.held(uid)
		for _, id := range slices.Sorted(maps.Keys(h.certificates)) {
			c := h.certificates[id]
			if !c.previous.IsZero() {
				older := credential{uid: uid, cluster: id, expires: c.previous}
				out.Certificates = append(out.Certificates, Certificate{uid, id, a.state(older), c.previous, true})
			}
			if state := a.state(c); state != unissued {
				out.Certificates = append(out.Certificates, Certificate{uid, id, state, c.expires, false})
			}
		}
		out.Grants = append(out.Grants, h.grants...)
	}
	slices.SortFunc(out.Grants, compareGrants)
	return out
}

// administrator says whether a caller is RBAC administrator of a cluster.
func (a *Account) administrator(who caller, cluster string) bool {
	return who.kind == rootCaller ||
		slices.ContainsFunc(a.held(who.uid).grants, func(g Grant) bool { return g.administers(cluster) })
}

// administratorOfAll says whether a caller is administrator of all clusters, by one grant or by one for each.
func (a *Account) administratorOfAll(who caller) bool {
	if who.kind == rootCaller {
		return true
	}
	for _, g := range a.held(who.uid).grants {
		if g.AllClusters && g.administers(allClusters) {
			return true
		}
	}
	return !slices.ContainsFunc(a.estate.clusters, func(c cluster) bool { return !c.gone() && !a.administrator(who, c.id) })
}

// digitsOnly checks the uid of a path: names and ARNs are not accepted [DOC].
func digitsOnly(uid string) *answer {
	if !digits.MatchString(uid) {
		return refuse(400, "InvalidParameter.Uid", "%q is not the id of a user or role", strings.ToValidUTF8(uid, "?"))
	}
	return nil
}

package look

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"ackrevoke/job/sight"
	"ackrevoke/policy"
)

// Leaked is what a leaked file says of one certificate.
type Leaked struct {
	Server  string
	UID     string // "" where it is no RAM principal's, or nothing is to be asked of it
	Expires time.Time
}

// Inspected is what the account says of it.
type Inspected struct {
	Clusters []policy.Cluster // the one that it is for; else those whose API server answers at its address, by id
	Placed   Placed           // how the one is known; "" where it is not one
	Identity policy.IdentityState
	Who      policy.Identity // kind, name and creation where they are known

	Shows  policy.Certificate // on the one cluster; no state where there is not exactly one
	Pin    Foreseen
	Why    policy.Why     // of what is unknown
	Reason string         // of what is refused
	Fault  *policy.Fault  // the read that failed
	Also   []policy.State // other clusters where the principal has a certificate of this very expiry
}

// Foreseen is what a run would do about a pin on the certificate.
type Foreseen string

// What a run would do. Nothing is foreseen without exactly one cluster.
const (
	PinActs    Foreseen = "acts"
	PinSettled Foreseen = "settled" // the service does not show it any more
	PinRefused Foreseen = "refused" // by a guard
	PinUnknown Foreseen = "unknown"
)

// Inspect asks the account about the certificates of a leaked file: whose they are,
// for which cluster, and what a run would make of a pin on them. It returns one
// answer for each, in their order. The error is *sight.Unseen or *sight.Panic.
func Inspect(ctx context.Context, s *sight.Sight, leaked []Leaked) (policy.Caller, []Inspected, error) {
	caller, unseen := s.Caller(ctx)
	if unseen != nil {
		return caller, nil, unseen
	}
	d, faults := s.Directory(ctx, caller, sight.All)
	if p := s.Net.Caught(); p != nil {
		return caller, nil, p
	}
	if f := sight.First(faults); f != nil {
		return caller, nil, &sight.Unseen{Fault: f}
	}
	r := policy.Resolve(alone(caller, nil), d, s.Now())
	if wrong := r.Listing(); len(wrong) > 0 {
		var messages []string
		for _, g := range wrong {
			messages = append(messages, g.Message)
		}
		return caller, nil, &sight.Unseen{Message: strings.Join(messages, "; ")}
	}
	x := &inspector{Sight: s, now: s.Now(), directory: r.Directory}
	traced := make([]Inspected, len(leaked))
	s.Net.Safely(func() { x.all(ctx, leaked, traced) })
	if p := s.Net.Caught(); p != nil {
		return caller, nil, p
	}
	return caller, traced, nil
}

// alone is a policy of nothing but one entry; its caps never matter, for only
// what it decides about the entry is asked.
func alone(caller policy.Caller, entry *policy.Principal) *policy.Policy {
	p := &policy.Policy{Account: caller.AccountID, Location: time.UTC}
	if entry != nil {
		p.Principals = []policy.Principal{*entry}
	}
	return p
}

type inspector struct {
	*sight.Sight
	now       time.Time
	directory policy.Directory
	subjects  []policy.Subject     // by uid
	lists     []policy.ClusterList // by cluster id
	strays    []policy.Stray
	at        sight.Addresses
}

// all reads each principal, cluster list and unlisted cluster once, however
// often the file names them, and decides with the very rules of a run.
func (x *inspector) all(ctx context.Context, leaked []Leaked, traced []Inspected) {
	var uids []string
	for _, l := range leaked {
		if l.UID != "" {
			uids = append(uids, l.UID)
		}
	}
	slices.Sort(uids)
	uids = slices.Compact(uids)
	x.subjects = x.Subjects(ctx, uids)
	x.locate(ctx, leaked)
	var open []string
	for i, l := range leaked {
		traced[i].Clusters = x.serving(l.Server)
		if l.UID != "" {
			traced[i].Who, traced[i].Identity = x.who(l.UID)
		}
		open = append(open, x.searched(l, traced[i])...)
	}
	x.readLists(ctx, "clusters searched", open)
	resolved := make([]*policy.Resolution, len(leaked))
	var lists, strays []string
	for i, l := range leaked {
		x.place(l, &traced[i])
		if l.UID != "" && traced[i].Placed != "" {
			resolved[i] = x.pinned(l, traced[i], traced[i].Who.Kind)
			more, unlisted := resolved[i].Needs(x.subjects)
			lists, strays = append(lists, more...), append(strays, unlisted...)
		}
	}
	x.readLists(ctx, "cluster lists read", lists)
	slices.Sort(strays)
	x.strays = x.Strays(ctx, slices.Compact(strays))
	for i, l := range leaked {
		if l.UID != "" {
			x.conclude(l, resolved[i], &traced[i])
		}
	}
}

// who is the principal of a uid. Nobody has said what kind a deleted one was,
// or that the root account is a user.
func (x *inspector) who(uid string) (policy.Identity, policy.IdentityState) {
	if id, live := x.directory.Live(uid); live {
		return id, policy.Live
	}
	if uid == x.directory.Caller.AccountID {
		return policy.Identity{UID: uid, Name: "root"}, policy.Live
	}
	return policy.Identity{UID: uid}, policy.Deleted
}

func (x *inspector) pinned(l Leaked, t Inspected, kind policy.Kind) *policy.Resolution {
	return policy.Resolve(alone(x.directory.Caller, &policy.Principal{UID: l.UID, Kind: cmp.Or(kind, policy.User), Reason: policy.Compromised,
		Force: true, Pins: []policy.Pin{{Cluster: t.Clusters[0].ID, Expires: l.Expires}}}), x.directory, x.now)
}

// conclude says what a run would make of a pin.
func (x *inspector) conclude(l Leaked, r *policy.Resolution, t *Inspected) {
	s := *x.subjectOf(l.UID)
	for row := range s.States.All() {
		if row.Cert == policy.Unexpired && policy.SameExpiry(row.Expires, l.Expires) && (r == nil || row.Cluster != t.Clusters[0].ID) {
			t.Also = append(t.Also, row)
		}
	}
	if r == nil {
		for i := range x.lists {
			t.Who = named(t.Who, &x.lists[i])
		}
		return
	}
	plan := policy.Decide(r, x.observed(s))
	if t.Identity == policy.Deleted && slices.ContainsFunc(plan.Refused,
		func(f policy.Refusal) bool { return f.Guard == policy.GuardKindMismatch }) {
		t.Who.Kind = policy.Role // its rows say so, and nobody said otherwise
		r = x.pinned(l, *t, policy.Role)
		plan = policy.Decide(r, x.observed(s))
	}
	cluster := t.Clusters[0].ID
	list := slices.IndexFunc(x.lists, func(c policy.ClusterList) bool { return c.Cluster == cluster })
	var holders *policy.ClusterList
	if list >= 0 {
		holders = &x.lists[list]
		t.Who = named(t.Who, holders)
	}
	t.Shows = policy.Look(t.Identity, &s, holders, cluster, r.Blind(cluster), x.now).Certificate
	x.foresee(plan, cluster, t)
}

func (x *inspector) observed(s policy.Subject) policy.Observation {
	return policy.Observation{Directory: x.directory, Subjects: []policy.Subject{s}, Lists: x.lists, Strays: x.strays}
}

// named takes the name of somebody deleted from the list of a cluster.
func named(who policy.Identity, l *policy.ClusterList) policy.Identity {
	for _, h := range l.Holders {
		if h.UID == who.UID && who.Name == "" {
			who.Name = h.Name
		}
		if h.UID == who.UID && who.Kind == "" {
			who.Kind = h.Kind()
		}
	}
	return who
}

// foresee finds the one entry of the plan in it. A target that the plan lost
// is unknown, and never settled.
func (x *inspector) foresee(plan *policy.Plan, cluster string, t *Inspected) {
	entry := plan.Entries[0]
	target := slices.Contains(entry.Targets, cluster)
	switch {
	case len(plan.Refused) > 0:
		t.Pin, t.Reason = PinRefused, plan.Refused[0].Message
	case slices.ContainsFunc(plan.Actions, func(a policy.Action) bool { return a.Cluster.ID == cluster }):
		t.Pin = PinActs
	case len(plan.Unknown) > 0:
		t.Pin, t.Why, t.Fault = PinUnknown, plan.Unknown[0].Why, plan.Unknown[0].Fault
	case !target:
		t.Pin, t.Why = PinUnknown, policy.MatchesNothing
	default:
		t.Pin = PinSettled
	}
}

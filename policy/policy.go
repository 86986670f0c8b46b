// Package policy is what we believe and what should be done about it: plain
// values and pure functions.
//
//	bytes --Load--> Policy --Resolve--> Resolution --observe--> Observation --Decide--> Plan --Guard--> Plan
//
// It has no clock (now is an argument), no network, no files and no log, and a
// test holds that door shut: the dangerous moment lies between deciding and
// revoking, so that moment is a value that can be printed, counted, refused,
// digested and approved before anything is touched.
//
// Begin with this file, then table.go (what is decided about one certificate),
// decide.go and guard.go.
package policy

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Kind says what a principal is in RAM.
type Kind string

// The kinds of principals that can be listed.
const (
	User Kind = "user"
	Role Kind = "role" // a role's credential is everybody's who assumes it
)

// Reason says why a principal is listed; it decides what is taken away.
type Reason string

// The reasons an entry can have.
const (
	Departed    Reason = "departed"    // holds nothing in scope, on every run
	Compromised Reason = "compromised" // pinned certificates, or everything until a date
)

// Policy is one policy file of version 1, checked.
type Policy struct {
	Path       string         // as the user named it; "<stdin>" for standard input
	SHA256     string         // of the bytes as read, hex
	Account    string         // the account id, decimal digits
	AssumeRole string         // the ARN of a role of that account that is taken first; "": whoever runs works on it
	ExternalID string         // that STS is given with it; "": none
	Location   *time.Location // of dates
	Scope      Scope
	Guards     Guards
	Accepted   []Accepted
	Principals []Principal
	LeftOut    int      // entries of the file that are not in Principals; see Only
	Others     []string // the uids of these
}

// Scope says on which clusters the policy acts. Empty lists restrict nothing.
type Scope struct {
	Regions           []string // exact region ids
	Include           []string // cluster ids, or globs over cluster names
	Exclude           []string
	MinClusters       *int // nil: at least one; 0 allows an account without clusters
	AllClustersGrants bool // an all-clusters grant may be removed although the scope is narrower
}

// Guards limit what one run may do.
type Guards struct {
	Protect        []Protect
	MaxPrincipals  int // departed group: principals with an action
	MaxRevocations int // each group: actions
	MaxCompromised int // compromised group: principals with an action
	Raise          *Raise
	AllowEmpty     bool // a list that had entries on the last run may have none
}

// The caps of a policy that states none.
const (
	DefaultMaxPrincipals  = 10
	DefaultMaxRevocations = 200
	DefaultMaxCompromised = 5
)

// Protect names principals that no entry may hit: by uid, or by a glob over names.
type Protect struct{ UID, Name string }

// Raise replaces caps until a date: a reviewed exception for a backlog. A nil
// cap is not replaced.
type Raise struct {
	MaxPrincipals, MaxRevocations, MaxCompromised *int
	Until                                         time.Time // exclusive
}

// Leftover is a kind of known leftover that may be accepted.
type Leftover string

// What can be accepted.
const (
	LeftUnknown     Leftover = "unknown"
	LeftUnread      Leftover = "unread"
	LeftListing     Leftover = "listing"
	LeftOwner       Leftover = "owner"
	LeftAllClusters Leftover = "all-clusters"
)

// Accepted is a known leftover that must not keep the run red until a date.
// All given keys must match; an empty UID, Cluster or Region matches any.
type Accepted struct {
	UID, Cluster, Region string // Cluster is an id
	What                 Leftover
	Until                time.Time // exclusive
	Why                  string
	Line                 int
}

// Principal is one entry of the list.
type Principal struct {
	UID       string
	Kind      Kind
	Name      string    // optional cross-check
	CreatedAt time.Time // optional cross-check, zero if not stated
	Reason    Reason
	Effective time.Time // zero: at once
	Until     time.Time // exclusive; zero: never lapses
	Deleted   bool      // the author knows that the identity is deleted in RAM
	Clusters  []string  // optional narrowing: ids, or globs over names
	Pins      []Pin
	Force     bool
	Ticket    string
	Note      string
	Line      int // in the policy file
}

// Pin is one exact certificate, named by its cluster id and expiry.
type Pin struct {
	Cluster string
	Expires time.Time
	Line    int
}

// Pinned reports whether the entry is about exact certificates rather than
// about everything that the principal holds.
func (p Principal) Pinned() bool { return len(p.Pins) > 0 }

// Phase says whether an entry is in effect at a moment.
type Phase string

// The phases of an entry.
const (
	Pending  Phase = "pending"
	InEffect Phase = "in effect"
	Lapsed   Phase = "lapsed"
)

// Phase returns the entry's phase at now.
func (p Principal) Phase(now time.Time) Phase {
	switch {
	case !p.Until.IsZero() && !now.Before(p.Until):
		return Lapsed
	case now.Before(p.Effective):
		return Pending
	}
	return InEffect
}

// Acting are the uids of the entries in effect, whoever they turn out to be.
func (p *Policy) Acting(now time.Time) []string {
	var uids []string
	for _, e := range p.Principals {
		if e.Phase(now) == InEffect {
			uids = append(uids, e.UID)
		}
	}
	return uids
}

// Caps returns the caps in force at now: the policy's own, or those that a
// raise replaces until its date.
func (g Guards) Caps(now time.Time) (principals, revocations, compromised int) {
	principals, revocations, compromised = g.MaxPrincipals, g.MaxRevocations, g.MaxCompromised
	if g.Raise == nil || !now.Before(g.Raise.Until) {
		return
	}
	for _, r := range []struct{ to, from *int }{
		{&principals, g.Raise.MaxPrincipals}, {&revocations, g.Raise.MaxRevocations}, {&compromised, g.Raise.MaxCompromised},
	} {
		if r.from != nil {
			*r.to = *r.from
		}
	}
	return
}

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

//go:embed schema.json
var schema []byte

// Schema returns the JSON Schema (draft 2020-12) of the policy file, for
// editors. It sees what a schema can see; [Load] is the judge.
func Schema() []byte { return bytes.Clone(schema) }

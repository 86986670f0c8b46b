// Package change says what a change of a policy means: for whoever reviews it,
// and before anybody runs it.
//
//	two policies --Compare--> Diff --Text | Markdown | Encode--> a reviewer
//
// It compares what the files say, not how they say it: order, comments and
// layout are no change. What loosens a guard comes first, then who is not
// listed any more, for both are easily overlooked and hard to make good. Each
// change has its effects, because danger has two directions: more may be taken
// away than was meant, or somebody keeps what the policy was there to end.
//
// The package is a comparison and its words: no files, no clock, no account.
// Begin with this file; guards.go and entries.go have what is compared,
// text.go and markdown.go how it is told.
package change

import (
	"cmp"
	"slices"
	"strings"

	"ackrevoke/job/report"
	"ackrevoke/policy"
)

// SchemaName is the name and version of the protocol.
const SchemaName = "ackrevoke.diff/v1"

// Diff is what changed between two policies.
type Diff struct {
	Schema  string   `json:"schema"` // SchemaName
	Old     Side     `json:"old"`
	New     Side     `json:"new"`
	Summary Summary  `json:"summary"`
	Changes []Change `json:"changes"` // by class, in the order of Classes

	Live    *report.Report `json:"live,omitempty"`    // the dry run of the new policy, where one was asked for
	Approve string         `json:"approve,omitempty"` // the command that applies exactly the plan of that dry run
}

// Side is one of the two policies.
type Side struct {
	Path    string `json:"path"`   // as the user named it
	SHA256  string `json:"sha256"` // of its bytes, hex; "" where it is absent
	Entries int    `json:"entries"`
	Absent  bool   `json:"absent"` // there is no such file on this side
}

// Summary counts the changes of each class.
type Summary struct {
	Loosened  int `json:"loosened"`
	Removed   int `json:"removed"`
	Added     int `json:"added"`
	Moved     int `json:"moved"`
	Changed   int `json:"changed"`
	Tightened int `json:"tightened"`
}

// Class says what kind of change it is.
type Class string

// The classes of changes.
const (
	Loosened  Class = "loosened"  // a guard lets more through, or where and how the policy works is another
	Removed   Class = "removed"   // an entry is listed no more
	Added     Class = "added"     // an entry is new
	Moved     Class = "moved"     // an entry has the other reason
	Changed   Class = "changed"   // anything else about an entry, or a part that no guard hangs on
	Tightened Class = "tightened" // a guard lets less through
)

// Classes are all of them, in the order in which they are told.
var Classes = []Class{Loosened, Removed, Added, Moved, Changed, Tightened}

// Effect is what a change does to what a run does.
type Effect string

// The effects of changes.
const (
	Takes  Effect = "takes-more"  // more may be taken away, or with fewer checks
	Leaves Effect = "leaves-more" // less is taken away: somebody keeps access
	Hides  Effect = "hides"       // what is left keeps the run red no more
)

// Change is one difference.
type Change struct {
	Class   Class    `json:"class"`
	Key     string   `json:"key"`  // of the policy file, such as guards.maxPrincipals; "principals" for an entry as a whole
	UID     string   `json:"uid"`  // of the entry; "" for other parts of the policy
	Name    string   `json:"name"` // as the entry states it
	Old     string   `json:"old"`  // for people; "" where there was none
	New     string   `json:"new"`  // likewise
	Effects []Effect `json:"effects"`
	Says    string   `json:"says"` // what it means, without a word of others in it
	OldLine int      `json:"oldLine"`
	NewLine int      `json:"newLine"`
	Near    *Near    `json:"near,omitempty"` // of a removed or added entry: probably the same one with its uid mistyped
}

// Near is the other entry of a probable typo.
type Near struct {
	UID     string   `json:"uid"`
	Because []string `json:"because"` // name, uid
}

// Version is a policy and the name that its reader gave it; a nil Policy is a
// file that is not there.
type Version struct {
	Path   string
	Policy *policy.Policy
}

// Compare returns what changed between two policies. A file that is not there
// is compared as one that lists nobody and states nothing.
func Compare(old, new Version) *Diff {
	d := &Diff{Schema: SchemaName, Old: side(old), New: side(new), Changes: []Change{}}
	before, after := old.Policy, new.Policy
	if before == nil {
		before = nothing(after)
	}
	if after == nil {
		after = nothing(before)
	}
	c := comparison{before: before, after: after}
	c.account()
	c.scope()
	c.guards()
	c.accepted()
	c.entries()
	likely(c.found)
	slices.SortStableFunc(c.found, func(a, b Change) int {
		return cmp.Or(slices.Index(Classes, a.Class)-slices.Index(Classes, b.Class), strings.Compare(a.UID, b.UID))
	})
	for _, x := range c.found {
		if x.Effects == nil {
			x.Effects = []Effect{}
		}
		*d.Summary.of(x.Class)++
		d.Changes = append(d.Changes, x)
	}
	return d
}

// nothing is the policy of a file that is not there, beside one that is.
func nothing(other *policy.Policy) *policy.Policy {
	p := &policy.Policy{Guards: policy.Guards{MaxPrincipals: policy.DefaultMaxPrincipals, MaxRevocations: policy.DefaultMaxRevocations,
		MaxCompromised: policy.DefaultMaxCompromised}}
	if other != nil { // whose account it is and how it is reached did not change
		p.Account, p.AssumeRole, p.ExternalID, p.Location = other.Account, other.AssumeRole, other.ExternalID, other.Location
	}
	return p
}

func side(v Version) Side {
	if v.Policy == nil {
		return Side{Path: v.Path, Absent: true}
	}
	return Side{Path: v.Path, SHA256: v.Policy.SHA256, Entries: v.Policy.Entries()}
}

// Of returns the number of changes of a class.
func (s Summary) Of(c Class) int { return *s.of(c) }

func (s *Summary) of(c Class) *int {
	switch c {
	case Loosened:
		return &s.Loosened
	case Removed:
		return &s.Removed
	case Added:
		return &s.Added
	case Moved:
		return &s.Moved
	case Tightened:
		return &s.Tightened
	}
	return &s.Changed
}

// comparison is one at work.
type comparison struct {
	before, after *policy.Policy
	found         []Change
}

func (c *comparison) add(x Change) { c.found = append(c.found, x) }

// Encode returns the comparison as JSON, as reports are written.
func (d *Diff) Encode() ([]byte, error) { return report.Marshal(d) }

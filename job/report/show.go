package report

import (
	"slices"

	"ackrevoke/job/end"
	"ackrevoke/policy"
)

// ShowSchema is the name and version of what show says.
const ShowSchema = "ackrevoke.show/v1"

// Show is what one principal can reach. It is a protocol like the report,
// with the same manners: fields are added, lists are sorted and never null.
type Show struct {
	Schema      string      `json:"schema"` // ShowSchema
	At          Time        `json:"at"`
	Version     string      `json:"version"` // of the program
	Simulated   bool        `json:"simulated"`
	Account     Account     `json:"account"`
	Principal   Shown       `json:"principal"`
	AllClusters AllGranted  `json:"allClusters"`
	Clusters    []Reached   `json:"clusters"` // by id: all that are listed, and those that only rows name
	Unknown     []Unknown   `json:"unknown"`  // what the listing of clusters leaves open, by why
	Summary     Reaches     `json:"summary"`
	Calls       Calls       `json:"calls"`
	Next        []Revoking  `json:"next"` // commands that would put it into a policy, the narrowest first
	Verdict     end.Verdict `json:"verdict"`
}

// Shown is the principal.
type Shown struct {
	UID       string               `json:"uid"`
	Kind      policy.Kind          `json:"kind"` // "" for the root account, and where nothing tells it
	Name      string               `json:"name"`
	CreatedAt Time                 `json:"createdAt"`
	Identity  policy.IdentityState `json:"identity"`  // live or deleted
	Protected string               `json:"protected"` // why no policy can name it; "" for nothing
	Traceless bool                 `json:"traceless"` // nobody has the uid and nothing bears it: most likely mistyped
	Near      []Neighbour          `json:"near"`      // who could have been meant, where nobody has the uid and nothing was seen of it
}

// Neighbour is somebody live whose uid is near another one.
type Neighbour struct {
	UID       string      `json:"uid"`
	Kind      policy.Kind `json:"kind"`
	Name      string      `json:"name"`
	CreatedAt Time        `json:"createdAt"`
}

// AllGranted is what the principal holds on all clusters at once.
type AllGranted struct {
	Grants []Grant `json:"grants"`
	Sight  Sight   `json:"sight"` // unseen: there may be more
}

// Holding says whether a cluster can be reached.
type Holding string

// Whether it can.
const (
	Holds       Holding = "yes"
	HoldsNot    Holding = "no"
	HoldsUnsure Holding = "unknown" // nothing was seen, and not everything could be
)

// Reached is one cluster as the principal can reach it.
type Reached struct {
	ID            string      `json:"id"`
	Name          string      `json:"name"`
	Region        string      `json:"region"`
	Type          string      `json:"type"`
	State         string      `json:"state"`
	CreatedAt     Time        `json:"createdAt"`
	Listed        bool        `json:"listed"`   // false: only rows name it
	Deferred      bool        `json:"deferred"` // coming or going: what cannot be seen does not count
	Access        Holding     `json:"access"`
	Certificate   Certificate `json:"certificate"`
	GrantsSeen    bool        `json:"grantsSeen"` // false: the list of grants proves nothing
	Grants        []Grant     `json:"grants"`
	Blind         bool        `json:"blind"` // the caller is no administrator there
	OwnRevocation Own         `json:"ownRevocation"`
	Error         *Error      `json:"error"` // the read that failed
}

// Own says whether the principal itself could revoke its KubeConfig.
type Own struct {
	Possible policy.OwnRevocation `json:"possible"` // yes, no or unknown
	Since    Time                 `json:"since"`    // on clusters created before it cannot; "" where no day counts
}

// Reaches is the answer in numbers.
type Reaches struct {
	Clusters int `json:"clusters"`
	Held     int `json:"held"`
	Free     int `json:"free"`
	Unknown  int `json:"unknown"` // of access
	Unseen   int `json:"unseen"`  // clusters of which something could not be seen, held ones included
}

// Revoking is a way to take away what is shown.
type Revoking struct {
	What    string `json:"what"` // on one cluster; one certificate, the principal goes on; everything
	Command string `json:"command"`
}

// NewShow returns what was read of a principal as it is shown.
func NewShow(r *policy.Resolution, a *policy.Access) *Show {
	id := a.Identity
	out := &Show{Schema: ShowSchema, At: At(r.Now), Account: NewAccount(r.Directory.Caller),
		Principal: Shown{UID: id.UID, Kind: id.Kind, Name: id.Name, CreatedAt: At(id.CreatedAt), Identity: a.State, Protected: a.Protected,
			Traceless: a.Traceless}}
	out.AllClusters.Sight = Seen
	if a.AllUnseen {
		out.AllClusters.Sight = Unseen
	}
	out.AllClusters.Grants = mapped(a.AllClusters, newGrant)
	for _, row := range a.Rows {
		out.Clusters = append(out.Clusters, newReached(r, a, row))
		out.Summary.count(a, row)
	}
	out.Unknown = mapped(a.Gaps, newUnknown)
	out.Verdict = out.sighted()
	if a.State == policy.Deleted && out.Summary.Held == 0 && len(a.AllClusters) == 0 {
		out.Principal.Near = mapped(policy.NearUIDs(id.UID, r.Directory), func(x policy.Identity) Neighbour {
			return Neighbour{UID: x.UID, Kind: x.Kind, Name: x.Name, CreatedAt: At(x.CreatedAt)}
		})
	}
	fillLists(out)
	return out
}

func newReached(r *policy.Resolution, a *policy.Access, row policy.Reach) Reached {
	c := row.Cluster
	possible, since := c.OwnRevocation()
	out := Reached{ID: c.ID, Name: c.Name, Region: c.Region, Type: c.Type, State: c.State, CreatedAt: At(c.CreatedAt), Listed: row.Listed,
		Deferred: c.Deferred(),
		Access:   holding(a, row), Certificate: newCertificate(row.Certificate), GrantsSeen: row.GrantsSeen, Blind: r.Blind(c.ID),
		OwnRevocation: Own{possible, At(since)}}
	if a.State == policy.Deleted {
		out.OwnRevocation = Own{Possible: policy.OwnTooOld} // nobody is left to do it
	}
	out.Grants = mapped(policy.SortedGrants(slices.Concat(row.Rows, row.Owner)), newGrant)
	byKey("", out.Grants, Grant.key).sort()
	for _, f := range []*policy.Fault{row.Fault, row.CertFault, row.GrantsFault} {
		if out.Error == nil && !c.Deferred() {
			out.Error = NewError(f, "")
		}
	}
	if out.Error == nil && out.Blind && r.Directory.OwnErr != nil {
		out.Error = NewError(r.Directory.OwnErr, "")
	}
	return out
}

func holding(a *policy.Access, row policy.Reach) Holding {
	switch {
	case row.Holds(a.State):
		return Holds
	case row.Unseen():
		return HoldsUnsure
	}
	return HoldsNot
}

func (s *Reaches) count(a *policy.Access, row policy.Reach) {
	s.Clusters++
	switch holding(a, row) {
	case Holds:
		s.Held++
	case HoldsUnsure:
		s.Unknown++
	default:
		s.Free++
	}
	if row.Unseen() {
		s.Unseen++
	}
}

func (a *Show) sighted() end.Verdict {
	v := end.Verdict{Name: end.Complete}
	for _, w := range []struct {
		holds bool
		what  string
	}{
		{a.Principal.Traceless, "no-trace"},
		{a.Summary.Unseen > 0, "clusters-not-seen"},
		{a.AllClusters.Sight == Unseen, "all-clusters-not-visible"},
		{a.leftOpen(policy.RegionNotRead), string(policy.RegionNotRead)},
		{a.leftOpen(policy.ListingMayBeShort), string(policy.ListingMayBeShort)},
	} {
		if w.holds {
			v.Name, v.ExitCode = end.Incomplete, end.CodeIncomplete
			v.Reasons = append(v.Reasons, w.what)
		}
	}
	return v
}

func (a *Show) leftOpen(why policy.Why) bool {
	return slices.ContainsFunc(a.Unknown, func(u Unknown) bool { return u.Why == why })
}

// Encode returns the answer as JSON, in the form of a report.
func (a *Show) Encode() ([]byte, error) { return encode(a) }

package report

import (
	"slices"

	"ackrevoke/job/end"
	"ackrevoke/policy"
	"ackrevoke/policy/audit"
)

// AuditName is the name and version of what audit says.
const AuditName = "ackrevoke.audit/v1"

// Audit is what an audit found in an account, and what it could not see. It is
// a protocol like the report, with the same manners.
type Audit struct {
	Schema       string         `json:"schema"` // AuditName
	StartedAt    Time           `json:"startedAt"`
	FinishedAt   Time           `json:"finishedAt"`
	Version      string         `json:"version"` // of the program
	Simulated    bool           `json:"simulated"`
	Endpoints    Endpoints      `json:"endpoints"`
	Account      Account        `json:"account"`
	Policy       *PolicyInfo    `json:"policy"` // null where none was given
	Asked        Asked          `json:"asked"`
	Coverage     AuditCoverage  `json:"coverage"`
	Findings     []AuditFinding `json:"findings"`     // the weightiest first, then by uid
	ServiceRoles []ServiceRole  `json:"serviceRoles"` // by uid; never findings
	Retirable    []RetirableRow `json:"retirable"`    // by uid
	Unknown      []Unknown      `json:"unknown"`      // by uid, cluster, why
	Notes        []AuditNote    `json:"notes"`        // by uid, cluster: what changed meanwhile
	Calls        Calls          `json:"calls"`
	Summary      AuditSummary   `json:"summary"`
	Limits       []string       `json:"limits"`
	Verdict      end.Verdict    `json:"verdict"`
	Errors       []Error        `json:"errors"`
}

// Asked is what was looked for beside what is always.
type Asked struct {
	Grants   bool                `json:"grants"`
	Residual bool                `json:"residual"`
	FailOn   []audit.FindingKind `json:"failOn"`
}

// AuditCoverage says how much of the account was seen.
type AuditCoverage struct {
	Listing           policy.ListedBy `json:"listing"`           // regions, or retired: the list may be short
	Regions           []Region        `json:"regions"`           // by id; empty where the listing is retired
	Clusters          int             `json:"clusters"`          // listed
	Read              int             `json:"read"`              // of these: both lists were had
	Deferred          []string        `json:"deferred"`          // ids: coming or going, not looked at
	Unread            []string        `json:"unread"`            // ids: whatever is there was not seen
	Blind             []string        `json:"blind"`             // ids: the caller cannot see the grants; empty where they were not asked for
	AllClustersGrants Sight           `json:"allClustersGrants"` // seen, unseen or not-asked
	Principals        int             `json:"principals"`        // users and roles in RAM
	Holders           int             `json:"holders"`           // in a list of a cluster, cloud services apart
	Credentials       int             `json:"credentials"`       // of these
}

// NotAsked says of grants that nobody asked for them.
const NotAsked Sight = "not-asked"

// AuditFinding is one thing found out about one principal.
type AuditFinding struct {
	Kind      audit.FindingKind    `json:"kind"`
	Severity  audit.Severity       `json:"severity"`
	UID       string               `json:"uid"`
	Principal string               `json:"principal"` // user, role, root, or "" where no row says it
	Name      string               `json:"name"`      // as RAM has it, else as the lists do
	CreatedAt Time                 `json:"createdAt"` // of the principal; "" where it is not known
	Identity  policy.IdentityState `json:"identity"`
	Locked    bool                 `json:"locked"`
	Means     string               `json:"means"`
	Hint      string               `json:"hint"`   // what to do
	Places    []AuditPlace         `json:"places"` // by cluster id
	Grants    []Grant              `json:"grants"` // on all clusters, of kind all-clusters
	Access    *WayIn               `json:"access"` // of kind residual; else null
	Listed    *ListedBy            `json:"listed"` // the policy's entry for this principal, or null
	Accepted  bool                 `json:"accepted"`
	Protected bool                 `json:"protected"` // guards.protect of the policy forbids an entry
	Entry     *Draft               `json:"entry"`     // what would list it; null where it is listed or none would help
	Decide    bool                 `json:"decide"`    // the entry is for somebody to decide on: it may be rightful
}

// AuditPlace is what a principal holds on one cluster.
type AuditPlace struct {
	Cluster          Cluster        `json:"cluster"`
	Certificate      Certificate    `json:"certificate"`
	Grants           []Grant        `json:"grants"`           // empty where they were not asked for
	IssuedAtEarliest Time           `json:"issuedAtEarliest"` // "" where nothing bounds it
	IssuedBy         audit.AgeBasis `json:"issuedBy"`         // what bounds it
	Warnings         []string       `json:"warnings"`
}

// WayIn is what a listed user can still get in with.
type WayIn struct {
	ConsoleLogin     bool `json:"consoleLogin"`
	ActiveAccessKeys int  `json:"activeAccessKeys"`
}

// ListedBy is an entry of the policy.
type ListedBy struct {
	Line   int           `json:"line"`
	Phase  policy.Phase  `json:"phase"`
	Reason policy.Reason `json:"reason"`
	Covers bool          `json:"covers"` // in effect, and about all places
}

// Draft is an entry of a policy.
type Draft struct {
	UID       string        `json:"uid"`
	Kind      policy.Kind   `json:"kind"` // "" where no row says it
	Name      string        `json:"name"`
	CreatedAt Time          `json:"createdAt"`
	Reason    policy.Reason `json:"reason"`
	Deleted   bool          `json:"deleted"`
	Clusters  []string      `json:"clusters"` // empty: all
}

// ServiceRole is a cloud service with credentials.
type ServiceRole struct {
	UID      string `json:"uid"`
	Name     string `json:"name"`
	Service  string `json:"service"` // "" where only the name says it
	Clusters int    `json:"clusters"`
}

// RetirableRow is an entry of the policy that may be taken out.
type RetirableRow struct {
	UID          string `json:"uid"`
	Name         string `json:"name"`
	Line         int    `json:"line"`
	DeletedSince Time   `json:"deletedSince"` // "": no read tells it
	Hint         string `json:"hint"`
}

// AuditNote is what changed while the audit looked.
type AuditNote struct {
	UID     string         `json:"uid"`
	Cluster string         `json:"cluster"`
	What    audit.NoteKind `json:"what"`
}

// AuditSummary is the audit in numbers; [Audit.Complete] counts them.
type AuditSummary struct {
	Findings  int                       `json:"findings"`
	ByKind    map[audit.FindingKind]int `json:"byKind"` // every kind that was looked for
	Listed    int                       `json:"listed"`
	Accepted  int                       `json:"accepted"` // of findings
	FailsOn   int                       `json:"failsOn"`  // findings of a kind of asked.failOn, accepted ones apart
	Unknown   int                       `json:"unknown"`  // accepted ones included
	Notes     int                       `json:"notes"`
	Retirable int                       `json:"retirable"`
}

// NewAudit returns one with nothing in it: every list is empty and none is nil.
func NewAudit() *Audit {
	a := &Audit{Schema: AuditName, Limits: AuditLimits()}
	a.Coverage.AllClustersGrants = NotAsked
	fillLists(a)
	return a
}

// AuditLimits returns what no audit can see, one sentence each.
func AuditLimits() []string {
	return []string{
		"What the service's lists do not show is not found: the older of two certificates after a renewal, or whoever the lists leave out.",
		"Grants are looked at with --grants only, and of those who hold a certificate or are listed: who has grants alone is not found.",
		"Of a deleted principal the service's word on grants is not documented: no rows prove nothing.",
		"Bindings made by hand, access through ack-ram-authenticator mappings, and service-account tokens do not show.",
		"Since when a principal is deleted is told by no read; RAM's recycle bin keeps it for 30 days, and brings it back with the same uid.",
		"A certificate's age is bounded by the default validity of three years; the root account can set a longer one.",
		"Clusters that are coming or going are not looked at.",
	}
}

// Fill puts in what was found.
func (a *Audit) Fill(v *audit.Inventory) {
	c := v.Coverage
	a.Coverage = AuditCoverage{Listing: c.ListedBy, Regions: newRegions(c.Regions), Clusters: c.Clusters, Read: c.Read,
		Deferred: texts(c.Deferred), Unread: texts(c.Unread), Blind: texts(c.Blind),
		AllClustersGrants: NotAsked, Principals: c.Principals, Holders: c.Holders, Credentials: c.Credentials}
	switch {
	case a.Asked.Grants && c.AllClustersUnseen:
		a.Coverage.AllClustersGrants = Unseen
	case a.Asked.Grants:
		a.Coverage.AllClustersGrants = Seen
	}
	for i := range v.Findings {
		a.Findings = append(a.Findings, newAuditFinding(&v.Findings[i]))
	}
	a.ServiceRoles = append(a.ServiceRoles, mapped(v.Services, func(s audit.Service) ServiceRole { return ServiceRole(s) })...)
	a.Notes = append(a.Notes, mapped(v.Notes, func(n audit.Note) AuditNote { return AuditNote(n) })...)
	a.Unknown = append(a.Unknown, mapped(v.Unknown, newUnknown)...)
	for _, r := range v.Retirable {
		a.Retirable = append(a.Retirable, RetirableRow{UID: r.UID, Name: r.Name, Line: r.Line,
			Hint: "since when it is deleted is told by no read: take the entry out once RAM's recycle bin does not show it any more (30 days)"})
	}
}

func newAuditFinding(f *audit.Finding) AuditFinding {
	out := AuditFinding{Kind: f.Kind, Severity: f.Severity, UID: f.UID, Principal: string(f.Principal), Name: f.Name,
		CreatedAt: At(f.CreatedAt),
		Identity:  f.Identity, Locked: f.Locked, Means: f.Means, Hint: f.Hint, Accepted: f.Accepted, Protected: f.Protected,
		Decide: f.Entry != nil && f.Draft == audit.ForDecision}
	if f.Root {
		out.Principal = "root"
	}
	for _, p := range f.Places {
		place := AuditPlace{Cluster: Cluster{ID: p.Cluster.ID, Name: p.Cluster.Name, Region: p.Cluster.Region},
			Certificate:      newCertificate(p.Certificate),
			IssuedAtEarliest: At(p.Oldest), IssuedBy: p.By, Warnings: texts(p.Warnings), Grants: mapped(p.Grants, newGrant)}
		out.Places = append(out.Places, place)
	}
	out.Grants = mapped(f.Grants, newGrant)
	if f.Kind == audit.FoundResidual {
		out.Access = &WayIn{f.Access.Login, f.Access.ActiveKeys}
	}
	if l := f.Listed; l != nil {
		out.Listed = &ListedBy{l.Line, l.Phase, l.Reason, l.Covers}
	}
	if e := f.Entry; e != nil {
		out.Entry = &Draft{UID: e.UID, Kind: e.Kind, Name: e.Name, CreatedAt: At(e.CreatedAt), Reason: e.Reason, Deleted: e.Deleted,
			Clusters: texts(e.Clusters)}
	}
	return out
}

// Open reports whether something could not be seen and is not accepted.
func (a *Audit) Open() bool {
	return slices.ContainsFunc(a.Unknown, func(u Unknown) bool { return !u.Accepted })
}

// Made reports whether there was anything to look at: else the audit says
// nothing of the account, not even that something is missing.
func (a *Audit) Made() bool { return a.Coverage.Clusters > 0 }

// Fails counts the findings of the kinds that --fail-on names.
func (a *Audit) Fails() int {
	n := 0
	for _, f := range a.Findings {
		if !f.Accepted && slices.Contains(a.Asked.FailOn, f.Kind) {
			n++
		}
	}
	return n
}

// Complete counts what follows from the lists.
func (a *Audit) Complete() {
	s := AuditSummary{Findings: len(a.Findings), ByKind: map[audit.FindingKind]int{}, FailsOn: a.Fails(), Unknown: len(a.Unknown),
		Notes: len(a.Notes), Retirable: len(a.Retirable)}
	for _, row := range audit.Findings {
		if row.Needs == audit.NeedsNothing || row.Needs == audit.NeedsGrants && a.Asked.Grants || row.Needs == audit.NeedsResidual &&
			a.Asked.Residual {
			s.ByKind[row.Kind] = 0
		}
	}
	for _, f := range a.Findings {
		s.ByKind[f.Kind]++
		if f.Listed != nil {
			s.Listed++
		}
		if f.Accepted {
			s.Accepted++
		}
	}
	a.Summary = s
	fillLists(a)
}

// Encode returns the audit as JSON, as a report is.
func (a *Audit) Encode() ([]byte, error) { return encode(a) }

package look

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/job/sight"
	"ackrevoke/policy"
)

// DoctorConfig is what doctor works with. It has no place for a Revoker.
type DoctorConfig struct {
	Policy      *policy.Policy // nil: only the account is asked about
	Reader      sight.Reader
	Reads       []report.Reading // the operations that a run looks with, in order
	Concurrency int
	Now         func() time.Time
	Ahead       func() (by time.Duration, known bool) // our clock and the service's
	Calls       func() report.Calls
	Tell        func(sight.Event)
}

// doctor is one examination under way. It looks with the very steps of a
// run, so that what it finds is what a run would find.
type doctor struct {
	*report.Doctor
	given  DoctorConfig
	policy *policy.Policy // an empty one where none is given
	sight  *sight.Sight
	seen   *sight.Witness // of its reads

	caller   policy.Caller
	untried  string        // why reads were not made
	stopped  *policy.Fault // that the caller is not known
	failed   [3]*policy.Fault
	ownErr   *policy.Fault
	wrong    []policy.GuardRow // with the listings
	names    map[string]string // by id
	acting   int               // entries in effect and not refused
	accepted bool              // the policy lives with what cannot be seen
	plan     *policy.Plan      // what a dry run would make; nil where it would make none
	unwell   *sight.Panic
	signal   *end.Signal // that ended it
}

// Doctor looks at the account as a run would, and goes on where a run would
// end: it tries every read, so that all that is missing is said at once. It
// writes nothing. An error is a *Panic: then the examination says so too.
func Doctor(ctx context.Context, c DoctorConfig) (*report.Doctor, error) {
	x := &doctor{given: c, Doctor: report.NewDoctor(), seen: sight.NewWitness(c.Reader)}
	pol := c.Policy
	if pol == nil {
		pol = &policy.Policy{}
	} else {
		info := report.NewPolicyInfo(pol)
		x.Policy, x.Account.Policy = &info, pol.Account
	}
	x.At = report.At(c.Now())
	x.policy = pol
	x.sight = &sight.Sight{Reader: x.seen, Regions: pol.Scope.Regions, Concurrency: c.Concurrency, Now: c.Now, Tell: c.Tell}
	x.sight.Net.Safely(func() { x.examine(ctx) })
	x.unwell = x.sight.Net.Caught()
	x.testify()
	if by, known := c.Ahead(); known {
		x.Clock = report.Clock{Known: true, AheadSeconds: int64(by / time.Second)}
	}
	x.Calls = c.Calls()
	x.signal = end.BySignal(ctx)
	x.Findings = x.diagnose(context.Cause(ctx))
	x.Conclude()
	if x.unwell != nil {
		return x.Doctor, x.unwell
	}
	return x.Doctor, nil
}

func (x *doctor) examine(ctx context.Context) {
	caller, unseen := x.sight.Caller(ctx)
	if unseen != nil {
		x.stopped = unseen.Fault
		x.give("the caller is not known")
		return
	}
	x.caller = caller
	was := report.NewAccount(caller)
	x.Account.ID, x.Account.Caller.Caller = was.ID, was.Caller
	if x.given.Policy != nil {
		x.Account.Match = report.SameAccount
		if caller.AccountID != x.policy.Account {
			x.Account.Match = report.OtherAccount
			x.give("the account is not that of the policy, and nothing of it is read")
			return
		}
	}
	var d policy.Directory
	d, x.failed = x.sight.Directory(ctx, caller, sight.All)
	x.ownErr = d.OwnErr
	if x.sight.Net.Caught() != nil {
		return
	}
	x.names = namesOf(x.policy, d)
	x.Account.Caller.Name = x.names[caller.UID]
	x.cover(d)
	x.decide(ctx, d)
	x.probe(ctx, d)
	x.StatesList = x.enumeration(d)
}

// give records why the remaining checks were not made.
func (x *doctor) give(why string) {
	x.untried, x.Entries.Why, x.StatesList.Why = why, why, why
}

// namesOf finds names by id: those of the policy, and better those of now.
func namesOf(p *policy.Policy, d policy.Directory) map[string]string {
	names := map[string]string{}
	for _, e := range p.Principals {
		names[e.UID] = e.Name
	}
	for _, list := range [][]policy.Identity{d.Users, d.Roles} {
		for _, id := range list {
			names[id.UID] = id.Name
		}
	}
	for _, c := range d.Clusters {
		names[c.ID] = c.Name
	}
	return names
}

// cover says which clusters there are, and on which of them the caller sees
// what others hold. Users and roles are not needed for it.
func (x *doctor) cover(d policy.Directory) {
	if x.failed[2] != nil {
		return
	}
	bare := *x.policy
	bare.Principals = nil
	r := policy.Resolve(&bare, d, x.given.Now())
	x.Coverage = report.NewCoverage(r.Coverage)
	x.accepted = bare.Accepts(policy.LeftAllClusters, "", "", "", x.given.Now())
	counts := map[[2]string]*report.Clusters{}
	for _, c := range r.Directory.Clusters {
		key := [2]string{c.Region, c.State}
		if counts[key] == nil {
			counts[key] = &report.Clusters{Region: c.Region, State: c.State}
		}
		n := counts[key]
		n.Clusters++
		place := report.Place{Cluster: report.Cluster{ID: c.ID, Name: c.Name, Region: c.Region}, InScope: r.Holds(c),
			Accepted: bare.Accepts(policy.LeftUnknown, "", c.ID, "", x.given.Now())}
		target := place.InScope && !c.Deferred()
		if target {
			n.InScope++
		}
		if c.Deferred() {
			x.Deferred = append(x.Deferred, place)
		}
		if r.Blind(c.ID) {
			n.Blind++
			x.Blind = append(x.Blind, place)
			x.accepted = x.accepted && (place.Accepted || !target)
		}
	}
	for _, key := range slices.SortedFunc(maps.Keys(counts), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }) {
		x.Clusters = append(x.Clusters, *counts[key])
	}
	if len(x.Blind) > 0 && d.OwnErr == nil {
		x.Grant = needed(x.Account.Caller, x.caller.Kind())
	}
}

// decide makes the plan that a dry run would make now.
func (x *doctor) decide(ctx context.Context, d policy.Directory) {
	for _, f := range x.failed {
		if f != nil {
			x.Entries.Why = f.Op + " failed, and everything hangs on it"
			return
		}
	}
	r := policy.Resolve(x.policy, d, x.given.Now())
	if x.wrong = r.Listing(); len(x.wrong) > 0 {
		x.Entries.Why = "the listings cannot be believed"
		return
	}
	if x.given.Policy == nil {
		x.Entries.Why = "no policy was read"
		return
	}
	x.acting = len(r.Acting())
	observation := x.sight.Observe(ctx, r)
	if x.sight.Net.Caught() != nil {
		return
	}
	x.plan = policy.Guard(policy.Decide(r, observation), x.policy.Guards, policy.Approval{}, x.given.Now())
	x.Coverage = report.NewCoverage(x.plan.Coverage)
	x.Foresee(x.plan, x.names)
}

// probe tries the reads that were not needed so far, of one principal and of
// one cluster: a later run may need them.
func (x *doctor) probe(ctx context.Context, d policy.Directory) {
	who, where := x.subject(d), x.place(d)
	for _, p := range []struct {
		op   string
		id   string
		read func()
	}{
		{"DescribeUserPermission", who, func() { _, _ = x.seen.Grants(ctx, who) }},
		{"ListUserKubeConfigStates", who, func() { _, _ = x.seen.States(ctx, who) }},
		{"DescribeClusterDetail", where, func() { _, _ = x.seen.Cluster(ctx, where) }},
		{"ListClusterKubeconfigStates", where, func() { _, _ = x.seen.Holders(ctx, where) }},
	} {
		if !x.seen.Tried(p.op) && p.id != "" {
			p.read()
		}
	}
	x.untried = "nothing is known to try it on"
}

// subject is a principal to ask about: the caller, if it is not the root
// account, else the first entry, else the first of the listings.
func (x *doctor) subject(d policy.Directory) string {
	if x.caller.Type != policy.RootAccount {
		return x.caller.UID
	}
	for _, e := range slices.SortedFunc(slices.Values(x.policy.Principals),
		func(a, b policy.Principal) int { return strings.Compare(a.UID, b.UID) }) {
		return e.UID
	}
	first := ""
	for _, id := range slices.Concat(d.Users, d.Roles) {
		if first == "" || id.UID < first {
			first = id.UID
		}
	}
	return first
}

// place is a cluster to ask about: a running one before others.
func (x *doctor) place(d policy.Directory) string {
	clusters := slices.DeleteFunc(slices.Clone(d.Clusters), policy.Cluster.Gone)
	if len(clusters) == 0 {
		return ""
	}
	return slices.MinFunc(clusters, func(a, b policy.Cluster) int {
		rank := func(c policy.Cluster) int {
			if c.State == "running" {
				return 0
			}
			return 1
		}
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.ID, b.ID))
	}).ID
}

// enumeration says whether the lists of states of the living name every
// cluster, from all that were read.
func (x *doctor) enumeration(d policy.Directory) report.StatesList {
	living := map[string]bool{x.caller.UID: true}
	for _, id := range slices.Concat(d.Users, d.Roles) {
		living[id.UID] = true
	}
	told := report.StatesList{Answer: report.NotTold, Missing: []string{}, Why: "no list of states could be read"}
	for _, uid := range slices.Sorted(maps.Keys(x.seen.Seen)) {
		if !living[uid] {
			continue // what it says of the deleted is not documented
		}
		s := Enumeration(uid, x.seen.Seen[uid], d.Clusters)
		if s.Answer == report.LeavesOut {
			return s
		}
		if told.Answer == report.NotTold {
			told = s
		}
	}
	return told
}

// Enumeration judges whether the states of one principal name every cluster of
// the listing. Only a row without a credential tells that they do; clusters
// that are coming or going do not count.
//
//	a listed cluster is missing       leaves-out
//	none, and a row is Unissued       enumerates
//	none, and no row is               unknown: this principal had a credential everywhere
func Enumeration(uid string, states []policy.State, clusters []policy.Cluster) report.StatesList {
	s := report.StatesList{Answer: report.NotTold, UID: uid, Missing: []string{},
		Why: "this principal has, or had, a credential on every cluster"}
	if len(clusters) == 0 {
		s.Why = "no cluster is listed"
		return s
	}
	rows := map[string]policy.CertState{}
	for _, row := range states {
		rows[row.Cluster] = row.Cert
	}
	for _, c := range clusters {
		cert, named := rows[c.ID]
		switch {
		case c.Deferred() || c.Gone():
		case !named:
			s.Missing = append(s.Missing, c.ID)
		case cert == policy.Unissued:
			s.Answer, s.Why = report.Enumerates, ""
		}
	}
	slices.Sort(s.Missing)
	if len(s.Missing) > 0 {
		s.Answer, s.Why = report.LeavesOut, ""
	}
	return s
}

// testify puts what became of the reads beside their names.
func (x *doctor) testify() {
	for _, r := range x.given.Reads {
		t := x.seen.Heard[r.Operation]
		switch {
		case t == nil && r.Fallback:
			r.Answer, r.Why = report.NotTried, "it is only used where the regions cannot be listed"
		case t == nil:
			r.Answer, r.Why = report.NotTried, x.untried
		case t.Failed == 0:
			r.Answer, r.Tried = report.Answered, t.Tried
		default:
			r.Answer, r.Tried, r.Failed = report.Missed, t.Tried, t.Failed
			r.Error = report.NewError(t.Fault, hintFor(r, t.Fault))
			if t.Fault.Kind == policy.Denied {
				r.Answer = report.Denied
			}
			for _, d := range t.Denials {
				r.Missing, r.Explicit = append(r.Missing, d.Action), r.Explicit || d.Explicit
			}
			slices.Sort(r.Missing)
			r.Missing = slices.Compact(r.Missing)
		}
		x.Reads = append(x.Reads, r)
	}
}

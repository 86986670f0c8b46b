package policy

import "gopkg.in/yaml.v3"

// The keys of the format, in the order of its documentation.
var (
	policyKeys   = []string{"version", "account", "assumeRole", "externalId", "timeZone", "scope", "guards", "accepted", "principals"}
	scopeKeys    = []string{"regions", "include", "exclude", "minClusters", "allClustersGrants"}
	guardKeys    = []string{"protect", "maxPrincipals", "maxRevocations", "maxCompromised", "raise", "allowEmpty"}
	protectKeys  = []string{"uid", "name"}
	raiseKeys    = []string{"maxPrincipals", "maxRevocations", "maxCompromised", "until"}
	acceptedKeys = []string{"uid", "cluster", "region", "what", "until", "why"}
)

// wholePolicy names the root of the file in messages.
const wholePolicy = "the policy"

const findUID = "in the RAM console under Identities > Users it is the user's UID (for a role, the role ID); " +
	"or run aliyun ram GetUser --UserName NAME"

// policy reads the root of the file.
func (l *loader) policy(root *yaml.Node) *Policy {
	r, ok := l.section(root, wholePolicy, policyKeys)
	if !ok {
		return nil
	}
	if n := r.need("version", "write version: 1"); n != nil && !spent(n) {
		switch {
		case n.Kind != yaml.ScalarNode:
			l.at(RuleVersion, n, "version must be 1, not %s: write version: 1", looks(n))
		case n.Tag == intTag && n.Value != "1":
			l.at(RuleVersion, n, "unknown version %s: write version: 1, the only one there is", bare(n.Value))
		case n.Tag != intTag:
			l.at(RuleVersion, n, "version must be the number 1 without quotes, not %s: write version: 1", short(n.Value))
		}
	}
	p := &Policy{Location: r.zone()}
	l.location = p.Location
	if n := r.need("account",
		`write the account id in quotes, like account: "1234567890123456"; aliyun sts GetCallerIdentity shows it`); n != nil {
		p.Account = l.digits("account", n)
	}
	l.role(r, p)
	if n := r.get("scope"); n != nil {
		p.Scope = l.scope(n)
	}
	p.Guards = Guards{MaxPrincipals: DefaultMaxPrincipals, MaxRevocations: DefaultMaxRevocations, MaxCompromised: DefaultMaxCompromised}
	protected := map[string]int{}
	if n := r.get("guards"); n != nil {
		l.guards(n, &p.Guards, protected)
	}
	rows, _ := r.list("accepted")
	for _, n := range rows {
		p.Accepted = append(p.Accepted, l.accepted(n))
	}
	if r.need("principals", "list at least one, or write principals: [] for none") == nil {
		return p
	}
	rows, _ = r.list("principals")
	seen := map[string]int{}
	for _, n := range rows {
		p.Principals = append(p.Principals, l.principal(n, seen, protected))
	}
	return p
}

func (l *loader) scope(n *yaml.Node) Scope {
	r, ok := l.section(n, "scope", scopeKeys)
	if !ok {
		return Scope{}
	}
	regions, _ := r.list("regions")
	include, _ := r.list("include")
	exclude, _ := r.list("exclude")
	s := Scope{
		Regions:     each("regions", regions, l.exact),
		Include:     each("include", include, l.glob),
		Exclude:     each("exclude", exclude, l.glob),
		MinClusters: r.number("minClusters"),
	}
	if r.has("allClustersGrants") {
		s.AllClustersGrants = r.one("allClustersGrants", "revoke") != ""
	}
	return s
}

// guards reads the guards over their defaults, and the lines of the uids that
// they protect.
func (l *loader) guards(n *yaml.Node, g *Guards, protected map[string]int) {
	r, ok := l.section(n, "guards", guardKeys)
	if !ok {
		return
	}
	rows, _ := r.list("protect")
	for _, n := range rows {
		p := l.protect(n)
		if p.UID != "" {
			protected[p.UID] = n.Line
		}
		g.Protect = append(g.Protect, p)
	}
	for _, limit := range []struct {
		key string
		to  *int
	}{
		{"maxPrincipals", &g.MaxPrincipals}, {"maxRevocations", &g.MaxRevocations}, {"maxCompromised", &g.MaxCompromised},
	} {
		if v := r.number(limit.key); v != nil {
			*limit.to = *v
		}
	}
	if n := r.get("raise"); n != nil {
		g.Raise = l.raise(n)
	}
	g.AllowEmpty = r.flag("allowEmpty", false)
}

func (l *loader) protect(n *yaml.Node) Protect {
	r, ok := l.section(n, "a protect row", protectKeys)
	if !ok {
		return Protect{}
	}
	if r.has("uid") == r.has("name") {
		l.at(RuleProtectRow, n, `a protect row takes exactly one of uid and name: write {uid: "200000000000000001"} or {name: "ci-*"}`)
	}
	var p Protect
	if n := r.get("uid"); n != nil {
		p.UID = l.digits("uid", n)
	}
	if n := r.get("name"); n != nil {
		p.Name = l.glob("name", n)
	}
	return p
}

func (l *loader) raise(n *yaml.Node) *Raise {
	r, ok := l.section(n, "raise", raiseKeys)
	if !ok {
		return nil
	}
	raise := &Raise{
		MaxPrincipals: r.number("maxPrincipals"), MaxRevocations: r.number("maxRevocations"), MaxCompromised: r.number("maxCompromised"),
	}
	if n := r.need("until", "an exception must end, write a date like until: 2026-12-01"); n != nil {
		raise.Until = l.end("until", n)
	}
	return raise
}

func (l *loader) accepted(n *yaml.Node) Accepted {
	r, ok := l.section(n, "an accepted row", acceptedKeys)
	if !ok {
		return Accepted{}
	}
	a := Accepted{Cluster: r.id("cluster"), Line: n.Line}
	if n := r.get("uid"); n != nil {
		a.UID = l.digits("uid", n)
	}
	if n := r.get("region"); n != nil {
		a.Region = l.region(n)
	}
	if r.need("what", "write what: unknown, unread, listing, owner or all-clusters") != nil {
		a.What = Leftover(r.one("what", string(LeftUnknown), string(LeftUnread), string(LeftListing), string(LeftOwner), string(LeftAllClusters)))
	}
	if n := r.need("until", "an exception must end, write a date like until: 2027-01-31"); n != nil {
		a.Until = l.end("until", n)
	}
	if n := r.need("why", "write the reason in a few words"); n != nil {
		a.Why = l.words("why", n)
	}
	l.fitting(n, r, a)
	return a
}

// fitting reports keys of an accepted row that together accept nothing.
func (l *loader) fitting(n *yaml.Node, r section, a Accepted) {
	person, place, region := r.has("uid"), r.has("cluster"), r.has("region")
	switch {
	case region && a.What != LeftUnread && a.What != "":
		l.at(RuleAcceptedRow, r.fields["region"].key,
			"region goes with what: unread only: take it out")
	case region && (person || place):
		l.at(RuleAcceptedRow, r.fields["region"].key,
			"region goes with neither uid nor cluster, for of a region that cannot be read none is known: write two rows")
	case a.What == LeftUnread && !place && !region:
		l.at(RuleAcceptedRow, n, "what: unread needs cluster or region beside it: it accepts that the lists of that one cannot be read, and "+
			"nothing else")
	case a.What == LeftListing && (person || place), a.What == LeftAllClusters && place:
		l.at(RuleAcceptedRow, n, "what: %s is about the account, not about one cluster or, for listing, one principal: take that key out, as "+
			"the row accepts nothing with it", a.What)
	case (a.What == LeftUnknown || a.What == LeftOwner) && !person && !place:
		l.at(RuleAcceptedRow, n, "what: %s needs uid or cluster beside it: only what: all-clusters and what: listing may stand alone", a.What)
	}
}

// region is an exact region id, or the * that a report has for all regions that
// the policy does not name.
func (l *loader) region(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode && n.Value == OtherRegions && n.Tag == strTag && !spent(n) {
		return n.Value
	}
	return l.exact("region", n)
}

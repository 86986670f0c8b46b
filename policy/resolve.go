package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Resolution is the policy laid over the directory of the account: which
// entries are in effect, which are refused, and which targets the rest has.
// It says what is left to read.
type Resolution struct {
	Policy    *Policy
	Now       time.Time
	Directory Directory // without the clusters that are none: deleted ones and Swarm
	Entries   []Entry
	Coverage  Coverage
	Refused   []Refusal
	Unknown   []Unknown // what the listing leaves open, and patterns that match nothing
	Warnings  []string
	blind     map[string]bool
	gone      map[string]bool      // listed, and existing no more
	other     map[string]bool      // listed, and no Kubernetes
	ids       map[string]bool      // of listed clusters
	people    map[string]*Identity // of the directory; nil: it is searched
	whole     *whole               // what an entry without clusters of its own is about; nil: not known yet
}

// whole is the scope as an entry sees it: most have the same, so it is kept once.
type whole struct {
	ids      []string
	deferred bool
}

// Resolve lays a policy over a directory. Lists of the directory may come in
// any order; the result is sorted by uid and cluster id.
func Resolve(p *Policy, d Directory, now time.Time) *Resolution {
	r := &Resolution{Policy: p, Now: now, blind: map[string]bool{}, gone: map[string]bool{}, other: map[string]bool{}, ids: map[string]bool{}}
	var clusters []Cluster
	for _, c := range d.Clusters {
		switch {
		case !c.Kubernetes():
			r.other[c.ID] = true
		case c.Gone():
			r.gone[c.ID] = true
		default:
			r.ids[c.ID] = true
			clusters = append(clusters, c)
		}
	}
	slices.SortFunc(clusters, func(a, b Cluster) int { return strings.Compare(a.ID, b.ID) })
	d.Clusters, d.ListedBy = clusters, cmp.Or(d.ListedBy, ByRegions)
	r.Directory = d
	r.people = make(map[string]*Identity, len(d.Users)+len(d.Roles))
	for _, list := range [][]Identity{d.Roles, d.Users} { // users first, as Live finds them
		for i := range slices.Backward(list) {
			r.people[list[i].UID] = &list[i]
		}
	}
	r.cover()
	r.matchScope()
	for _, e := range p.Principals {
		r.Entries = append(r.Entries, r.entry(e))
	}
	r.listing()
	slices.SortFunc(r.Entries, func(a, b Entry) int { return strings.Compare(a.UID, b.UID) })
	slices.SortFunc(r.Refused, func(a, b Refusal) int { return strings.Compare(a.UID, b.UID) })
	return r
}

// cover finds out which clusters are in scope and which ones are blind: those
// where the caller's own rows do not show it to be RBAC administrator
// [CS DescribeUserPermission: others' rows are silently missing there].
func (r *Resolution) cover() {
	c := &r.Coverage
	c.ListedBy = r.Directory.ListedBy
	c.Regions = slices.Clone(r.Directory.Regions)
	for i := range c.Regions {
		c.Regions[i].Clusters = 0
	}
	for _, k := range r.Directory.Clusters {
		c.Clusters++
		if i := slices.IndexFunc(c.Regions, func(g Region) bool { return g.ID == k.Region }); i >= 0 {
			c.Regions[i].Clusters++
		}
		switch {
		case !r.holds(k):
		case k.Deferred():
			c.Deferred++
		default:
			c.InScope++
		}
		if !r.Administers(k.ID) {
			r.blind[k.ID] = true
			c.Blind = append(c.Blind, k.ID)
		}
	}
	c.AllClustersUnseen = len(c.Blind) > 0 || !r.Directory.whole() && !r.administersAll()
}

// Administers reports whether the caller is RBAC administrator of a cluster.
func (r *Resolution) Administers(cluster string) bool {
	return r.administersAll() || slices.ContainsFunc(r.Directory.Own, func(g Grant) bool {
		return g.Scope != OnAllClusters && g.Cluster == cluster && Administers(g)
	})
}

// administersAll reports whether the caller is administrator of every cluster
// there is, listed or not.
func (r *Resolution) administersAll() bool {
	return r.Directory.Caller.Type == RootAccount || slices.ContainsFunc(r.Directory.Own, func(g Grant) bool {
		return g.Scope == OnAllClusters && Administers(g)
	})
}

// Administers reports whether a row of the caller makes it administrator where
// the row counts: admin or custom cluster-admin beyond a namespace, or owner.
func Administers(g Grant) bool {
	if g.Owner {
		return true
	}
	return g.Scope != OnNamespace && (!g.Custom && g.Role == "admin" || g.Custom && g.Role == "cluster-admin")
}

// matchScope makes a typo in the scope an unknown of the run: it must not read
// as "clean".
func (r *Resolution) matchScope() {
	s := r.Policy.Scope
	missing := func(what, pattern string, match func(Cluster) bool) {
		if !r.inScope(match) {
			r.nothing("", "scope."+what+" "+strconv.Quote(pattern), "matches no cluster in scope: correct it or take it out", r.unreadFor())
		}
	}
	for _, region := range s.Regions {
		// One that could not be read is said so by itself; see listing.
		unread := slices.ContainsFunc(r.Directory.unread(), func(g Region) bool { return g.ID == region })
		if !unread && !r.inScope(func(c Cluster) bool { return lies(c.Region, region) }) {
			r.nothing("", "scope.regions "+strconv.Quote(region), "matches no cluster in scope: correct it or take it out", nil)
		}
	}
	for _, p := range s.Include {
		missing("include", p, func(c Cluster) bool { return r.matches(p, c) })
	}
	for _, p := range s.Exclude {
		if !slices.ContainsFunc(r.Directory.Clusters, func(c Cluster) bool { return r.matches(p, c) }) {
			r.Warnings = append(r.Warnings, fmt.Sprintf("exclude-matches-nothing %q", p))
		}
	}
}

// inScope reports whether a cluster in scope fits.
func (r *Resolution) inScope(fits func(Cluster) bool) bool {
	return slices.ContainsFunc(r.Directory.Clusters, func(c Cluster) bool { return r.holds(c) && fits(c) })
}

// entry finds an entry's identity, refuses it where a guard says so, and gives
// it its targets. Pending and lapsed entries are left alone.
func (r *Resolution) entry(p Principal) Entry {
	e := Entry{Principal: p, Phase: p.Phase(r.Now), Identity: IdentityUnknown}
	if e.Phase != InEffect {
		return e
	}
	live, found := r.live(p.UID)
	e.Identity = Deleted
	if found {
		e.Identity = Live
	}
	if guard, message := r.Refuses(p, live, found); guard != "" {
		e.Refused = true
		r.Refused = append(r.Refused, Refusal{UID: p.UID, Guard: guard, Message: message, Line: p.Line})
		return e
	}
	e.Warnings = r.identityWarnings(p, live, found)
	e.Targets = r.targets(p)
	return e
}

// targets returns the clusters that the entry is about, and makes each of its
// patterns and future pins that match no cluster in scope an unknown.
func (r *Resolution) targets(p Principal) []string {
	ids, deferred := r.about(p)
	missing := false
	for _, pattern := range p.Clusters {
		if !r.inScope(func(c Cluster) bool { return r.matches(pattern, c) }) {
			missing = true
			r.nothing(p.UID, "clusters: "+strconv.Quote(pattern), "matches no cluster in scope: correct it or take it out", r.unreadFor())
		}
	}
	past := p.Pinned()
	for _, pin := range p.Pins {
		if !pin.Expires.After(r.Now) {
			continue
		}
		past = false
		if !r.inScope(func(c Cluster) bool { return c.ID == pin.Cluster && r.covers(p, c) }) {
			missing = true
			r.nothing(p.UID, "certificates: cluster "+strconv.Quote(pin.Cluster),
				"is no cluster in scope (a pin names a cluster by its id): correct it", r.unreadFor())
		}
	}
	if len(ids) == 0 && !deferred && !missing && !past {
		r.nothing(p.UID, "the entry", "is about no cluster: nothing in scope is left for it", r.unreadFor())
	}
	return ids
}

// about are the clusters of an entry, and whether one of them is coming or going.
func (r *Resolution) about(p Principal) (ids []string, deferred bool) {
	plain := len(p.Clusters) == 0 && !p.Pinned()
	if plain && r.whole != nil {
		return r.whole.ids, r.whole.deferred
	}
	for _, c := range r.Directory.Clusters {
		switch {
		case !r.holds(c) || !r.covers(p, c) || p.Pinned() && len(p.pinsOn(c.ID)) == 0:
		case c.Deferred():
			deferred = true
		default:
			ids = append(ids, c.ID)
		}
	}
	if plain {
		r.whole = &whole{slices.Clip(ids), deferred}
	}
	return ids, deferred
}

// Listing checks that the directory can be believed before anything is decided
// from it: the caller must find itself in it, and there must be enough
// clusters. It returns one tripped guard for each thing that is wrong.
func (r *Resolution) Listing() []GuardRow {
	var wrong []GuardRow
	trip := func(limit, found int, format string, a ...any) {
		wrong = append(wrong, GuardRow{Guard: GuardListing, Limit: limit, Found: found, Tripped: true, Message: fmt.Sprintf(format, a...)})
	}
	d, least := r.Directory, 1
	if r.Policy.Scope.MinClusters != nil {
		least = *r.Policy.Scope.MinClusters
	}
	if ok, message := d.Complete(); !ok {
		trip(1, 0, "%s", message)
	}
	if n := len(d.Clusters); n < least {
		trip(least, n, "%d clusters are listed and at least %d must be: check the caller's permissions and the endpoint, or scope.minClusters", n,
			least)
	}
	if r.Policy.Scope.narrow() && r.Coverage.InScope+r.Coverage.Deferred == 0 {
		trip(1, 0, "the scope leaves no cluster: correct scope.regions, include and exclude")
	}
	return wrong
}

// Blind reports whether the caller cannot see grants on a cluster.
func (r *Resolution) Blind(cluster string) bool { return r.blind[cluster] }

// Acting returns the entries that are in effect and not refused, by uid.
func (r *Resolution) Acting() []*Entry {
	var acting []*Entry
	for i := range r.Entries {
		if e := &r.Entries[i]; e.Phase == InEffect && !e.Refused {
			acting = append(acting, e)
		}
	}
	return acting
}

// Cluster returns a listed cluster.
func (r *Resolution) Cluster(id string) (Cluster, bool) {
	i, ok := slices.BinarySearchFunc(r.Directory.Clusters, id, func(c Cluster, id string) int { return strings.Compare(c.ID, id) })
	if !ok {
		return Cluster{}, false
	}
	return r.Directory.Clusters[i], true
}

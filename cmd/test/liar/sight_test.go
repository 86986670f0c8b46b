package liar

import (
	"slices"
	"time"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/test/stage"
)

// truth is what everybody really has at some time.
type truth struct {
	certs  map[[2]string]drawnCert // by uid and cluster
	grants []drawnGrant
}

func (f *fable) truth() truth {
	t := truth{map[[2]string]drawnCert{}, slices.Clone(f.grants)}
	for _, c := range f.certs {
		t.certs[[2]string{c.uid, c.cluster}] = c
	}
	return t
}

// truthOf reads the truth back from the simulated account, for judging a world
// that faults have changed.
func truthOf(t sim.Truth, f *fable) truth {
	out := truth{certs: map[[2]string]drawnCert{}}
	begin := f.truth()
	for key, c := range begin.certs {
		if c.state == "Unissued" { // the truth knows of what was issued only, and no run issues anything
			out.certs[key] = c
		}
	}
	for _, c := range t.Certificates {
		key := [2]string{c.UID, c.Cluster}
		if c.Previous {
			was := out.certs[key]
			was.previous = c.Expires
			out.certs[key] = was
			continue
		}
		out.certs[key] = drawnCert{uid: c.UID, cluster: c.Cluster, state: c.State, expires: c.Expires, lastUsed: begin.certs[key].lastUsed,
			previous: out.certs[key].previous}
	}
	for _, g := range t.Grants {
		role := g.Role
		out.grants = append(out.grants, drawnGrant{g.UID, g.Cluster, g.Namespace, role, g.Custom, g.Owner, g.AllClusters})
	}
	return out
}

// state is the state of a certificate; runs take hours at most, and no drawn
// expiry is that near.
func (c drawnCert) shown() string {
	switch {
	case c.state != "":
		return c.state
	case c.cluster == "":
		return "Unissued"
	case stage.Noon.Before(c.expires):
		return "Unexpired"
	}
	return "Expired"
}

// on are the grants of somebody on a cluster; "" for those on all clusters.
func (t truth) on(uid, cluster string) []drawnGrant {
	var out []drawnGrant
	for _, g := range t.grants {
		if g.uid == uid && (cluster == "" && g.all || cluster != "" && g.cluster == cluster) {
			out = append(out, g)
		}
	}
	return out
}

// vantage is where the caller can see the grants of others [semantics.md 3].
type vantage struct {
	everywhere bool            // the root account, or administrator by one row
	admin      map[string]bool // else: clusters
	all        bool            // all-clusters grants of others are sure to be seen
}

func (s vantage) blind(cluster string) bool { return !s.everywhere && !s.admin[cluster] }

func (f *fable) sightOf() vantage {
	s := vantage{everywhere: f.caller == "Account", admin: map[string]bool{}}
	for _, g := range f.grants {
		administers := g.owner || !g.custom && g.role == "admin" || g.custom && g.role == "cluster-admin"
		if g.uid != f.runner || g.namespace != "" || !administers {
			continue
		}
		s.everywhere = s.everywhere || g.all
		s.admin[g.cluster] = true
	}
	s.all = s.everywhere || !slices.ContainsFunc(f.clusters, func(c drawnCluster) bool { return c.there() && s.blind(c.id) })
	return s
}

// there says that the listing of clusters shows it as one that exists.
func (p drawnCluster) there() bool { return !p.hidden && !p.gone() }

// look is what the service's reads show of a truth, by what its documentation
// says and what the world has drawn where it says nothing.
type look struct {
	f    *fable
	now  truth
	sees vantage
}

// answers says how a per-user read treats somebody: rows, empty or notFound.
func (l look) answers(uid, ifDeleted string) string {
	switch who, known := l.f.person(uid); {
	case uid == stage.Account:
		return "rows"
	case !known:
		return l.f.open.nobody
	case who.deleted:
		return ifDeleted
	}
	return "rows"
}

// userRow is one row of ListUserKubeConfigStates; "" for none.
func (l look) userRow(uid, cluster string) (state string, expires time.Time) {
	c := l.now.certs[[2]string{uid, cluster}]
	place, _ := l.f.place(cluster)
	state = c.shown()
	switch {
	case l.answers(uid, l.f.open.deletedStates) != "rows", place.gone() && (!l.f.open.goneRows || state == "Unissued"):
		return "", time.Time{}
	case state == "Unissued" && !l.f.open.enumerate:
		return "", time.Time{}
	}
	return state, c.expires
}

// listRow is one row of ListClusterKubeconfigStates; "" for none.
func (l look) listRow(uid, cluster string) (state string, expires time.Time) {
	c := l.now.certs[[2]string{uid, cluster}]
	who, _ := l.f.person(uid)
	state = c.shown()
	if state == "Unissued" || state == "Removed" || who.deleted && !l.f.open.listDeleted {
		return "", time.Time{}
	}
	return state, c.expires
}

// seen are the rows that DescribeUserPermission shows of somebody.
func (l look) seen(uid string) []drawnGrant {
	if l.answers(uid, l.f.open.deletedGrants) != "rows" {
		return nil
	}
	var out []drawnGrant
	for _, g := range l.now.grants {
		place, _ := l.f.place(g.cluster)
		switch {
		case g.uid != uid, place.gone() && !l.f.open.goneRows:
		case uid == l.f.runner:
			out = append(out, g)
		case g.all && (l.f.open.allRow == "always" || l.allSeen()), !g.all && !l.sees.blind(g.cluster):
			out = append(out, g)
		}
	}
	return out
}

// allSeen says whether the service shows the all-clusters grants of others. It
// counts clusters that its listing leaves out, which nobody can know.
func (l look) allSeen() bool {
	return l.sees.all && !slices.ContainsFunc(l.f.clusters, func(c drawnCluster) bool { return !c.gone() && l.sees.blind(c.id) })
}

// listed says whether the listings of users and roles show somebody.
func (l look) listed(uid string) bool {
	who, known := l.f.person(uid)
	return known && !who.deleted && !who.hidden
}

// strays says whether a read shows a cluster that the listing lacks, and of which
// the caller is no administrator.
func (o *oracle) strays() bool {
	return slices.ContainsFunc(o.f.clusters, func(c drawnCluster) bool {
		return c.hidden && !c.gone() && o.sees.blind(c.id) &&
			(o.own(c.id) && len(o.read) > 0 || slices.ContainsFunc(o.read, func(e drawnEntry) bool { return o.shows(e.uid, c.id) }))
	})
}

package sim

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"gopkg.in/yaml.v3"
)

// index is what has been read so far, for references and repetitions.
type index struct {
	people   map[string]kind
	clusters map[string]bool
	regions  map[string]bool // nil: the estate does not say which there are
	seen     map[string]int  // what has been said, and in which line
}

// once complains when a thing is said again.
func (x index) once(s *source, n *yaml.Node, format string, args ...any) {
	thing := fmt.Sprintf(format, args...)
	if line, again := x.seen[thing]; again {
		s.fail(n, "%s is already there in line %d", thing, line)
		return
	}
	x.seen[thing] = n.Line
}

func (s *source) principal(x index, n *yaml.Node, what string, k kind) principal {
	known := []string{"uid", "name", "created", "listed"}
	if k == user {
		known = append(known, "locked", "login", "accessKeys")
	} else {
		known = append(known, "external")
	}
	f := s.object(n, what, known...)
	p := principal{uid: f.uid("uid"), name: f.verbatim("name"), kind: k, created: f.moment("created"), listed: f.flag("listed", true),
		locked: f.flag("locked", false), login: f.flag("login", false),
		external: f.optionally("external", "")}
	for _, n := range f.list("accessKeys") {
		if n.Value != activeKey && n.Value != inactiveKey {
			s.fail(n, "the state of an access key is %s or %s", activeKey, inactiveKey)
		}
		p.keys = append(p.keys, n.Value)
	}
	f.need("created")
	if p.name != "" {
		x.once(s, f.nodes["name"], "the %s name %q", k, p.name)
	}
	x.add(s, f, p.uid, k)
	return p
}

func (s *source) deleted(x index, n *yaml.Node) principal {
	f := s.object(n, "a deleted principal", "uid", "name", "kind", "created")
	p := principal{uid: f.uid("uid"), name: f.verbatim("name"), created: f.moment("created"), deleted: true}
	p.kind = kind(f.choice("kind", string(user), string(role)))
	x.add(s, f, p.uid, p.kind)
	return p
}

func (x index) add(s *source, f fields, uid string, k kind) {
	if uid == "" {
		return
	}
	if x.people[uid] == root {
		s.fail(f.nodes["uid"], "the uid %s is that of the root account", uid)
		return
	}
	x.once(s, f.nodes["uid"], "the uid %s", uid)
	x.people[uid] = k
}

// clusterID is what may stand in a path and a row; all-clusters means something else there.
var clusterID = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

func (s *source) cluster(x index, n *yaml.Node) cluster {
	f := s.object(n, "a cluster", "id", "name", "region", "type", "spec", "profile", "state", "created", "audit", "listed",
		"conditioned", "detail", "reachable", "masterURL")
	c := cluster{
		id: f.text("id"), name: f.verbatim("name"), region: f.verbatim("region"),
		typ:         f.optional("type", "ManagedKubernetes"),
		state:       f.optional("state", "running"),
		created:     f.moment("created"),
		audit:       f.flag("audit", true),
		listed:      f.flag("listed", true),
		conditioned: f.flag("conditioned", false),
		detail:      f.choice("detail", "served", "failed", "denied"),
		reachable:   f.flag("reachable", true),
	}
	if x.regions != nil && c.region != "" && !x.regions[c.region] {
		s.fail(f.nodes["region"], "there is no region %q; add it to regions, or leave regions out", c.region)
	}
	if f.need("created"); c.typ == "ManagedKubernetes" {
		c.spec, c.profile = "ack.pro.small", "Default"
	}
	c.spec, c.profile = f.optional("spec", c.spec), f.optional("profile", c.profile)
	c.masterURL = f.optional("masterURL", `{"api_server_endpoint":"https://`+c.id+`.invalid:6443"}`)
	if c.id == "" {
		return c
	}
	if !clusterID.MatchString(c.id) || c.id == allClusters {
		s.fail(f.nodes["id"], "id %q cannot be that of a cluster: small letters, digits and hyphens, at most 63", c.id)
	}
	x.once(s, f.nodes["id"], "the cluster %s", c.id)
	x.clusters[c.id] = true
	return c
}

func (s *source) caller(x index, top fields, e *Estate) caller {
	f := s.object(top.need("caller"), "caller", "type", "uid")
	if f.need("type") == nil {
		return caller{}
	}
	c := caller{kind: f.choice("type", rootCaller, userCaller, roleCaller)}
	if c.kind == rootCaller {
		c.uid = e.account
		if f.nodes["uid"] != nil && f.uid("uid") != e.account {
			s.fail(f.nodes["uid"], "the uid of the root account is the account id")
		}
		return c
	}
	if c.uid = f.uid("uid"); c.kind == roleCaller {
		c.session = "simulated"
	}
	want := map[string]kind{userCaller: user, roleCaller: role}[c.kind]
	live := func(p principal) bool { return p.uid == c.uid && p.kind == want && !p.deleted }
	if c.uid != "" && !slices.ContainsFunc(e.principals, live) {
		s.fail(f.nodes["uid"], "there is no %s with the uid %s", want, c.uid)
	}
	return c
}

func (s *source) credential(x index, n *yaml.Node) credential {
	f := s.object(n, "a credential", "uid", "cluster", "accountName", "expires", "state", "lastUsed", "previous",
		"userShows", "clusterShows")
	c := credential{
		uid: x.person(s, f), cluster: x.place(s, f), name: f.optionally("accountName", ""),
		expires: f.moment("expires"), lastUsed: f.moment("lastUsed"), previous: f.moment("previous"),
		userShows: f.choice("userShows", newest, older), clusterShows: f.choice("clusterShows", newest, older),
	}
	stated := f.nodes["state"]
	if stated != nil {
		c.state = f.choice("state", unexpired, expired, removed, unissued, unknown)
	}
	if stated == nil || stated.Value == unexpired || stated.Value == expired {
		f.need("expires")
	}
	if !c.previous.IsZero() && !c.previous.Before(c.expires) {
		s.fail(f.nodes["previous"], "previous is the older certificate; it must expire before the newer one")
	}
	for _, key := range []string{"userShows", "clusterShows"} {
		if f.nodes[key] != nil && f.nodes["previous"] == nil {
			s.fail(f.nodes[key], "%s chooses between two certificates; there is only one without previous", key)
		}
	}
	if c.uid != "" && c.cluster != "" {
		x.once(s, n, "the credential of %s on %s", c.uid, c.cluster)
	}
	return c
}

func (s *source) cloudService(x index, n *yaml.Node) cloudService {
	f := s.object(n, "a cloud service", "uid", "name", "service", "cluster", "expires")
	c := cloudService{uid: f.uid("uid"), name: f.verbatim("name"), service: f.verbatim("service"),
		cluster: x.place(s, f), expires: f.moment("expires")}
	if k, known := x.people[c.uid]; known && k != role {
		s.fail(f.nodes["uid"], "%s is a %s; a cloud service comes as a role", c.uid, k)
	}
	if c.uid != "" && c.cluster != "" {
		x.once(s, n, "the cloud service %s on %s", c.uid, c.cluster)
	}
	if c.expires.IsZero() {
		c.expires = time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return c
}

// person reads a reference to a principal.
func (x index) person(s *source, f fields) string {
	uid := f.uid("uid")
	if _, known := x.people[uid]; uid != "" && !known {
		s.fail(f.nodes["uid"], "no user, role or deleted principal has the uid %s", uid)
	}
	return uid
}

// place reads a reference to a cluster.
func (x index) place(s *source, f fields) string {
	id := f.text("cluster")
	if id != "" && !x.clusters[id] {
		s.fail(f.nodes["cluster"], "there is no cluster %q", id)
	}
	return id
}

// Package audit folds what was read of a whole account into findings: who holds
// what nobody should hold, what could not be seen, and what may be retired. It is
// pure, as policy is: the same reads give the same findings, in whatever order.
//
// Begin with [Survey], then finding.go (what can be found) and inventory.go (how
// it is judged).
package audit

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"ackrevoke/policy"
)

// Survey folds what is read of an account into an inventory, cluster by
// cluster: of a row that nothing is to be said about, nothing is kept. Only
// where grants are asked for, sixteen bytes are, until they have been had.
//
//	List, List, ...  Doubtful --Confirm-->  Granted, ...  Access, ...  Inventory
type Survey struct {
	now        time.Time
	policy     *policy.Policy // nil: none
	grants     bool           // they are asked for
	resolution *policy.Resolution
	people     []policy.Identity // by uid
	later      []policy.Identity // by uid, of the second look
	confirmed  bool

	who      map[string]*who
	services map[string]*Service
	unread   map[string]*policy.Fault // by cluster
	notes    []Note
	coverage Coverage
	holders  map[string]bool // only for their number
	access   map[string]WayIn
	failed   []policy.Unknown // reads about single principals
	named    map[string]bool  // clusters that rows name and the listing lacks
	strays   []policy.Stray
}

// who is somebody about whom something may have to be said.
type who struct {
	uid, name string
	kind      policy.Kind
	held      []held
	claims    []claim        // what the grants come to
	grants    []policy.Grant // of these, and on all clusters
	said      sayings
	root      bool
	seen      bool // the grants were had
	rows      bool // there are some
}

// held is one row of a cluster's list.
type held struct {
	cluster int32 // index into the clusters
	cert    certWord
	fixed   bool // the row says that the caller cannot clean it
	expires int64
}

// certWord is a CertState in one byte.
type certWord uint8

const (
	noCert certWord = iota
	inForce
	ended
	unclearCert
)

// sayings are the words that the lists of clusters have for one principal's
// account_state.
type sayings uint8

const (
	saysActive sayings = 1 << iota
	saysInactive
	saysDeleted
	saysOther
)

func saying(state string) sayings {
	switch state {
	case "Active":
		return saysActive
	case "InActive":
		return saysInactive
	case "Deleted":
		return saysDeleted
	}
	return saysOther
}

// NewSurvey begins one. The directory was read before any list of a cluster.
func NewSurvey(d policy.Directory, p *policy.Policy, grants bool, now time.Time) *Survey {
	bare := &policy.Policy{Account: d.Caller.AccountID}
	if p != nil {
		bare.Scope.MinClusters = p.Scope.MinClusters
	}
	s := &Survey{now: now, policy: p, grants: grants, resolution: policy.Resolve(bare, d, now), who: map[string]*who{},
		services: map[string]*Service{},
		unread:   map[string]*policy.Fault{}, holders: map[string]bool{}, access: map[string]WayIn{}, named: map[string]bool{}}
	s.people = byUID(d.Users, d.Roles)
	s.coverage.Clusters, s.coverage.Principals = len(s.resolution.Directory.Clusters), len(s.people)
	s.coverage.ListedBy, s.coverage.Regions = s.resolution.Coverage.ListedBy, s.resolution.Coverage.Regions
	for _, c := range s.resolution.Directory.Clusters {
		if c.Deferred() {
			s.coverage.Deferred = append(s.coverage.Deferred, c.ID)
		}
	}
	return s
}

func byUID(users, roles []policy.Identity) []policy.Identity {
	all := slices.Concat(users, roles)
	slices.SortFunc(all, func(a, b policy.Identity) int { return strings.Compare(a.UID, b.UID) })
	return all
}

func find(people []policy.Identity, uid string) (policy.Identity, bool) {
	i, ok := slices.BinarySearchFunc(people, uid, func(id policy.Identity, uid string) int { return strings.Compare(id.UID, uid) })
	if !ok {
		return policy.Identity{}, false
	}
	return people[i], true
}

// Listing checks that the directory can be believed, as that of a run.
func (s *Survey) Listing() []policy.GuardRow { return s.resolution.Listing() }

// Clusters are the ids of the clusters whose lists are to be read.
func (s *Survey) Clusters() []string {
	return policy.Undeferred(s.resolution.Directory.Clusters)
}

// List folds in both lists of one cluster. Of a list that could not be had
// nothing is believed; the other one counts all the same.
func (s *Survey) List(list, services policy.ClusterList) {
	if f := cmp.Or(list.Err, services.Err); f != nil {
		s.unread[list.Cluster] = f
	} else {
		s.coverage.Read++
	}
	i, _ := slices.BinarySearchFunc(s.resolution.Directory.Clusters, list.Cluster,
		func(c policy.Cluster, id string) int { return strings.Compare(c.ID, id) })
	counted := map[string]bool{}
	service := func(h policy.Holder, name string) {
		if counted[h.UID] {
			return
		}
		counted[h.UID] = true
		of := s.services[h.UID]
		if of == nil {
			of = &Service{UID: h.UID, Name: name}
			s.services[h.UID] = of
		}
		of.Service = cmp.Or(of.Service, h.Service)
		of.Clusters++
	}
	if services.Err == nil {
		for _, h := range services.Holders {
			service(h, h.Name)
		}
	}
	if list.Err != nil {
		return
	}
	for _, h := range list.Holders {
		live, found := find(s.people, h.UID)
		name, kind := h.Name, h.Kind()
		if found {
			name, kind = live.Name, live.Kind
		}
		if h.Service != "" || kind == policy.Role && policy.ServiceRole(name) {
			service(h, name)
			continue
		}
		s.coverage.Credentials++
		s.row(int32(i), h, live, found)
	}
}

// Gone notes that a cluster was deleted while its lists were to be read.
func (s *Survey) Gone(cluster string) {
	s.coverage.Read++
	s.notes = append(s.notes, Note{Cluster: cluster, What: ClusterGone})
}

// row keeps of one row what may have to be said later.
func (s *Survey) row(cluster int32, h policy.Holder, live policy.Identity, found bool) {
	r := held{cluster: cluster, cert: s.word(h), fixed: h.Fixed, expires: h.Expires.Unix()}
	if h.Expires.IsZero() {
		r.expires = 0
	}
	d := s.resolution.Directory
	root := h.UID == d.Caller.AccountID || h.AccountType == "RootAccount"
	plain := found && !root && saying(h.AccountState) == saysActive && h.UID != d.Caller.UID && !s.telling(r)
	uid := h.UID
	if found {
		uid = live.UID // that string is held anyway
	}
	s.holders[uid] = true
	if plain && !s.grants {
		return
	}
	w := s.who[uid]
	if w == nil {
		w = &who{uid: uid, name: live.Name, kind: live.Kind, root: root}
		if !found {
			w.name, w.kind = h.Name, h.Kind()
		}
		s.who[uid] = w
	}
	w.said |= saying(h.AccountState)
	w.held = append(w.held, r)
}

// word reads a row's certificate. One that is called expired and has its
// expiry still ahead contradicts itself.
func (s *Survey) word(h policy.Holder) certWord {
	switch {
	case h.Cert == policy.Unexpired:
		return inForce
	case h.Cert == policy.Expired && !h.Expires.After(s.now.Add(policy.Slack)):
		return ended
	}
	return unclearCert
}

// Holders are the uids whose grants are to be asked for: all that hold a
// certificate, and those of the policy, cloud services, the root account and
// the caller apart.
func (s *Survey) Holders() []string {
	if !s.grants {
		return nil
	}
	d := s.resolution.Directory
	ask := map[string]bool{}
	for uid, w := range s.who {
		ask[uid] = !w.root && s.services[uid] == nil && uid != d.Caller.UID
	}
	if s.policy != nil {
		for _, e := range s.policy.Principals {
			if e.Phase(s.now) == policy.InEffect && s.services[e.UID] == nil && e.UID != d.Caller.UID && e.UID != d.Caller.AccountID {
				ask[e.UID] = true
			}
		}
	}
	maps.DeleteFunc(ask, func(_ string, wanted bool) bool { return !wanted })
	return slices.Sorted(maps.Keys(ask))
}

// Granted takes the answer about one principal's grants.
func (s *Survey) Granted(uid string, rows []policy.Grant, f *policy.Fault) {
	w := s.who[uid]
	if w == nil { // listed, and holding no certificate
		live, found := find(s.people, uid)
		w = &who{uid: uid, name: live.Name, kind: live.Kind}
		if !found {
			e := s.entry(uid)
			w.name, w.kind, w.said = e.Name, e.Kind, saysDeleted
		} else {
			w.said = saysActive
		}
		s.who[uid] = w
	}
	state, standing := s.identity(w)
	if standing == changed {
		state = policy.Deleted // or created, and then not known everywhere yet
	}
	if f = policy.Withheld(state, f); f != nil {
		s.failed = append(s.failed, policy.Unknown{UID: uid, Why: policy.ReadFailed, Fault: f})
		return
	}
	w.seen, w.rows = true, len(rows) > 0
	for _, g := range rows {
		if g.Scope != policy.OnAllClusters {
			s.name(g.Cluster)
		}
	}
	s.cross(w, rows, state, standing)
	if standing == lives && len(w.claims) == 0 && !slices.ContainsFunc(w.held, func(h held) bool { return s.telling(h) }) {
		delete(s.who, uid) // there is nothing to tell
	}
}

// Own takes the caller's own credentials. They may name clusters that the
// listing lacks, and so may the caller's own permissions: that is how a short
// listing shows.
func (s *Survey) Own(states []policy.State, f *policy.Fault) {
	if f != nil {
		s.failed = append(s.failed, policy.Unknown{UID: s.resolution.Directory.Caller.UID, Why: policy.ReadFailed, Fault: f})
		return
	}
	own := policy.Subject{States: policy.NewStates(states...), Grants: s.resolution.Directory.Own}
	for _, id := range own.Clusters() {
		s.name(id)
	}
}

// name notes a cluster that a row names, where the listing lacks it.
func (s *Survey) name(cluster string) {
	if len(s.resolution.UnlistedOf([]string{cluster})) > 0 {
		s.named[cluster] = true
	}
}

// telling reports whether a row alone is worth keeping.
func (s *Survey) telling(h held) bool {
	return h.cert == unclearCert || h.fixed || s.resolution.Directory.Clusters[h.cluster].TooOld()
}

// Strays are the clusters that rows name and the listing lacks.
func (s *Survey) Strays() []string { return slices.Sorted(maps.Keys(s.named)) }

// Stray takes what was found out about such a cluster.
func (s *Survey) Stray(x policy.Stray) { s.strays = append(s.strays, x) }

// Leavers are the live users among the listed principals in effect: those who
// may still get in. Somebody whose entry is about single certificates stays.
func (s *Survey) Leavers() []policy.Identity {
	var users []policy.Identity
	if s.policy == nil {
		return nil
	}
	for _, e := range s.policy.Principals {
		if id, ok := find(s.people, e.UID); ok && id.Kind == policy.User && e.Phase(s.now) == policy.InEffect && !e.Pinned() {
			users = append(users, id)
		}
	}
	slices.SortFunc(users, func(a, b policy.Identity) int { return strings.Compare(a.UID, b.UID) })
	return users
}

// Access takes what a user can still get in with.
func (s *Survey) Access(uid string, a WayIn, f *policy.Fault) {
	if f == nil {
		s.access[uid] = a
		return
	}
	if f.Kind == policy.NotFound { // the user was in the listing before
		s.notes = append(s.notes, Note{UID: uid, What: DeletedMeanwhile})
		return
	}
	s.failed = append(s.failed, policy.Unknown{UID: uid, Why: policy.ReadFailed, Fault: f})
}

package liar

import (
	"cmp"
	"slices"
	"time"
)

// fable is one made-up account with a policy and what goes wrong: the ground
// truth of the liar test. It is drawn from a seed (draw_test.go), written
// as the files that the program and the simulator read, and judged by an oracle
// that reads this value and not those files (oracle_test.go).
type fable struct {
	seed     uint64
	caller   string // Account, RAMUser or AssumedRoleUser
	runner   string // uid of the caller
	people   []drawnPerson
	clusters []drawnCluster
	certs    []drawnCert
	grants   []drawnGrant
	services []drawnService
	open     drawnOpen   // what the service's documentation leaves open
	list     drawnPolicy // the policy
	flags    drawnFlags
	faults   []drawnFault
	strange  bool // the oracle does not compute it: only safety is asked

	wild   bool // nothing but the ground truth judges it; see drawWild
	sound  bool // without faults, and everything can be seen: it must end well
	places []drawnRegion
	kill   int // the process is killed at this write; 0: never
	regret bool

	fetches bool // before that, people fetch their kubeconfigs anew

	bulk    bool   // people leave who hold something on many clusters
	emptied string // how the list comes to have nobody, when all else is over; empty: it does not
}

// drawnRegion is a region of the service and what it says of its clusters.
type drawnRegion struct {
	id, clusters  string
	hidden, notV1 bool // not in the list of regions; left out by a short V1
}

type drawnPerson struct {
	uid, name string
	kind      string // user or role
	created   time.Time
	deleted   bool
	hidden    bool // live, but not in the listing

	// Of users, and of no matter to a run: the audit's test draws them.
	locked, login bool
	keys          []string
}

type drawnCluster struct {
	id, name, region, typ, state string

	created     time.Time
	noAudit     bool
	hidden      bool // not in the listing
	unreachable bool
	conditioned bool   // a condition on the caller's RAM policy keeps it out of the listing
	detail      string // what its detail says: served (or empty), failed, denied
}

func (p drawnCluster) gone() bool { return p.state == "deleted" }

func (p drawnCluster) deferred() bool { return p.state == "initial" || p.state == "deleting" }

// drawnCert is the certificate record of one principal on one cluster.
type drawnCert struct {
	uid, cluster                string
	state                       string // as stated or, if empty, by expires
	expires, lastUsed, previous time.Time

	calledOf                string // the principal, by the list of the cluster
	userOlder, clusterOlder bool   // the surface shows the older of two
}

// drawnGrant is one grant.
type drawnGrant struct {
	uid, cluster, namespace, role string
	custom, owner, all            bool
}

type drawnService struct{ uid, name, cluster string }

// drawnOpen is the section `behaviour` of an estate; every key of it is drawn.
type drawnOpen struct {
	lag, effect                          time.Duration
	enumerate, listDeleted, goneRows     bool
	deletedStates, deletedGrants, nobody string
	cleanAll, cleanOwner, cleanRenewed   string
	cleanNothing, allRow                 string
	refusalCode, unreachableCode         string
	refusalStatus, unreachableStatus     int
	pageDefault, pageMax                 int
	throttleStatus                       int
	throttleAfter                        time.Duration

	regions, regionalList, v1, endpoint, deletedState string // empty: the default
	zones                                             bool

	task drawnTask
}

// drawnPolicy is the policy.
type drawnPolicy struct {
	account                   string
	regions, include, exclude []string
	minClusters               int // -1: not set, like the caps
	allClusters               bool
	protect                   []string // globs over names
	caps                      drawnCaps
	raise                     drawnCaps
	raiseUntil                time.Time
	accepted                  []drawnAccepted
	entries                   []drawnEntry
	allowEmpty                bool // an empty list is meant
}

type drawnCaps struct{ principals, revocations, compromised int }

type drawnAccepted struct {
	uid, cluster, what string
	until              time.Time
	region             string
}

type drawnEntry struct {
	uid, kind, name, reason string
	created                 time.Time
	effective, until        time.Time
	deleted, unforced       bool
	clusters                []string
	pins                    []drawnPin
}

type drawnPin struct {
	cluster string
	expires time.Time
}

// drawnFlags are the flags that every run of a fable gets; -1 is not given.
type drawnFlags struct {
	allow, maxPrincipals, maxRevocations int
	check                                bool // the dry run only
	expect                               bool // the second run gets the digest of the first
	single                               bool // --no-bulk
}

// drawnFault is one line of a fault script.
type drawnFault struct {
	on, uid, cluster  string
	from, times       int
	do, code          string
	status            int
	delay, retryAfter time.Duration
}

// person finds somebody by uid.
func (f *fable) person(uid string) (drawnPerson, bool) {
	i := slices.IndexFunc(f.people, func(p drawnPerson) bool { return p.uid == uid })
	if i < 0 {
		return drawnPerson{}, false
	}
	return f.people[i], true
}

// place finds a cluster by id.
func (f *fable) place(id string) (drawnCluster, bool) {
	i := slices.IndexFunc(f.clusters, func(p drawnCluster) bool { return p.id == id })
	if i < 0 {
		return drawnCluster{}, false
	}
	return f.clusters[i], true
}

// entriesByUID are the entries in the order in which a run goes through them.
func (f *fable) entriesByUID() []drawnEntry {
	out := slices.Clone(f.list.entries)
	slices.SortFunc(out, func(a, b drawnEntry) int { return cmp.Compare(a.uid, b.uid) })
	return out
}

// regions are those in which the account has clusters, listed or not.
func (f *fable) regions() []string {
	var ids []string
	for _, c := range f.clusters {
		ids = append(ids, c.region)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

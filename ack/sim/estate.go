package sim

import "time"

// Estate is an account at rest: who and what is in it, and how the service behaves where its documentation is silent. It comes
// from Load only, so every estate there is has been checked. The whole of its file format, by example:
//
//	account: "1234567890123456"          # always quoted: the ids of real accounts do not survive as numbers
//	caller:                              # whose key pair Account.Keys is
//	  type: RAMUser                      # Account (the root account) | RAMUser | AssumedRoleUser
//	  uid: "290000000000000001"          # id of a user or, for AssumedRoleUser, of a role below; left out for Account
//	users:
//	  - uid: "290000000000000001"
//	    name: runner
//	    created: 2024-05-06T07:08:09Z
//	    listed: true                     # default; false: ListUsers leaves it out
//	    locked: false                    # default; true: frozen, ListClusterKubeconfigStates calls it InActive
//	    login: false                     # default; true: has a console login (GetLoginProfile)
//	    accessKeys: [Active, Inactive]   # default none; their states (ListAccessKeys)
//	  - {uid: "200000000000000001", name: alice, created: 2024-05-06T07:08:09Z}
//	roles:
//	  - uid: "300000000000000001"
//	    name: deployer
//	    created: 2024-05-06T07:08:09Z
//	    external: a-third-party          # optional: the ExternalId that AssumeRole must be given
//	deleted:                             # gone from RAM, while credentials and grants live on
//	  - uid: "200000000000000009"
//	    name: gone
//	    kind: user                       # default; or role
//	    created: 2023-01-01T00:00:00Z    # optional
//	regions:                             # default: those the clusters are in, or cn-hangzhou where there are none
//	  - id: eu-central-1
//	    name: Germany (Frankfurt)        # default: the id
//	    listed: true                     # default; false: DescribeRegions leaves it out
//	    clusters: served                 # default; what DescribeClustersForRegion says of it: served | empty (none, whatever there
//	                                     # are) | failed (HTTP 500) | denied | absent (ACK is not offered there: regionWithoutACK)
//	    v1: true                         # default; false: a DescribeClustersV1 that is short leaves it out
//	clusters:
//	  - id: c1a2b3
//	    name: prod-eu
//	    region: eu-central-1             # one of regions, where they are given
//	    type: ManagedKubernetes          # default; aliyun is a Swarm cluster of old: no Kubernetes, but in every list and in states
//	    spec: ack.pro.small              # default for ManagedKubernetes, else empty
//	    profile: Default                 # default for ManagedKubernetes, else empty
//	    state: running                   # default
//	    created: 2024-02-01T10:20:30+08:00
//	    audit: true                      # default; false: no access records, so an unforced clean is refused
//	    listed: true                     # default; false: in no list of clusters, but DescribeClusterDetail knows it -
//	                                     # unless its state is deleted: then nothing knows it and only rows are left of it
//	    conditioned: false               # default; true: a condition of the caller's RAM policy keeps it out of every list of clusters
//	                                     # and denies DescribeClusterDetail; its rows in states and grants are there all the same
//	    detail: served                   # default; what DescribeClusterDetail says of it: served | failed (HTTP 500) | denied
//	    reachable: true                  # default; false: every write to it fails
//	    masterURL: '{"api_server_endpoint":"https://203.0.113.7:6443","intranet_api_server_endpoint":"https://10.0.0.7:6443"}'
//	                                     # default: a public endpoint of its own that answers nobody; the text is sent as it is
//	credentials:                         # kubeconfig certificates; one line for a principal and a cluster
//	  - uid: "200000000000000001"        # any principal above, or the root account
//	    cluster: c1a2b3
//	    expires: 2028-09-10T11:12:13Z    # may be left out where the stated state has none
//	    state: Unexpired                 # default: Unexpired or Expired, by expires and the account's calendar;
//	                                     # Removed | Unissued | Unknown | Unexpired | Expired override that
//	    lastUsed: 2026-11-20T00:00:00Z   # optional; within 7 days it makes an unforced clean be refused
//	    accountName: alice-as-she-was    # optional: what ListClusterKubeconfigStates of this cluster calls the principal, in place of
//	                                     # its name; it can differ from cluster to cluster
//	    previous: 2027-01-01T00:00:00Z   # optional: the older certificate, alive until then, after a renewal
//	    userShows: newest                # default; of the two, the one ListUserKubeConfigStates shows: newest | older
//	    clusterShows: newest             # default; ... ListClusterKubeconfigStates shows
//	grants:
//	  - {uid: "200000000000000001", cluster: c1a2b3, role: dev}                           # the whole cluster
//	  - {uid: "200000000000000001", cluster: c1a2b3, namespace: payments, role: ops}      # one namespace
//	  - {uid: "200000000000000001", cluster: c1a2b3, role: my-clusterrole, custom: true}  # a ClusterRole of the cluster's own
//	  - {uid: "300000000000000001", cluster: c1a2b3, owner: true}                         # its creator, administrator by that
//	  - {uid: "290000000000000001", allClusters: true, role: admin}                       # every cluster, also future ones
//	cloudServices:                       # roles of other cloud services, listed apart by ListClusterKubeconfigStates
//	  - uid: "380000000000000001"        # a role above, or a uid of its own
//	    name: AliyunCSManagedLogRole
//	    service: log
//	    cluster: c1a2b3
//	    expires: 2035-01-01T00:00:00Z    # optional
//	behaviour: {}                        # see the list in options.go
//
// Every id that is referred to must be there, every key must be known, nothing may be said twice.
type Estate struct {
	account     string
	caller      caller
	principals  []principal // the root account first, then by uid
	regions     []region    // by id
	clusters    []cluster   // by id
	credentials []credential
	grants      []Grant
	services    []cloudService
	behaviour   behaviour
}

// AccountID returns the id of the account, which is also the uid of its root account.
func (e *Estate) AccountID() string { return e.account }

// identity types of GetCallerIdentity [DOC].
const (
	rootCaller = "Account"
	userCaller = "RAMUser"
	roleCaller = "AssumedRoleUser"
)

// caller is who makes a call.
type caller struct {
	kind    string
	uid     string
	session string // of a role: the name of the session
}

// kind of a principal.
type kind string

const (
	root kind = "root"
	user kind = "user"
	role kind = "role"
)

type principal struct {
	uid     string
	name    string
	kind    kind
	created time.Time
	deleted bool
	listed  bool

	// Of users only.
	locked bool
	login  bool
	keys   []string // the states of the access keys

	external string // of roles only: the ExternalId that AssumeRole wants; empty: none
}

type cluster struct {
	id, name, region, typ, spec, profile, state, masterURL, detail string

	created     time.Time
	audit       bool
	listed      bool
	conditioned bool
	reachable   bool
}

// gone says that the cluster does not exist any more.
func (c cluster) gone() bool { return c.state == "deleted" }

// credential is the record of the certificates of one principal on one cluster.
type credential struct {
	uid, cluster string
	name         string // what the per-cluster list calls the principal; empty: its name

	state    string // empty: by expires
	expires  time.Time
	lastUsed time.Time
	previous time.Time // expiry of the older certificate after a renewal; zero: none

	userShows, clusterShows string // which of the two a list shows; empty: the newest
}

const (
	newest = "newest"
	older  = "older"
)

// shown is what a list shows of a credential: one of its certificates, where there are two.
func (c credential) shown(which string) credential {
	if which == older && !c.previous.IsZero() {
		c.state, c.expires = "", c.previous
	}
	return c
}

// cloudService is a role of another cloud service with access to a cluster.
type cloudService struct {
	uid, name, service, cluster string
	expires                     time.Time
}

// Grant is one permission row.
type Grant struct {
	UID         string `json:"uid"`
	Cluster     string `json:"cluster,omitempty"`
	Namespace   string `json:"namespace,omitempty"`
	Role        string `json:"role"`
	Custom      bool   `json:"custom,omitempty"`
	Owner       bool   `json:"owner,omitempty"`
	AllClusters bool   `json:"allClusters,omitempty"`
}

// predefined are the roles that ACK brings along [DOC].
var predefined = []string{"admin", "admin-view", "ops", "dev", "restricted"}

// administers says whether the row makes its holder RBAC administrator of the cluster. An owner row does, being one of the role
// admin; a namespace row does not.
func (g Grant) administers(cluster string) bool {
	reaches := g.AllClusters || (g.Cluster == cluster && g.Namespace == "")
	administrator := (!g.Custom && g.Role == "admin") || (g.Custom && g.Role == "cluster-admin")
	return reaches && administrator
}

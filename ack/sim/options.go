package sim

import (
	"net/http"
	"time"
)

// behaviour is what the documentation of the service leaves open. Its keys in an estate, each with its default:
//
//	lag: 0s                     # reads of certificates and grants show writes so much later
//	statesEnumerate: true       # ListUserKubeConfigStates lists clusters without a credential as Unissued; false: leaves them out
//	deletedUserStates: rows     # ListUserKubeConfigStates of a deleted principal: rows | empty | notFound
//	deletedUserGrants: rows     # DescribeUserPermission of a deleted principal: rows | empty | notFound
//	unknownUser: empty          # both, of a uid never seen: empty | rows (like somebody who has nothing) | notFound
//	clusterListDeleted: true    # ListClusterKubeconfigStates shows deleted principals
//	deletedAccountState: Deleted # what ListClusterKubeconfigStates calls them: Deleted | Active | InActive
//	cleanAllClusters: keep      # a clean of one cluster takes an all-clusters grant along: keep | remove
//	cleanOwner: keep            # ... and the row of the cluster's creator: keep | remove
//	cleanRenewed: both          # a clean after a renewal ends both certificates | newest (the older one is listed from then on)
//	cleanNothing: ok            # a clean of a principal that has nothing there: ok | notFound
//	cleanEffect: immediate      # immediate | a duration after which an accepted clean takes effect
//	task: {ends: success, after: 3s, refuse: whole, reach: named} # of CleanUserPermissions; its cleans take effect when it
//	                            # ends, or cleanEffect after that.
//	                            # ends: success | fail | failed (nothing done) | never | halfway (half of the clusters done, then fail) |
//	                            # nothing (says success, did nothing); refuse, where one cluster refuses (unforced and recently used, not
//	                            # reachable, not there): whole (or "": the whole call fails with that code) | cluster (it is skipped)
//	                            # reach: named | all (every cluster there is, whichever are named)
//	refusal: {code: ErrorKubeConfigInUse, status: 400}             # of an unforced clean
//	unreachable: {code: ErrorClusterUnreachable, status: 400}      # of a write to a cluster that is not reachable
//	regions: served             # DescribeRegions: served | denied | absent (no such operation)
//	regionalList: served        # DescribeClustersForRegion, in every region: served | denied | absent
//	regionWithoutACK: {code: ErrorRegionNotFound, status: 404}     # ... of a region without ACK; status 200: an empty list
//	endpointRegion: ""          # the region this endpoint answers for alone, an empty list for every other; "": for all of them
//	zoneIDs: false              # true: region_id in the regional list is a zone, cn-hangzhou-a
//	clustersV1: retired         # DescribeClustersV1: retired | served | short (leaves out regions with v1: false, or the last one)
//	retiredV1: {code: InvalidAction.NotFound, status: 404}         # of DescribeClustersV1 when it is retired
//	clusterPageDefault: 10      # of the lists of clusters
//	clusterPageMax: 100         # larger wishes are answered with pages of this size
//	assumeRole: served          # served | denied
//	denials: published          # the body of a denial: published (with accessDeniedDetail) | plain (code and message alone)
//	throttle: {code: Throttling.User, status: 429, retryAfter: 0s} # 0s: no Retry-After header
//	deletedClusterRows: false   # rows of deleted clusters go on appearing in states and grants of a principal
//	ownNext: issued             # after RevokeK8sClusterKubeConfig: issued (a new certificate) | removed | unissued
//	ownByRole: ok               # ... by a session of a role: ok | refused
//	ownOldCluster: refused      # ... on a cluster from before the documented dates: refused | ok
//	issueKubeconfig: false      # true: DescribeClusterUserKubeconfig issues, where the process is one that may (Options.Issue)
//	kubeconfigOrganization: ""  # O of the certificates it issues; "": none
//	allClustersRow: admin       # who sees somebody else's all-clusters grants: admin (the root account, who is administrator of
//	                            # all clusters, or of each) | always (everybody)
type behaviour struct {
	lag                    time.Duration
	statesEnumerate        bool
	deletedUserStates      string
	deletedUserGrants      string
	unknownUser            string
	clusterListDeleted     bool
	deletedState           string
	cleanAllClusters       string
	cleanOwner             string
	cleanRenewed           string
	cleanNothing           string
	cleanEffect            time.Duration
	task                   tasking
	refusal                fault
	unreachable            fault
	regions                string
	regionalList           string
	regionWithoutACK       fault
	endpointRegion         string
	zoneIDs                bool
	clustersV1             string
	retiredV1              fault
	clusterPageDefault     int
	clusterPageMax         int
	assumeRole             string
	denials                string
	throttle               fault
	deletedClusterRows     bool
	allClustersRow         string
	issueKubeconfig        bool
	kubeconfigOrganization string
	ownNext                string
	ownByRole              string
	ownOldCluster          string
}

// fault is how a refusal looks whose look is not documented.
type fault struct {
	code       string
	status     int
	retryAfter time.Duration
}

// behaviour reads the section; a section that is not there is one of defaults.
func (s *source) behaviour(f fields) behaviour {
	return behaviour{
		lag:                    f.duration("lag", 0),
		statesEnumerate:        f.flag("statesEnumerate", true),
		deletedUserStates:      f.choice("deletedUserStates", "rows", "empty", "notFound"),
		deletedUserGrants:      f.choice("deletedUserGrants", "rows", "empty", "notFound"),
		unknownUser:            f.choice("unknownUser", "empty", "rows", "notFound"),
		clusterListDeleted:     f.flag("clusterListDeleted", true),
		deletedState:           f.choice("deletedAccountState", "Deleted", "Active", "InActive"),
		cleanAllClusters:       f.choice("cleanAllClusters", "keep", "remove"),
		cleanOwner:             f.choice("cleanOwner", "keep", "remove"),
		cleanRenewed:           f.choice("cleanRenewed", "both", "newest"),
		cleanNothing:           f.choice("cleanNothing", "ok", "notFound"),
		cleanEffect:            f.effect("cleanEffect"),
		task:                   s.tasking(f),
		refusal:                s.fault(f, "refusal", fault{code: "ErrorKubeConfigInUse", status: http.StatusBadRequest}),
		unreachable:            s.fault(f, "unreachable", fault{code: "ErrorClusterUnreachable", status: http.StatusBadRequest}),
		regions:                f.choice("regions", "served", "denied", "absent"),
		regionalList:           f.choice("regionalList", "served", "denied", "absent"),
		regionWithoutACK:       s.fault(f, "regionWithoutACK", fault{code: "ErrorRegionNotFound", status: http.StatusNotFound}),
		endpointRegion:         f.blank("endpointRegion"),
		zoneIDs:                f.flag("zoneIDs", false),
		clustersV1:             f.choice("clustersV1", "retired", "served", "short"),
		retiredV1:              s.fault(f, "retiredV1", fault{code: "InvalidAction.NotFound", status: http.StatusNotFound}),
		clusterPageDefault:     f.number("clusterPageDefault", 10, 1, 1000),
		clusterPageMax:         f.number("clusterPageMax", 100, 1, 1000),
		assumeRole:             f.choice("assumeRole", "served", "denied"),
		denials:                f.choice("denials", "published", "plain"),
		throttle:               s.fault(f, "throttle", fault{code: "Throttling.User", status: http.StatusTooManyRequests}),
		deletedClusterRows:     f.flag("deletedClusterRows", false),
		allClustersRow:         f.choice("allClustersRow", "admin", "always"),
		issueKubeconfig:        f.flag("issueKubeconfig", false),
		kubeconfigOrganization: f.blank("kubeconfigOrganization"),
		ownNext:                f.choice("ownNext", "issued", "removed", "unissued"),
		ownByRole:              f.choice("ownByRole", "ok", "refused"),
		ownOldCluster:          f.choice("ownOldCluster", "refused", "ok"),
	}
}

var behaviourKeys = []string{
	"lag", "statesEnumerate", "deletedUserStates", "deletedUserGrants", "unknownUser", "clusterListDeleted", "deletedAccountState",
	"cleanAllClusters", "cleanOwner", "cleanRenewed", "cleanNothing", "cleanEffect", "task", "refusal", "unreachable", "regions",
	"regionalList", "regionWithoutACK", "endpointRegion", "zoneIDs", "clustersV1", "retiredV1", "clusterPageDefault", "clusterPageMax",
	"assumeRole", "denials", "throttle", "deletedClusterRows", "allClustersRow", "ownNext", "ownByRole", "ownOldCluster", "issueKubeconfig",
	"kubeconfigOrganization",
}

func (s *source) fault(f fields, key string, def fault) fault {
	keys := []string{"code", "status"}
	if key == "throttle" {
		keys = append(keys, "retryAfter")
	}
	g := s.object(f.nodes[key], key, keys...)
	if g.nodes["code"] != nil {
		def.code = g.verbatim("code")
	}
	if n := g.nodes["status"]; key == "regionWithoutACK" && n != nil && n.Tag == "!!int" && n.Value == "200" {
		def.status = http.StatusOK // not a refusal, and no code
	} else {
		def.status = g.number("status", def.status, 400, 599)
	}
	def.retryAfter = g.duration("retryAfter", def.retryAfter)
	return def
}

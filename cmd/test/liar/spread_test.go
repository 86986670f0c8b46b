package liar

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"ackrevoke/cmd/test/stage"
)

// features are what is special about a world, for the count of what was tried.
func (f *fable) features() []string {
	out := []string{"caller " + f.caller}
	sees := f.sightOf()
	switch {
	case sees.everywhere:
	case sees.all:
		out = append(out, "caller administrator of each")
	case len(sees.admin) > 0:
		out = append(out, "caller blind somewhere")
	default:
		out = append(out, "caller blind everywhere")
	}
	for _, c := range f.clusters {
		out = append(out, "cluster "+c.state)
		if c.hidden && !c.gone() {
			out = append(out, "cluster not listed")
		}
	}
	for _, c := range f.certs {
		out = append(out, "certificate "+c.shown())
		if !c.previous.IsZero() {
			out = append(out, "certificate renewed")
		}
	}
	for _, g := range f.grants {
		switch {
		case g.uid == f.runner:
		case g.all:
			out = append(out, "grant all-clusters")
		case g.owner:
			out = append(out, "grant owner")
		case g.namespace != "":
			out = append(out, "grant namespace")
		case g.custom:
			out = append(out, "grant custom")
		default:
			out = append(out, "grant cluster")
		}
	}
	if f.strange {
		out = append(out, "strange")
	}
	task := f.open.task
	out = append(out, "task ends "+task.ends, "task refuse "+task.refuse, "task reach "+task.reach, "task after "+task.after.String())
	out = append(out, f.wildFeatures()...)
	pairs := f.open.pairs()
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, "behaviour "+pairs[i]+" "+pairs[i+1])
	}
	return out
}

// wildFeatures are the situations that only wild worlds have.
func (f *fable) wildFeatures() []string {
	if !f.wild {
		return nil
	}
	out := []string{"wild world"}
	add := func(holds bool, what string) {
		if holds {
			out = append(out, "wild "+what)
		}
	}
	add(f.sound, "sound world")
	add(f.kill > 0, "killed at a write")
	for _, r := range f.places {
		add(r.clusters != "", "region "+r.clusters)
		add(r.hidden, "region not told of")
	}
	o := f.open
	add(o.regions != "", "listing regions "+o.regions)
	add(o.regionalList != "", "listing regional "+o.regionalList)
	add(o.regionalList != "" && o.v1 != "", "listing retired")
	add(o.v1 == "short", "listing short")
	add(o.endpoint != "", "listing of one region")
	stray := false
	for _, c := range f.clusters {
		add(c.typ == "aliyun", "cluster Swarm")
		add(c.conditioned, "cluster conditioned")
		add(c.hidden && !c.gone(), "cluster not listed")
		add(c.detail != "", "cluster detail "+c.detail)
		stray = stray || (c.hidden || c.conditioned) && c.real()
	}
	for _, c := range f.certs {
		add(c.previous.After(stage.Noon) && c.expires.After(stage.Noon), "certificate older beside newer")
		add(c.userOlder != c.clusterOlder, "certificate surfaces differ")
	}
	add(o.v1 == "short" && o.regions+o.regionalList != "" && slices.ContainsFunc(f.certs, func(c drawnCert) bool {
		who, _ := f.person(c.uid)
		place, _ := f.place(c.cluster)
		return who.deleted && f.leftOut(place.region)
	}), "listing short of what somebody deleted holds")
	unknown := slices.ContainsFunc(f.list.accepted, func(a drawnAccepted) bool { return a.what == "unknown" })
	add(unknown && slices.ContainsFunc(f.clusters, drawnCluster.askedInVain), "accepted unknown and a cluster asked about in vain")
	fails := func(m drawnFault) bool {
		return m.times == 0 && (strings.Contains(m.on, "States") || m.on == "DescribeUserPermission")
	}
	add(unknown && slices.ContainsFunc(f.faults, fails), "accepted unknown and a read that fails")
	all := false
	for _, e := range f.list.entries {
		who, known := f.person(e.uid)
		service := strings.HasPrefix(who.name, "Aliyun") || strings.HasPrefix(who.name, "ci-")
		add(known && who.deleted && service, "identity deleted and protected")
		add(known && who.deleted && e.name != "" && e.name != who.name, "identity deleted and another name")
		add(!known && strings.HasSuffix(e.uid, "000"), "identity rounded uid")
		add(!known && strings.HasSuffix(e.uid, "000") && e.deleted, "identity rounded uid called deleted")
		all = all || slices.ContainsFunc(f.grants, func(g drawnGrant) bool { return g.uid == e.uid && g.all })
	}
	add(o.deletedState != "", "identity listed as alive")
	add(stray && all, "stray and all-clusters grant")
	for i, m := range f.faults {
		add(i > 0 && m.do == "error" && f.faults[i-1].on == "write", "rejection "+m.code)
		add(i > 0 && strings.HasPrefix(f.faults[i-1].do, "takes"), "collateral and a fault of reads")
	}
	for _, a := range f.list.accepted {
		what := a.what
		if what == "unread" {
			what += map[bool]string{true: " region", false: " cluster"}[a.region != ""]
		}
		add(true, "accepted "+what)
	}
	return out
}

// leftOut says that a DescribeClustersV1 that is short leaves out a region.
func (f *fable) leftOut(region string) bool {
	return slices.ContainsFunc(f.places, func(r drawnRegion) bool { return r.id == region && r.notV1 })
}

// classes are the counts of what the oracle foretold and the runs did.
func (c *crowd) classes() string {
	var parts []string
	for _, kind := range []string{"action", "settled", "unknown", "residual", "outcome", "undone", "beside", "bulk", "wild", "emptied", "past",
		"restore", "self"} {
		var names []string
		for _, what := range slices.Sorted(maps.Keys(c.tally)) {
			if name, is := strings.CutPrefix(what, kind+" "); is {
				names = append(names, fmt.Sprintf("%s %d", name, c.tally[what]))
			}
		}
		parts = append(parts, kind+": "+strings.Join(names, ", "))
	}
	return strings.Join(parts, "; ")
}

// atLeast is how often a full test must have met each thing.
var atLeast = []struct {
	times int
	prefix,
	what string // words, or values of a behaviour, separated by |
}{
	{300, "caller", "Account|RAMUser|AssumedRoleUser"},
	{60, "caller", "administrator of each|blind somewhere"},
	{20, "caller", "blind everywhere"},
	{40, "cluster", "initial|deleting|deleted|stopped|failed|disconnected|unavailable|updating|" +
		"upgrading|scaling|removing|draining|delete_failed|waiting|not listed"},
	{50, "certificate", "Unexpired|Expired|Removed|Unissued|Unknown|renewed"},
	{100, "grant", "all-clusters|owner|namespace|custom|cluster"},
	{200, "", "strange"},
	{60, "behaviour lag", "0s|1s|8s|30s|5m0s"},
	{40, "behaviour cleanEffect", "0s|10s|45s|12h0m0s"},
	{300, "behaviour statesEnumerate", "true|false"},
	{200, "behaviour deletedUserStates", "rows|empty|notFound"},
	{200, "behaviour deletedUserGrants", "rows|empty|notFound"},
	{300, "behaviour unknownUser", "rows|empty|notFound"},
	{200, "behaviour clusterListDeleted", "true|false"},
	{200, "behaviour cleanAllClusters", "keep|remove"},
	{200, "behaviour cleanOwner", "keep|remove"},
	{200, "behaviour cleanRenewed", "both|newest"},
	{300, "behaviour cleanNothing", "ok|notFound"},
	{200, "behaviour deletedClusterRows", "true|false"},
	{300, "behaviour allClustersRow", "admin|always"},
	{100, "behaviour clusterPageMax", "1|2|3|100"},
	{20, "action", "all-clusters|certificate|certificate,grants|grants|pin"},
	{10, "settled", "removed|unissued|expired|unlisted|ownerOfRecord|otherCertificate|pinned"},
	{10, "unknown", "certificate-unclear|grants-not-visible|read-failed|cluster-not-listed|no-trace|" +
		"matches-nothing|renewal-possible|pin-not-shown|all-clusters-not-visible"},
	{20, "residual", "owner|all-clusters"},
	{10, "guard", "protected|kind-mismatch|identity-conflict"},
	{10, "outcome", "planned|revoked|absent|blocked|unverified|failed|skipped|collateral"},
	{10, "fault", strings.Join(faultKinds, "|")},
	{200, "wild", "world"}, {60, "wild", "sound world"}, {30, "wild", "killed at a write"},
	{30, "wild region", "failed|denied|absent|empty|not told of"},
	{30, "wild listing", "retired|short|of one region|regions denied|regions absent|regional denied|regional absent"},
	{60, "wild cluster", "Swarm|conditioned|not listed|detail failed|detail denied"},
	{60, "wild certificate", "older beside newer|surfaces differ"},
	{20, "wild identity", "deleted and protected|deleted and another name|rounded uid|rounded uid called deleted|listed as alive"},
	{15, "wild rejection", "ErrAuthorizationConflict|StatusForbidden|InvalidParameter|ErrorKubeConfigNotFound|Throttling.User|InternalError"},
	{30, "wild accepted", "unknown|unread cluster|unread region|listing|owner|all-clusters"},
	{40, "wild", "stray and all-clusters grant|collateral and a fault of reads"},
	{15, "wild", "listing short of what somebody deleted holds|accepted unknown and a read that fails"},
	{15, "wild", "accepted unknown and a cluster asked about in vain"},
	{15, "wild", "killed, then shut everything|killed, then shut listings"},
	{12, "undone", "failed"}, {5, "undone", "blocked|skipped"},
	{10, "beside", "a proven write|an unproven write"},
	{100, "emptied", "refused|allowed"},
	{100, "past", "resurrected|came back"},
	{20, "restore", "0|4|6"}, {20, "self", "0|6"},
	{20, "exit", "0|3|4|5|6"},
}

// atLeastOfBulk is how often 375 worlds of people who hold much must have met each thing.
var atLeastOfBulk = []struct {
	times int
	prefix,
	what string
}{
	{10, "task", "ends success|ends fail|ends failed|ends never|ends halfway|ends nothing|refuse whole|refuse cluster|reach all"},
	{20, "task after", "0s|1s|3s|12s|25s"},
	{60, "bulk", "did something|did nothing"}, {1, "bulk", "not foretold"},
	{10, "bulk outcome", "revoked|unverified|blocked"}, {3, "bulk outcome", "failed|collateral"},
	{3, "beside", "a certificate|a proven write"}, {10, "wild", "killed at a write"},
}

// spreadBulk asserts that worlds with calls of several clusters have all that there can be.
func (c *crowd) spreadBulk(t *testing.T) {
	share := float64(c.worlds) / 375
	for _, w := range atLeastOfBulk {
		for _, what := range strings.Split(w.what, "|") {
			if name := w.prefix + " " + what; c.tally[name] < int(float64(w.times)*share*0.5) {
				t.Errorf("spread: %q was met %d times: the worlds are too much alike", name, c.tally[name])
			}
		}
	}
}

// spread asserts that the worlds are not too much alike, and not too ill.
func (c *crowd) spread(t *testing.T) {
	share := float64(liarSeeds) / 2000
	for _, w := range atLeast {
		for _, what := range strings.Split(w.what, "|") {
			name := strings.TrimSpace(w.prefix + " " + what)
			if least := int(float64(w.times) * share * 0.5); c.tally[name] < least {
				t.Errorf("spread: %q was met %d times, not %d: the worlds are too much alike", name, c.tally[name], least)
			}
		}
	}
	if liarSeeds >= 2000 && 100*c.exit0 < 60*c.faultFree {
		t.Errorf("spread: %d of %d worlds without faults end in exit 0, which is less than 60 %%: the worlds are too ill to show cowardice",
			c.exit0, c.faultFree)
	}
}

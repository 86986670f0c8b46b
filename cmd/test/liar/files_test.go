package liar

import (
	"fmt"
	"strings"
	"time"

	"ackrevoke/cmd/test/stage"
)

// yamlText writes flow mappings; Go's quoting of ASCII text is also YAML's.
type yamlText struct{ strings.Builder }

func (y *yamlText) line(format string, args ...any) { fmt.Fprintf(y, format+"\n", args...) }

func (y *yamlText) section(key string, items []string) {
	if len(items) == 0 {
		y.line("%s: []", key)
		return
	}
	y.line("%s:", key)
	for _, item := range items {
		y.line("  - %s", item)
	}
}

// yamlFlow is {key: value, ...} of pairs whose value is not empty.
func yamlFlow(pairs ...string) string {
	var parts []string
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			parts = append(parts, pairs[i]+": "+pairs[i+1])
		}
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func yamlQuoted(s string) string {
	if s == "" {
		return ""
	}
	return fmt.Sprintf("%q", s)
}

func yamlTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func yamlTrue(b bool) string {
	if b {
		return "true"
	}
	return ""
}

func yamlFalse(b bool) string {
	if b {
		return "false"
	}
	return ""
}

func yamlCap(n int) string {
	if n < 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func yamlList(items []string) string {
	var q []string
	for _, s := range items {
		q = append(q, yamlQuoted(s))
	}
	return yamlSeq(q)
}

func yamlSeq(items []string) string {
	if len(items) == 0 {
		return ""
	}
	return "[" + strings.Join(items, ", ") + "]"
}

func yamlNumber(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func yamlWait(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

// estate is the account as the simulator reads it.
func (f *fable) estate() []byte {
	var y yamlText
	y.line("account: %q", stage.Account)
	caller := f.runner
	if f.caller == "Account" {
		caller = ""
	}
	y.line("caller: %s", yamlFlow("type", f.caller, "uid", yamlQuoted(caller)))
	people := map[string][]string{}
	for _, p := range f.people {
		if p.deleted {
			people["deleted"] = append(people["deleted"],
				yamlFlow("uid", yamlQuoted(p.uid), "name", yamlQuoted(p.name), "kind", p.kind, "created", yamlTime(p.created)))
			continue
		}
		people[p.kind] = append(people[p.kind], yamlFlow("uid", yamlQuoted(p.uid), "name", yamlQuoted(p.name), "created",
			yamlTime(p.created), "listed", yamlFalse(p.hidden),
			"locked", yamlTrue(p.locked), "login", yamlTrue(p.login), "accessKeys", yamlSeq(p.keys)))
	}
	var clusters, credentials, grants, services, regions []string
	for _, r := range f.places {
		regions = append(regions, yamlFlow("id", r.id, "clusters", r.clusters, "listed", yamlFalse(r.hidden), "v1", yamlFalse(r.notV1)))
	}
	if len(regions) > 0 {
		y.section("regions", regions)
	}
	for _, c := range f.clusters {
		clusters = append(clusters, yamlFlow("id", c.id, "name", yamlQuoted(c.name), "region", c.region, "type", c.typ, "state", c.state,
			"created", yamlTime(c.created), "audit", yamlFalse(c.noAudit), "listed", yamlFalse(c.hidden), "reachable", yamlFalse(c.unreachable),
			"conditioned", yamlTrue(c.conditioned), "detail", c.detail))
	}
	for _, c := range f.certs {
		credentials = append(credentials, yamlFlow("uid", yamlQuoted(c.uid), "cluster", c.cluster, "state", c.state, "expires",
			yamlTime(c.expires),
			"lastUsed", yamlTime(c.lastUsed), "previous", yamlTime(c.previous), "accountName", yamlQuoted(c.calledOf),
			"userShows", older(c.userOlder), "clusterShows", older(c.clusterOlder)))
	}
	for _, g := range f.grants {
		role := g.role
		if g.owner {
			role = ""
		}
		grants = append(grants, yamlFlow("uid", yamlQuoted(g.uid), "cluster", g.cluster, "namespace", g.namespace, "role", role,
			"custom", yamlTrue(g.custom), "owner", yamlTrue(g.owner), "allClusters", yamlTrue(g.all)))
	}
	for _, s := range f.services {
		services = append(services, yamlFlow("uid", yamlQuoted(s.uid), "name", s.name, "service", "log", "cluster", s.cluster))
	}
	y.section("users", people["user"])
	y.section("roles", people["role"])
	y.section("deleted", people["deleted"])
	y.section("clusters", clusters)
	y.section("credentials", credentials)
	y.section("grants", grants)
	y.section("cloudServices", services)
	y.line("behaviour: %s", f.open.flow())
	return []byte(y.String())
}

func (o drawnOpen) flow() string { return yamlFlow(append(o.pairs(), "task", o.task.flow())...) }

// pairs are every behaviour and its value, that of tasks apart.
func (o drawnOpen) pairs() []string {
	return []string{"lag", o.lag.String(), "statesEnumerate", fmt.Sprint(o.enumerate), "deletedUserStates", o.deletedStates,
		"deletedUserGrants", o.deletedGrants, "unknownUser", o.nobody, "clusterListDeleted", fmt.Sprint(o.listDeleted),
		"cleanAllClusters", o.cleanAll, "cleanOwner", o.cleanOwner, "cleanRenewed", o.cleanRenewed, "cleanNothing", o.cleanNothing,
		"cleanEffect", o.effect.String(), "refusal", yamlFlow("code", o.refusalCode, "status", fmt.Sprint(o.refusalStatus)),
		"unreachable", yamlFlow("code", o.unreachableCode, "status", fmt.Sprint(o.unreachableStatus)),
		"clusterPageDefault", fmt.Sprint(o.pageDefault), "clusterPageMax", fmt.Sprint(o.pageMax),
		"throttle", yamlFlow("code", "Throttling.User", "status", fmt.Sprint(o.throttleStatus), "retryAfter", o.throttleAfter.String()),
		"deletedClusterRows", fmt.Sprint(o.goneRows), "allClustersRow", o.allRow, "regions", o.regions, "regionalList", o.regionalList,
		"clustersV1", o.v1, "endpointRegion", o.endpoint, "deletedAccountState", o.deletedState, "zoneIDs", yamlTrue(o.zones)}
}

func older(b bool) string { return map[bool]string{true: "older"}[b] }

// policy is the policy as the program reads it.
func (f *fable) policy() []byte {
	var y yamlText
	l := f.list
	y.line("version: 1\naccount: %q", l.account)
	scope := yamlFlow("regions", yamlList(l.regions), "include", yamlList(l.include), "exclude", yamlList(l.exclude),
		"minClusters", yamlCap(l.minClusters), "allClustersGrants", map[bool]string{true: "revoke"}[l.allClusters])
	if scope != "{}" {
		y.line("scope: %s", scope)
	}
	var protect, accepted, principals []string
	for _, glob := range l.protect {
		protect = append(protect, yamlFlow("name", yamlQuoted(glob)))
	}
	raise := ""
	if !l.raiseUntil.IsZero() {
		raise = l.raise.flow("until", yamlTime(l.raiseUntil))
	}
	if guards := l.caps.flow("protect", yamlSeq(protect), "raise", raise, "allowEmpty", yamlTrue(l.allowEmpty)); guards != "{}" {
		y.line("guards: %s", guards)
	}
	for _, a := range l.accepted {
		accepted = append(accepted, yamlFlow("uid", yamlQuoted(a.uid), "cluster", yamlQuoted(a.cluster), "region", yamlQuoted(a.region),
			"what", a.what, "until", yamlTime(a.until), "why", "drawn"))
	}
	if len(accepted) > 0 {
		y.section("accepted", accepted)
	}
	for _, e := range l.entries {
		var pins []string
		for _, p := range e.pins {
			pins = append(pins, yamlFlow("cluster", p.cluster, "expires", yamlTime(p.expires)))
		}
		principals = append(principals, yamlFlow("uid", yamlQuoted(e.uid), "kind", e.kind, "name", yamlQuoted(e.name), "createdAt",
			yamlTime(e.created),
			"reason", e.reason, "effective", yamlTime(e.effective), "until", yamlTime(e.until), "deleted", yamlTrue(e.deleted),
			"clusters", yamlList(e.clusters), "force", yamlFalse(e.unforced), "certificates", yamlSeq(pins)))
	}
	y.section("principals", principals)
	return []byte(y.String())
}

func (c drawnCaps) flow(more ...string) string {
	return yamlFlow(append([]string{"maxPrincipals", yamlCap(c.principals), "maxRevocations", yamlCap(c.revocations), "maxCompromised",
		yamlCap(c.compromised)}, more...)...)
}

// script is the fault script; nil for none.
func (f *fable) script() []byte {
	if len(f.faults) == 0 {
		return nil
	}
	var y yamlText
	var faults []string
	for _, m := range f.faults {
		faults = append(faults, yamlFlow("on", m.on, "uid", yamlQuoted(m.uid), "cluster", m.cluster, "from", fmt.Sprint(m.from), "times",
			fmt.Sprint(m.times),
			"do", m.do, "code", m.code, "status", yamlNumber(m.status), "delay", yamlWait(m.delay), "retryAfter", yamlWait(m.retryAfter)))
	}
	y.section("faults", faults)
	return []byte(y.String())
}

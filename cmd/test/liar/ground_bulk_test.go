package liar

import (
	"encoding/json"
	"slices"
	"strings"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/end"
	"ackrevoke/job/report"
)

const bulkCall = "CleanUserPermissions"

// named are the clusters that a write names.
func named(c sim.Call) []string {
	if c.Operation != bulkCall {
		return []string{c.Cluster}
	}
	var ids []string
	for key, values := range c.Query {
		if strings.HasPrefix(key, "ClusterIds") {
			ids = append(ids, strings.FieldsFunc(strings.Join(values, ","), func(r rune) bool { return r == ',' })...)
		}
	}
	return ids
}

// wroteOn says that a call is a write about somebody on a cluster.
func wroteOn(c sim.Call, uid, cluster string) bool {
	return c.Write && c.UID == uid && slices.Contains(named(c), cluster)
}

// bulk holds calls of several clusters to their limits: they name four clusters or
// more, each of which the policy lets go, of somebody who left for good.
func (p *play) bulk(r stage.Ran, before sim.Truth) {
	for _, c := range r.Calls {
		if c.Operation != bulkCall {
			continue
		}
		p.bulks = append(p.bulks, c)
		ids := named(c)
		e, acts := p.f.acting(c.UID)
		if len(ids) < 4 || !acts || e.reason != "departed" || len(e.pins) > 0 || p.f.flags.single {
			p.say("G7: a call names %v of %s, who is %s (in effect %v, %d pins, one by one %v)", ids, c.UID, e.reason, acts, len(e.pins),
				p.f.flags.single)
		}
		if force := c.Query.Get("Force"); force != "true" && force != "false" || (force == "false") != e.unforced {
			p.say("G7: a call about %s has force %q", c.UID, force)
		}
		for _, id := range ids {
			if why := p.unlisted(c.UID, id, before); why != "" {
				p.say("G7: a call names %s of %s: %s", id, c.UID, why)
			}
		}
		p.tally["bulk "+map[bool]string{true: "did something", false: "did nothing"}[c.Changed]]++
	}
}

// along says that the service took more of somebody than any call of several
// clusters named: by a fault, or because its tasks do.
func (p *play) along(uid string) bool {
	return slices.ContainsFunc(p.bulks, func(c sim.Call) bool {
		return c.UID == uid && c.Changed && (p.f.open.task.reach == "all" || strings.HasPrefix(c.Fault, "takes"))
	})
}

// bulkWords holds a report to the truth about such calls: who was named in one is
// told so, and what is called revoked is gone, whatever the task says.
func (p *play) bulkWords(r stage.Ran, after sim.Truth) {
	for _, o := range r.Report.Outcomes {
		cluster, uid, _ := strings.Cut(o.Action, "/")
		was := slices.ContainsFunc(r.Calls, func(c sim.Call) bool { return c.Operation == bulkCall && wroteOn(c, uid, cluster) })
		if was != o.Bulk {
			p.say("G7: %s is said to be in a call of several clusters: %v; it was: %v", o.Action, o.Bulk, was)
		}
		if o.Bulk {
			p.tally["bulk outcome "+string(o.Status)]++
		}
		who, _ := p.f.person(uid)
		ended := []report.Status{report.WasRevoked, report.WasAbsent, report.WasCollateral}
		if !o.Bulk || who.deleted || who.hidden || !slices.Contains(ended, o.Status) {
			continue
		}
		for _, c := range after.Certificates {
			if c.UID == uid && c.Cluster == cluster && c.State == "Unexpired" && !c.Previous {
				p.say("G7: %s is called %s, and the certificate until %s is in force", o.Action, o.Status, c.Expires)
			}
		}
		for _, g := range after.Grants {
			if g.UID == uid && g.Cluster == cluster && !g.Owner {
				p.say("G7: %s is called %s, and there is %+v", o.Action, o.Status, g)
			}
		}
	}
}

// besideCertificates holds a run to naming the certificates that went along: those
// that it was shown in force before it wrote, on clusters that none of its writes
// names, and that the last answer shows removed.
func (p *play) besideCertificates(r stage.Ran, lost losses) {
	for _, x := range lost.certificates {
		wrote := slices.ContainsFunc(r.Calls, func(c sim.Call) bool { return wroteOn(c, x.UID, x.Cluster) })
		first, last := statesSeen(r.Calls, x.UID, x.Cluster)
		if wrote || x.Previous || first != "Unexpired" || last != "Removed" {
			continue
		}
		p.tally["beside a certificate"]++
		if !slices.ContainsFunc(r.Report.Outcomes, func(o report.Outcome) bool {
			return strings.HasSuffix(o.Action, "/"+x.UID) && slices.Contains(o.CollateralCertificates, x.Cluster)
		}) {
			p.say("G3: the certificate of %s on %s went along with a write, the run saw that it was gone, and names it nowhere", x.UID, x.Cluster)
		}
		if r.Code == end.CodeClean {
			p.say("G3: the certificate of %s on %s went along with a write, and the run ends in exit 0", x.UID, x.Cluster)
		}
	}
}

// statesSeen are the state of a certificate by the first list of somebody's states,
// before anything was written about him, and by the last one, where no page failed.
func statesSeen(calls []sim.Call, uid, cluster string) (first, last string) {
	wrote := false
	for _, c := range calls {
		switch {
		case c.UID != uid:
		case c.Write:
			wrote, last = true, ""
		case c.Operation == "ListUserKubeConfigStates":
			state := stateIn(c.Answer, cluster)
			switch failed := c.Code != "" || c.Fault != "" || c.Status != 200; {
			case failed && wrote:
				return first, ""
			case failed:
				return "", ""
			case wrote && state != "":
				last = state
			case state != "" && first == "":
				first = state
			}
		}
	}
	return first, last
}

func stateIn(answer []byte, cluster string) string {
	var page struct {
		States []struct {
			Cluster string `json:"cluster_id"`
			State   string `json:"cert_state"`
		} `json:"states"`
	}
	_ = json.Unmarshal(answer, &page)
	for _, row := range page.States {
		if row.Cluster == cluster {
			return row.State
		}
	}
	return ""
}

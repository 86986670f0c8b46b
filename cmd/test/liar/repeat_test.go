package liar

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/report"
)

// repeats holds a run to sending no write again once its effect has been seen
// (G5): by the answers themselves, as they were sent.
func (p *play) repeats(r stage.Ran) {
	last := map[string]int{}
	for i, c := range r.Calls {
		if c.Operation == bulkCall {
			for _, id := range named(c) {
				if p.f.listsTell(c.UID) {
					last[c.UID+" "+id] = i
				}
			}
		}
		if c.Operation != "CleanClusterUserPermissions" {
			continue
		}
		about := c.UID + " " + c.Cluster
		if j, again := last[about]; again && p.seenDone(r.Calls[:j], r.Calls[j+1:i], c) {
			p.say("G5: %s of %s on %s is sent again after its effect was seen", c.Operation, c.UID, c.Cluster)
		}
		last[about] = i
	}
}

// seenDone says whether the last answers about somebody on a cluster show that
// what a clean is about is gone: of pins the pinned certificate, else the
// certificate and the grants. Without an answer on each there is nothing to see; and
// a row Unknown says nothing of itself: after it the list of states must not fail. A
// list of a cluster that showed the certificate before must have shown it gone.
func (p *play) seenDone(before, between []sim.Call, c sim.Call) bool {
	var user, list, grants []byte
	for _, d := range between {
		switch good := d.Code == "" && d.Status == 200 && d.Fault == ""; {
		case !good && d.Operation == "ListUserKubeConfigStates" && d.UID == c.UID && isUnknown(user, c.Cluster):
			user = nil
		case d.Code != "" || d.Status != 200 || !json.Valid(d.Answer):
		case d.Operation == "ListUserKubeConfigStates" && d.UID == c.UID:
			user = d.Answer
		case d.Operation == "ListClusterKubeconfigStates" && d.Cluster == c.Cluster:
			list = d.Answer
		case d.Operation == "DescribeUserPermission" && d.UID == c.UID:
			grants = d.Answer
		}
	}
	held, known := heldIn(user, c.Cluster, "")
	if !known || grants == nil {
		return false
	}
	showed := slices.ContainsFunc(before, func(d sim.Call) bool {
		held, _ := heldIn(d.Answer, "", c.UID)
		return d.Operation == "ListClusterKubeconfigStates" && d.Cluster == c.Cluster && len(held) > 0
	})
	if showed && list == nil {
		return false
	}
	more, _ := heldIn(list, "", c.UID)
	held = append(held, more...)
	e, _ := p.f.acting(c.UID)
	if len(e.pins) > 0 {
		return !slices.ContainsFunc(held, func(t time.Time) bool {
			return slices.ContainsFunc(e.pins, func(q drawnPin) bool { return q.cluster == c.Cluster && q.expires.Sub(t).Abs() <= 10*time.Minute })
		})
	}
	return len(held) == 0 && !stillGranted(grants, c.Cluster)
}

// listsTell says that what somebody has is told by his own lists. Of somebody who is
// gone those of the clusters must show it as well, and these may be in doubt where
// certificates of others went along: what they do not show gets a call of its own.
func (f *fable) listsTell(uid string) bool {
	who, _ := f.person(uid)
	return !who.deleted && !who.hidden && f.open.task.reach != "all"
}

// heldIn are the expiries of certificates in force that an answer shows of a
// cluster or a principal, and whether it shows it at all.
func heldIn(answer []byte, cluster, uid string) (held []time.Time, known bool) {
	var page struct {
		States []struct {
			Cluster string    `json:"cluster_id"`
			UID     string    `json:"account_id"`
			State   string    `json:"cert_state"`
			Expires time.Time `json:"cert_expire_time"`
		}
	}
	var loose struct {
		States []map[string]any `json:"states"`
	}
	if json.Unmarshal(answer, &loose) != nil {
		return nil, false
	}
	for _, row := range loose.States {
		if at, is := row["cert_expire_time"].(string); is && at == "" {
			row["cert_expire_time"] = "0001-01-01T00:00:00Z"
		}
	}
	again, _ := json.Marshal(loose)
	if json.Unmarshal(again, &page) != nil {
		return nil, false
	}
	for _, row := range page.States {
		if row.Cluster != cluster || row.UID != uid {
			continue
		}
		known = true
		if row.State == "Unexpired" {
			held = append(held, row.Expires)
		}
	}
	return held, known
}

// isUnknown says whether an answer has no word on the certificate on a cluster.
func isUnknown(answer []byte, cluster string) bool {
	var page struct {
		States []struct {
			Cluster string `json:"cluster_id"`
			State   string `json:"cert_state"`
		}
	}
	_ = json.Unmarshal(answer, &page)
	for _, row := range page.States {
		if row.Cluster == cluster {
			return row.State == "Unknown"
		}
	}
	return false
}

// stillGranted says whether an answer shows a grant on a cluster that is not its
// creator's.
func stillGranted(answer []byte, cluster string) bool {
	var rows []struct {
		ID    string `json:"resource_id"`
		Owner int    `json:"is_owner"`
	}
	_ = json.Unmarshal(answer, &rows)
	return slices.ContainsFunc(rows, func(g struct {
		ID    string `json:"resource_id"`
		Owner int    `json:"is_owner"`
	}) bool {
		id, _, _ := strings.Cut(g.ID, "/")
		return id == cluster && g.Owner == 0
	})
}

// undone holds an outcome to its word that nothing was taken away: what it calls
// failed, blocked or skipped is there when the run ends, and a while after it. What
// an earlier write may still be doing is not held against it.
func (p *play) undone(r stage.Ran, earlier map[string]bool, before, later sim.Truth) {
	lost := vanished(before, later)
	for _, o := range r.Report.Outcomes {
		cluster, uid, _ := strings.Cut(o.Action, "/")
		if o.Status != report.WasFailed && o.Status != report.WasBlocked && o.Status != report.WasSkipped || earlier[uid+" "+cluster] {
			continue
		}
		p.tally["undone "+string(o.Status)]++
		if o.Bulk && o.Status != report.WasSkipped && p.f.open.effect > 0 {
			continue // the task said that it was over, and went on; a restore may ask for it
		}
		for _, c := range lost.certificates {
			if c.UID == uid && c.Cluster == cluster {
				p.say("G3: %s is called %s, and the certificate until %s is gone", o.Action, o.Status, c.Expires.Format(time.DateOnly))
			}
		}
		for _, g := range lost.grants {
			if g.UID == uid && g.Cluster == cluster && !g.AllClusters && !p.byTheService(r, g) {
				p.say("G3: %s is called %s, and the grant %+v is gone", o.Action, o.Status, g)
			}
		}
	}
}

// beside holds a run to naming what went along with its writes: grants that the
// run was shown before it wrote, on clusters about which it wrote nothing, and that
// the last answer about their holder shows no more.
func (p *play) beside(r stage.Ran, lost losses) {
	for _, g := range lost.grants {
		wrote := slices.ContainsFunc(r.Calls, func(c sim.Call) bool { return wroteOn(c, g.UID, g.Cluster) })
		first, last := grantsSeen(r.Calls, g.UID)
		if wrote || !showsGrant(first, g) || last == nil || showsGrant(last, g) {
			continue
		}
		mine := func(o report.Outcome) bool { return strings.HasSuffix(o.Action, "/"+g.UID) }
		proven := slices.ContainsFunc(r.Report.Outcomes, func(o report.Outcome) bool { return mine(o) && o.Status == report.WasCollateral })
		p.tally[map[bool]string{true: "beside a proven write", false: "beside an unproven write"}[proven]]++
		named := slices.ContainsFunc(r.Report.Outcomes, func(o report.Outcome) bool {
			return mine(o) && slices.ContainsFunc(o.Collateral, func(l report.Lost) bool {
				return l.Cluster == g.Cluster && string(l.Grant.Scope) == scopeOf(g) && l.Grant.Namespace == g.Namespace && l.Grant.Role == g.Role
			})
		})
		if !named {
			p.say("G3: %+v went along with a write, the run saw that it was gone, and names it nowhere", g)
		}
	}
}

// grantsSeen are the first answer about the grants of somebody, if it was good and
// came before anything was written about him, and the last one, if it was good.
func grantsSeen(calls []sim.Call, uid string) (first, last []byte) {
	wrote, asked := false, false
	for _, c := range calls {
		switch {
		case c.UID != uid:
		case c.Write:
			wrote, last = true, nil
		case c.Operation == "DescribeUserPermission":
			answer := c.Answer
			if c.Code != "" || c.Fault != "" || c.Status != 200 {
				answer = nil
			}
			if !wrote && !asked {
				first = answer
			}
			asked = true
			if last = nil; wrote {
				last = answer
			}
		}
	}
	return first, last
}

// showsGrant says whether an answer shows a grant.
func showsGrant(answer []byte, g sim.Grant) bool {
	var rows []struct {
		ID     string `json:"resource_id"`
		Type   string `json:"resource_type"`
		Name   string `json:"role_name"`
		Custom string `json:"role_type"`
		Owner  int    `json:"is_owner"`
	}
	_ = json.Unmarshal(answer, &rows)
	id, kind := g.Cluster, "cluster"
	switch {
	case g.AllClusters:
		id, kind = "", "console"
	case g.Namespace != "":
		id, kind = g.Cluster+"/"+g.Namespace, "namespace"
	}
	for _, row := range rows {
		role := row.Custom
		if g.Custom && row.Custom == "custom" {
			role = row.Name
		}
		if (row.ID == id || g.AllClusters) && row.Type == kind && role == g.Role && (row.Owner == 1) == g.Owner {
			return true
		}
	}
	return false
}

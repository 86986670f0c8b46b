package liar

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/test/stage"
)

// repeats holds a run to sending no write again once its effect has been seen
// (G5): by the answers themselves, as they were sent.
func (p *play) repeats(r stage.Ran) {
	last := map[string]int{}
	for i, c := range r.Calls {
		if c.Operation != "CleanClusterUserPermissions" {
			continue
		}
		about := c.UID + " " + c.Cluster
		if j, again := last[about]; again && p.seenDone(r.Calls[j+1:i], c) {
			p.say("G5: %s of %s on %s is sent again after its effect was seen", c.Operation, c.UID, c.Cluster)
		}
		last[about] = i
	}
}

// seenDone says whether the last answers about somebody on a cluster show that
// what a clean is about is gone: of pins the pinned certificate, else the
// certificate and the grants. Without an answer on each there is nothing to see.
func (p *play) seenDone(between []sim.Call, c sim.Call) bool {
	var user, list, grants []byte
	for _, d := range between {
		switch {
		case d.Code != "" || d.Status != 200 || d.Answer == nil:
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

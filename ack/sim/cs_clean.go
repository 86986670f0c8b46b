package sim

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// recent is how far back an unforced clean looks for access [DOC].
const recent = 7 * 24 * time.Hour

// clean is CleanClusterUserPermissions: it deletes the kubeconfig of a principal in a cluster and takes its grants there away;
// nothing new is issued [DOC]. Deleted principals are valid targets.
func (a *Account) clean(q *request) answer {
	force, refusal := a.cleanable(q)
	if refusal == nil {
		refusal = a.cleanableOn(q.UID, q.Cluster, force)
	}
	if refusal != nil {
		return *refusal
	}
	at, apply := a.options.Ledger().Add(a.estate.behaviour.cleanEffect), a.cleaning(q.Cluster)
	if a.nothing(q.UID, q.Cluster) {
		if a.estate.behaviour.cleanNothing == "notFound" {
			return *refuse(http.StatusNotFound, "ErrorKubeConfigNotFound", "%s has nothing on cluster %s", q.UID, q.Cluster)
		}
		apply = func(*holdings) {}
	}
	a.change(q, at, apply)
	return ok(struct{}{})
}

// cleanable says whether a clean is forced, or why it is refused whatever the cluster. The limits are documented, their codes are not.
func (a *Account) cleanable(q *request) (force bool, refusal *answer) {
	force, err := strconv.ParseBool(strings.ToLower(first(q.params.Get("Force"), "false")))
	if err != nil {
		return false, refuse(http.StatusBadRequest, "InvalidParameter.Force", "Force must be true or false")
	}
	if refusal := digitsOnly(q.UID); refusal != nil {
		return force, refusal
	}
	if q.UID == a.estate.account || q.UID == q.caller.uid {
		return force, refuse(http.StatusForbidden, "ErrorCleanForbidden", "neither the root account nor the caller can be cleaned")
	}
	return force, nil
}

// cleanableOn says why a clean of one cluster is refused.
func (a *Account) cleanableOn(uid, cluster string, force bool) *answer {
	c, refusal := a.writable(cluster)
	if refusal != nil || force {
		return refusal
	}
	used := a.held(uid).certificates[cluster].lastUsed
	look := a.estate.behaviour.refusal
	switch {
	case !c.audit:
		return refuse(look.status, look.code, "the access records of cluster %s cannot be retrieved", c.id)
	case !used.IsZero() && a.options.Now().Sub(used) <= recent:
		return refuse(look.status, look.code, "%s accessed cluster %s within the last 7 days", uid, c.id)
	}
	return nil
}

// nothing says that a principal has nothing on a cluster that a clean could end.
func (a *Account) nothing(uid, cluster string) bool {
	h := a.held(uid)
	c := h.certificates[cluster]
	state := a.state(c)
	return (state == unissued || state == removed) && c.previous.IsZero() &&
		!slices.ContainsFunc(h.grants, func(g Grant) bool { return a.estate.behaviour.takes(g, cluster) })
}

// takes says whether a clean of a cluster takes a row away.
func (b behaviour) takes(g Grant, cluster string) bool {
	return (g.Cluster == cluster && (!g.Owner || b.cleanOwner == "remove")) || (g.AllClusters && b.cleanAllClusters == "remove")
}

// cleaning is what a clean of one cluster does to what somebody has.
func (a *Account) cleaning(cluster string) func(*holdings) {
	b := a.estate.behaviour
	return func(h *holdings) {
		h.grants = slices.DeleteFunc(h.grants, func(g Grant) bool { return b.takes(g, cluster) })
		c, issued := h.certificates[cluster]
		switch {
		case !issued || c.state == unissued:
			return
		case b.cleanRenewed == newest && !c.previous.IsZero():
			c.state, c.expires, c.previous = "", c.previous, time.Time{}
		default:
			c.state, c.previous = removed, time.Time{}
		}
		h.certificates[cluster] = c
	}
}

// writable returns a cluster that can be written to.
func (a *Account) writable(id string) (cluster, *answer) {
	c, known := a.clusters[id]
	if !known || c.gone() {
		return c, noCluster(id)
	}
	if look := a.estate.behaviour.unreachable; !c.reachable {
		return c, refuse(look.status, look.code, "cluster %s cannot be reached", id)
	}
	return c, nil
}

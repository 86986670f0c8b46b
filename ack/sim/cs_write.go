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
	force, err := strconv.ParseBool(strings.ToLower(first(q.params.Get("Force"), "false")))
	if err != nil {
		return *refuse(http.StatusBadRequest, "InvalidParameter.Force", "Force must be true or false")
	}
	if refusal := a.cleanable(q, force); refusal != nil {
		return *refusal
	}
	b := a.estate.behaviour
	takes := func(g Grant) bool {
		return (g.Cluster == q.Cluster && (!g.Owner || b.cleanOwner == "remove")) || (g.AllClusters && b.cleanAllClusters == "remove")
	}
	h := a.held(q.UID)
	c := h.certificates[q.Cluster]
	state := a.state(c)
	if (state == unissued || state == removed) && c.previous.IsZero() && !slices.ContainsFunc(h.grants, takes) {
		if b.cleanNothing == "notFound" {
			return *refuse(http.StatusNotFound, "ErrorKubeConfigNotFound", "%s has nothing on cluster %s", q.UID, q.Cluster)
		}
		return ok(struct{}{})
	}
	cluster := q.Cluster
	a.ledger.change(q.UID, a.options.Ledger().Add(b.cleanEffect), func(h *holdings) {
		h.grants = slices.DeleteFunc(h.grants, takes)
		c, issued := h.certificates[cluster]
		switch {
		case !issued || c.state == unissued:
			return
		case b.cleanRenewed == "newest" && !c.previous.IsZero():
			c.state, c.expires, c.previous = "", c.previous, time.Time{}
		default:
			c.state, c.previous = removed, time.Time{}
		}
		h.certificates[cluster] = c
	})
	return ok(struct{}{})
}

// cleanable says why a clean is refused. The limits are documented, their codes are not.
func (a *Account) cleanable(q *request, force bool) *answer {
	if refusal := digitsOnly(q.UID); refusal != nil {
		return refusal
	}
	if q.UID == a.estate.account || q.UID == q.caller.uid {
		return refuse(http.StatusForbidden, "ErrorCleanForbidden", "neither the root account nor the caller can be cleaned")
	}
	c, refusal := a.writable(q.Cluster)
	if refusal != nil || force {
		return refusal
	}
	used := a.held(q.UID).certificates[q.Cluster].lastUsed
	look := a.estate.behaviour.refusal
	switch {
	case !c.audit:
		return refuse(look.status, look.code, "the access records of cluster %s cannot be retrieved", c.id)
	case !used.IsZero() && a.options.Now().Sub(used) <= recent:
		return refuse(look.status, look.code, "%s accessed cluster %s within the last 7 days", q.UID, c.id)
	}
	return nil
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

// revokeOwn is RevokeK8sClusterKubeConfig: the caller's own certificate is replaced by a new one, its grants stay [DOC]. The new
// one is valid for the default of 3 years [DOC]. Clusters have to be young enough [DOC]; roles are not spoken of.
func (a *Account) revokeOwn(q *request) answer {
	c, refusal := a.writable(q.Cluster)
	if refusal != nil {
		return *refusal
	}
	b := a.estate.behaviour
	switch {
	case q.caller.kind == roleCaller && b.ownByRole == "refused":
		return *a.denied(q)
	case c.tooOld() && b.ownOldCluster == "refused":
		return *refuse(http.StatusBadRequest, "ErrorClusterNotSupported", "cluster %s does not support it", c.id)
	}
	cluster, expires := q.Cluster, a.options.Now().AddDate(3, 0, 0)
	a.ledger.change(q.UID, a.options.Ledger(), func(h *holdings) {
		c, issued := h.certificates[cluster]
		if !issued || c.state == unissued {
			return
		}
		if expires.Sub(c.expires).Abs() < time.Second {
			expires = expires.Add(time.Second) // twice within a second: another certificate all the same
		}
		next := c
		next.state, next.expires, next.previous = "", expires, time.Time{}
		switch b.ownNext {
		case "removed":
			next.state, next.expires = removed, c.expires
		case "unissued":
			next.state, next.expires = unissued, time.Time{}
		}
		h.certificates[cluster] = next
	})
	return ok(struct{}{})
}

// tooOld says that the cluster is from before its kind could have a kubeconfig revoked: 2019-10-15, serverless 2019-09-06 [DOC].
func (c cluster) tooOld() bool {
	zone := time.FixedZone("", 8*3600)
	switch {
	case c.profile == "Serverless":
		return c.created.Before(time.Date(2019, 9, 6, 0, 0, 0, 0, zone))
	case c.typ == "Kubernetes" || c.typ == "ManagedKubernetes":
		return c.created.Before(time.Date(2019, 10, 15, 0, 0, 0, 0, zone))
	}
	return false
}

// Issue gives a principal a certificate, as it does for itself in the console or with an operation that this account never
// serves. It is for the people at the machine, like Truth.
func (a *Account) Issue(uid, cluster string, expires time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ledger.change(uid, a.options.Ledger(), func(h *holdings) {
		h.certificates[cluster] = credential{uid: uid, cluster: cluster, name: h.certificates[cluster].name, expires: expires}
	})
}

// Give gives a principal a permission row, as another administrator does.
func (a *Account) Give(g Grant) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ledger.change(g.UID, a.options.Ledger(), func(h *holdings) { h.grants = patched(h.grants, g) })
}

// issue refuses the operations that would issue a kubeconfig.
func (a *Account) issue(q *request) answer {
	out := a.denied(q)
	out.message = "this operation may issue a kubeconfig; the simulated account never does"
	return *out
}

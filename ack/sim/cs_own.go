package sim

import (
	"net/http"
	"time"
)

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
	a.change(q, a.options.Ledger(), func(h *holdings) {
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

// Issue gives a principal a certificate, as it does for itself in the console or with an operation that this account hardly ever
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
	out.message = "this operation may issue a kubeconfig; this account does not"
	return *out
}

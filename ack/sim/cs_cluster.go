package sim

import (
	"net/http"
	"slices"
)

// describeAudit is GetClusterAuditProject: whether accesses to the API server are recorded, and where [SDK]. An unforced clean
// looks there.
func (a *Account) describeAudit(q *request) answer {
	c, known := a.clusters[q.Cluster]
	if !known || c.gone() {
		return *noCluster(q.Cluster)
	}
	out := struct {
		Enabled bool   `json:"audit_enabled"`
		Project string `json:"sls_project_name"`
	}{Enabled: c.audit}
	if c.audit {
		out.Project = "k8s-log-" + c.id
	}
	return ok(out)
}

// describeNamespaces is DescribeUserClusterNamespaces: the namespaces in which the caller may do something, as a bare array [SDK].
// Which there are is known only as far as grants name them; who has the whole cluster gets the two that every cluster has.
func (a *Account) describeNamespaces(q *request) answer {
	c, known := a.clusters[q.Cluster]
	if !known || c.gone() {
		return *noCluster(q.Cluster)
	}
	whole := a.administrator(q.caller, c.id)
	var names []string
	for _, g := range a.seen(q.caller.uid).grants {
		switch {
		case g.AllClusters, g.Cluster == c.id && g.Namespace == "":
			whole = true
		case g.Cluster == c.id:
			names = append(names, g.Namespace)
		}
	}
	if whole {
		names = append(names, "default", "kube-system")
	}
	if len(names) == 0 {
		return *refuse(http.StatusForbidden, "ForbiddenQueryClusterNamespace", "the caller has no permissions on cluster %s", c.id)
	}
	slices.Sort(names)
	return ok(slices.Compact(names))
}

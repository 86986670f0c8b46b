package sim

import (
	"net/http"
	"net/url"
	"slices"
	"time"
)

// regionalRow is one cluster as DescribeClustersForRegion lists it: the published fields, all of them and no others [DOC]. The
// address of an API server is not among them.
type regionalRow struct {
	ClusterDomain   string   `json:"cluster_domain"`
	ClusterID       string   `json:"cluster_id"`
	ClusterSpec     string   `json:"cluster_spec"`
	ClusterType     string   `json:"cluster_type"`
	ContainerCIDR   string   `json:"container_cidr"`
	Created         string   `json:"created"`
	Version         string   `json:"current_version"`
	Protected       bool     `json:"deletion_protection"`
	InitVersion     string   `json:"init_version"`
	IPStack         string   `json:"ip_stack"`
	Name            string   `json:"name"`
	NextVersion     string   `json:"next_version"`
	Profile         string   `json:"profile"`
	ProxyMode       string   `json:"proxy_mode"`
	RegionID        string   `json:"region_id"`
	ResourceGroupID string   `json:"resource_group_id"`
	SecurityGroupID string   `json:"security_group_id"`
	ServiceCIDR     string   `json:"service_cidr"`
	Size            int      `json:"size"`
	State           string   `json:"state"`
	Tags            []tag    `json:"tags"`
	Timezone        string   `json:"timezone"`
	Updated         string   `json:"updated"`
	VpcID           string   `json:"vpc_id"`
	VSwitchIDs      []string `json:"vswitch_ids"`
}

type tag struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// clusterRow is one cluster in the old list, and by itself.
type clusterRow struct {
	regionalRow
	MasterURL string `json:"master_url"` // a text that holds JSON [DOC]
	MetaData  string `json:"meta_data"`  // likewise
}

func (c cluster) regionalRow() regionalRow {
	created := c.created.Format(time.RFC3339)
	return regionalRow{
		ClusterDomain: "cluster.local", ClusterID: c.id, ClusterSpec: c.spec, ClusterType: c.typ, ContainerCIDR: "172.20.0.0/16",
		Created: created, Version: "1.33.1-aliyun.1", Protected: true, InitVersion: "1.33.1-aliyun.1", IPStack: "ipv4", Name: c.name,
		Profile: c.profile, ProxyMode: "ipvs", RegionID: c.region, ResourceGroupID: "rg-simulated", SecurityGroupID: "sg-simulated",
		ServiceCIDR: "172.21.0.0/20", Size: 3, State: c.state, Tags: []tag{}, Timezone: "Asia/Shanghai", Updated: created,
		VpcID: "vpc-simulated", VSwitchIDs: []string{"vsw-simulated"},
	}
}

func (c cluster) row() clusterRow { return clusterRow{c.regionalRow(), c.masterURL, "{}"} }

// describeClustersV1 is the old list, of all regions at once. The vendor has announced its end, region by region [DOC]; how it
// answers on the way there, and afterwards, is not documented.
func (a *Account) describeClustersV1(q *request) answer {
	b := a.estate.behaviour
	if b.clustersV1 == "retired" {
		return *refuse(b.retiredV1.status, b.retiredV1.code, "DescribeClustersV1 is not available any more.")
	}
	short := func(string) bool { return false }
	if b.clustersV1 == "short" {
		short = a.switchedOff()
	}
	rows := []clusterRow{}
	for _, c := range a.estate.clusters {
		there := first(q.params.Get("region_id"), c.region) == c.region
		if c.inLists() && there && !short(c.region) && chosen(q.params, c, c.name == q.params.Get("name")) {
			rows = append(rows, c.row())
		}
	}
	return clusterList(a, q, rows)
}

// switchedOff tells the regions that the old list leaves out while it is being retired: those that are marked, or else the last.
func (a *Account) switchedOff() func(id string) bool {
	off, marked, last := make(map[string]bool), false, ""
	for _, r := range a.estate.regions {
		off[r.id], marked, last = !r.v1, marked || !r.v1, r.id
	}
	if !marked {
		off[last] = true
	}
	return func(id string) bool { return off[id] }
}

// clusterList cuts the page that is asked for out of a list of clusters. The size of a page has no documented bounds; larger
// wishes get the largest page there is.
func clusterList[Row any](a *Account, q *request, rows []Row) answer {
	b := a.estate.behaviour
	info, refusal := page(q.params, "page_number", "page_size", min(b.clusterPageDefault, b.clusterPageMax), 1, 1<<30)
	if refusal != nil {
		return *refusal
	}
	info.PageSize = min(info.PageSize, b.clusterPageMax)
	if q.short {
		rows = rows[:max(0, len(rows)-1)]
	}
	rows = cut(rows, &info)
	return ok(struct {
		Clusters []Row    `json:"clusters"`
		PageInfo pageInfo `json:"page_info"`
	}{rows, info})
}

// chosen applies the filters of a list of clusters. All are exact [DOC] but that of the name, where the lists differ.
func chosen(params url.Values, c cluster, named bool) bool {
	for _, f := range [][2]string{
		{"cluster_id", c.id}, {"cluster_type", c.typ}, {"cluster_spec", c.spec}, {"profile", c.profile},
	} {
		if want := params.Get(f[0]); want != "" && want != f[1] {
			return false
		}
	}
	return named || params.Get("name") == ""
}

// inLists says whether the lists of clusters have it. A condition on tags or resource groups in the caller's RAM policy makes
// them shorter without a word [DOC].
func (c cluster) inLists() bool { return c.listed && !c.conditioned }

// describeCluster is DescribeClusterDetail. It also knows clusters that the lists leave out, but a condition that keeps one out of
// the lists denies it here.
func (a *Account) describeCluster(q *request) answer {
	c, known := a.clusters[q.Cluster]
	switch {
	case !known, c.gone() && !c.listed:
		return *noCluster(q.Cluster)
	case c.conditioned, c.detail == "denied":
		return *a.denied(q)
	case c.detail == "failed":
		return *unavailable()
	}
	return ok(c.row())
}

// noCluster uses the code that clients take for "gone"; its status is not documented.
func noCluster(id string) *answer {
	return refuse(http.StatusNotFound, "ErrorClusterNotFound", "cluster %s not found", id)
}

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

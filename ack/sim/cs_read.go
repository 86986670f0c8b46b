package sim

import (
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// pageInfo is how lists count; DescribeClustersV1 calls it page_info, the two states lists call it page [DOC].
type pageInfo struct {
	PageNumber int `json:"page_number"`
	PageSize   int `json:"page_size"`
	TotalCount int `json:"total_count"`
}

// page reads the page that is asked for. The parameters differ in style from list to list [DOC], hence the names.
func page(params url.Values, number, size string, def, low, high int) (pageInfo, *answer) {
	p := pageInfo{PageNumber: 1, PageSize: def}
	for _, field := range []struct {
		name      string
		into      *int
		low, high int
	}{{number, &p.PageNumber, 1, 1 << 30}, {size, &p.PageSize, low, high}} {
		text := params.Get(field.name)
		if text == "" {
			continue
		}
		value, err := strconv.Atoi(text)
		if err != nil || value < field.low || value > field.high {
			return p, refuse(http.StatusBadRequest, "InvalidParameter."+field.name, "%s must be from %d to %d", field.name, field.low, field.high)
		}
		*field.into = value
	}
	return p, nil
}

// cut returns the rows of a page and notes how many there are in all. Past the end a page is empty.
func cut[Row any](rows []Row, p *pageInfo) []Row {
	p.TotalCount = len(rows)
	from := min((p.PageNumber-1)*p.PageSize, len(rows))
	return append([]Row{}, rows[from:min(from+p.PageSize, len(rows))]...)
}

// clusterRow is one cluster, in the list and by itself; the fields are those a reader of this account may want.
type clusterRow struct {
	ClusterID   string `json:"cluster_id"`
	Name        string `json:"name"`
	ClusterType string `json:"cluster_type"`
	ClusterSpec string `json:"cluster_spec"`
	Profile     string `json:"profile"`
	State       string `json:"state"`
	RegionID    string `json:"region_id"`
	Created     string `json:"created"`
	Updated     string `json:"updated"`
	Version     string `json:"current_version"`
	Size        int    `json:"size"`
	VpcID       string `json:"vpc_id"`
	MasterURL   string `json:"master_url"` // a text that holds JSON [DOC]
	MetaData    string `json:"meta_data"`  // likewise
	Protected   bool   `json:"deletion_protection"`
}

func (c cluster) row() clusterRow {
	created := c.created.Format(time.RFC3339)
	return clusterRow{
		ClusterID: c.id, Name: c.name, ClusterType: c.typ, ClusterSpec: c.spec, Profile: c.profile, State: c.state, RegionID: c.region,
		Created: created, Updated: created, Version: "1.33.1-aliyun.1", Size: 3, VpcID: "vpc-simulated",
		MasterURL: c.masterURL, MetaData: "{}", Protected: true,
	}
}

// describeClusters is DescribeClustersV1. Its page size has no documented bounds; larger wishes get the largest page there is.
func (a *Account) describeClusters(q *request) answer {
	b := a.estate.behaviour
	info, refusal := page(q.params, "page_number", "page_size", min(b.clusterPageDefault, b.clusterPageMax), 1, 1<<30)
	if refusal != nil {
		return *refusal
	}
	info.PageSize = min(info.PageSize, b.clusterPageMax)
	rows := []clusterRow{}
	for _, c := range a.estate.clusters {
		if row := c.row(); c.listed && chosen(q.params, row) {
			rows = append(rows, row)
		}
	}
	rows = cut(rows, &info)
	return ok(struct {
		Clusters []clusterRow `json:"clusters"`
		PageInfo pageInfo     `json:"page_info"`
	}{rows, info})
}

// chosen applies the filters of DescribeClustersV1, all exact.
func chosen(params url.Values, row clusterRow) bool {
	for _, f := range [][2]string{
		{"cluster_id", row.ClusterID}, {"name", row.Name}, {"cluster_type", row.ClusterType},
		{"cluster_spec", row.ClusterSpec}, {"profile", row.Profile}, {"region_id", row.RegionID},
	} {
		if want := params.Get(f[0]); want != "" && want != f[1] {
			return false
		}
	}
	return true
}

// describeCluster is DescribeClusterDetail. It also knows clusters that the list leaves out.
func (a *Account) describeCluster(q *request) answer {
	c, known := a.clusters[q.Cluster]
	if !known || (c.gone() && !c.listed) {
		return *noCluster(q.Cluster)
	}
	return ok(c.row())
}

// noCluster uses the code that clients take for "gone"; its status is not documented.
func noCluster(id string) *answer {
	return refuse(http.StatusNotFound, "ErrorClusterNotFound", "cluster %s not found", id)
}

package sim

import (
	"net/http"
	"strings"
)

// regionRow is one region of DescribeRegions, in camelCase [DOC].
type regionRow struct {
	RegionID  string `json:"regionId"`
	LocalName string `json:"localName"`
}

// describeRegions lists the regions without pages [DOC]. Its filters by kind of cluster, and the language of the names, are
// accepted and change nothing.
func (a *Account) describeRegions(q *request) answer {
	switch a.estate.behaviour.regions {
	case "denied":
		return *a.denied(q)
	case "absent":
		return *q.notServed()
	}
	rows := []regionRow{}
	for _, r := range a.estate.regions {
		if r.listed {
			rows = append(rows, regionRow{r.id, r.name})
		}
	}
	return ok(struct {
		Regions   []regionRow `json:"regions"`
		RequestID string      `json:"requestId"`
	}{rows, q.RequestID})
}

// describeClustersForRegion lists the clusters of one region. Whether one endpoint answers for every region, and what a region
// without ACK answers, is not documented.
func (a *Account) describeClustersForRegion(q *request) answer {
	b := a.estate.behaviour
	switch b.regionalList {
	case "denied":
		return *a.denied(q)
	case "absent":
		return *q.notServed()
	}
	elsewhere := b.endpointRegion != "" && b.endpointRegion != q.Region
	rows := []regionalRow{}
	switch r := a.region(q.Region); {
	case elsewhere, r.clusters == regionEmpty:
	case r.clusters == regionDenied:
		return *a.denied(q)
	case r.clusters == regionFailed:
		return *unavailable()
	case r.clusters == regionAbsent:
		if look := b.regionWithoutACK; look.status != http.StatusOK {
			return *refuse(look.status, look.code, "there is no ACK in the region %s", r.id)
		}
	default:
		rows = a.regionalRows(q)
	}
	return clusterList(a, q, rows)
}

func (a *Account) regionalRows(q *request) []regionalRow {
	rows := []regionalRow{}
	for _, c := range a.estate.clusters {
		if c.region != q.Region || !c.inLists() || !chosen(q.params, c, strings.Contains(c.name, q.params.Get("name"))) {
			continue
		}
		row := c.regionalRow()
		if a.estate.behaviour.zoneIDs {
			row.RegionID += "-a"
		}
		rows = append(rows, row)
	}
	return rows
}

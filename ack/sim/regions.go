package sim

import (
	"net/http"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// What DescribeClustersForRegion says of a region.
const (
	regionServed = "served"
	regionEmpty  = "empty"
	regionFailed = "failed"
	regionDenied = "denied"
	regionAbsent = "absent"
)

// region is a place that DescribeRegions names and clusters are listed by.
type region struct {
	id, name string
	clusters string // one of the words above
	listed   bool
	v1       bool
}

func (s *source) region(x index, n *yaml.Node) region {
	f := s.object(n, "a region", "id", "name", "listed", "clusters", "v1")
	r := region{id: f.verbatim("id"), listed: f.flag("listed", true), v1: f.flag("v1", true),
		clusters: f.choice("clusters", regionServed, regionEmpty, regionFailed, regionDenied, regionAbsent)}
	r.name = f.optionally("name", r.id)
	if r.id != "" {
		x.once(s, f.nodes["id"], "the region %s", r.id)
		x.regions[r.id] = true
	}
	return r
}

// defaultRegions are those that the clusters are in. An account without clusters has one all the same, as a real one has many.
func defaultRegions(clusters []cluster) []region {
	var out []region
	for _, c := range clusters {
		if !slices.ContainsFunc(out, func(r region) bool { return r.id == c.region }) {
			out = append(out, region{id: c.region, name: c.region, clusters: regionServed, listed: true, v1: true})
		}
	}
	if len(out) == 0 {
		out = append(out, region{id: "cn-hangzhou", name: "cn-hangzhou", clusters: regionServed, listed: true, v1: true})
	}
	return out
}

func sortRegions(regions []region) {
	slices.SortFunc(regions, func(a, b region) int { return strings.Compare(a.id, b.id) })
}

// region returns the region of an id; one that the account does not have is one without ACK.
func (a *Account) region(id string) region {
	for _, r := range a.estate.regions {
		if r.id == id {
			return r
		}
	}
	return region{id: id, clusters: regionAbsent}
}

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

package sim

import (
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

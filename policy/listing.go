package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// ListedBy says by which operations the clusters of the account were listed.
type ListedBy string

// The ways of listing. DescribeClustersV1 is being switched off region by
// region, so what it lists may be short [announcement of 25 December 2025].
const (
	ByRegions ListedBy = "regions" // DescribeRegions, and DescribeClustersForRegion of each
	ByRetired ListedBy = "retired" // DescribeClustersV1
)

// OtherRegions is the id of all regions that the policy does not name, where
// the service would not say which regions there are.
const OtherRegions = "*"

// Region is one region of the account as the listing found it.
type Region struct {
	ID       string
	Clusters int    // Kubernetes clusters that exist
	Fault    *Fault // why it could not be read: then it is not empty but unknown
}

// Read reports whether the clusters of the region are known.
func (r Region) Read() bool { return r.Fault == nil }

// RegionList is what the service answered about the clusters of one region.
type RegionList struct {
	Region   string
	Clusters []Cluster // with the region_id of each row, which may be a zone
	Fault    *Fault
}

// Gather joins the lists of all regions, which may come in any order. A cluster
// belongs to the region that was asked for it. One that is listed under several
// regions counts once, under the region that its row names; where the rows
// differ, none of these regions is believed, and neither is one that alone lists a
// cluster whose row names another region.
func Gather(lists []RegionList) ([]Cluster, []Region) {
	lists = slices.Clone(lists)
	slices.SortFunc(lists, func(a, b RegionList) int { return strings.Compare(a.Region, b.Region) })
	contradict(lists)
	at := places(lists)
	for i, l := range lists {
		for _, c := range l.believed() {
			if at[c.ID] == i && c.Region != "" && !strings.HasPrefix(c.Region, l.Region) { // its zones begin as it does
				lists[i].Fault = &Fault{Op: "DescribeClustersForRegion", Kind: Unavailable, Status: 200, Sent: true,
					Message: fmt.Sprintf("region %s lists the cluster %s, whose row says that it is in %s", l.Region, c.ID, c.Region)}
			}
		}
	}
	var clusters []Cluster
	regions := make([]Region, len(lists))
	for i, l := range lists {
		regions[i] = Region{ID: l.Region, Fault: l.Fault}
		for _, c := range l.believed() {
			if at[c.ID] == i {
				c.Region = l.Region
				clusters = append(clusters, c)
			}
		}
	}
	return clusters, regions
}

// places says in which list each cluster counts: in one whose region its row
// names, else in the first.
func places(lists []RegionList) map[string]int {
	at := map[string]int{}
	for i, l := range lists {
		for _, c := range l.believed() {
			k, twice := at[c.ID]
			if !twice || !lies(c.Region, lists[k].Region) && lies(c.Region, l.Region) {
				at[c.ID] = i
			}
		}
	}
	return at
}

// contradict makes lists that say different things of one cluster failed reads:
// all that have it.
func contradict(lists []RegionList) {
	having := map[string][]int{} // by cluster id: the lists
	for i, l := range lists {
		for _, c := range l.believed() {
			having[c.ID] = append(having[c.ID], i)
		}
	}
	wrong := make([]*Fault, len(lists))
	for _, l := range lists {
		for _, c := range l.believed() {
			first := lists[having[c.ID][0]]
			if slices.Contains(first.Clusters, c) {
				continue
			}
			for _, i := range having[c.ID] {
				wrong[i] = cmp.Or(wrong[i], &Fault{Op: "DescribeClustersForRegion", Kind: Unavailable, Status: 200, Sent: true,
					Message: fmt.Sprintf("regions %s and %s list the cluster %s, each with another content", first.Region, l.Region, c.ID)})
			}
		}
	}
	for i := range lists {
		lists[i].Fault = cmp.Or(lists[i].Fault, wrong[i])
	}
}

// believed are the clusters of a region that could be read.
func (l RegionList) believed() []Cluster {
	if l.Fault != nil {
		return nil
	}
	return l.Clusters
}

// lies reports whether what a row calls its region lies in a region: it may be
// a zone of it, such as cn-beijing-a or us-west-1a [DescribeClustersForRegion].
func lies(row, region string) bool {
	zone, in := strings.CutPrefix(row, region)
	zone = strings.TrimPrefix(zone, "-")
	return in && (row == region || len(zone) == 1 && zone[0] >= 'a' && zone[0] <= 'z')
}

// NotServed reports whether an answer says that the caller cannot have the
// operation at all: it is denied, unknown to the service, or retired.
func (f *Fault) NotServed() bool {
	switch f.Kind {
	case Denied, NotFound:
		return true
	case Invalid:
		gone := f.Status == 404 || f.Status == 405 || f.Status == 410
		return gone || strings.HasSuffix(f.Code, "NotFound") || strings.HasPrefix(f.Code, "InvalidAction") ||
			strings.HasPrefix(f.Code, "Unsupported")
	}
	return false
}

// Kubernetes reports whether the cluster is one: the account's old Swarm
// clusters have the type aliyun, and no KubeConfig.
func (c Cluster) Kubernetes() bool {
	return !strings.EqualFold(c.Type, "aliyun") && !strings.EqualFold(c.Type, "swarm")
}

// unread are the regions whose clusters are not known.
func (d Directory) unread() []Region {
	return slices.DeleteFunc(slices.Clone(d.Regions), Region.Read)
}

// whole reports whether the listing is sure to be all clusters of the account.
func (d Directory) whole() bool { return d.ListedBy != ByRetired && len(d.unread()) == 0 }

// holdsRegion reports whether a scope can hold clusters of a region.
func (s Scope) holdsRegion(id string) bool {
	return len(s.Regions) == 0 || slices.Contains(s.Regions, id)
}

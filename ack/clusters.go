package ack

import (
	"context"
	"encoding/json"
	"slices"

	"ackrevoke/policy"
)

// clusterRow is a cluster as the listing and the detail both give it.
type clusterRow struct {
	ClusterID   string `json:"cluster_id"`
	Name        string `json:"name"`
	RegionID    string `json:"region_id"`
	ClusterType string `json:"cluster_type"`
	Profile     string `json:"profile"`
	State       string `json:"state"`
	Created     moment `json:"created"`
	Master      master `json:"master_url"`
}

// master is where the API server of a cluster answers: a text that holds JSON
// of its own. No decision of a run hangs on it, so what cannot be read is not
// stated, and fails no listing.
type master struct{ public, intranet string }

func (m *master) UnmarshalJSON(raw []byte) error {
	var text string
	var stated struct {
		Public   string `json:"api_server_endpoint"`
		Intranet string `json:"intranet_api_server_endpoint"`
	}
	if json.Unmarshal(raw, &text) == nil && json.Unmarshal([]byte(text), &stated) == nil {
		*m = master{stated.Public, stated.Intranet}
	}
	return nil
}

func (r clusterRow) cluster() policy.Cluster {
	return policy.Cluster{ID: r.ClusterID, Name: r.Name, Region: r.RegionID, Type: r.ClusterType, Profile: r.Profile, State: r.State,
		CreatedAt: r.Created.Time, Server: r.Master.public, Intranet: r.Master.intranet}
}

// Regions returns the ids of all regions in which the service is offered, sorted
// [DescribeRegions].
func (c *Client) Regions(ctx context.Context) ([]string, error) {
	var got struct {
		Regions rows[struct {
			RegionID string `json:"regionId"`
		}] `json:"regions"`
	}
	if _, err := c.call(ctx, describeRegions, args{}, &got); err != nil {
		return nil, err
	}
	if !got.Regions.stated || len(got.Regions.list) == 0 {
		return nil, nonsense(describeRegions, "an answer without a region")
	}
	var ids []string
	for _, r := range got.Regions.list {
		if r.RegionID == "" {
			return nil, nonsense(describeRegions, "a region without an id")
		}
		ids = append(ids, r.RegionID)
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// RegionClusters returns the clusters of one region that the caller and the
// endpoint can see, Swarm clusters and deleted ones too
// [DescribeClustersForRegion]. Their region is that of the row, which may be a
// zone; where their API servers answer is not said.
func (c *Client) RegionClusters(ctx context.Context, region string) ([]policy.Cluster, error) {
	return c.clusters(ctx, describeRegionClusters, region)
}

// RetiredClusters returns the clusters of all regions in one list
// [DescribeClustersV1]. The service is switching it off region by region, so the
// list may be short.
func (c *Client) RetiredClusters(ctx context.Context) ([]policy.Cluster, error) {
	return c.clusters(ctx, describeClusters, "")
}

func (c *Client) clusters(ctx context.Context, op operation, region string) ([]policy.Cluster, error) {
	return pages(op, c.workers, func(k policy.Cluster) string { return k.ID }, func(n int) (page[policy.Cluster], error) {
		var got struct {
			Clusters []clusterRow `json:"clusters"`
			Page     struct {
				Total total `json:"total_count"`
			} `json:"page_info"`
		}
		if _, err := c.call(ctx, op, args{region: region, query: numbered("page_number", "page_size", n, 100)}, &got); err != nil {
			return page[policy.Cluster]{}, err
		}
		p := page[policy.Cluster]{total: got.Page.Total}
		for _, r := range got.Clusters {
			k := r.cluster()
			k.Server, k.Intranet = "", "" // of one cluster at a time; see Cluster
			p.rows = append(p.rows, k)
		}
		return p, nil
	})
}

// Cluster returns one cluster by its id; the fault is NotFound when the
// service says that there is none.
func (c *Client) Cluster(ctx context.Context, id string) (policy.Cluster, error) {
	var got clusterRow
	if _, err := c.call(ctx, describeClusterDetail, args{cluster: id}, &got); err != nil {
		return policy.Cluster{}, err
	}
	if got.ClusterID != id {
		return policy.Cluster{}, nonsense(describeClusterDetail, "asked for %s, got %q", id, got.ClusterID)
	}
	return got.cluster(), nil
}

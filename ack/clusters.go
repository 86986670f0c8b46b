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
	return policy.Cluster{ID: r.ClusterID, Name: r.Name, Region: r.RegionID, Type: r.ClusterType, Profile: r.Profile, State: r.State, CreatedAt: r.Created.Time,
		Server: r.Master.public, Intranet: r.Master.intranet}
}

// Clusters returns the Kubernetes clusters of the account that the caller and
// the endpoint can see.
func (c *Client) Clusters(ctx context.Context) ([]policy.Cluster, error) {
	all, err := pages(describeClusters, func(k policy.Cluster) string { return k.ID }, func(n int) (page[policy.Cluster], error) {
		var got struct {
			Clusters []clusterRow `json:"clusters"`
			Page     struct {
				Total total `json:"total_count"`
			} `json:"page_info"`
		}
		if _, err := c.call(ctx, describeClusters, args{query: numbered("page_number", "page_size", n, 100)}, &got); err != nil {
			return page[policy.Cluster]{}, err
		}
		p := page[policy.Cluster]{total: got.Page.Total}
		for _, r := range got.Clusters {
			p.rows = append(p.rows, r.cluster())
		}
		return p, nil
	})
	// The old Swarm clusters count in the total and are no Kubernetes.
	return slices.DeleteFunc(all, func(k policy.Cluster) bool { return k.Type == "aliyun" }), err
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

package ack

import (
	"context"
	"maps"

	"ackrevoke/policy"
)

// States returns the credentials of one principal, by cluster.
func (c *Client) States(ctx context.Context, uid string) ([]policy.State, error) {
	return pages(listUserStates, c.workers, func(s policy.State) string { return s.Cluster }, func(n int) (page[policy.State], error) {
		var got struct {
			paged
			States []struct {
				ClusterID    string           `json:"cluster_id"`
				ClusterName  string           `json:"cluster_name"`
				ClusterState string           `json:"cluster_state"`
				CertState    policy.CertState `json:"cert_state"`
				Expires      moment           `json:"cert_expire_time"`
			} `json:"states"`
		}
		if _, err := c.call(ctx, listUserStates, args{uid: uid, query: numbered("page_number", "page_size", n, 100)}, &got); err != nil {
			return page[policy.State]{}, err
		}
		p := page[policy.State]{total: got.Page.Total}
		for _, r := range got.States {
			p.rows = append(p.rows, policy.State{Cluster: r.ClusterID, ClusterName: r.ClusterName, ClusterState: r.ClusterState, Cert: r.CertState,
				Expires: r.Expires.Time})
		}
		return p, nil
	})
}

// Holders returns the credentials on one cluster, by principal: the one list
// that is documented to show those of deleted principals.
func (c *Client) Holders(ctx context.Context, clusterID string) ([]policy.Holder, error) {
	return c.holders(ctx, clusterID, nil)
}

// Services returns the credentials of cloud services on one cluster, which
// come in a list of their own.
func (c *Client) Services(ctx context.Context, clusterID string) ([]policy.Holder, error) {
	return c.holders(ctx, clusterID, map[string]string{"cloudServiceKubeConfig": "true"})
}

func (c *Client) holders(ctx context.Context, clusterID string, of map[string]string) ([]policy.Holder, error) {
	return pages(listClusterStates, c.workers, func(h policy.Holder) string { return h.UID }, func(n int) (page[policy.Holder], error) {
		var got struct {
			paged
			States []struct {
				AccountID    digits           `json:"account_id"`
				AccountName  string           `json:"account_name"`
				AccountType  string           `json:"account_type"`
				AccountState string           `json:"account_state"`
				CertState    policy.CertState `json:"cert_state"`
				Expires      moment           `json:"cert_expire_time"`
				Service      string           `json:"cloud_service_name"`
				Revokable    *flag            `json:"revokable"` // where it is not said, nothing is known
			} `json:"states"`
		}
		// This operation alone spells its parameters in camel case.
		query := numbered("pageNumber", "pageSize", n, 50)
		maps.Copy(query, of)
		if _, err := c.call(ctx, listClusterStates, args{cluster: clusterID, query: query}, &got); err != nil {
			return page[policy.Holder]{}, err
		}
		p := page[policy.Holder]{total: got.Page.Total}
		for _, r := range got.States {
			p.rows = append(p.rows, policy.Holder{UID: string(r.AccountID), Name: r.AccountName, AccountType: r.AccountType,
				AccountState: r.AccountState,
				Cert:         r.CertState, Expires: r.Expires.Time, Service: r.Service, Fixed: r.Revokable != nil && !bool(*r.Revokable)})
		}
		return p, nil
	})
}

// paged is what a page of states says of itself.
type paged struct {
	Page struct {
		Total total `json:"total_count"`
	} `json:"page"`
}

package ack

import (
	"context"
	"strings"

	"ackrevoke/policy"
)

// grantRow is one row of DescribeUserPermission.
type grantRow struct {
	ResourceID   string `json:"resource_id"`
	ResourceType string `json:"resource_type"`
	RoleName     string `json:"role_name"`
	RoleType     string `json:"role_type"`
	IsOwner      flag   `json:"is_owner"`
	IsRAMRole    flag   `json:"is_ram_role"`
}

// Grants returns the RBAC permissions of one principal, as far as the caller
// may see them: on clusters where the caller is no administrator they are
// missing without a word. The answer is one list without pages.
func (c *Client) Grants(ctx context.Context, uid string) ([]policy.Grant, error) {
	var got []grantRow
	if _, err := c.call(ctx, describeUserPermission, args{uid: uid}, &got); err != nil {
		return nil, err
	}
	grants := make([]policy.Grant, 0, len(got))
	for _, r := range got {
		g, ok := r.grant()
		if !ok {
			return nil, nonsense(describeUserPermission, "a row of type %q for %q", r.ResourceType, r.ResourceID)
		}
		grants = append(grants, g)
	}
	return grants, nil
}

// grant reads a row; what does not fit this table fails the whole read, since
// a row that is dropped would be access that nobody sees.
//
//	resource_type  resource_id            scope
//	cluster        <cluster>              cluster
//	namespace      <cluster>/<namespace>  namespace
//	console        all-clusters           all-clusters
//
// role_type names the role, except that "custom" leaves it to role_name.
func (r grantRow) grant() (policy.Grant, bool) {
	g := policy.Grant{Role: r.RoleType, Owner: bool(r.IsOwner), RAMRole: bool(r.IsRAMRole)}
	if r.RoleType == "custom" {
		g.Role, g.Custom = r.RoleName, true
	}
	cluster, namespace, split := strings.Cut(r.ResourceID, "/")
	fits := cluster != "" && cluster != "all-clusters"
	switch r.ResourceType {
	case "cluster":
		g.Scope, g.Cluster = policy.OnCluster, cluster
		return g, fits && !split
	case "namespace":
		g.Scope, g.Cluster, g.Namespace = policy.OnNamespace, cluster, namespace
		return g, fits && namespace != "" && !strings.Contains(namespace, "/")
	case "console":
		g.Scope = policy.OnAllClusters
		return g, r.ResourceID == "all-clusters"
	}
	return g, false
}

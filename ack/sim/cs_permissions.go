package sim

import (
	"net/http"
	"slices"
)

// permissionRow is one row of DescribeUserPermission.
type permissionRow struct {
	ResourceID   string `json:"resource_id"`
	ResourceType string `json:"resource_type"`
	RoleName     string `json:"role_name"`
	RoleType     string `json:"role_type"`
	IsOwner      int    `json:"is_owner"`
	IsRAMRole    int    `json:"is_ram_role"`
}

// describeUserPermission answers a JSON array [DOC]. A caller that is not the root account sees only the rows of clusters it
// is RBAC administrator of, and its own; the others are silently missing [DOC].
func (a *Account) describeUserPermission(q *request) answer {
	if refusal := digitsOnly(q.UID); refusal != nil {
		return *refusal
	}
	rows := []permissionRow{}
	show, refusal := a.shown(q.UID, a.estate.behaviour.deletedUserGrants)
	if refusal != nil || !show {
		return orElse(refusal, ok(rows))
	}
	grants := slices.Clone(a.seen(q.UID).grants)
	slices.SortFunc(grants, compareGrants)
	for _, g := range grants {
		if a.visible(q.caller, g) {
			rows = append(rows, g.row(a.people[q.UID].kind))
		}
	}
	return ok(rows)
}

// visible says whether the caller gets to see a row.
func (a *Account) visible(to caller, g Grant) bool {
	switch {
	case a.clusters[g.Cluster].gone() && !a.estate.behaviour.deletedClusterRows:
		return false
	case g.UID == to.uid:
		return true
	case g.AllClusters:
		return a.estate.behaviour.allClustersRow == "always" || a.administratorOfAll(to)
	}
	return a.administrator(to, g.Cluster)
}

func (g Grant) row(k kind) permissionRow {
	row := permissionRow{ResourceID: g.Cluster, ResourceType: "cluster", RoleType: g.Role}
	switch {
	case g.AllClusters:
		row.ResourceID, row.ResourceType = allClusters, "console"
	case g.Namespace != "":
		row.ResourceID, row.ResourceType = g.Cluster+"/"+g.Namespace, "namespace"
	}
	if g.Custom {
		row.RoleType, row.RoleName = "custom", g.Role
	}
	if g.Owner {
		row.IsOwner = 1
	}
	if k == role {
		row.IsRAMRole = 1
	}
	return row
}

// shown says how a per-user read treats a principal that RAM does not know (any more): show false means an empty list.
func (a *Account) shown(uid, deleted string) (show bool, refusal *answer) {
	p, known := a.people[uid]
	mode := "rows"
	switch {
	case !known:
		mode = a.estate.behaviour.unknownUser
	case p.deleted:
		mode = deleted
	}
	if mode == "notFound" {
		return false, noPrincipal(uid, p.kind)
	}
	return mode == "rows", nil
}

func noPrincipal(uid string, k kind) *answer {
	code := "EntityNotExist.User"
	if k == role {
		code = "EntityNotExist.Role"
	}
	return refuse(http.StatusNotFound, code, "there is no principal with the id %s", uid)
}

func orElse(refusal *answer, out answer) answer {
	if refusal != nil {
		return *refusal
	}
	return out
}

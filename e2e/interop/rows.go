package main

import (
	"cmp"
	"slices"
	"time"
)

// What the estate has, in the words of the service and of its documentation: these functions are all that this program knows of
// it, and share nothing with the account.

// row is a cluster as the regional list has it; whole adds what the other two readings have.
func (c cluster) row() obj {
	return obj{"cluster_id": c.ID, "name": c.Name, "region_id": c.Region, "cluster_type": c.Type, "cluster_spec": c.Spec,
		"profile": c.Profile, "state": c.State, "created": c.Created}
}

func (c cluster) whole() obj {
	out := c.row()
	out["master_url"] = c.MasterURL
	return out
}

// listed are the clusters of a region that lists show, in all regions where it is empty.
func (e *estate) listed(region string) []cluster {
	return slices.DeleteFunc(slices.Clone(e.Clusters), func(c cluster) bool {
		return !yes(c.Listed) || c.Region != or(region, c.Region)
	})
}

func (e *estate) regions() []any {
	out := []any{}
	for _, r := range e.Regions {
		if yes(r.Listed) {
			out = append(out, obj{"regionId": r.ID, "localName": or(r.Name, r.ID)})
		}
	}
	return out
}

// state is what lists say of a certificate, and when it expires.
func (c credential) state() (state, expires string) {
	switch at, _ := time.Parse(time.RFC3339, c.Expires); {
	case c.State != "":
		return c.State, c.Expires
	case time.Now().Before(at):
		return "Unexpired", c.Expires
	}
	return "Expired", c.Expires
}

// userStates is ListUserKubeConfigStates: a row for each cluster, Unissued where there is nothing.
func (e *estate) userStates(uid string) []any {
	out := []any{}
	for _, c := range e.Clusters {
		row := obj{"cluster_id": c.ID, "cluster_name": c.Name, "cluster_state": c.State, "cert_state": "Unissued", "cert_expire_time": ""}
		if held, has := e.holds(uid, c.ID); has {
			if held.UserShows == "older" && held.Previous != "" {
				held.Expires = held.Previous
			}
			row["cert_state"], row["cert_expire_time"] = held.state()
		}
		out = append(out, row)
	}
	return out
}

// clusterStates is ListClusterKubeconfigStates of users and roles: who has a certificate that was not removed.
func (e *estate) clusterStates(cluster string) []any {
	types := map[string]string{"root": "RootAccount", "": "RamUser", "role": "RamRole"}
	out := []any{}
	for _, p := range e.everybody() {
		held, has := e.holds(p.UID, cluster)
		state, expires := held.state()
		if !has || state == "Removed" {
			continue
		}
		account := "Active"
		switch {
		case e.deleted(p.UID):
			account = "Deleted"
		case p.Locked:
			account = "InActive"
		}
		out = append(out, obj{"account_id": p.UID, "account_name": or(held.AccountName, p.Name), "account_type": types[p.Kind],
			"account_state": account, "cert_state": state, "cert_expire_time": expires,
			"revokable": p.UID != e.Account && p.UID != e.Caller.UID, "cloud_service_name": ""})
	}
	return out
}

func (e *estate) serviceStates(cluster string) []any {
	out := []any{}
	for _, s := range e.CloudServices {
		if s.Cluster == cluster {
			out = append(out, obj{"account_id": s.UID, "account_name": s.Name, "account_type": "RamRole", "cert_state": "Unexpired",
				"cert_expire_time": s.Expires, "cloud_service_name": s.Service, "cloud_service_roles": []obj{{"is_default_template": true,
					"role_name": "cluster-admin", "role_namespace": "kube-system", "type": "ClusterRole"}}})
		}
	}
	return out
}

// permissions is DescribeUserPermission, asked by an administrator of everything.
func (e *estate) permissions(uid string) []any {
	out := []any{}
	for _, g := range e.Grants {
		if g.UID != uid {
			continue
		}
		row := obj{"resource_id": g.Cluster, "resource_type": "cluster", "role_type": g.Role, "role_name": "", "is_owner": 0, "is_ram_role": 0}
		switch {
		case g.AllClusters:
			row["resource_id"], row["resource_type"] = "all-clusters", "console"
		case g.Namespace != "":
			row["resource_id"], row["resource_type"] = g.Cluster+"/"+g.Namespace, "namespace"
		}
		if g.Custom {
			row["role_type"], row["role_name"] = "custom", g.Role
		}
		if g.Owner {
			row["is_owner"], row["role_type"] = 1, "admin"
		}
		if slices.ContainsFunc(e.everybody(), func(p principal) bool { return p.UID == uid && p.Kind == "role" }) {
			row["is_ram_role"] = 1
		}
		out = append(out, row)
	}
	return out
}

// people are the users or roles that RAM lists, by name, as it lists them.
func listed(people []principal) []principal {
	out := slices.DeleteFunc(slices.Clone(people), func(p principal) bool { return !yes(p.Listed) })
	slices.SortFunc(out, func(a, b principal) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

func (p principal) user() obj {
	return obj{"UserId": p.UID, "UserName": p.Name, "DisplayName": p.Name, "CreateDate": p.Created}
}

func (p principal) role(account string) obj {
	return obj{"RoleId": p.UID, "RoleName": p.Name, "Arn": roleArn(account, p.Name), "CreateDate": p.Created}
}

func roleArn(account, name string) string { return "acs:ram::" + account + ":role/" + name }

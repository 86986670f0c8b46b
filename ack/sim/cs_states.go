package sim

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// userState is one row of ListUserKubeConfigStates.
type userState struct {
	ClusterID    string `json:"cluster_id"`
	ClusterName  string `json:"cluster_name"`
	ClusterState string `json:"cluster_state"`
	CertState    string `json:"cert_state"`
	CertExpires  string `json:"cert_expire_time"`
}

// listUserStates is ListUserKubeConfigStates: one principal, cluster by cluster, paged in snake_case [DOC]. No rule about what a
// caller may see is documented for it, so it shows everything, clusters that the cluster list leaves out too.
func (a *Account) listUserStates(q *request) answer {
	if refusal := digitsOnly(q.UID); refusal != nil {
		return *refusal
	}
	info, refusal := page(q.params, "page_number", "page_size", 50, 1, 100)
	if refusal != nil {
		return *refusal
	}
	show, refusal := a.shown(q.UID, a.estate.behaviour.deletedUserStates)
	if refusal != nil {
		return *refusal
	}
	rows := []userState{}
	certificates := a.seen(q.UID).certificates
	for _, c := range a.estate.clusters {
		certificate := certificates[c.id]
		certificate = certificate.shown(certificate.userShows)
		state := a.state(certificate)
		switch {
		case !show, c.gone() && !a.estate.behaviour.deletedClusterRows:
			continue
		case state == unissued && (!a.estate.behaviour.statesEnumerate || c.gone()):
			continue
		case state == unissued:
			certificate.expires = time.Time{}
		}
		rows = append(rows, userState{c.id, c.name, c.state, state, expiry(certificate.expires)})
	}
	rows = cut(rows, &info)
	return ok(struct {
		Page   pageInfo    `json:"page"`
		States []userState `json:"states"`
	}{info, rows})
}

// clusterState is one row of ListClusterKubeconfigStates.
type clusterState struct {
	AccountID    string        `json:"account_id"`
	AccountName  string        `json:"account_name"`
	DisplayName  string        `json:"account_display_name"`
	AccountType  string        `json:"account_type"`
	AccountState string        `json:"account_state"`
	CertState    string        `json:"cert_state"`
	CertExpires  string        `json:"cert_expire_time"`
	Revokable    bool          `json:"revokable"`
	Service      string        `json:"cloud_service_name"`
	ServiceRoles []serviceRole `json:"cloud_service_roles"`
}

// serviceRole is what a cloud service may do; its values are those of the published samples [DOC].
type serviceRole struct {
	Default   bool   `json:"is_default_template"`
	Name      string `json:"role_name"`
	Namespace string `json:"role_namespace"`
	Type      string `json:"type"`
}

var accountTypes = map[kind]string{root: "RootAccount", user: "RamUser", role: "RamRole"}

// listClusterStates is ListClusterKubeconfigStates: one cluster, principal by principal, paged in camelCase, with the states
// Unexpired, Expired and Unknown only [DOC]. Cloud services come in a list of their own; a role that also has a credential like
// anybody else is in both, and carries the name of its service in both (a choice: the documentation gives every row the field).
func (a *Account) listClusterStates(q *request) answer {
	info, refusal := page(q.params, "pageNumber", "pageSize", 10, 1, 50)
	if refusal != nil {
		return *refusal
	}
	services, err := strconv.ParseBool(first(q.params.Get("cloudServiceKubeConfig"), "false"))
	if err != nil {
		return *refuse(http.StatusBadRequest, "InvalidParameter.cloudServiceKubeConfig", "cloudServiceKubeConfig must be true or false")
	}
	c, known := a.clusters[q.Cluster]
	if !known || c.gone() {
		return *noCluster(q.Cluster)
	}
	rows := a.principalRows(q.caller, c)
	if services {
		rows = a.serviceRows(c)
	}
	rows = cut(rows, &info)
	return ok(struct {
		Page   pageInfo       `json:"page"`
		States []clusterState `json:"states"`
	}{info, rows})
}

func (a *Account) principalRows(by caller, c cluster) []clusterState {
	var rows []clusterState
	for _, uid := range a.ledger.holders {
		p := a.people[uid]
		certificate := a.seen(uid).certificates[c.id]
		certificate = certificate.shown(certificate.clusterShows)
		state := a.state(certificate)
		if state == unissued || state == removed || (p.deleted && !a.estate.behaviour.clusterListDeleted) {
			continue
		}
		name := first(certificate.name, p.name)
		row := clusterState{
			AccountID: uid, AccountName: name, DisplayName: name, AccountType: accountTypes[p.kind], AccountState: "Active",
			CertState: state, CertExpires: expiry(certificate.expires), ServiceRoles: []serviceRole{},
			// The two that a clean refuses as its target.
			Revokable: p.kind != root && uid != by.uid,
		}
		switch {
		case p.deleted:
			row.AccountState = a.estate.behaviour.deletedState
		case p.locked:
			row.AccountState = "InActive"
		}
		if i := slices.IndexFunc(a.estate.services, func(s cloudService) bool { return s.uid == uid && s.cluster == c.id }); i >= 0 {
			row.Service = a.estate.services[i].service
		}
		rows = append(rows, row)
	}
	return rows
}

func (a *Account) serviceRows(c cluster) []clusterState {
	var rows []clusterState
	for _, s := range a.estate.services {
		if s.cluster != c.id {
			continue
		}
		rows = append(rows, clusterState{
			AccountID: s.uid, AccountName: s.name, DisplayName: s.name, AccountType: accountTypes[role], AccountState: "Active",
			CertState: a.state(credential{cluster: c.id, expires: s.expires}), CertExpires: expiry(s.expires), Service: s.service,
			ServiceRoles: []serviceRole{{Default: true, Name: "cluster-admin", Namespace: "kube-system", Type: "ClusterRole"}},
		})
	}
	slices.SortFunc(rows, func(x, y clusterState) int { return strings.Compare(x.AccountID, y.AccountID) })
	return rows
}

// expiry is RFC 3339 in UTC [DOC]; what is shown where there is none is not documented.
func expiry(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

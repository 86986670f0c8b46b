package sim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
)

// grantElement is one element of the body of UpdateUserPermissions. Its role_type is the scope, unlike the role_type of a row of
// DescribeUserPermission, which is the role [DOC].
type grantElement struct {
	Cluster   string `json:"cluster"`
	Custom    bool   `json:"is_custom"`
	RAMRole   bool   `json:"is_ram_role"`
	Namespace string `json:"namespace"`
	RoleName  string `json:"role_name"`
	RoleType  string `json:"role_type"`
}

// updateUserPermissions has three modes: patch adds rows, delete takes rows away, and apply - which is also what no mode means -
// replaces everything the principal has [DOC]. What somebody holds as the creator of a cluster survives all three [DOC of
// GrantPermissions].
func (a *Account) updateUserPermissions(q *request) answer {
	if refusal := digitsOnly(q.UID); refusal != nil {
		return *refusal
	}
	mode := first(q.params.Get("mode"), "apply")
	if !slices.Contains([]string{"apply", "patch", "delete"}, mode) {
		return *refuse(http.StatusBadRequest, "InvalidParameter.mode", "mode must be apply, patch or delete")
	}
	rows, refusal := a.elements(q)
	if refusal != nil {
		return *refusal
	}
	p, known := a.people[q.UID]
	if !known || (p.deleted && mode != "delete" && len(rows) > 0) {
		return *noPrincipal(q.UID, p.kind)
	}
	affected := slices.Clone(rows)
	if mode == "apply" {
		affected = append(affected, a.held(q.UID).grants...)
	}
	for _, g := range affected {
		if !g.Owner && !a.mayChange(q.caller, g) {
			return *refuse(http.StatusForbidden, "ForbiddenGrantPermissions", "the caller is not administrator where the permissions are")
		}
	}
	a.change(q, a.options.Ledger(), func(h *holdings) {
		if mode == "apply" {
			h.grants = slices.DeleteFunc(h.grants, func(g Grant) bool { return !g.Owner })
		}
		for _, g := range rows {
			if mode == "delete" {
				h.grants = without(h.grants, g)
			} else {
				h.grants = patched(h.grants, g)
			}
		}
	})
	return answer{status: http.StatusOK} // the operation has no response body [DOC]
}

// elements reads the body, a JSON array.
func (a *Account) elements(q *request) ([]Grant, *answer) {
	var body []grantElement
	decoder := json.NewDecoder(bytes.NewReader(q.body))
	decoder.DisallowUnknownFields() // the service may be lenient; a misspelt field is never meant
	if err := decoder.Decode(&body); err != nil || decoder.More() || body == nil {
		return nil, refuse(http.StatusBadRequest, "ErrorJsonDecode", "the body must be a JSON array of permissions")
	}
	var out []Grant
	for i, element := range body {
		g, refusal := a.element(q.UID, element)
		if refusal != nil {
			refusal.message += fmt.Sprintf(" (element %d)", i)
			return nil, refusal
		}
		out = append(out, g)
	}
	return out, nil
}

func (a *Account) element(uid string, e grantElement) (Grant, *answer) {
	g := Grant{UID: uid, Cluster: e.Cluster, Namespace: e.Namespace, Role: e.RoleName, Custom: e.Custom,
		AllClusters: e.RoleType == allClusters}
	wrong := ""
	switch {
	case e.RoleType != "cluster" && e.RoleType != "namespace" && e.RoleType != allClusters:
		wrong = "role_type must be cluster, namespace or all-clusters"
	case (e.RoleType == "namespace") != (e.Namespace != ""):
		wrong = "namespace belongs to the role_type namespace, and only to it"
	case g.AllClusters != (e.Cluster == ""):
		wrong = "cluster must be empty for the role_type all-clusters, and only for it"
	case e.RoleName == "":
		wrong = "role_name is missing"
	case g.Namespace != "" && !g.Custom && slices.Contains([]string{"admin", "admin-view", "ops"}, g.Role):
		wrong = g.Role + " cannot be granted per namespace"
	case a.people[uid].kind == root:
		wrong = "the root account needs no permissions"
	case a.people[uid].kind != "" && e.RAMRole != (a.people[uid].kind == role):
		wrong = "is_ram_role does not fit the principal"
	default:
		wrong = wrongRole(g)
	}
	if wrong != "" {
		return g, refuse(http.StatusBadRequest, "InvalidParameter", "%s", wrong)
	}
	if !g.AllClusters {
		if _, refusal := a.writable(g.Cluster); refusal != nil {
			return g, refusal
		}
	}
	return g, nil
}

// mayChange says whether the caller may grant or take a row: it needs to be RBAC administrator there [DOC].
func (a *Account) mayChange(by caller, g Grant) bool {
	if g.AllClusters {
		return a.administratorOfAll(by)
	}
	return a.administrator(by, g.Cluster)
}

package sim

import "net/http"

// accessDenied is what RAM tells about a refusal of its own: who lacks what [DOC].
type accessDenied struct {
	AuthAction               string
	AuthPrincipalDisplayName string
	AuthPrincipalOwnerID     string `json:"AuthPrincipalOwnerId"`
	AuthPrincipalType        string
	NoPermissionType         string
	PolicyType               string
}

const (
	implicitDeny = "ImplicitDeny" // nothing allows it
	explicitDeny = "ExplicitDeny" // something forbids it
)

// denied is the refusal of a call whose caller lacks the RAM action. CS words it differently for users and for sessions of roles,
// and has another code than RAM and STS [DOC].
func (a *Account) denied(q *request) *answer {
	out := refuse(http.StatusForbidden, "NoPermission", "You are not authorized to do this action. You should be authorized by RAM.")
	if q.service == cs {
		policy := "RAM"
		if q.caller.kind == roleCaller {
			policy = "STSToken"
		}
		out = refuse(http.StatusForbidden, "StatusForbidden", "%s policy Forbidden for action %s", policy, q.action())
	}
	if a.estate.behaviour.denials == "published" {
		out.denied = a.detail(q)
	}
	return out
}

func (a *Account) detail(q *request) *accessDenied {
	d := &accessDenied{AuthAction: q.action(), AuthPrincipalOwnerID: a.estate.account, NoPermissionType: implicitDeny,
		PolicyType: "AccountLevelIdentityBasedPolicy", AuthPrincipalDisplayName: q.caller.uid}
	switch q.caller.kind {
	case roleCaller:
		d.AuthPrincipalType = "AssumedRoleUser"
		d.AuthPrincipalDisplayName = a.people[q.caller.uid].name + ":" + q.caller.session
	case userCaller:
		d.AuthPrincipalType = "SubUser"
	default: // not to be denied anything in a real account; a fault does not ask
		d.AuthPrincipalType = "Account"
	}
	return d
}

// explicitly turns a denial into one by a policy that forbids.
func (out *answer) explicitly() *answer {
	if out.denied != nil {
		out.denied.NoPermissionType = explicitDeny
	}
	return out
}

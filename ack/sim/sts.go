package sim

// session is the name of the session of a caller that is a role.
const session = "simulated"

// getCallerIdentity says who the key pair of the account belongs to. UserId is there for the root account and for users, RoleId
// for role sessions only [DOC].
func (a *Account) getCallerIdentity(q *request) answer {
	out := struct {
		RequestID    string `json:"RequestId"`
		IdentityType string
		AccountID    string `json:"AccountId"`
		PrincipalID  string `json:"PrincipalId"`
		UserID       string `json:"UserId,omitempty"`
		RoleID       string `json:"RoleId,omitempty"`
		Arn          string
	}{RequestID: q.RequestID, IdentityType: a.estate.caller.kind, AccountID: a.estate.account}

	uid := a.estate.caller.uid
	name := a.people[uid].name
	arn := "acs:ram::" + a.estate.account + ":"
	switch a.estate.caller.kind {
	case roleCaller:
		out.RoleID, out.PrincipalID, out.Arn = uid, uid+":"+session, arn+"assumed-role/"+name+"/"+session
	case userCaller:
		out.UserID, out.PrincipalID, out.Arn = uid, uid, arn+"user/"+name
	default:
		out.UserID, out.PrincipalID, out.Arn = uid, uid, arn+"root"
	}
	return ok(out)
}

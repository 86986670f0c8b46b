package sim

// getCallerIdentity says who the key pair of a call belongs to. UserId is there for the root account and for users, RoleId for
// role sessions only [DOC].
func (a *Account) getCallerIdentity(q *request) answer {
	out := struct {
		RequestID    string `json:"RequestId"`
		IdentityType string
		AccountID    string `json:"AccountId"`
		PrincipalID  string `json:"PrincipalId"`
		UserID       string `json:"UserId,omitempty"`
		RoleID       string `json:"RoleId,omitempty"`
		Arn          string
	}{RequestID: q.RequestID, IdentityType: q.caller.kind, AccountID: a.estate.account}

	uid := q.caller.uid
	name := a.people[uid].name
	arn := "acs:ram::" + a.estate.account + ":"
	switch q.caller.kind {
	case roleCaller:
		out.RoleID, out.PrincipalID, out.Arn = uid, uid+":"+q.caller.session, arn+"assumed-role/"+name+"/"+q.caller.session
	case userCaller:
		out.UserID, out.PrincipalID, out.Arn = uid, uid, arn+"user/"+name
	default:
		out.UserID, out.PrincipalID, out.Arn = uid, uid, arn+"root"
	}
	return ok(out)
}

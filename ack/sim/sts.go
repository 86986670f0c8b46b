package sim

// getCallerIdentity says who the keys of a call belong to. UserId is there for the root account and for users, RoleId for role
// sessions only [DOC].
func (a *Account) getCallerIdentity(q *request) answer {
	uid := q.caller.uid
	out := struct {
		RequestID    string `json:"RequestId"`
		IdentityType string
		AccountID    string `json:"AccountId"`
		PrincipalID  string `json:"PrincipalId"`
		UserID       string `json:"UserId,omitempty"`
		RoleID       string `json:"RoleId,omitempty"`
		Arn          string
	}{RequestID: q.RequestID, IdentityType: q.caller.kind, AccountID: a.estate.account, PrincipalID: uid, Arn: a.arnOf(q.caller)}
	if q.caller.kind == roleCaller {
		out.RoleID, out.PrincipalID = uid, uid+":"+q.caller.session
	} else {
		out.UserID = uid
	}
	return ok(out)
}

// arnOf is the name of a caller across accounts [DOC].
func (a *Account) arnOf(who caller) string {
	arn, name := "acs:ram::"+a.estate.account+":", a.people[who.uid].name
	switch who.kind {
	case roleCaller:
		return arn + "assumed-role/" + name + "/" + who.session
	case userCaller:
		return arn + "user/" + name
	}
	return arn + "root"
}

package sim

import (
	"fmt"
	"net/http"
)

// The states of an access key [DOC].
const (
	activeKey   = "Active"
	inactiveKey = "Inactive"
)

type loginProfile struct {
	UserName              string
	CreateDate            string
	MFABindRequired       bool
	PasswordResetRequired bool
}

// getLoginProfile tells whether a user can log in to the console. A user who cannot has no profile, which is an error with a
// code of its own [DOC].
func (a *Account) getLoginProfile(q *request) answer {
	p, found := a.named(user, q.params.Get("UserName"))
	switch {
	case !found:
		return *refuse(http.StatusNotFound, "EntityNotExist.User", "The user does not exist.")
	case !p.login:
		return *refuse(http.StatusNotFound, "EntityNotExist.User.LoginProfile", "The login policy for the user does not exist.")
	}
	return ok(struct {
		RequestID    string `json:"RequestId"`
		LoginProfile loginProfile
	}{q.RequestID, loginProfile{UserName: p.name, CreateDate: moment(p.created)}})
}

type accessKey struct {
	AccessKeyID string `json:"AccessKeyId"`
	Status      string
	CreateDate  string
}

// listAccessKeys lists the ids and states of a user's access keys, never their secrets; it has no pages [DOC].
func (a *Account) listAccessKeys(q *request) answer {
	p, found := a.named(user, q.params.Get("UserName"))
	if !found {
		return *refuse(http.StatusNotFound, "EntityNotExist.User", "The user does not exist.")
	}
	type keys struct{ AccessKey []accessKey }
	out := struct {
		RequestID  string `json:"RequestId"`
		AccessKeys keys
	}{q.RequestID, keys{[]accessKey{}}}
	for i, state := range p.keys {
		key := accessKey{fmt.Sprintf("simulated-%s-%d", p.uid, i+1), state, moment(p.created)}
		out.AccessKeys.AccessKey = append(out.AccessKeys.AccessKey, key)
	}
	return ok(out)
}

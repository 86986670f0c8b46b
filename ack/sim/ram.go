package sim

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

type ramUser struct {
	UserID      string `json:"UserId"`
	UserName    string
	DisplayName string
	MobilePhone string
	Email       string
	Comments    string
	CreateDate  string
	UpdateDate  string
}

type ramRole struct {
	RoleID             string `json:"RoleId"`
	RoleName           string
	Arn                string
	Description        string
	MaxSessionDuration int
	CreateDate         string
	UpdateDate         string
}

// moment is how RAM writes times: UTC, whole seconds [DOC].
func moment(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

func (a *Account) userOf(p principal) ramUser {
	return ramUser{UserID: p.uid, UserName: p.name, DisplayName: p.name, CreateDate: moment(p.created), UpdateDate: moment(p.created)}
}

func (a *Account) roleOf(p principal) ramRole {
	return ramRole{
		RoleID: p.uid, RoleName: p.name, Arn: "acs:ram::" + a.estate.account + ":role/" + p.name, MaxSessionDuration: 3600,
		CreateDate: moment(p.created), UpdateDate: moment(p.created),
	}
}

// listing is the frame of a RAM list; the marker is there only while more is to come [DOC].
type listing struct {
	RequestID   string `json:"RequestId"`
	IsTruncated bool
	Marker      string `json:",omitempty"`
}

func (a *Account) listUsers(q *request) answer {
	people, frame, refusal := a.list(q, user)
	if refusal != nil {
		return *refusal
	}
	type users struct{ User []ramUser }
	out := struct {
		listing
		Users users
	}{frame, users{[]ramUser{}}}
	for _, p := range people {
		out.Users.User = append(out.Users.User, a.userOf(p))
	}
	return ok(out)
}

func (a *Account) listRoles(q *request) answer {
	people, frame, refusal := a.list(q, role)
	if refusal != nil {
		return *refusal
	}
	type roles struct{ Role []ramRole }
	out := struct {
		listing
		Roles roles
	}{frame, roles{[]ramRole{}}}
	for _, p := range people {
		out.Roles.Role = append(out.Roles.Role, a.roleOf(p))
	}
	return ok(out)
}

// list cuts one page out of the live principals of a kind, by name. A marker is the name the page before ended with, in a form
// that invites nobody to make one up.
func (a *Account) list(q *request, k kind) ([]principal, listing, *answer) {
	frame := listing{RequestID: q.RequestID}
	size, err := strconv.Atoi(first(q.params.Get("MaxItems"), "100"))
	if err != nil || size < 1 || size > 1000 {
		return nil, frame, refuse(http.StatusBadRequest, "InvalidParameter.MaxItems", "MaxItems must be from 1 to 1000")
	}
	after, err := base64.RawURLEncoding.DecodeString(q.params.Get("Marker"))
	if err != nil {
		return nil, frame, refuse(http.StatusBadRequest, "InvalidParameter.Marker", "the marker is not one of ours")
	}
	var out []principal
	for _, p := range a.estate.principals {
		if p.kind == k && p.listed && !p.deleted && p.name > string(after) {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(x, y principal) int {
		return cmp.Or(strings.Compare(x.name, y.name), strings.Compare(x.uid, y.uid))
	})
	if len(out) > size {
		out = out[:size]
		frame.IsTruncated, frame.Marker = true, base64.RawURLEncoding.EncodeToString([]byte(out[size-1].name))
	}
	return out, frame, nil
}

// getUser takes a name, not an id [DOC].
func (a *Account) getUser(q *request) answer {
	p, found := a.named(user, q.params.Get("UserName"))
	if !found {
		return *refuse(http.StatusNotFound, "EntityNotExist.User", "The user does not exist.")
	}
	return ok(struct {
		RequestID string `json:"RequestId"`
		User      ramUser
	}{q.RequestID, a.userOf(p)})
}

func (a *Account) getRole(q *request) answer {
	p, found := a.named(role, q.params.Get("RoleName"))
	if !found {
		return *refuse(http.StatusNotFound, "EntityNotExist.Role", "The role does not exist.")
	}
	type whole struct {
		ramRole
		AssumeRolePolicyDocument string
	}
	return ok(struct {
		RequestID string `json:"RequestId"`
		Role      whole
	}{q.RequestID, whole{a.roleOf(p), a.trust(p)}})
}

// trust is the policy that says who may assume a role, a text that holds JSON [DOC]. It says what AssumeRole here goes by.
func (a *Account) trust(p principal) string {
	type m = map[string]any
	statement := m{"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": m{"RAM": []string{"acs:ram::" + a.estate.account + ":root"}}}
	if p.external != "" {
		statement["Condition"] = m{"StringEquals": m{"sts:ExternalId": p.external}}
	}
	text, _ := json.Marshal(m{"Statement": []m{statement}, "Version": "1"}) // all of it is text
	return string(text)
}

func (a *Account) named(k kind, name string) (principal, bool) {
	for _, p := range a.estate.principals {
		if p.kind == k && p.name == name && !p.deleted {
			return p, true
		}
	}
	return principal{}, false
}

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

package sim

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"sync"
	"time"
)

// keys are what somebody signs with: the caller's own pair, or those of a session.
type keys struct {
	who           caller
	secret, token string
	expires       time.Time // by the service's clock; zero: never
}

// holder returns whose an access key is; known is false for one that was never given out, whose calls count as the caller's.
func (a *Account) holder(accessKeyID string) (k keys, known bool) {
	id, secret := a.Keys()
	k = keys{who: a.estate.caller, secret: secret, token: a.options.Token}
	if accessKeyID == id {
		return k, true
	}
	if of, assumed := a.sessions.of(accessKeyID); assumed {
		return of, true
	}
	return k, false
}

// sessions are those that AssumeRole gave out. They have a lock of their own: another account may give one out while it is locked.
type sessions struct {
	mu    sync.Mutex
	byKey map[string]keys // by access key
}

func (s *sessions) of(accessKeyID string) (keys, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, known := s.byKey[accessKeyID]
	return k, known
}

// begin gives out keys of the account for a session.
func (s *sessions) begin(account string, who caller, expires time.Time) credentials {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.byKey) + 1
	given := credentials{
		AccessKeyID:     fmt.Sprintf("STS.simulated-%s-%d", account, n),
		AccessKeySecret: fmt.Sprintf("not-a-secret-%s-%d", account, n),
		SecurityToken:   fmt.Sprintf("not-a-token-%s-%d", account, n),
		Expiration:      moment(expires),
	}
	s.byKey[given.AccessKeyID] = keys{who: who, secret: given.AccessKeySecret, token: given.SecurityToken, expires: expires}
	return given
}

// now is the service's clock, by which calls are fresh and sessions end.
func (a *Account) now() time.Time { return time.Now().Add(a.options.Skew) }

// The bounds of a session: its length in seconds and its name [DOC].
const (
	shortestSession = 900
	longestSession  = 3600 // MaxSessionDuration of every role here
)

var (
	roleArn     = regexp.MustCompile(`^acs:ram::([0-9]+):role/(.+)$`)
	sessionName = regexp.MustCompile(`^[A-Za-z0-9.@_-]{2,64}$`)
)

type assumedRole struct {
	Arn           string
	AssumedRoleID string `json:"AssumedRoleId"`
}

type credentials struct {
	AccessKeyID     string `json:"AccessKeyId"`
	AccessKeySecret string
	SecurityToken   string
	Expiration      string
}

// assumeRole gives out keys and a token; calls with them are those of a session of the role until they expire. Who is trusted to
// assume a role is not simulated beyond its external id, and a session policy narrows nothing: nothing here evaluates policies.
// A role of another account behind the same address gives keys of that account.
func (a *Account) assumeRole(q *request) answer {
	of, p, seconds, refusal := a.assumable(q)
	if refusal != nil {
		return *refusal
	}
	who := caller{kind: roleCaller, uid: p.uid, session: q.params.Get("RoleSessionName")}
	expires := of.now().Add(time.Duration(seconds) * time.Second).Truncate(time.Second)
	return ok(struct {
		RequestID       string `json:"RequestId"`
		AssumedRoleUser assumedRole
		Credentials     credentials
	}{q.RequestID, assumedRole{of.arnOf(who), p.uid + ":" + who.session}, of.sessions.begin(of.estate.account, who, expires)})
}

// assumable reads the parameters of an AssumeRole and finds the role, and the account that it is of.
func (a *Account) assumable(q *request) (of *Account, p principal, seconds int, refusal *answer) {
	arn := roleArn.FindStringSubmatch(q.params.Get("RoleArn"))
	seconds, err := strconv.Atoi(first(q.params.Get("DurationSeconds"), strconv.Itoa(longestSession)))
	if arn != nil {
		of = a.account(arn[1])
	}
	switch {
	case arn == nil:
		refusal = refuse(http.StatusBadRequest, "InvalidParameter.RoleArn", "RoleArn must be like acs:ram::%s:role/name", a.estate.account)
	case !sessionName.MatchString(q.params.Get("RoleSessionName")):
		refusal = refuse(http.StatusBadRequest, "InvalidParameter.RoleSessionName",
			"RoleSessionName must be 2 to 64 letters, digits and the signs . @ - _")
	case err != nil || seconds < shortestSession || seconds > longestSession:
		refusal = refuse(http.StatusBadRequest, "InvalidParameter.DurationSeconds",
			"DurationSeconds must be from %d to %d", shortestSession, longestSession)
	case of == nil, a.estate.behaviour.assumeRole == "denied", of.estate.behaviour.assumeRole == "denied":
		refusal = a.denied(q)
	}
	if refusal != nil {
		return nil, p, 0, refusal
	}
	p, found := of.named(role, arn[2])
	switch {
	case !found:
		refusal = refuse(http.StatusNotFound, "EntityNotExist.Role", "The role does not exist.")
	case p.external != "" && p.external != q.params.Get("ExternalId"):
		refusal = a.denied(q)
	}
	return of, p, seconds, refusal
}

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

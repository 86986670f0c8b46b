package ack

import (
	"net/http"
	"strings"
	"testing"

	"ackrevoke/policy"
)

func TestClassify(t *testing.T) {
	const html = "<html><body>404 Not Found</body></html>"
	good := policy.FaultKind("good")
	for _, tt := range []struct {
		op     operation
		status int
		body   string
		want   policy.FaultKind
	}{
		// good answers
		{listUsers, 200, `{}`, good},
		{describeUserPermission, 200, `[]`, good},
		{listUsers, 200, `{"code":"200","message":"ok"}`, good},
		{listUsers, 200, `{"code":0}`, good},
		{cleanClusterUserPermissions, 200, `{}`, good},
		{cleanClusterUserPermissions, 200, ``, good},
		{cleanClusterUserPermissions, 202, "\n", good},
		{cleanClusterUserPermissions, 204, ``, good},

		// no word of the service
		{listUsers, 200, ``, policy.Unavailable},
		{listUsers, 204, ``, policy.Unavailable},
		{listUsers, 200, html, policy.Unavailable},
		{cleanClusterUserPermissions, 200, html, policy.Unavailable},
		{cleanClusterUserPermissions, 200, `{"requestId":`, policy.Unavailable},
		{listUsers, 500, ``, policy.Unavailable},
		{listUsers, 502, html, policy.Unavailable},
		{listUsers, 403, html, policy.Unavailable},
		{listUsers, 401, ``, policy.Unavailable},
		{describeClusterDetail, 404, html, policy.Unavailable},
		{describeClusterDetail, 404, ``, policy.Unavailable},
		{describeClusterDetail, 404, `ErrorClusterNotFound`, policy.Unavailable},
		{describeClusterDetail, 404, `{"code":"ErrorClusterNotFound"`, policy.Unavailable},
		{listUsers, 301, `{}`, policy.Unavailable},
		{cleanClusterUserPermissions, 307, ``, policy.Unavailable},
		{listUsers, 503, code("ServiceUnavailable"), policy.Unavailable},
		{listUsers, 400, code("ServiceUnavailable"), policy.Unavailable},
		{listUsers, 500, code("InternalError"), policy.Unavailable},
		{listUsers, 500, code("Whatever"), policy.Unavailable},
		{listUsers, 200, code("InternalError"), policy.Unavailable},
		{listUsers, 200, `{"code":503}`, policy.Unavailable},
		{listUsers, 400, code("SignatureNonceUsed"), policy.Unavailable},
		{listUsers, 408, `{}`, policy.Unavailable},

		// throttled, whatever the status
		{listUsers, 429, ``, policy.Throttled},
		{listUsers, 429, html, policy.Throttled},
		{listUsers, 429, code("NoPermission"), policy.Throttled},
		{listUsers, 400, code("Throttling"), policy.Throttled},
		{listUsers, 400, code("Throttling.User"), policy.Throttled},
		{listUsers, 403, code("Throttling.Api"), policy.Throttled},
		{listUsers, 503, code("Throttling.Whatever"), policy.Throttled},
		{listUsers, 400, code("Rejected.Throttling"), policy.Throttled},
		{listUsers, 200, code("Throttling.User"), policy.Throttled},

		// conflict
		{updateUserPermissions, 409, code("ErrAuthorizationConflict"), policy.Conflict},
		{updateUserPermissions, 400, code("ErrAuthorizationConflict"), policy.Conflict},
		{updateUserPermissions, 500, code("ErrAuthorizationConflict"), policy.Conflict},
		{updateUserPermissions, 200, code("ErrAuthorizationConflict"), policy.Conflict},

		// gone: only what the request names, only by its code
		{describeClusterDetail, 404, code("ErrorClusterNotFound"), policy.NotFound},
		{describeClusterDetail, 400, code("ErrorClusterNotFound"), policy.NotFound},
		{describeClusterDetail, 200, code("ErrorClusterNotFound"), policy.NotFound},
		{describeClusterDetail, 404, code("InvalidClusterId.NotFound"), policy.NotFound},
		{cleanClusterUserPermissions, 404, code("ErrorClusterNotFound"), policy.NotFound},
		{cleanClusterUserPermissions, 404, code("EntityNotExist.User"), policy.NotFound},
		{describeUserPermission, 404, code("EntityNotExist.Role"), policy.NotFound},
		{listUserStates, 404, code("ErrorUserNotFound"), policy.NotFound},
		{updateUserPermissions, 404, code("ErrorClusterNotFound"), policy.NotFound},
		{cleanClusterUserPermissions, 404, code("ErrorKubeConfigNotFound"), policy.NotFound},
		{describeClusterDetail, 404, `{}`, policy.Invalid},
		{describeClusterDetail, 404, code("InvalidAction.NotFound"), policy.Invalid},
		{describeClusterDetail, 404, code("InvalidApi.NotFound"), policy.Invalid},
		{describeClusterDetail, 404, code("EntityNotExist.User"), policy.Invalid},
		{listUserStates, 404, code("ErrorClusterNotFound"), policy.Invalid},
		{listUsers, 404, code("EntityNotExist.User"), policy.Invalid},
		{describeClusters, 404, code("ErrorClusterNotFound"), policy.Invalid},
		{describeClusterDetail, 403, code("ErrorClusterNotFound"), policy.Denied},
		{describeClusterDetail, 500, code("ErrorClusterNotFound"), policy.Unavailable},
		{describeClusterDetail, 400, code("SomethingNotFound"), policy.Invalid},

		// the runner's own credentials
		{describeClusterDetail, 404, code("InvalidAccessKeyId.NotFound"), policy.Credentials},
		{listUsers, 400, code("InvalidAccessKeyId.Inactive"), policy.Credentials},
		{listUsers, 400, code("SignatureDoesNotMatch"), policy.Credentials},
		{listUsers, 400, code("IncompleteSignature"), policy.Credentials},
		{listUsers, 403, code("InvalidSecurityToken.Expired"), policy.Credentials},
		{listUsers, 400, code("SecurityTokenExpired"), policy.Credentials},
		{listUsers, 400, code("InvalidTimeStamp.Expired"), policy.Credentials},
		{listUsers, 401, code("Anything"), policy.Credentials},
		{listUsers, 200, code("SignatureDoesNotMatch"), policy.Credentials},

		// denied
		{listUsers, 403, code("NoPermission"), policy.Denied},
		{listUsers, 403, `{}`, policy.Denied},
		{listUsers, 400, code("Forbidden.RAM"), policy.Denied},
		{listUsers, 400, code("StatusForbidden"), policy.Denied},
		{updateUserPermissions, 400, code("ForbiddenGrantPermissions"), policy.Denied},
		{listUsers, 400, `{"code":"X","message":"RAM policy Forbidden for action cs:GetClusters"}`, policy.Denied},
		{listUsers, 400, `{"code":"X","message":"STSToken policy Forbidden for action cs:GetClusters"}`, policy.Denied},
		{listUsers, 200, code("StatusForbidden"), policy.Denied},
		{listUsers, 200, `{"code":403}`, policy.Denied},

		// the rest
		{listUsers, 400, code("InvalidParameter"), policy.Invalid},
		{listUsers, 400, `{}`, policy.Invalid},
		{listUsers, 400, `[]`, policy.Invalid},
		{listUsers, 409, code("Whatever"), policy.Invalid},
		{listUsers, 200, code("Whatever"), policy.Invalid},
	} {
		f := classify(tt.op, "host", answer{status: tt.status, header: http.Header{}, body: []byte(tt.body)})
		got := good
		if f != nil {
			got = f.Kind
			if f.Op != tt.op.name || f.Message == "" || !f.Sent || f.Status != tt.status {
				t.Errorf("%s %d %s: incomplete fault %+v", tt.op.name, tt.status, tt.body, f)
			}
		}
		if got != tt.want {
			t.Errorf("%s %d %s: %s, want %s", tt.op.name, tt.status, tt.body, got, tt.want)
		}
	}
}

func TestWhatAnErrorSays(t *testing.T) {
	header := http.Header{"X-Acs-Request-Id": {"H"}}
	for _, tt := range []struct{ body, code, id, message string }{
		{`{"code":"A","message":"m","requestId":"1"}`, "A", "1", "m"},
		{`{"Code":"A","Message":"m","RequestId":"1","HostId":"h"}`, "A", "1", "m"},
		{`{"code":"A","message":"m","requestid":"1"}`, "A", "1", "m"},
		{`{"code":"A","message":"m","request_id":"1"}`, "A", "1", "m"},
		{`{"code":"A"}`, "A", "H", "no explanation given"},
		{`{"code":400,"message":{"why":"x"}}`, "400", "H", `{"why":"x"}`},
	} {
		f := classify(listUsers, "host", answer{status: 400, header: header, body: []byte(tt.body)})
		if f.Code != tt.code || f.RequestID != tt.id || f.Message != tt.message {
			t.Errorf("%s: %+v", tt.body, f)
		}
	}
	f := classify(listUsers, "host", answer{status: 302, header: http.Header{"Location": {"https://login.example/?token=abc"}}})
	if !strings.HasPrefix(f.Message, "redirect refused") || !strings.Contains(f.Message, "login.example") ||
		strings.Contains(f.Message, "abc") {
		t.Error(f.Message)
	}
}

func TestShorten(t *testing.T) {
	if got := []rune(shorten(strings.Repeat("é", 600), 512)); len(got) != 512 || got[511] != '…' {
		t.Errorf("%d runes", len(got))
	}
	if got := shorten("a\xffb", 512); got != "a\uFFFDb" {
		t.Errorf("%q", got)
	}
	if got := shorten(strings.Repeat("é", 512), 512); len([]rune(got)) != 512 || strings.HasSuffix(got, "…") {
		t.Error("exactly 512 runes were cut")
	}
}

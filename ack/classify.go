package ack

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"ackrevoke/policy"
)

// classify returns what is wrong with an answer, or nil. The first line that
// fits decides; code is the service's own, wherever its body has one.
//
//	a redirect                                                    unavailable
//	429, Throttling*, Rejected.Throttling*                        throttled
//	no JSON (an empty body too, unless a write succeeded)         unavailable
//	2xx without a code                                            good
//	ErrAuthorizationConflict                                      conflict
//	a code that says that what the request names does not exist   not found
//	401, codes about access key, signature, security token        credentials
//	403, NoPermission*, Forbidden*, "policy Forbidden for action" denied
//	5xx, 408, ServiceUnavailable*, InternalError*                 unavailable
//	any other 4xx, any other code                                 invalid
//
// The body comes before the status because proxies answer 403, 404 and 502 in
// HTML: none of that is a word of the service, least of all "not found".
func classify(op operation, host string, a answer) *policy.Fault {
	said, isJSON := hear(a)
	good := a.status >= 200 && a.status <= 299
	kind, message := policy.FaultKind(""), said.message
	switch {
	case a.status >= 300 && a.status <= 399:
		kind, message = policy.Unavailable, "redirect refused: "+host+" answered HTTP "+strconv.Itoa(a.status)+elsewhere(a.header)
	case a.status == http.StatusTooManyRequests || hasPrefix(said.code, "Throttling", "Rejected.Throttling"):
		kind = policy.Throttled
	case good && op.write && len(bytes.TrimSpace(a.body)) == 0:
		return nil
	case !isJSON:
		kind, message = policy.Unavailable, notJSON(host, a)
	case good && said.code == "":
		return nil
	case said.code == "ErrAuthorizationConflict":
		kind = policy.Conflict
	case absent(op, a.status, said.code):
		kind = policy.NotFound
	case a.status == http.StatusUnauthorized || hasPrefix(said.code, "InvalidAccessKey", "MissingAccessKey", "SignatureDoesNotMatch",
		"IncompleteSignature",
		"InvalidSecurityToken", "MissingSecurityToken", "SecurityToken", "InvalidTimeStamp", "InvalidCredentials"):
		kind = policy.Credentials
	case a.status == http.StatusForbidden || said.code == "403" || hasPrefix(said.code, "NoPermission", "Forbidden", "StatusForbidden",
		"APISERVER_403") ||
		strings.Contains(said.message, "policy Forbidden for action"):
		kind = policy.Denied
	case a.status >= 500 || a.status < 200 || a.status == http.StatusRequestTimeout || hasPrefix(said.code, "ServiceUnavailable",
		"InternalError", "InternalServerError", "SignatureNonceUsed") ||
		len(said.code) == 3 && said.code[0] == '5':
		kind = policy.Unavailable
	default:
		kind = policy.Invalid
	}
	return &policy.Fault{Op: op.name, Kind: kind, Code: said.code, Status: a.status, RequestID: said.requestID,
		Message: cmp.Or(message, "no explanation given"), Sent: true, Denial: said.denial}
}

// absent reports whether the code says that the cluster or the principal that
// the request names does not exist. The strictest rule of all, since "gone" is
// believed: an unknown action, API or access key is "NotFound" with 404 too.
func absent(op operation, status int, code string) bool {
	if status == http.StatusForbidden || status >= 500 || len(code) > 128 {
		return false
	}
	known := code == "ErrorClusterNotFound" || hasPrefix(code, "EntityNotExist")
	if !known && !(status == http.StatusNotFound && strings.HasSuffix(code, "NotFound")) {
		return false
	}
	if strings.Contains(code, "Cluster") {
		return strings.Contains(op.path, "{cluster}") || op.payload
	}
	named := slices.ContainsFunc([]string{"User", "Role", "Entity", "KubeConfig", "Kubeconfig"},
		func(s string) bool { return strings.Contains(code, s) })
	return named && (strings.Contains(op.path, "{uid}") || slices.Contains(op.query, "UserName"))
}

// words are what an answer says of itself.
type words struct {
	code, message, requestID string
	denial                   *policy.Denial
}

// accessDenied is how the service tells of a denial beside its code; the field
// is spelled in either case [accessDeniedDetail].
type accessDenied struct{ AuthAction, NoPermissionType string }

// ramAction is what an action of RAM looks like: anything else in that field is
// not repeated as one.
var ramAction = regexp.MustCompile(`^[a-z][a-z0-9]{0,31}:[A-Za-z0-9*]{1,64}$`)

func (d *accessDenied) denial() *policy.Denial {
	if d == nil || !ramAction.MatchString(d.AuthAction) {
		return nil
	}
	return &policy.Denial{Action: d.AuthAction, Explicit: d.NoPermissionType == "ExplicitDeny"}
}

// hear reads the error fields of either style, {"code": ...} and {"Code": ...};
// field names match in any case. It reports whether the body is JSON at all.
func hear(a answer) (words, bool) {
	if a.heard == nil {
		a.listen()
	}
	return a.heard.words, a.heard.isJSON
}

// listen reads the answer once for all who ask what it says.
func (a *answer) listen() {
	var w words
	var raw struct {
		Code, Message, RequestID json.RawMessage
		Snake                    json.RawMessage `json:"request_id"`
		AccessDeniedDetail       json.RawMessage
	}
	err := json.Unmarshal(a.body, &raw)
	if err == nil {
		w.code, w.message = word(raw.Code), word(raw.Message)
		w.requestID = cmp.Or(word(raw.RequestID), word(raw.Snake))
		var detail *accessDenied
		if json.Unmarshal(raw.AccessDeniedDetail, &detail) == nil {
			w.denial = detail.denial()
		}
	}
	w.requestID = cmp.Or(w.requestID, a.header.Get("x-acs-request-id"))
	// Some interfaces wrap even a success into a code.
	if slices.Contains([]string{"0", "200", "ok", "success"}, strings.ToLower(w.code)) && a.status <= 299 {
		w.code = ""
	}
	a.heard = &hearing{w, err == nil || json.Valid(a.body)}
}

// word is a JSON value as text: a string's content, else as it stands.
func word(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}

func notJSON(host string, a answer) string {
	what := "an answer that is not JSON"
	switch {
	case len(bytes.TrimSpace(a.body)) == 0:
		what = "an empty body"
	case strings.HasPrefix(a.header.Get("Content-Type"), "text/html"):
		what = "HTML"
	}
	return fmt.Sprintf("%s answered HTTP %d with %s; look for a proxy or gateway in between", host, a.status, what)
}

// elsewhere names the host of a redirect, and no more of its address.
func elsewhere(h http.Header) string {
	u, err := url.Parse(h.Get("Location"))
	if err != nil || u.Host == "" {
		return ""
	}
	return " to " + u.Host
}

func hasPrefix(s string, prefixes ...string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(s, p) })
}

// shorten keeps n runes of valid text. Whoever prints it makes it harmless for
// the place where it goes.
func shorten(s string, n int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= n {
		return s
	}
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

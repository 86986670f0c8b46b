package sim_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/alibabacloud-go/tea/dara"

	"ackrevoke/ack/sim"
)

// TestOldRPC lets the vendor's client sign RAM and STS calls the way it did before ACS3, which some of its releases still do.
func TestOldRPC(t *testing.T) {
	for _, x := range []struct {
		name, token, secret, want string
		query                     map[string]string
		spoil                     func(*http.Request)
	}{
		{"right", "", "", "", nil, nil},
		{"with a token", "a token/+=", "", "", nil, nil},
		{"odd parameters", "", "", "", map[string]string{"Odd": "a b*c~d+é/&=", "Empty": ""}, nil},
		{"another action in a header", "", "", "", nil, func(r *http.Request) { r.Header.Set("x-acs-action", "GetUser") }},
		{"another service in a header", "", "", "", nil, func(r *http.Request) { r.Header.Set("x-acs-version", "2015-04-01") }},
		{"wrong secret", "", "wrong", "SignatureDoesNotMatch", nil, nil},
		{"tampered", "", "", "SignatureDoesNotMatch", nil, func(r *http.Request) { r.URL.RawQuery += "&MaxItems=1" }},
		{"another method", "", "", "SignatureDoesNotMatch", nil, func(r *http.Request) { r.Method = "GET" }},
		{"no signature", "", "", "IncompleteSignature", nil, without("Signature")},
		{"no nonce", "", "", "IncompleteSignature", nil, without("SignatureNonce")},
		{"another version", "", "", "IncompleteSignature", nil, change("SignatureVersion", "2.0")},
		{"another method of signing", "", "", "IncompleteSignature", nil, change("SignatureMethod", "HMAC-SHA256")},
		{"another token", "x", "", "InvalidSecurityToken.Malformed", nil, change("SecurityToken", "y")},
		{"old", "", "", "InvalidTimeStamp.Expired", nil, change("Timestamp",
			time.Now().UTC().Add(-16*time.Minute).Format("2006-01-02T15:04:05Z"))},
	} {
		t.Run(x.name, func(t *testing.T) {
			a := sim.New(load(t, small(t, "")), sim.Options{Token: x.token})
			key, secret := a.Keys()
			if x.secret != "" {
				secret = x.secret
			}
			c := newRPCWith(t, a, key, secret, x.token)
			c.rpc.SignatureAlgorithm = dara.String("v2")
			c.spoil = x.spoil
			body, err := c.call(t, "2015-05-01", "ListUsers", x.query)
			if x.want != "" {
				if err == nil || !strings.Contains(err.Error(), x.want) {
					t.Errorf("%v, want %s", err, x.want)
				}
				return
			}
			if err != nil || body["Users"] == nil {
				t.Errorf("%v %v", body, err)
			}
			same(t, a.Calls()[0].Signature, "rpc-hmac-sha1")
		})
	}
}

func without(key string) func(*http.Request) {
	return func(r *http.Request) {
		query := r.URL.Query()
		query.Del(key)
		r.URL.RawQuery = query.Encode()
	}
}

func change(key, value string) func(*http.Request) {
	return func(r *http.Request) {
		query := r.URL.Query()
		query.Set(key, value)
		r.URL.RawQuery = query.Encode()
	}
}

// signed adds what the RPC style of old wants to the parameters of a call.
func signed(method, key, secret string, params url.Values) url.Values {
	for name, value := range map[string]string{"AccessKeyId": key, "SignatureMethod": "HMAC-SHA1", "SignatureVersion": "1.0",
		"SignatureNonce": "n-1", "Timestamp": time.Now().UTC().Format("2006-01-02T15:04:05Z"), "Format": "JSON"} {
		params.Set(name, value)
	}
	mac := hmac.New(sha1.New, []byte(secret+"&"))
	mac.Write([]byte(method + "&" + url.QueryEscape("/") + "&" + url.QueryEscape(strings.ReplaceAll(params.Encode(), "+", "%20"))))
	params.Set("Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	return params
}

// TestBareRPC makes the same calls by hand: without any header of the vendor's, with everything in the query or in a form.
func TestBareRPC(t *testing.T) {
	a := sim.New(load(t, small(t, "")), sim.Options{})
	key, secret := a.Keys()
	who := func(version, action string) url.Values { return url.Values{"Version": {version}, "Action": {action}} }
	ask := func(r *http.Request) (int, string) {
		recorder := httptest.NewRecorder()
		a.ServeHTTP(recorder, r)
		return recorder.Code, recorder.Body.String()
	}
	posted := func(form url.Values) *http.Request {
		r := httptest.NewRequest("POST", "/", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return r
	}
	for _, r := range []*http.Request{
		httptest.NewRequest("GET", "/?"+signed("GET", key, secret, who("2015-04-01", "GetCallerIdentity")).Encode(), nil),
		posted(signed("POST", key, secret, who("2015-04-01", "GetCallerIdentity"))),
	} {
		if status, body := ask(r); status != 200 || !strings.Contains(body, `"UserId":"`+runner+`"`) {
			t.Errorf("%s: %d %s", r.Method, status, body)
		}
	}
	form := signed("POST", key, secret, who("2015-05-01", "ListUsers"))
	form.Set("MaxItems", "1")
	if status, body := ask(posted(form)); status != 400 || !strings.Contains(body, "SignatureDoesNotMatch") {
		t.Errorf("a form that was changed: %d %s", status, body)
	}
	// CS has never known this scheme.
	query := signed("GET", key, secret, url.Values{}).Encode()
	if status, body := ask(httptest.NewRequest("GET", "/clusters/c1?"+query, nil)); status != 400 ||
		!strings.Contains(body, "IncompleteSignature") {
		t.Errorf("CS: %d %s", status, body)
	}
	// What is not served is refused as such, also where a client does not sign, as for AssumeRoleWithOIDC; the rest has to be signed.
	for action, want := range map[string]string{"AssumeRoleWithOIDC": "InvalidAction.NotFound", "AssumeRole": "IncompleteSignature"} {
		if _, body := ask(posted(who("2015-04-01", action))); !strings.Contains(body, want) {
			t.Errorf("%s without a signature: %s, want %s", action, body, want)
		}
	}
	for _, call := range a.Calls()[:3] {
		same(t, call.Signature, "rpc-hmac-sha1")
	}
}

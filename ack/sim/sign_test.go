package sim_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	csclient "github.com/alibabacloud-go/cs-20151215/v4/client"
	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	ramclient "github.com/alibabacloud-go/ram-20150501/v2/client"
	"github.com/alibabacloud-go/tea/dara"

	"ackrevoke/ack/sim"
)

// direct goes over the network, but never through a proxy, which the SDK would use even for loopback.
type direct struct{ *http.Client }

func (d direct) Call(r *http.Request, _ *http.Transport) (*http.Response, error) { return d.Do(r) }

// TestRealClients proves over a real socket that what the vendor's clients sign is what the account verifies.
func TestRealClients(t *testing.T) {
	a := sim.New(load(t, small(t, "clustersV1: served")), sim.Options{Now: calendar})
	server := httptest.NewServer(a)
	defer server.Close()
	key, secret := a.Keys()
	with := func(key, secret string) *openapi.Config {
		c := config(key, secret, direct{server.Client()})
		c.Endpoint = dara.String(strings.TrimPrefix(server.URL, "http://"))
		return c
	}
	cs := func(c *openapi.Config, modern bool) error {
		client, err := csclient.NewClient(c)
		if err != nil {
			t.Fatal(err)
		}
		if modern {
			client.SignatureAlgorithm = nil
		}
		out, err := client.DescribeClustersV1(&csclient.DescribeClustersV1Request{PageSize: dara.Int64(50)})
		if err == nil && len(out.Body.Clusters) != 4 {
			t.Errorf("%d clusters, want 4", len(out.Body.Clusters))
		}
		return err
	}
	ram := func(c *openapi.Config) error {
		client, err := ramclient.NewClient(c)
		if err != nil {
			t.Fatal(err)
		}
		out, err := client.ListUsersWithContext(t.Context(), &ramclient.ListUsersRequest{MaxItems: dara.Int32(1000)}, &dara.RuntimeOptions{})
		if err == nil && len(out.Body.Users.User) != 3 {
			t.Errorf("%d users, want 3", len(out.Body.Users.User))
		}
		return err
	}
	for _, c := range []struct {
		name, scheme string
		call         func(*openapi.Config) error
	}{
		{"cs old", "roa-hmac-sha1", func(c *openapi.Config) error { return cs(c, false) }},
		{"cs new", "acs3", func(c *openapi.Config) error { return cs(c, true) }},
		{"ram", "acs3", ram},
	} {
		a.Reset()
		if err := c.call(with(key, secret)); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if err := c.call(with(key, "wrong")); err == nil || !strings.Contains(err.Error(), "SignatureDoesNotMatch") {
			t.Errorf("%s with a wrong secret: %v", c.name, err)
		}
		if err := c.call(with("wrong", secret)); err == nil || !strings.Contains(err.Error(), "InvalidAccessKeyId.NotFound") {
			t.Errorf("%s with a wrong key: %v", c.name, err)
		}
		for _, call := range a.Calls() {
			if call.Signature != c.scheme {
				t.Errorf("%s is signed with %s, want %s", c.name, call.Signature, c.scheme)
			}
		}
	}
}

// TestTampering changes calls after they were signed.
func TestTampering(t *testing.T) {
	for _, c := range []struct {
		name, want string
		only       string // the scheme that covers it; empty: both
		spoil      func(*http.Request)
	}{
		{"nothing", "", "", func(*http.Request) {}},
		{"path", "SignatureDoesNotMatch", "", func(r *http.Request) { r.RequestURI = "/permissions/users/1/update?mode=patch" }},
		{"query", "SignatureDoesNotMatch", "", func(r *http.Request) { r.URL.RawQuery = "mode=apply" }},
		{"method", "SignatureDoesNotMatch", "", func(r *http.Request) { r.Method = "PUT" }},
		{"action", "SignatureDoesNotMatch", "", func(r *http.Request) { r.Header.Set("x-acs-action", "Other") }},
		{"type", "SignatureDoesNotMatch", "", func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }},
		{"host", "SignatureDoesNotMatch", "acs3", func(r *http.Request) { r.Host = "elsewhere" }},
		{"body", "SignatureDoesNotMatch", "acs3", func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("[{}]")) }},
		{"further header", "IncompleteSignature", "acs3", func(r *http.Request) { r.Header.Set("x-acs-further", "1") }},
		{"token", "InvalidSecurityToken.Malformed", "roa-hmac-sha1", func(r *http.Request) { r.Header.Set("x-acs-security-token", "x") }},
		{"no signature", "IncompleteSignature", "", func(r *http.Request) { r.Header.Del("Authorization") }},
		{"old date", "InvalidTimeStamp.Expired", "", date(-16 * time.Minute)},
		{"date to come", "InvalidTimeStamp.Expired", "", date(16 * time.Minute)},
		{"date a little off", "SignatureDoesNotMatch", "", date(-14 * time.Minute)},
		{"no date", "InvalidTimeStamp.Expired", "roa-hmac-sha1", func(r *http.Request) { r.Header.Del("Date") }},
	} {
		for _, scheme := range []string{"roa-hmac-sha1", "acs3"} {
			if c.only != "" && c.only != scheme {
				continue
			}
			t.Run(c.name+"/"+scheme, func(t *testing.T) {
				a, cs := open(t, "", sim.Options{})
				if cs.spoil = c.spoil; scheme == "acs3" {
					cs.cs.SignatureAlgorithm = nil
				}
				before := a.Truth()
				if _, code := cs.call(t, "POST /permissions/users/"+alice+"/update?mode=patch&note=a b*c~d+é/&empty=", []any{}); code != c.want {
					t.Errorf("code %q, want %q", code, c.want)
				}
				same(t, a.Truth(), before)
			})
		}
	}
}

func date(off time.Duration) func(*http.Request) {
	return func(r *http.Request) {
		moment := time.Now().Add(off).UTC()
		if r.Header.Get("Date") != "" {
			r.Header.Set("Date", moment.Format(http.TimeFormat))
		} else {
			r.Header.Set("x-acs-date", moment.Format("2006-01-02T15:04:05Z"))
		}
	}
}

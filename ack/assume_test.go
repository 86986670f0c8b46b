package ack

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	credential "github.com/aliyun/credentials-go/credentials"

	"ackrevoke/policy"
)

var member = Role{ARN: "acs:ram::2:role/ackrevoke", ExternalID: "ext/1"}

// onMember is a client that takes the role of another account.
func (n *town) onMember(from credential.Credential) *Client {
	n.t.Helper()
	c, err := New(Options{Credential: from, Endpoints: local, Assume: member, DialContext: n.dial, ReadQPS: 1000})
	if err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(c.Close)
	return c
}

// Whoever the chain gives keys of takes the role, and every call is the role's.
func TestAssume(t *testing.T) {
	keys := map[string]string{envID: "LTAI.env", envSecret: "env-secret"}
	for _, tt := range []struct {
		name string
		from credential.Credential
		vars map[string]string
		by   string // whose keys sign the exchange
		asks []string
	}{
		{"environment", DefaultChain("http://127.0.0.1:1"), keys, "LTAI.env", []string{"AssumeRole"}},
		{"RRSA", DefaultChain("http://127.0.0.1:1"), rrsa, "STS.pod", []string{"AssumeRoleWithOIDC", "AssumeRole"}},
		{"keys of the simulated account", StaticKeys("LTAI.sim", "sim-secret"), nil, "LTAI.sim", []string{"AssumeRole"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			nobody(t, with(noECS, tt.vars), map[string]string{"token": "jwt-token"})
			synctest.Test(t, func(t *testing.T) {
				n := newTown(t, map[string]http.HandlerFunc{"127.0.0.1:1": sts})
				c := n.onMember(tt.from)
				for range 2 { // the second time nobody is asked again
					if _, err := c.Grants(t.Context(), "2"); err != nil {
						t.Fatal(err)
					}
				}
				var asks []string
				for _, h := range n.requests[:len(n.requests)-2] {
					asks = append(asks, h.action())
				}
				if !slices.Equal(asks, tt.asks) {
					t.Errorf("asked %q, want %q", asks, tt.asks)
				}
				took := n.of("AssumeRole")[0]
				if q := took.query; q.Get("RoleArn") != member.ARN || q.Get("ExternalId") != "ext/1" || q.Get("DurationSeconds") != "3600" ||
					!strings.Contains(took.header.Get("Authorization"), "Credential="+tt.by+",") {
					t.Errorf("exchanged %v, signed %s", took.query, took.header.Get("Authorization"))
				}
				last := n.requests[len(n.requests)-1].header
				if !strings.Contains(last.Get("Authorization"), "Credential=STS.assumed,") || last.Get("x-acs-security-token") != "STS.assumed-token" {
					t.Errorf("called as %s", last.Get("Authorization"))
				}
				if got := c.Calls(); got.Reads != 2 {
					t.Errorf("what keys are had with counts as calls: %+v", got)
				}
				c.Close()
			})
		})
	}
}

// The role is taken anew before its keys end, with new keys of whoever takes it.
func TestAssumeAgain(t *testing.T) {
	nobody(t, with(noECS, rrsa), map[string]string{"token": "jwt-token"})
	synctest.Test(t, func(t *testing.T) {
		n := newTown(t, map[string]http.HandlerFunc{"127.0.0.1:1": sts})
		c := n.onMember(DefaultChain("http://127.0.0.1:1"))
		for _, want := range []int{1, 1, 2} {
			if _, err := c.Grants(t.Context(), "2"); err != nil || len(n.of("AssumeRole")) != want || len(n.of("AssumeRoleWithOIDC")) != want {
				t.Errorf("%d and %d exchanges, want %d of each: %v", len(n.of("AssumeRoleWithOIDC")), len(n.of("AssumeRole")), want, err)
			}
			time.Sleep(29 * time.Minute) // in a bubble it costs nothing
		}
		c.Close()
	})
}

// A role that is not to be had is told as that, with what to do, and without a
// word of the keys.
func TestAssumeRefused(t *testing.T) {
	for _, tt := range []struct {
		name  string
		role  http.HandlerFunc
		texts []string
		hint  string
	}{
		{"denied", says(403, `{"Code":"NoPermission","Message":"STS.pod-secret may not","RequestId":"R"}`),
			[]string{"the role of the policy (assumeRole: acs:ram::2:role/ackrevoke): AssumeRole at 127.0.0.1:1: HTTP 403 NoPermission"},
			"the trust policy of the role must name whoever assumes it, and they need sts:AssumeRole; where that policy asks for an external id"},
		{"no such role", says(404, `{"Code":"EntityNotExist.Role","Message":"no","RequestId":"R"}`),
			[]string{"HTTP 404 EntityNotExist.Role"}, "that account has no such role"},
		{"an answer without keys", says(200, `{"Credentials":{}}`), []string{"the answer has no keys with a token and an end"}, ""},
		{"no JSON", says(502, "<html>"), []string{"the role of the policy", "HTTP 502"}, "look at the way to STS"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			nobody(t, with(noECS, rrsa), map[string]string{"token": "jwt-token"})
			n := newTown(t, map[string]http.HandlerFunc{"127.0.0.1:1": func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("x-acs-action") == "AssumeRole" {
					tt.role(w, r)
					return
				}
				sts(w, r)
			}})
			_, err := n.onMember(DefaultChain("http://127.0.0.1:1")).Grants(t.Context(), "2")
			f := faultOf(t, err)
			if f.Kind != policy.Credentials || !strings.Contains(f.Hint, tt.hint) || strings.Contains(f.Error()+f.Hint, "STS.pod") {
				t.Errorf("%s: %v\nhint: %s", f.Kind, f, f.Hint)
			}
			for _, text := range tt.texts {
				if !strings.Contains(f.Message, text) {
					t.Errorf("not said: %s\nbut: %s", text, f.Message)
				}
			}
			if len(n.of("")) > 0 || len(n.of("DescribeUserPermission")) > 0 {
				t.Errorf("called without the role: %v", n.requests)
			}
		})
	}
}

// Where nobody has keys at all, the chain is told of and not the role; where STS
// does not answer, the role is.
func TestAssumeWithout(t *testing.T) {
	nobody(t, noECS, nil)
	n := newTown(t, map[string]http.HandlerFunc{"127.0.0.1:1": sts})
	if _, err := n.onMember(DefaultChain("")).Grants(t.Context(), "2"); !strings.Contains(faultOf(t, err).Message,
		"no provider of the chain") {
		t.Error(err)
	}
	synctest.Test(t, func(t *testing.T) {
		n := newTown(t, map[string]http.HandlerFunc{"127.0.0.1:1": func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("x-acs-action") == "AssumeRole" {
				hang(w, r)
			}
			io.WriteString(w, "[]")
		}})
		c := n.onMember(StaticKeys("LTAI.sim", "sim-secret"))
		if _, err := c.Grants(t.Context(), "2"); !strings.Contains(faultOf(t, err).Message, "the role of the policy") {
			t.Error(err)
		}
		c.Close()
	})
}

// The exchange goes where every STS call goes: where flags say, else where the
// variables of the chain do.
func TestWhereTheRoleIsAssumed(t *testing.T) {
	keys := map[string]string{envID: "LTAI.env", envSecret: "env-secret"}
	for _, tt := range []struct {
		told string
		vars map[string]string
		want string
	}{
		{"", nil, "sts.aliyuncs.com:443"},
		{"", map[string]string{"ALIBABA_CLOUD_STS_REGION": "cn-beijing"}, "sts.cn-beijing.aliyuncs.com:443"},
		{"sts-vpc.cn-hangzhou.aliyuncs.com", map[string]string{"ALIBABA_CLOUD_STS_REGION": "cn-beijing"},
			"sts-vpc.cn-hangzhou.aliyuncs.com:443"},
	} {
		nobody(t, with(noECS, keys, tt.vars), nil)
		n := newTown(t, nil)
		if _, err := n.onMember(DefaultChain(tt.told)).Grants(t.Context(), "2"); err == nil || !slices.Equal(n.sought, []string{tt.want}) {
			t.Errorf("told %q: sought %v, want %s: %v", tt.told, n.sought, tt.want, err)
		}
	}
}

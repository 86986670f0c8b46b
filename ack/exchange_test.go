package ack

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aliyun/credentials-go/credentials/providers"

	"ackrevoke/policy"
)

// What is sent for keys is what the vendor's providers send, and no more.
func TestExchanges(t *testing.T) {
	nobody(t, nil, map[string]string{cliPath: cli(onARN, also(sso, "name", "sso")), "token": "jwt-token"})
	n := newTown(t, map[string]http.HandlerFunc{"127.0.0.1:1": sts, metadataHost + ":80": metadataService,
		"127.0.0.1:3": says(200, `{"CloudCredential":`+issue("STS.sso")+`}`)})
	use := func() heard {
		t.Helper()
		before := len(n.requests)
		if _, err := n.client("http://127.0.0.1:1").Grants(t.Context(), "2"); err != nil {
			t.Fatal(err)
		}
		return n.requests[before]
	}
	if h := use(); h.query.Encode() != "DurationSeconds=1800&ExternalId=ext&Policy=%7B%7D&RoleArn=acs%3Aram%3A%3A1%3Arole%2Fr&"+
		"RoleSessionName=me" || h.header.Get("x-acs-version") != "2015-04-01" {
		t.Errorf("AssumeRole: %v %v", h.query, h.header)
	}
	t.Setenv(envProfile, "sso")
	if h := use(); h.method != "POST" || h.path != "/cloud-credentials" || h.header.Get("Authorization") != "Bearer sso-access-token" ||
		h.body != `{"AccessConfigurationId":"ac","AccountId":"1"}` {
		t.Errorf("CloudSSO: %+v", h)
	}
	for k, v := range rrsa {
		t.Setenv(k, strings.ReplaceAll(v, "~", os.Getenv("HOME")))
	}
	h := use()
	h.form.Set("RoleSessionName", regexp.MustCompile(`-\d+$`).ReplaceAllString(h.form.Get("RoleSessionName"), "-N"))
	if h.form.Encode() != "DurationSeconds=3600&OIDCProviderArn=acs%3Aram%3A%3A1%3Aoidc-provider%2Fp&OIDCToken=jwt-token&"+
		"RoleArn=acs%3Aram%3A%3A1%3Arole%2Fpod&RoleSessionName=ackrevoke-N" ||
		h.query.Get("Action") != "AssumeRoleWithOIDC" || h.query.Get("Version") != "2015-04-01" || h.query.Get("Timestamp") == "" ||
		len(h.query) != 4 || h.header.Get("Authorization") != "" {
		t.Errorf("AssumeRoleWithOIDC: %v %v", h.query, h.form)
	}
}

// The endpoint that was told decides each exchange; where none was, the chain's
// own configuration does.
func TestWhereTokensAreExchanged(t *testing.T) {
	const vpc = "ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED"
	own := map[string]string{"ALIBABA_CLOUD_STS_REGION": "cn-beijing"}
	oidc := map[string]string{"token": "jwt-token"}
	told := func(region string, vpc bool) string { return DefaultEndpoints(region, vpc).STS }
	for _, tt := range []struct {
		name  string
		sts   string
		vars  map[string]string
		files map[string]string
		want  string
	}{
		{"RRSA, told", told("cn-hangzhou", true), rrsa, oidc, "sts-vpc.cn-hangzhou.aliyuncs.com:443"},
		{"RRSA, told against its own", told("cn-hangzhou", false), with(rrsa, own, map[string]string{vpc: "true"}), oidc,
			"sts.cn-hangzhou.aliyuncs.com:443"},
		{"RRSA, an endpoint with a port", "sts.example:8443", with(rrsa, own), oidc, "sts.example:8443"},
		{"RRSA, central although its own says otherwise", "sts.aliyuncs.com", with(rrsa, own), oidc, "sts.aliyuncs.com:443"},
		{"RRSA, its own", "", with(rrsa, own, map[string]string{vpc: "true"}), oidc, "sts-vpc.cn-beijing.aliyuncs.com:443"},
		{"RRSA, nobody said", "", rrsa, oidc, "sts.aliyuncs.com:443"},
		{"RamRoleArn, told", told("cn-hangzhou", true), own, map[string]string{cliPath: cli(also(onARN, "sts_region", "eu-central-1"))},
			"sts-vpc.cn-hangzhou.aliyuncs.com:443"},
		{"RamRoleArn, its own", "", own, map[string]string{cliPath: cli(also(onARN, "sts_region", "eu-central-1", "enable_vpc", true))},
			"sts-vpc.eu-central-1.aliyuncs.com:443"},
		{"ChainableRamRoleArn, told", told("cn-hangzhou", true), nil, map[string]string{cliPath: cli(chained, tokens)},
			"sts-vpc.cn-hangzhou.aliyuncs.com:443"},
		{"OIDC of a profile, told", told("cn-hangzhou", true), nil, map[string]string{"token": "jwt-token",
			cliPath: cli(map[string]any{"name": "o", "mode": "OIDC", "oidc_provider_arn": "acs:p", "oidc_token_file": "/dev/null",
				"ram_role_arn": "acs:r"})}, "sts-vpc.cn-hangzhou.aliyuncs.com:443"},
		{"INI, told", told("cn-hangzhou", true), nil,
			map[string]string{iniPath: "[default]\ntype=ram_role_arn\naccess_key_id=a\naccess_key_secret=b\nrole_arn=c\nrole_session_name=d"},
			"sts-vpc.cn-hangzhou.aliyuncs.com:443"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			nobody(t, with(noECS, tt.vars), tt.files)
			n := newTown(t, nil)
			_, err := n.client(tt.sts).Grants(t.Context(), "2")
			if f := faultOf(t, err); f.Kind != policy.Credentials || !slices.Equal(n.sought, []string{tt.want}) {
				t.Errorf("sought %v, want %s; %v", n.sought, tt.want, f)
			}
		})
	}
	nobody(t, with(noECS, rrsa, map[string]string{"ALIBABA_CLOUD_STS_REGION": "evil.example/?"}), oidc)
	n := newTown(t, nil)
	if _, err := n.client("").Grants(t.Context(), "2"); len(n.sought) > 0 ||
		!strings.Contains(faultOf(t, err).Message, "ALIBABA_CLOUD_STS_REGION is no region") {
		t.Errorf("sought %v, %v", n.sought, err)
	}
}

// An answer that leaves out a field ends nothing; the vendor's provider panics.
func TestAnswersWithoutAField(t *testing.T) {
	for _, body := range []string{`{}`, `null`, `[]`, `{"Credentials":null}`,
		`{"Credentials":{"AccessKeyId":"a","AccessKeySecret":"b","SecurityToken":"c"}}`, `{"Credentials":"x"}`, "", "<html>"} {
		nobody(t, with(noECS, rrsa), map[string]string{"token": "jwt-token"})
		n := newTown(t, map[string]http.HandlerFunc{"127.0.0.1:1": func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) }})
		if _, err := n.client("http://127.0.0.1:1").Grants(t.Context(), "2"); faultOf(t, err).Kind != policy.Credentials {
			t.Errorf("%q: %v", body, err)
		}
	}
}

// What is sent for a role is what the vendor's own providers send.
func TestExchangesAreTheVendors(t *testing.T) {
	nobody(t, with(noECS, rrsa), map[string]string{"token": "jwt-token", cliPath: cli(onARN)})
	var seen url.Values
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		seen = r.Form
		sts(w, r)
	}))
	defer server.Close()
	// Their providers take a copy of this for each request.
	theirs := http.DefaultTransport.(*http.Transport)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	theirs.TLSClientConfig = &tls.Config{RootCAs: roots}
	defer func() { theirs.TLSClientConfig = nil }()
	at := server.Listener.Addr().String()
	n := newTown(t, map[string]http.HandlerFunc{"127.0.0.1:1": sts})
	ours := func() heard {
		t.Helper()
		if _, err := n.client("http://127.0.0.1:1").Grants(t.Context(), "2"); err != nil {
			t.Fatal(err)
		}
		return n.requests[len(n.requests)-2]
	}
	compare := func(p providers.CredentialsProvider, err error, got url.Values) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.GetCredentials(); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"Action", "Version", "Format", "Timestamp", "SignatureMethod", "SignatureVersion", "SignatureNonce",
			"AccessKeyId", "Signature"} {
			seen.Del(name) // how it is signed; ours stands in headers
		}
		for _, all := range []url.Values{seen, got} {
			all.Set("RoleSessionName", regexp.MustCompile(`.*-\d+$`).ReplaceAllString(all.Get("RoleSessionName"), "generated"))
		}
		if seen.Encode() != got.Encode() {
			t.Errorf("theirs %v\nours   %v", seen, got)
		}
	}
	oidc, err := providers.NewOIDCCredentialsProviderBuilder().WithSTSEndpoint(at).Build()
	compare(oidc, err, ours().form)
	for k := range rrsa {
		t.Setenv(k, "")
	}
	key, err := providers.NewStaticAKCredentialsProviderBuilder().WithAccessKeyId("a").WithAccessKeySecret("b").Build()
	if err != nil {
		t.Fatal(err)
	}
	assume, err := providers.NewRAMRoleARNCredentialsProviderBuilder().WithCredentialsProvider(key).WithStsEndpoint(at).
		WithRoleArn("acs:ram::1:role/r").WithRoleSessionName("me").WithDurationSeconds(1800).WithExternalId("ext").WithPolicy("{}").Build()
	compare(assume, err, ours().query)
}

package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// The secrets that the chain can have in hand beside the keys of these tests.
const (
	testJWT      = "eyJhbGciOiJSUzI1NiIsImtpZCI6InQzc3QifQ.eyJhdWQiOlsic3RzIl0sInRlc3QiOiJvbmx5In0.Zm9yLXRlc3RzLW9ubHktbm8ta2V5LVFXRVJU"
	testLogin    = "cL0udS5oAcc3ssT0kenQ9wE8rT7yU6iO5pA4sD3fG2hJ1k"
	testMetadata = "AQAAnMet4dataT0kenZ8xC7vB6nM5aS4dF3gH2jK1l=="
	testURIToken = "uRit0kenP9oI8uY7tR6eW5qL4kJ3hG2fD1s"
	testPassword = "pR0xyP4sswordN7bV6cX5z"

	// What only the other side has: nobody here can know how it looks.
	testStranger = "Qv7stR4ngerKz2mN8wP5xL1yB"
)

// link is one mode of the vendor's chain, with everything in it that is secret.
type link struct {
	name  string
	vars  map[string]string // ~ is the home
	files map[string]string
	says  string // of the provider and what configures it; "" where it gives keys
	quiet bool   // nobody is asked for anything
}

// profiles is a file of the vendor's command line.
func profiles(all ...map[string]any) map[string]string {
	return map[string]string{".aliyun/config.json": string(must(json.Marshal(map[string]any{"current": all[0]["name"], "profiles": all})))}
}

// profile is one of its profiles, with keys and more.
func profile(mode string, fields map[string]any) map[string]any {
	p := map[string]any{"name": "test", "mode": mode, "ram_role_arn": "acs:ram::1234567890123456:role/test", "ram_session_name": "test"}
	for k, v := range fields {
		p[k] = v
	}
	return p
}

// chainModes are all modes of the chain. Those that are read send their secrets
// to somebody who repeats them; the others must not show them either.
func chainModes() []link {
	keys := map[string]any{"access_key_id": testKeyID, "access_key_secret": testSecret}
	token := map[string]any{"access_key_id": testKeyID, "access_key_secret": testSecret, "sts_token": testToken}
	source := profile("StsToken", token)
	source["name"] = "source"
	oidc := map[string]string{"ALIBABA_CLOUD_ROLE_ARN": "acs:ram::1:role/r",
		"ALIBABA_CLOUD_OIDC_PROVIDER_ARN": "acs:ram::1:oidc-provider/p", "ALIBABA_CLOUD_OIDC_TOKEN_FILE": "~/token"}
	uri := "http://joe:" + testPassword + "@127.0.0.1:2/keys?token=" + testURIToken
	const cli = `CLI profile (~/.aliyun/config.json is there, profile "test")`
	const ini = `INI profile (~/.alibabacloud/credentials is there, profile "default")`
	iniKeys := "access_key_id = " + testKeyID + "\naccess_key_secret = " + testSecret + "\n"
	jwt := map[string]string{"token": testJWT}
	withToken := func(files map[string]string) map[string]string { files["token"] = testJWT; return files }
	sso := map[string]any{"access_token": testLogin, "cloud_sso_access_token_expire": 4102444800,
		"cloud_sso_sign_in_url": "http://127.0.0.1:3/?x=" + testLogin, "cloud_sso_account_id": "1", "cloud_sso_access_config": "ac"}
	return []link{
		{"environment", map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": testKeyID, "ALIBABA_CLOUD_ACCESS_KEY_SECRET": testSecret}, nil, "",
			false},
		{"environment, temporary",
			map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": testKeyID, "ALIBABA_CLOUD_ACCESS_KEY_SECRET": testSecret,
				"ALIBABA_CLOUD_SECURITY_TOKEN": testToken}, nil, "", false},
		{"environment, half", map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_SECRET": testSecret, "ALIBABA_CLOUD_SECURITY_TOKEN": testToken}, nil,
			"environment (ALIBABA_CLOUD_ACCESS_KEY_SECRET is set)", true},
		{"environment, a line end", map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": testKeyID, "ALIBABA_CLOUD_ACCESS_KEY_SECRET": testSecret + "\n"},
			nil, "ALIBABA_CLOUD_ACCESS_KEY_SECRET has a line end at its end", true},
		{"environment, a line end inside", map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": testKeyID,
			"ALIBABA_CLOUD_ACCESS_KEY_SECRET": testSecret, "ALIBABA_CLOUD_SECURITY_TOKEN": testToken[:40] + "\n" + testToken[40:]}, nil,
			"ALIBABA_CLOUD_SECURITY_TOKEN has a line end in it", true},
		{"environment, a blank", map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": " " + testKeyID, "ALIBABA_CLOUD_ACCESS_KEY_SECRET": testSecret},
			nil, "ALIBABA_CLOUD_ACCESS_KEY_ID has white space at its beginning", true},
		{"StsToken, a line end", nil, profiles(profile("StsToken", map[string]any{"access_key_id": testKeyID, "access_key_secret": testSecret,
			"sts_token": testToken + "\r\n"})), cli, true},
		{"RRSA", oidc, jwt, "OIDC/RRSA (ALIBABA_CLOUD_ROLE_ARN is set)", false},
		{"AK", nil, profiles(profile("AK", keys)), "", false},
		{"StsToken", nil, profiles(profile("StsToken", token)), "", false},
		{"RamRoleArn", nil, profiles(profile("RamRoleArn", token)), cli, false},
		{"RamRoleArnWithRoleName", nil, profiles(profile("RamRoleArnWithRoleName", nil)), cli, false},
		{"EcsRamRole", nil, profiles(profile("EcsRamRole", map[string]any{"ram_role_name": "r"})), cli, false},
		{"ChainableRamRoleArn", nil, profiles(profile("ChainableRamRoleArn", map[string]any{"source_profile": "source"}), source), cli, false},
		{"OIDC", map[string]string{"ALIBABA_CLOUD_OIDC_TOKEN_FILE": ""},
			withToken(profiles(profile("OIDC", map[string]any{"oidc_provider_arn": "p", "oidc_token_file": "HOME/token"}))), cli, false},
		{"CloudSSO", nil, profiles(profile("CloudSSO", sso)), cli, false},
		{"CredentialsURI", nil, profiles(profile("CredentialsURI", map[string]any{"credentials_uri": uri})), cli, false},
		{"External", nil, profiles(profile("External", map[string]any{"process_command": "echo " + testSecret, "sts_token": testToken})), cli,
			true},
		{"OAuth", nil, profiles(profile("OAuth",
			map[string]any{"oauth_access_token": testLogin, "oauth_refresh_token": testToken, "access_key_secret": testSecret})), cli, true},
		{"RsaKeyPair", nil, profiles(profile("RsaKeyPair", map[string]any{"private_key": testPEM, "key_pair_name": testKeyID})), cli, true},
		{"a mode of tomorrow", nil, profiles(profile("Tomorrow", token)), cli, true},
		{"INI access_key", nil, map[string]string{".alibabacloud/credentials": "[default]\ntype = access_key\n" + iniKeys}, "", false},
		{"INI ram_role_arn", nil,
			map[string]string{".alibabacloud/credentials": "[default]\ntype = ram_role_arn\nrole_arn = acs:r\nrole_session_name = s\n" + iniKeys},
			ini, false},
		{"INI ecs_ram_role", nil, map[string]string{".alibabacloud/credentials": "[default]\ntype = ecs_ram_role\nrole_name = r\n" + iniKeys},
			ini, false},
		{"INI bearer", nil, map[string]string{".alibabacloud/credentials": "[default]\ntype = bearer\nbearer_token = " + testToken + "\n"},
			ini, true},
		{"ECS role", map[string]string{"ALIBABA_CLOUD_ECS_METADATA": "r"}, nil, "ECS role (ALIBABA_CLOUD_ECS_METADATA is set)", false},
		{"ECS role, hardened", map[string]string{"ALIBABA_CLOUD_ECS_METADATA": "r", "ALIBABA_CLOUD_IMDSV1_DISABLED": "true"}, nil,
			"ECS role (ALIBABA_CLOUD_ECS_METADATA is set)", false},
		{"credentials URI", map[string]string{"ALIBABA_CLOUD_CREDENTIALS_URI": uri}, nil,
			"credentials URI (ALIBABA_CLOUD_CREDENTIALS_URI is set)", false},
	}
}

// chainNeedles are all secrets of them.
func chainNeedles() map[string]string {
	return needlesOf(map[string]string{"access key id": testKeyID, "secret": testSecret, "token": testToken, "private key": testKey,
		"OIDC token": testJWT,
		"login":      testLogin, "metadata token": testMetadata, "token of the URI": testURIToken, "password": testPassword, "secret of the other side": testStranger})
}

// settle makes this process one that is configured for a mode, and for no other.
func (l link) settle(t *testing.T) (home string) {
	t.Helper()
	for _, kv := range os.Environ() {
		if name, _, _ := strings.Cut(kv, "="); strings.HasPrefix(name, "ALIBABA") {
			t.Setenv(name, "")
		}
	}
	home = t.TempDir()
	t.Setenv("HOME", home)
	if !strings.Contains(strings.ToLower(l.name), "ecs") && l.name != "RamRoleArnWithRoleName" {
		t.Setenv("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true") // it would be asked after each failure
	}
	for name, value := range l.vars {
		t.Setenv(name, strings.ReplaceAll(value, "~", home))
	}
	for name, text := range l.files {
		path := filepath.Join(home, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(text, "HOME", home)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return home
}

// repeaters answer with the whole request, each in its own way.
var repeaters = map[string]func(w http.ResponseWriter, whole string){
	"in a message": func(w http.ResponseWriter, whole string) {
		w.WriteHeader(403)
		_ = json.NewEncoder(w).Encode(map[string]string{"Code": "NoPermission", "Message": "I got " + whole, "RequestId": whole})
	},
	"in a code": func(w http.ResponseWriter, whole string) {
		w.WriteHeader(400)
		_ = json.NewEncoder(w).Encode(map[string]string{"code": whole, "message": "x"})
	},
	"cut off": func(w http.ResponseWriter, whole string) {
		w.WriteHeader(400)
		_ = json.NewEncoder(w).Encode(map[string]string{"Code": "InvalidParameter", "Message": whole[:len(whole)*2/3]})
	},
	"encoded": func(w http.ResponseWriter, whole string) {
		w.WriteHeader(403)
		_ = json.NewEncoder(w).Encode(map[string]string{"Code": "AuthenticationFail",
			"Message": "as " + base64.StdEncoding.EncodeToString([]byte(whole)) + " " + url.QueryEscape(whole) + " " +
				hex.EncodeToString([]byte(whole))})
	},
	"as addresses": func(w http.ResponseWriter, whole string) {
		w.WriteHeader(403)
		_ = json.NewEncoder(w).Encode(map[string]string{"Code": "X",
			"Message": "see https://joe:" + testStranger + "@x.example/a?r=" + testStranger + "#" + testStranger +
				" or https://x.example/?r=" + url.QueryEscape(whole) + " or https://" + url.PathEscape(whole) +
				"@x.example/ or https://x.example/?" + whole})
	},
	"as HTML": func(w http.ResponseWriter, whole string) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(502)
		_, _ = w.Write([]byte("<html>" + whole))
	},
	"as a redirect": func(w http.ResponseWriter, whole string) {
		w.Header().Set("Location", "https://joe:"+testStranger+"@x.example/?q="+testStranger+"&"+testSecret+"="+url.QueryEscape(whole))
		w.WriteHeader(307)
	},
	"as broken JSON": func(w http.ResponseWriter, whole string) {
		_, _ = w.Write([]byte(`{"Credentials": {"AccessKeyId": "` + whole))
	},
	"as keys": func(w http.ResponseWriter, whole string) {
		_ = json.NewEncoder(w).Encode(map[string]any{"Credentials": map[string]string{"AccessKeySecret": whole}, "AccessKeySecret": whole})
	},
	"in another shape": func(w http.ResponseWriter, whole string) {
		_ = json.NewEncoder(w).Encode(map[string]any{"Credentials": whole, "AccessKeyId": []string{whole}, "CloudCredential": 1})
	},
	"untrusted": func(w http.ResponseWriter, whole string) {}, // nobody gets so far
	"another time": func(w http.ResponseWriter, whole string) {
		w.Header().Set("Date", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat))
		w.WriteHeader(400)
		_ = json.NewEncoder(w).Encode(map[string]string{"Code": "InvalidTimeStamp.Expired", "Message": whole})
	},
	"below HTTP": func(w http.ResponseWriter, whole string) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_, _ = fmt.Fprintf(conn, "%.2000q\r\n\r\n", whole)
			_ = conn.Close()
		}
	},
}

// The liar test of the keys: every mode of the chain meets everybody who can
// answer wrongly, at the most talkative level. No piece of a secret is shown,
// nobody is called but who was named, the provider that was configured first is
// told with what is wrong with it, and keys that cannot be sent are not sent.
func TestLiarKeys(t *testing.T) {
	needles := chainNeedles()
	policy := policyFile(t, []string{`{uid: "200000000000000001", reason: departed}`})
	untrusted := httptest.NewUnstartedServer(nil)
	untrusted.StartTLS()
	certificate := untrusted.TLS.Certificates
	untrusted.Close()
	worlds := 0
	for _, how := range slices.Sorted(maps.Keys(repeaters)) {
		for _, l := range chainModes() {
			if worlds++; worlds%liarShare != 0 {
				continue
			}
			t.Run(l.name+"/"+how, func(t *testing.T) {
				l.settle(t)
				m := meeting{link: l, how: how, policy: policy, dir: t.TempDir(), certificate: certificate, needles: needles}
				synctest.Test(t, m.play)
			})
		}
	}
}

// meeting is one mode and one who answers wrongly.
type meeting struct {
	link
	how, policy, dir string
	certificate      []tls.Certificate
	needles          map[string]string

	mu     sync.Mutex
	heard  int
	dialed []string
}

// told are the hosts that somebody named: the endpoint, those of the files, and
// the address at which machines are told who they are.
var told = []string{"127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3", "100.100.100.200:80"}

func (m *meeting) play(t *testing.T) {
	pipe := newPipe()
	endpoint, listener := "http://127.0.0.1:1", net.Listener(pipe)
	if m.how == "untrusted" {
		endpoint, listener = "https://127.0.0.1:1", tls.NewListener(pipe, &tls.Config{Certificates: m.certificate})
	}
	server := &http.Server{Handler: m, ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = server.Serve(listener) }()
	defer func() { _ = server.Close(); synctest.Wait() }()
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		m.mu.Lock()
		m.dialed = append(m.dialed, address)
		m.mu.Unlock()
		return pipe.dial(ctx, network, address)
	}
	for _, args := range [][]string{{"run", "--dry-run=false", "-o", filepath.Join(m.dir, "report.json")}, {"doctor"}} {
		var stdout, stderr bytes.Buffer
		p := Program{Args: append(args, "-p", m.policy, "--log-level", "trace", "--sts-endpoint", endpoint),
			Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Now: time.Now, Dial: dial}
		code := p.Run(context.Background())
		words := strings.Join(strings.Fields(strings.ReplaceAll(stdout.String()+stderr.String(), `\"`, `"`)), " ")
		if code != 1 && code != 6 {
			t.Errorf("%s: exit %d", args[0], code)
		}
		for _, want := range m.wants() {
			if !strings.Contains(words, want) {
				t.Errorf("%s: exit %d, want it to say %q\n%s", args[0], code, want, words)
			}
		}
		tellsNothing(t, args[0], m.needles, m.dir, stdout.String(), stderr.String())
	}
	for _, address := range m.dialed {
		if !slices.Contains(told, address) {
			t.Errorf("%s was called, and nobody named it", address)
		}
	}
	if (len(m.dialed) == 0) != m.quiet || m.quiet && m.heard > 0 {
		t.Errorf("%d requests to %v", m.heard, m.dialed)
	}
}

// wants is what a person must be told.
func (m *meeting) wants() []string {
	var all []string
	if m.says != "" {
		all = append(all, m.says)
	}
	if at := m.dialed; len(at) > 0 && at[0] == "127.0.0.1:1" { // others show no such thing
		switch m.how {
		case "untrusted":
			all = append(all, "SSL_CERT_FILE")
		case "another time":
			all = append(all, "clock of this machine is 1h0m0s behind")
		}
	}
	return all
}

func (m *meeting) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	m.heard++
	m.mu.Unlock()
	if r.Method == http.MethodPut && len(m.how)%2 == 0 { // some machines want a token first
		_, _ = w.Write([]byte(testMetadata))
		return
	}
	whole, _ := httputil.DumpRequest(r, true)
	repeaters[m.how](w, string(whole))
}

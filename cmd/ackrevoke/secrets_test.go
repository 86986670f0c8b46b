package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ackrevoke/ack/sim"
)

// The keys of these tests. They open nothing, and are like nothing else.
const (
	testKeyID  = "STS.NUxQ7vTestOnlyKeyId4w"
	testSecret = "sEcR3tXq9vW7zK2mN8pL5tY1uB4hJ6"
	testToken  = "CAISzToK3n+/aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5zA7bC9dE1fG3h/J5kL7+mN9oP=="
	testKey    = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7TestOnlyNoKey"
	testPEM    = "-----BEGIN RSA PRIVATE KEY-----\n" + testKey + "\n-----END RSA PRIVATE KEY-----\n"
)

// kubeconfigFile is a file as ACK issues it.
var kubeconfigFile = `apiVersion: v1
kind: Config
clusters:
- cluster: {server: "https://192.0.2.1:6443", certificate-authority-data: ` + base64.StdEncoding.EncodeToString([]byte("-----BEGIN CERTIFICATE-----\n"+testKey)) + `}
  name: kubernetes
users:
- name: "200000000000000001"
  user: {client-key-data: ` + base64.StdEncoding.EncodeToString([]byte(testPEM)) + `, token: ` + testSecret + `}
`

// needles are what must be found nowhere, with a name each: keys in clear and
// in every encoding that a service or a library may have given them, and any
// eight characters of them.
func needles() map[string]string {
	all := map[string]string{"a PEM block": "-----BEGIN", "a PEM block in base64": "LS0tLS1CRUdJTi"}
	maps.Copy(all, needlesOf(map[string]string{"access key id": testKeyID, "secret": testSecret, "token": testToken, "private key": testKey}))
	return all
}

func needlesOf(secrets map[string]string) map[string]string {
	all := map[string]string{}
	for name, v := range secrets {
		forms := map[string]string{"clear": v, "query": url.QueryEscape(v), "path": url.PathEscape(v),
			"small query": strings.NewReplacer("%2B", "%2b", "%2F", "%2f", "%3D", "%3d").Replace(url.QueryEscape(v)),
			"hex":         hex.EncodeToString([]byte(v)), "HEX": strings.ToUpper(hex.EncodeToString([]byte(v)))}
		for i, alphabet := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
			for at := range 3 { // what two neighbourhoods have in common is the text's own
				one := alphabet.EncodeToString([]byte(strings.Repeat("\x00", at) + v + "\x00\x00"))
				two := alphabet.EncodeToString([]byte(strings.Repeat("\xff", at) + v + "\xff\xff"))
				from, to := 0, len(one)
				for one[from] != two[from] {
					from++
				}
				for one[to-1] != two[to-1] {
					to--
				}
				forms[fmt.Sprintf("base64 %d at %d", i, at)] = strings.TrimRight(one[from:to], "=")
			}
		}
		for form, text := range forms {
			part := 8
			switch {
			case strings.HasPrefix(form, "hex"), strings.HasPrefix(form, "HEX"):
				part = 16
			case strings.HasPrefix(form, "base64"):
				part = 11 // less may be of fewer than eight characters
			}
			for i := 0; i+part <= len(text); i++ {
				// An escape alone is nobody's, and the alphabet not either.
				if piece := text[i : i+part]; strings.Count(piece, "%") < 2 {
					all[fmt.Sprintf("%s, %s, from %d", name, form, i)] = piece
				}
			}
		}
	}
	return all
}

// TestNeedles: whoever looks for keys must be able to find them.
func TestNeedles(t *testing.T) {
	all := needles()
	for _, v := range []string{testKeyID, testSecret, testToken, testKey} {
		for _, hay := range []string{v, base64.StdEncoding.EncodeToString([]byte("ab" + v + "c")), base64.URLEncoding.EncodeToString([]byte("a" + v)),
			hex.EncodeToString([]byte(v)), strings.ToUpper(hex.EncodeToString([]byte(v))), url.QueryEscape(v), url.PathEscape(v), v[:len(v)-5], v[3:], v[:8], v[len(v)-8:]} {
			if found(all, "x"+hay+"x") == "" {
				t.Errorf("nothing found in %q", hay)
			}
		}
	}
}

func found(all map[string]string, text string) string {
	first := ""
	for name, needle := range all {
		if strings.Contains(text, needle) && (first == "" || name < first) {
			first = name
		}
	}
	return first
}

// tellsNothing asserts that neither the streams nor any file under dir holds a key.
func tellsNothing(t *testing.T, what string, all map[string]string, dir string, streams ...string) {
	t.Helper()
	texts := map[string]string{}
	for i, s := range streams {
		texts[fmt.Sprintf("stream %d", i+1)] = s
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			texts[path] = path + string(must(os.ReadFile(path)))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for where, text := range texts {
		if name := found(all, text); name != "" {
			i := strings.Index(text, all[name])
			t.Errorf("%s: %s holds the %s: %q", what, where, name, around(text, i))
		}
	}
}

// distinct is an account that takes these keys and no other.
var distinct = sim.Options{AccessKeyID: testKeyID, Secret: testSecret, Token: testToken}

// distinctKeys puts the keys of these tests where the default chain finds them.
func distinctKeys(t *testing.T) {
	t.Helper()
	for k, v := range map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": testKeyID, "ALIBABA_CLOUD_ACCESS_KEY_SECRET": testSecret,
		"ALIBABA_CLOUD_SECURITY_TOKEN": testToken, "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true"} {
		t.Setenv(k, v)
	}
}

// echo is a service that repeats what it knows of the caller where it answers
// the given operation: "" for every one.
type echo struct {
	on, how string
	hosts   atomic.Pointer[string] // another host than the one that was meant
}

// everything is what a careless service knows to say.
func everything(r *http.Request) string {
	basic := base64.StdEncoding.EncodeToString([]byte(testKeyID + ":" + testSecret))
	return "AccessKeyId=" + testKeyID + " secret " + testSecret + " token " + testToken + " basic " + basic +
		" hex " + hex.EncodeToString([]byte(testSecret)) + "/" + strings.ToUpper(hex.EncodeToString([]byte(testToken))) +
		" b64 " + base64.URLEncoding.EncodeToString([]byte("t="+testToken)) + " url https://x.example/?SecurityToken=" + url.QueryEscape(testToken) +
		" path " + url.PathEscape(testToken) + " key " + testPEM + " config " + base64.StdEncoding.EncodeToString([]byte(testPEM)) +
		" string to sign is: " + r.Method + "\nx-acs-security-token:" + r.Header.Get("x-acs-security-token") + "\n" + r.Header.Get("Authorization")
}

func (e *echo) between(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != "127.0.0.1:1" || r.URL.Path == "/elsewhere" {
			e.hosts.Store(&r.Host)
		}
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		maps.Copy(w.Header(), rec.Header())
		if action := r.Header.Get("x-acs-action"); e.on != "" && action != e.on {
			w.WriteHeader(rec.Code)
			_, _ = w.Write(rec.Body.Bytes())
			return
		}
		fault := func(status int, code string) {
			w.WriteHeader(status)
			_ = json.NewEncoder(w).Encode(map[string]string{"code": code, "message": code + ": " + everything(r), "requestId": "r " + testSecret + testToken})
		}
		switch e.how {
		case "signature":
			fault(400, "SignatureDoesNotMatch")
		case "expired":
			fault(403, "InvalidSecurityToken.Expired")
		case "denied":
			fault(403, "NoPermission")
		case "invalid":
			fault(400, "Invalid "+testToken+" "+testSecret)
		case "throttled":
			fault(429, "Throttling.User")
		case "unavailable":
			fault(503, "ServiceUnavailable")
		case "redirect":
			w.Header().Set("Location", "http://"+testKeyID+":"+testSecret+"@elsewhere.example/?SecurityToken="+url.QueryEscape(testToken))
			w.WriteHeader(307)
		case "html":
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(502)
			_, _ = w.Write([]byte("<html><pre>" + everything(r)))
		case "broken":
			_, _ = w.Write([]byte(`{"message": "` + everything(r)))
		case "request id":
			w.Header().Set("x-acs-request-id", testToken+testSecret)
			w.WriteHeader(rec.Code)
			_, _ = w.Write(rec.Body.Bytes())
		case "surprise": // a field that nobody asked for, in everything
			w.WriteHeader(rec.Code)
			var body any
			d := json.NewDecoder(rec.Body)
			d.UseNumber()
			if err := d.Decode(&body); err == nil {
				surprise(body)
			}
			_ = json.NewEncoder(w).Encode(body)
		default:
			w.WriteHeader(rec.Code)
			_, _ = w.Write(rec.Body.Bytes())
		}
	})
}

func surprise(body any) {
	switch body := body.(type) {
	case []any:
		for _, v := range body {
			surprise(v)
		}
	case map[string]any:
		for _, v := range body {
			surprise(v)
		}
		maps.Copy(body, map[string]any{"config": kubeconfigFile, "kubeconfig": map[string]string{"config": kubeconfigFile}, "AccessKeySecret": testSecret, "SecurityToken": testToken})
	}
}

// No key, no token and no kubeconfig is in anything that a run writes, at the
// most talkative level, whatever comes back, and whatever becomes of the run.
func TestNoSecretIsWritten(t *testing.T) {
	distinctKeys(t)
	all := needles()
	policy := policyFile(t, []string{`{uid: "200000000000000001", reason: departed, clusters: [one, two]}`})
	n := 0
	for _, how := range []string{"", "surprise", "request id", "signature", "expired", "denied", "invalid", "throttled", "unavailable", "redirect", "html", "broken"} {
		for _, on := range []string{"", "CleanClusterUserPermissions", "ListUserKubeConfigStates", "ListUsers"} {
			if on != "" && slices.Contains([]string{"", "surprise", "request id"}, how) {
				continue
			}
			for _, dry := range []string{"true", "false"} {
				n++
				m := modes[n%len(modes)]
				what := fmt.Sprintf("%s on %q, --dry-run=%s, %s", how, on, dry, m.name)
				e := &echo{on: on, how: how}
				bubbleBehind(t, []byte(faulty), distinct, noon, e.between, func(w *world) {
					got := w.speak(m, "-p", policy, "--dry-run="+dry, "--verify-timeout", "5s")
					if how == "" && got.code != 0 || len(got.calls) == 0 {
						w.t.Fatalf("%s: exit %d, %d calls\n%s", what, got.code, len(got.calls), got.stderr)
					}
					if how == "surprise" && (got.code != 0 || len(got.report.Plan.Actions) != 2) {
						w.t.Errorf("%s: exit %d\n%s", what, got.code, got.stderr)
					}
					tellsNothing(w.t, what, all, w.dir, got.stdout, got.stderr)
					if dry == "true" {
						examined := w.speaks(m, "doctor", "-p", policy, "--format", []string{"text", "json"}[n/2%2])
						tellsNothing(w.t, what+", doctor", all, w.dir, examined.stdout, examined.stderr)
					}
					if host := e.hosts.Load(); host != nil {
						w.t.Errorf("%s: a request went to %s", what, *host)
					}
				})
			}
		}
	}
}

// speaks makes a call of another command than run, at the most talkative level.
func (w *world) speaks(m mode, args ...string) ran {
	var stdout, stderr bytes.Buffer
	p := Program{
		Args: append(args, "--cs-endpoint", "http://127.0.0.1:1", "--ram-endpoint", "http://127.0.0.1:1", "--sts-endpoint", "http://127.0.0.1:1", "--log-level", "trace"),
		Env:  m.env, Terminal: m.terminal, Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Now: w.now, Dial: w.pipe.dial,
	}
	return ran{code: p.Run(context.Background()), stdout: stdout.String(), stderr: stderr.String()}
}

// A panic says where it happened and nothing of what was in memory there.
func TestPanicTellsNoSecret(t *testing.T) {
	distinctKeys(t)
	all := needles()
	policy := policyFile(t, []string{`{uid: "200000000000000001", reason: departed, clusters: [one, two]}`})
	for i, m := range modes {
		bubbleBehind(t, []byte(faulty), distinct, noon, (&echo{}).between, func(w *world) {
			calm, count := w.now, 0
			w.now = func() time.Time {
				if count++; count == 6+2*i {
					panic(fmt.Sprintf("the clock stopped: %v", w.account.Calls()))
				}
				return calm()
			}
			got := w.speak(m, "-p", policy, "--dry-run=false")
			if got.code != 1 || !strings.Contains(got.stderr, "panic: the clock stopped") || !strings.Contains(got.stderr, "goroutine") {
				w.t.Errorf("%s: exit %d\n%s", m.name, got.code, got.stderr)
			}
			tellsNothing(w.t, m.name, all, w.dir, got.stdout, got.stderr)
		})
	}
}

// What cannot be read is not repeated, neither profiles nor answers of token
// services.
func TestUnreadableKeysAreNotRepeated(t *testing.T) {
	for k := range map[string]int{"ID": 0, "SECRET": 0} {
		t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_"+k, "")
	}
	t.Setenv("ALIBABA_CLOUD_SECURITY_TOKEN", "")
	t.Setenv("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")
	all := needles()
	policy := policyFile(t, []string{`{uid: "200000000000000001", reason: departed}`})
	for name, c := range map[string]struct {
		file, text string
		says       string // what is left of the cause
	}{
		"a torn profile of the CLI":    {".aliyun/config.json", `{"current":"default","profiles":[{"mode":"AK","access_key_id":"` + testKeyID + `","access_key_secret":"` + testSecret + `"`, "the file is not JSON"},
		"a profile that is no JSON":    {".aliyun/config.json", "access_key_secret=" + testSecret + "\nsts_token=" + testToken, "the file is not JSON"},
		"a value of another kind":      {".aliyun/config.json", `{"current":"default","profiles":[{"mode":"AK","access_key_secret":["` + testSecret + `"]}]}`, "a wrong kind of value in the field profiles.access_key_secret"},
		"a line without equals":        {".alibabacloud/credentials", "[default]\ntype = access_key\naccess_key_secret " + testSecret + "\n", "line 3 has no equals sign"},
		"a section that does not end":  {".alibabacloud/credentials", "[" + testSecret + "\n", "line 1 begins a profile and does not end its name"},
		"a quote that does not end":    {".alibabacloud/credentials", "[default]\n\"" + testSecret + "\n", "line 2 has no equals sign"},
		"an answer without a code":     {"uri", `{"Code":"Failed","AccessKeySecret":"` + testSecret + `","SecurityToken":"` + testToken + `"}`, "the answer has no keys"},
		"an answer that is no answer":  {"uri", "token " + testToken, "the answer is no JSON"},
		"an answer that is not right":  {"uri", `["` + testSecret + `"]`, "the answer is no JSON"},
		"an answer that is in the way": {"uri 500", testSecret + " " + testToken, "answered HTTP 500"},
	} {
		t.Run(name, func(t *testing.T) {
			home, dir, reached := t.TempDir(), t.TempDir(), ""
			t.Setenv("HOME", home)
			if at, _, is := strings.Cut(c.file, "uri"); is && at == "" {
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					if c.file != "uri" {
						w.WriteHeader(500)
					}
					_, _ = w.Write([]byte(c.text))
				}))
				defer server.Close()
				t.Setenv("ALIBABA_CLOUD_CREDENTIALS_URI", server.URL)
				reached = strings.TrimPrefix(server.URL, "http://")
			} else {
				if err := os.MkdirAll(filepath.Dir(filepath.Join(home, c.file)), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(home, c.file), []byte(c.text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var stdout, stderr bytes.Buffer
			p := Program{Args: []string{"run", "-p", policy, "-o", filepath.Join(dir, "report.json"), "--log-level", "trace"},
				Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Now: func() time.Time { return noon },
				Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
					if address != reached {
						return nil, net.ErrClosed
					}
					return new(net.Dialer).DialContext(ctx, network, address)
				}}
			if code := p.Run(context.Background()); code != 1 || !strings.Contains(stderr.String(), "no keys could be had") || !strings.Contains(stderr.String(), c.says) {
				t.Errorf("exit %d, want the words %q\n%s", code, c.says, stderr.String())
			}
			tellsNothing(t, name, all, dir, stdout.String(), stderr.String())
		})
	}
}

// Whoever gives a kubeconfig or a profile in the place of another file does
// not find it in a log.
func TestFilesOfKeysAreNotRepeated(t *testing.T) {
	all := needles()
	t.Chdir(t.TempDir())
	profile := string(must(json.Marshal(map[string]any{"current": "default", "profiles": []any{map[string]string{"access_key_id": testKeyID, "access_key_secret": testSecret, "sts_token": testToken}}})))
	for name, text := range map[string]string{"a kubeconfig": kubeconfigFile, "a profile": profile, "a key": testPEM, "an INI file": "[default]\naccess_key_secret = " + testSecret + "\n", "a torn kubeconfig": kubeconfigFile[:len(kubeconfigFile)-2]} {
		if err := os.WriteFile("keys", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("policy.yaml", []byte("version: 1\naccount: \"1234567890123456\"\nprincipals: []\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("estate.yaml", []byte(faulty), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll("j", 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("j/ackrevoke.journal", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{{"validate", "keys"}, {"run", "-p", "keys", "-o", "r.json"}, {"run", "-o", "keys"}, {"run", "--simulate", "keys", "-o", "r.json"}, {"doctor", "-p", "keys"}, {"doctor", "--simulate", "keys"},
			{"simulate", "--estate", "keys"}, {"simulate", "--estate", "estate.yaml", "--faults", "keys"}, {"run", "--simulate", "estate.yaml", "--journal", "j", "-o", "r.json"}} {
			for _, terminal := range []bool{true, false} {
				var stdout, stderr bytes.Buffer
				p := Program{Args: args, Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Terminal: terminal, Now: func() time.Time { return noon }}
				code := p.Run(context.Background())
				if journal := slices.Contains(args, "j"); (code == 0) != journal {
					t.Errorf("%s: %v: exit %d\n%s", name, args, code, stderr.String())
				}
				written, _ := os.ReadFile("r.json")
				tellsNothing(t, fmt.Sprint(name, args), all, t.TempDir(), stdout.String(), stderr.String(), string(written))
			}
		}
	}
}

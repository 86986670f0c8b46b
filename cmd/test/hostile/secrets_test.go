package hostile

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
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
	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/end"
)

// TestNeedles: whoever looks for keys must be able to find them.
func TestNeedles(t *testing.T) {
	all := stage.Needles()
	for _, v := range []string{stage.TestKeyID, stage.TestSecret, stage.TestToken, stage.TestKey} {
		for _, hay := range []string{v, base64.StdEncoding.EncodeToString([]byte("ab" + v + "c")),
			base64.URLEncoding.EncodeToString([]byte("a" + v)),
			hex.EncodeToString([]byte(v)), strings.ToUpper(hex.EncodeToString([]byte(v))), url.QueryEscape(v), url.PathEscape(v), v[:len(v)-5],
			v[3:], v[:8], v[len(v)-8:]} {
			if stage.Found(all, "x"+hay+"x") == "" {
				t.Errorf("nothing found in %q", hay)
			}
		}
	}
}

// distinct is an account that takes these keys and no other.
var distinct = sim.Options{AccessKeyID: stage.TestKeyID, Secret: stage.TestSecret, Token: stage.TestToken}

// distinctKeys puts the keys of these tests where the default chain finds them.
func distinctKeys(t *testing.T) {
	t.Helper()
	for k, v := range map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": stage.TestKeyID, "ALIBABA_CLOUD_ACCESS_KEY_SECRET": stage.TestSecret,
		"ALIBABA_CLOUD_SECURITY_TOKEN": stage.TestToken, "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true"} {
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
	basic := base64.StdEncoding.EncodeToString([]byte(stage.TestKeyID + ":" + stage.TestSecret))
	return "AccessKeyId=" + stage.TestKeyID + " secret " + stage.TestSecret + " token " + stage.TestToken + " basic " + basic +
		" hex " + hex.EncodeToString([]byte(stage.TestSecret)) + "/" + strings.ToUpper(hex.EncodeToString([]byte(stage.TestToken))) +
		" b64 " + base64.URLEncoding.EncodeToString([]byte("t="+stage.TestToken)) + " url https://x.example/?SecurityToken=" +
		url.QueryEscape(stage.TestToken) +
		" path " + url.PathEscape(stage.TestToken) + " key " + stage.TestPEM + " config " +
		base64.StdEncoding.EncodeToString([]byte(stage.TestPEM)) +
		" string to sign is: " + r.Method + "\nx-acs-security-token:" + r.Header.Get("x-acs-security-token") + "\n" +
		r.Header.Get("Authorization")
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
			_ = json.NewEncoder(w).Encode(map[string]string{"code": code, "message": code + ": " + everything(r),
				"requestId": "r " + stage.TestSecret + stage.TestToken})
		}
		switch e.how {
		case "signature":
			fault(400, "SignatureDoesNotMatch")
		case "expired":
			fault(403, "InvalidSecurityToken.Expired")
		case "denied":
			fault(403, "NoPermission")
		case "invalid":
			fault(400, "Invalid "+stage.TestToken+" "+stage.TestSecret)
		case "throttled":
			fault(429, "Throttling.User")
		case "unavailable":
			fault(503, "ServiceUnavailable")
		case "redirect":
			w.Header().Set("Location", "http://"+stage.TestKeyID+":"+stage.TestSecret+
				"@elsewhere.example/?SecurityToken="+url.QueryEscape(stage.TestToken))
			w.WriteHeader(307)
		case "html":
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(502)
			_, _ = w.Write([]byte("<html><pre>" + everything(r)))
		case "broken":
			_, _ = w.Write([]byte(`{"message": "` + everything(r)))
		case "request id":
			w.Header().Set("x-acs-request-id", stage.TestToken+stage.TestSecret)
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
		maps.Copy(body, map[string]any{"config": stage.KubeconfigFile, "kubeconfig": map[string]string{"config": stage.KubeconfigFile},
			"AccessKeySecret": stage.TestSecret, "SecurityToken": stage.TestToken})
	}
}

// No key, no token and no kubeconfig is in anything that a run writes, at the
// most talkative level, whatever comes back, and whatever becomes of the run.
func TestNoSecretIsWritten(t *testing.T) {
	distinctKeys(t)
	all := stage.Needles()
	policy := stage.PolicyFile(t, []string{`{uid: "200000000000000001", reason: departed, clusters: [one, two]}`})
	n := 0
	for _, how := range []string{"", "surprise", "request id", "signature", "expired", "denied", "invalid", "throttled", "unavailable",
		"redirect", "html", "broken"} {
		for _, on := range []string{"", "CleanClusterUserPermissions", "ListUserKubeConfigStates", "ListUsers"} {
			if on != "" && slices.Contains([]string{"", "surprise", "request id"}, how) {
				continue
			}
			for _, dry := range []string{"true", "false"} {
				n++
				m := modes[n%len(modes)]
				what := fmt.Sprintf("%s on %q, --dry-run=%s, %s", how, on, dry, m.name)
				e := &echo{on: on, how: how}
				stage.BubbleBehind(t, []byte(stage.Faulty), distinct, stage.Noon, e.between, func(w *stage.World) {
					got := speak(w, m, "-p", policy, "--dry-run="+dry, "--verify-timeout", "5s")
					if how == "" && got.Code != 0 || len(got.Calls) == 0 {
						w.T.Fatalf("%s: exit %d, %d calls\n%s", what, got.Code, len(got.Calls), got.Stderr)
					}
					if how == "surprise" && (got.Code != 0 || len(got.Report.Plan.Actions) != 2) {
						w.T.Errorf("%s: exit %d\n%s", what, got.Code, got.Stderr)
					}
					stage.TellsNothing(w.T, what, all, w.Dir, got.Stdout, got.Stderr)
					if dry == "true" {
						examined := speaks(w, m, "doctor", "-p", policy, "--format", []string{"text", "json"}[n/2%2])
						stage.TellsNothing(w.T, what+", doctor", all, w.Dir, examined.Stdout, examined.Stderr)
					}
					if host := e.hosts.Load(); host != nil {
						w.T.Errorf("%s: a request went to %s", what, *host)
					}
				})
			}
		}
	}
}

// speaks makes a call of another command than run, at the most talkative level.
func speaks(w *stage.World, m mode, args ...string) stage.Ran {
	var stdout, stderr bytes.Buffer
	p := cli.Program{
		Args: append(args, "--cs-endpoint", "http://127.0.0.1:1", "--ram-endpoint", "http://127.0.0.1:1", "--sts-endpoint",
			"http://127.0.0.1:1", "--log-level", "trace"),
		Env: m.env, Terminal: m.terminal, Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Now: w.Now, Dial: w.Pipe.Dial,
	}
	return stage.Ran{Code: p.Run(context.Background()), Stdout: stdout.String(), Stderr: stderr.String()}
}

// A panic says where it happened and nothing of what was in memory there.
func TestPanicTellsNoSecret(t *testing.T) {
	distinctKeys(t)
	all := stage.Needles()
	policy := stage.PolicyFile(t, []string{`{uid: "200000000000000001", reason: departed, clusters: [one, two]}`})
	for i, m := range modes {
		stage.BubbleBehind(t, []byte(stage.Faulty), distinct, stage.Noon, (&echo{}).between, func(w *stage.World) {
			calm, count := w.Now, 0
			w.Now = func() time.Time {
				if count++; count == 6+2*i {
					panic(fmt.Sprintf("the clock stopped: %v", w.Account.Calls()))
				}
				return calm()
			}
			got := speak(w, m, "-p", policy, "--dry-run=false")
			if got.Code != 1 || !strings.Contains(got.Stderr, "panic: the clock stopped") || !strings.Contains(got.Stderr, "goroutine") {
				w.T.Errorf("%s: exit %d\n%s", m.name, got.Code, got.Stderr)
			}
			stage.TellsNothing(w.T, m.name, all, w.Dir, got.Stdout, got.Stderr)
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
	all := stage.Needles()
	policy := stage.PolicyFile(t, []string{`{uid: "200000000000000001", reason: departed}`})
	for name, c := range map[string]struct {
		file, text string
		says       string // what is left of the cause
	}{
		"a torn profile of the CLI": {".aliyun/config.json",
			`{"current":"default","profiles":[{"mode":"AK","access_key_id":"` + stage.TestKeyID + `","access_key_secret":"` +
				stage.TestSecret + `"`, "the file is not JSON"},
		"a profile that is no JSON": {".aliyun/config.json", "access_key_secret=" + stage.TestSecret + "\nsts_token=" + stage.TestToken,
			"the file is not JSON"},
		"a value of another kind": {".aliyun/config.json",
			`{"current":"default","profiles":[{"mode":"AK","access_key_secret":["` + stage.TestSecret + `"]}]}`,
			"a wrong kind of value in the field profiles.access_key_secret"},
		"a line without equals": {".alibabacloud/credentials",
			"[default]\ntype = access_key\naccess_key_secret " + stage.TestSecret + "\n", "line 3 has no equals sign"},
		"a section that does not end": {".alibabacloud/credentials", "[" + stage.TestSecret + "\n",
			"line 1 begins a profile and does not end its name"},
		"a quote that does not end": {".alibabacloud/credentials", "[default]\n\"" + stage.TestSecret + "\n", "line 2 has no equals sign"},
		"an answer without a code": {"uri", `{"Code":"Failed","AccessKeySecret":"` + stage.TestSecret + `","SecurityToken":"` +
			stage.TestToken + `"}`, "the answer has no keys"},
		"an answer that is no answer":  {"uri", "token " + stage.TestToken, "the answer is no JSON"},
		"an answer that is not right":  {"uri", `["` + stage.TestSecret + `"]`, "the answer is no JSON"},
		"an answer that is in the way": {"uri 500", stage.TestSecret + " " + stage.TestToken, "answered HTTP 500"},
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
			p := cli.Program{Args: []string{"run", "-p", policy, "-o", filepath.Join(dir, "report.json"), "--log-level", "trace"},
				Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Now: func() time.Time { return stage.Noon },
				Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
					if address != reached {
						return nil, net.ErrClosed
					}
					return new(net.Dialer).DialContext(ctx, network, address)
				}}
			if code := p.Run(context.Background()); code != 1 || !strings.Contains(stderr.String(), "no keys could be had") ||
				!strings.Contains(stderr.String(), c.says) {
				t.Errorf("exit %d, want the words %q\n%s", code, c.says, stderr.String())
			}
			stage.TellsNothing(t, name, all, dir, stdout.String(), stderr.String())
		})
	}
}

// Whoever gives a kubeconfig or a profile in the place of another file does
// not find it in a log.
func TestFilesOfKeysAreNotRepeated(t *testing.T) {
	all := stage.Needles()
	t.Chdir(t.TempDir())
	profile := string(stage.Must(json.Marshal(map[string]any{"current": "default",
		"profiles": []any{map[string]string{"access_key_id": stage.TestKeyID, "access_key_secret": stage.TestSecret,
			"sts_token": stage.TestToken}}})))
	for name, text := range map[string]string{"a kubeconfig": stage.KubeconfigFile, "a profile": profile, "a key": stage.TestPEM,
		"an INI file":       "[default]\naccess_key_secret = " + stage.TestSecret + "\n",
		"a torn kubeconfig": stage.KubeconfigFile[:len(stage.KubeconfigFile)-2]} {
		if err := os.WriteFile("keys", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("policy.yaml", []byte("version: 1\naccount: \"1234567890123456\"\nprincipals: []\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("estate.yaml", []byte(stage.Faulty), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll("j", 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("j/ackrevoke.journal", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{{"validate", "keys"}, {"run", "-p", "keys", "-o", "r.json"}, {"run", "-o", "keys"},
			{"run", "--simulate", "keys", "-o", "r.json"}, {"doctor", "-p", "keys"}, {"doctor", "--simulate", "keys"},
			{"simulate", "--estate", "keys"}, {"simulate", "--estate", "estate.yaml", "--faults", "keys"},
			{"run", "--simulate", "estate.yaml", "--journal", "j", "-o", "r.json"}} {
			for _, terminal := range []bool{true, false} {
				var stdout, stderr bytes.Buffer
				p := cli.Program{Args: args, Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Terminal: terminal,
					Now: func() time.Time { return stage.Noon }}
				code := p.Run(context.Background())
				if journal := slices.Contains(args, "j"); (code == end.CodeClean) != journal {
					t.Errorf("%s: %v: exit %d\n%s", name, args, code, stderr.String())
				}
				written, _ := os.ReadFile("r.json")
				stage.TellsNothing(t, fmt.Sprint(name, args), all, t.TempDir(), stdout.String(), stderr.String(), string(written))
			}
		}
	}
}

package hostile

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
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

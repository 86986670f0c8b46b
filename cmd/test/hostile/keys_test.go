package hostile

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/end"
)

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

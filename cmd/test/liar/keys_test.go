package liar

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
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
)

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
			"Message": "see https://joe:" + stage.TestStranger + "@x.example/a?r=" + stage.TestStranger + "#" + stage.TestStranger +
				" or https://x.example/?r=" + url.QueryEscape(whole) + " or https://" + url.PathEscape(whole) +
				"@x.example/ or https://x.example/?" + whole})
	},
	"as HTML": func(w http.ResponseWriter, whole string) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(502)
		_, _ = w.Write([]byte("<html>" + whole))
	},
	"as a redirect": func(w http.ResponseWriter, whole string) {
		w.Header().Set("Location", "https://joe:"+stage.TestStranger+
			"@x.example/?q="+stage.TestStranger+"&"+stage.TestSecret+"="+url.QueryEscape(whole))
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
	needles := stage.ChainNeedles()
	policy := stage.PolicyFile(t, []string{`{uid: "200000000000000001", reason: departed}`})
	untrusted := httptest.NewUnstartedServer(nil)
	untrusted.StartTLS()
	certificate := untrusted.TLS.Certificates
	untrusted.Close()
	worlds := 0
	for _, how := range slices.Sorted(maps.Keys(repeaters)) {
		for _, l := range stage.ChainModes() {
			if worlds++; worlds%liarShare != 0 {
				continue
			}
			t.Run(l.Name+"/"+how, func(t *testing.T) {
				l.Settle(t)
				m := meeting{Link: l, how: how, policy: policy, dir: t.TempDir(), certificate: certificate, needles: needles}
				synctest.Test(t, m.play)
			})
		}
	}
}

// meeting is one mode and one who answers wrongly.
type meeting struct {
	stage.Link
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
	pipe := stage.NewPipe()
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
		return pipe.Dial(ctx, network, address)
	}
	for _, args := range [][]string{{"run", "--dry-run=false", "-o", filepath.Join(m.dir, "report.json")}, {"doctor"}} {
		var stdout, stderr bytes.Buffer
		p := cli.Program{Args: append(args, "-p", m.policy, "--log-level", "trace", "--sts-endpoint", endpoint),
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
		stage.TellsNothing(t, args[0], m.needles, m.dir, stdout.String(), stderr.String())
	}
	for _, address := range m.dialed {
		if !slices.Contains(told, address) {
			t.Errorf("%s was called, and nobody named it", address)
		}
	}
	if (len(m.dialed) == 0) != m.Quiet || m.Quiet && m.heard > 0 {
		t.Errorf("%d requests to %v", m.heard, m.dialed)
	}
}

// wants is what a person must be told.
func (m *meeting) wants() []string {
	var all []string
	if m.Says != "" {
		all = append(all, m.Says)
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
		_, _ = w.Write([]byte(stage.TestMetadata))
		return
	}
	whole, _ := httputil.DumpRequest(r, true)
	repeaters[m.how](w, string(whole))
}

package stage

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ackrevoke/cmd/cli"
)

// Gate is an API server over real TLS that says of every certificate what it
// is told to; the room ack/apiserver tests who says what, the module e2e
// compares with the real one.
type Gate struct {
	t      *testing.T
	Server *httptest.Server
	File   string // the leaked kubeconfig
	key    []byte

	Mu    sync.Mutex
	Says  string // dead, powerless or alive
	asked []string
}

const leakedName = "200000000000000002-1676970192" // bob of testdata/estate.yaml

func NewGate(t *testing.T, says string) *Gate {
	t.Helper()
	g := &Gate{t: t, Says: says}
	g.Server = httptest.NewUnstartedServer(g)
	g.Server.Config.ErrorLog = log.New(io.Discard, "", 0)
	g.Server.TLS = &tls.Config{MinVersion: tls.VersionTLS12, ClientAuth: tls.RequestClientCert}
	g.Server.StartTLS()
	t.Cleanup(g.Server.Close)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(42), Subject: pkix.Name{CommonName: leakedName},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	NoError(t, err)
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	NoError(t, err)
	g.key = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw})
	b64 := func(kind string, der []byte) string {
		return base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	g.File = filepath.Join(t.TempDir(), "leaked.yaml")
	NoError(t, os.WriteFile(g.File, fmt.Appendf(nil, `current-context: leaked
contexts: [{name: leaked, context: {cluster: c, user: u}}, {name: armed, context: {cluster: c, user: armed}}]
clusters: [{name: c, cluster: {server: %q, certificate-authority-data: %s}}]
users:
  - {name: u, user: {client-certificate-data: %s, client-key-data: %s}}
  - {name: armed, user: {exec: {command: "touch"}}}
`, g.Server.URL, b64("CERTIFICATE", g.Server.Certificate().Raw), b64("CERTIFICATE", der), b64("PRIVATE KEY", raw)), 0o600))
	return g
}

func (g *Gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	g.Mu.Lock()
	g.asked = append(g.asked, r.Method+" "+r.URL.Path+" "+string(body))
	says := g.Says
	g.Mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	switch kind := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]; {
	case says == "broken":
		http.Error(w, "<html>", http.StatusBadGateway)
	case says == "dead":
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"Unauthorized",`+
			`"reason":"Unauthorized","code":401}`)
	case kind == "selfsubjectreviews":
		fmt.Fprintf(w, `{"kind":"SelfSubjectReview","status":{"userInfo":{"username":%q,"groups":["system:authenticated"]}}}`,
			r.TLS.PeerCertificates[0].Subject.CommonName)
	case kind == "selfsubjectrulesreviews":
		_, _ = io.WriteString(w, `{"kind":"SelfSubjectRulesReview","status":{"resourceRules":[],"nonResourceRules":[],"incomplete":false}}`)
	default:
		reason := ""
		if says == "alive" {
			reason = `RBAC: allowed by ClusterRoleBinding \u001b[31mred`
		}
		fmt.Fprintf(w, `{"kind":"SelfSubjectAccessReview","status":{"allowed":%t,"reason":"%s"}}`, says == "alive", reason)
	}
}

func (g *Gate) Questions() []string {
	g.Mu.Lock()
	defer g.Mu.Unlock()
	return g.asked
}

// Prove runs the program; nothing that it says may hold the key.
func (g *Gate) Prove(args ...string) (code int, stdout, stderr string) {
	g.t.Helper()
	return g.ProveWith(context.Background(), "", args...)
}

func (g *Gate) ProveWith(ctx context.Context, stdin string, args ...string) (code int, stdout, stderr string) {
	g.t.Helper()
	var out, errs bytes.Buffer
	p := cli.Program{Args: append([]string{"prove"}, args...), Env: []string{}, Stdin: strings.NewReader(stdin), Stdout: &out,
		Stderr: &errs, Now: time.Now}
	code = p.Run(ctx)
	g.NoKey(out.String() + errs.String())
	return code, out.String(), errs.String()
}

func (g *Gate) NoKey(text string) {
	g.t.Helper()
	for _, line := range append(strings.Split(string(g.key), "\n"), base64.StdEncoding.EncodeToString(g.key)[:60]) {
		if len(line) > 20 && !strings.HasPrefix(line, "---") && strings.Contains(text, line) {
			g.t.Errorf("key material in what it says: %.40s...", line)
		}
	}
}

// Estate is testdata/estate.yaml with this gate in front of bob's cluster.
func (g *Gate) Estate() string {
	g.t.Helper()
	data, err := os.ReadFile(filepath.Join(Root(), "testdata/estate.yaml"))
	NoError(g.t, err)
	const at = "name: prod-eu, "
	if !bytes.Contains(data, []byte(at)) {
		g.t.Fatal("the estate has no cluster prod-eu")
	}
	url := fmt.Sprintf(`%smasterURL: '{"api_server_endpoint":"%s","intranet_api_server_endpoint":"https://10.0.0.7:6443"}', `, at,
		g.Server.URL)
	path := filepath.Join(g.t.TempDir(), "estate.yaml")
	NoError(g.t, os.WriteFile(path, bytes.Replace(data, []byte(at), []byte(url), 1), 0o600))
	return path
}

func NoError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

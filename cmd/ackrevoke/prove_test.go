package main

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
	"encoding/json"
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

	"ackrevoke/job/end"
	"ackrevoke/job/report"
)

// gate is an API server over real TLS that says of every certificate what it
// is told to; the room ack/apiserver tests who says what, the module e2e
// compares with the real one.
type gate struct {
	t      *testing.T
	server *httptest.Server
	file   string // the leaked kubeconfig
	key    []byte

	mu    sync.Mutex
	says  string // dead, powerless or alive
	asked []string
}

const leakedName = "200000000000000002-1676970192" // bob of testdata/estate.yaml

func newGate(t *testing.T, says string) *gate {
	t.Helper()
	g := &gate{t: t, says: says}
	g.server = httptest.NewUnstartedServer(g)
	g.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	g.server.TLS = &tls.Config{MinVersion: tls.VersionTLS12, ClientAuth: tls.RequestClientCert}
	g.server.StartTLS()
	t.Cleanup(g.server.Close)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	noError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(42), Subject: pkix.Name{CommonName: leakedName}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	noError(t, err)
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	noError(t, err)
	g.key = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw})
	b64 := func(kind string, der []byte) string {
		return base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	g.file = filepath.Join(t.TempDir(), "leaked.yaml")
	noError(t, os.WriteFile(g.file, fmt.Appendf(nil, `current-context: leaked
contexts: [{name: leaked, context: {cluster: c, user: u}}, {name: armed, context: {cluster: c, user: armed}}]
clusters: [{name: c, cluster: {server: %q, certificate-authority-data: %s}}]
users:
  - {name: u, user: {client-certificate-data: %s, client-key-data: %s}}
  - {name: armed, user: {exec: {command: "touch"}}}
`, g.server.URL, b64("CERTIFICATE", g.server.Certificate().Raw), b64("CERTIFICATE", der), b64("PRIVATE KEY", raw)), 0o600))
	return g
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	g.mu.Lock()
	g.asked = append(g.asked, r.Method+" "+r.URL.Path+" "+string(body))
	says := g.says
	g.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	switch kind := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]; {
	case says == "broken":
		http.Error(w, "<html>", http.StatusBadGateway)
	case says == "dead":
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}`)
	case kind == "selfsubjectreviews":
		fmt.Fprintf(w, `{"kind":"SelfSubjectReview","status":{"userInfo":{"username":%q,"groups":["system:authenticated"]}}}`, r.TLS.PeerCertificates[0].Subject.CommonName)
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

func (g *gate) questions() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.asked
}

// prove runs the program; nothing that it says may hold the key.
func (g *gate) prove(args ...string) (code int, stdout, stderr string) {
	g.t.Helper()
	return g.proveWith(context.Background(), "", args...)
}

func (g *gate) proveWith(ctx context.Context, stdin string, args ...string) (code int, stdout, stderr string) {
	g.t.Helper()
	var out, errs bytes.Buffer
	p := Program{Args: append([]string{"prove"}, args...), Env: []string{}, Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &errs, Now: time.Now}
	code = p.Run(ctx)
	g.noKey(out.String() + errs.String())
	return code, out.String(), errs.String()
}

func (g *gate) noKey(text string) {
	g.t.Helper()
	for _, line := range append(strings.Split(string(g.key), "\n"), base64.StdEncoding.EncodeToString(g.key)[:60]) {
		if len(line) > 20 && !strings.HasPrefix(line, "---") && strings.Contains(text, line) {
			g.t.Errorf("key material in what it says: %.40s...", line)
		}
	}
}

// estate is testdata/estate.yaml with this gate in front of bob's cluster.
func (g *gate) estate() string {
	g.t.Helper()
	data, err := os.ReadFile("../../testdata/estate.yaml")
	noError(g.t, err)
	const at = "name: prod-eu, "
	if !bytes.Contains(data, []byte(at)) {
		g.t.Fatal("the estate has no cluster prod-eu")
	}
	url := fmt.Sprintf(`%smasterURL: '{"api_server_endpoint":"%s","intranet_api_server_endpoint":"https://10.0.0.7:6443"}', `, at, g.server.URL)
	path := filepath.Join(g.t.TempDir(), "estate.yaml")
	noError(g.t, os.WriteFile(path, bytes.Replace(data, []byte(at), []byte(url), 1), 0o600))
	return path
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestProveVerdicts(t *testing.T) {
	t.Parallel()
	for says, want := range map[string]struct {
		code int
		text string
	}{
		"dead":      {0, "dead: the server does not authenticate it"},
		"powerless": {0, "powerless: it authenticates until it expires"},
		"alive":     {5, `allowed       list secrets everywhere: RBAC: allowed by ClusterRoleBinding \u{1b}[31mred`},
		"broken":    {6, "unreachable: the server gave no answer that proves anything"},
	} {
		t.Run(says, func(t *testing.T) {
			t.Parallel()
			g := newGate(t, says)
			code, stdout, stderr := g.prove(g.file, "--server", g.server.URL)
			if code != want.code || !strings.Contains(stdout, want.text) {
				t.Errorf("exit %d, want %d with %q:\n%s%s", code, want.code, want.text, stdout, stderr)
			}
			if !strings.Contains(stderr, "proving is access: for 7 days") {
				t.Errorf("no warning: %s", stderr)
			}
			code, stdout, _ = g.prove(g.file, "--server", g.server.URL, "--format", "json")
			var got report.Prove
			if err := json.Unmarshal([]byte(stdout), &got); err != nil {
				t.Fatal(err)
			}
			fits(t, "prove", []byte(stdout))
			verdict := strings.Replace(says, "broken", "unreachable", 1)
			if code != want.code || got.ExitCode != want.code || got.Schema != "ackrevoke.prove/v1" || string(got.Proof.Verdict) != verdict || got.Proof.Certificate.UID != "200000000000000002" {
				t.Errorf("exit %d: %+v", code, got)
			}
			if strings.Contains(stdout, "\x1b") {
				t.Error("an escape reaches the terminal")
			}
		})
	}
}

// Without --server the account says whether the server is one of its own.
func TestProveAsksTheAccount(t *testing.T) {
	t.Parallel()
	g := newGate(t, "powerless")
	code, stdout, stderr := g.prove(g.file, "--simulate", g.estate())
	if code != 0 || !strings.Contains(stdout, "prod-eu (c0a1000000000000000000000000000002)") {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	// One that is not is told nothing.
	other := newGate(t, "powerless")
	code, stdout, stderr = other.prove(other.file, "--simulate", g.estate())
	if code != 2 || stdout != "" || !strings.Contains(stderr, "none of the 8 clusters of the account") || !strings.Contains(stderr, "--server") || len(other.questions()) > 0 {
		t.Errorf("exit %d: %s%s; asked %v", code, stdout, stderr, other.questions())
	}
}

// What the file says behind host and port is not asked: the account's URL is.
func TestProveAsksTheClusterAndNothingBehindIt(t *testing.T) {
	t.Parallel()
	g := newGate(t, "powerless")
	data, err := os.ReadFile(g.file)
	noError(t, err)
	noError(t, os.WriteFile(g.file, bytes.Replace(data, []byte(g.server.URL), []byte(g.server.URL+"/api/v1/namespaces/x/services/mine/proxy"), 1), 0o600))
	if code, stdout, stderr := g.prove(g.file, "--simulate", g.estate()); code != 0 {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	for _, q := range g.questions() {
		if strings.Contains(q, "/services/mine/") {
			t.Error(q)
		}
	}
}

func TestProveRefuses(t *testing.T) {
	t.Parallel()
	g := newGate(t, "powerless")
	server := []string{"--server", g.server.URL}
	notes := filepath.Join(t.TempDir(), "notes.txt")
	noError(t, os.WriteFile(notes, []byte("mine"), 0o600))
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"no file":                   {[]string{}, 2, "accepts 1 arg"},
		"a file that is not there":  {[]string{"none.yaml"}, 2, "cannot be read"},
		"no kubeconfig":             {append([]string{notes}, server...), 2, "hint: nothing was asked"},
		"a context that is not":     {append([]string{g.file, "--context", "x"}, server...), 2, "it has armed, leaked"},
		"a context with a program":  {append([]string{g.file, "--context", "armed"}, server...), 2, "not inline"},
		"http":                      {[]string{g.file, "--server", "http://127.0.0.1:1"}, 2, "no https:// URL"},
		"both":                      {append([]string{g.file, "--simulate", "x"}, server...), 2, "--server makes no cloud call"},
		"a format":                  {append([]string{g.file, "--format", "xml"}, server...), 2, "neither text nor json"},
		"a namespace":               {append([]string{g.file, "--namespace", "A/B"}, server...), 2, "no name of a namespace"},
		"attach to what is none":    {append([]string{g.file, "--attach", notes}, server...), 2, "not a report"},
		"attach to standard output": {append([]string{g.file, "--attach", "-"}, server...), 2, "needs the file of a report"},
		"an estate that is not":     {[]string{g.file, "--simulate", "none.yaml"}, 2, "estate cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := g.prove(c.args...)
			if code != c.code || stdout != "" || !strings.Contains(stderr, c.says) {
				t.Errorf("exit %d: %s%s", code, stdout, stderr)
			}
		})
	}
	if len(g.questions()) > 0 {
		t.Errorf("asked %v", g.questions())
	}
	if data, err := os.ReadFile(notes); err != nil || string(data) != "mine" {
		t.Error("a file of somebody else was changed")
	}
}

func TestProveFromStandardInput(t *testing.T) {
	t.Parallel()
	g := newGate(t, "powerless")
	data, err := os.ReadFile(g.file)
	noError(t, err)
	if code, stdout, stderr := g.proveWith(context.Background(), string(data), "-", "--server", g.server.URL); code != 0 {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
}

func TestProveInterrupted(t *testing.T) {
	t.Parallel()
	g := newGate(t, "powerless")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(end.SIGTERM)
	if code, stdout, stderr := g.proveWith(ctx, "", g.file, "--server", g.server.URL); code != 143 || !strings.Contains(stdout, "unreachable:") {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
}

// Revoked, proven, and the evidence in the report of the run: nothing else in
// that changes, the namespaces that it names are looked into, and it holds no key.
func TestProveAttaches(t *testing.T) {
	t.Parallel()
	g := newGate(t, "alive")
	dir := t.TempDir()
	path, estate, pol := filepath.Join(dir, "report.json"), g.estate(), filepath.Join(dir, "policy.yaml")
	data, err := os.ReadFile(estate)
	noError(t, err)
	grant := `  - {uid: "200000000000000002", cluster: c0a1000000000000000000000000000002, role: dev}` + "\n"
	if !bytes.Contains(data, []byte(grant)) {
		t.Fatal("the estate has no such grant")
	}
	noError(t, os.WriteFile(estate, bytes.Replace(data, []byte(grant), []byte(grant+strings.Replace(grant, "role: dev", "namespace: web, role: dev", 1)), 1), 0o600))
	noError(t, os.WriteFile(pol, []byte(`version: 1
account: "1234567890123456"
principals:
  - {uid: "200000000000000002", reason: departed}
`), 0o600))
	var said bytes.Buffer
	run := Program{Args: []string{"run", "-p", pol, "-o", path, "--simulate", estate}, Env: []string{}, Stdin: strings.NewReader(""), Stdout: &said, Stderr: &said, Now: time.Now}
	if code := run.Run(context.Background()); code != 0 {
		t.Fatalf("exit %d: %s", code, said.String())
	}
	before, err := os.ReadFile(path)
	noError(t, err)

	if code, stdout, stderr := g.prove(g.file, "--simulate", estate, "--attach", path); code != 5 {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	g.mu.Lock()
	g.says = "dead"
	g.mu.Unlock()
	if code, stdout, stderr := g.prove(g.file, "--server", g.server.URL, "--attach", path); code != 0 {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	after, err := os.ReadFile(path)
	noError(t, err)
	g.noKey(string(after))
	r, err := report.Decode(after)
	noError(t, err)
	noError(t, report.Check(r))
	if len(r.Proofs) != 2 {
		t.Fatalf("%+v", r.Proofs)
	}
	alive, dead := r.Proofs[0], r.Proofs[1]
	if alive.Verdict != report.ProvenAlive {
		alive, dead = dead, alive // the same second, and then by what is left of the key
	}
	if alive.Verdict != report.ProvenAlive || alive.Cluster.Name != "prod-eu" || strings.Join(alive.Namespaces, " ") != "default kube-system web" || dead.Verdict != report.ProvenDead {
		t.Errorf("%+v", r.Proofs)
	}
	r.Proofs = nil
	same, err := r.Encode()
	noError(t, err)
	if !bytes.Equal(before, same) {
		t.Error("something else of the report has changed")
	}

	// The report of somebody else is left alone.
	noError(t, os.WriteFile(pol, []byte(`version: 1
account: "1234567890123456"
principals:
  - {uid: "200000000000000001", reason: departed}
`), 0o600))
	if code := run.Run(context.Background()); code != 0 {
		t.Fatal(said.String())
	}
	if code, _, stderr := g.prove(g.file, "--server", g.server.URL, "--attach", path); code != 2 || !strings.Contains(stderr, "says nothing of the principal") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

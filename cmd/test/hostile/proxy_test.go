package hostile

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/test/stage"
)

// company is a proxy on the way to everything. It writes down where somebody
// wants to go. With a service behind it, it opens TLS with certificates of its
// own CA; without one it refuses, and repeats what it was asked.
type company struct {
	t       *testing.T
	url     string
	ca      string // file
	ca509   *x509.Certificate
	key     *ecdsa.PrivateKey
	service http.Handler

	mu   sync.Mutex
	went []string
}

func newCompany(t *testing.T, service http.Handler) *company {
	t.Helper()
	c := &company{t: t, service: service, key: stage.Must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)),
		ca: filepath.Join(t.TempDir(), "ca.pem")}
	c.ca509 = &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Example Corp Proxy CA"},
		NotBefore: time.Now().Add(-time.Hour),
		NotAfter:  time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der := stage.Must(x509.CreateCertificate(rand.Reader, c.ca509, c.ca509, &c.key.PublicKey, c.key))
	if err := os.WriteFile(c.ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(c)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	t.Cleanup(server.Close)
	c.url = server.URL
	return c
}

func (c *company) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	c.went = append(c.went, r.Host)
	c.mu.Unlock()
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		c.t.Error(err)
		return
	}
	defer conn.Close()
	if c.service == nil || r.Method != http.MethodConnect {
		whole, _ := httputil.DumpRequest(r, true)
		fmt.Fprintf(conn, "HTTP/1.1 403 I got %q\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n", whole)
		fmt.Fprintf(conn, "{\"Code\":\"X\",\"Message\":%q}", whole)
		return
	}
	_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
	secure := tls.Server(conn, &tls.Config{GetCertificate: c.certificate})
	defer secure.Close()
	for in := bufio.NewReader(secure); ; {
		req, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		rec := httptest.NewRecorder()
		c.service.ServeHTTP(rec, req)
		answer := rec.Result()
		answer.ContentLength = int64(rec.Body.Len())
		_ = answer.Write(secure)
		if req.Close {
			return
		}
	}
}

func (c *company) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: hello.ServerName},
		DNSNames:  []string{hello.ServerName},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature}
	der, err := x509.CreateCertificate(rand.Reader, leaf, c.ca509, &c.key.PublicKey, c.key)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: c.key}, err
}

// destinations are where somebody wanted to go, since it was last asked.
func (c *company) destinations() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	went := c.went
	c.went = nil
	return went
}

// outside runs the real program as a process that reaches everything but
// loopback over the proxy. The environment is that of a mode of the chain.
func (c *company) outside(l stage.Link, dir string, vars []string, args ...string) (code int, said string) {
	home := l.Settle(c.t)
	cmd := exec.CommandContext(c.t.Context(), stage.Binary(c.t), append(args, "--log-level", "trace")...)
	cmd.Dir = dir
	cmd.Env = []string{"GORACE=atexit_sleep_ms=0", "HOME=" + home, "ALIBABA_CLOUD_ECS_METADATA_DISABLED=true",
		"HTTPS_PROXY=" + strings.Replace(c.url, "//", "//joe:"+stage.TestPassword+"@", 1), "HTTP_PROXY=" + c.url}
	for name, value := range l.Vars {
		cmd.Env = append(cmd.Env, name+"="+strings.ReplaceAll(value, "~", home))
	}
	cmd.Env = append(cmd.Env, vars...)
	out, _ := cmd.CombinedOutput()
	return cmd.ProcessState.ExitCode(), string(out)
}

func mode1(t *testing.T, name string) stage.Link {
	t.Helper()
	all := stage.ChainModes()
	i := slices.IndexFunc(all, func(l stage.Link) bool { return l.Name == name })
	if i < 0 {
		t.Fatalf("no mode %s", name)
	}
	return all[i]
}

// The flags decide where a token or a role is exchanged, as they decide it for
// every other call of STS.
func TestTokensAreExchangedWhereTold(t *testing.T) {
	policy := stage.PolicyFile(t, []string{`{uid: "200000000000000001", reason: departed}`})
	c := newCompany(t, nil)
	for _, tt := range []struct {
		mode string
		vars []string
		args []string
		want string
	}{
		{"RRSA", nil, []string{"--region", "cn-hangzhou", "--vpc"}, "sts-vpc.cn-hangzhou.aliyuncs.com:443"},
		{"RRSA", nil, []string{"--region", "cn-hangzhou"}, "sts.cn-hangzhou.aliyuncs.com:443"},
		{"RRSA", nil, nil, "sts.aliyuncs.com:443"},
		{"RRSA", []string{"ALIBABA_CLOUD_STS_REGION=cn-beijing", "ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED=true"}, nil,
			"sts-vpc.cn-beijing.aliyuncs.com:443"},
		{"RRSA", []string{"ALIBABA_CLOUD_STS_REGION=cn-beijing"},
			[]string{"--region", "cn-hangzhou", "--vpc", "--sts-endpoint", "sts.example:8443"}, "sts.example:8443"},
		{"RRSA", []string{"ACKREVOKE_REGION=cn-hangzhou", "ACKREVOKE_VPC=true"}, nil, "sts-vpc.cn-hangzhou.aliyuncs.com:443"},
		{"RamRoleArn", nil, []string{"--region", "cn-hangzhou", "--vpc"}, "sts-vpc.cn-hangzhou.aliyuncs.com:443"},
		{"ChainableRamRoleArn", nil, []string{"--region", "cn-hangzhou", "--vpc"}, "sts-vpc.cn-hangzhou.aliyuncs.com:443"},
		{"OIDC", nil, []string{"--region", "cn-hangzhou", "--vpc"}, "sts-vpc.cn-hangzhou.aliyuncs.com:443"},
		{"INI ram_role_arn", nil, []string{"--region", "cn-hangzhou", "--vpc"}, "sts-vpc.cn-hangzhou.aliyuncs.com:443"},
	} {
		code, said := c.outside(mode1(t, tt.mode), t.TempDir(), tt.vars, append([]string{"run", "-p", policy}, tt.args...)...)
		if went := c.destinations(); code != 1 || !slices.Equal(went, []string{tt.want}) {
			t.Errorf("%s %v %v: exit %d, went to %v, want %s\n%s", tt.mode, tt.vars, tt.args, code, went, tt.want, said)
		}
	}
	// Every command that asks the account reaches it in the same way.
	for _, args := range [][]string{{"doctor", "-p", policy}, {"audit"}, {"show", "alice"},
		{"add", "alice", "--reason", "departed", "-p", policy}, {"pin", "-p", policy},
		{"self", "--cluster", "c1"}, {"inspect", "--live", stage.NewGate(t, "dead").File}, {"prove", stage.NewGate(t, "dead").File}} {
		_, said := c.outside(mode1(t, "RRSA"), t.TempDir(), nil, append(args, "--region", "cn-hangzhou", "--vpc")...)
		if went := slices.Compact(c.destinations()); !slices.Equal(went, []string{"sts-vpc.cn-hangzhou.aliyuncs.com:443"}) {
			t.Errorf("%v: went to %v\n%s", args, went, said)
		}
	}
}

// A proxy that refuses shows nothing of what was to be sent, nor of how it was
// asked; the message names the provider and the proxy.
func TestProxyThatRefusesTellsNothing(t *testing.T) {
	policy, needles := stage.PolicyFile(t, []string{`{uid: "200000000000000001", reason: departed}`}), stage.ChainNeedles()
	c := newCompany(t, nil)
	for _, l := range stage.ChainModes() {
		if l.Quiet || strings.Contains(strings.ToLower(l.Name), "ecs") || l.Name == "RamRoleArnWithRoleName" {
			continue // of the machine itself, or of nobody
		}
		for name, value := range l.Vars {
			l.Vars[name] = strings.Replace(value, "@127.0.0.1:2", "@keys.example", 1) // over the proxy as well, in clear
		}
		dir := t.TempDir()
		code, said := c.outside(l, dir, nil, "run", "-p", policy, "--dry-run=false", "--call-timeout", "1s")
		if code != 1 || !strings.Contains(strings.ReplaceAll(said, `\"`, `"`), l.Says) {
			t.Errorf("%s: exit %d\n%s", l.Name, code, said)
		}
		stage.TellsNothing(t, l.Name, needles, dir, said)
	}
}

// Nor does it when a leaked file is tried on its server.
func TestProxyThatRefusesAProof(t *testing.T) {
	c, dir := newCompany(t, nil), t.TempDir()
	_, said := c.outside(stage.Link{}, dir, nil, "prove", "--server", "https://203.0.113.7:6443", stage.NewGate(t, "alive").File)
	if went := c.destinations(); len(went) == 0 || !strings.Contains(said, "answered CONNECT with HTTP 403") {
		t.Errorf("went to %v\n%s", went, said)
	}
	stage.TellsNothing(t, "prove", stage.ChainNeedles(), dir, said)
}

// Where a company's proxy opens TLS, the message says SSL_CERT_FILE and nothing
// is asked twice; with the CA there the run goes through to its end. There are
// no certificates of the system, as in an image from scratch: what is compiled
// in then neither lets the proxy through nor stands in the way of its CA.
func TestCompanyCA(t *testing.T) {
	account := sim.New(stage.Must(sim.Load("estate.yaml", []byte(stage.Faulty))), distinct)
	service := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("Action") == "AssumeRoleWithOIDC" {
			fmt.Fprintf(w, `{"Credentials":{"AccessKeyId":%q,"AccessKeySecret":%q,"SecurityToken":%q,"Expiration":"2099-01-01T00:00:00Z"}}`,
				stage.TestKeyID, stage.TestSecret, stage.TestToken)
			return
		}
		account.ServeHTTP(w, r)
	})
	policy := stage.PolicyFile(t, []string{`{uid: "200000000000000001", reason: departed, clusters: [one, two]}`})
	c := newCompany(t, service)
	for _, name := range []string{"environment, temporary", "RRSA"} {
		dir := t.TempDir()
		code, said := c.outside(mode1(t, name), dir, []string{"SSL_CERT_FILE=/nowhere", "SSL_CERT_DIR=/nowhere"}, "run", "-p", policy)
		if code != 1 || !strings.Contains(said, "Example Corp Proxy CA") || !strings.Contains(said, "name its CA in SSL_CERT_FILE") {
			t.Errorf("%s: exit %d\n%s", name, code, said)
		}
		if went := c.destinations(); len(went) != 1 {
			t.Errorf("%s: went to %v", name, went)
		}
		code, said = c.outside(mode1(t, name), dir, []string{"SSL_CERT_FILE=" + c.ca, "SSL_CERT_DIR=/nowhere"}, "run", "-p", policy,
			"--dry-run=false", "--verify-timeout", "5s")
		if code != 0 {
			t.Errorf("%s: exit %d\n%s", name, code, said)
		}
		for _, host := range c.destinations() {
			if !strings.HasSuffix(host, ".aliyuncs.com:443") {
				t.Errorf("%s: went to %s", name, host)
			}
		}
		stage.TellsNothing(t, name, stage.ChainNeedles(), dir, said)
	}
}

// What is on this machine is not reached over a proxy.
func TestNoProxyForLoopback(t *testing.T) {
	account := sim.New(stage.Must(sim.Load("estate.yaml", []byte(stage.Faulty))), sim.Options{Ledger: func() time.Time { return stage.Noon }})
	service := httptest.NewServer(account)
	defer service.Close()
	policy := stage.PolicyFile(t, []string{`{uid: "200000000000000001", reason: departed}`})
	c := newCompany(t, nil)
	id, secret := account.Keys()
	keys := stage.Link{Vars: map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": id, "ALIBABA_CLOUD_ACCESS_KEY_SECRET": secret}}
	for _, host := range []string{"127.0.0.1", "localhost"} {
		at := "http://" + net.JoinHostPort(host, service.URL[strings.LastIndex(service.URL, ":")+1:])
		if code, said := c.outside(keys, t.TempDir(), []string{"NO_PROXY="}, "run", "-p", policy, "--cs-endpoint", at, "--ram-endpoint", at,
			"--sts-endpoint", at); code != 0 {
			t.Errorf("%s: exit %d\n%s", host, code, said)
		}
	}
	if went := c.destinations(); len(went) > 0 {
		t.Errorf("went over the proxy to %v", went)
	}
}

// A line end in a key is an error of the variable that has it, before any call.
func TestLineEndInAKey(t *testing.T) {
	policy := stage.PolicyFile(t, []string{`{uid: "200000000000000001", reason: departed}`})
	c := newCompany(t, nil)
	for _, name := range []string{"ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN"} {
		l := mode1(t, "environment, temporary")
		l.Vars[name] += "\n"
		dir := t.TempDir()
		code, said := c.outside(l, dir, nil, "run", "-p", policy)
		if code != 1 || !strings.Contains(said, name+" has a line end at its end") || !strings.Contains(said, "printf") {
			t.Errorf("%s: exit %d\n%s", name, code, said)
		}
		if went := c.destinations(); len(went) > 0 {
			t.Errorf("%s: went to %v", name, went)
		}
		stage.TellsNothing(t, name, stage.ChainNeedles(), dir, said)
	}
}

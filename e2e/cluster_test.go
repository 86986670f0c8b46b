package e2e

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// cluster is a control plane on loopback: etcd and kube-apiserver, as this
// user, in a folder that goes away with the test.
type cluster struct {
	t      *testing.T
	ca     *authority
	server string // URL of the API server
	admin  *http.Client
	stop   func() // ends the API server
}

// startCluster starts a control plane. Ports are free when they are chosen and
// may be taken when they are used; then others are tried.
func startCluster(t *testing.T, flags ...string) *cluster {
	t.Helper()
	c := &cluster{t: t, ca: newAuthority(t, "kubernetes")}
	for try := 1; ; try++ {
		err := c.start(flags)
		if err == nil {
			return c
		}
		if try == 3 {
			t.Fatal(err)
		}
		t.Logf("again, for %v", err)
	}
}

func (c *cluster) start(flags []string) error {
	t, dir, began := c.t, c.t.TempDir(), time.Now()
	file := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		write(t, path, data)
		return path
	}
	serving, admin := c.ca.server(), c.ca.client("e2e-admin", "system:masters")
	ports := freePorts(t, 3)
	etcd, peer := fmt.Sprintf("http://127.0.0.1:%d", ports[0]), fmt.Sprintf("http://127.0.0.1:%d", ports[1])
	c.server = fmt.Sprintf("https://127.0.0.1:%d", ports[2])

	stopEtcd := c.launch(dir, "etcd", "--data-dir", filepath.Join(dir, "etcd"), "--unsafe-no-fsync", "--log-level=warn",
		"--listen-client-urls", etcd, "--advertise-client-urls", etcd,
		"--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "default="+peer)
	account := serviceAccountKey(t)
	c.stop = c.launch(dir, "kube-apiserver", append([]string{
		"--etcd-servers=" + etcd, "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", fmt.Sprintf("--secure-port=%d", ports[2]),
		"--tls-cert-file=" + file("serving.crt", serving.cert), "--tls-private-key-file=" + file("serving.key", serving.key),
		"--client-ca-file=" + file("ca.crt", c.ca.pem()), "--authorization-mode=Node,RBAC",
		"--service-account-issuer=https://kubernetes.default.svc", "--service-cluster-ip-range=10.96.0.0/24",
		"--service-account-key-file=" + file("account.pub", account.cert), "--service-account-signing-key-file=" +
			file("account.key", account.key),
		"--endpoint-reconciler-type=none", "--profiling=false",
	}, flags...)...)

	c.admin = c.client(admin)
	if err := c.ready(); err != nil {
		c.stop()
		stopEtcd()
		for _, name := range []string{"etcd", "kube-apiserver"} {
			said, _ := os.ReadFile(filepath.Join(dir, name+".log"))
			t.Logf("the end of what %s said:\n%s", name, said[max(0, len(said)-4000):])
		}
		return err
	}
	t.Logf("kube-apiserver %s is ready at %s after %s", kubernetes, c.server, time.Since(began).Round(100*time.Millisecond))
	return nil
}

// launch starts one of the two; it ends with the returned function, with the
// test, or with this process, whichever comes first.
func (c *cluster) launch(dir, component string, args ...string) (stop func()) {
	t := c.t
	t.Helper()
	said, err := os.Create(filepath.Join(dir, component+".log"))
	must(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	p := exec.CommandContext(ctx, serverBinary, append([]string{component}, args...)...)
	p.Stdout, p.Stderr = said, said
	_, err = p.StdinPipe()
	must(t, err)
	must(t, p.Start())
	done := make(chan struct{})
	go func() { defer close(done); _ = p.Wait(); _ = said.Close() }()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return stop
}

// ready waits until the API server says so, with its RBAC defaults in place.
func (c *cluster) ready() error {
	deadline := time.After(2 * time.Minute)
	for {
		status, body, err := c.get("/readyz")
		if err == nil && status == http.StatusOK {
			return nil
		}
		select {
		case <-deadline:
			return fmt.Errorf("the API server is not ready after two minutes: HTTP %d %.200s %v", status, body, err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (c *cluster) client(p pair) *http.Client {
	c.t.Helper()
	cert, err := tls.X509KeyPair(p.cert, p.key)
	must(c.t, err)
	roots := x509.NewCertPool()
	roots.AddCert(c.ca.cert)
	return &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{
		MinVersion: tls.VersionTLS12, RootCAs: roots,
		// Given this way it is sent also where the server does not name its issuer.
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &cert, nil },
	}}}
}

func (c *cluster) get(path string) (int, string, error) { return c.do(http.MethodGet, path, "") }

func (c *cluster) do(method, path, body string) (int, string, error) {
	return ask(c.admin, method, c.server+path, body)
}

// apply does something as the administrator and expects that it works.
func (c *cluster) apply(method, path, body string) {
	c.t.Helper()
	status, said, err := c.do(method, path, body)
	if err != nil || status < 200 || status > 299 {
		c.t.Fatalf("%s %s: HTTP %d %s %v", method, path, status, said, err)
	}
}

func ask(client *http.Client, method, url, body string) (int, string, error) {
	req, err := http.NewRequest(method, url, bytes.NewReader([]byte(body)))
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	res, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = res.Body.Close() }()
	said, err := io.ReadAll(res.Body)
	return res.StatusCode, string(said), err
}

func freePorts(t *testing.T, n int) []int {
	t.Helper()
	var ports []int
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		must(t, err)
		defer func() { _ = l.Close() }() // not before all are chosen
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

// serviceAccountKey is what an API server will not start without; nothing here
// uses it. cert is the public key.
func serviceAccountKey(t *testing.T) pair {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	must(t, err)
	return pair{pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})}
}

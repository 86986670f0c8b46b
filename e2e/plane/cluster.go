package plane

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"testing"
	"time"
)

// Cluster is etcd and kube-apiserver on loopback, as this user.
type Cluster struct {
	T      *testing.T
	CA     *Authority
	Server string // URL of the API server
	Dir    string // its certificates and logs
	Stop   func() // ends the API server

	admin *http.Client
}

// NewCluster starts an API server with these flags more. Ports are free when
// they are chosen and may be taken when they are used; then others are tried.
func NewCluster(t *testing.T, flags ...string) *Cluster {
	t.Helper()
	c := &Cluster{T: t, CA: NewAuthority(t, "kubernetes")}
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

func (c *Cluster) start(flags []string) error {
	c.Dir = c.T.TempDir()
	t, dir, began := c.T, c.Dir, time.Now()
	serving, admin, kubelets := c.CA.Serving(), c.CA.Client("e2e-admin", "system:masters"), c.CA.Client("kube-apiserver", "system:masters")
	ports := FreePorts(t, 3)
	etcd, peer := fmt.Sprintf("http://127.0.0.1:%d", ports[0]), fmt.Sprintf("http://127.0.0.1:%d", ports[1])
	c.Server = fmt.Sprintf("https://127.0.0.1:%d", ports[2])

	store := Launch(t, dir, "etcd", "--data-dir", filepath.Join(dir, "etcd"), "--unsafe-no-fsync", "--log-level=warn",
		"--listen-client-urls", etcd, "--advertise-client-urls", etcd,
		"--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "default="+peer)
	account := serviceAccountKey(t)
	api := Launch(t, dir, "kube-apiserver", append([]string{
		"--etcd-servers=" + etcd, "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", fmt.Sprintf("--secure-port=%d", ports[2]),
		"--tls-cert-file=" + c.file("serving.crt", serving.Cert), "--tls-private-key-file=" + c.file("serving.key", serving.Key),
		"--client-ca-file=" + c.file("ca.crt", c.CA.PEM()), "--authorization-mode=Node,RBAC",
		"--service-account-issuer=https://kubernetes.default.svc", "--service-cluster-ip-range=10.96.0.0/24",
		"--service-account-key-file=" + c.file("account.pub", account.Cert),
		"--service-account-signing-key-file=" + c.file("account.key", account.Key),
		"--kubelet-client-certificate=" + c.file("kubelets.crt", kubelets.Cert), "--kubelet-client-key=" + c.file("kubelets.key", kubelets.Key),
		"--kubelet-preferred-address-types=InternalIP", // the name of a node resolves nowhere
		"--endpoint-reconciler-type=none", "--profiling=false",
	}, flags...)...)
	c.Stop = api.Stop

	c.admin = c.Client(admin)
	Write(t, c.Kubeconfig(), ReadFile(t, Kubeconfig(t, c.Server, c.CA.PEM(), admin)))
	if why, ok := await(api.Gone, c.ready); !ok {
		api.Stop()
		store.Stop()
		t.Log(store.Tail())
		t.Log(api.Tail())
		return fmt.Errorf("the API server is not ready: %s", why)
	}
	t.Logf("kube-apiserver %s is ready at %s after %s", Kubernetes, c.Server, time.Since(began).Round(100*time.Millisecond))
	return nil
}

// Kubeconfig is the file of the administrator.
func (c *Cluster) Kubeconfig() string { return filepath.Join(c.Dir, "admin.kubeconfig") }

func (c *Cluster) file(name string, data []byte) string {
	c.T.Helper()
	path := filepath.Join(c.Dir, name)
	Write(c.T, path, data)
	return path
}

// ready says whether the API server is, with its RBAC defaults in place.
func (c *Cluster) ready() (bool, string) {
	status, body, err := c.Get("/readyz")
	return err == nil && status == http.StatusOK, fmt.Sprintf("HTTP %d %.200s %v", status, body, err)
}

// Client is an HTTP client that shows this certificate.
func (c *Cluster) Client(p Pair) *http.Client {
	c.T.Helper()
	cert, err := tls.X509KeyPair(p.Cert, p.Key)
	Must(c.T, err)
	return &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{
		MinVersion: tls.VersionTLS12, RootCAs: c.CA.Pool(),
		// Given this way it is sent also where the server does not name its issuer.
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &cert, nil },
	}}}
}

// Get asks the API server as its administrator.
func (c *Cluster) Get(path string) (int, string, error) { return c.Do(http.MethodGet, path, "") }

// Do likewise; a body is JSON.
func (c *Cluster) Do(method, path, body string) (int, string, error) {
	req, err := http.NewRequest(method, c.Server+path, bytes.NewReader([]byte(body)))
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	res, err := c.admin.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = res.Body.Close() }()
	said, err := io.ReadAll(res.Body)
	return res.StatusCode, string(said), err
}

// Apply does something as the administrator and expects that it works.
func (c *Cluster) Apply(method, path, body string) {
	c.T.Helper()
	status, said, err := c.Do(method, path, body)
	if err != nil || status < 200 || status > 299 {
		c.T.Fatalf("%s %s: HTTP %d %s %v", method, path, status, said, err)
	}
}

// Read decodes an object of the API server into out.
func (c *Cluster) Read(path string, out any) error {
	status, said, err := c.Get(path)
	switch {
	case err != nil:
		return err
	case status != http.StatusOK:
		return fmt.Errorf("GET %s: HTTP %d %.300s", path, status, said)
	}
	return json.Unmarshal([]byte(said), out)
}

// serviceAccountKey signs the tokens of service accounts. Cert is the public key.
func serviceAccountKey(t *testing.T) Pair {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	Must(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	Must(t, err)
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	Must(t, err)
	return Pair{pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})}
}

package plane

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Authority signs certificates, as the CA of a cluster does.
type Authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// Pair is a certificate and its key, PEM.
type Pair struct{ Cert, Key []byte }

// NewAuthority makes a CA of that name.
func NewAuthority(t *testing.T, name string) *Authority {
	t.Helper()
	a := &Authority{t: t}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	p := a.sign(template)
	block, _ := pem.Decode(p.Cert)
	cert, err := x509.ParseCertificate(block.Bytes)
	Must(t, err)
	a.cert = cert
	return a
}

// sign makes a key and a certificate for it; the first one signs itself.
func (a *Authority) sign(template *x509.Certificate) Pair {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	Must(a.t, err)
	if a.key == nil {
		a.key, a.cert = key, template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	Must(a.t, err)
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	Must(a.t, err)
	return Pair{pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw})}
}

// PEM is the certificate of the CA.
func (a *Authority) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
}

// Pool is the CA as the root of a client's trust.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

// Client is a client's certificate. Of a person, cn is <uid>-<digits>, as ACK makes it.
func (a *Authority) Client(cn string, organisations ...string) Pair {
	a.t.Helper()
	return a.ClientUntil(time.Now().Add(24*time.Hour), cn, organisations...)
}

// ClientUntil is one that ends then.
func (a *Authority) ClientUntil(end time.Time, cn string, organisations ...string) Pair {
	a.t.Helper()
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	Must(a.t, err)
	return a.sign(&x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: cn, Organization: organisations},
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: end,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
}

// Serving is the certificate of the API server on loopback.
func (a *Authority) Serving() Pair {
	a.t.Helper()
	return a.sign(&x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "kube-apiserver"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	})
}

// Kubeconfig is a file as ACK hands it out: one cluster, one user, one
// context, everything inline. more are further lines of the user.
func Kubeconfig(t *testing.T, server string, ca []byte, p Pair, more ...string) string {
	t.Helper()
	b64 := base64.StdEncoding.EncodeToString
	path := filepath.Join(t.TempDir(), "leaked.kubeconfig")
	extra := ""
	for _, line := range more {
		extra += "    " + line + "\n"
	}
	Write(t, path, fmt.Appendf(nil, `apiVersion: v1
kind: Config
clusters:
- name: kubernetes
  cluster:
    server: %s
    certificate-authority-data: %s
contexts:
- name: leaked
  context:
    cluster: kubernetes
    user: someone
current-context: leaked
users:
- name: someone
  user:
    client-certificate-data: %s
    client-key-data: %s
%s`, server, b64(ca), b64(p.Cert), b64(p.Key), extra))
	return path
}

// Write writes a file that only this user reads.
func Write(t *testing.T, path string, data []byte) {
	t.Helper()
	Must(t, os.WriteFile(path, data, 0o600))
}

func Must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// ReadFile is a file that must be there.
func ReadFile(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	Must(t, err)
	return data
}

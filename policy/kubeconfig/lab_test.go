package kubeconfig

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	issued  = time.Date(2025, 9, 10, 11, 12, 13, 0, time.UTC)
	expires = time.Date(2028, 9, 10, 11, 12, 13, 0, time.UTC)
	now     = time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
)

// keys of the lab; RSA keys take long to make.
var (
	rsaKey   = sync.OnceValue(func() crypto.Signer { k, _ := rsa.GenerateKey(rand.Reader, 2048); return k })
	otherKey = sync.OnceValue(func() crypto.Signer { k, _ := rsa.GenerateKey(rand.Reader, 2048); return k })
	ecKey    = sync.OnceValue(func() crypto.Signer { k, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader); return k })
	edKey    = sync.OnceValue(func() crypto.Signer { _, k, _ := ed25519.GenerateKey(rand.Reader); return k })
)

// leaf makes a client certificate, signed by its own key: nobody here asks who
// signed it.
func leaf(t testing.TB, key crypto.Signer, cn string, orgs ...string) string {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(0xabc), NotBefore: issued, NotAfter: expires,
		Subject: pkix.Name{CommonName: cn, Organization: orgs},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func pkcs8(t testing.TB, key crypto.Signer) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// config is a kubeconfig of one context; user holds the lines of its user.
func config(user ...string) []byte {
	return fmt.Appendf(nil, `apiVersion: v1
kind: Config
current-context: c
clusters:
- name: kubernetes
  cluster: {server: "https://203.0.113.7:6443"}
contexts:
- name: c
  context: {cluster: kubernetes, user: u}
users:
- name: u
  user:
    %s
`, strings.Join(user, "\n    "))
}

func inline(cert, key string) []byte {
	return config("client-certificate-data: "+b64(cert), "client-key-data: "+b64(key))
}

// authority makes the certificate of a CA.
func authority(t testing.TB) string {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: issued, NotAfter: expires, Subject: pkix.Name{CommonName: "kubernetes"},
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, ecKey().Public(), ecKey())
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

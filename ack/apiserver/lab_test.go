package apiserver

import (
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
	"slices"
	"sync"
	"testing"
	"time"
)

const (
	uid  = "200000000000000001"
	name = uid + "-1676970192"
)

var noon = time.Now().UTC().Truncate(time.Second)

// lab is a server over real TLS on loopback that answers as kube-apiserver
// 1.36 does; the module e2e compares both. What a test does not set is the
// answer of a cluster on which the credential has nothing left.
type lab struct {
	t         *testing.T
	server    *httptest.Server
	clientCA  authority // what the server trusts
	leaked    authority // what signed the leaked certificate
	file      []byte
	pair      pair
	rules     map[string]string // status of the rules review by namespace; "" for all others
	allowed   map[string]string // verb resource/sub namespace -> reason
	username  string            // "" for the name of the certificate
	answer    map[string]http.HandlerFunc
	mu        sync.Mutex
	questions []string
}

type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

type pair struct{ cert, key []byte }

const baseRules = `{"verbs":["create"],"apiGroups":["authorization.k8s.io"],"resources":["selfsubjectaccessreviews","selfsubjectrulesreviews"]},
	{"verbs":["create"],"apiGroups":["authentication.k8s.io"],"resources":["selfsubjectreviews"]}`

const baseURLRules = `{"verbs":["get"],"nonResourceURLs":["/api","/api/*","/apis","/apis/*","/healthz","/livez","/openapi","/openapi/*","/readyz","/version","/version/"]},
	{"verbs":["get"],"nonResourceURLs":["/healthz","/livez","/readyz","/version","/version/"]}`

// rulesStatus is the status of a rules review with further rules.
func rulesStatus(more string) string {
	return `{"resourceRules":[` + baseRules + more + `],"nonResourceRules":[` + baseURLRules + `],"incomplete":false}`
}

func newLab(t *testing.T, configure ...func(*lab)) *lab {
	t.Helper()
	l := &lab{t: t, clientCA: newAuthority(t), rules: map[string]string{}, allowed: map[string]string{}, answer: map[string]http.HandlerFunc{}}
	l.leaked = l.clientCA
	l.server = httptest.NewUnstartedServer(l)
	l.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	pool := x509.NewCertPool()
	pool.AddCert(l.clientCA.cert)
	l.server.TLS = &tls.Config{MinVersion: tls.VersionTLS12, ClientAuth: tls.RequestClientCert, ClientCAs: pool}
	for _, f := range configure {
		f(l)
	}
	l.pair = l.leaked.client(t, name, noon.Add(24*time.Hour))
	l.server.StartTLS()
	t.Cleanup(l.server.Close)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: l.server.Certificate().Raw})
	l.file = kubeconfigFile(l.server.URL, ca, l.pair)
	return l
}

func (l *lab) prove(options ...func(*Options)) Proof {
	l.t.Helper()
	o := Options{Now: func() time.Time { return noon }}
	for _, f := range options {
		f(&o)
	}
	leaked, err := Open(l.file, "", o)
	if err != nil {
		l.t.Fatal(err)
	}
	defer leaked.Close()
	return leaked.Prove(context.Background())
}

func (l *lab) asked() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.questions)
}

// ServeHTTP answers like the real one: first who, then whether, then what.
func (l *lab) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	l.mu.Lock()
	l.questions = append(l.questions, r.Method+" "+r.URL.Path)
	l.mu.Unlock()
	if f := l.answer[r.URL.Path]; f != nil {
		f(w, r)
		return
	}
	user, known := l.authenticate(r)
	if !known {
		refuse(w, 401, "Unauthorized", "Unauthorized")
		return
	}
	if user == anonymous {
		refuse(w, 403, "Forbidden", fmt.Sprintf(`x is forbidden: User %q cannot create resource "x" in API group "y" at the cluster scope`, user))
		return
	}
	switch r.URL.Path {
	case subjectPath:
		good(w, fmt.Sprintf(`{"kind":"SelfSubjectReview","apiVersion":"authentication.k8s.io/v1","status":{"userInfo":{"username":%q,"groups":["system:authenticated"]}}}`, user))
	case rulesPath:
		var q struct {
			Spec struct{ Namespace string }
		}
		_ = json.Unmarshal(body, &q)
		status, there := l.rules[q.Spec.Namespace]
		if !there {
			status, there = l.rules[""]
		}
		if !there {
			status = rulesStatus("")
		}
		good(w, `{"kind":"SelfSubjectRulesReview","apiVersion":"authorization.k8s.io/v1","spec":{},"status":`+status+`}`)
	case accessPath:
		var q struct {
			Spec struct {
				ResourceAttributes struct{ Verb, Group, Resource, Subresource, Namespace string }
			}
		}
		_ = json.Unmarshal(body, &q)
		a := q.Spec.ResourceAttributes
		if a.Subresource != "" {
			a.Resource += "/" + a.Subresource
		}
		reason, allowed := l.allowed[a.Verb+" "+a.Resource+" "+a.Namespace]
		good(w, fmt.Sprintf(`{"kind":"SelfSubjectAccessReview","apiVersion":"authorization.k8s.io/v1","status":{"allowed":%t,"reason":%q}}`,
			allowed, reason))
	default:
		refuse(w, 404, "NotFound", "the server could not find the requested resource")
	}
}

func (l *lab) authenticate(r *http.Request) (user string, known bool) {
	if len(r.TLS.PeerCertificates) == 0 {
		return anonymous, true
	}
	_, err := r.TLS.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: l.server.TLS.ClientCAs,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	if err != nil {
		return "", false
	}
	if l.username != "" {
		return l.username, true
	}
	return r.TLS.PeerCertificates[0].Subject.CommonName, true
}

func good(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	_, _ = io.WriteString(w, body)
}

func refuse(w http.ResponseWriter, code int, reason, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(map[string]any{"kind": "Status", "apiVersion": "v1", "metadata": map[string]any{}, "status": "Failure",
		"message": message, "reason": reason, "code": code})
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	must(t, err)
	template := &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: "kubernetes " + serial.String()},
		NotBefore: noon.Add(-time.Hour), NotAfter: noon.Add(48 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	must(t, err)
	cert, err := x509.ParseCertificate(der)
	must(t, err)
	return authority{cert, key}
}

func (a authority) client(t *testing.T, cn string, until time.Time) pair {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(0x2a), Subject: pkix.Name{CommonName: cn}, NotBefore: noon.Add(-2 * time.Hour),
		NotAfter: until,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	must(t, err)
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	return pair{pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw})}
}

func kubeconfigFile(server string, ca []byte, p pair) []byte {
	b64 := base64.StdEncoding.EncodeToString
	return fmt.Appendf(nil, `apiVersion: v1
kind: Config
current-context: leaked
contexts: [{name: leaked, context: {cluster: kubernetes, user: someone}}]
clusters: [{name: kubernetes, cluster: {server: %q, certificate-authority-data: %s}}]
users: [{name: someone, user: {client-certificate-data: %s, client-key-data: %s}}]
`, server, b64(ca), b64(p.cert), b64(p.key))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

package apiserver

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"ackrevoke/policy/kubeconfig"
)

// Leaked is a credential on its way to the server that it is for.
type Leaked struct {
	server *url.URL
	http   *http.Client
	shown  *atomic.Bool // the server asked for a certificate and was given this one
	now    func() time.Time
	wait   time.Duration

	context     string
	uid         string
	commonName  string
	serial      string
	fingerprint string
	notAfter    time.Time
	namespaces  []string
}

// Open prepares to ask as one context of a kubeconfig, the current one for "".
// It calls nothing, and no error of it holds a byte of a key.
func Open(data []byte, context string, o Options) (*Leaked, error) {
	file, err := kubeconfig.Read("kubeconfig", data)
	if err != nil {
		return nil, err
	}
	k := file.Current()
	if context != "" {
		k = file.Context(context)
	}
	if k == nil {
		return nil, errors.New("the file has no such context")
	}
	if slices.ContainsFunc(file.Contexts, func(o kubeconfig.Context) bool {
		return o.Name == k.Name &&
			o.User+o.Cluster != k.User+k.Cluster
	}) {
		return nil, errors.New("the file has several contexts of this name, so it is not clear which one is meant: kubectl refuses such a file")
	}
	pair, err := kubeconfig.Pair(data, k.Name)
	if err != nil {
		return nil, err
	}
	at := o.Server
	if at == "" {
		at = k.Server
	}
	server, err := ParseServer(at)
	if err != nil {
		return nil, err
	}
	roots, err := authorities(k.CA)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(pair.Certificate[0])
	l := &Leaked{
		server: server, shown: new(atomic.Bool), now: o.Now, wait: o.Timeout,
		context: k.Name, commonName: pair.Leaf.Subject.CommonName, fingerprint: hex.EncodeToString(sum[:]), notAfter: pair.Leaf.NotAfter.UTC(),
		namespaces: slices.Compact(slices.Sorted(slices.Values(append([]string{"default", "kube-system"}, o.Namespaces...)))),
	}
	if k.Certificate != nil {
		l.uid, l.serial = k.Certificate.UID, k.Certificate.Serial
	}
	if l.now == nil {
		l.now = time.Now
	}
	if l.wait == 0 {
		l.wait = 10 * time.Second
	}
	l.dial(o, roots, &pair)
	return l, nil
}

// dial prepares the connections, which always show the certificate.
func (l *Leaked) dial(o Options, roots *x509.CertPool, pair *tls.Certificate) {
	l.http = newHTTPClient(o.DialContext, &tls.Config{
		MinVersion: tls.VersionTLS12,
		RootCAs:    roots,
		// Put into Certificates, it would be kept back from a server that does
		// not name its issuer, which is what a server with a new CA does: the
		// server would see nobody (403, system:anonymous) and say nothing of
		// the certificate. Given here, it is always shown (401).
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			l.shown.Store(true)
			return pair, nil
		},
	})
}

// Close ends the connection.
func (l *Leaked) Close() { l.http.CloseIdleConnections() }

// Server is the URL that is asked.
func (l *Leaked) Server() string { return l.server.String() }

// authorities are those of the file; a file without them trusts those of the
// system, as kubectl does.
func authorities(pem []byte) (*x509.CertPool, error) {
	if len(pem) == 0 {
		return nil, nil
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, errors.New("certificate-authority-data of the file holds no certificate")
	}
	return roots, nil
}

// ParseServer reads the URL of an API server and gives it the one form in
// which two of them can be compared: https, lower case, with a port.
func ParseServer(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case text == "":
		return nil, errors.New("there is no server to ask")
	case err != nil:
		return nil, errors.New("the server is no URL") // the cause would quote it
	case u.Scheme != "https":
		return nil, errors.New("the server is no https:// URL: a client certificate has no meaning there")
	case u.User != nil, u.RawQuery != "", u.ForceQuery, u.Fragment != "", u.Opaque != "":
		return nil, errors.New("the server is more than a host, a port and a path")
	case u.Hostname() == "":
		return nil, errors.New("the server has no host")
	}
	port := u.Port()
	if port == "" {
		port = "443"
	}
	u.Host = net.JoinHostPort(lower(u.Hostname()), port)
	for len(u.Path) > 0 && u.Path[len(u.Path)-1] == '/' {
		u.Path = u.Path[:len(u.Path)-1]
	}
	u.RawPath = ""
	return u, nil
}

func lower(host string) string {
	b := []byte(host)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// newHTTPClient follows no redirect: another server's answer proves nothing of
// this one. Proxies are those of the environment, never for loopback; the
// file's proxy-url is not one of them.
func newHTTPClient(dial func(ctx context.Context, network, addr string) (net.Conn, error), secure *tls.Config) *http.Client {
	if dial == nil {
		dial = (&net.Dialer{Timeout: 10 * time.Second}).DialContext
	}
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, DialContext: dial, TLSClientConfig: secure,
			TLSHandshakeTimeout: 10 * time.Second, IdleConnTimeout: 30 * time.Second,
			MaxIdleConns: 1, MaxResponseHeaderBytes: 64 << 10,
			// What a proxy says beside its number may repeat the password that it was given.
			OnProxyConnectResponse: func(_ context.Context, proxy *url.URL, _ *http.Request, res *http.Response) error {
				if res.StatusCode != http.StatusOK {
					return fmt.Errorf("the proxy %s answered CONNECT with HTTP %d", proxy.Host, res.StatusCode)
				}
				return nil
			},
		},
	}
}

// short bounds what a server can make a reader read.
func short(s string) string {
	const most = 300
	if len(s) <= most {
		return s
	}
	end := most
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return fmt.Sprintf("%s... (%d bytes)", s[:end], len(s))
}

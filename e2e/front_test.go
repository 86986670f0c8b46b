package e2e

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"
)

// front is a balancer that ends TLS itself, with a certificate of the
// cluster's own CA: the API server behind it never sees that of a client.
func front(t *testing.T, c *cluster) string {
	t.Helper()
	behind, err := url.Parse(c.server)
	must(t, err)
	roots := x509.NewCertPool()
	roots.AddCert(c.ca.cert)
	serving := c.ca.server()
	cert, err := tls.X509KeyPair(serving.cert, serving.key)
	must(t, err)
	s := httptest.NewUnstartedServer(&httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(behind) },
		Transport: &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}},
		ErrorLog:  log.New(io.Discard, "", 0),
	})
	s.TLS = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{cert}}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL
}

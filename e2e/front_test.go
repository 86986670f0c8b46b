package e2e

import (
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"

	"ackrevoke/e2e/plane"
)

// front is a balancer that ends TLS itself, with a certificate of the
// cluster's own CA: the API server behind it never sees that of a client.
func front(t *testing.T, c *cluster) string {
	t.Helper()
	behind, err := url.Parse(c.Server)
	plane.Must(t, err)
	serving := c.CA.Serving()
	cert, err := tls.X509KeyPair(serving.Cert, serving.Key)
	plane.Must(t, err)
	s := httptest.NewUnstartedServer(&httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(behind) },
		Transport: &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: c.CA.Pool()}},
		ErrorLog:  log.New(io.Discard, "", 0),
	})
	s.TLS = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{cert}}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL
}

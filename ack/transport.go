package ack

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"time"
)

// maxBody bounds an answer; the largest honest one is a page of 1000 users.
const maxBody = 32 << 20

// newHTTPClient returns the one client of all calls. It follows no redirect:
// a redirected DELETE would become a GET that reports success. Limits of time
// come with the context of each attempt. Proxies are those of the environment,
// never for loopback and never for what is on the machine. Of each service there are
// at most so many connections as calls may be under way: without that bound a call
// that gets one which came free leaves its dial behind, as one more.
func newHTTPClient(dial func(ctx context.Context, network, addr string) (net.Conn, error), calls int) *http.Client {
	if dial == nil {
		dial = (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext
	}
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:               proxyFor,
			DialContext:         dial,
			TLSHandshakeTimeout: 10 * time.Second,
			MaxConnsPerHost:     calls,
			MaxIdleConnsPerHost: calls,
			IdleConnTimeout:     90 * time.Second,
			OnProxyConnectResponse: func(_ context.Context, proxy *url.URL, _ *http.Request, res *http.Response) error {
				if res.StatusCode != http.StatusOK {
					return &proxyRefusal{proxy.Host, res.StatusCode}
				}
				return nil
			},
		},
	}
}

// proxyFor is the proxy of the environment for a request.
func proxyFor(req *http.Request) (*url.URL, error) {
	if host := req.URL.Hostname(); loopback(host) || host == metadataHost {
		return nil, nil
	}
	return http.ProxyFromEnvironment(req)
}

// proxySecrets are the passwords of the proxies that the environment names.
func proxySecrets() []string {
	var all []string
	for _, name := range []string{"HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"} {
		for _, name := range []string{name, strings.ToLower(name)} {
			if u, err := url.Parse(os.Getenv(name)); err == nil {
				all = append(all, secretsOf(u)...)
			}
		}
	}
	return all
}

// proxyRefusal is a proxy that does not let us through. What it says beside its
// number is not repeated: it may be the request.
type proxyRefusal struct {
	host   string
	status int
}

func (p *proxyRefusal) Error() string {
	return fmt.Sprintf("the proxy %s answered CONNECT with HTTP %d", p.host, p.status)
}

// capture is what really came back in one attempt.
type capture struct {
	shape   shape       // what the SDK expects
	called  bool        // the SDK came as far as sending
	reached atomic.Bool // there was a connection: bytes may have left
	answer
	sent  time.Time     // by our clock
	after time.Duration // until the head of the answer was there
	err   error         // no whole answer
}

// answer is one HTTP answer.
type answer struct {
	status int
	header http.Header
	body   []byte
	heard  *hearing // nil: nobody has listened yet
}

// hearing is what an answer says of itself, and whether it is JSON at all.
type hearing struct {
	words  words
	isJSON bool
}

type captureKey struct{}

// capturer stands between the SDK and our client. It keeps the answer and
// hands the SDK a harmless one, so that none of its decoding traps is reached.
type capturer struct{ http *http.Client }

// Call implements dara.HttpClient. The transport that the SDK brings is not
// used: it has neither our time-outs nor our connections.
func (c capturer) Call(req *http.Request, _ *http.Transport) (*http.Response, error) {
	kept, ok := req.Context().Value(captureKey{}).(*capture)
	if !ok {
		return nil, errors.New("a request outside the call seam")
	}
	kept.called = true
	if kept.send(c.http, req); kept.err != nil && kept.status == 0 {
		return nil, kept.err
	}
	harmless := "{}"
	if kept.shape == array {
		harmless = "[]"
	}
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Header: http.Header{},
		Body: io.NopCloser(strings.NewReader(harmless)), Request: req,
	}, nil
}

// send makes the request and keeps what comes back.
func (k *capture) send(client *http.Client, req *http.Request) {
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { k.reached.Store(true) }}
	k.sent = time.Now()
	var res *http.Response
	if res, k.err = client.Do(req.WithContext(httptrace.WithClientTrace(req.Context(), trace))); k.err != nil {
		return
	}
	defer res.Body.Close()
	k.after = time.Since(k.sent)
	k.status, k.header = res.StatusCode, res.Header
	k.body, k.err = io.ReadAll(io.LimitReader(res.Body, maxBody+1))
	if k.err == nil && len(k.body) > maxBody {
		k.err = fmt.Errorf("an answer of more than %d MiB", maxBody>>20)
	}
}

// distrusted reports whether the other side could not prove who it is. The next
// attempt would meet the same one, so there is none.
func distrusted(err error) bool {
	var v *tls.CertificateVerificationError
	return errors.As(err, &v)
}

// distrust says what is wrong with the certificate that was shown for a host,
// and what to do; "" where nothing is.
func distrust(host string, err error) (what, hint string) {
	if !distrusted(err) {
		return "", ""
	}
	var unknown x509.UnknownAuthorityError
	var noRoots x509.SystemRootsError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &unknown):
		by := "by nobody known here"
		if unknown.Cert != nil && unknown.Cert.Issuer.CommonName != "" {
			by = fmt.Sprintf("by %q, which is not known here", shorten(unknown.Cert.Issuer.CommonName, 64))
		}
		return fmt.Sprintf("the certificate shown for %s is not trusted: it is issued %s", host, by), caHint
	case errors.As(err, &noRoots):
		return fmt.Sprintf("the certificate shown for %s is not trusted: this system has no certificates of authorities", host), caHint
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return fmt.Sprintf("the certificate shown for %s is not trusted: by the clock of this machine it is expired or not yet valid", host),
			"compare the clock of this machine (NTP); if it is right, a proxy on the way shows an old certificate"
	}
	return fmt.Sprintf("the certificate shown for %s is not trusted: it is for somebody else, or not for this use", host),
		"check the endpoint, and whether a proxy on the way opens TLS; " + caHint
}

const caHint = "if a proxy of the company opens TLS on the way, name its CA in SSL_CERT_FILE: " +
	"a PEM file that holds it and the CAs of the system"

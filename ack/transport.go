package ack

import (
	"context"
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
// never for loopback and never for what is on the machine.
func newHTTPClient(dial func(ctx context.Context, network, addr string) (net.Conn, error)) *http.Client {
	if dial == nil {
		dial = (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext
	}
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:               proxyFor,
			DialContext:         dial,
			TLSHandshakeTimeout: 10 * time.Second,
			MaxIdleConns:        96,
			MaxIdleConnsPerHost: 32, // more than the concurrency of a run
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

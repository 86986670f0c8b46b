package ack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"time"
)

// maxBody bounds an answer; the largest honest one is a page of 1000 users.
const maxBody = 32 << 20

// newHTTPClient returns the one client of all calls. It follows no redirect:
// a redirected DELETE would become a GET that reports success. Limits of time
// come with the context of each attempt. Proxies are those of the environment,
// never for loopback.
func newHTTPClient(dial func(ctx context.Context, network, addr string) (net.Conn, error)) *http.Client {
	if dial == nil {
		dial = (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext
	}
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         dial,
			TLSHandshakeTimeout: 10 * time.Second,
			MaxIdleConns:        96,
			MaxIdleConnsPerHost: 32, // more than the concurrency of a run
			IdleConnTimeout:     90 * time.Second,
		},
	}
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
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { kept.reached.Store(true) }}
	kept.sent = time.Now()
	res, err := c.http.Do(req.WithContext(httptrace.WithClientTrace(req.Context(), trace)))
	if err != nil {
		kept.err = err
		return nil, err
	}
	defer res.Body.Close()
	kept.after = time.Since(kept.sent)
	kept.status, kept.header = res.StatusCode, res.Header
	kept.body, kept.err = io.ReadAll(io.LimitReader(res.Body, maxBody+1))
	if kept.err == nil && len(kept.body) > maxBody {
		kept.err = fmt.Errorf("an answer of more than %d MiB", maxBody>>20)
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

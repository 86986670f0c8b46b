package main

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
)

// tap stands between the clients and an account and keeps the body of the last answer: what a client decoded can only be judged
// against what it was sent. It changes nothing, as the signatures would show.
type tap struct {
	addr   string
	server *http.Server

	mu   sync.Mutex
	body []byte
}

func newTap(account *url.URL) (*tap, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	t := &tap{addr: l.Addr().String()}
	t.server = &http.Server{Handler: &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(account)
			r.Out.Host = r.In.Host // it is signed
		},
		ModifyResponse: t.keep,
	}}
	go func() { _ = t.server.Serve(l) }() // it ends when it is closed
	return t, nil
}

func (t *tap) keep(r *http.Response) error {
	body, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	t.mu.Lock()
	defer t.mu.Unlock()
	t.body = body
	return err
}

// last returns the body of the answer that came last.
func (t *tap) last() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.body
}

package ack

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// town is a network in memory: who answers at which address. Nobody is at any
// other; whoever was looked for is written down.
type town struct {
	t *testing.T

	mu       sync.Mutex
	pipes    map[string]*pipes
	sought   []string
	requests []heard
}

// heard is one request as somebody in town got it.
type heard struct {
	at, method, path string
	query, form      url.Values
	header           http.Header
	body             string
}

// action is what the request asks for.
func (h heard) action() string {
	if a := h.header.Get("x-acs-action"); a != "" {
		return a
	}
	return h.query.Get("Action")
}

func newTown(t *testing.T, at map[string]http.HandlerFunc) *town {
	n := &town{t: t, pipes: map[string]*pipes{}}
	for address, h := range at {
		p := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			form, _ := url.ParseQuery(string(body))
			n.mu.Lock()
			n.requests = append(n.requests, heard{address, r.Method, r.URL.Path, r.URL.Query(), form, r.Header, string(body)})
			n.mu.Unlock()
			h(w, r)
		})}
		go server.Serve(p)
		t.Cleanup(func() { server.Close() })
		n.pipes[address] = p
	}
	return n
}

func (n *town) dial(ctx context.Context, network, address string) (net.Conn, error) {
	n.mu.Lock()
	n.sought = append(n.sought, address)
	p := n.pipes[address]
	n.mu.Unlock()
	if p == nil {
		return refused(ctx, network, address)
	}
	return p.dial(ctx, network, address)
}

// of are the requests that asked for something.
func (n *town) of(action string) []heard {
	n.mu.Lock()
	defer n.mu.Unlock()
	var all []heard
	for _, h := range n.requests {
		if h.action() == action {
			all = append(all, h)
		}
	}
	return all
}

// client is one that asks the chain, with everything at one address.
func (n *town) client(sts string) *Client {
	n.t.Helper()
	c, err := New(Options{Credential: DefaultChain(sts), Endpoints: local, DialContext: n.dial, ReadQPS: 1000})
	if err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(c.Close)
	return c
}

// nobody takes away what the machine and its owner have for the chain; files are
// written into the new home, which is ~ in a variable and HOME in a file.
func nobody(t *testing.T, vars, files map[string]string) {
	t.Helper()
	for _, kv := range os.Environ() {
		if name, _, _ := strings.Cut(kv, "="); strings.HasPrefix(name, "ALIBABA") {
			t.Setenv(name, "")
		}
	}
	home := t.TempDir()
	t.Setenv("HOME", home)
	for name, text := range files {
		path := filepath.Join(home, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(text, "HOME", home)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, value := range vars {
		t.Setenv(name, strings.ReplaceAll(value, "~", home))
	}
}

// cli is a file of profiles, the first of them the current one.
func cli(profiles ...map[string]any) string {
	text, _ := json.Marshal(map[string]any{"current": profiles[0]["name"], "profiles": profiles})
	return string(text)
}

// issue are keys as a token service words them; they end in an hour.
func issue(id string) string {
	return fmt.Sprintf(`{"AccessKeyId":%q,"AccessKeySecret":%q,"SecurityToken":%q,"Expiration":%q,"Code":"Success"}`,
		id, id+"-secret", id+"-token", time.Now().Add(time.Hour).UTC().Format("2006-01-02T15:04:05Z"))
}

// sts issues the keys of a role, and answers any other
// call with an empty list.
func sts(w http.ResponseWriter, r *http.Request) {
	action := r.Header.Get("x-acs-action")
	if action == "" {
		action = r.URL.Query().Get("Action")
	}
	switch action {
	case "AssumeRole", "AssumeRoleWithOIDC":
		fmt.Fprintf(w, `{"RequestId":"r","Credentials":%s}`,
			issue(map[string]string{"AssumeRole": "STS.assumed", "AssumeRoleWithOIDC": "STS.pod"}[action]))
	default:
		io.WriteString(w, "[]")
	}
}

// metadataService is the one of a machine with the role machine-role.
func metadataService(w http.ResponseWriter, r *http.Request) {
	switch r.Method + " " + r.URL.Path {
	case "PUT /latest/api/token":
		io.WriteString(w, "metadata-token-0123456789")
	case "GET /latest/meta-data/ram/security-credentials/":
		io.WriteString(w, "machine-role\n")
	case "GET /latest/meta-data/ram/security-credentials/machine-role":
		io.WriteString(w, issue("STS.machine"))
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

package apiserver

import (
	"bytes"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"
)

func TestParseServer(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"https://203.0.113.7:6443":      "https://203.0.113.7:6443",
		"https://203.0.113.7":           "https://203.0.113.7:443",
		"https://API.Example.com:6443/": "https://api.example.com:6443",
		"https://example.com/k8s/c1//":  "https://example.com:443/k8s/c1",
		"https://[2001:DB8::1]:6443":    "https://[2001:db8::1]:6443",
	} {
		if u, err := ParseServer(text); err != nil || u.String() != want {
			t.Errorf("%s: %v, %v; want %s", text, u, err, want)
		}
	}
	for _, text := range []string{"", "203.0.113.7:6443", "http://203.0.113.7:6443", "https://", "https://:6443",
		"https://me:secret@example.com",
		"https://example.com?x", "https://example.com?", "https://example.com#x", "https:example.com", "ftp://example.com",
		"https://exa mple.com", "https://example.com:port", "unix:///run/x"} {
		if u, err := ParseServer(text); err == nil {
			t.Errorf("%s: %s", text, u)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error quotes it: %v", text, err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	p, other := ca.client(t, name, noon), ca.client(t, name, noon)
	pemCA := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.cert.Raw})
	const server = "https://203.0.113.7:6443"
	good := kubeconfigFile(server, pemCA, p)
	for what, c := range map[string]struct {
		file    []byte
		context string
		options Options
	}{
		"no kubeconfig":      {file: []byte("hello")},
		"another context":    {file: good, context: "other"},
		"no current context": {file: bytes.Replace(good, []byte("current-context: leaked"), nil, 1)},
		"another's key":      {file: kubeconfigFile(server, pemCA, pair{p.cert, other.key})},
		"no key":             {file: kubeconfigFile(server, pemCA, pair{p.cert, nil})},
		"no certificate":     {file: kubeconfigFile(server, pemCA, pair{nil, p.key})},
		"http":               {file: kubeconfigFile("http://203.0.113.7:6443", pemCA, p)},
		"a server of no use": {file: good, options: Options{Server: "203.0.113.7"}},
		"a program for the key": {file: bytes.Replace(kubeconfigFile(server, pemCA, pair{nil, nil}), []byte("user: {client"),
			[]byte("user: {exec: {command: touch}, client"), 1)},
	} {
		l, err := Open(c.file, c.context, c.options)
		if err == nil {
			t.Errorf("%s: opened %+v", what, l)
			continue
		}
		for _, line := range strings.Split(string(p.key), "\n") {
			if len(line) > 20 && strings.Contains(err.Error(), line) {
				t.Errorf("%s: the error holds key material", what)
			}
		}
	}
	if _, err := Open(good, "leaked", Options{}); err != nil {
		t.Error(err)
	}
}

// What else a file names beside what is inline is passed over.
func TestNothingIsFollowed(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.file = bytes.Replace(l.file, []byte("user: {client"),
		[]byte(`user: {exec: {apiVersion: v1, command: /bin/false}, token: x, as: system:masters, client`), 1)
	l.file = bytes.Replace(l.file, []byte("cluster: {server"),
		[]byte(`cluster: {proxy-url: "http://127.0.0.1:1", tls-server-name: elsewhere.invalid, server`), 1)
	if !bytes.Contains(l.file, []byte("exec")) || !bytes.Contains(l.file, []byte("proxy-url")) {
		t.Fatal("the file is not what this test needs")
	}
	if p := l.prove(); p.Verdict != Powerless {
		t.Errorf("%s: %s", p.Verdict, p.Why)
	}
}

// insecure-skip-tls-verify would let anybody on the way say "dead".
func TestInsecureIsNotFollowed(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	other := newAuthority(t)
	l.file = kubeconfigFile(l.server.URL, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: other.cert.Raw}), l.pair)
	l.file = bytes.Replace(l.file, []byte("cluster: {server"), []byte("cluster: {insecure-skip-tls-verify: true, server"), 1)
	if p := l.prove(); p.Verdict != Unreachable {
		t.Errorf("%s: %s", p.Verdict, p.Why)
	}
}

// A proof, as a value and as text, holds no key.
func TestProofHoldsNoKey(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	text := fmt.Sprintf("%+v", l.prove())
	for _, secret := range append(strings.Split(string(l.pair.key), "\n"), base64.StdEncoding.EncodeToString(l.pair.key)) {
		if len(secret) > 20 && strings.Contains(text, secret) {
			t.Errorf("it holds %q", secret)
		}
	}
}

package ack

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"ackrevoke/policy"
)

// quiet is the log of a server whose clients walk away.
var quiet = log.New(io.Discard, "", 0)

// certified is a certificate that signs itself, in the name of an issuer.
func certified(t *testing.T, issuer string, from, until time.Time) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: issuer}, NotBefore: from, NotAfter: until,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// A certificate that is not trusted is told as SSL_CERT_FILE, and not asked for
// again: it would be the same one.
func TestUntrusted(t *testing.T) {
	for _, tt := range []struct {
		name, issuer string
		until        time.Time
		says, hint   string
	}{
		{"a company's proxy", "Example Corp Proxy CA", time.Now().Add(time.Hour),
			`is not trusted: it is issued by "Example Corp Proxy CA", which is not known here`, "SSL_CERT_FILE"},
		{"without a name", "", time.Now().Add(time.Hour), "is not trusted: it is issued by nobody known here", "SSL_CERT_FILE"},
		{"expired", "x", time.Now().Add(-time.Minute), "expired or not yet valid", "clock"},
		{"a name like a token", "CAIS+very/long=token", time.Now().Add(time.Hour), `"[key]"`, "SSL_CERT_FILE"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dials := 0
			server := httptest.NewUnstartedServer(says(200, "[]"))
			server.TLS = &tls.Config{Certificates: []tls.Certificate{certified(t, tt.issuer, time.Now().Add(-time.Hour), tt.until)}}
			server.Config.ErrorLog = quiet
			server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
				if s == http.StateNew {
					dials++
				}
			}
			server.StartTLS()
			defer server.Close()
			at := "https://" + server.Listener.Addr().String()
			c, err := New(Options{Credential: StaticKeys("LTAItest", "CAIS+very/long=token"), Endpoints: Endpoints{CS: at, RAM: at, STS: at}})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			_, err = c.Grants(t.Context(), "2")
			f := faultOf(t, err)
			if f.Kind != policy.Unavailable || f.Sent || !strings.Contains(f.Message, tt.says) || !strings.Contains(f.Hint, tt.hint) {
				t.Errorf("%s\nhint %s", f.Message, f.Hint)
			}
			if c.Calls().Reads != 1 || dials != 1 {
				t.Errorf("%d attempts, %d connections", c.Calls().Reads, dials)
			}
		})
	}
}

// A token that is exchanged behind such a proxy says so as well.
func TestUntrustedExchange(t *testing.T) {
	nobody(t, with(noECS, rrsa), map[string]string{"token": "jwt-token"})
	server := httptest.NewUnstartedServer(http.HandlerFunc(sts))
	server.Config.ErrorLog = quiet
	server.StartTLS()
	defer server.Close()
	c, err := New(Options{Credential: DefaultChain(server.URL), Endpoints: local})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, err = c.Grants(t.Context(), "2")
	if f := faultOf(t, err); !strings.Contains(f.Message, "AssumeRoleWithOIDC: the certificate shown for 127.0.0.1:") ||
		!strings.Contains(f.Hint, "SSL_CERT_FILE") {
		t.Errorf("%s\nhint %s", f.Message, f.Hint)
	}
}

// What a proxy says beside a number is not repeated, and neither is its address.
func TestProxyRefuses(t *testing.T) {
	if os.Getenv("ACK_TEST_CHILD") == "" {
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			fmt.Fprintf(conn, "HTTP/1.1 403 no %s for %s\r\n\r\n", r.Host, r.Header.Get("Proxy-Authorization"))
		}))
		defer proxy.Close()
		at := strings.Replace(proxy.URL, "//", "//joe:hun%2Fter2hunter2@", 1)
		// The environment's proxies are read once in the life of a process.
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestProxyRefuses$", "-test.v")
		child.Env = append(os.Environ(), "ACK_TEST_CHILD=1", "HTTPS_PROXY="+at, "HTTP_PROXY="+at, "NO_PROXY=", "no_proxy=", "https_proxy=",
			"http_proxy=")
		if out, err := child.CombinedOutput(); err != nil || !strings.Contains(string(out), "PASS") {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	c, err := New(Options{Credential: StaticKeys("LTAItest", "test-secret"), WriteQPS: 100, Writes: true})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = c.Clean(t.Context(), "c1", "2", true) // is made once
	f := faultOf(t, err)
	if f.Sent || !strings.Contains(f.Message, "answered CONNECT with HTTP 403") || strings.Contains(f.Message, "ter2") ||
		strings.Contains(f.Message, "am9l") {
		t.Errorf("%+v", f)
	}
	// Neither this machine nor its metadata service is reached over a proxy.
	for _, at := range []string{"http://" + metadataHost + "/latest/api/token", "http://127.0.0.1:8866/", "http://localhost/",
		"https://[::1]/", "http://127.9.9.9:1/"} {
		if proxy, err := proxyFor(&http.Request{URL: mustParse(t, at)}); proxy != nil || err != nil {
			t.Errorf("%s goes over a proxy: %v", at, err)
		}
	}
	if proxy, err := proxyFor(&http.Request{URL: mustParse(t, "https://sts.aliyuncs.com/")}); proxy == nil || err != nil {
		t.Errorf("no proxy: %v", err)
	}
}

func mustParse(t *testing.T, at string) *url.URL {
	t.Helper()
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

package ack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	credential "github.com/aliyun/credentials-go/credentials"

	"ackrevoke/policy"
)

// provider is a credential of which a test decides each answer.
type provider struct {
	held
	get func() (*credential.CredentialModel, error)
}

func (p provider) GetCredential() (*credential.CredentialModel, error) { return p.get() }

// sessionOf are session keys, as RRSA gives them.
func sessionOf(token string) *credential.CredentialModel {
	id, secret, kind := "STS.id", "test-secret", "sts"
	return &credential.CredentialModel{AccessKeyId: &id, AccessKeySecret: &secret, SecurityToken: &token, Type: &kind}
}

func TestNoKeys(t *testing.T) {
	empty := ""
	for _, tt := range []struct {
		name string
		get  func() (*credential.CredentialModel, error)
		says string
		took time.Duration
	}{
		{"an error with an address", func() (*credential.CredentialModel, error) {
			return nil, errors.New(`unable to get credentials: Get "http://host/x?token=hunter2": refused, http://u:hunter2@proxy`)
		}, "http://host/x", 0},
		{"nothing", func() (*credential.CredentialModel, error) { return nil, nil }, "no keys", 0},
		{"an empty key", func() (*credential.CredentialModel, error) {
			return &credential.CredentialModel{AccessKeyId: &empty, AccessKeySecret: &empty}, nil
		}, "no keys", 0},
		{"a provider that hangs", nil, "within 30s", 30 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				end := make(chan struct{})
				defer close(end)
				get := tt.get
				if get == nil {
					get = func() (*credential.CredentialModel, error) { <-end; return nil, nil }
				}
				l := newLab(t, Options{Writes: true, Credential: provider{get: get}}, says(200, "{}")).past()
				_, n, err := l.Clean(l.ctx, "c1", "2", true)
				f := faultOf(t, err)
				if f.Kind != policy.Credentials || f.Sent || n != 0 || !strings.Contains(f.Message, tt.says) || strings.Contains(f.Message, "hunter2") {
					t.Errorf("%d attempts, %+v", n, f)
				}
				if len(l.requests()) != 0 || time.Since(l.start) != tt.took {
					t.Errorf("%v, %v", l.requests(), time.Since(l.start))
				}
			})
		})
	}
}

func TestCanceledWhileAskingForKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		end := make(chan struct{})
		defer close(end)
		var asked atomic.Int32
		l := newLab(t, Options{Credential: provider{get: func() (*credential.CredentialModel, error) { asked.Add(1); <-end; return nil, nil }}},
			says(200, "[]"))
		for range 3 {
			ctx, cancel := context.WithTimeout(l.ctx, time.Second)
			_, err := l.Grants(ctx, "2")
			cancel()
			if f := faultOf(t, err); f.Kind != policy.Canceled || f.Sent {
				t.Errorf("%+v", f)
			}
		}
		if asked.Load() != 1 {
			t.Errorf("a provider that hangs was asked %d times at once", asked.Load())
		}
	})
}

// A refresh that fails does not end a run while the old keys still count.
func TestKeysLiveOnForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var broken atomic.Bool
		l := newLab(t, Options{Credential: provider{get: func() (*credential.CredentialModel, error) {
			if broken.Load() {
				return nil, errors.New("the token service is away")
			}
			return sessionOf("tok"), nil
		}}}, says(200, "[]"))
		for _, tt := range []struct {
			after  time.Duration
			broken bool
			ok     bool
		}{{0, false, true}, {time.Minute, true, true}, {time.Minute - time.Second, true, true}, {time.Second, true, false}, {0, false, true}} {
			if err := sleep(l.ctx, tt.after); err != nil {
				t.Fatal(err)
			}
			broken.Store(tt.broken)
			if _, err := l.Grants(l.ctx, "2"); (err == nil) != tt.ok {
				t.Errorf("after %v: %v", time.Since(l.start), err)
			}
		}
	})
}

// The service repeats parts of the request when a signature does not match;
// nothing of that may reach a report.
func TestSecretsDoNotReachAFault(t *testing.T) {
	const token = "CAIS+very/long=token"
	for _, body := range []string{
		`{"code":"SignatureDoesNotMatch","message":"Specified signature is not matched with our calculation. server string to sign is:DELETE\n\nx-acs-security-token:CAIS+very/long=token"}`,
		`{"code":"X","message":"token CAIS+very/long=token of STS.id with test-secret"}`,
		`{"code":"CAIS+very/long=token","message":"at https://cs.example/?SecurityToken=CAIS%2Bvery%2Flong%3Dtoken&a=b"}`,
		`{"code":"X","message":"` + strings.Repeat("x", 505) + ` CAIS+very/long=token"}`,
		`{"code":"` + strings.Repeat("x", 120) + ` CAIS+very/long=token","message":"x","requestId":"` + strings.Repeat("x", 120) +
			` CAIS+very/long=token"}`,
		`{"code":"X","message":"in base64 Q0FJUyt2ZXJ5L2xvbmc9dG9rZW4= and in hex 434149532b766572792f6c6f6e673d746f6b656e"}`,
		`{"code":"X","message":"a file\n-----BEGIN CERTIFICATE-----\nvery","requestId":"LS0tLS1CRUdJTiBWVVJZ"}`,
	} {
		synctest.Test(t, func(t *testing.T) {
			l := newLab(t, Options{Writes: true, Credential: provider{get: func() (*credential.CredentialModel, error) {
				return sessionOf(token),
					nil
			}}}, func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("x-acs-security-token") != token {
					t.Error("the token was not sent")
				}
				says(400, body)(w, r)
			})
			_, _, err := l.Clean(l.ctx, "c1", "2", true)
			f := faultOf(t, err)
			for _, bad := range []string{"very", "CAIS", "STS.id", "SecurityToken=", "Q0FJUyt2ZXJ5", "434149532b76", "LS0tLS1CRUdJTi"} {
				if strings.Contains(f.Error()+f.RequestID+fmt.Sprintf("%+v %#v", f, *f), bad) {
					t.Errorf("%q in %v", bad, f)
				}
			}
			if len([]rune(f.Message)) > 512 {
				t.Errorf("%d runes", len([]rune(f.Message)))
			}
		})
	}
}

func TestStaticKeys(t *testing.T) {
	for _, c := range []credential.Credential{StaticKeys("id", "secret"), DefaultChain("")} {
		if c == nil {
			t.Fatal("no credential")
		}
	}
	m, err := StaticKeys("id", "secret").GetCredential()
	if err != nil || *m.AccessKeyId != "id" || *m.AccessKeySecret != "secret" {
		t.Errorf("%v, %v", m, err)
	}
}

// With these words in DEBUG the SDK prints headers to standard output.
func TestDebuggingTheSDKIsRefused(t *testing.T) {
	for _, tt := range []struct {
		debug string
		ok    bool
	}{{"", true}, {"1", true}, {"tear", true}, {"dara", false}, {"x,tea", false}, {"credential,x", false}} {
		t.Setenv("DEBUG", tt.debug)
		if _, err := New(Options{Credential: StaticKeys("a", "b")}); (err == nil) != tt.ok {
			t.Errorf("DEBUG=%s: %v", tt.debug, err)
		}
	}
}

// The SDK would tell the service the password of the environment's proxy.
func TestProxyPasswordStaysHere(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://u:hunter2@proxy.example:3128")
	t.Setenv("NO_PROXY", "")
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
			if v := r.Header.Get("Proxy-Authorization"); v != "" {
				t.Errorf("the service got %s", v)
			}
			says(200, "[]")(w, r)
		})
		if _, err := l.Grants(l.ctx, "2"); err != nil {
			t.Error(err)
		}
	})
}

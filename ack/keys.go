package ack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	credential "github.com/aliyun/credentials-go/credentials"
)

// StaticKeys returns a credential of fixed keys: the simulated account's.
func StaticKeys(id, secret string) credential.Credential {
	kind, provider := "access_key", "static_ak"
	return held{&credential.CredentialModel{AccessKeyId: &id, AccessKeySecret: &secret, Type: &kind, ProviderName: &provider}}
}

// DefaultChain returns the vendor's default chain: environment, OIDC (RRSA),
// CLI profile, INI profile, ECS role, URI.
func DefaultChain() credential.Credential {
	return &chain{build: func() (credential.Credential, error) { return credential.NewCredential(nil) }}
}

// chain builds the vendor's object anew after a failure: the object itself
// would from then on ask nothing but the last provider of its chain.
type chain struct {
	build func() (credential.Credential, error)
	held  // for the deprecated rest of the interface
	mu    sync.Mutex
	built credential.Credential
}

func (c *chain) GetCredential() (*credential.CredentialModel, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.built == nil {
		b, err := c.build()
		if err != nil {
			return nil, err
		}
		c.built = b
	}
	m, err := c.built.GetCredential()
	if err != nil {
		c.built = nil
	}
	return m, err
}

// held is a credential that has been obtained. The SDK gets one per call, so
// that it never asks a provider itself, without a context and without a lock.
type held struct{ *credential.CredentialModel }

func (h held) GetCredential() (*credential.CredentialModel, error) {
	if h.CredentialModel == nil {
		return nil, errors.New("no keys")
	}
	return h.CredentialModel, nil
}
func (h held) GetAccessKeyId() (*string, error)     { return h.AccessKeyId, nil }
func (h held) GetAccessKeySecret() (*string, error) { return h.AccessKeySecret, nil }
func (h held) GetSecurityToken() (*string, error)   { return h.SecurityToken, nil }
func (h held) GetBearerToken() *string              { return h.BearerToken }
func (h held) GetType() *string                     { return h.Type }

// grace is how long keys may be used again when new ones cannot be had. The
// providers give none that end within three minutes.
const grace = 2 * time.Minute

// keyring asks the provider: one question at a time, since providers have no
// lock of their own, and each asker waits no longer than its context allows.
type keyring struct {
	from credential.Credential

	mu    sync.Mutex
	asked *question // under way
	last  *credential.CredentialModel
	since time.Time
}

// question is one request to the provider; the fields count once done is closed.
type question struct {
	done chan struct{}
	keys *credential.CredentialModel
	err  error
}

func (k *keyring) get(ctx context.Context) (*credential.CredentialModel, error) {
	k.mu.Lock()
	q := k.asked
	if q == nil {
		q = &question{done: make(chan struct{})}
		k.asked = q
		go k.ask(q)
	}
	k.mu.Unlock()
	select {
	case <-q.done:
		return q.keys, q.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// latest are the keys that were obtained last, nil before.
func (k *keyring) latest() *credential.CredentialModel {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.last
}

func (k *keyring) ask(q *question) {
	m, err := k.from.GetCredential()
	if err == nil && !usable(m) {
		err = errors.New("the provider gave no keys")
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case err == nil:
		k.last, k.since = m, time.Now()
		q.keys = m
	case k.last != nil && time.Since(k.since) < grace:
		q.keys = k.last
	default:
		q.err = err
	}
	k.asked = nil
	close(q.done)
}

func usable(m *credential.CredentialModel) bool {
	return m != nil && (text(m.AccessKeyId) != "" && text(m.AccessKeySecret) != "" || text(m.BearerToken) != "")
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// silent refuses an environment in which the SDK prints every request to
// standard output, its tokens included.
func silent() error {
	for _, word := range strings.Split(os.Getenv("DEBUG"), ",") {
		if word == "dara" || word == "tea" || word == "credential" {
			return fmt.Errorf("ack: with DEBUG=%s in the environment the SDK prints keys and tokens; unset DEBUG", word)
		}
	}
	return nil
}

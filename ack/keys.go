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

// keyring asks for keys: one question at a time, since a provider has no lock
// of its own, and each asker waits no longer than its context allows.
type keyring struct {
	ask   func(ctx context.Context) (*credential.CredentialModel, error)
	whom  func() string // who is being asked
	limit time.Duration // of one question; a provider that is not ours does not know it
	known *secrets

	mu    sync.Mutex
	asked *question // under way
	last  *credential.CredentialModel
	since time.Time
}

// newKeyring returns the keyring of a credential that was given to New.
func newKeyring(from credential.Credential, limit time.Duration) *keyring {
	return &keyring{
		ask:   func(context.Context) (*credential.CredentialModel, error) { return from.GetCredential() },
		whom:  func() string { return "the credential provider" },
		limit: limit, known: &secrets{},
	}
}

// question is one request for keys; the fields count once done is closed.
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
		go k.put(q)
	}
	k.mu.Unlock()
	select {
	case <-q.done:
		return q.keys, q.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// put puts the question. It outlives the call that asked first, for others may
// wait for it too.
func (k *keyring) put(q *question) {
	ctx, cancel := context.WithTimeout(context.Background(), k.limit)
	defer cancel()
	m, err := k.safely(ctx)
	if err == nil && !usable(m) {
		err = errors.New("the provider gave no keys")
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case err == nil:
		k.known.learn(text(m.SecurityToken), text(m.AccessKeySecret), text(m.BearerToken), text(m.AccessKeyId))
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

// safely asks, and survives a provider that panics: the vendor's read answers
// without looking whether a field is there.
func (k *keyring) safely(ctx context.Context) (m *credential.CredentialModel, err error) {
	defer func() {
		if recover() != nil { // what it says may quote an answer
			m, err = nil, errors.New("the provider broke down over an answer")
		}
	}()
	return k.ask(ctx)
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

package ack

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	credential "github.com/aliyun/credentials-go/credentials"
)

// Role is a role that a client takes before its first call, with the keys that
// it was given: how one identity works on many accounts. The exchange is that of
// the chain (exchange.go), with its endpoint, its connections and its care for
// what is secret. The vendor's module would be asked here with all that chain.go
// names against it.
type Role struct {
	ARN        string // acs:ram::<account>:role/<name>; "" for no role
	ExternalID string // that the trust policy of the role asks for; "" for none
}

// switched gives the keys of a role for those of whoever is asked first.
type switched struct {
	counter
	from func(context.Context) (*credential.CredentialModel, error)
	whom func() string
	role role
	took atomic.Bool // the first ones gave keys: it is STS that is being asked

	mu  sync.Mutex
	has session
}

// take lets a keyring give the keys of a role from now on.
func (k *keyring) take(r Role, at counter) {
	if r.ARN == "" {
		return
	}
	s := &switched{counter: at, from: k.ask, whom: k.whom,
		role: role{arn: written{"assumeRole", r.ARN}, external: written{"externalId", r.ExternalID}}}
	k.ask, k.whom = s.get, s.asked
}

// get is the keys of the role. They are replaced before they end, for which the
// others are asked anew.
func (s *switched) get(ctx context.Context) (*credential.CredentialModel, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.has.fresh(time.Now()) {
		return s.has.model(), nil
	}
	s.took.Store(false)
	have, err := s.from(ctx)
	if err != nil {
		return nil, err
	}
	s.took.Store(true)
	got, err := s.assume(ctx, s.role, session{id: text(have.AccessKeyId), secret: text(have.AccessKeySecret),
		token: text(have.SecurityToken), by: strings.TrimPrefix(text(have.ProviderName), "default/")})
	if err != nil {
		return nil, s.refused(err)
	}
	s.has = got
	return got.model(), nil
}

// refused says of which role the refusal is: not of one that a profile names.
func (s *switched) refused(err error) error {
	var f *failure
	if !errors.As(err, &f) {
		f = failed("", "%v", err)
	}
	told := failed(f.hint, "%s: %s", s.name(), f.what)
	if s.role.external.value != "" && f.hint != "" {
		told.hint += "; where that policy asks for an external id, externalId must be the same"
	}
	return told
}

func (s *switched) name() string {
	return "the role of the policy (assumeRole: " + s.role.arn.value + ")"
}

// asked is who is being asked.
func (s *switched) asked() string {
	if s.took.Load() {
		return s.name()
	}
	return s.whom()
}

package ack

import (
	"context"
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"time"

	credential "github.com/aliyun/credentials-go/credentials"
)

// DefaultChain returns the vendor's default chain of credentials, as a Client
// asks it. An STS endpoint that is given here decides where a token or a role
// is exchanged, whatever the chain's own configuration says; with "" that
// configuration decides: sts_region of a profile, ALIBABA_CLOUD_STS_REGION.
//
// It is the chain of credentials-go v1.4.7 in everything that a user configures:
// providers, their order, variables, files, fields. The exchanges are made here,
// over the client's own connections, because those of that module know no
// endpoint for the chain as a whole, no http:// and no context, use a proxy for
// the metadata address, follow a redirect with the token, end the process over
// an answer without a field, and put whole requests into their errors.
func DefaultChain(sts string) credential.Credential { return vendorChain{sts: sts} }

// vendorChain stands in Options for the chain that New makes of it.
type vendorChain struct {
	held
	sts string
}

func (vendorChain) GetCredential() (*credential.CredentialModel, error) {
	return nil, errors.New("the default chain is asked by a Client")
}

// chain asks the providers in turn. The first that gives keys is the only one
// that is asked from then on: a run does not become somebody else halfway.
type chain struct {
	counter
	asking atomic.Pointer[string] // the provider that is being asked

	mu     sync.Mutex
	chosen *link
	has    session
}

// links are the providers of the chain, in the vendor's order.
var links = []link{
	{"environment", fromEnvironment},
	{"OIDC/RRSA", fromOIDC},
	{"CLI profile", fromCLIProfile},
	{"INI profile", fromINIProfile},
	{"ECS role", fromMetadata},
	{"credentials URI", fromURI},
}

// link is one provider of the chain.
type link struct {
	name string
	find func(counter) found
}

// found is a provider as its variables and files configure it.
type found struct {
	by   string // what configures it: "ALIBABA_CLOUD_ROLE_ARN is set"; "" where nothing does
	give giver  // nil where it is not there, or where err says why not
	err  error
}

// giver gives keys.
type giver func(context.Context) (session, error)

// session is what a provider gives.
type session struct {
	id, secret, token string
	until             time.Time // zero: for as long as this process lives
	by                string    // the vendor's name of the provider
}

// early is how long before their end keys are replaced, as the vendor does it.
const early = 3 * time.Minute

func (s session) fresh(now time.Time) bool {
	return s.id != "" && (s.until.IsZero() || s.until.Sub(now) > early)
}

// model is the session as the SDK knows it.
func (s session) model() *credential.CredentialModel {
	kind, name := "default", "default/"+s.by
	return &credential.CredentialModel{AccessKeyId: &s.id, AccessKeySecret: &s.secret, SecurityToken: &s.token,
		Type: &kind, ProviderName: &name}
}

// get is the keys of the chain.
func (c *chain) get(ctx context.Context) (*credential.CredentialModel, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.has.fresh(time.Now()) {
		got, err := c.walk(ctx)
		if err != nil {
			return nil, err
		}
		c.has = got
	}
	return c.has.model(), nil
}

// whom is the provider that is being asked.
func (c *chain) whom() string {
	if title := c.asking.Load(); title != nil {
		return *title
	}
	return "the chain of credentials"
}

// walk asks one provider after the other until one gives keys.
func (c *chain) walk(ctx context.Context) (session, error) {
	var none refusals
	for i := range links {
		p := &links[i]
		if c.chosen != nil && c.chosen != p {
			continue
		}
		f := p.find(c.counter)
		title := p.name
		if f.by != "" {
			title += " (" + f.by + ")"
		}
		c.asking.Store(&title)
		got, err := f.keys(ctx)
		switch {
		case err == nil && got.id != "":
			c.chosen = p
			return got, nil
		case err == nil && c.chosen == nil:
			continue // it is not there
		case err == nil:
			err = failed("", "it gave keys before and is not configured any more")
		}
		if none.add(p.name, title, f.by != "" || c.chosen != nil, err) || ctx.Err() != nil {
			break
		}
	}
	return session{}, none.sum()
}

// keys asks, where there is somebody to ask.
func (f found) keys(ctx context.Context) (session, error) {
	if f.err != nil || f.give == nil {
		return session{}, f.err
	}
	got, err := f.give(ctx)
	if err != nil {
		return session{}, err
	}
	for _, v := range []struct{ name, value string }{{"access key id", got.id}, {"access key secret", got.secret}, {"token", got.token}} {
		if err := unspoilt("the "+v.name+" that it gave", v.value); err != nil {
			return session{}, failed("", "%v", err) // not for the user to set again
		}
	}
	return got, nil
}

// set says which of the variables is set, the first one.
func set(names ...string) string {
	for _, name := range names {
		if os.Getenv(name) != "" {
			return name + " is set"
		}
	}
	return ""
}

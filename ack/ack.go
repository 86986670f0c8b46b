// Package ack is the wire: what is, and how to touch it. It is the only room
// with the vendor's SDKs, and job knows it by the shape of its methods alone.
//
//	Users, Roles, Clusters, ... --pages--> call --> keys --> limiter --> SDK --> our http.Client
//	                                        ^                                        |
//	                                        +---- retry <-- decode <-- classify <----+
//
// Every request passes the one seam call, whose operation stands in the one table
// of operations.go; but for those of the chain of credentials (exchange.go,
// machine.go), which change nothing. A client built for reading refuses there whatever
// the table marks as a write, so a dry run has no path to the account.
//
// The SDK signs and sends; what came back we keep and read ourselves (see
// transport.go), because its own decoding turns an empty 500, the HTML of a
// proxy or a 204 into something else. From that follow the promises of this
// room: an answer that makes no sense is a failed read and never "absent" or
// "empty", a list is complete by its own totals or it is an error, and every
// error is a *policy.Fault that says whether the request may have arrived.
//
// Nothing here logs, and no type here has a place for a kubeconfig.
package ack

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	cs "github.com/alibabacloud-go/cs-20151215/v4/client"
	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	ram "github.com/alibabacloud-go/ram-20150501/v2/client"
	"github.com/alibabacloud-go/tea/dara"
	credential "github.com/aliyun/credentials-go/credentials"
)

// Options of a client. What is zero takes the default named beside it; the
// credential alone has none, so that no test signs with the keys of a person.
type Options struct {
	Credential credential.Credential // DefaultChain, StaticKeys, or one's own
	Assume     Role                  // taken with these keys, and every call is made as it; the zero value is none
	Endpoints  Endpoints             // the central ones
	// may take away from others; without one of these three, operations marked write are refused before anything is sent
	Writes      bool
	Grants      bool          // may give grants back
	Own         bool          // may revoke the caller's own credential
	ReadQPS     float64       // 10
	WriteQPS    float64       // 2
	MaxShare    float64       // 0.5; of the service's own rate, once it has throttled; at most 1
	Concurrency int           // 4; calls that are under way at a time, and so connections to each service
	CallTimeout time.Duration // 30s; one attempt, and the first call of the client in total
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)
}

// Client makes the calls of one run. It is safe for concurrent use.
type Client struct {
	may     power
	timeout time.Duration
	workers int
	keys    *keyring
	sdk     map[service]*openapi.Client
	hosts   map[service]string
	http    *http.Client
	limit   *limiter
	begun   atomic.Bool // the first call has been made
	writes  sync.Map    // by uid: a write was asked for
	jitter  func(time.Duration) time.Duration

	mu     sync.Mutex
	counts Counts
	clock  clock
}

// New returns a client; it calls nothing.
func New(o Options) (*Client, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	c := &Client{
		timeout: o.CallTimeout,
		workers: o.Concurrency,
		keys:    newKeyring(o.Credential, o.CallTimeout*9/10), // so that its own words come before ours
		sdk:     map[service]*openapi.Client{},
		hosts:   map[service]string{},
		http:    newHTTPClient(o.DialContext, o.Concurrency),
		jitter:  func(d time.Duration) time.Duration { return rand.N(d + 1) },
		counts:  Counts{ByOperation: map[string]int{}, ByResult: map[string]Results{}},
	}
	c.limit = newLimiter(o, func(d time.Duration) time.Duration { return c.jitter(d) }, time.Now())
	at := counter{client: c, sts: o.Endpoints.STS}
	if from, is := o.Credential.(vendorChain); is {
		at.sts = from.sts
		own := &chain{counter: at}
		c.keys.ask, c.keys.whom = own.get, own.whom
	}
	c.keys.take(o.Assume, at)
	c.keys.known.learn(proxySecrets()...)
	for _, p := range []struct {
		given bool
		power power
	}{{o.Writes, takes}, {o.Grants, gives}, {o.Own, own}} {
		if p.given {
			c.may |= p.power
		}
	}
	central := DefaultEndpoints("", false)
	for _, s := range []struct {
		service      service
		at, fallback string
	}{{csService, o.Endpoints.CS, central.CS}, {ramService, o.Endpoints.RAM, central.RAM}, {stsService, o.Endpoints.STS, central.STS}} {
		if s.at == "" {
			s.at = s.fallback
		}
		at, err := ParseEndpoint(s.at)
		if err != nil {
			return nil, err
		}
		if err := c.connect(s.service, at); err != nil {
			return nil, fmt.Errorf("ack: %s client for %s: %w", s.service, at, err)
		}
	}
	return c, nil
}

// complete checks the options and fills in what is not given.
func (o *Options) complete() error {
	if o.Credential == nil {
		return errors.New(`ack: no credential; give DefaultChain("") or StaticKeys(id, secret)`)
	}
	if err := silent(); err != nil {
		return err
	}
	for _, q := range []struct {
		name string
		qps  *float64
		zero float64
	}{{"read", &o.ReadQPS, 10}, {"write", &o.WriteQPS, 2}} {
		if *q.qps == 0 {
			*q.qps = q.zero
		}
		if !(*q.qps > 0) || math.IsInf(*q.qps, 0) {
			return fmt.Errorf("ack: %s rate of %v calls per second; write a number above 0", q.name, *q.qps)
		}
	}
	if o.MaxShare == 0 {
		o.MaxShare = 0.5
	}
	if !(o.MaxShare > 0 && o.MaxShare <= 1) {
		return fmt.Errorf("ack: a share of %v of the service's rate; write a number above 0, at most 1", o.MaxShare)
	}
	if o.CallTimeout == 0 {
		o.CallTimeout = 30 * time.Second
	}
	if o.Concurrency < 0 {
		return fmt.Errorf("ack: concurrency of %d; write a number above 0", o.Concurrency)
	}
	if o.Concurrency == 0 {
		o.Concurrency = 4
	}
	if o.CallTimeout < 0 {
		return fmt.Errorf("ack: call timeout of %v; write a duration above 0", o.CallTimeout)
	}
	return nil
}

// connect prepares the SDK's client of one service.
func (c *Client) connect(s service, at Endpoint) error {
	config := &openapi.Config{
		Endpoint:  dara.String(at.Host),
		Protocol:  dara.String(at.Scheme),
		UserAgent: dara.String("ackrevoke"),
		// Our transport looks after proxies. Without this line the SDK would
		// copy the password of an environment's proxy into a header for the
		// service itself.
		NoProxy:    dara.String(at.Host),
		HttpClient: capturer{c.http},
	}
	var sdk *openapi.Client
	switch s {
	case csService:
		made, err := cs.NewClient(config)
		if err != nil {
			return err
		}
		made.SignatureAlgorithm = nil // from HMAC-SHA1 to ACS3-HMAC-SHA256
		sdk = &made.Client
	case ramService:
		made, err := ram.NewClient(config)
		if err != nil {
			return err
		}
		sdk = &made.Client
	default: // STS has no module of its own here: one operation does not need one
		made, err := openapi.NewClient(config)
		if err != nil {
			return err
		}
		sdk = made
	}
	c.sdk[s], c.hosts[s] = sdk, at.Host
	return nil
}

// Close ends the connections that are kept for later calls.
func (c *Client) Close() { c.http.CloseIdleConnections() }

package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"os"
	"time"

	"ackrevoke/ack"
	"ackrevoke/ack/sim"
	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/policy"
)

// account is the account that a run works against, live or simulated.
type account struct {
	*ack.Client
	endpoints ack.Endpoints
	simulated bool
	close     func()
}

// connect makes the client of a run. A dry run gets one that refuses writes.
func (p Program) connect(o *options, pol *policy.Policy) (*account, error) {
	return p.connectAs(o, pol, func(c *ack.Options) { c.Writes = !o.dryRun })
}

// connectToLook makes a client that refuses writes, whatever the flags say.
func (p Program) connectToLook(o *options, pol *policy.Policy) (*account, error) {
	return p.connectAs(o, pol, func(*ack.Options) {})
}

// connectAs makes a client that may do what power says. Where the policy names a
// role, it is the role that works on the account; a command that has no policy,
// nil, works as whoever the credentials are of.
func (p Program) connectAs(o *options, pol *policy.Policy, power func(*ack.Options)) (*account, error) {
	c := ack.Options{Credential: ack.DefaultChain(o.exchange), Endpoints: o.endpoints,
		ReadQPS: o.readQPS, WriteQPS: o.writeQPS, MaxShare: o.maxShare, Concurrency: o.concurrency,
		CallTimeout: o.callTimeout, DialContext: p.Dial}
	if pol != nil {
		c.Assume = ack.Role{ARN: pol.AssumeRole, ExternalID: pol.ExternalID}
	}
	power(&c)
	a := &account{simulated: o.simulate != "", close: func() {}}
	if a.simulated {
		if err := p.embed(o.simulate, &c, a); err != nil {
			return nil, err
		}
	}
	client, err := ack.New(c)
	if err != nil {
		a.close()
		return nil, &status{code: end.CodeError, err: err}
	}
	a.Client, a.endpoints = client, c.Endpoints
	stop := a.close
	a.close = func() { client.Close(); stop() }
	return a, nil
}

// embed serves the estate inside this process and points the client at it.
// From here on nothing knows that the account is simulated.
func (p Program) embed(path string, c *ack.Options, a *account) error {
	estate, err := loadEstate(path)
	if err != nil {
		return err
	}
	listen := p.Listen
	if listen == nil {
		listen = func() (net.Listener, error) { return net.Listen("tcp", "127.0.0.1:0") }
	}
	l, err := listen()
	if err != nil {
		return &status{code: end.CodeError, err: fmt.Errorf("simulated account: %w", err)}
	}
	account := sim.New(estate, sim.Options{Now: p.Now})
	server := &http.Server{Handler: account, ReadHeaderTimeout: time.Minute}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(l) }()
	a.close = func() { _ = server.Close(); <-done }
	address := "http://" + l.Addr().String()
	c.Endpoints = ack.Endpoints{CS: address, RAM: address, STS: address}
	id, secret := account.Keys()
	c.Credential = ack.StaticKeys(id, secret)
	return nil
}

func loadEstate(path string) (*sim.Estate, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, unreadable(notRead("the estate", path, err, "give the file of a simulated account, such as testdata/estate.yaml"), "")
	}
	estate, err := sim.Load(path, data)
	if err != nil {
		return nil, hinted(usage("%w", err), "correct the estate; nothing was started")
	}
	return estate, nil
}

// loadFaults reads a fault script; no name is no faults.
func loadFaults(path string) (*sim.Faults, error) {
	if path == "" {
		return nil, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, unreadable(notRead("the fault script", path, err, "give the file of one; its format is in ack/sim/faults.go"), "")
	}
	faults, err := sim.LoadFaults(path, data)
	if err != nil {
		return nil, hinted(usage("%w", err), "correct the script; nothing was started")
	}
	return faults, nil
}

// calls of the client as they stand in the report.
func (a *account) calls() report.Calls {
	c := a.Calls()
	all := report.Calls{Reads: c.Reads, Writes: c.Writes, Retries: c.Retries, Throttled: c.Throttled, ByOperation: c.ByOperation,
		ByResult: make(map[string]report.Results, len(c.ByResult))}
	if r := c.Rate; r != nil {
		all.Rate = &report.Rate{Found: hundredths(r.Found), Share: r.Share, Used: hundredths(r.Used)}
	}
	for operation, n := range c.ByResult {
		all.ByResult[operation] = report.Results(n)
	}
	return all
}

// hundredths rounds: what is measured is not known better.
func hundredths(x float64) float64 { return math.Round(x*100) / 100 }

var errNotLoopback = errors.New("the simulated account listens on loopback addresses only")

// onLoopback refuses addresses that others could reach.
func onLoopback(ctx context.Context, address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("%q: %w", address, err)
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil || len(ips) == 0 {
		return errNotLoopback
	}
	for _, ip := range ips {
		if !ip.IsLoopback() {
			return errNotLoopback
		}
	}
	return nil
}

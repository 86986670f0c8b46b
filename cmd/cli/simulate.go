package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ackrevoke/ack/sim"
	"ackrevoke/job/end"
)

// simulateFlags are the flags of simulate.
type simulateFlags struct {
	estates        []string
	listen, faults string
	latency        time.Duration
	qps            float64
	window         time.Duration
}

func (p Program) simulateCommand() *cobra.Command {
	var o simulateFlags
	c := &cobra.Command{
		Use:   "simulate",
		Short: "Serve a simulated account over HTTP, on loopback only",
		Long: `simulate serves the account of an estate file with the real wire protocol and
prints the variables and flags that point ackrevoke at it. Another client takes
the same keys, the address as its endpoint, and plain HTTP. What the account
saw is at /-/calls, as JSON, with the scheme that each call was signed by.

With --estate given several times, several accounts are behind the one address.
The keys are those of the first; a policy of another account gets there by its
assumeRole, a role of that account's estate.

It serves these operations, and answers InvalidAction.NotFound to all others:

` + served() + `
DescribeClustersV1 is retired unless the estate's behaviour says clustersV1:
served or short. DescribeClusterUserKubeconfig is served where it says
issueKubeconfig: true; what else would issue a kubeconfig is refused.

Calls are signed with the caller's keys or those that AssumeRole gave out: with
ACS3-HMAC-SHA256, or as older clients do, CS with the ROA signature, RAM and
STS with the RPC signature 1.0, both HMAC-SHA1. make interop tries all this
with releases of the vendor's SDK for Go.`,
		Example: "  ackrevoke simulate --estate testdata/estate.yaml --listen 127.0.0.1:8866",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := applyEnvironment(c.Flags(), p.Env); err != nil {
				return err
			}
			return p.simulate(c.Context(), &o)
		},
	}
	own(c.Flags(),
		flag{name: "estate", at: asGiven{&o.estates}, help: "the estate `FILE`; given again: of a further account"},
		flag{name: "listen", at: &o.listen, preset: "127.0.0.1:8866", help: "loopback `ADDRESS` to listen on"},
		flag{name: "faults", at: &o.faults, help: "`FILE` of a fault script: what goes wrong, and when"},
		flag{name: "latency", at: &o.latency, help: "added to each answer"},
		flag{name: "qps", at: &o.qps, help: "calls per second before throttling; 0 for no limit"},
		flag{name: "quota-window", at: &o.window, help: "allow --qps as so many calls in each window of this length; 0 for a token bucket"})
	return c
}

// simulate serves the account of an estate. Only here may an account issue
// kubeconfigs, and only where its estate wants it: whoever plays with this one
// may want something to lose. The account inside a run never does.
func (p Program) simulate(ctx context.Context, o *simulateFlags) error {
	if err := obey(
		rule{len(o.estates) == 0 || slices.Contains(o.estates, ""), "--estate is missing",
			"give the file of a simulated account, such as testdata/estate.yaml"},
		rule{o.latency < 0, "--latency is negative", "for example --latency 40ms"},
		rule{!(o.qps >= 0), "--qps is negative, or no number", "for example --qps 20; without it there is no quota"},
		rule{o.window < 0, "--quota-window is negative", "for example --qps 20 --quota-window 1m"},
		rule{o.window > 0 && o.qps == 0, "--quota-window is about the quota of --qps, and there is none",
			"for example --qps 20 --quota-window 1m"},
	); err != nil {
		return err
	}
	if err := onLoopback(ctx, o.listen); err != nil {
		return hinted(usage("--listen %s: %w", o.listen, err), "for example --listen 127.0.0.1:8866")
	}
	faults, err := loadFaults(o.faults)
	if err != nil {
		return err
	}
	accounts, err := p.accountsOf(o.estates, sim.Options{Now: p.Now, Latency: o.latency, QPS: o.qps, QuotaWindow: o.window, Faults: faults,
		Issue: true})
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", o.listen)
	if err != nil {
		return hinted(&status{code: end.CodeError, err: err}, "give another port, or --listen 127.0.0.1:0 for any free one")
	}
	return p.serve(ctx, l, accounts)
}

// simulated are the accounts of some estates, the hub first.
type simulated struct {
	handler http.Handler
	hub     *sim.Account
	ids     []string
}

func (p Program) accountsOf(paths []string, o sim.Options) (*simulated, error) {
	s := &simulated{}
	var all []*sim.Account
	for _, path := range paths {
		estate, err := loadEstate(path)
		if err != nil {
			return nil, err
		}
		all, s.ids = append(all, sim.New(estate, o)), append(s.ids, estate.AccountID())
	}
	s.hub, s.handler = all[0], all[0]
	if len(all) > 1 {
		together, err := sim.Together(all...)
		if err != nil {
			return nil, hinted(usage("--estate: %w", err), "one estate an account")
		}
		s.handler = together
	}
	return s, nil
}

// served lists the operations of the simulated account for its help.
func served() string {
	const width = 78
	var out strings.Builder
	for _, service := range sim.Served() {
		line := "  " + service.Name + ":"
		for _, name := range service.Operations {
			if len(line)+1+len(name) > width {
				out.WriteString(line + "\n")
				line = "   "
			}
			line += " " + name
		}
		out.WriteString(line + "\n")
	}
	return out.String()
}

// serve answers until a signal comes.
func (p Program) serve(ctx context.Context, l net.Listener, accounts *simulated) error {
	id, secret := accounts.hub.Keys()
	at := "http://" + l.Addr().String()
	fmt.Fprintf(p.Stdout, `export ALIBABA_CLOUD_ACCESS_KEY_ID=%s
export ALIBABA_CLOUD_ACCESS_KEY_SECRET=%s
# ackrevoke run --cs-endpoint %[3]s --ram-endpoint %[3]s --sts-endpoint %[3]s
`, id, secret, at)
	for _, member := range accounts.ids[1:] {
		fmt.Fprintf(p.Stdout, "# a policy of account %[1]s needs: assumeRole: acs:ram::%[1]s:role/<a role of its estate>\n", member)
	}
	server := &http.Server{Handler: accounts.handler, ReadHeaderTimeout: time.Minute}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return &status{code: end.CodeError, err: err}
	}
	if by := end.BySignal(ctx); by != nil {
		return exit(by.Code)
	}
	return nil
}

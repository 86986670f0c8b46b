package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus/push"
	"golang.org/x/sync/errgroup"

	"ackrevoke/job/metrics"
)

const (
	pushJob        = "ackrevoke"
	pushLimit      = 5 * time.Second // of all accounts together
	pushesAtATime  = 16
	exampleGateway = "give the address of a Pushgateway, such as http://pushgateway:9091"
)

// gateway is a Pushgateway. Its user and password stand apart from its address,
// so that no message about the address can hold them.
type gateway struct {
	address string // scheme, host and path
	host    string
	user    *url.Userinfo // nil for none
	source  string        // see source: of the runs whose account nobody knows
}

// parseGateway reads the URL of --push. What may hold a password is not
// repeated.
func parseGateway(text string) (*gateway, error) {
	fail := func(what string) (*gateway, error) { return nil, fmt.Errorf("%s: %s", withheld(text), what) }
	u, err := url.Parse(text)
	switch {
	case err != nil || strings.ContainsAny(text, " \t\r\n"):
		return fail("no URL")
	case u.Scheme != "http" && u.Scheme != "https" || u.Opaque != "":
		return fail("begin it with http:// or https://")
	case u.Hostname() == "":
		return fail("no host")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return fail("a query or fragment is not allowed")
	case slices.Contains(strings.Split(u.Path, "/"), "metrics"):
		return fail("leave out /metrics and what follows it: that is added")
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return fail("the port is not a number from 1 to 65535")
		}
	}
	g := &gateway{host: u.Host, user: u.User}
	u.User = nil
	g.address = strings.TrimRight(u.String(), "/")
	return g, nil
}

// withoutUser is a command line that can be shown: --push without who pushes.
func withoutUser(args []string) []string {
	args = slices.Clone(args)
	for i, a := range args {
		value, inline := strings.CutPrefix(a, "--push=")
		if !inline && (i == 0 || args[i-1] != "--push") {
			continue
		}
		if g, err := parseGateway(value); err == nil && g.user != nil {
			args[i] = strings.TrimSuffix(a, value) + g.address
		}
	}
	return args
}

// notPushed says what kept metrics from a Pushgateway, and what to do about it.
type notPushed struct{ what, hint string }

func (e *notPushed) Error() string { return e.what }

type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// push adds the metrics of each account to its group at the Pushgateway: those
// of the same name are replaced, the others stay, which is how the last success
// outlives a failure. What an earlier run of this source left whose account nobody
// knew is taken away as soon as all are known, for nothing else would ever end it;
// what another source left is its own affair.
//
// Also after a signal, and when the time of the run is over, it has its own time.
// It follows no redirect and asks no proxy.
func (g *gateway) push(dial dialer, set *metrics.Set) *notPushed {
	ctx, cancel := context.WithTimeout(context.Background(), pushLimit)
	defer cancel()
	transport := &http.Transport{DialContext: dial, MaxIdleConnsPerHost: pushesAtATime}
	defer transport.CloseIdleConnections()
	client := hearing{ctx, &http.Client{Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, g.repeats}
	accounts := set.Accounts()
	missed, err := g.each(ctx, accounts, func(id string) error { return g.group(client, id).Gatherer(set.Of(id)).AddContext(ctx) })
	over := set.Forgotten()
	if !slices.Contains(accounts, "") {
		over = append(over, "")
	}
	switch {
	case err == nil:
		if _, err := g.each(ctx, over, func(id string) error { return g.group(client, id).Delete() }); err != nil {
			return g.explain(ctx, "the metrics were pushed, and those of a run without an account, or of one that is forgotten, "+
				"are not taken away from", err)
		}
		return nil
	case len(accounts) > 1:
		return g.explain(ctx, fmt.Sprintf("the metrics of %d of %d accounts were not pushed to", missed, len(accounts)), err)
	}
	return g.explain(ctx, "the metrics were not pushed to", err)
}

// each does something for every account, some at a time, and says for how many
// it could not be done.
func (g *gateway) each(ctx context.Context, accounts []string, do func(id string) error) (missed int32, err error) {
	var group errgroup.Group
	var n atomic.Int32
	group.SetLimit(pushesAtATime)
	for _, id := range accounts {
		group.Go(func() error {
			err := ctx.Err()
			if err == nil {
				err = do(id)
			}
			if err != nil {
				n.Add(1)
			}
			return err
		})
	}
	err = group.Wait()
	return n.Load(), err
}

// group is that of one account, or where nobody knows it that of the source: to a
// monitor no label account is an empty one.
func (g *gateway) group(client push.HTTPDoer, id string) *push.Pusher {
	p := push.New(g.address, pushJob).Client(client)
	if id == "" {
		p.Grouping("source", g.source)
	} else {
		p.Grouping("account", id)
	}
	if g.user != nil {
		password, _ := g.user.Password()
		p.BasicAuth(g.user.Username(), password)
	}
	return p
}

// refused is an answer that is none of success.
type refused struct {
	code int
	said string // the first line of it
}

func (r *refused) Error() string {
	return strings.TrimSuffix(fmt.Sprintf("it answered %d %s: %s", r.code, http.StatusText(r.code), r.said), ": ")
}

// hearing makes an error of every answer that is none of success, with as much
// of it as a person reads.
type hearing struct {
	ctx context.Context // of all of them: the library gives none to a deletion
	*http.Client
	repeats func(string) bool // what must not be told
}

// Do implements push.HTTPDoer.
func (c hearing) Do(r *http.Request) (*http.Response, error) {
	answer, err := c.Client.Do(r.WithContext(c.ctx))
	if err != nil {
		return nil, c.heard(err)
	}
	if answer.StatusCode == http.StatusOK || answer.StatusCode == http.StatusAccepted {
		return answer, nil
	}
	defer answer.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(answer.Body, mostSaid))
	if c.repeats(string(said)) {
		said = []byte(repeated)
	}
	first, _, _ := strings.Cut(string(said), "\n")
	return nil, &refused{answer.StatusCode, strings.TrimSpace(first)}
}

// explain says what went wrong, and what to do next about that.
func (g *gateway) explain(ctx context.Context, what string, err error) *notPushed {
	const later = "; the run is as it was reported, and the next one pushes again"
	hint := "see whether the address is right, and whether a NetworkPolicy or a firewall lets this machine out to it"
	var answer *refused
	var untrusted *tls.CertificateVerificationError
	switch {
	case errors.As(err, &answer):
		hint = "see whether a Pushgateway listens there, and not something else"
		switch answer.code {
		case http.StatusUnauthorized, http.StatusForbidden:
			hint = "give it a user and a password: ACKREVOKE_PUSH=" + strings.Replace(g.address, "://", "://USER:PASSWORD@", 1)
		case http.StatusBadRequest:
			hint = "see whether something else pushes to the job " + pushJob + " what does not go together with these metrics"
		}
	case errors.As(err, &untrusted):
		hint = "name in SSL_CERT_FILE a PEM file with the CA that signed its certificate"
	case ctx.Err() != nil:
		err = fmt.Errorf("no answer within %v", pushLimit)
	}
	said := []rune(fmt.Sprintf("%s %s: %v", what, g.host, err))
	return &notPushed{what: string(said[:min(len(said), 400)]), hint: hint + later}
}

package ack

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Endpoints say where the three services are: host, host:port or URL each.
type Endpoints struct{ CS, RAM, STS string }

// DefaultEndpoints returns the published endpoints: the central ones, those of
// a region, or those inside a VPC of that region. The VPC hosts that the SDK
// would build are not the published ones, hence this table.
//
//	          central          region                  region, vpc
//	CS   cs.aliyuncs.com   cs.<region>.aliyuncs.com   cs-anony-vpc.<region>.aliyuncs.com
//	RAM  ram.aliyuncs.com  ram.aliyuncs.com           ram.vpc-proxy.aliyuncs.com
//	STS  sts.aliyuncs.com  sts.<region>.aliyuncs.com  sts-vpc.<region>.aliyuncs.com
func DefaultEndpoints(region string, vpc bool) Endpoints {
	switch {
	case region == "":
		return Endpoints{CS: "cs.aliyuncs.com", RAM: "ram.aliyuncs.com", STS: "sts.aliyuncs.com"}
	case vpc:
		return Endpoints{
			CS:  "cs-anony-vpc." + region + ".aliyuncs.com",
			RAM: "ram.vpc-proxy.aliyuncs.com",
			STS: "sts-vpc." + region + ".aliyuncs.com",
		}
	}
	return Endpoints{CS: "cs." + region + ".aliyuncs.com", RAM: "ram.aliyuncs.com", STS: "sts." + region + ".aliyuncs.com"}
}

// Endpoint is one address: the scheme, and the host with its port if it has one.
type Endpoint struct{ Scheme, Host string }

func (e Endpoint) String() string { return e.Scheme + "://" + e.Host }

// ParseEndpoint reads host, host:port or URL. The scheme is https unless
// http:// is written, which only a loopback address may have: requests are
// signed but not secret without TLS, and they carry security tokens.
func ParseEndpoint(s string) (Endpoint, error) {
	fail := func(what string) (Endpoint, error) {
		// The text is not repeated where it holds a password.
		shown := strconv.Quote(s)
		if strings.Contains(s, "@") {
			shown = "with user information"
		}
		return Endpoint{}, fmt.Errorf("endpoint %s: %s; write a host such as cs.aliyuncs.com, host:port, or https://host", shown, what)
	}
	e, rest := Endpoint{Scheme: "https"}, s
	if scheme, after, ok := strings.Cut(s, "://"); ok {
		e.Scheme, rest = strings.ToLower(scheme), after
	}
	rest = strings.TrimSuffix(rest, "/") // as copied from a browser
	switch {
	case s == "" || rest == "":
		return fail("no host")
	case e.Scheme != "https" && e.Scheme != "http":
		return fail("the scheme is neither https nor http")
	case strings.Contains(rest, "@"):
		return fail("user information is not allowed")
	case strings.ContainsAny(rest, "?#"):
		return fail("a query or fragment is not allowed")
	case strings.Contains(rest, "/"):
		return fail("a path is not allowed")
	case strings.Count(rest, ":") > 1 && !strings.HasPrefix(rest, "["):
		return fail("an IPv6 address stands in brackets, [::1]:8080")
	}
	u, err := url.Parse(e.Scheme + "://" + rest)
	if err != nil || u.Host != rest || !plainHost(u.Hostname(), rest[0] == '[') {
		return fail("not a host name or address")
	}
	if _, port, ok := strings.Cut(strings.TrimPrefix(rest, "["+u.Hostname()+"]"), ":"); ok {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return fail("the port is not a number from 1 to 65535")
		}
	}
	if e.Scheme == "http" && !loopback(u.Hostname()) {
		return fail("http:// is for loopback addresses (127.0.0.0/8, [::1], localhost) only")
	}
	e.Host = strings.ToLower(rest)
	return e, nil
}

// plainHost reports whether h is a name of letters, digits, dots and hyphens,
// or an IPv6 address where brackets stood around it.
func plainHost(h string, bracketed bool) bool {
	if bracketed {
		a, err := netip.ParseAddr(h)
		return err == nil && a.Is6() && a.Zone() == ""
	}
	for _, r := range h {
		if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '-') {
			return false
		}
	}
	return h != "" && h[0] != '.' && h[0] != '-'
}

func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

package kubeconfig

import (
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// SameServer reports whether two addresses lead to the same API server by
// their text: host and port are compared, and nothing is resolved. Empty ones
// lead nowhere.
func SameServer(a, b string) bool {
	x, y := place(a), place(b)
	return x != "" && x == y
}

// PrivateServer reports whether an address is one of a private network: then the
// same text can lead to several API servers, each in a network of its own.
func PrivateServer(address string) bool {
	host, _, _ := strings.Cut(place(address), " ")
	ip, err := netip.ParseAddr(host)
	return err == nil && (ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast())
}

// place is the host and port of an address.
func place(address string) string {
	address = strings.TrimSpace(address)
	if !strings.Contains(address, "://") {
		address = "https://" + address
	}
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return ""
	}
	host, port := strings.TrimSuffix(strings.ToLower(u.Hostname()), "."), u.Port()
	if ip, err := netip.ParseAddr(host); err == nil {
		host = ip.Unmap().String()
	}
	switch {
	case port == "" && strings.EqualFold(u.Scheme, "http"):
		port = "80"
	case port == "":
		port = "443"
	}
	return host + " " + port
}

// idForm is a cluster id as the service makes them, standing by itself.
var idForm = regexp.MustCompile(`(?:^|[^0-9A-Za-z])(c[0-9a-f]{32})(?:[^0-9A-Za-z]|$)`)

// ClusterIDs are the texts of a context that look like a cluster id, sorted.
// Whoever wrote the file chose them: they are a hint and no evidence.
func (c Context) ClusterIDs() []string {
	found := []string{}
	for _, text := range []string{c.Name, c.Cluster, c.User, c.Server} {
		for _, m := range idForm.FindAllStringSubmatch(text, -1) {
			found = append(found, m[1])
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

var idAtEnd = regexp.MustCompile(`(?:^|[^0-9A-Za-z])(c[0-9a-f]{32})$`)

// NamedAfter is the cluster id that the name of the context ends in, as ACK
// names its contexts, <uid>-<cluster id>; "" for none. It is a hint as well.
func (c Context) NamedAfter() string {
	if m := idAtEnd.FindStringSubmatch(c.Name); m != nil {
		return m[1]
	}
	return ""
}

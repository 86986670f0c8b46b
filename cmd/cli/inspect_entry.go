package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"ackrevoke/cmd/cli/voice"
	"ackrevoke/job/look"
	"ackrevoke/job/report"
	"ackrevoke/policy"
	"ackrevoke/policy/kubeconfig"
)

// pinnable reports whether a pin is what ends a certificate: it is some RAM
// principal's, it is not past, and RBAC decides about it.
func pinnable(c report.InspectedContext) bool {
	x := c.Certificate
	return x != nil && x.UID != "" && !x.Masters && x.Validity != "expired" && x.ExpiresAt.Year() >= 1970
}

// leakEntries are the entries for the policy, one for each uid, for a policy
// has each uid once.
func leakEntries(i *report.Inspect) []report.LeakEntry {
	var entries []report.LeakEntry
	for _, c := range i.Contexts {
		if !pinnable(c) || pinRefused(c) {
			continue
		}
		at := slices.IndexFunc(entries, func(e report.LeakEntry) bool { return e.UID == c.Certificate.UID })
		if at < 0 {
			at = len(entries)
			entries = append(entries, report.LeakEntry{UID: c.Certificate.UID, Reason: string(policy.Compromised)})
		}
		e := &entries[at]
		if l := c.Account; l != nil {
			e.Kind = cmp.Or(e.Kind, l.Kind)
			if l.Identity == policy.Live {
				e.Name, e.Created = l.Name, l.Created
			}
		}
		e.Certificates = withPin(e.Certificates, pinOf(c))
	}
	for n := range entries {
		e := &entries[n]
		slices.SortFunc(e.Certificates, func(a, b report.LeakPin) int {
			return cmp.Or(strings.Compare(a.Cluster, b.Cluster), strings.Compare(a.Server, b.Server), a.Expires.Compare(b.Expires.Time))
		})
		if slices.ContainsFunc(e.Certificates, func(p report.LeakPin) bool { return p.Cluster == "" }) {
			e.Missing = append(e.Missing, "certificates[].cluster")
		}
	}
	slices.SortFunc(entries, func(a, b report.LeakEntry) int { return strings.Compare(a.UID, b.UID) })
	return entries
}

// pinOf is the pin that ends the certificate of a context.
func pinOf(c report.InspectedContext) report.LeakPin {
	p := report.LeakPin{Expires: c.Certificate.ExpiresAt, Server: c.Server}
	if l := c.Account; l != nil && len(l.Clusters) == 1 {
		p.Cluster, p.PlacedBy = l.Clusters[0].ID, l.PlacedBy
	}
	if id := (kubeconfig.Context{Name: c.Context}).NamedAfter(); id != "" {
		p.LooksLike = []string{id}
	}
	return p
}

// withPin adds a pin, once. What the contexts of the same one are named after
// is kept, and an address outweighs an expiry.
func withPin(pins []report.LeakPin, p report.LeakPin) []report.LeakPin {
	at := slices.IndexFunc(pins, func(had report.LeakPin) bool { return samePin(had, p) })
	if at < 0 {
		return append(pins, p)
	}
	had := &pins[at]
	if p.PlacedBy == string(look.PlacedByAddress) {
		had.PlacedBy, had.Server = p.PlacedBy, p.Server
	}
	had.LooksLike = slices.Compact(slices.Sorted(slices.Values(slices.Concat(had.LooksLike, p.LooksLike))))
	return pins
}

func samePin(a, b report.LeakPin) bool {
	if a.Cluster == "" || b.Cluster == "" {
		return a.Cluster == b.Cluster && a.Server == b.Server && a.Expires.Equal(b.Expires.Time)
	}
	return a.Cluster == b.Cluster && a.Expires.Equal(b.Expires.Time)
}

// leakYAML writes the entries as they stand in a policy. What is missing is
// left empty, so that the policy is refused until it has been filled in.
func leakYAML(entries []report.LeakEntry, live bool) string {
	var b strings.Builder
	for _, e := range entries {
		fmt.Fprintf(&b, "  - uid: %q\n", e.UID)
		if e.Kind == policy.Role {
			b.WriteString("    kind: role # its credential is everybody's who assumes it\n")
		}
		if e.Name != "" && utf8.ValidString(e.Name) && !strings.ContainsFunc(e.Name, unicode.IsControl) {
			fmt.Fprintf(&b, "    name: %s\n", strconv.Quote(e.Name))
		}
		if !e.Created.IsZero() {
			fmt.Fprintf(&b, "    createdAt: %s\n", e.Created)
		}
		fmt.Fprintf(&b, "    reason: %s\n    certificates:\n", e.Reason)
		for _, p := range e.Certificates {
			fmt.Fprintf(&b, "      - cluster: %s\n        expires: %s\n", pinCluster(p, live), p.Expires)
		}
	}
	return b.String()
}

// pinCluster is the cluster of a pin, with how it is known where that is less
// than its address, or what is missing. What a context is named after stands in
// a comment alone: whoever wrote the file chose it.
func pinCluster(p report.LeakPin, live bool) string {
	switch {
	case p.Cluster != "" && p.PlacedBy == string(look.PlacedByAddress):
		return strconv.Quote(p.Cluster)
	case p.Cluster != "":
		return strconv.Quote(p.Cluster) + " # known by the " + p.PlacedBy
	case live && p.Server == "":
		return "# missing: no single listed cluster shows a certificate with this expiry; write the id of the one it was issued for"
	case live:
		return "# missing: no single cluster of this account has the server " + voice.Name(p.Server) +
			"; write the id of the one it was issued for"
	}
	text := "# missing: write the id of the cluster that it was issued for"
	if p.Server != "" {
		text = "# missing: write the id of the cluster whose server is " + voice.Name(p.Server)
	}
	text += "; ackrevoke inspect --live finds it"
	if len(p.LooksLike) > 0 {
		text += "; perhaps " + report.First(mostMeant, p.LooksLike) + ", after which the file names its context: check that"
	}
	return text
}

package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"ackrevoke/cmd/cli/voice"
	"ackrevoke/job/end"
	"ackrevoke/job/look"
	"ackrevoke/job/report"
	"ackrevoke/job/sight"
	"ackrevoke/policy"
	"ackrevoke/policy/kubeconfig"
)

// trace asks the account about the certificates of an inspected file. What the
// file says stands whatever becomes of that; an error is one of the command
// line.
func (p Program) trace(ctx context.Context, o *options, i *report.Inspect) ([]ending, error) {
	a, err := p.connect(o) // o.dryRun is true: the client refuses writes
	if err != nil {
		return nil, err
	}
	defer a.close()
	i.Live, i.Simulated = true, a.simulated
	v := p.voice(o)
	ctx, cancel := context.WithTimeoutCause(ctx, o.timeout, end.ErrTimeLimit)
	defer cancel()
	leaked := make([]look.Leaked, len(i.Contexts))
	for n, c := range i.Contexts {
		leaked[n].Server = c.Server
		if pinnable(c) {
			leaked[n].UID, leaked[n].Expires = c.Certificate.UID, c.Certificate.ExpiresAt.Time
		}
	}
	caller, traced, err := look.Inspect(ctx, &sight.Sight{Reader: a.Client, Concurrency: o.concurrency, Now: p.Now, Tell: v.Hear}, leaked)
	v.Quiet()
	if caller.AccountID != "" {
		i.Account = report.NewAccount(caller)
	}
	all := untraced(i, err)
	if len(all) > 0 {
		v.Panicked(err)
	}
	for n, t := range traced {
		i.Contexts[n].Account = inspectedLive(t)
		if t.Fault != nil && t.Why == policy.ReadFailed || t.Fault != nil && t.Pin == "" {
			all = append(all, ending{end.CodeIncomplete, "incomplete"})
			note(i, t.Fault, "")
		}
	}
	switch by, cause := end.BySignal(ctx), context.Cause(ctx); {
	case by != nil:
		all = append(all, ending{by.Code, by.Error()})
	case errors.Is(cause, end.ErrTimeLimit):
		all = append(all, ending{end.CodeIncomplete, cause.Error()})
	}
	return all, nil
}

// untraced notes why nothing could be asked; nil for no error.
func untraced(i *report.Inspect, err error) []ending {
	var not *sight.Unseen
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &not):
		note(i, &policy.Fault{Kind: policy.Internal, Message: err.Error()}, "this is a defect of ackrevoke: report it")
		return []ending{{end.CodeError, "error"}}
	case not.Fault == nil:
		note(i, &policy.Fault{Kind: policy.Denied, Message: not.Message}, "give the caller ram:ListUsers, ram:ListRoles and cs:GetClusters on everything")
	case not.Nothing():
		note(i, not.Fault, "")
		return []ending{{end.CodeError, "error"}}
	default:
		note(i, not.Fault, "")
	}
	return []ending{{end.CodeIncomplete, "incomplete"}}
}

// note puts an error into the answer, once.
func note(i *report.Inspect, f *policy.Fault, hint string) {
	e := *report.NewError(f, hint)
	if !slices.ContainsFunc(i.Errors, func(o report.Error) bool { return o.Message == e.Message }) {
		i.Errors = append(i.Errors, e)
	}
}

func inspectedLive(t look.Inspected) *report.InspectedLive {
	l := &report.InspectedLive{
		PlacedBy: string(t.Placed), UID: t.Who.UID, Identity: t.Identity, Kind: t.Who.Kind, Name: t.Who.Name, Created: report.At(t.Who.CreatedAt),
		Shows: report.Certificate{State: t.Shows.State, Expires: report.At(t.Shows.Expires)}, Pin: string(t.Pin), Why: t.Why, Reason: t.Reason,
	}
	for _, c := range t.Clusters {
		l.Clusters = append(l.Clusters, report.Cluster{ID: c.ID, Name: c.Name, Region: c.Region})
	}
	for _, s := range t.Also {
		l.Also = append(l.Also, s.Cluster)
	}
	slices.Sort(l.Also)
	return l
}

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
			fmt.Fprintf(&b, "      - cluster: %s\n        expires: %s\n", clusterOf(p, live), p.Expires)
		}
	}
	return b.String()
}

// clusterOf is the cluster of a pin, with how it is known where that is less
// than its address, or what is missing. What a context is named after stands in
// a comment alone: whoever wrote the file chose it.
func clusterOf(p report.LeakPin, live bool) string {
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

package policy

import "gopkg.in/yaml.v3"

var (
	principalKeys = []string{
		"uid", "kind", "name", "createdAt", "reason", "effective", "until", "deleted", "clusters", "certificates", "force", "ticket", "note",
	}
	pinKeys = []string{"cluster", "expires"}
)

// principal reads one entry. Seen holds the lines of the uids before it,
// protected those of the uids that no entry may hit.
func (l *loader) principal(n *yaml.Node, seen, protected map[string]int) Principal {
	r, ok := l.section(n, "a principal", principalKeys)
	if !ok {
		return Principal{}
	}
	p := Principal{
		UID: l.uid(r, seen, protected), Kind: Kind(r.one("kind", string(User), string(Role))), Line: n.Line,
		Name: r.text("name"), Ticket: r.text("ticket"), Note: r.text("note"),
		Deleted: r.flag("deleted", false), Force: r.flag("force", true),
		Clusters: each("clusters", r.filled("clusters"), l.glob),
	}
	if n := r.get("createdAt"); n != nil {
		p.CreatedAt = l.exactly("createdAt", n)
	}
	if n := r.get("effective"); n != nil {
		p.Effective = l.from("effective", n)
	}
	if n := r.get("until"); n != nil {
		p.Until = l.end("until", n)
		if !p.Until.IsZero() && !p.Effective.IsZero() && !p.Effective.Before(p.Until) {
			l.at(RuleNever, n, "until must lie after effective (%s): the entry would never be in effect", bare(r.get("effective").Value))
		}
	}
	for _, n := range r.filled("certificates") {
		p.Pins = append(p.Pins, l.pin(n))
	}
	if r.need("reason", "write reason: departed or reason: compromised") != nil {
		p.Reason = Reason(r.one("reason", string(Departed), string(Compromised)))
	}
	switch {
	case p.Reason == Departed && r.has("certificates"):
		l.at(RulePins, r.fields["certificates"].key, "certificates do not go with reason: departed, which takes away everything: take them "+
			"out, or write reason: compromised")
	case p.Reason == Compromised && !r.has("certificates") && !r.has("until"):
		l.at(RuleNoEnd, n, "reason: compromised needs certificates (only these are revoked) or until (everything is, until then): add one")
	}
	return p
}

// uid reads the one key that says who is meant. That no two entries share it,
// and none is protected, is checked here because only here are the lines known.
func (l *loader) uid(r section, seen, protected map[string]int) string {
	n := r.need("uid", findUID)
	if n == nil {
		return ""
	}
	uid := l.digits("uid", n)
	if uid == "" {
		return ""
	}
	if line, twice := seen[uid]; twice {
		l.at(RuleUIDTwice, n, "uid %q is listed twice, first on line %d: merge the two entries", uid, line)
	} else {
		seen[uid] = n.Line
	}
	if line, ok := protected[uid]; ok {
		l.at(RuleProtected, n, "uid %q is protected by guards.protect on line %d: take it out of one of the two", uid, line)
	}
	return uid
}

func (l *loader) pin(n *yaml.Node) Pin {
	r, ok := l.section(n, "a certificate", pinKeys)
	if !ok {
		return Pin{}
	}
	pin := Pin{Line: n.Line}
	if n := r.need("cluster", "write the cluster id that the certificate was issued for"); n != nil {
		pin.Cluster = l.exact("cluster", n)
	}
	if n := r.need("expires", "write the certificate's expiry as the service shows it, like expires: 2028-09-10T11:12:13Z"); n != nil {
		pin.Expires = l.exactly("expires", n)
	}
	return pin
}

package report

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"ackrevoke/policy"
)

// InspectText writes an inspection for people: one block for each context,
// and the entry for the policy at the end, which can be pasted as it is.
func InspectText(w io.Writer, i *Inspect, look Look) error {
	t := &lines{width: look.Width}
	t.say("%s: %s, %s, inspected at %s", Plain(i.File), formText(i), counted(len(i.Contexts), "way in", "ways in"), i.InspectedAt)
	for _, p := range i.Problems {
		t.say("note: %s", Harmless(p))
	}
	for _, c := range i.Contexts {
		t.context(c)
	}
	if i.PolicyYAML != "" {
		t.say("")
		t.say("For the policy, under principals:")
		t.say("")
		t.WriteString(i.PolicyYAML)
	}
	_, err := io.WriteString(w, t.String())
	return err
}

// formText says what was read.
func formText(i *Inspect) string {
	content := "a kubeconfig"
	if len(i.Contexts) > 0 && i.Contexts[0].Content == "certificate" {
		content = "a certificate by itself"
	}
	switch i.Form {
	case "base64":
		return "base64 of " + content
	case "secret":
		return "a Secret of Kubernetes"
	case "answer":
		return "the service's answer with " + content
	}
	return content
}

type lines struct {
	strings.Builder
	width int // of the terminal, 0 for any
}

// say writes a sentence, whatever stands in it.
func (t *lines) say(format string, a ...any) { t.fold(Harmless(fmt.Sprintf(format, a...)), len(gap)) }

// row is a label and what there is to say, one below another.
func (t *lines) row(what, format string, a ...any) {
	label := fmt.Sprintf("  %-13s ", what)
	for _, line := range Fold(Harmless(fmt.Sprintf(format, a...)), max(0, t.width-len(label)), 0) {
		t.WriteString(label + line + "\n")
		label = strings.Repeat(" ", len(label))
	}
}

func (t *lines) fold(text string, indent int) {
	for _, line := range Fold(text, t.width, indent) {
		t.WriteString(line + "\n")
	}
}

func (t *lines) context(c InspectedContext) {
	t.say("")
	switch {
	case c.Content == "certificate":
		t.say("a certificate by itself")
	case c.Context == "":
		t.say("user %s, named by no context", Plain(c.User))
	case c.Current:
		t.say("context %s (current)", Plain(c.Context))
	default:
		t.say("context %s", Plain(c.Context))
	}
	if c.FoundIn != "" {
		t.row("found in", "%s", Plain(c.FoundIn))
	}
	if c.Server != "" {
		t.row("server", "%s", Plain(c.Server))
	}
	if c.Cluster != "" {
		t.row("cluster", "%s, which is the file's own name for it", Plain(c.Cluster))
	}
	if x := c.Certificate; x != nil {
		t.certificate(*x, c.Key)
	}
	if len(c.NotFollowed) > 0 {
		t.row("not followed", "%s", strings.Join(c.NotFollowed, ", "))
	}
	for _, p := range c.Problems {
		t.row("note", "%s", Harmless(p))
	}
	for _, id := range c.LooksLike {
		t.row("note", "%s looks like a cluster id; whoever wrote the file chose it, so check it", Plain(id))
	}
	if c.Account != nil {
		t.account(c, *c.Account)
	}
}

func (t *lines) certificate(x InspectedCert, key string) {
	switch {
	case x.UID != "" && x.Suffix != "":
		t.row("uid", "%s, suffix %s", x.UID, Plain(x.Suffix))
	case x.UID != "":
		t.row("uid", "%s", x.UID)
	default:
		t.row("uid", "none: the CN is %s, which no RAM principal's certificate has", orNone(x.CommonName))
	}
	t.row("organisation", "%s", orNone(strings.Join(mapped(x.Organisations, Plain), ", ")))
	t.row("issuer", "%s", orNone(x.Issuer))
	t.row("serial", "%s", Plain(x.Serial))
	t.row("key", "%s, %s", x.PublicKey, keyText(key))
	t.row("issued", "%s", orNone(x.IssuedAt.String()))
	switch x.Validity {
	case "expired":
		t.row("expires", "%s, which is past: it opens nothing any more", orNone(x.ExpiresAt.String()))
	case "not-yet-valid":
		t.row("expires", "%s; it is not valid yet", x.ExpiresAt)
	default:
		t.row("expires", "%s, %s left", x.ExpiresAt, counted(x.DaysLeft, "day", "days"))
	}
	if x.Others > 0 {
		t.row("chain", "%s more", counted(x.Others, "certificate", "certificates"))
	}
	if x.Masters {
		t.row("ATTENTION", "it is in the group system:masters: no revocation of RBAC ends it. Rotate the cluster's CA")
	}
}

func keyText(key string) string {
	return cmp.Or(map[string]string{
		"inline":     "and the private key is in the file",
		"other":      "but the private key in the file fits no certificate of it",
		"encrypted":  "and the private key is in the file, under a passphrase",
		"unreadable": "but what stands for the private key is none that can be read",
	}[key], "but the private key is not in the file itself")
}

func (t *lines) account(c InspectedContext, a InspectedLive) {
	if c.Server != "" && (len(a.Clusters) == 0 || a.PlacedBy == "expiry") {
		t.row("account", "no cluster that the caller can list has this server")
	}
	for _, k := range a.Clusters {
		t.row("account", "%s %s", clusterText(k)+", "+orDash(Plain(k.Region)), placedText(a.PlacedBy))
	}
	if a.Identity != "" {
		t.row("principal", "%s", suspectText(a))
	}
	switch {
	case a.Shows.State == "":
	case a.Shows.Expires.IsZero():
		t.row("shown as", "%s", a.Shows.State)
	default:
		t.row("shown as", "%s, expires %s", a.Shows.State, a.Shows.Expires)
	}
	for _, id := range a.Also {
		t.row("note", "the service shows a certificate of this principal with this very expiry on %s", Plain(id))
	}
	if a.Pin != "" {
		t.row("the pin", "%s", pinText(a))
	}
}

// placedText says how a cluster came into the answer.
func placedText(by string) string {
	switch by {
	case "expiry":
		return "is the only cluster where the principal has a certificate with this expiry: known by that, not by an address"
	case "address and expiry":
		return "has this server, and is the only one of several such where the principal has a certificate with this expiry"
	}
	return "has this server"
}

func suspectText(a InspectedLive) string {
	name := "nameless"
	if a.Name != "" {
		name = Plain(a.Name)
	}
	switch {
	case a.Identity == policy.Live && a.Kind == "":
		return "the root account"
	case a.Identity == policy.Live:
		return fmt.Sprintf("%s, a live RAM %s created %s", name, a.Kind, orNone(a.Created.String()))
	case a.Kind != "":
		return fmt.Sprintf("%s, a RAM %s that is deleted", name, a.Kind)
	}
	return "in no listing of RAM: deleted, or of another account"
}

func pinText(a InspectedLive) string {
	switch a.Pin {
	case "acts":
		return "will act: a run revokes this certificate"
	case "settled":
		return "will do nothing: the service does not show this certificate any more"
	case "refused":
		return "would be refused: " + Harmless(a.Reason)
	}
	return fmt.Sprintf("cannot be foreseen (%s): %s", a.Why, Advice(a.Why))
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return Plain(s)
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

package policy

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

// Digest names what the plan would do: SHA-256 over canonical JSON of the
// account, the actions and the refused entries, as "sha256:<hex>". Keys and
// rows are in sorted order. Lines, names, tickets, times and the caller do not
// count, nor do the refusals of caps: the digest that was reviewed in a dry
// run is the digest of the run that applies it.
func (p *Plan) Digest() string {
	actions := []any{}
	for _, a := range p.Actions {
		grants := []any{}
		for _, g := range a.Before.Grants {
			grants = append(grants, map[string]any{"scope": g.Scope, "namespace": g.Namespace, "role": g.Role, "custom": g.Custom, "owner": g.Owner})
		}
		expires := ""
		if t := a.Before.Certificate.Expires; !t.IsZero() {
			expires = t.UTC().Format(time.RFC3339)
		}
		actions = append(actions, map[string]any{"id": a.ID, "uid": a.UID, "kind": a.Kind, "operation": a.Operation,
			"force": a.Force, "expires": expires, "grants": grants})
	}
	refused := []any{}
	for _, r := range p.Refused {
		refused = append(refused, map[string]any{"uid": r.UID, "guard": r.Guard})
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	// encoding/json writes the keys of maps in sorted order; these values cannot fail.
	_ = e.Encode(map[string]any{"account": p.Account, "actions": actions, "refused": refused})
	sum := sha256.Sum256(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
	return "sha256:" + hex.EncodeToString(sum[:])
}

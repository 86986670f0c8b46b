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
	type grant struct { // keys of objects in sorted order
		Custom    bool       `json:"custom"`
		Namespace string     `json:"namespace"`
		Owner     bool       `json:"owner"`
		Role      string     `json:"role"`
		Scope     GrantScope `json:"scope"`
	}
	type action struct {
		Expires   string    `json:"expires"`
		Force     bool      `json:"force"`
		Grants    []grant   `json:"grants"`
		ID        string    `json:"id"`
		Kind      Kind      `json:"kind"`
		Operation Operation `json:"operation"`
		UID       string    `json:"uid"`
	}
	type refusal struct {
		Guard string `json:"guard"`
		UID   string `json:"uid"`
	}
	what := struct {
		Account string    `json:"account"`
		Actions []action  `json:"actions"`
		Refused []refusal `json:"refused"`
	}{p.Account, []action{}, []refusal{}}
	for _, a := range p.Actions {
		grants := []grant{}
		for _, g := range a.Before.Grants {
			grants = append(grants, grant{g.Custom, g.Namespace, g.Owner, g.Role, g.Scope})
		}
		expires := ""
		if t := a.Before.Certificate.Expires; !t.IsZero() {
			expires = t.UTC().Format(time.RFC3339)
		}
		what.Actions = append(what.Actions, action{expires, a.Force, grants, a.ID, a.Kind, a.Operation, a.UID})
	}
	for _, r := range p.Refused {
		what.Refused = append(what.Refused, refusal{r.Guard, r.UID})
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(what) // these values cannot fail
	sum := sha256.Sum256(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
	return "sha256:" + hex.EncodeToString(sum[:])
}

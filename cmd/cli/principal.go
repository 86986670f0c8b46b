package cli

import (
	"slices"
	"strings"

	"ackrevoke/cmd/cli/voice"
	"ackrevoke/job/report"
	"ackrevoke/policy"
)

// meant finds the principal that a person named; see policy.Want. Whoever is
// not exactly one is an error with those who could be meant.
func meant(text string, d policy.Directory) (policy.Identity, policy.IdentityState, error) {
	w, err := policy.Want(text, d.Caller.AccountID)
	if err != nil {
		return policy.Identity{}, "", usage("%w", err)
	}
	id, state, candidates := w.In(d)
	if state != policy.IdentityUnknown {
		return id, state, nil
	}
	fits := slices.ContainsFunc(candidates, w.Means)
	list := report.First(mostMeant, introduced(candidates))
	shown := voice.Name(text)
	switch {
	case fits && len(candidates) > 1:
		return id, state, hinted(usage("%q is not one principal: %s", shown, list), "name the uid, or the ARN")
	case fits:
		return id, state, hinted(usage("%q is a uid that nobody has, and a name: %s", shown, list), "name the uid, or the ARN")
	case w.Foreign != "":
		return id, state, hinted(usage("%q is of account %s, and the caller of %s: nobody of another account can be looked up here", shown,
			w.Foreign, d.Caller.AccountID), "use credentials of that account")
	case len(candidates) == 0:
		return id, state, hinted(usage("nobody in account %s is named %q", d.Caller.AccountID, shown),
			"names are exact; somebody who was deleted is found by the uid alone")
	}
	return id, state, hinted(usage("nobody in account %s is named %q; near: %s", d.Caller.AccountID, shown, list),
		"name the uid of the one who is meant; somebody who was deleted is found by the uid alone")
}

// mostMeant is how many of those who could be meant a message names.
const mostMeant = 5

// introduced names people so that one can be told from the other.
func introduced(people []policy.Identity) []string {
	var lines []string
	for _, x := range people {
		lines = append(lines, string(x.Kind)+" "+voice.Whom(x.Name, x.UID)+" created "+report.At(x.CreatedAt).String())
	}
	return lines
}

// perhaps names whom a uid that nobody has could have meant; "" for nobody.
func perhaps(uid string, d policy.Directory) string {
	if near := introduced(policy.NearUIDs(uid, d)); len(near) > 0 {
		return "near it, and likely meant: " + strings.Join(near, ", ") + "; else "
	}
	return ""
}

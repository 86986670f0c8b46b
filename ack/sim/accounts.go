package sim

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
)

// Accounts are several accounts behind one address, as those of a service are: a call belongs to the account that its keys are of.
// The first one is the hub, whose keys one begins with; AssumeRole leads from any account to a role of any other.
//
//	call --key--> account --AssumeRole acs:ram::<other>:role/x--> keys of a session in the other account
type Accounts struct{ all []*Account }

// Together puts accounts behind one address. They must be of different ids.
func Together(all ...*Account) (*Accounts, error) {
	byID := make(map[string]*Account, len(all))
	for i, a := range all {
		id := a.estate.account
		if byID[id] != nil {
			return nil, fmt.Errorf("two estates are of the account %s", id)
		}
		byID[id], a.index, a.others = a, i, byID
	}
	return &Accounts{all}, nil
}

// account is the one of an id that can be reached from here, or nil.
func (a *Account) account(id string) *Account {
	if id == a.estate.account {
		return a
	}
	return a.others[id]
}

// ServeHTTP answers one call in the account that it belongs to. What nobody's keys signed is for the hub, which refuses it.
func (t *Accounts) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/-/") {
		serveTool(w, r, t.Calls)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "the body cannot be read", http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	key := readSignature(r, merge(r.URL.Query(), form(r, body))).key
	of := t.all[0]
	for _, a := range t.all {
		if _, known := a.holder(key); known {
			of = a
			break
		}
	}
	of.ServeHTTP(w, r)
}

// Calls returns every call that one of the accounts saw, in the order of arrival.
func (t *Accounts) Calls() []Call {
	calls := []Call{}
	for _, a := range t.all {
		for _, c := range a.Calls() {
			c.Account = a.estate.account
			calls = append(calls, c)
		}
	}
	slices.SortStableFunc(calls, func(a, b Call) int { return a.At.Compare(b.At) })
	return calls
}

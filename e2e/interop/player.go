package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"ackrevoke/e2e/interop/call"
)

// player calls an account with a client and somebody's keys, and puts what comes of it into the table.
type player struct {
	client  *client
	helper  *client // the newest of the same SDK
	account *account
	keys    keys
	table   *table
	estate  *estate // as it should be by now
}

// at returns the same player before another account, with the keys of its caller.
func (p player) at(a *account) player {
	p.account, p.keys = a, a.keys
	return p
}

// as returns the same player with the keys of somebody else.
func (p player) as(k keys) player {
	p.keys = k
	return p
}

// answer is what came of a call. It is there only if one was made and ended as it was wanted to.
type answer struct {
	cell  *cell
	body  any // decoded, and written out again
	lacks func(path string) bool
}

// ask makes a call and checks what is true of every one: the account took it for what it was, once, with the client's signature.
func (p player) ask(operation string, path []string, request obj) (told call.Told, made bool) {
	cell := p.table.cell(p.client, operation)
	if !p.client.has(operation) {
		return told, false
	}
	ask := call.Ask{At: p.account.tap.addr, Key: p.keys.id, Secret: p.keys.secret, Token: p.keys.token, Operation: operation, Path: path}
	if request != nil {
		ask.Request = json.RawMessage(text(request))
	}
	told, err := p.client.ask(ask)
	seen, err2 := p.account.fresh()
	switch {
	case err != nil || err2 != nil:
		cell.differ("the call ends in %v %v", err, err2)
		return told, false
	case told.Cannot != "":
		cell.short("ask for " + text(request) + " (" + told.Cannot + ")")
		return told, false
	case len(seen) != 1:
		cell.differ("one call was made, and the account saw %d: %+v", len(seen), seen)
		return told, false
	}
	cell.calls++
	cell.record(seen[0], path, told)
	return told, true
}

// record checks the account's own record of a call: what it was about, how it was signed, and that it ended as the client says.
func (c *cell) record(noted seen, path []string, told call.Told) {
	c.schemes[noted.Signature] = true
	o, f := of(c.operation), told.Failure
	other := slices.DeleteFunc(slices.Clone(path), func(text string) bool {
		return o.name == "DescribeTaskInfo" || slices.Contains([]string{noted.UID, noted.Cluster, noted.Region}, text)
	})
	switch {
	case noted.Operation != c.operation || len(other) > 0:
		c.differ("%v: the account took it for %s of %q %q %q", path, noted.Operation, noted.Region, noted.Cluster, noted.UID)
	case noted.Signature != c.client.signature && !o.unsigned:
		c.differ("it is signed with %s, and this client is known for %s", noted.Signature, c.client.signature)
	case noted.Write != o.write:
		c.differ("write is %v in the record", noted.Write)
	case f != nil && f.Untyped == "" && (f.Status != noted.Status || f.Code != noted.Code):
		c.differ("the client says %d %s, the record %d %s", f.Status, f.Code, noted.Status, noted.Code)
	case f == nil && (told.Status != noted.Status || told.RequestID != noted.RequestID):
		c.differ("the client says status %d and request %s, the record %d and %s", told.Status, told.RequestID, noted.Status, noted.RequestID)
	}
}

// call makes a call that has to succeed.
func (p player) call(operation string, path []string, request obj) (a answer, well bool) {
	told, made := p.ask(operation, path, request)
	if !made {
		return a, false
	}
	a.cell = p.table.cell(p.client, operation)
	if told.Failure != nil {
		a.cell.differ("%s is refused: %+v", about(path, request), *told.Failure)
		return a, false
	}
	sent, err := decode(p.account.tap.last())
	held, err2 := decode(told.Body)
	if err != nil || err2 != nil {
		a.cell.differ("no JSON: %v %v", err, err2)
		return a, false
	}
	if told.Fields == nil { // an operation without a body [SDK], whatever is in it
		a.cell.values++
		return a, true
	}
	a.cell.fields = told.Fields
	c := comparison{fields: told.Fields, sent: a.cell.sent}
	c.walk("", sent, held)
	a.cell.values += c.values
	a.cell.differences = append(a.cell.differences, c.spoilt...)
	for _, path := range c.lost {
		a.cell.short("hold " + path)
	}
	a.body, a.lacks = held, never
	if !p.client.newest {
		a.lacks = func(path string) bool { return !c.known(path) }
	}
	return a, true
}

// about names a call in a difference.
func about(path []string, request obj) string {
	words := slices.Clone(path)
	if request != nil {
		words = append(words, text(request))
	}
	return "of (" + strings.Join(words, ", ") + ")"
}

// is holds an answer against what the estate has.
func (a answer) is(of string, want any) {
	for _, line := range differ("", plain(want), a.body, a.lacks) {
		a.cell.differ("%s%s", of, line)
	}
}

// get makes a call that has to succeed and say what the estate has.
func (p player) get(operation string, path []string, request obj, want any) (answer, bool) {
	a, well := p.call(operation, path, request)
	if well {
		a.is(about(path, request), want)
	}
	return a, well
}

// refused makes a call that has to fail, with a typed error; denied is what has to be in the detail of a denial, nil for none.
func (p player) refused(operation string, path []string, request obj, status int, code string, denied obj) {
	told, made := p.ask(operation, path, request)
	if !made {
		return
	}
	cell, f := p.table.cell(p.client, operation), told.Failure
	switch {
	case f == nil:
		cell.differ("%s succeeds, and should be refused with %s", about(path, request), code)
	case f.Untyped != "":
		cell.differ("%s: the error is none of the SDK's: %s", about(path, request), f.Untyped)
	case f.Code != code || f.Status != status || f.Message == "":
		cell.differ("%s: the error is %d %s (%s), and should be %d %s", about(path, request), f.Status, f.Code, f.Message, status, code)
	case (denied == nil) != (f.Denied == nil) || len(differ(".AccessDeniedDetail", plain(denied), plain(f.Denied), never)) > 0:
		cell.differ("%s: the denial says %s, and should say %s", about(path, request), text(f.Denied), text(denied))
	default:
		cell.errors[fmt.Sprintf("%d %s", status, code)] = true
	}
}

func never(string) bool { return false }

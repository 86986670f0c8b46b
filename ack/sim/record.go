package sim

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"
)

// Call is one call the account saw, also one that it refused.
type Call struct {
	// Account is the id of the account that saw the call, where several are behind one address; see Accounts.
	Account string `json:"account,omitempty"`
	// Operation is the name of the operation; for one that is not served, the name the client gave.
	Operation string `json:"operation"`
	Method    string `json:"method"`
	// Path is the path, unescaped.
	Path  string     `json:"path"`
	Query url.Values `json:"query"`
	// UID and Cluster are what the operation is about; the caller's uid where the operation is about the caller.
	UID     string `json:"uid"`
	Cluster string `json:"cluster"`
	// Region is the region the operation is about, empty where it is about none.
	Region string `json:"region,omitempty"`
	// Write says that the operation changes the account, or would if it were served.
	Write bool `json:"write"`
	// Status is that of the answer the account decided on, noted before a byte of it is sent. It is 0 until then, and stays 0 where
	// the client left first: a write is done and has its status all the same, unless the fault slow holds its answer back. What the
	// client saw it does not say: where Fault stands in for the answer on the wire (resetBefore, hang, empty500, html502, redirect)
	// or spoils it (resetAfter, noContent, truncated) it is 200. A write that hangs has 200 from the moment on at which it hangs,
	// and nothing is done: go by Changed.
	Status int `json:"status"`
	// Code is the error code of the answer, empty for a success.
	Code string `json:"code"`
	// RequestID is the id the answer carried.
	RequestID string `json:"requestId"`
	// At is when the call arrived.
	At time.Time `json:"at"`
	// Changed says that the operation was done, at once or after the delay of its effect, whatever was answered.
	Changed bool `json:"changed,omitempty"`
	// Fault is what a fault script did to the call, empty for nothing.
	Fault string `json:"fault,omitempty"`
	// Signature is the scheme the call came with, whether it was right or not: acs3, roa-hmac-sha1, rpc-hmac-sha1 or none.
	Signature string `json:"signature"`
	// Answer is the body as it was sent, with Options.KeepAnswers; nil where there was no answer, or one that broke off.
	Answer []byte `json:"-"`
}

// Calls returns every call seen since the start or the last Reset, in the order of arrival.
func (a *Account) Calls() []Call {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := make([]Call, 0, len(a.calls))
	for _, c := range a.calls {
		out = append(out, *c)
	}
	return out
}

// Reset forgets the recorded calls. The state of the account stays as it is.
func (a *Account) Reset() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls = nil
}

func (a *Account) record(q *request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.serial++
	q.RequestID = fmt.Sprintf("51D0%04X-0000-4000-8000-%012X", a.index, a.serial)
	q.At = time.Now()
	a.calls = append(a.calls, q.Call)
}

func (a *Account) complete(q *request, out answer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	q.Status, q.Code = out.status, out.code
}

// serveTool answers what is for the people at the machine and no part of the service: unsigned, and for loopback only. An
// address that is none is an in-memory connection, which is as near as loopback.
func (a *Account) serveTool(w http.ResponseWriter, r *http.Request) { serveTool(w, r, a.Calls) }

func serveTool(w http.ResponseWriter, r *http.Request, calls func() []Call) {
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		if ip := net.ParseIP(host); ip != nil && !ip.IsLoopback() {
			http.Error(w, "for loopback only", http.StatusForbidden)
			return
		}
	}
	if r.Method != http.MethodGet || r.URL.Path != "/-/calls" {
		http.Error(w, "the one thing here is GET /-/calls", http.StatusNotFound)
		return
	}
	writeJSON(w, http.StatusOK, calls())
}

// keeper writes an answer and notes its body in the record, before the client can have seen it.
type keeper struct {
	http.ResponseWriter
	account *Account
	call    *Call
}

func (k keeper) Write(p []byte) (int, error) {
	k.account.mu.Lock()
	k.call.Answer = append(k.call.Answer, p...)
	k.account.mu.Unlock()
	return k.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (k keeper) Unwrap() http.ResponseWriter { return k.ResponseWriter }

// send writes an answer in the form it takes on the wire. One that breaks off ends the handler, and leaves nothing in the record.
func (a *Account) send(w http.ResponseWriter, r *http.Request, q *request, out answer) {
	if a.options.KeepAnswers {
		w = keeper{w, a, q.Call}
	}
	if out.wire != nil {
		out.wire(w, r)
	} else {
		q.write(w, out)
	}
	if a.options.KeepAnswers {
		a.mu.Lock()
		defer a.mu.Unlock()
		q.Answer = append([]byte{}, q.Answer...) // sent as a whole: not nil, even if it is empty
	}
}

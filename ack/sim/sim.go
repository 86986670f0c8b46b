// Package sim is a simulated Alibaba Cloud account, served over HTTP from memory.
//
// It answers as much of three services as a program needs that ends the access of people to ACK clusters: CS (ACK, ROA style),
// RAM and STS (RPC style), all on one listener. It knows the wire and nothing else: it imports nothing of this module, because
// a fake that shared our types would share our mistakes, and not the testing package, because a command serves it too.
//
//	YAML --Load--> Estate --New--> Account --ServeHTTP--> answers
//	                                  |--Calls: what was asked     |--Truth: what is really so
//
// A call takes one way through the room, and each step has its file:
//
//	identify (request.go) -> record (record.go) -> throttle (throttle.go) -> verify (signature.go) -> claim the uid -> latency -> serve
//
// A fault script (faults.go, effects.go) may answer in the service's place once the signature is right, or spoil what the service says.
//
// Where the service is documented, the simulator does what the documentation says, and the comment at the place says [DOC].
// Where the documentation is silent, it does what the estate's `behaviour` says; every such silence is one key with a stated
// default (options.go), so that a client can be tried against each answer the service may give. State is a ledger of dated
// changes (state.go): visibility lag and delayed effects are both nothing but the question at which time the ledger is read.
//
// Two clocks, on purpose. Options.Now is the account's calendar and decides only whether a certificate has expired and whether
// an access was recent. Signatures, lag, latency and quotas go by the time of the process, which is the bubble's time in a
// testing/synctest bubble; where the process under test has a time of its own, Options.Ledger makes lag pass.
package sim

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Options are the circumstances of an Account that are not part of its estate.
type Options struct {
	// Now is the account's calendar, for the state of certificates; nil means time.Now.
	Now func() time.Time
	// Ledger is the time that changes are dated by and reads look back from: lag and late effects pass in it, and only they. It
	// must not go backwards. nil means time.Now; a test of real processes, whose time cannot be made to jump, gives its own.
	Ledger func() time.Time
	// Latency is added to each answer. A write takes effect at its end, and occupies its principal until then.
	Latency time.Duration
	// Skew is how far the service's clock is ahead of the process's: in the Date of answers, and for the freshness of calls.
	Skew time.Duration
	// QPS is the number of calls answered per second; the rest is throttled. 0 means unlimited.
	QPS float64
	// QuotaWindow makes the quota one of QPS times so many seconds of calls in each window of that length, all at once or not. 0
	// means a token bucket that holds one second's calls.
	QuotaWindow time.Duration
	// KeepAnswers keeps the body of every answer in its Call.
	KeepAnswers bool
	// Issue lets DescribeClusterUserKubeconfig issue kubeconfigs, where the estate's behaviour wants it too (issueKubeconfig). It is
	// for people who play with the account; what takes access away has no use for it.
	Issue bool
	// Faults are what goes wrong; nil means nothing.
	Faults *Faults
	// AccessKeyID, Secret and Token are what the caller signs with; where they are empty, the id and the secret are made from
	// the account id, and there is no token.
	AccessKeyID, Secret, Token string
}

// Account is a simulated account. It is an http.Handler and safe for concurrent use.
type Account struct {
	estate  Estate
	options Options

	people   map[string]principal
	clusters map[string]cluster

	mu     sync.Mutex
	ledger ledger
	busy   map[string]bool // uids with a write under way
	bucket bucket
	tasks  tasks

	sessions  sessions
	authority *authority          // nil: the account issues no kubeconfigs
	others    map[string]*Account // by id: those behind the same address, whose roles can be assumed from here
	index     int                 // among them

	calls  []*Call
	serial uint64 // of the last request id

	faults    []rule
	expired   map[string]bool // access keys whose token has expired, by a fault
	staleness time.Duration   // of the read being served, on top of the lag
}

// New returns an account that answers like the service does. The estate is not changed by it and can be used again.
func New(e *Estate, o Options) *Account {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Ledger == nil {
		o.Ledger = time.Now
	}
	a := &Account{
		estate:    *e,
		options:   o,
		people:    make(map[string]principal),
		clusters:  make(map[string]cluster),
		ledger:    newLedger(e),
		busy:      make(map[string]bool),
		bucket:    newBucket(o.QPS, o.QuotaWindow),
		tasks:     tasks{byID: make(map[string]*task)},
		sessions:  sessions{byKey: make(map[string]keys)},
		authority: newAuthority(e.behaviour, o),
		expired:   make(map[string]bool),
	}
	if o.Faults != nil {
		a.faults = slices.Clone(o.Faults.rules)
	}
	for _, p := range e.principals {
		a.people[p.uid] = p
	}
	for _, c := range e.clusters {
		a.clusters[c.id] = c
	}
	return a
}

// Keys returns the key pair of the caller identity, the only one the account accepts apart from those that AssumeRole gives out.
// By default it is made from the account id, so that it is the same in every process; it opens nothing but a simulation, and reads
// like it.
func (a *Account) Keys() (accessKeyID, secret string) {
	return cmp.Or(a.options.AccessKeyID, "simulated-"+a.estate.account), cmp.Or(a.options.Secret, "not-a-secret-"+a.estate.account)
}

// maxBody is far above any body a client of these operations sends.
const maxBody = 1 << 20

// ServeHTTP answers one call. GET /-/calls is not part of the service: it is answered with the calls recorded so far.
func (a *Account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/-/") {
		a.serveTool(w, r)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "the body cannot be read", http.StatusBadRequest)
		return
	}
	if a.options.Skew != 0 {
		w.Header().Set("Date", a.now().UTC().Format(http.TimeFormat))
	}
	q := a.identify(r, body)
	a.record(q)

	// The fault script is asked after the record, so that the call counts.
	f := a.fault(q)
	out, answered := a.perform(r, q, f)
	if !answered {
		return // nobody is there to read it
	}
	out = f.spoil(out)
	if f != nil && f.do == "slow" && !pause(r.Context(), f.delay) {
		return
	}
	a.complete(q, out)
	a.send(w, r, q, out)
}

// perform takes the call through its steps. A read whose client has left is not answered; a write was received, and is done.
func (a *Account) perform(r *http.Request, q *request, f *rule) (out answer, answered bool) {
	refusal := a.admit(r, q)
	if refusal == nil {
		refusal = a.instead(f, q)
	}
	if refusal == nil && q.op.write {
		if refusal = a.claim(q.UID); refusal == nil {
			defer a.release(q.UID)
		}
	}
	present := a.wait(r.Context())
	switch {
	case refusal != nil:
		return *refusal, present
	case !present && !q.op.write:
		return answer{}, false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.bend(f, q)
	return q.op.serve(a, q), true
}

// admit says whether the call reaches its operation: quota first, as at a gateway, then the signature, then the operation. What is
// not served needs no signature to be told so: AssumeRoleWithOIDC is sent without one [DOC].
func (a *Account) admit(r *http.Request, q *request) *answer {
	if refusal := a.throttle(); refusal != nil {
		return refusal
	}
	if q.op.serve == nil && q.signature.scheme == schemeNone {
		return q.notServed()
	}
	if refusal := a.verify(r, q); refusal != nil {
		return refusal
	}
	if a.tokenGone(q) {
		return tokenExpired()
	}
	if q.op.serve == nil {
		return q.notServed()
	}
	return nil
}

// claim occupies a principal for a write. Two changes of one principal at a time are answered ErrAuthorizationConflict, seen by
// clients of UpdateUserPermissions.
func (a *Account) claim(uid string) *answer {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.busy[uid] {
		return refuse(http.StatusConflict, "ErrAuthorizationConflict", "another change of the permissions of %s is under way", uid)
	}
	a.busy[uid] = true
	return nil
}

func (a *Account) release(uid string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.busy, uid)
}

// wait lets the latency pass and reports whether the client is still there.
func (a *Account) wait(ctx context.Context) bool {
	return pause(ctx, a.options.Latency)
}

// pause lets time pass and reports whether the client is still there.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

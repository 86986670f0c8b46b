package sim

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Faults are a script of what goes wrong, and when. They come from LoadFaults only, and each Account counts for itself.
//
//	faults:
//	  - on: CleanClusterUserPermissions   # an operation, or read, write, any
//	    uid: "200000000000000001"         # optional: only calls about this principal
//	    cluster: c1                       # optional: only calls about this cluster
//	    from: 1                           # default: the n-th call that fits this rule
//	    times: 1                          # default; 0: all from there on
//	    do: throttle                      # see the table
//	    retryAfter: 5s                    # of throttle, optional
//	    explicit: false                   # of denied; true: by a policy that forbids it, not for want of one that allows it
//	    code: ErrorX                      # of error, with status and message
//	    delay: 3s                         # of slow and lag
//
// The first rule that fits and has calls left is applied; the signature is checked all the same.
//
//	do                effect   the client sees
//	throttle          none     the estate's throttling answer
//	error, denied     none     that error; the published denial, with the missing RAM action
//	tokenExpires      none     InvalidSecurityToken.Expired, on this call and all after it with its access key
//	empty500, html502 none     a server's or a proxy's failure
//	redirect          none     302 to another path
//	resetBefore       none     a connection that breaks off
//	hang              none     nothing, until it gives up
//	acceptNothing     none     a success
//	resetAfter        done     a connection that breaks off
//	noContent         done     204
//	truncated         done     half of the body
//	slow              done     the answer, after delay
//	lag               done     the state as it was delay ago (reads)
//	wrongTotal        done     a list that says it has one more
//	repeatPage        done     the first page again
//	certificateOnly   half     a clean that leaves the grants
//	grantsOnly        half     a clean that leaves the certificate
//	takesTooMuch      more     a clean that takes the grants on other clusters along
//	takesAllClusters  more     a clean that takes the all-clusters grant along
type Faults struct{ rules []rule }

// kinds are what a fault can do.
var kinds = []string{"throttle", "error", "denied", "tokenExpires", "empty500", "html502", "redirect", "resetBefore", "hang", "acceptNothing",
	"resetAfter", "noContent", "truncated", "slow", "lag", "wrongTotal", "repeatPage", "certificateOnly", "grantsOnly", "takesTooMuch", "takesAllClusters"}

// rule is one line of the script; fitted counts the calls that fit it.
type rule struct {
	on, uid, cluster    string
	from, times, status int
	do, code, message   string
	delay, retryAfter   time.Duration
	explicit            bool
	fitted              int
}

// LoadFaults reads a script as strictly as an estate is read.
func LoadFaults(name string, data []byte) (*Faults, error) {
	s := &source{name: name}
	top, err := s.document(data)
	if err != nil {
		return nil, err
	}
	script := &Faults{}
	file := s.object(top, "a fault script", "faults")
	file.need("faults")
	for _, n := range file.list("faults") {
		f := s.object(n, "a fault", "on", "uid", "cluster", "from", "times", "do", "code", "status", "message", "delay", "retryAfter",
			"explicit")
		r := rule{on: f.text("on"), cluster: f.optional("cluster", ""), from: f.number("from", 1, 1, 1<<30), times: f.number("times", 1, 0, 1<<30),
			do: f.text("do"), code: f.optionally("code", "ErrorInternal"), status: f.number("status", http.StatusBadRequest, 400, 599),
			message: f.optionally("message", "a fault of the script"), delay: f.duration("delay", time.Second), retryAfter: f.duration("retryAfter", 0),
			explicit: f.flag("explicit", false)}
		if f.nodes["uid"] != nil {
			r.uid = f.uid("uid")
		}
		if r.do != "" && !slices.Contains(kinds, r.do) {
			s.fail(f.nodes["do"], "do must be one of %s", strings.Join(kinds, ", "))
		}
		if r.on != "" && !slices.Contains([]string{"read", "write", "any"}, r.on) && !served(r.on) {
			s.fail(f.nodes["on"], "on must be an operation that is served, or read, write, any")
		}
		script.rules = append(script.rules, r)
	}
	if err := s.err(); err != nil {
		return nil, err
	}
	return script, nil
}

// fault finds the rule for a call and names it in the record.
func (a *Account) fault(q *request) *rule {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i := range a.faults {
		r := &a.faults[i]
		if !r.fits(q) {
			continue
		}
		r.fitted++
		if r.fitted >= r.from && (r.times == 0 || r.fitted < r.from+r.times) {
			q.Fault = r.do
			if r.do == "tokenExpires" {
				a.expired[q.signature.key] = true
			}
			found := *r
			return &found
		}
	}
	return nil
}

func (r *rule) fits(q *request) bool {
	on := r.on == "any" || r.on == q.Operation || r.on == "write" && q.Write || r.on == "read" && !q.Write
	return on && (r.uid == "" || r.uid == q.UID) && (r.cluster == "" || r.cluster == q.Cluster)
}

// instead is what a fault answers in the service's place, nothing being done; nil where the service is asked.
func (a *Account) instead(r *rule, q *request) *answer {
	if r == nil {
		return nil
	}
	switch r.do {
	case "throttle":
		t := a.estate.behaviour.throttle
		out := refuse(t.status, t.code, "Request was denied due to user flow control.")
		out.retryAfter = r.retryAfter
		return out
	case "error":
		return refuse(r.status, r.code, "%s", r.message)
	case "denied":
		if r.explicit {
			return a.denied(q).explicitly()
		}
		return a.denied(q)
	case "tokenExpires":
		return tokenExpired()
	case "acceptNothing":
		out := ok(struct{}{})
		return &out
	case "empty500":
		return raw(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	case "html502":
		return raw(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusBadGateway)
			fmt.Fprint(w, "<html><body><h1>502 Bad Gateway</h1></body></html>")
		})
	case "redirect":
		return raw(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) })
	case "resetBefore":
		return raw(breakOff)
	case "hang":
		return raw(func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			panic(http.ErrAbortHandler)
		})
	}
	return nil
}

// tokenGone reports whether a fault has ended the caller's token.
func (a *Account) tokenGone(q *request) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.expired[q.signature.key]
}

func tokenExpired() *answer {
	return refuse(http.StatusForbidden, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired.")
}

func raw(wire func(http.ResponseWriter, *http.Request)) *answer {
	return &answer{status: http.StatusOK, wire: wire}
}

// breakOff begins an answer and closes the connection. It begins one because a client's transport silently sends a request
// again when a connection that it had kept ends without a byte: the fault would then never be seen.
func breakOff(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "64")
	w.WriteHeader(http.StatusOK)
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// spoil changes the answer of a service that did its work.
func (r *rule) spoil(out answer) answer {
	if r == nil || out.code != "" {
		return out
	}
	switch r.do {
	case "resetAfter":
		out.wire = breakOff
	case "noContent":
		out.wire = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }
	case "truncated":
		text, _ := json.Marshal(out.body) // every body is one of our own structs
		out.wire = func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(text[:len(text)/2]) }
	case "wrongTotal":
		out.body = oneMore(out.body)
	}
	return out
}

// oneMore makes a list claim a row that it does not have: by its total, or by a page to come.
func oneMore(body any) any {
	text, _ := json.Marshal(body)
	var m map[string]any
	if json.Unmarshal(text, &m) != nil {
		return body // a bare array has no total
	}
	for _, key := range []string{"page", "page_info"} {
		if page, is := m[key].(map[string]any); is {
			total, _ := page["total_count"].(float64)
			page["total_count"] = total + 1
		}
	}
	if _, is := m["IsTruncated"]; is {
		m["IsTruncated"] = true
	}
	return m
}

// bend changes the request or the moment that the service answers for, and the work that a clean does. It runs with the lock
// held, before the operation.
func (a *Account) bend(r *rule, q *request) {
	a.staleness = 0
	if r == nil {
		return
	}
	q.twist = r.twist()
	switch r.do {
	case "lag":
		a.staleness = r.delay
	case "repeatPage":
		q.params = maps.Clone(q.params) // the record keeps what was asked
		for _, key := range []string{"page_number", "pageNumber"} {
			if q.params.Get(key) != "" {
				q.params.Set(key, "1")
			}
		}
		q.params.Del("Marker")
	}
}

// twist makes a clean do less or more than it says, at the time at which it does it.
func (r *rule) twist() func(h *holdings, before holdings) {
	switch r.do {
	case "certificateOnly":
		return func(h *holdings, before holdings) { h.grants = before.grants }
	case "grantsOnly":
		return func(h *holdings, before holdings) { h.certificates = before.certificates }
	case "takesTooMuch":
		return takesAlong(func(g Grant) bool { return !g.Owner && !g.AllClusters })
	case "takesAllClusters":
		return takesAlong(func(g Grant) bool { return g.AllClusters })
	}
	return nil
}

func takesAlong(what func(Grant) bool) func(*holdings, holdings) {
	return func(h *holdings, _ holdings) { h.grants = slices.DeleteFunc(h.grants, what) }
}

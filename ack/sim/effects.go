package sim

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
)

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
	case "short":
		q.short = true
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

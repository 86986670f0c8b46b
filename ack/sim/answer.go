package sim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// answer is what an operation says; how it looks on the wire depends on the style of the service.
type answer struct {
	status     int
	body       any // nil: no body at all
	code       string
	message    string
	denied     *accessDenied // of a refusal by RAM
	retryAfter time.Duration // 0: no header, the service is not known to send one

	wire func(http.ResponseWriter, *http.Request) // of a fault: what is sent in place of all this
}

func ok(body any) answer { return answer{status: http.StatusOK, body: body} }

func refuse(status int, code, format string, args ...any) *answer {
	return &answer{status: status, code: code, message: fmt.Sprintf(format, args...)}
}

// notServed is what a gateway says of an operation that does not exist, or does not any more.
func (q *request) notServed() *answer {
	return refuse(http.StatusNotFound, "InvalidAction.NotFound",
		"the simulated account does not serve %s %s (%s)", q.Method, q.Path, q.Operation)
}

// unavailable is a failure of the service that it puts into words.
func unavailable() *answer {
	return refuse(http.StatusInternalServerError, "ServiceUnavailable", "The request has failed due to a temporary failure of the server.")
}

// roaError is the error body of CS. That of a denial says more than others [DOC].
type roaError struct {
	Denied    *accessDenied `json:"accessDeniedDetail,omitempty"`
	Code      string        `json:"code"`
	Message   string        `json:"message"`
	RequestID string        `json:"requestId"`
	Status    int           `json:"status,omitempty"`
}

// rpcError is the error body of RAM and STS.
type rpcError struct {
	Denied    *accessDenied `json:"AccessDeniedDetail,omitempty"`
	Code      string        `json:"Code"`
	Message   string        `json:"Message"`
	RequestID string        `json:"RequestId"`
	HostID    string        `json:"HostId"`
}

// refusal returns the error body of an answer with a code.
func (q *request) refusal(out answer) any {
	if q.service != cs {
		return rpcError{out.denied, out.code, out.message, q.RequestID, string(q.service) + ".aliyuncs.com"}
	}
	e := roaError{Denied: out.denied, Code: out.code, Message: out.message, RequestID: q.RequestID}
	if out.denied != nil {
		e.Status = out.status
	}
	return e
}

func (q *request) write(w http.ResponseWriter, out answer) {
	body := out.body
	if out.code != "" {
		body = q.refusal(out)
	}
	w.Header().Set("x-acs-request-id", q.RequestID)
	if out.retryAfter > 0 {
		seconds := (out.retryAfter + time.Second - 1) / time.Second
		w.Header().Set("Retry-After", strconv.FormatInt(int64(seconds), 10))
	}
	if body == nil {
		w.WriteHeader(out.status)
		return
	}
	writeJSON(w, out.status, body)
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // every body is one of our own structs
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(text) // the client may have gone; there is nobody to tell
}

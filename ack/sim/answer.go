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
	retryAfter time.Duration // 0: no header, the service is not known to send one

	wire func(http.ResponseWriter, *http.Request) // of a fault: what is sent in place of all this
}

func ok(body any) answer { return answer{status: http.StatusOK, body: body} }

func refuse(status int, code, format string, args ...any) *answer {
	return &answer{status: status, code: code, message: fmt.Sprintf(format, args...)}
}

// roaError is the error body of CS.
type roaError struct {
	Code      string `json:"code"`
	Message   string `json:"message"`
	RequestID string `json:"requestId"`
}

// rpcError is the error body of RAM and STS.
type rpcError struct {
	Code      string `json:"Code"`
	Message   string `json:"Message"`
	RequestID string `json:"RequestId"`
	HostID    string `json:"HostId"`
}

func (q *request) write(w http.ResponseWriter, out answer) {
	body := out.body
	if out.code != "" {
		if q.service == cs {
			body = roaError{out.code, out.message, q.RequestID}
		} else {
			body = rpcError{out.code, out.message, q.RequestID, string(q.service) + ".aliyuncs.com"}
		}
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

package sim

import "net/http"

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

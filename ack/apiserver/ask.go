package apiserver

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/http/httptrace"
	"regexp"
	"slices"
	"strconv"
	"sync/atomic"
)

// maxBody is far more than the rules of anybody need.
const maxBody = 8 << 20

// said is what an answer comes to.
type said string

const (
	answered     said = "answered"     // with a review of the kind that was asked for
	unauthorized said = "unauthorized" // the API server does not know the credential
	forbidden    said = "forbidden"    // it does, as nobody who may ask this
	notServed    said = "not served"   // it does not know the question
	nothing      said = "nothing"      // no answer that proves anything
)

// answer is one answer.
type answer struct {
	said said
	user string // of a refusal: whom the server takes the asker for
	why  string // of anything but an answer

	stranger bool // the server's own certificate is not what the file asks for
}

// status is how an API server says no. A proxy's 401 or 403 has no such body.
type status struct {
	Kind    string `json:"kind"`
	Version string `json:"apiVersion"`
	Status  string `json:"status"`
	Message string `json:"message"`
	Reason  string `json:"reason"`
	Code    int    `json:"code"`
}

// ask puts one question. A connection that breaks when the handshake is over
// is tried again: a server that sends the certificate away may be too quick for
// its alert to be read.
func (l *Leaked) ask(ctx context.Context, path string, question []byte, kind string, into any) answer {
	var a answer
	for range 3 {
		var broken bool
		if a, broken = l.once(ctx, path, question, kind, into); !broken {
			break
		}
	}
	return a
}

func (l *Leaked) once(ctx context.Context, path string, question []byte, kind string, into any) (a answer, broken bool) {
	ctx, cancel := context.WithTimeout(ctx, l.wait)
	defer cancel()
	var shaken atomic.Pointer[tls.ConnectionState] // a dial may outlive the question that it was made for
	trace := &httptrace.ClientTrace{TLSHandshakeDone: func(s tls.ConnectionState, err error) {
		if err == nil {
			shaken.Store(&s)
		}
	}}
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, trace), http.MethodPost, l.server.String()+path,
		bytes.NewReader(question))
	if err != nil {
		return answer{said: nothing, why: "the question could not be put: " + err.Error()}, false
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "ackrevoke")
	res, err := l.http.Do(req)
	if err != nil {
		secure := shaken.Load()
		if why, rejected := sentAway(err, secure); rejected {
			return answer{said: unauthorized, why: why}, false
		}
		var verification *tls.CertificateVerificationError
		return answer{said: nothing, why: noAnswer(ctx, err), stranger: errors.As(err, &verification)}, secure != nil && ctx.Err() == nil
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxBody+1))
	switch {
	case err != nil:
		return answer{said: nothing, why: "the answer ended early: " + noAnswer(ctx, err)}, false
	case len(body) > maxBody:
		return answer{said: nothing, why: fmt.Sprintf("the answer is larger than %d MiB", maxBody>>20)}, false
	}
	return hear(res.StatusCode, res.Header.Get("Content-Type"), body, kind, into), false
}

// hear reads one answer. Only what an API server says in its own form counts.
func hear(code int, contentType string, body []byte, kind string, into any) answer {
	media, _, _ := mime.ParseMediaType(contentType)
	if media != "application/json" {
		return answer{said: nothing, why: fmt.Sprintf("HTTP %d of type %s is not how an API server answers", code,
			short(strconv.Quote(contentType)))}
	}
	var head struct {
		Kind string `json:"kind"`
	}
	if err := json.Unmarshal(body, &head); err != nil {
		return answer{said: nothing, why: fmt.Sprintf("HTTP %d with a body that is no object of Kubernetes", code)}
	}
	if (code == http.StatusOK || code == http.StatusCreated) && head.Kind == kind {
		if err := json.Unmarshal(body, into); err != nil {
			return answer{said: nothing, why: fmt.Sprintf("a %s that cannot be read", kind)}
		}
		return answer{said: answered}
	}
	var s status
	readable := json.Unmarshal(body, &s) == nil
	genuine := readable && s.Kind == "Status" && s.Version == "v1" && s.Status == "Failure" && s.Code == code
	why := fmt.Sprintf("HTTP %d: %s", code, short(s.Message))
	switch {
	case genuine && code == http.StatusUnauthorized && s.Reason == "Unauthorized":
		return answer{said: unauthorized, why: why}
	case genuine && code == http.StatusForbidden && s.Reason == "Forbidden":
		return answer{said: forbidden, user: refused(s.Message), why: why}
	case genuine && code == http.StatusNotFound && s.Reason == "NotFound":
		return answer{said: notServed, why: why}
	case genuine:
		return answer{said: nothing, why: why}
	}
	return answer{said: nothing, why: fmt.Sprintf("HTTP %d with a body that an API server does not send", code)}
}

// refusal is how RBAC says no, and the only way in which a server older than
// 1.28 says whom it takes the asker for: who may ask is judged before whether
// the question is known.
var refusal = regexp.MustCompile(`: User "([^"]+)" cannot [a-z]+ resource `)

func refused(message string) string {
	if m := refusal.FindStringSubmatch(message); m != nil {
		return m[1]
	}
	return ""
}

// alerts are those of a server about the certificate that it was shown, as
// crypto/tls words them.
var alerts = []string{
	"tls: bad certificate", "tls: unsupported certificate", "tls: revoked certificate", "tls: expired certificate",
	"tls: unknown certificate", "tls: unknown certificate authority",
}

// sentAway reports whether the server ended the connection over the
// certificate. A real API server never does, it answers 401; something strict
// in front of it may. Only an alert after the handshake will do, as TLS 1.3 has
// it: then it is the verified server that speaks. Before that, and so always
// in TLS 1.2, it could be anybody on the way.
func sentAway(err error, secure *tls.ConnectionState) (why string, rejected bool) {
	var op *net.OpError
	if secure == nil || !errors.As(err, &op) || op.Op != "remote error" {
		return "", false
	}
	alert := op.Err.Error()
	return "the server ended the connection: " + alert, slices.Contains(alerts, alert)
}

// noAnswer words an error of the way there.
func noAnswer(ctx context.Context, err error) string {
	var verification *tls.CertificateVerificationError
	switch {
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(ctx.Err(), context.DeadlineExceeded):
		return "no answer in time"
	case errors.Is(err, context.Canceled):
		return "it was interrupted"
	case errors.As(err, &verification):
		return "the server could not prove who it is: " + short(verification.Err.Error())
	}
	// The URL is said elsewhere.
	if inner := errors.Unwrap(err); inner != nil {
		err = inner
	}
	return short(err.Error())
}

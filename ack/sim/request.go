package sim

import (
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// request is a call on its way through the account.
type request struct {
	*Call
	caller  caller
	service service
	op      operation
	params  url.Values // the query, and for RPC the form too
	body    []byte
	task    string // the id in the path

	signature signature
	short     bool                               // of a fault: a list of clusters loses its last one
	twist     func(h *holdings, before holdings) // of a fault: what a write does besides, or does not; nil: nothing
}

// action is the RAM action that the caller needs; not every operation is called like its own.
func (q *request) action() string {
	return first(q.op.action, string(q.service)+":"+q.Operation)
}

// identify finds the operation. CS is routed by method and path; the x-acs-action header it also carries is not asked, as in
// ROA style the path is the operation. RAM and STS share the path "/" and are told apart by their version. A parameter
// counts before a header, which the RPC signature does not cover.
func (a *Account) identify(r *http.Request, body []byte) *request {
	query := r.URL.Query()
	q := &request{Call: &Call{Method: r.Method, Path: r.URL.Path, Query: query}, params: query, body: body}
	all := merge(query, form(r, body))
	switch version := first(all.Get("Version"), r.Header.Get("x-acs-version")); {
	case version == "2015-05-01":
		q.service = ram
	case version == "2015-04-01":
		q.service = sts
	default:
		q.service = cs
		q.signature = readSignature(r, nil)
	}
	if q.service != cs {
		q.params, q.signature = all, readSignature(r, all)
	}
	q.Signature = q.signature.scheme
	of, _ := a.holder(q.signature.key)
	q.caller = of.who
	if q.Operation = first(all.Get("Action"), r.Header.Get("x-acs-action")); q.service == cs {
		a.route(r, q)
		return q
	}
	for _, op := range rpcOperations[q.service] {
		if op.name == q.Operation && r.URL.Path == "/" {
			q.op = op
		}
	}
	return q
}

// form reads the parameters in a body, none where the body is something else.
func form(r *http.Request, body []byte) url.Values {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/x-www-form-urlencoded" {
		return nil
	}
	values, _ := url.ParseQuery(string(body)) // what cannot be read is a parameter that was not sent
	return values
}

// route finds the operation of CS by method and path, and what it is about.
func (a *Account) route(r *http.Request, q *request) {
	q.Write = r.Method != http.MethodGet && r.Method != http.MethodHead
	for _, op := range csOperations {
		method, path, _ := strings.Cut(op.at, " ")
		vars, fits := match(path, rawPath(r))
		if !fits || method != r.Method {
			continue
		}
		q.op, q.Operation, q.Write = op, op.name, op.write
		q.Region, q.Cluster, q.UID, q.task = vars["{region}"], vars["{cluster}"], vars["{uid}"], vars["{task}"]
		if op.own {
			q.UID = q.caller.uid
		}
	}
}

// match compares a path with a pattern, segment by segment; a segment may hold an escaped slash.
func match(pattern, path string) (map[string]string, bool) {
	want, have := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(have) {
		return nil, false
	}
	vars := make(map[string]string)
	for i := range want {
		segment, err := url.PathUnescape(have[i])
		switch {
		case err != nil || (segment == "" && want[i] != ""):
			return nil, false
		case strings.HasPrefix(want[i], "{"):
			vars[want[i]] = segment
		case want[i] != segment:
			return nil, false
		}
	}
	return vars, true
}

// rawPath is the path as it was sent, which is also how it was signed.
func rawPath(r *http.Request) string {
	path, _, _ := strings.Cut(r.RequestURI, "?")
	if path == "" || !strings.HasPrefix(path, "/") {
		return r.URL.EscapedPath()
	}
	return path
}

func first(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

func merge(a, b url.Values) url.Values {
	out := make(url.Values, len(a)+len(b))
	for _, values := range []url.Values{a, b} {
		for key, list := range values {
			out[key] = append(out[key], list...)
		}
	}
	return out
}

package ack

import (
	"errors"
	"fmt"
	"strings"
)

// failure is why there are no keys, and what to do about it.
type failure struct {
	what, hint string
	spoilt     bool // a value that cannot be meant: nobody else is asked
}

func (f *failure) Error() string { return f.what }

func failed(hint, format string, a ...any) *failure {
	return &failure{what: fmt.Sprintf(format, a...), hint: hint}
}

// refusals are the providers that gave nothing. The first one that is
// configured is told of: what somebody set up is what they want to have work.
type refusals struct {
	first, lone *failure
	later       []string
}

// add takes one in; it reports whether no other provider is to be asked.
func (r *refusals) add(name, title string, configured bool, err error) (stop bool) {
	var f *failure
	if !errors.As(err, &f) {
		f = failed("", "%v", err)
	}
	told := &failure{what: title + ": " + f.what, hint: f.hint}
	switch {
	case r.first == nil && configured:
		r.first = told
	case r.first == nil:
		r.lone = told
	case f.spoilt:
		r.first.what += "; then " + told.what
	case configured:
		r.later = append(r.later, name)
	}
	return f.spoilt
}

func (r *refusals) sum() *failure {
	switch {
	case r.first != nil && len(r.later) > 0:
		return failed(r.first.hint, "%s; after it failed too: %s", r.first.what, strings.Join(r.later, ", "))
	case r.first != nil:
		return r.first
	case r.lone != nil:
		return failed("", "no provider of the chain is configured, and the last resort gives nothing: %s", r.lone.what)
	}
	return failed("", "no provider of the chain is configured")
}

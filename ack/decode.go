package ack

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"ackrevoke/policy"
)

// decode reads a good answer into out. What is no JSON of the expected shape
// was no answer of the service: the fault is "unavailable", so a read is
// repeated and never taken for an empty list.
func decode(op operation, host string, a answer, out any) *policy.Fault {
	if op.answer == nothing || out == nil {
		return nil
	}
	// An earlier attempt may have left half an answer behind, and encoding/json
	// would fill what is absent now with what was there then.
	reflect.ValueOf(out).Elem().SetZero()
	said, _ := hear(a)
	first := byte('{')
	if op.answer == array {
		first = '['
	}
	body := bytes.TrimSpace(a.body)
	err := fmt.Errorf("it does not begin with %q", first)
	if len(body) > 0 && body[0] == first {
		err = json.Unmarshal(body, out)
	}
	if err == nil {
		return nil
	}
	return &policy.Fault{Op: op.name, Kind: policy.Unavailable, Status: a.status, RequestID: said.requestID, Sent: true,
		Message: fmt.Sprintf("%s gave an answer that is not the expected JSON: %v", host, err)}
}

// nonsense is the fault of an answer that contradicts itself or leaves out
// what it must have. It is a failed read, whatever else the answer says.
func nonsense(op operation, format string, a ...any) error {
	return &policy.Fault{Op: op.name, Kind: policy.Unavailable, Status: 200, Sent: true,
		Message: shorten(scrub("contradictory answer: "+fmt.Sprintf(format, a...), nil), 512)}
}

// The types below take what interfaces of this age send for one meaning.
// A value that none of them knows fails the read: it is never a guess.

// digits is an id: a string, or a number of which no digit is lost.
type digits string

func (d *digits) UnmarshalJSON(raw []byte) error {
	if raw[0] == '"' || string(raw) == "null" {
		return json.Unmarshal(raw, (*string)(d))
	}
	for _, b := range raw {
		if b < '0' || b > '9' {
			return fmt.Errorf("%s is no id", shorten(string(raw), 40))
		}
	}
	*d = digits(raw)
	return nil
}

// flag is 0 or 1, true or false, in quotes or not; absent means no.
type flag bool

func (f *flag) UnmarshalJSON(raw []byte) error {
	switch string(bytes.Trim(raw, `"`)) {
	case "1", "true":
		*f = true
	case "0", "false", "", "null":
		*f = false
	default:
		return fmt.Errorf("%s is neither 0 nor 1", shorten(string(raw), 40))
	}
	return nil
}

// moment is a time; zero where there is none that can be read.
type moment struct{ time.Time }

func (m *moment) UnmarshalJSON(raw []byte) error {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return nil
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		m.Time = t.UTC()
	}
	return nil
}

// total is a count that a listing states about itself.
type total struct {
	stated bool
	n      int
}

func (t *total) UnmarshalJSON(raw []byte) error {
	if string(raw) == "null" {
		return nil
	}
	n, err := strconv.ParseUint(string(bytes.Trim(raw, `"`)), 10, 31)
	if err != nil {
		return fmt.Errorf("%s is no count", shorten(string(raw), 40))
	}
	t.stated, t.n = true, int(n)
	return nil
}

// rows is a list of which it is known whether the answer had it at all.
type rows[T any] struct {
	stated bool
	list   []T
}

func (r *rows[T]) UnmarshalJSON(raw []byte) error {
	r.stated = true
	return json.Unmarshal(raw, &r.list)
}

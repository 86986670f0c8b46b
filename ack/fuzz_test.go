package ack

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"ackrevoke/policy"
)

var odd = []string{"", "null", "{}", "[]", `{"code":"ErrorClusterNotFound"}`, `{"Code":"EntityNotExist.User","Message":"x"}`,
	"<html>404</html>",
	`{"code":"Throttling.User"}`, `{"code":{"a":1}}`, `{"code":"InvalidAccessKeyId.NotFound"}`, "{\"code\":\"\xff\"}", `{"a":`}

// Whatever comes back: a fault is whole, "gone" needs the service's own word,
// and only a JSON answer of the right status is good.
func FuzzClassify(f *testing.F) {
	for i, body := range odd {
		for _, status := range []int{200, 204, 302, 400, 403, 404, 429, 500} {
			f.Add(i, status, body, "")
		}
	}
	for i := range operations {
		f.Add(i, 404, `{"Code":"EntityNotExist"}`, "")
	}
	f.Fuzz(func(t *testing.T, n, status int, body, id string) {
		op := operations[uint(n)%uint(len(operations))]
		a := answer{status: status, header: http.Header{"X-Acs-Request-Id": {id}}, body: []byte(body)}
		fault := (&Client{keys: &keyring{}}).tidy(classify(op, "host", a))
		if fault == nil {
			if status < 200 || status > 299 || !json.Valid(a.body) && !op.write {
				t.Fatalf("%d %q is good", status, body)
			}
			return
		}
		if fault.Kind == "" || fault.Op == "" || fault.Message == "" || fault.Status != status || !fault.Sent {
			t.Fatalf("incomplete: %+v", fault)
		}
		if utf8.RuneCountInString(fault.Message) > 512 || !utf8.ValidString(fault.Message) || !utf8.ValidString(fault.Code) ||
			!utf8.ValidString(fault.RequestID) {
			t.Fatalf("not fit to print: %+v", fault)
		}
		if fault.Kind == policy.NotFound {
			says := strings.Contains(fault.Code, "NotFound") || strings.HasPrefix(fault.Code, "EntityNotExist")
			names := strings.Contains(op.path, "{") || op.payload || slices.Contains(op.query, "UserName")
			if !json.Valid(a.body) || !says || !names || status >= 500 || status == 403 {
				t.Fatalf("garbage is absent: %d %q", status, body)
			}
		}
		if wait, _ := retryAfter(http.Header{"Retry-After": {id}}, time.Now()); wait < 0 || wait > retryAfterMax {
			t.Fatalf("waits %v for %q", wait, id)
		}
	})
}

// read runs one decoder the way call does, without the wire.
func read(op operation, body string, out any) *policy.Fault {
	a := answer{status: 200, header: http.Header{}, body: []byte(body)}
	if f := classify(op, "host", a); f != nil {
		return f
	}
	return decode(op, "host", a, out)
}

// An empty list of grants is believed only if the answer is an empty list, and
// no row is lost on the way.
func FuzzDecodeGrants(f *testing.F) {
	for _, s := range append([]string{
		`[{"resource_id":"c1","resource_type":"cluster","role_type":"dev","is_owner":0}]`,
		`[{"resource_id":"c1/ns","resource_type":"namespace","role_name":"x","role_type":"custom","is_owner":"1","is_ram_role":true}]`,
		`[{"resource_id":"all-clusters","resource_type":"console","role_type":"admin"}]`, `[null]`, `[[]]`, `[{}]`,
	}, odd...) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		var got []grantRow
		if read(describeUserPermission, body, &got) != nil {
			return
		}
		var plain []json.RawMessage
		if json.Unmarshal([]byte(body), &plain) != nil || plain == nil || len(plain) != len(got) {
			t.Fatalf("%d rows out of %q", len(got), body)
		}
		for _, r := range got {
			g, ok := r.grant()
			fits := map[policy.GrantScope]bool{
				policy.OnCluster:     g.Cluster != "" && g.Namespace == "",
				policy.OnNamespace:   g.Cluster != "" && g.Namespace != "",
				policy.OnAllClusters: g.Cluster == "" && g.Namespace == "",
			}
			if ok && !fits[g.Scope] {
				t.Fatalf("%+v became %+v", r, g)
			}
		}
	})
}

// No digit of an id is lost.
func FuzzDecodeDigits(f *testing.F) {
	for _, s := range []string{`"200000000000000001"`, `200000000000000001`, `1e3`, `-1`, `1.0`, `null`, `""`, `true`, `[]`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		var d digits
		if json.Unmarshal([]byte(raw), &d) != nil {
			return
		}
		var s *string
		var n json.Number
		switch {
		case json.Unmarshal([]byte(raw), &s) == nil:
			if s != nil && *s != string(d) || s == nil && d != "" {
				t.Fatalf("%q from %s", d, raw)
			}
		case json.Unmarshal([]byte(raw), &n) == nil:
			if n.String() != string(d) {
				t.Fatalf("%q from %s", d, raw)
			}
		default:
			t.Fatalf("%q from %s", d, raw)
		}
	})
}

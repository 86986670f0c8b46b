package policy

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// FuzzLoad: whatever the bytes are, there is either a policy that keeps the
// promises of its types and that the published schema accepts too, or a list
// of problems that can be shown, each at a place.
func FuzzLoad(f *testing.F) {
	for _, kind := range []string{"good", "bad"} {
		for _, file := range policies(f, kind, 8) {
			f.Add(contents(f, file))
		}
	}
	published := compiled(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Load("p", data)
		if err != nil {
			checkProblems(t, p, err)
			return
		}
		checkPolicy(t, p)
		again, err := Load("p", data)
		if err != nil {
			t.Fatalf("loaded once, then: %v", err)
		}
		if diff := cmp.Diff(p, again, same); diff != "" {
			t.Errorf("two readings of the same bytes differ:\n%s", diff)
		}
		value, err := generic(data)
		if err != nil {
			t.Fatal(err)
		}
		if err := published.Validate(value); err != nil {
			t.Errorf("loaded, but the schema refuses it: %v", err)
		}
	})
}

func checkProblems(t *testing.T, p *Policy, err error) {
	t.Helper()
	var problems Errors
	if p != nil || !errors.As(err, &problems) || len(problems) == 0 {
		t.Fatalf("policy %+v with error %v", p, err)
	}
	for i, q := range problems {
		if q.File != "p" || q.Line < 1 || q.Column < 1 || q.Message == "" {
			t.Errorf("problem without a place or a message: %+v", q)
		}
		if !utf8.ValidString(q.Message) || strings.ContainsFunc(q.Message, control) || strings.Contains(q.Message, "\n") {
			t.Errorf("message that cannot be shown: %q", q.Message)
		}
		if i > 0 && (q.Line < problems[i-1].Line || q.Line == problems[i-1].Line && q.Column < problems[i-1].Column) {
			t.Errorf("out of order: %v after %v", q, problems[i-1])
		}
	}
}

func checkPolicy(t *testing.T, p *Policy) {
	t.Helper()
	id := func(s string) bool { return s != "" && len(s) <= 32 && strings.Trim(s, "0123456789") == "" }
	if !id(p.Account) || p.Location == nil {
		t.Errorf("account %q, location %v", p.Account, p.Location)
	}
	if p.Guards.MaxPrincipals < 0 || p.Guards.MaxRevocations < 0 || p.Guards.MaxCompromised < 0 {
		t.Errorf("negative cap: %+v", p.Guards)
	}
	if n := p.Scope.MinClusters; n != nil && *n < 0 {
		t.Errorf("minClusters %d", *n)
	}
	if r := p.Guards.Raise; r != nil && r.Until.IsZero() {
		t.Error("raise without end")
	}
	for _, a := range p.Accepted {
		if a.Until.IsZero() || a.Why == "" || a.Line < 1 || a.What != LeftAllClusters && a.UID == "" && a.Cluster == "" {
			t.Errorf("accepted row: %+v", a)
		}
	}
	seen := map[string]bool{}
	for _, q := range p.Principals {
		if !id(q.UID) || seen[q.UID] || q.Line < 1 {
			t.Errorf("uid %q on line %d", q.UID, q.Line)
		}
		seen[q.UID] = true
		switch {
		case q.Kind != User && q.Kind != Role:
			t.Errorf("kind %q", q.Kind)
		case q.Reason == Departed && q.Pinned():
			t.Errorf("departed with pins: %+v", q)
		case q.Reason == Compromised && !q.Pinned() && q.Until.IsZero():
			t.Errorf("compromised with neither: %+v", q)
		case q.Reason != Departed && q.Reason != Compromised:
			t.Errorf("reason %q", q.Reason)
		case !q.Until.IsZero() && !q.Effective.Before(q.Until):
			t.Errorf("never in effect: %+v", q)
		}
		for _, pin := range q.Pins {
			if pin.Cluster == "" || pin.Expires.IsZero() || pin.Line < 1 {
				t.Errorf("pin: %+v", pin)
			}
		}
	}
	for _, g := range p.Guards.Protect {
		if (g.UID == "") == (g.Name == "") || seen[g.UID] {
			t.Errorf("protect row: %+v", g)
		}
	}
}

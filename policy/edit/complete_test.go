package edit

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/policy"
)

var (
	born   = time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	c1pin  = policy.Pin{Cluster: "c1", Expires: time.Date(2028, 9, 10, 11, 12, 13, 0, time.UTC)}
	c2pin  = policy.Pin{Cluster: "c2", Expires: time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC)}
	zweite = Change{UID: "1", Name: "eve", CreatedAt: born}
)

func TestComplete(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		changes   []Change
		old, want string
	}{
		{"a block", []Change{zweite},
			"principals:\n  - uid: \"1\" # eve\n    reason: departed\n",
			"principals:\n  - uid: \"1\" # eve\n    name: eve\n    createdAt: 2024-05-06T07:08:09Z\n    reason: departed\n"},
		{"a block with a name", []Change{{UID: "1", CreatedAt: born}},
			"principals:\n  - uid: \"1\"\n    name: 'eve' # our eve\n    reason: departed\n",
			"principals:\n  - uid: \"1\"\n    name: 'eve' # our eve\n    createdAt: 2024-05-06T07:08:09Z\n    reason: departed\n"},
		{"a role, the uid last and without a line end", []Change{{UID: "1", Kind: policy.Role, CreatedAt: born}},
			"principals:\n- reason: departed\n  uid: \"1\"",
			"principals:\n- reason: departed\n  uid: \"1\"\n  kind: role\n  createdAt: 2024-05-06T07:08:09Z"},
		{"braces", []Change{zweite},
			"principals:\n  - {uid: \"1\", reason: departed} # eve\n",
			"principals:\n  - {uid: \"1\", name: eve, createdAt: 2024-05-06T07:08:09Z, reason: departed} # eve\n"},
		{"braces with a name", []Change{{UID: "1", CreatedAt: born}},
			"principals: [{uid: '1', name: eve , reason: departed}]\n",
			"principals: [{uid: '1', name: eve, createdAt: 2024-05-06T07:08:09Z , reason: departed}]\n"},
		{"JSON", []Change{zweite},
			"\"principals\": [{\"uid\": \"1\", \"reason\": \"departed\"}]\n",
			"\"principals\": [{\"uid\": \"1\", \"name\": \"eve\", \"createdAt\": \"2024-05-06T07:08:09Z\", \"reason\": \"departed\"}]\n"},
		{"several", []Change{{UID: "3", CreatedAt: born}, zweite},
			"principals:\n  - uid: \"1\"\n    reason: departed\n  - {uid: \"2\", reason: departed}\n  - {uid: \"3\", reason: departed}\n  - uid: " +
				"\"4\"\n    reason: departed\n",
			"principals:\n  - uid: \"1\"\n    name: eve\n    createdAt: 2024-05-06T07:08:09Z\n    reason: departed\n  - {uid: \"2\", reason: " +
				"departed}\n  - {uid: \"3\", createdAt: 2024-05-06T07:08:09Z, reason: departed}\n  - uid: \"4\"\n    reason: departed\n"},
		{"two beside each other, and one far below", []Change{{UID: "1", CreatedAt: born}, {UID: "2", CreatedAt: born},
			{UID: "9", CreatedAt: born}},
			"principals:\n  - {uid: \"1\", reason: departed}\n  # x\n  - {uid: \"2\", reason: departed}\n" + strings.Repeat("  # y\n", 12) +
				"  - uid: \"9\"\n    reason: departed\n",
			"principals:\n  - {uid: \"1\", createdAt: 2024-05-06T07:08:09Z, reason: departed}\n  # x\n  - {uid: \"2\", createdAt: " +
				"2024-05-06T07:08:09Z, reason: departed}\n" + strings.Repeat("  # y\n", 12) +
				"  - uid: \"9\"\n    createdAt: 2024-05-06T07:08:09Z\n    reason: departed\n"},
		{"pins beside until", []Change{{UID: "1", CreatedAt: born, Pins: []policy.Pin{c1pin, c2pin}}},
			"principals:\n  - uid: \"1\"\n    reason: compromised\n    until: 2026-12-01 # soon\n    ticket: X\n",
			"principals:\n  - uid: \"1\"\n    createdAt: 2024-05-06T07:08:09Z\n    reason: compromised\n    until: 2026-12-01 # soon\n    " +
				"certificates:\n      - {cluster: c1, expires: 2028-09-10T11:12:13Z}\n      - {cluster: c2, expires: 2029-01-01T00:00:00Z}\n    " +
				"ticket: X\n"},
		{"pins beside until in braces", []Change{{UID: "1", Pins: []policy.Pin{c1pin}}},
			"principals:\n  - {uid: \"1\", reason: compromised, until: 2026-12-01}\n",
			"principals:\n  - {uid: \"1\", reason: compromised, until: 2026-12-01, certificates: [{cluster: c1, expires: 2028-09-10T11:12:13Z}]}\n"},
		{"pins beside pins", []Change{{UID: "1", Pins: []policy.Pin{c1pin, c2pin}}},
			"principals:\n  - uid: \"1\"\n    reason: compromised\n    certificates:\n      - cluster: c0\n        expires: " +
				"2028-01-01T00:00:00Z\n      # more to come\n    ticket: X\n",
			"principals:\n  - uid: \"1\"\n    reason: compromised\n    certificates:\n      - cluster: c0\n        expires: " +
				"2028-01-01T00:00:00Z\n      - {cluster: c1, expires: 2028-09-10T11:12:13Z}\n      - {cluster: c2, expires: 2029-01-01T00:00:00Z}\n " +
				"     # more to come\n    ticket: X\n"},
		{"pins beside pins in brackets", []Change{{UID: "1", Pins: []policy.Pin{c1pin, c2pin}}},
			"principals:\n  - {uid: \"1\", reason: compromised, certificates: [{cluster: c0, expires: 2028-01-01T00:00:00Z}]}\n",
			"principals:\n  - {uid: \"1\", reason: compromised, certificates: [{cluster: c0, expires: 2028-01-01T00:00:00Z}, {cluster: c1, " +
				"expires: 2028-09-10T11:12:13Z}, {cluster: c2, expires: 2029-01-01T00:00:00Z}]}\n"},
		{"a name over lines", []Change{{UID: "1", CreatedAt: born}},
			"principals:\n  - uid: \"1\"\n    name: >-\n      eve\n    reason: departed\n",
			"principals:\n  - uid: \"1\"\n    createdAt: 2024-05-06T07:08:09Z\n    name: >-\n      eve\n    reason: departed\n"},
		{"handed over", []Change{zweite, {UID: "2", CreatedAt: born}},
			"principals:\n  - ? uid\n    : \"1\"\n    ? reason\n    : departed\n  - ? uid\n    : >-\n      2\n    ? reason\n    : departed\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, eol := range []string{"\n", "\r\n"} {
				old := strings.ReplaceAll(head+c.old, "\n", eol)
				e, err := Complete("p.yaml", []byte(old), c.changes)
				if c.want == "" {
					if err == nil {
						t.Fatalf("%s", e.New)
					}
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(strings.ReplaceAll(head+c.want, "\n", eol), string(e.New)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				checkEdit(t, old, e, false)
			}
		})
	}
}

func TestCompleteRefuses(t *testing.T) {
	t.Parallel()
	old := head + "principals:\n  - {uid: \"1\", name: eve, reason: departed}\n  - ? uid\n    : \"2\"\n    ? reason\n    : departed\n"
	if _, err := Complete("p.yaml", []byte(old), []Change{{UID: "9", CreatedAt: born}}); err == nil ||
		!strings.Contains(err.Error(), "no entry for 9") {
		t.Errorf("nobody: %v", err)
	}
	for name, c := range map[string]Change{
		"a name that is there": {UID: "1", Name: "adam"},
		"pins for a departed":  {UID: "1", Pins: []policy.Pin{c1pin}},
	} {
		var by *ByHand
		if _, err := Complete("p.yaml", []byte(old), []Change{c}); !errors.As(err, &by) || by.Text == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Nothing to do is a change of nothing.
	if e, err := Complete("p.yaml", []byte(old), nil); err != nil || string(e.New) != old || e.Diff("p.yaml") != "" {
		t.Errorf("nothing: %v", err)
	}
}

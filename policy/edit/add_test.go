package edit

import (
	"errors"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/policy"
)

const head = "version: 1\naccount: \"1\"\n"

var newcomer = Entry{UID: "5", Kind: policy.User, Name: "eve", CreatedAt: time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC),
	Reason: policy.Departed, Ticket: "HR-1"}

// layouts are lists as people write them, and where a new entry goes.
var layouts = []struct{ name, old, want string }{
	{"sorted, at its place, above the comment of the next",
		"principals:\n  # one\n  - uid: \"1\"\n    reason: departed\n\n  # nine\n  - uid: \"9\"\n    reason: departed\n",
		"principals:\n  # one\n  - uid: \"1\"\n    reason: departed\n\n  - uid: \"5\"\n    kind: user\n    name: eve\n    createdAt: " +
			"2024-05-06T07:08:09Z\n    reason: departed\n    ticket: HR-1\n\n  # nine\n  - uid: \"9\"\n    reason: departed\n"},
	{"not sorted, at the end, above what follows",
		"principals:\n  - uid: \"9\"\n    reason: departed # last week\n  - uid: \"1\"\n    reason: departed # this week\n    # note: " +
			"nothing\n\n# the end of the list\naccepted: []\n",
		"principals:\n  - uid: \"9\"\n    reason: departed # last week\n  - uid: \"1\"\n    reason: departed # this week\n    # note: " +
			"nothing\n  - uid: \"5\"\n    kind: user\n    name: eve\n    createdAt: 2024-05-06T07:08:09Z\n" +
			"    reason: departed\n    ticket: " +
			"HR-1\n\n# the end of the list\naccepted: []\n"},
	{"before all, below the key",
		"principals: # whoever left\n- uid: \"7\"\n  reason: departed\n",
		"principals: # whoever left\n- uid: \"5\"\n  kind: user\n  name: eve\n  createdAt: 2024-05-06T07:08:09Z\n  reason: departed\n  " +
			"ticket: HR-1\n- uid: \"7\"\n  reason: departed\n"},
	{"a line each",
		"principals:\n  - {uid: \"1\", reason: departed}\n  - {uid: \"9\", reason: departed}\n",
		"principals:\n  - {uid: \"1\", reason: departed}\n  - {uid: \"5\", kind: user, name: eve, createdAt: 2024-05-06T07:08:09Z, reason: " +
			"departed, ticket: HR-1}\n  - {uid: \"9\", reason: departed}\n"},
	{"wide dashes",
		"principals:\n    -   uid: \"1\"\n        reason: departed\n",
		"principals:\n    -   uid: \"1\"\n        reason: departed\n    -   uid: \"5\"\n        kind: user\n        name: eve\n        " +
			"createdAt: 2024-05-06T07:08:09Z\n        reason: departed\n        ticket: HR-1\n"},
	{"empty", "principals: []  # nobody yet\nscope: {}\n",
		"principals:  # nobody yet\n  - uid: \"5\"\n    kind: user\n    name: eve\n    createdAt: 2024-05-06T07:08:09Z\n" +
			"    reason: " +
			"departed\n    ticket: HR-1\nscope: {}\n"},
	{"empty, and the end of the file", "principals: []",
		"principals:\n  - uid: \"5\"\n    kind: user\n    name: eve\n    createdAt: 2024-05-06T07:08:09Z\n" +
			"    reason: departed\n    ticket: HR-1"},
	{"empty, on a line of its own", "principals:\n  [ ]\n",
		"principals:\n  [{uid: \"5\", kind: user, name: eve, createdAt: 2024-05-06T07:08:09Z, reason: departed, ticket: HR-1} ]\n"},
	{"no last line end", "principals:\n  - uid: \"1\"\n    reason: departed",
		"principals:\n  - uid: \"1\"\n    reason: departed\n  - uid: \"5\"\n    kind: user\n    name: eve\n    createdAt: " +
			"2024-05-06T07:08:09Z\n    reason: departed\n    ticket: HR-1"},
	{"one line", "principals: [{uid: \"1\", reason: departed}, {uid: \"9\", reason: departed, note: \"a } b\"}]\n",
		"principals: [{uid: \"1\", reason: departed}, {uid: \"5\", kind: user, name: eve, createdAt: 2024-05-06T07:08:09Z, reason: departed, " +
			"ticket: HR-1}, {uid: \"9\", reason: departed, note: \"a } b\"}]\n"},
	{"one line, before all", "principals: [ {uid: \"9\", reason: departed} ]\n",
		"principals: [ {uid: \"5\", kind: user, name: eve, createdAt: 2024-05-06T07:08:09Z, reason: departed, ticket: HR-1}, {uid: \"9\", " +
			"reason: departed} ]\n"},
	{"brackets over lines, last comma, comments",
		"principals: [\n  {uid: \"1\", reason: departed}, # one\n  {uid: \"2\", reason: departed}, # two\n]\n",
		"principals: [\n  {uid: \"1\", reason: departed}, # one\n  {uid: \"2\", reason: departed}, # two\n  {uid: \"5\", kind: user, name: " +
			"eve, createdAt: 2024-05-06T07:08:09Z, reason: departed, ticket: HR-1},\n]\n"},
	{"brackets over lines, no last comma",
		"principals: [\n  {uid: \"1\", reason: departed}, # one\n  {uid: \"2\", reason: departed} # two\n]\n",
		"principals: [\n  {uid: \"1\", reason: departed}, # one\n  {uid: \"2\", reason: departed}, # two\n  {uid: \"5\", kind: user, name: " +
			"eve, createdAt: 2024-05-06T07:08:09Z, reason: departed, ticket: HR-1}\n]\n"},
	{"brackets over lines, before all",
		"principals: [\n  {uid: \"7\", reason: departed},\n]\n",
		"principals: [\n  {uid: \"5\", kind: user, name: eve, createdAt: 2024-05-06T07:08:09Z, reason: departed, ticket: HR-1},\n  {uid: " +
			"\"7\", reason: departed},\n]\n"},
	{"a text that looks like a comment, and the end of the document",
		"principals:\n  - uid: \"1\"\n    reason: departed\n    note: |\n      who\n      # left\n\n# end\n...\n",
		"principals:\n  - uid: \"1\"\n    reason: departed\n    note: |\n      who\n      # left\n  - uid: \"5\"\n    kind: user\n    name: " +
			"eve\n    createdAt: 2024-05-06T07:08:09Z\n" +
			"    reason: departed\n    ticket: HR-1\n\n# end\n...\n"},
	{"a text that keeps its empty lines",
		"principals:\n  - uid: \"1\"\n    reason: departed\n    note: |+\n      left\n\n\nscope: {}\n",
		"principals:\n  - uid: \"1\"\n    reason: departed\n    note: |+\n      left\n\n\n  - uid: \"5\"\n    kind: user\n    name: eve\n    " +
			"createdAt: 2024-05-06T07:08:09Z\n" +
			"    reason: departed\n    ticket: HR-1\nscope: {}\n"},
	{"a key that is written out", "? principals\n: - uid: \"7\"\n    reason: departed\n",
		"? principals\n: - uid: \"7\"\n    reason: departed\n"}, // handed over
	{"a text that looks like a comment, and more",
		"principals:\n  - uid: \"1\"\n    reason: departed\n    note: |\n      who\n      # left\nscope: {}\n",
		"principals:\n  - uid: \"1\"\n    reason: departed\n    note: |\n      who\n      # left\n  - uid: \"5\"\n    kind: user\n    name: " +
			"eve\n    createdAt: 2024-05-06T07:08:09Z\n" +
			"    reason: departed\n    ticket: HR-1\nscope: {}\n"},
	{"the marks of a document", "principals:\n  - uid: \"1\"\n    reason: departed\n# end\n...\n",
		"principals:\n  - uid: \"1\"\n    reason: departed\n  - uid: \"5\"\n    kind: user\n    name: eve\n    createdAt: " +
			"2024-05-06T07:08:09Z\n    reason: departed\n    ticket: HR-1\n# end\n...\n"},
	{"dashes on lines of their own", "principals:\n  -\n    uid: \"1\"\n    reason: departed\n  - # nine\n    uid: \"9\"\n    reason: " +
		"departed\n",
		"principals:\n  -\n    uid: \"1\"\n    reason: departed\n  - uid: \"5\"\n    kind: user\n    name: eve\n    createdAt: " +
			"2024-05-06T07:08:09Z\n    reason: departed\n    ticket: HR-1\n  - # nine\n    uid: \"9\"\n    reason: departed\n"},
}

func TestAdd(t *testing.T) {
	t.Parallel()
	for _, l := range layouts {
		for _, change := range []struct {
			name string
			with func(string) string
		}{
			{"", func(s string) string { return s }},
			{", CRLF", func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }},
			{", with a mark", func(s string) string { return "\ufeff" + s }},
			{", behind dashes", func(s string) string { return "--- # policy\n" + s }},
		} {
			t.Run(l.name+change.name, func(t *testing.T) {
				t.Parallel()
				old, want := change.with(head+l.old), change.with(head+l.want)
				if strings.HasSuffix(old, "...\r\n") {
					return // such a text is not YAML to the parser
				}
				e, err := Add("p.yaml", []byte(old), newcomer)
				if old == want {
					var by *ByHand
					if !errors.As(err, &by) || by.Text != newcomer.Text() {
						t.Fatalf("want it to be handed over, not %v", err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, string(e.New)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				checkEdit(t, old, e, true)
			})
		}
	}
}

func TestAddToJSON(t *testing.T) {
	t.Parallel()
	old := `{"version": 1, "account": "1", "principals": [{"uid": "1", "reason": "departed"}], "scope": {}}`
	e, err := Add("p.json", []byte(old), newcomer)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"version": 1, "account": "1", "principals": [{"uid": "1", "reason": "departed"}, {"uid": "5", "kind": "user", "name": "eve", "createdAt": "2024-05-06T07:08:09Z", "reason": "departed", "ticket": "HR-1"}], "scope": {}}`
	if string(e.New) != want {
		t.Errorf("%s", e.New)
	}
	empty := `{"version": 1, "account": "1", "principals": []}`
	if e, err = Add("p.json", []byte(empty), newcomer); err != nil || !strings.Contains(string(e.New), `"principals": [{"uid": "5", `) {
		t.Errorf("%v, %+v", err, e)
	}
}

// What people and the service say must come back as it was said, and can be
// nothing else than text.
func TestAddWords(t *testing.T) {
	t.Parallel()
	old := head + "timeZone: Asia/Shanghai\nprincipals:\n  - {uid: \"1\", reason: departed}\n  - uid: \"2\"\n    reason: departed\n"
	for _, word := range []string{"no", "1e10", "true", "~", "a: b", "x # y", "- x", "*x", "&x", "{a: b}", "a, force: false",
		`say "hi" \ 'ho'`, "日本", "left on 31 October", " lead", "trail ", "2026-11-01",
		"a}", "@x", "a@b.c", "x\u202ey", "\U0001f600", "null", "0x1f", "end:", "<<", "=", "%x", "`x`", "!x", "a\tb"} {
		for _, uid := range []string{"3", "11"} {
			e := newcomer
			e.UID, e.Name, e.Note, e.Ticket, e.Clusters = uid, word, word, word, []string{"c1"}
			done, err := Add("p.yaml", []byte(old), e)
			if err != nil {
				t.Errorf("%q: %v", word, err)
				continue
			}
			p, err := policy.Load("p.yaml", done.New)
			if err != nil {
				t.Fatal(err)
			}
			if q := p.Principals[2]; q.Name != word || q.Note != word || q.Ticket != word {
				t.Errorf("%q became %q, %q, %q", word, q.Name, q.Note, q.Ticket)
			}
			if !strings.Contains(string(done.New), "\n  - uid: ") {
				t.Errorf("not in the style of its neighbour:\n%s", done.New)
			}
		}
	}
	for text, want := range map[string]string{
		"\x00": "control character", "\xff": "is not UTF-8", "a\nb": "",
	} {
		e := newcomer
		e.Note = text
		if _, err := Add("p.yaml", []byte(old), e); want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestAddRefuses(t *testing.T) {
	t.Parallel()
	old := head + "guards: {protect: [{uid: \"6\"}]}\nprincipals:\n  - {uid: \"1\", reason: departed}\n"
	for name, c := range map[string]struct {
		change func(*Entry)
		want   string
	}{
		"a bad date":               {func(e *Entry) { e.Until = "soon" }, "until must be a date"},
		"a date that is more":      {func(e *Entry) { e.Until = "2026-01-01, force: false" }, "until must be a date"},
		"over before it begins":    {func(e *Entry) { e.Effective, e.Until = "2026-11-02", "2026-11-01" }, "until must lie after effective"},
		"compromised with neither": {func(e *Entry) { e.Reason = policy.Compromised }, "needs certificates"},
		"a reason that is none":    {func(e *Entry) { e.Reason = "left" }, "unknown reason"},
		"a uid that is none":       {func(e *Entry) { e.UID = "alice" }, "decimal digits"},
		"a bad glob":               {func(e *Entry) { e.Clusters = []string{"["} }, "not a valid glob"},
		"a pin on a glob": {func(e *Entry) {
			e.Reason, e.Pins = policy.Compromised, []policy.Pin{{Cluster: "prod-*", Expires: e.CreatedAt}}
		}, "exact id"},
		"listed already": {func(e *Entry) { e.UID = "1" }, "listed twice"},
		"protected":      {func(e *Entry) { e.UID = "6" }, "is protected by guards.protect on line 3"},
	} {
		e := newcomer
		c.change(&e)
		if done, err := Add("p.yaml", []byte(old), e); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, %v", name, done, err)
		}
	}
	var wrong policy.Errors
	if _, err := Add("p.yaml", []byte("version: 2\n"), newcomer); !errors.As(err, &wrong) {
		t.Errorf("a policy that does not load: %v", err)
	}
}

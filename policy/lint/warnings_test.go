package lint

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"ackrevoke/policy"
)

// places are the findings as line:column rule.
func places(r Result) string {
	var all []string
	for _, f := range r.Findings {
		all = append(all, fmt.Sprintf("%d:%d %s", f.Line, f.Column, f.Rule))
	}
	return strings.Join(all, ", ")
}

// Each warning stands where its cause does, begins when it should, and not before.
func TestWarnings(t *testing.T) {
	t.Parallel()
	entry := func(keys string) string { return "  - {uid: \"234567890123456781\", name: alice, " + keys + "}\n" }
	for name, c := range map[string]struct{ text, want string }{
		"departed a year ago":              {entry("reason: departed, effective: 2025-11-22T12:00:00Z"), ""},
		"a second longer":                  {entry("reason: departed, effective: 2025-11-22T11:59:59Z"), "4:75 long-departed"},
		"departed at no stated time":       {entry("reason: departed"), ""},
		"long compromised":                 {entry("reason: compromised, effective: 2020-01-01, until: 2027-01-01, ticket: T"), ""},
		"lapsed long ago":                  {entry("reason: departed, effective: 2020-01-01, until: 2021-01-01"), "4:75 long-departed"},
		"a lockout":                        {entry("reason: compromised, until: 2027-01-01"), "4:11 lockout-without-ticket"},
		"a pin without a ticket":           {entry("reason: compromised, " + strings.TrimSuffix(pinned, "}\n")), ""},
		"createdAt alone":                  {"  - {uid: \"234567890123456781\", createdAt: 2024-05-06T07:08:09Z, reason: departed}\n", ""},
		"neither name nor createdAt":       {"  - uid: \"234567890123456781\"\n    reason: departed\n", "4:10 no-cross-check"},
		"three zeros in 15 digits":         {"  - {uid: \"234567890123000\", name: alice, reason: departed}\n", ""},
		"three zeros in 16 digits":         {"  - {uid: \"2345678901234000\", name: alice, reason: departed}\n", "4:11 rounded-uid"},
		"a protected uid that was rounded": {"guards: {protect: [{uid: \"234567890123456000\"}]}\n", "3:26 rounded-uid"},
		"an accepted uid that was rounded": {"accepted: [{uid: \"234567890123456000\", what: owner, until: 2027-01-31, why: w}]\n",
			"3:18 rounded-uid"},
		"caps at their defaults":            {"guards: {maxPrincipals: 10, maxRevocations: 200, maxCompromised: 5}\n", ""},
		"caps above":                        {"guards: {maxRevocations: 201, maxCompromised: 6}\n", "3:26 raised-cap, 3:47 raised-cap"},
		"a raise for 14 days and a moment":  {"guards: {raise: {maxPrincipals: 60, until: 2026-12-06T12:00:01Z}}\n", ""},
		"a raise for 14 days":               {"guards: {raise: {maxPrincipals: 60, until: 2026-12-06T12:00:00Z}}\n", "3:44 exception-ends-soon"},
		"a raise until now":                 {"guards: {raise: {maxPrincipals: 60, until: 2026-11-22T12:00:00Z}}\n", "3:44 exception-ended"},
		"accepted until the end of the day": {"accepted: [{what: listing, until: 2026-11-22, why: w}]\n", "3:35 exception-ends-soon"},
		"accepted until yesterday":          {"accepted: [{what: listing, until: 2026-11-21, why: w}]\n", "3:35 exception-ended"},
		"a protected word": {"guards: {protect: [{name: alice}]}\nprincipals:\n" + entry("reason: departed"),
			"5:39 protected-name"},
		"a protected word in capitals": {"guards: {protect: [{name: ALICE}]}\nprincipals:\n" + entry("reason: departed"), ""},
		"a character that cannot be seen": {"  - {uid: \"234567890123456781\", name: \"al\u00a0ice\", reason: departed}\n",
			"4:42 hidden-character"},
		"one in a note":                      {entry("reason: departed, note: \"al\u00a0ice\""), ""},
		"nobody is listed":                   {"principals: []\n", ""},
		"a key in a text of several lines":   {"  - uid: \"234567890123456781\"\n    reason: departed\n    name: |\n      until：x\n", ""},
		"a full-width colon amid a sentence": {entry("reason: departed, note: 见 until：再说"), ""},
	} {
		text := Whole(c.text)
		if strings.HasPrefix(c.text, "principals:") {
			text = "version: 1\naccount: \"1\"\n" + c.text
		}
		if got := Check("p", []byte(text), theDay); places(got) != c.want || got.Policy == nil {
			t.Errorf("%s: %s, want %s\n%v", name, places(got), c.want, got.Findings)
		}
	}
}

// A comment allows what it names where it stands, with a reason, and nothing else.
func TestAllow(t *testing.T) {
	t.Parallel()
	const head, first, second = "version: 1\naccount: \"1\"\n", "  - {uid: \"2\", reason: departed}", "  - {uid: \"3\", reason: departed}"
	for name, c := range map[string]struct {
		text, want string
		allowed    int
	}{
		"nothing":      {head + "principals:\n" + first + "\n" + second + "\n", "4:11 no-cross-check, 5:11 no-cross-check", 0},
		"for the file": {"# ackrevoke:allow no-cross-check: why\n" + head + "principals:\n" + first + "\n" + second + "\n", "", 2},
		"for a line":   {head + "principals:\n" + first + " # ackrevoke:allow no-cross-check: why\n" + second + "\n", "5:11 no-cross-check", 1},
		"from above": {head + "principals:\n# ackrevoke:allow no-cross-check: why\n\n# and so on\n" + first + "\n" + second + "\n",
			"8:11 no-cross-check", 1},
		"another rule": {"# ackrevoke:allow near-uid, rounded-uid: why\n" + head + "principals:\n" + first + "\n", "5:11 no-cross-check", 0},
		"no reason": {"# ackrevoke:allow no-cross-check:\n" + head + "principals:\n" + first + "\n",
			"1:1 allow-form, 5:11 no-cross-check", 0},
		"no rule":      {"# ackrevoke:allow: why\n" + head + "principals: []\n", "1:1 allow-form", 0},
		"unknown rule": {head + "principals: [] # ackrevoke:allow near-uids: why\n", "3:16 allow-form", 0},
		"an error":     {"# ackrevoke:allow uid-form: why\n" + head + "principals: []\n", "1:1 allow-form", 0},
		"of the entry": {head + "principals:\n  # ackrevoke:allow long-departed: why\n" +
			"  - uid: \"2\"\n    name: a\n    reason: departed\n    effective: 2020-01-01\n", "", 1},
		"two of a line": {head + "principals:\n  # ackrevoke:allow long-departed no-cross-check: why\n" +
			"  - {uid: \"2\", reason: departed, effective: 2020-01-01}\n", "", 2},
	} {
		if got := Check("p", []byte(c.text), theDay); places(got) != c.want || got.Allowed != c.allowed {
			t.Errorf("%s: %s and %d allowed, want %s and %d\n%v", name, places(got), got.Allowed, c.want, c.allowed, got.Findings)
		}
	}
}

// The uids that are found near are those that comparing each with each finds.
func TestNearIsWhatComparingEachWithEachFinds(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var p policy.Policy
		var text strings.Builder
		for i := range 30 {
			uid := fmt.Sprintf("%0*d", 9+random.IntN(2), random.IntN(4)*100_000+random.IntN(3)*1000+random.IntN(40)*10_000_000)
			kind := []policy.Kind{policy.User, policy.Role}[random.IntN(2)]
			if slices.ContainsFunc(p.Principals, func(q policy.Principal) bool { return q.UID == uid }) {
				continue
			}
			p.Principals = append(p.Principals, policy.Principal{UID: uid, Kind: kind, Reason: policy.Departed, Name: "n", Line: i + 1})
			fmt.Fprintf(&text, "  - {uid: %q, kind: %s, name: somebody, reason: departed} # ackrevoke:allow out-of-order: random\n", uid, kind)
		}
		got := Check("p", []byte(Whole(text.String())), theDay)
		var want []string
		for i, a := range p.Principals {
			if slices.ContainsFunc(p.Principals[:i], func(b policy.Principal) bool { return a.Kind == b.Kind && close(a.UID, b.UID) }) {
				want = append(want, a.UID)
			}
		}
		if len(got.Findings) != len(want) {
			t.Fatalf("%s\nfound %d, want %v", text.String(), len(got.Findings), want)
		}
		for i, f := range got.Findings {
			if f.Rule != NearUID || !strings.HasPrefix(f.Message, "uid "+want[i]+" ") {
				t.Errorf("%v, want %s", f, want[i])
			}
		}
	}
}

// close reports whether two uids differ in one digit, or in the last four alone.
func close(a, b string) bool {
	n := 0
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			n++
		}
	}
	return len(a) == len(b) && (n == 1 || a[:len(a)-4] == b[:len(b)-4])
}

// What a file is about is judged in its own time zone.
func TestDatesAreTold(t *testing.T) {
	t.Parallel()
	text := "timeZone: Asia/Shanghai\naccepted: [{what: listing, until: 2026-11-24, why: w}]\n"
	got := Check("p", []byte(Whole(text)), time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC))
	if len(got.Findings) != 1 || !strings.HasSuffix(got.Findings[0].Message, "ends at 2026-11-25T00:00:00+08:00, in less than a day") {
		t.Errorf("%v", got.Findings)
	}
}

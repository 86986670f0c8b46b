package ack

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"math/rand/v2"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// An address is parsed before any pattern is tried: what it carries goes, what
// it names stays.
func TestAddresses(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"no address", "Specified SecurityToken is expired.", "Specified SecurityToken is expired."},
		{"nothing secret", "see https://help.example/a/b for more", "see https://help.example/a/b for more"},
		{"a query", "see https://x.example/a?SecurityToken=CAIS%2Bab now", "see https://x.example/a now"},
		{"a query in quotes", `Post "https://x.example/?a=b&c=d": refused`, `Post "https://x.example/" refused`},
		{"a fragment", "at https://x.example/a#token=CAISab", "at https://x.example/a"},
		{"a user", "over http://joe:hunter2@proxy.example:3128/", "over http://proxy.example:3128/"},
		{"a user with an at sign", "over http://joe:hun@ter2@proxy.example", "over http://proxy.example"},
		{"a user with a slash", "over http://joe:hun/ter2@proxy.example now", "over [address left out] now"},
		{"a user without a scheme", `invalid proxy address "joe:hunter2@proxy.example"`, `invalid proxy address proxy.example"`},
		{"two in one word", "(https://a.example/?x=1,https://b.example/?token=CAISab)", "(https://a.example/"},
		{"no address can be made of it", "at https://x.example:port/?token=CAISab then", "at [address left out] then"},
		{"escaped for JSON", `{"m":"https:\/\/x.example\/a?b=1\u0026token=CAISab"}`, `{"m":"https://x.example/a"`},
		{"escaped for a URL", "to https%3A%2F%2Fx.example%2Fa%3Ftoken%3DCAISab now", "to https://x.example/a now"},
		{"escaped twice", "to https%253A%252F%252Fx.example%252Fa%253Ftoken%253DCAISab now", "to https://x.example/a now"},
		{"escaped for HTML", `href="https://x.example/?a=1&amp;token=CAISab"> now`, `href="https://x.example/" now`},
		{"broken by a line end", "at https://x.example/?Token=CAISab\ncdef\r\nghij then", "at https://x.example/ then"},
		{"broken by a quoted line end", `at "https://x.example/?Token=CAISab\ncdef" then`, `at "https://x.example/" then`},
		{"broken before its query", "at https://x.example/\n?Token=CAISab then", "at https://x.example/\n[left out] then"},
		{"broken by quotation", `at https://x.example/?Token="CAISab cdef" then`, `at https://x.example/ then`},
		{"in quotes, with a space", `at "https://x.example/?Token=CAISab cdef" then`, `at "https://x.example/" then`},
		{"a request line", "POST /?AccessKeyId=LTAI&SecurityToken=CAISab HTTP/1.1", "POST /[left out] HTTP/1.1"},
		{"a query alone", "sent Action=AssumeRole&SecurityToken=CAISab to it", "sent [left out] to it"},
		{"a string to sign", "POST&%2F&AccessKeyId%3DLTAI%26SecurityToken%3DCAISab end", "POST&/&[left out] end"},
		{"what Printf makes of it", "%!s(*url.URL=https://x.example/?token=CAISab)", "%!s(*url.URL=https://x.example/"},
		{"a principal's name", "acs:ram::1:user/alice@example.onaliyun.com may not", "acs:ram::1:user/alice@example.onaliyun.com may not"},
	} {
		if got := bare(tt.in); got != tt.want {
			t.Errorf("%s: %q\ngot  %q\nwant %q", tt.name, tt.in, got, tt.want)
		}
	}
}

// What nobody here knows to be secret goes by what stands before it.
func TestMarkers(t *testing.T) {
	for _, text := range []string{
		`{"AccessKeySecret":"hunter2hunter2"}`, "AccessKeySecret: hunter2hunter2", "x-acs-security-token:hunter2hunter2",
		"password=hunter2hunter2",
		"Authorization: Basic hunter2", `"Proxy-Authorization":"Basic hunter2"`, "sent Bearer hunter2", "Signature='hunter2hunter2'",
	} {
		if got := scrub(text, nil); strings.Contains(got, "hunter2") {
			t.Errorf("%q: %q", text, got)
		}
	}
	for _, text := range []string{"the security token is expired", "the basics of it", "no bearer at all"} {
		if got := scrub(text, nil); got != text {
			t.Errorf("%q: %q", text, got)
		}
	}
}

// drawSecret is a secret as services make them.
func drawSecret(r *rand.Rand, n int) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
	b := []byte{'C'}
	for len(b) < n {
		b = append(b, alphabet[r.IntN(len(alphabet))])
	}
	return string(b)
}

// ways are the ways in which a text may be written inside another.
var ways = []func(string) string{
	func(s string) string { return s },
	url.QueryEscape,
	url.PathEscape,
	func(s string) string { return strings.ToLower(url.QueryEscape(s)) },
	func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
	strconv.Quote,
	html.EscapeString,
	strings.ToUpper,
	func(s string) string { return hex.EncodeToString([]byte(s)) },
	func(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) },
	func(s string) string { return fmt.Sprintf("% x", s) },
	func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte("a" + s)) },
	func(s string) string {
		return url.QueryEscape(base64.StdEncoding.EncodeToString([]byte("ab" + s + "c")))
	},
	func(s string) string { // wrapped, as mail and PEM do it
		var lines []string
		for ; len(s) > 5; s = s[5:] {
			lines = append(lines, s[:5])
		}
		return strings.Join(append(lines, s), "\n")
	},
	func(s string) string { return strings.NewReplacer("+", `\u002b`, "/", `\/`, "=", "&#61;").Replace(s) },
}

// No eight characters of a secret come through, whatever was cut off of it and
// however it is written: a text is scrubbed, and then read in every way.
func TestNoPieceOfASecret(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 4000 {
		secret := drawSecret(r, 20+r.IntN(80))
		known := &secrets{}
		known.learn(secret)
		begin := r.IntN(len(secret) - piece)
		part := secret[begin : begin+piece+r.IntN(len(secret)-begin-piece+1)]
		i := r.IntN(len(ways))
		written := ways[i](part)
		text := known.mask("“ " + written + " ”")
		for _, read := range spellings(strings.ReplaceAll(text, hidden, " ")) {
			for f := range forms {
				v := look(f, read)
				for at := 0; at+lengths[f] <= len(v.bytes); at++ {
					if _, is := known.pieces[f][string(v.bytes[at:at+lengths[f]])]; is {
						t.Fatalf("%d, way %d: %q of %q is found in %q", n, i, part, secret, text)
					}
				}
			}
		}
		if !strings.Contains(text, hidden) && (i < 8 || i >= 11) && len(part) > piece+3 {
			t.Fatalf("%d, way %d: nothing of %q (%s) was hidden in %q", n, i, part, secret, text)
		}
		if !strings.HasPrefix(text, "“ ") || !strings.HasSuffix(text, " ”") {
			t.Fatalf("%d: too much is hidden: %q", n, text)
		}
	}
}

// What is no secret stays as it is, also beside secrets that look like words.
func TestWhatIsNoSecretStays(t *testing.T) {
	known := &secrets{}
	known.learn("simulated-1234567890123456", "not-a-secret-1234567890123456", "CAIS+very/long=token", "short", "a", "")
	for _, text := range []string{
		"the simulated account 1234567890123456 is generated 1234567890123456",
		"User:acs:ram::1234567890123456:user/alice is not authorized to do ram:ListUsers",
		"c0a1000000000000000000000000000008 not found", "in short, a word", "",
		"ECF8C3AB-6E5D-5AC2-B2C1-2F9C4E7A0D11", "Zu viele Anfragen für 用户 — später",
	} {
		if got := scrub(text, known); got != text {
			t.Errorf("%q: %q", text, got)
		}
	}
	if got := scrub("x simulated-1234567890123456 y CAIS+very z", known); got != "x [key] y [key] z" {
		t.Errorf("%q", got)
	}
}

// A text can be as long as an answer; it is bounded before it is looked at.
func TestLongTexts(t *testing.T) {
	known := &secrets{}
	known.learn("CAIS+very/long=token")
	got := scrub(strings.Repeat("x ", mostRead/2-4)+"CAIS+very/long=token", known)
	if len(got) > mostRead || strings.Contains(got, "CAIS+very") {
		t.Errorf("%d bytes, ending in %q", len(got), got[len(got)-20:])
	}
}

// Whatever surrounds it: no part of a secret, no query and no user is left.
func FuzzScrub(f *testing.F) {
	const secret = "CAISzToK3n+/aB3dE5fG7hI9jK1lM3nO5pQ7"
	for _, s := range []string{"Post \"https://x/?a=", "%", "\\u00", "&#", "https://", "\n", "'", "=\"", "a=b&c=", "http://u:"} {
		f.Add(s, s, uint8(0), uint8(30))
	}
	f.Fuzz(func(t *testing.T, before, behind string, from, n uint8) {
		begin := int(from) % (len(secret) - piece)
		part := secret[begin:min(len(secret), begin+piece+int(n)%len(secret))]
		known := &secrets{}
		known.learn(secret)
		got := scrub(before+part+behind, known)
		for i := 0; i+piece <= len(part); i++ {
			if strings.Contains(got, part[i:i+piece]) && !strings.Contains(before+behind, part[i:i+piece]) {
				t.Fatalf("%q is left in %q", part[i:i+piece], got)
			}
		}
		if at := scheme.FindStringIndex(got); at != nil {
			word, _, _ := strings.Cut(got[at[0]:], " ")
			if u, err := url.Parse(word); err == nil && (u.User != nil || u.RawQuery != "") && !strings.ContainsAny(word, around) {
				t.Fatalf("%q is left in %q", word, got)
			}
		}
	})
}

package markdown

import (
	"regexp"
	"strings"
	"testing"

	"ackrevoke/job/report"
)

func TestText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                           "",
		"alice":                      "alice",
		"left on 31 October":         "left on 31 October",
		"prod-eu.example, \"x\" (y)": "prod-eu.example, \"x\" (y)",
		"生产 é 😀":                     "生产 é 😀",
		"@octocat":                   "@<!-- -->octocat",
		"a@b.example":                "a@<!-- -->b.example",
		"ends in @":                  "ends in @<!-- -->",
		"fixes #1":                   `fixes \#<!-- -->1`,
		"owner/repo#1":               `owner/repo\#<!-- -->1`,
		"GH-1":                       "GH-<!-- -->1",
		"!1 ~bug %2 &3":              `\!<!-- -->1 \~<!-- -->bug %<!-- -->2 &amp;<!-- -->3`,
		":tada:":                     ":<!-- -->tada:<!-- -->",
		"note: this":                 "note: this",
		"https://evil.example/x":     "https:<!-- -->//evil.example/x",
		"www.evil.example":           "www<!-- -->.evil.example",
		"WWW.evil.example":           "WWW<!-- -->.evil.example",
		"deadbeefcafe":               "deadbe<!-- -->efcafe",
		"200000000000000001":         "200000<!-- -->000000<!-- -->000001",
		"[x](javascript:alert(1))":   `\[x\](javascript:<!-- -->alert(1))`,
		"![x](http://e/i.png)":       `\!<!-- -->\[x\](http:<!-- -->//e/i.png)`,
		"<img src=x onerror=y>":      "&lt;img src=x onerror=y&gt;",
		"<!-- x -->":                 `&lt;\!<!-- -->-- x --&gt;`,
		"&lt;b&gt;":                  "&amp;<!-- -->lt;b&amp;<!-- -->gt;",
		"a | b":                      "a &#124; b",
		`a \| b`:                     `a \\&#124; b`,
		"**b** _i_ ~~s~~ `c`":        `\*\*b\*\* \_i\_ ` + `\~<!-- -->\~<!-- -->s\~<!-- -->\~ ` + "\\`c\\`",
		"$x^2$":                      `<span>$</span><!-- -->x\^<!-- -->2<span>$</span><!-- -->`,
		"- item":                     `\- item`,
		"1. item":                    `1\. item`,
		"12) item":                   `12\) item`,
		"=====":                      `\=====`,
		"---":                        `\---`,
		"# head":                     `\# head`,
		"> quote":                    "&gt; quote",
		"/close":                     `\/close`,
		"    code":                   "&#32;&#32;&#32;&#32;code",
		"  - item":                   `&#32;&#32;\- item`,
		"one\n/close\n| a |":         `one\\u{a}/close\\u{a}&#124; a &#124;`,
		"\x1b]0;title\a":             `\\u{1b}\]0;title\\u{7}`,
		"\u202eevil":                 `\\u{202e}evil`,
		"bad\xff":                    `bad\\xff`,
		strings.Repeat("x", 200):     strings.Repeat("x", 119) + "…",
		strings.Repeat("@x ", 60):    strings.Repeat("@<!-- -->x ", 39) + "@<!-- -->x…",
	} {
		if got := Text(in); got != want {
			t.Errorf("Text(%q)\n got %s\nwant %s", in, got, want)
		}
		if got := Cell(in); in != "" && got != want {
			t.Errorf("Cell(%q) = %s", in, got)
		}
	}
	if got := Cell(""); got != "-" {
		t.Errorf("an empty cell is %q", got)
	}
}

func TestCode(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"200000000000000001": "`200000000000000001`",
		"prod-*":             "`prod-*`",
		"@octocat":           "`@octocat`",
		"":                   "<code></code>",
		" x":                 "<code>&#32;x</code>",
		"a`b":                "<code>a\\`b</code>",
		"a|b":                "<code>a&#124;b</code>",
		`a\`:                 `<code>a\\</code>`,
		"#fff":               `<code>\#<!-- -->fff</code>`,
		"</code><b>":         "<code>&lt;/code&gt;&lt;b&gt;</code>",
	} {
		if got := Code(in); got != want {
			t.Errorf("Code(%q)\n got %s\nwant %s", in, got, want)
		}
	}
}

// hostile are texts that begin every kind of thing there is in Markdown.
var hostile = []string{
	"alice", "@a#1!2~3%4&5$6^7:8:", "https://www.www.x", "gh-1 GH-2 www.x", "0123456789abcdef0123456789",
	"<script>alert(1)</script>", "[a]: http://x", "| a | b |\n|---|---|", "\x1b[2J\u202e\xff", "&#64;x &commat;x", "\\@x \\\\|",
	"1.\t2)\n- * + =", "``` x", "~~~", "<!--", "-->", "$$x$$", "***", "___", "[[_TOC_]]",
	"[^1]", "[ ] x", "ｗｗｗ.x ＠x", "javascript:x", "mailto:a@b.example",
	"\u00a0x", "   ", "aaaaaaa@bbbbbbb",
}

func TestHostile(t *testing.T) {
	t.Parallel()
	for _, s := range hostile {
		held(t, s)
	}
}

func FuzzText(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(held)
}

// taken is what GitHub and GitLab make something of wherever they find it in
// text: a mention, a ticket and its likes, the id of a commit, an address, an
// emoji.
var taken = regexp.MustCompile(`(?i)[@#!~%&$^][\pL\pN_"/-]|gh-\d|[0-9a-f]{7}|://|:[\pL\pN_+-]|www\.|mailto:\S|xmpp:\S|\pL@\pL`)

// held reads what was written as a reader of Markdown does that knows nothing
// but what may be there: escapes, five entities, the empty comment and one tag.
// All else must be a sign without a meaning. The text must come out as it was,
// and no piece of it may be something that is taken for more.
func held(t *testing.T, s string) {
	plain := report.Plain(s)
	for _, written := range []string{Text(s), Cell(s)} {
		if written == "-" && s == "" {
			continue
		}
		read(t, written, plain)
	}
	read(t, Line(s), report.Harmless(s))
	code := Code(s)
	if inner, ticked := strings.CutPrefix(code, "`"); ticked {
		inner = strings.TrimSuffix(inner, "`")
		if inner != plain || strings.ContainsAny(inner, "`|\\#$<>&") || strings.TrimSpace(inner) != inner || inner == "" {
			t.Errorf("Code(%q) is %s", s, code)
		}
		return
	}
	inner, opened := strings.CutPrefix(code, "<code>")
	inner, closed := strings.CutSuffix(inner, "</code>")
	if !opened || !closed {
		t.Fatalf("Code(%q) is %s", s, code)
	}
	read(t, inner, plain)
}

func read(t *testing.T, written, want string) {
	t.Helper()
	if regexp.MustCompile(`^(\d*[.)+=-]|/| )`).MatchString(written) {
		t.Errorf("%s begins a list, a line, code or a command", written)
	}
	var text, piece strings.Builder
	over := func() {
		if found := taken.FindString(piece.String()); found != "" {
			t.Errorf("%s: %q of the text is taken for more", written, found)
		}
		text.WriteString(piece.String())
		piece.Reset()
	}
	for rest := written; rest != ""; {
		var n int
		if n = known(rest, &piece, over); n == 0 {
			r := []rune(rest)[0]
			if strings.ContainsRune("\\`*_[]<>&#!~^|\n\r$", r) {
				t.Fatalf("%s: a bare %q", written, r)
			}
			piece.WriteRune(r)
			n = len(string(r))
		}
		rest = rest[n:]
	}
	over()
	if text.String() != want {
		t.Errorf("%s\nreads %q\nwant  %q", written, text.String(), want)
	}
}

// known reads what has a meaning at the beginning of the rest, and returns its
// length, 0 for none.
func known(rest string, piece *strings.Builder, over func()) int {
	for _, tag := range []string{split, "<span>", "</span>"} {
		if strings.HasPrefix(rest, tag) {
			over()
			return len(tag)
		}
	}
	if rest[0] == '$' && strings.HasPrefix(rest, "$</span>") {
		piece.WriteByte('$')
		return 1
	}
	for entity, means := range map[string]string{"&amp;": "&", "&lt;": "<", "&gt;": ">", "&#124;": "|", "&#32;": " "} {
		if strings.HasPrefix(rest, entity) {
			piece.WriteString(means)
			return len(entity)
		}
	}
	if len(rest) > 1 && rest[0] == '\\' && strings.ContainsRune("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", rune(rest[1])) {
		piece.WriteByte(rest[1])
		return 2
	}
	return 0
}

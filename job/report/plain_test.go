package report

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPlain(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"alice":                              "alice",
		"生产 prod é":                          "生产 prod é",
		"😀":                                  "😀",
		"":                                   "",
		"\x1b[31mred":                        `\u{1b}[31mred`,
		"\x1b]0;title\a":                     `\u{1b}]0;title\u{7}`,
		"\u009b2J":                           `\u{9b}2J`,
		"a\r\nb\tc":                          `a\u{d}\u{a}b\u{9}c`,
		"\x7f":                               `\u{7f}`,
		"\u202eevil":                         `\u{202e}evil`,
		"\u2066x\u2069":                      `\u{2066}x\u{2069}`,
		"\u200e\u200f\u061c":                 `\u{200e}\u{200f}\u{61c}`,
		"a\u200bb\u200d\ufeff":               `a\u{200b}b\u{200d}\u{feff}`,
		"soft\u00adhyphen":                   `soft\u{ad}hyphen`,
		"\u2028\u2029":                       `\u{2028}\u{2029}`,
		"hangul\u3164filler":                 `hangul\u{3164}filler`,
		"tag\U000e0041":                      `tag\u{e0041}`,
		"no\u00a0space":                      `no\u{a0}space`,
		"bad\xff\xc3":                        `bad\xff\xc3`,
		"honest \ufffd":                      "honest \ufffd",
		strings.Repeat("a", 120):             strings.Repeat("a", 120),
		strings.Repeat("a", 121):             strings.Repeat("a", 119) + "…",
		strings.Repeat("é", 500):             strings.Repeat("é", 119) + "…",
		strings.Repeat("a", 118) + "\x1b[2J": strings.Repeat("a", 118) + "…",
	} {
		if got := Plain(in); got != want {
			t.Errorf("Plain(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzPlain(f *testing.F) {
	f.Add("alice")
	f.Add("\x1b]8;;http://x\x1b\\\u202e\xff")
	f.Fuzz(func(t *testing.T, s string) {
		got := Plain(s)
		if n := utf8.RuneCountInString(got); n > plainLimit {
			t.Errorf("%d runes", n)
		}
		for _, r := range got {
			if hidden(r) {
				t.Errorf("%q holds %U", got, r)
			}
		}
		if again := Plain(got); again != got {
			t.Errorf("not stable: %q, then %q", got, again)
		}
	})
}

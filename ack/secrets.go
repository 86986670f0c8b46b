package ack

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// hidden stands where a secret stood.
const hidden = "[key]"

// piece is the length of a part of a secret that must be found nowhere; a
// shorter one says nothing of it.
const piece = 8

// secrets are those that this client has in hand: keys, tokens, the password of
// a proxy. Each part of one is found again in a text, also if it was cut off,
// wrapped, escaped or encoded:
//
//	form    made of                                 found by pieces of
//	asIs    the text, without its escapes           8 characters
//	letters letters and digits alone, in one case   8: any escape, quote or break may stand between
//	in64    the alphabets of base64                 9: what 8 characters are at least
//	inHex   hexadecimal digits                      16: two for each character
//
// A nil value knows none.
type secrets struct {
	mu     sync.RWMutex
	whole  []string // in clear and escaped, the longest first
	pieces [forms]map[string]struct{}
}

// form is one way to look at a text.
type form int

const (
	asIs form = iota
	letters
	in64
	inHex
	forms
)

// lengths of the pieces of each form.
var lengths = [forms]int{asIs: piece, letters: piece, in64: piece*8/6 - 1, inHex: 2 * piece}

// learn adds what must not be seen. A text of fewer than six characters is no
// key: looked for, it would be found in every other word.
func (s *secrets) learn(secrets ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range secrets {
		if len(v) < 6 || slices.Contains(s.whole, v) {
			continue
		}
		s.whole = append(s.whole, v, url.QueryEscape(v), url.PathEscape(v))
		slices.SortStableFunc(s.whole, func(a, b string) int { return len(b) - len(a) })
		if len(v) >= piece {
			s.cut(v)
		}
	}
}

// cut makes the pieces of one secret, in all its forms.
func (s *secrets) cut(v string) {
	s.add(asIs, v)
	// What has no capital is a word or a number that a person chose. It may be
	// half of any sentence, so it is not looked for between other letters.
	if strings.ContainsFunc(v, unicode.IsUpper) {
		s.add(letters, v)
	}
	s.add(inHex, hex.EncodeToString([]byte(v)))
	// Inside a longer text it begins at any of three places of a group; what
	// its neighbours share with it is no part of the form.
	for before := range 3 {
		encoded := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("x", before) + v))
		s.add(in64, encoded[(before*8+5)/6:(before+len(v))*8/6])
	}
}

func (s *secrets) add(f form, v string) {
	if s.pieces[f] == nil {
		s.pieces[f] = map[string]struct{}{}
	}
	seen, n := string(look(f, spellings(v)[0]).bytes), lengths[f]
	for i := 0; i+n <= len(seen); i++ {
		if p := seen[i : i+n]; telling(f, p) {
			s.pieces[f][p] = struct{}{}
		}
	}
}

// telling reports whether a piece belongs to a secret and to nothing else. An
// account's id is part of many names, and no eight characters of a key that a
// service gave are all digits or all small letters but by a rare chance.
func telling(f form, p string) bool {
	if f == in64 || f == inHex {
		return true
	}
	digits := strings.Trim(p, "0123456789-_.")
	return digits != "" && (f == letters || strings.Trim(p, "abcdefghijklmnopqrstuvwxyz-_. ") != "")
}

// mask is the text without the secrets. What is grown together with a piece of
// one goes with it, for it may be more of the same.
func (s *secrets) mask(text string) string {
	if s == nil {
		return text
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, v := range s.whole {
		text = strings.ReplaceAll(text, v, hidden)
	}
	bad := make([]bool, len(text))
	for _, v := range spellings(text) {
		for f := range forms {
			s.mark(f, look(f, v), bad)
		}
	}
	if !slices.Contains(bad, true) {
		return text
	}
	for i := 1; i < len(text); i++ {
		bad[i] = bad[i] || bad[i-1] && grown(text[i])
	}
	for i := len(text) - 2; i >= 0; i-- {
		bad[i] = bad[i] || bad[i+1] && grown(text[i])
	}
	var out strings.Builder
	for i := range len(text) {
		switch {
		case !bad[i]:
			out.WriteByte(text[i])
		case i == 0 || !bad[i-1]:
			out.WriteString(hidden)
		}
	}
	return out.String()
}

// mark marks the bytes of the text that belong to a piece.
func (s *secrets) mark(f form, v view, bad []bool) {
	n := lengths[f]
	for i := 0; i+n <= len(v.bytes); i++ {
		if _, is := s.pieces[f][string(v.bytes[i:i+n])]; is {
			for j := v.from[i]; j < v.to[i+n-1]; j++ {
				bad[j] = true
			}
		}
	}
}

// grown reports whether a byte can be a part of the word next to it.
func grown(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '+' || b == '=' || b == '%' || b == '_'
}

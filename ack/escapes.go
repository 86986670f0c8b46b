package ack

import (
	"regexp"
	"strconv"
	"strings"
)

// escape is one character as URLs, JSON, Go and HTML write it where it may not
// stand as it is.
var escape = regexp.MustCompile(`%[0-9A-Fa-f]{2}|\\u00[0-9A-Fa-f]{2}|\\x[0-9A-Fa-f]{2}|\\[/"'\\nrt]|` +
	`&#[0-9]{1,3};|&#[xX][0-9A-Fa-f]{2};|&amp;|&quot;`)

// layers is how often a text is taken for escaped text: what is quoted twice
// was escaped twice.
const layers = 4

// unescape is a word without its escapes.
func unescape(word string) string {
	for range layers {
		plain := escape.ReplaceAllStringFunc(word, func(e string) string { return string([]byte{meant(e)}) })
		if plain == word {
			break
		}
		word = plain
	}
	return word
}

// meant is the character that an escape stands for.
func meant(e string) byte {
	digits, base := e[len(e)-2:], 16
	switch {
	case e == "&amp;":
		return '&'
	case e == "&quot;":
		return '"'
	case strings.HasPrefix(e, "&#x"), strings.HasPrefix(e, "&#X"):
		digits = e[3:5]
	case e[0] == '&':
		digits, base = e[2:len(e)-1], 10
	case len(e) == 2 && strings.IndexByte("nrt", e[1]) >= 0:
		return '\n'
	case len(e) == 2:
		return e[1]
	}
	n, err := strconv.ParseUint(digits, base, 8)
	if err != nil {
		return ' ' // above 255: no part of a key
	}
	return byte(n)
}

// view is a text in one of its forms: which bytes of the text each byte of the
// form was made of.
type view struct {
	bytes    []byte
	from, to []int
}

func (v *view) add(b byte, from, to int) {
	v.bytes, v.from, v.to = append(v.bytes, b), append(v.from, from), append(v.to, to)
}

// spellings are the text as it stands, and with one layer of escapes after the
// other undone. Each counts: what looks like an escape may be a part of a key.
func spellings(text string) []view {
	var v view
	for i := range len(text) {
		v.add(text[i], i, i+1)
	}
	all := []view{v}
	for range layers {
		at := escape.FindAllIndex(v.bytes, -1)
		if at == nil {
			break
		}
		v = v.without(at)
		all = append(all, v)
	}
	return all
}

// without is the view without the escapes at these places.
func (v view) without(escapes [][]int) view {
	var plain view
	done := 0
	for _, e := range append(escapes, []int{len(v.bytes), 0}) {
		for ; done < e[0]; done++ {
			plain.add(v.bytes[done], v.from[done], v.to[done])
		}
		if done < len(v.bytes) {
			plain.add(meant(string(v.bytes[e[0]:e[1]])), v.from[e[0]], v.to[e[1]-1])
			done = e[1]
		}
	}
	return plain
}

// look is a form of a text.
func look(f form, v view) view {
	if f == asIs {
		return v
	}
	var seen view
	for i, b := range v.bytes {
		small := b | 0x20
		letter, digit := small >= 'a' && small <= 'z', b >= '0' && b <= '9'
		switch {
		case f == letters && letter, f == inHex && letter && small <= 'f':
			b = small
		case f == in64 && b == '-':
			b = '+'
		case f == in64 && b == '_':
			b = '/'
		case f == in64 && (letter || b == '+' || b == '/'), digit:
		default:
			continue
		}
		seen.add(b, v.from[i], v.to[i])
	}
	return seen
}

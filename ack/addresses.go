package ack

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"
)

// bare is a text whose addresses have lost their query, fragment and user:
//
//	Post "https://sts.example/?AccessKeyId=a&SecurityToken=b": refused
//	Post "https://sts.example/" refused
//
// An address is any word with :// in it, also an escaped one; a word that is a
// query without one, as in a request line or a string to sign, counts as well.
// Where a query was dropped, what a line break or an open quotation mark tore
// off it goes too.
func bare(text string) string {
	var out strings.Builder
	var torn tear
	for text != "" {
		gap := text[:len(text)-len(strings.TrimLeftFunc(text, unicode.IsSpace))]
		text = text[len(gap):]
		word := text
		if end := strings.IndexFunc(text, unicode.IsSpace); end >= 0 {
			word = text[:end]
		}
		text = text[len(word):]
		if torn.takes(gap, word) {
			continue
		}
		kept, lost := address(word)
		out.WriteString(gap)
		out.WriteString(kept)
		torn = tear{}
		if lost {
			torn = tear{ends: true, quote: openQuote(word)}
		}
	}
	return out.String()
}

// tear is what may follow of a query that did not end with its word.
type tear struct {
	ends  bool // the word before lost its end
	quote byte // a quotation mark that is still open, or 0
}

// takes reports whether the next word still belongs to what was dropped.
func (t *tear) takes(gap, word string) bool {
	switch {
	case t.quote != 0:
		if strings.IndexByte(word, t.quote) >= 0 {
			*t = tear{}
		}
		return true
	case t.ends && gap != "" && strings.Trim(gap, "\r\n") == "":
		return true
	}
	return false
}

// openQuote is the mark that a word with a query opens and does not close.
func openQuote(word string) byte {
	before, query, _ := strings.Cut(word, "?")
	for _, q := range []byte{'"', '\'', '`'} {
		inside := strings.Count(query, string(q))
		if inside == 0 && strings.Count(before, string(q))%2 == 1 || inside%2 == 1 && strings.Contains(query, "="+string(q)) {
			return q
		}
	}
	return 0
}

var (
	scheme = regexp.MustCompile(`[A-Za-z0-9+.-]*://`)
	// What may stand around an address, and not in it.
	around = "\"'`<>\\(){}|^"
	// A query: a question mark with a parameter behind it, or two parameters.
	query = regexp.MustCompile(`\?[^=?]*=|(?:[^&=?]+=[^&=]*&)+[^&=]+=`)
	// The user of an address that has lost its scheme.
	user = regexp.MustCompile(`^["'(\[=]*[^/@:]+:[^@]*@`)
)

// address is one word without the secret parts of the addresses in it; lost
// says that it ended with such a part.
func address(word string) (kept string, lost bool) {
	seen := word
	at := scheme.FindStringIndex(seen)
	if at == nil {
		seen = unescape(word)
		at = scheme.FindStringIndex(seen)
	}
	if at == nil {
		return withoutAddress(word, seen)
	}
	before, core := seen[:at[0]], seen[at[0]:]
	if torn := query.FindStringIndex(before); torn != nil {
		before = before[:torn[0]] + "[left out] "
	}
	rest := ""
	if end := strings.IndexAny(core, around); end >= 0 {
		core, rest = core[:end], core[end:]
	}
	u, err := url.Parse(core)
	if err != nil || u.Scheme == "" {
		return before + "[address left out]", true
	}
	kept = before + u.Scheme + "://" + u.Host + u.EscapedPath()
	if u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		if before != "" && strings.ContainsRune("\"'`", rune(before[len(before)-1])) {
			kept += before[len(before)-1:]
		}
		return kept, true
	}
	after, lost := "", false
	if rest != "" {
		after, lost = address(rest)
	}
	return kept + after, lost
}

// withoutAddress looks at a word that is no address for what may be a part of
// one. seen is the word without its escapes.
func withoutAddress(word, seen string) (kept string, lost bool) {
	if at := query.FindStringIndex(seen); at != nil {
		return seen[:at[0]] + "[left out]", true
	}
	// The name of a principal has colons, and may have an at sign.
	if at := user.FindStringIndex(seen); at != nil && !strings.Contains(seen, "acs:") {
		return seen[at[1]:], false
	}
	return word, false
}

package cli

import (
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	mostSaid = 64 << 10 // bytes of an answer that are read
	repeated = "what it answered is withheld, for it repeats the user or the password of --push"
)

var errNoHTTP = errors.New("what it answered is no HTTP")

// heard is why there was no answer, without the address. Of what is no HTTP the
// library repeats pieces, and nobody can tell of a piece of what it is one.
func (c hearing) heard(err error) error {
	var sent *url.Error
	if errors.As(err, &sent) {
		err = sent.Err
	}
	var connection *net.OpError
	var untrusted *tls.CertificateVerificationError
	switch {
	case c.ctx.Err() != nil, errors.As(err, &connection), errors.Is(err, http.ErrSchemeMismatch),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return err
	case errors.As(err, &untrusted) && !c.repeats(err.Error()):
		return err
	}
	return errNoHTTP
}

// repeats reports whether a text of the other side has the user or the password
// in it: as they are, as they were sent, or in any mixture of the escapes of URLs,
// JSON, HTML and Go. Such a text is not told at all, for who repeats one part in
// one form may repeat another part in a form that nobody has thought of.
func (g *gateway) repeats(text string) bool {
	password, _ := g.user.Password()
	user := g.user.Username()
	for _, secret := range []string{user, password, user + ":" + password} {
		encoded := strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(secret)), "=")
		if len(secret) > 0 && (escaped(secret).MatchString(text) || escaped(encoded).MatchString(text)) {
			return true
		}
	}
	return false
}

// escaped matches a text in which every character may be escaped or not.
func escaped(text string) *regexp.Regexp {
	var b strings.Builder
	for rest := text; rest != ""; {
		r, size := utf8.DecodeRuneInString(rest)
		forms := append(numbered(r), percent(rest[:size]), `\\*`+regexp.QuoteMeta(string(r))) // of no UTF-8 is U+FFFD, also in a text
		b.WriteString("(?:" + strings.Join(append(forms, named[r]...), "|") + ")")
		rest = rest[size:]
	}
	return regexp.MustCompile(b.String())
}

// named are the escapes with a name of their own, and the other alphabet of base64.
var named = map[rune][]string{
	' ': {`\+`, "%(?:25)*2[bB]"}, '+': {"-"}, '/': {"_"}, '&': {"&amp;"}, '<': {"&lt;"}, '>': {"&gt;"}, '"': {"&quot;"}, '\'': {"&apos;"},
	'\n': {`\\+n`}, '\r': {`\\+r`}, '\t': {`\\+t`}, '\a': {`\\+a`}, '\b': {`\\+b`}, '\f': {`\\+f`}, '\v': {`\\+v`},
}

// percent is that of URLs, also where it was escaped several times.
func percent(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		fmt.Fprintf(&b, "%%(?:25)*(?i:%02x)", c)
	}
	return b.String()
}

// numbered are the escapes of JSON, Go and HTML by the number of the character.
func numbered(r rune) []string {
	forms := []string{fmt.Sprintf(`\\+u(?i:%04x)`, r), fmt.Sprintf(`\\+U(?i:%08x)`, r), fmt.Sprintf("&#0*%d;", r),
		fmt.Sprintf("&#[xX]0*(?i:%x);", r)}
	if high, low := utf16.EncodeRune(r); high != utf8.RuneError {
		forms = append(forms, fmt.Sprintf(`\\+u(?i:%04x)\\+u(?i:%04x)`, high, low))
	}
	bytes := ""
	for _, c := range []byte(string(r)) {
		bytes += fmt.Sprintf(`\\+(?:x(?i:%02x)|%03o)`, c, c)
	}
	return append(forms, bytes)
}

package ack

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"regexp"
	"strings"

	credential "github.com/aliyun/credentials-go/credentials"
)

// What comes back from the service, from a proxy or from the vendor's own
// code can hold what was sent: keys, tokens, whole requests. It passes here
// before it becomes a part of a fault.

var (
	// A query may hold a token, the user information of a proxy a password.
	queryOfURL = regexp.MustCompile(`(\w+://[^\s"'?]*)\?[^\s"']*`)
	userOfURL  = regexp.MustCompile(`(\w+://)[^\s/"'@]*@`)
	// What follows is the request as the service saw it, with its headers.
	toSign = regexp.MustCompile(`(?is)(string ?to ?sign|canonical ?request).*`)
	// A private key or a certificate, in clear or as a kubeconfig holds it.
	pem = regexp.MustCompile(`(?s)-----BEGIN .*|LS0tLS1CRUdJTi[0-9A-Za-z+/=_-]*`)
)

// scrub takes out of a message what must not be in a report: keys and tokens,
// in clear, escaped or encoded, and what could hold one.
func scrub(message string, m *credential.CredentialModel) string {
	if m != nil {
		for _, s := range []*string{m.SecurityToken, m.AccessKeySecret, m.BearerToken, m.AccessKeyId} {
			if v := text(s); v != "" {
				for _, form := range forms(v) {
					message = strings.ReplaceAll(message, form, "[key]")
				}
			}
		}
	}
	message = queryOfURL.ReplaceAllString(message, "$1")
	message = userOfURL.ReplaceAllString(message, "$1")
	message = pem.ReplaceAllString(message, "[key]")
	return toSign.ReplaceAllString(message, "$1 left out")
}

// forms are the ways in which a secret can be written, the longest first.
func forms(v string) []string {
	query, path := url.QueryEscape(v), url.PathEscape(v)
	all := []string{v, query, lowerEscapes(query), path, lowerEscapes(path)}
	if len(v) < 8 {
		return all // shorter ones would be found in what is no secret
	}
	all = append(all, hex.EncodeToString([]byte(v)), strings.ToUpper(hex.EncodeToString([]byte(v))))
	for _, alphabet := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		// Inside a longer text it begins at any of three places of a group;
		// what its neighbours share with it is no part of the form.
		for before := range 3 {
			encoded := alphabet.EncodeToString([]byte(strings.Repeat("x", before) + v))
			from, to := (before*8+5)/6, (before+len(v))*8/6
			all = append(all, encoded[from:to])
		}
	}
	return all
}

var escape = regexp.MustCompile(`%[0-9A-F]{2}`)

func lowerEscapes(s string) string { return escape.ReplaceAllStringFunc(s, strings.ToLower) }

var (
	// The vendor's providers repeat what they could not read: the whole
	// profile, the line of it, the answer of a token service. Here each of
	// these begins; after it nothing is known to be harmless.
	quotesKeys = regexp.MustCompile(`(?s)(unmarshal aliyun cli config from '[^']*' failed:|delimiter not found:|closing key quote|unclosed section:|message =|token [^:]{0,40}failed:|credentials from .{0,300}? failed:|[{<\n]).*`)
	// An AccessKey secret has 30 letters and digits, a token hundreds.
	opaque = regexp.MustCompile(`[0-9A-Za-z+=]{24,}`)
)

// withheld is an error of a credential provider without what it may quote.
func withheld(message string) string {
	message = quotesKeys.ReplaceAllStringFunc(message, func(quote string) string {
		begin := quotesKeys.FindStringSubmatch(quote)[1]
		return strings.TrimRight(begin, "{<\n") + " (the rest is left out: it may hold keys)"
	})
	return opaque.ReplaceAllString(message, "[left out]")
}

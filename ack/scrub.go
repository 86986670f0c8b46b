package ack

import (
	"regexp"
	"strings"
)

// What comes back from the service, from a proxy or from a library can hold
// what was sent: keys, tokens, whole requests. It passes here before it becomes
// a part of a fault:
//
//	step        takes out                                        where
//	addresses   query, fragment and user of every URL            addresses.go
//	secrets     eight characters or more of a secret we know,    secrets.go
//	            in clear, escaped, in base64 or in hex
//	markers     what may hold a secret that nobody here knows    below
//
// The first needs no list of secrets and no pattern of how they look, so it
// comes first; the second needs no idea of the text around them.

// mostRead bounds the text that is looked at. It is far more than anybody gets
// to see of it (see tidy), and a piece that is cut off here is found like any
// other.
const mostRead = 8 << 10

// scrub takes out of a text from outside what must not be in a report.
func scrub(text string, known *secrets) string {
	if len(text) > mostRead {
		text = text[:mostRead]
	}
	return unmarked(known.mask(bare(text)))
}

var (
	// What follows is the request as the service saw it, with its headers.
	toSign = regexp.MustCompile(`(?is)(string ?to ?sign|canonical ?request).*`)
	// A private key or a certificate, in clear or as a kubeconfig holds it.
	pem = regexp.MustCompile(`(?s)-----BEGIN .*|LS0tLS1CRUdJTi[0-9A-Za-z+/=_-]*`)
	// A header or a field whose name says what stands in it.
	header   = regexp.MustCompile(`(?i)\b((?:proxy-)?authorization["']?\s*[:=])[^\r\n]*`)
	scheming = regexp.MustCompile(`\b([Bb]asic|[Bb]earer|BASIC|BEARER)\s+[A-Za-z0-9+/=_.~-]*[A-Z0-9+/=_.~-][A-Za-z0-9+/=_.~-]*`)
	labelled = regexp.MustCompile(`(?i)([a-z-]*(?:token|secret|password|signature)["']?\s*[:=]\s*["']?)[^\s"',;}]{8,}`)
)

func unmarked(text string) string {
	text = pem.ReplaceAllString(text, hidden)
	text = header.ReplaceAllString(text, "$1 "+hidden)
	text = scheming.ReplaceAllString(text, "$1 "+hidden)
	text = labelled.ReplaceAllString(text, "$1"+hidden)
	return toSign.ReplaceAllString(text, "$1 left out")
}

var (
	// Providers of credentials repeat what they could not read: the whole
	// profile, the line of it, the answer of a token service. Here each of
	// these begins; after it nothing is known to be harmless.
	quotesKeys = regexp.MustCompile(`(?s)(unmarshal aliyun cli config from '[^']*' failed:|` +
		`delimiter not found:|closing key quote|unclosed section:|message =|token [^:]{0,40}failed:|credentials from .{0,300}? failed:|[{<\n]).*`)
	// An AccessKey secret has 30 letters and digits, a token hundreds.
	opaque = regexp.MustCompile(`[0-9A-Za-z+=]{24,}`)
)

// withheld is an error of a provider that is not ours (see chain.go), without
// what it may quote.
func withheld(text string) string {
	text = quotesKeys.ReplaceAllStringFunc(bare(text), func(quote string) string {
		begin := quotesKeys.FindStringSubmatch(quote)[1]
		return strings.TrimRight(begin, "{<\n") + " (the rest is left out: it may hold keys)"
	})
	return opaque.ReplaceAllString(text, "[left out]")
}

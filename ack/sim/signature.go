package sim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// The schemes a client may sign with, as Call.Signature names them.
const (
	schemeACS3 = "acs3"          // ACS3-HMAC-SHA256: RAM, STS, and newer CS clients
	schemeROA  = "roa-hmac-sha1" // the old ROA scheme: CS clients up to v5
	schemeRPC  = "rpc-hmac-sha1" // the old RPC scheme, version 1.0, in the parameters: older clients of RAM and STS
	schemeNone = "none"
)

const acs3 = "ACS3-HMAC-SHA256"

// freshness is how far the date of a call may be from ours [DOC].
const freshness = 15 * time.Minute

// signature is what a call says of who sends it, and when.
type signature struct {
	scheme, key, token, given string
	date, layout              string
	headers                   []string // that are signed, of acs3
}

// readSignature says how a call claims to be signed. The parameters are nil where they cannot hold a signature.
func readSignature(r *http.Request, params url.Values) signature {
	s := signature{scheme: schemeNone, token: r.Header.Get("x-acs-security-token")}
	switch auth := r.Header.Get("Authorization"); {
	case strings.HasPrefix(auth, acs3+" "):
		key, headers, given := parseACS3(auth)
		s.scheme, s.key, s.given, s.headers = schemeACS3, key, given, strings.Split(headers, ";")
		s.date, s.layout = r.Header.Get("x-acs-date"), "2006-01-02T15:04:05Z"
	case strings.HasPrefix(auth, "acs "):
		s.scheme, s.date, s.layout = schemeROA, r.Header.Get("Date"), http.TimeFormat
		s.key, s.given, _ = strings.Cut(strings.TrimPrefix(auth, "acs "), ":")
	case params.Get("Signature") != "" && params.Get("SignatureMethod") == "HMAC-SHA1" && params.Get("SignatureVersion") == "1.0":
		s.scheme, s.key, s.given, s.token = schemeRPC, params.Get("AccessKeyId"), params.Get("Signature"), params.Get("SecurityToken")
		s.date, s.layout = params.Get("Timestamp"), "2006-01-02T15:04:05Z"
	}
	return s
}

// verify checks the signature of a call. The codes are those of the general gateway; that CS uses the same is assumed.
func (a *Account) verify(r *http.Request, q *request) *answer {
	if refusal := incomplete(r, q); refusal != nil {
		return refusal
	}
	s := q.signature
	of, known := a.holder(s.key)
	if !known {
		return refuse(http.StatusNotFound, "InvalidAccessKeyId.NotFound", "Specified access key is not found.")
	}
	if s.token != of.token {
		return refuse(http.StatusBadRequest, "InvalidSecurityToken.Malformed", "this account gave out no such security token")
	}
	if !of.expires.IsZero() && !a.now().Before(of.expires) {
		return tokenExpired()
	}
	sent, err := time.Parse(s.layout, s.date)
	if age := a.now().Sub(sent); err != nil || age > freshness || age < -freshness {
		return refuse(http.StatusBadRequest, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")
	}
	if !hmac.Equal([]byte(s.given), []byte(sign(r, q, of.secret))) {
		return refuse(http.StatusBadRequest, "SignatureDoesNotMatch", "Specified signature is not matched with our calculation.")
	}
	return nil
}

// incomplete refuses a signature that leaves out what it has to cover.
func incomplete(r *http.Request, q *request) *answer {
	switch q.signature.scheme {
	case schemeNone:
		return refuse(http.StatusBadRequest, "IncompleteSignature", "the call carries no signature this account knows")
	case schemeRPC:
		if q.params.Get("SignatureNonce") == "" {
			return refuse(http.StatusBadRequest, "IncompleteSignature", "the parameter SignatureNonce is missing")
		}
	case schemeACS3:
		if missing := unsigned(r, q.signature.headers); missing != "" {
			return refuse(http.StatusBadRequest, "IncompleteSignature", "the header %s is not signed", missing)
		}
		sum := sha256.Sum256(q.body)
		if hex.EncodeToString(sum[:]) != r.Header.Get("x-acs-content-sha256") {
			return refuse(http.StatusBadRequest, "SignatureDoesNotMatch", "x-acs-content-sha256 is not the hash of the body")
		}
	}
	return nil
}

// parseACS3 takes an authorization header apart.
func parseACS3(auth string) (key, headers, signature string) {
	for _, part := range strings.Split(strings.TrimPrefix(auth, acs3+" "), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "Credential":
			key = value
		case "SignedHeaders":
			headers = value
		case "Signature":
			signature = value
		}
	}
	return key, headers, signature
}

// unsigned returns a header that has to be signed and is not: host, content-type and everything that begins with x-acs-.
func unsigned(r *http.Request, names []string) string {
	need := []string{"host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce", "x-acs-version"}
	for name := range r.Header {
		if name = strings.ToLower(name); strings.HasPrefix(name, "x-acs-") || name == "content-type" {
			need = append(need, name)
		}
	}
	slices.Sort(need)
	for _, name := range need {
		if !slices.Contains(names, name) {
			return name
		}
	}
	return ""
}

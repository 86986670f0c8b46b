package sim

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// sign computes the signature that the call should carry.
func sign(r *http.Request, q *request, secret string) string {
	switch q.signature.scheme {
	case schemeACS3:
		return signACS3(r, q.signature.headers, secret)
	case schemeRPC:
		return signRPC(r.Method, q.params, secret)
	}
	return signROA(r, secret)
}

// signACS3 computes the newer signature: HMAC-SHA256 over the hash of a canonical request.
func signACS3(r *http.Request, names []string, secret string) string {
	var canonical strings.Builder
	path := strings.NewReplacer("+", "%20", "*", "%2A", "%7E", "~").Replace(rawPath(r))
	canonical.WriteString(r.Method + "\n" + path + "\n" + canonicalQuery(r.URL.Query()) + "\n")
	for _, name := range names {
		canonical.WriteString(name + ":" + header(r, name) + "\n")
	}
	canonical.WriteString("\n" + strings.Join(names, ";") + "\n" + r.Header.Get("x-acs-content-sha256"))

	sum := sha256.Sum256([]byte(canonical.String()))
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(acs3 + "\n" + hex.EncodeToString(sum[:])))
	return hex.EncodeToString(mac.Sum(nil))
}

func header(r *http.Request, name string) string {
	if name == "host" {
		return r.Host
	}
	return strings.TrimSpace(strings.Join(r.Header.Values(name), ","))
}

// canonicalQuery encodes by RFC 3986, keys sorted.
func canonicalQuery(query url.Values) string {
	escape := func(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(query)) {
		for _, value := range query[key] {
			parts = append(parts, escape(key)+"="+escape(value))
		}
	}
	return strings.Join(parts, "&")
}

// signROA computes the older signature: HMAC-SHA1 over headers and the unencoded query. It does not cover the body.
func signROA(r *http.Request, secret string) string {
	text := []string{r.Method, r.Header.Get("Accept"), r.Header.Get("Content-MD5"), r.Header.Get("Content-Type"), r.Header.Get("Date")}
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		if lower := strings.ToLower(name); strings.HasPrefix(lower, "x-acs-") {
			text = append(text, lower+":"+header(r, name))
		}
	}
	query := r.URL.Query()
	var pairs []string
	for _, key := range slices.Sorted(maps.Keys(query)) {
		pair := key
		if value := query.Get(key); value != "" {
			pair += "=" + value
		}
		pairs = append(pairs, pair)
	}
	resource := rawPath(r)
	if len(pairs) > 0 {
		resource += "?" + strings.Join(pairs, "&")
	}
	mac := hmac.New(sha1.New, []byte(secret))
	mac.Write([]byte(strings.Join(append(text, resource), "\n")))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// signRPC computes the oldest signature: HMAC-SHA1 over all parameters, those of a form too. It covers no header.
func signRPC(method string, params url.Values, secret string) string {
	signed := maps.Clone(params)
	delete(signed, "Signature")
	mac := hmac.New(sha1.New, []byte(secret+"&"))
	mac.Write([]byte(method + "&%2F&" + url.QueryEscape(canonicalQuery(signed))))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

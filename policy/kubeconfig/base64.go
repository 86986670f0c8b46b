package kubeconfig

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
)

// minBase64 is the least number of characters that is taken for base64: less
// is a word, and holds no credential.
const minBase64 = 32

var bom = []byte("\ufeff")

// unbase64 decodes a text that is base64 and nothing else: folded over lines
// or not, padded or not, in the alphabet for texts or in that for URLs. A
// kubeconfig is never taken for one, for it has a colon.
func unbase64(data []byte) ([]byte, bool) {
	data = bytes.TrimPrefix(data, bom)
	if bytes.ContainsFunc(data, notBase64) || bytes.HasPrefix(bytes.TrimSpace(data), []byte(pemBegin)) {
		return nil, false
	}
	text := strings.NewReplacer("-", "+", "_", "/").Replace(unspaced(string(data)))
	for range 2 {
		text = strings.TrimSuffix(text, "=")
	}
	if len(text) < minBase64 {
		return nil, false
	}
	raw, err := base64.RawStdEncoding.DecodeString(text)
	return raw, err == nil
}

func notBase64(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("+/-_= \t\r\n", r))
}

var errNoBase64 = errors.New("it is no base64")

// decode64 decodes a value of a file, as its readers do.
func decode64(text string) ([]byte, error) {
	raw, err := base64.StdEncoding.DecodeString(unspaced(text))
	if err != nil {
		return nil, errNoBase64 // the error of the decoder says where, which is of no use
	}
	return raw, nil
}

// unspaced lets base64 be folded over lines, as YAML may.
func unspaced(text string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '\t' || r == '\n' || r == '\r' {
			return -1
		}
		return r
	}, text)
}

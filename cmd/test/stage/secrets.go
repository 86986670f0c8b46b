package stage

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The keys of these tests. They open nothing, and are like nothing else.
const (
	TestKeyID  = "STS.NUxQ7vTestOnlyKeyId4w"
	TestSecret = "sEcR3tXq9vW7zK2mN8pL5tY1uB4hJ6"
	TestToken  = "CAISzToK3n+/aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5zA7bC9dE1fG3h/J5kL7+mN9oP=="
	TestKey    = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7TestOnlyNoKey"
	TestPEM    = "-----BEGIN RSA PRIVATE KEY-----\n" + TestKey + "\n-----END RSA PRIVATE KEY-----\n"
)

// KubeconfigFile is a file as ACK issues it.
var KubeconfigFile = `apiVersion: v1
kind: Config
clusters:
- cluster: {server: "https://192.0.2.1:6443", certificate-authority-data: ` +
	base64.StdEncoding.EncodeToString([]byte("-----BEGIN CERTIFICATE-----\n"+TestKey)) + `}
  name: kubernetes
users:
- name: "200000000000000001"
  user: {client-key-data: ` + base64.StdEncoding.EncodeToString([]byte(TestPEM)) + `, token: ` + TestSecret + `}
`

// Needles are what must be found nowhere, with a name each: keys in clear and
// in every encoding that a service or a library may have given them, and any
// eight characters of them.
func Needles() map[string]string {
	all := map[string]string{"a PEM block": "-----BEGIN", "a PEM block in base64": "LS0tLS1CRUdJTi"}
	maps.Copy(all, needlesOf(map[string]string{"access key id": TestKeyID, "secret": TestSecret, "token": TestToken, "private key": TestKey}))
	return all
}

func needlesOf(secrets map[string]string) map[string]string {
	all := map[string]string{}
	for name, v := range secrets {
		forms := map[string]string{"clear": v, "query": url.QueryEscape(v), "path": url.PathEscape(v),
			"small query": strings.NewReplacer("%2B", "%2b", "%2F", "%2f", "%3D", "%3d").Replace(url.QueryEscape(v)),
			"hex":         hex.EncodeToString([]byte(v)), "HEX": strings.ToUpper(hex.EncodeToString([]byte(v)))}
		for i, alphabet := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
			for at := range 3 { // what two neighbourhoods have in common is the text's own
				one := alphabet.EncodeToString([]byte(strings.Repeat("\x00", at) + v + "\x00\x00"))
				two := alphabet.EncodeToString([]byte(strings.Repeat("\xff", at) + v + "\xff\xff"))
				from, to := 0, len(one)
				for one[from] != two[from] {
					from++
				}
				for one[to-1] != two[to-1] {
					to--
				}
				forms[fmt.Sprintf("base64 %d at %d", i, at)] = strings.TrimRight(one[from:to], "=")
			}
		}
		for form, text := range forms {
			part := 8
			switch {
			case strings.HasPrefix(form, "hex"), strings.HasPrefix(form, "HEX"):
				part = 16
			case strings.HasPrefix(form, "base64"):
				part = 11 // less may be of fewer than eight characters
			}
			for i := 0; i+part <= len(text); i++ {
				// An escape alone is nobody's, and the alphabet not either.
				if piece := text[i : i+part]; strings.Count(piece, "%") < 2 {
					all[fmt.Sprintf("%s, %s, from %d", name, form, i)] = piece
				}
			}
		}
	}
	return all
}

func Found(all map[string]string, text string) string {
	first := ""
	for name, needle := range all {
		if strings.Contains(text, needle) && (first == "" || name < first) {
			first = name
		}
	}
	return first
}

// TellsNothing asserts that neither the streams nor any file under dir holds a key.
func TellsNothing(t *testing.T, what string, all map[string]string, dir string, streams ...string) {
	t.Helper()
	texts := map[string]string{}
	for i, s := range streams {
		texts[fmt.Sprintf("stream %d", i+1)] = s
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			texts[path] = path + string(Must(os.ReadFile(path)))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for where, text := range texts {
		if name := Found(all, text); name != "" {
			i := strings.Index(text, all[name])
			t.Errorf("%s: %s holds the %s: %q", what, where, name, Around(text, i))
		}
	}
}

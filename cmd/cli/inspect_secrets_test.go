package cli_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"ackrevoke/cmd/test/stage"
)

// No key leaves the program, in no form and wherever it stands in the file.
func TestInspectKeepsKeys(t *testing.T) {
	stage.Keys(t, "1234567890123456")
	l := leaked(t, "a", server, alice, leakExpires, "dev")
	key64 := pem64("PRIVATE KEY", l.key)
	plain, _ := base64.StdEncoding.DecodeString(key64)
	files := map[string]string{
		"as it is":            leakFile(l),
		"for the certificate": strings.Replace(leakFile(l), "client-certificate-data: ", "client-certificate-data: "+key64+" #", 1),
		"for the CA": strings.Replace(leakFile(l), `server: "https://203.0.113.7:6443"`,
			`server: "https://203.0.113.7:6443", certificate-authority-data: `+key64, 1),
		"in names":         strings.ReplaceAll(leakFile(l), `"a"`, fmt.Sprintf("%q", plain)),
		"in names, base64": strings.ReplaceAll(leakFile(l), `"u-a"`, key64),
		"for the server":   strings.ReplaceAll(leakFile(l), server, "https://x/"+key64),
		"as an anchor":     strings.ReplaceAll(leakFile(l), `"u-a"`, "*"+strings.TrimRight(key64, "=")),
		"as a key":         strings.ReplaceAll(leakFile(l), "client-key-data: ", key64+": "),
		"twice":            strings.ReplaceAll(leakFile(l), "client-key-data: "+key64, "client-key-data: "+key64+"\n    client-key-data: "+key64),
		"not closed":       strings.ReplaceAll(leakFile(l), "client-key-data: ", "client-key-data: \""),
		"as a tag":         strings.ReplaceAll(leakFile(l), "client-key-data: ", "client-key-data: !"),
		"user information": strings.ReplaceAll(leakFile(l), server,
			"https://"+strings.TrimRight(key64, "=")+":"+hex.EncodeToString(l.key)+"@203.0.113.7:6443"),
		"other secrets": strings.ReplaceAll(leakFile(l), "client-key-data: ",
			"token: "+key64+"\n    password: "+hex.EncodeToString(l.key)+"\n    client-key-data: "),
	}
	forms := [][]byte{l.key[40:56], []byte(key64)[60:84], plain[60:84], []byte(hex.EncodeToString(l.key))[80:112],
		[]byte(base64.StdEncoding.EncodeToString(l.key))[60:84],
		[]byte(strings.ToUpper(hex.EncodeToString(l.key)))[80:112]}
	for name, file := range files {
		if !strings.Contains(file, key64[60:84]) && !strings.Contains(file, string(plain[60:70])) {
			t.Fatalf("%s: the key is not in it", name)
		}
		stage.Bubble(t, []byte(leaky), leakNow, func(w *stage.World) {
			outputs := []inspected{inspect(t, file), inspect(t, file, "--format", "json")}
			live, calls := inspectLive(w, context.Background(), file, "--log-level", "trace", "--log-format", "json")
			outputs = append(outputs, live)
			wire, err := json.Marshal(calls)
			if err != nil {
				t.Fatal(err)
			}
			outputs = append(outputs, inspected{0, string(wire), ""})
			for _, out := range outputs {
				for _, form := range forms {
					if bytes.Contains([]byte(out.stdout+out.stderr), form) {
						t.Errorf("%s: the key got out:\n%s%s", name, out.stdout, out.stderr)
					}
				}
			}
		})
	}
}

// Texts that others chose are seen as text.
func TestInspectHostileText(t *testing.T) {
	bad := "\x1b[2J\x1b]0;x\a\u202eevil\u200b\nFORGED\r\x00\x7f\u2028FORGED"
	huge := strings.Repeat("x", 64<<10)
	l := leaked(t, "a", server, bad, leakExpires, bad, huge)
	l2 := leaked(t, "b", server, huge, leakExpires)
	l3 := leaked(t, "c\u202e\x1b[2J\nFORGED", "https://\u202eevil/\u200b", "200000000000000001\n", leakExpires)
	file := leakFile(l, l2, l3)
	file = strings.ReplaceAll(file, `\x00`, `\0`)
	for _, args := range [][]string{nil, {"--format", "json"}} {
		got := inspect(t, file, args...)
		if got.code != 0 || len(got.stdout) > 16<<10 {
			t.Errorf("exit %d, %d bytes\n%s", got.code, len(got.stdout), got.stderr)
		}
		for _, r := range got.stdout + got.stderr {
			if r != '\n' && r < ' ' || r == 0x7f || slices.Contains([]rune{0x202e, 0x200b, 0x2028, 0x9b}, r) {
				t.Fatalf("%U in %q", r, got.stdout)
			}
		}
		for line := range strings.Lines(got.stdout) {
			if strings.HasPrefix(line, "FORGED") {
				t.Errorf("a line of their own:\n%s", got.stdout)
			}
		}
		if strings.Contains(got.stdout, "For the policy") || strings.Contains(got.stdout, `"uid": "2`) {
			t.Errorf("a CN that is no uid was taken for one:\n%s", got.stdout)
		}
	}
}

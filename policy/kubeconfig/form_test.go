package kubeconfig

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// wrapping is a way in which people keep a kubeconfig or a certificate.
type wrapping struct {
	name string
	form Form
	key  string
	text bool // it holds texts alone
	wrap func(data []byte) []byte
}

var wrappings = []wrapping{
	{"base64", Base64, "", false, func(d []byte) []byte { return []byte(base64.StdEncoding.EncodeToString(d)) }},
	{"base64 and a line end", Base64, "", false, func(d []byte) []byte { return []byte(base64.StdEncoding.EncodeToString(d) + "\n") }},
	{"base64 in lines", Base64, "", false, func(d []byte) []byte { return folded(base64.StdEncoding.EncodeToString(d), 76, "\n") }},
	{"base64 in lines of Windows", Base64, "", false, func(d []byte) []byte {
		return folded(base64.StdEncoding.EncodeToString(d), 64,
			"\r\n")
	}},
	{"base64 behind a byte-order mark", Base64, "", false,
		func(d []byte) []byte { return []byte("\ufeff" + base64.StdEncoding.EncodeToString(d)) }},
	{"base64, not padded", Base64, "", false, func(d []byte) []byte { return []byte(base64.RawStdEncoding.EncodeToString(d)) }},
	{"base64 for URLs", Base64, "", false, func(d []byte) []byte { return []byte(base64.URLEncoding.EncodeToString(d)) }},
	{"base64 for URLs, not padded", Base64, "", false, func(d []byte) []byte { return []byte(base64.RawURLEncoding.EncodeToString(d)) }},
	{"the data of a Secret", Secret, "data.admin.conf", false, func(d []byte) []byte {
		head := "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\ndata:\n  admin.conf: "
		return []byte(head + base64.StdEncoding.EncodeToString(d) + "\n")
	}},
	{"the data of a Secret, folded", Secret, "data.config", false, func(d []byte) []byte {
		return []byte("kind: Secret\ndata:\n  config: |\n    " + string(folded(base64.StdEncoding.EncodeToString(d), 76, "\n    ")) + "\n")
	}},
	{"the stringData of a Secret", Secret, "stringData.value", true, func(d []byte) []byte {
		return object(map[string]any{"kind": "Secret", "stringData": map[string]string{"value": string(d)}})
	}},
	{"the answer of the service", Answer, "config", true, func(d []byte) []byte {
		return object(map[string]any{"config": string(d), "expiration": "2028-09-10T11:12:13Z"})
	}},
}

func folded(text string, width int, end string) []byte {
	var lines []string
	for part := range slices.Chunk([]byte(text), width) {
		lines = append(lines, string(part))
	}
	return []byte(strings.Join(lines, end) + end)
}

func object(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}

func open(t testing.TB, data []byte) *Opened {
	t.Helper()
	o, err := Open("leaked", data)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// contents are the files that stand inside a form.
func contents(t testing.TB) map[string][]byte {
	cert, key := leaf(t, rsaKey(), "200000000000000001-1676970192", "dev"), pkcs8(t, rsaKey())
	block, _ := pem.Decode([]byte(cert))
	return map[string][]byte{
		"a kubeconfig":                       inline(cert, key),
		"a kubeconfig of Windows":            []byte(strings.ReplaceAll(string(inline(cert, key)), "\n", "\r\n")),
		"a certificate":                      []byte(cert),
		"a certificate and its key":          []byte(cert + key),
		"a key and its certificate":          []byte("\n" + key + cert + "\n"),
		"a certificate of Windows":           []byte(strings.ReplaceAll(cert, "\n", "\r\n")),
		"certificates and another one's key": []byte(leaf(t, ecKey(), "1") + pkcs8(t, edKey()) + cert),
		"a certificate in DER":               block.Bytes,
	}
}

// Whatever is around a file, the same is found in it.
func TestForms(t *testing.T) {
	for name, data := range contents(t) {
		plain := open(t, data)
		if plain.Form != Plain || len(plain.Found) != 1 || plain.Found[0].Key != "" || len(plain.Problems) > 0 {
			t.Fatalf("%s: %+v", name, plain)
		}
		if c := slices.Concat(plain.Found[0].Contexts, plain.Found[0].Loose); len(c) != 1 || c[0].Certificate == nil ||
			len(c[0].Problems) > 0 {
			t.Fatalf("%s: %+v", name, plain.Found[0].File)
		}
		for _, w := range wrappings {
			if w.text && !utf8.Valid(data) {
				continue
			}
			got := open(t, w.wrap(data))
			want := &Opened{Form: w.form, Found: []Found{{plain.Found[0].Content, w.key, plain.Found[0].File}}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s as %s (-want +got):\n%s", name, w.name, diff)
			}
			for _, outer := range wrappings { // never more than one
				if o, err := Open("leaked", outer.wrap(w.wrap(data))); err == nil {
					t.Errorf("%s as %s of %s: %s with %d found", name, outer.name, w.name, o.Form, len(o.Found))
				}
			}
		}
	}
}

func TestCertificateByItself(t *testing.T) {
	one, two, key := leaf(t, ecKey(), "1"), leaf(t, otherKey(), "2"), pkcs8(t, otherKey())
	parameters := "-----BEGIN EC PARAMETERS-----\nBQA=\n-----END EC PARAMETERS-----\n"
	encrypted := "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"
	for _, c := range []struct {
		name, data string
		uid        string
		state      KeyState
		others     int
		says       string // a problem
	}{
		{"one", one, "1", KeyMissing, 0, ""},
		{"behind a byte-order mark", "\ufeff\n" + one, "1", KeyMissing, 0, ""},
		{"two", one + two, "1", KeyMissing, 1, ""},
		{"the second fits", one + two + key, "2", KeyInline, 1, ""},
		{"the key comes first, with its parameters", parameters + pkcs8(t, ecKey()) + one, "1", KeyInline, 0, ""},
		{"none fits", one + key, "1", KeyOther, 0, ""},
		{"an encrypted key", encrypted + one, "1", KeyEncrypted, 0, ""},
		{"no key", one + "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "1", KeyUnreadable, 0, ""},
		{"two keys", one + key + pkcs8(t, ecKey()), "1", KeyOther, 0, ""},
		{"something behind", one + "sEcReT", "1", KeyMissing, 0, "something behind"},
		{"something between", one + "sEcReT\n" + two, "1", KeyMissing, 1, "something between"},
		{"a block that is not closed", one + "-----BEGIN X-----\n" + two, "1", KeyMissing, 1, "something between"},
		{"another block", one + "-----BEGIN X-----\nAAAA\n-----END X-----\n", "1", KeyMissing, 0, "something else than"},
		{"malformed", one + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" + two, "1", KeyMissing, 0,
			"certificate 2 in it is malformed"},
		{"too many", strings.Repeat(one, 17), "1", KeyMissing, 15, "more than 16"},
		{"a mapping below", one + "users: [{name: sEcReT}]\n", "1", KeyMissing, 0, "something behind"},
	} {
		got := open(t, []byte(c.data)).Found[0]
		x := got.Loose[0]
		if got.Content != ByItself || len(got.Contexts) > 0 || x.Certificate.UID != c.uid || x.Key != c.state ||
			x.Certificate.Others != c.others {
			t.Errorf("%s: %+v, key %s", c.name, x.Certificate, x.Key)
		}
		said := strings.Join(x.Problems, "\n")
		shown := strings.Join(all(got.File), "\n")
		if (c.says == "") != (said == "") || !strings.Contains(said, c.says) || strings.Contains(shown, "sEcReT") {
			t.Errorf("%s: %q", c.name, x.Problems)
		}
	}
}

// What a Secret holds is read, each of it, and what is not read is said.
func TestSecrets(t *testing.T) {
	config := func(uid string) string { return string(inline(leaf(t, ecKey(), uid), pkcs8(t, ecKey()))) }
	cert, key := leaf(t, ecKey(), "5"), pkcs8(t, ecKey())
	manifest := func(data, text map[string]string) []byte {
		for k, v := range data {
			data[k] = b64(v)
		}
		return object(map[string]any{"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "data": data, "stringData": text})
	}
	o := open(t, manifest(map[string]string{"b": config("2"), "a": config("1"), "empty": "", "password": "sEcReT", "tls.crt": cert,
		"tls.key": key, "alias": "users: *sEcReT"},
		map[string]string{"a": config("3"), "deep": b64(config("4"))}))
	var got []string
	for _, f := range o.Found {
		c := slices.Concat(f.Contexts, f.Loose)[0]
		got = append(got, fmt.Sprintf("%s %s %s %s", f.Key, f.Content, c.Certificate.UID, c.Key))
	}
	if diff := cmp.Diff([]string{"data.a kubeconfig 1 inline", "data.b kubeconfig 2 inline", "data.tls.crt certificate 5 inline",
		"stringData.a kubeconfig 3 inline"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	want := []string{"leaked (data.alias):1: neither YAML nor JSON: aliases are not read: write the value out",
		"leaked (data.password): the file is no kubeconfig: at its top is no mapping",
		"leaked (stringData.deep): the file is base64, and no kubeconfig: decode it first"}
	if diff := cmp.Diff(want, o.Problems); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	many := map[string]string{"config": config("1")}
	for i := range 40 {
		many[fmt.Sprintf("k%02d", i)] = "x"
	}
	if o := open(t, manifest(many, nil)); len(o.Problems) != 17 || o.Problems[16] != "24 more of its keys are not read" {
		t.Errorf("%q", o.Problems)
	}
}

// A hostile form costs no more than a hostile kubeconfig, and the message
// holds nothing of it.
func TestFormsRefused(t *testing.T) {
	good := string(inline(leaf(t, ecKey(), "1"), pkcs8(t, ecKey())))
	secret := func(data string) string { return "kind: Secret\ndata:\n" + data }
	for _, c := range []struct{ name, data, says string }{
		{"too large", strings.Repeat("A", 10<<20+1), "larger than 10 MiB"},
		{"base64 of a bomb", b64("users: [" + strings.Repeat("a,", 1<<20) + "]"), "lines and separators"},
		{"base64 of aliases", b64("a: &a [x, x]\nusers: *a # and something behind it"), "anchors are not read"},
		{"base64 of nothing", b64(strings.Repeat(" ", 100)), "the file is empty"},
		{"base64 of bytes", b64(strings.Repeat("\x00\xff", 100)), "leaked (taken for base64)"},
		{"a word", "sEcReT", "at its top is no mapping"},
		{"words", strings.Repeat("sEcReT ", 10), "leaked (taken for base64)"},
		{"PEM too large", "-----BEGIN X-----\n" + strings.Repeat("A", 513<<10), "larger than 512 KiB"},
		{"a key by itself", pkcs8(t, ecKey()), "the file is PEM, and no certificate can be read from it: there is a private key in it"},
		{"a key by itself in base64", b64(pkcs8(t, ecKey())), "there is a private key in it"},
		{"begins only", strings.Repeat("-----BEGIN CERTIFICATE-----\n", 9000), "no certificate can be read from it"},
		{"a mapping that begins like PEM", "-----BEGIN: sEcReT\n" + good, "no certificate can be read from it"},
		{"a List", "kind: List\nitems: []\n", "give one Secret of it by itself"},
		{"another kind", "kind: ConfigMap\ndata: {}\n", "its kind is not Config"},
		{"a Secret without data", "kind: Secret\n", "no key of this Secret"},
		{"data that is a list", secret("- x\n"), "data is no mapping"},
		{"a value that is a list", secret("  sEcReT: [x]\n"), "a value of data is no text"},
		{"a key that is none", secret("  'sEcReT !': x\n"), "a key of data that no Secret can have"},
		{"a key twice", secret("  sEcReT: x\n  sEcReT: x\n"), "a key stands twice in data"},
		{"data twice", secret("  a: x\ndata:\n  b: x\n"), "the key data stands twice"},
		{"no base64", secret("  a: '%sEcReT'\n"), "leaked (data.a): it is no base64"},
		{"a Secret too large", secret("  a: " + b64(strings.Repeat("x", 1<<20+1)) + "\n"), "larger than 1 MiB"},
		{"many marks in a Secret", secret("  a: " + b64("["+strings.Repeat("a,", 150e3)) + "\n  b: " + b64("["+strings.Repeat("a,",
			150e3)) + "\n"), "lines and separators"},
		{"many keys", secret(strings.Repeat("  a: x\n", 1001)), "more than 1000 keys"},
		{"many ways in", secret("  a: " + b64("users: ["+strings.Repeat("{},", 999)+"]") +
			"\n  b: " + b64("users: ["+strings.Repeat("{},", 999)+"]") + "\n  c: " + b64("users: [{}, {}, {}]") + "\n"), "more than 2000 ways in"},
		{"a CA in a Secret", secret("  ca.crt: " + b64(authority(t)) + "\n"), "that of a CA, which opens nothing"},
		{"an answer without a kubeconfig", `{"config": "sEcReT", "expiration": ""}`, "leaked (config): the file is no kubeconfig"},
		{"an answer that is empty", `{"config": ""}`, "neither contexts nor clusters nor users"},
		{"an answer twice", `{"config": "a: b", "config": "sEcReT"}`, "the key config stands twice"},
	} {
		o, err := Open("leaked", []byte(c.data))
		if o != nil || err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "sEcReT") ||
			len(err.Error()) > 400 {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	// kubectl reads the kubeconfig and not the key beside it, and so does this.
	o := open(t, []byte(good+"config: |\n  users: []\n"))
	if o.Form != Plain || o.Found[0].Contexts[0].Certificate.UID != "1" {
		t.Errorf("%+v", o)
	}
	if x := open(t, []byte(authority(t))).Found[0].Loose[0]; !x.Certificate.CA || !strings.Contains(strings.Join(x.Problems, ""),
		"that of a CA") {
		t.Errorf("%+v", x)
	}
}

// FuzzOpen: whatever is in a file, in any form the same is found in it, or the
// same is wrong with it, and no byte of a key comes out.
func FuzzOpen(f *testing.F) {
	key := pkcs8(f, ecKey())
	block, _ := pem.Decode([]byte(key))
	forms := []string{b64(key)[80:104], key[60:84], string(block.Bytes[60:76]), hex.EncodeToString(block.Bytes)[120:144],
		b64(string(block.Bytes))[80:104]}
	cert := leaf(f, ecKey(), "200000000000000001-1676970192", "dev")
	good := string(inline(cert, key))
	at := strings.Index(good, b64(key))
	for how := range uint8(len(wrappings)) {
		f.Add(good[:at], good[at+len(b64(key)):], true, how)
		f.Add(cert, "", false, how)
		f.Add("", cert, false, how)
	}
	f.Add("kind: Secret\ndata: {a: ", "}", true, uint8(0))
	f.Add("kind: Secret\nstringData: {\"", "\": x}", true, uint8(8))
	f.Add("{\"config\": \"", "\"}", true, uint8(1))
	f.Add("", "", true, uint8(2))
	uid := regexp.MustCompile(`^\d{1,32}(-\d+)?$`)
	f.Fuzz(func(t *testing.T, before, after string, base64 bool, how uint8) {
		secret := key
		if base64 {
			secret = b64(key)
		}
		data, w := []byte(before+secret+after), wrappings[int(how)%len(wrappings)]
		plain, wrong := Open("leaked", data)
		wrapped, err := Open("leaked", w.wrap(data))
		for _, e := range []error{wrong, err} {
			if e != nil {
				check(t, forms, e.Error())
				if len(e.Error()) > 500 || !strings.HasPrefix(e.Error(), "leaked") || strings.Contains(e.Error(), "\n") {
					t.Errorf("message that cannot be shown: %q", e)
				}
			}
		}
		for _, o := range []*Opened{plain, wrapped} {
			if o == nil {
				continue
			}
			check(t, forms, o.Problems...)
			for _, f := range o.Found {
				check(t, forms, append(all(f.File), f.Key)...)
				checkFile(t, f.File, uid)
			}
		}
		switch {
		case w.text && !utf8.Valid(data): // JSON cannot hold it
		case wrong != nil || plain.Form != Plain: // one form and no more
			if err == nil {
				t.Errorf("%s of what is no content: %+v", w.name, wrapped)
			}
		case err != nil:
			t.Errorf("as %s: %v", w.name, err)
		case !cmp.Equal(plain.Found[0].File, wrapped.Found[0].File) || len(wrapped.Found) != 1 || wrapped.Form != w.form:
			t.Errorf("as %s: %s", w.name, cmp.Diff(plain, wrapped))
		}
	})
}

package kubeconfig

import (
	"encoding/hex"
	"encoding/pem"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzRead: whatever the bytes are, there is a file that keeps the promises of
// its types or one message that can be shown; and whatever stands around a
// private key, no byte of the key comes out - by a text or by an error.
func FuzzRead(f *testing.F) {
	key := pkcs8(f, ecKey())
	block, _ := pem.Decode([]byte(key))
	forms := []string{b64(key)[80:104], key[60:84], string(block.Bytes[60:76]), hex.EncodeToString(block.Bytes)[120:144],
		b64(string(block.Bytes))[80:104]}
	good := string(inline(leaf(f, ecKey(), "200000000000000001-1676970192", "dev"), key))
	at := strings.Index(good, b64(key))
	f.Add(good[:at], good[at+len(b64(key)):], true)
	f.Add(good[:at], "\n"+good, true)
	f.Add("users: [{name: u, user: {client-key-data: ", "}}]", false)
	f.Add("users: [{name: u, user: {client-certificate-data: ", "}}]", true)
	f.Add("users: [{name: ", "}]", true)
	f.Add("clusters: [{name: k, cluster: {certificate-authority-data: ", "}}]", true)
	f.Add("clusters: [{name: k, cluster: {server: 'https://x/", "'}}]", true)
	f.Add("users: *", "", true)
	f.Add("users: !", " []", true)
	f.Add("", "", false)
	f.Add("{\"users\":[{\"name\":\"u\",\"user\":{\"token\":\"", "\"}}]}", true)
	f.Add("users: &a [*a]\n#", "", true)
	uid := regexp.MustCompile(`^\d{1,32}(-\d+)?$`)
	f.Fuzz(func(t *testing.T, before, after string, base64 bool) {
		secret := key
		if base64 {
			secret = b64(key)
		}
		data := []byte(before + secret + after)
		file, err := Read("leaked", data)
		if (file == nil) == (err == nil) {
			t.Fatalf("%v, %v", file, err)
		}
		if err != nil {
			check(t, forms, err.Error())
			if len(err.Error()) > 300 || !strings.HasPrefix(err.Error(), "leaked:") || strings.Contains(err.Error(), "\n") {
				t.Errorf("message that cannot be shown: %q", err)
			}
		} else {
			check(t, forms, all(file)...)
			checkFile(t, file, uid)
			again, err := Read("leaked", data)
			if err != nil || !cmp.Equal(file, again) {
				t.Errorf("two readings of the same bytes differ: %v", err)
			}
		}
		pair, err := Pair(data, "")
		if err != nil {
			check(t, forms, err.Error())
		}
		if (err == nil) != (pair.PrivateKey != nil) || (err == nil) != (len(pair.Certificate) > 0) {
			t.Errorf("half a pair: %v", err)
		}
	})
}

func check(t *testing.T, forms []string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		for _, form := range forms {
			if strings.Contains(text, form) {
				t.Errorf("the key is in %q", text)
			}
		}
	}
}

func checkFile(t *testing.T, file *File, uid *regexp.Regexp) {
	t.Helper()
	current := 0
	for i, c := range slices.Concat(file.Contexts, file.Loose) {
		if c.Current {
			current++
		}
		if i > 0 && i < len(file.Contexts) && c.Name < file.Contexts[i-1].Name {
			t.Errorf("out of order: %q", c.Name)
		}
		if !slices.IsSorted(c.NotFollowed) {
			t.Errorf("not sorted: %q", c.NotFollowed)
		}
		if rest := strings.ReplaceAll(string(c.CA), "CERTIFICATE", ""); strings.Contains(rest, "KEY") && strings.Contains(rest, "BEGIN "+"P") {
			t.Errorf("a CA that is none: %s", c.CA)
		}
		x := c.Certificate
		if x == nil {
			continue
		}
		if (x.UID != "") != uid.MatchString(x.CommonName) || x.UID != "" && x.CommonName != strings.TrimSuffix(x.UID+"-"+x.Suffix, "-") {
			t.Errorf("uid %q, suffix %q of CN %q", x.UID, x.Suffix, x.CommonName)
		}
		if x.Masters && !slices.Contains(x.Organisations, Masters) || !slices.IsSorted(x.Organisations) || x.Others < 0 || x.DaysLeft(now) < 0 {
			t.Errorf("%+v", x)
		}
	}
	if current > 1 {
		t.Error("several contexts are current")
	}
}

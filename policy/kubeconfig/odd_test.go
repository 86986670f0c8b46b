package kubeconfig

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func must(t testing.TB, data []byte) *File {
	t.Helper()
	f, err := Read("leaked", data)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestNames(t *testing.T) {
	for cn, want := range map[string][2]string{
		"200000000000000001":            {"200000000000000001", ""},
		"200000000000000001-1676970192": {"200000000000000001", "1676970192"},
		strings.Repeat("9", 32):         {strings.Repeat("9", 32), ""},
		"1-" + strings.Repeat("2", 999): {"1", strings.Repeat("2", 999)},
		strings.Repeat("9", 33):         {},
		"":                              {},
		"kubernetes-admin":              {},
		"2000 ":                         {},
		"2000\n":                        {},
		"2000-":                         {},
		"2000-1-2":                      {},
		"-1":                            {},
		"٢٠٠٠":                          {},
		"2000\x00":                      {},
	} {
		c := must(t, inline(leaf(t, ecKey(), cn), pkcs8(t, ecKey()))).Contexts[0].Certificate
		if c.UID != want[0] || c.Suffix != want[1] || c.CommonName != cn {
			t.Errorf("%q: uid %q, suffix %q, CN %q", cn, c.UID, c.Suffix, c.CommonName)
		}
	}
}

func TestMasters(t *testing.T) {
	for _, c := range []struct {
		orgs []string
		want bool
	}{{nil, false}, {[]string{"system:masters"}, true}, {[]string{"a", "system:masters", "b"}, true}, {[]string{"system:masters "}, false},
		{[]string{"system:mastersx"}, false}} {
		if got := must(t, inline(leaf(t, ecKey(), "1", c.orgs...), "")).Contexts[0].Certificate.Masters; got != c.want {
			t.Errorf("%q: %v", c.orgs, got)
		}
	}
}

// The certificate that counts is the one that the holder of the file can show.
func TestLeafAndKey(t *testing.T) {
	sec1 := func() string {
		der, err := x509.MarshalPKCS8PrivateKey(ecKey())
		if err != nil {
			t.Fatal(err)
		}
		return string(pem.EncodeToMemory(&pem.Block{Type: "EC PARAMETERS", Bytes: []byte{5, 0}})) +
			string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	}
	one, two := leaf(t, ecKey(), "1"), leaf(t, otherKey(), "2")
	for _, c := range []struct {
		name, cert, key string
		uid, algorithm  string
		state           KeyState
		others          int
		pair            string // what Pair says, "" for a pair
	}{
		{"one", one, pkcs8(t, ecKey()), "1", "ECDSA P-256", KeyInline, 0, ""},
		{"parameters first", one, sec1(), "1", "ECDSA P-256", KeyInline, 0, ""},
		{"Ed25519", leaf(t, edKey(), "3"), pkcs8(t, edKey()), "3", "Ed25519", KeyInline, 0, ""},
		{"RSA", two, pkcs8(t, otherKey()), "2", "RSA 2048", KeyInline, 0, ""},
		{"the second fits", one + two, pkcs8(t, otherKey()), "2", "RSA 2048", KeyInline, 1, ""},
		{"the first fits", one + two, pkcs8(t, ecKey()), "1", "ECDSA P-256", KeyInline, 1, ""},
		{"none fits", one + two, pkcs8(t, edKey()), "1", "ECDSA P-256", KeyOther, 1, "fits no certificate"},
		{"no key", one, "", "1", "ECDSA P-256", KeyMissing, 0, "is not inline"},
		{"encrypted", one, "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n", "1", "ECDSA P-256", KeyEncrypted,
			0, "under a passphrase"},
		{"encrypted the old way", one, "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n-----END " +
			"RSA PRIVATE KEY-----\n", "1", "ECDSA P-256", KeyEncrypted, 0, "under a passphrase"},
		{"garbage", one, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "1", "ECDSA P-256", KeyUnreadable, 0,
			"no private key that can be read"},
		{"no PEM", one, "sEcReT", "1", "ECDSA P-256", KeyUnreadable, 0, "no private key that can be read"},
		{"too large", one, strings.Repeat("x", 64<<10), "1", "ECDSA P-256", KeyUnreadable, 0, "no private key that can be read"},
	} {
		data := inline(c.cert, c.key)
		got := must(t, data).Contexts[0]
		if got.Certificate.UID != c.uid || got.Certificate.PublicKey != c.algorithm || got.Key != c.state || got.Certificate.Others != c.others {
			t.Errorf("%s: %+v, key %s", c.name, got.Certificate, got.Key)
		}
		for _, context := range []string{"", "c"} {
			pair, err := Pair(data, context)
			switch {
			case c.pair != "":
				if err == nil || !strings.Contains(err.Error(), c.pair) || strings.Contains(err.Error(), "sEcReT") || pair.PrivateKey != nil ||
					len(pair.Certificate) > 0 {
					t.Errorf("%s: %v", c.name, err)
				}
			case err != nil || len(pair.Certificate) != c.others+1 || pair.Leaf.Subject.CommonName != c.uid ||
				!bytes.Equal(pair.Certificate[0], pair.Leaf.Raw):
				t.Errorf("%s: %v, %d certificates", c.name, err, len(pair.Certificate))
			}
		}
	}
}

func TestPairRefuses(t *testing.T) {
	good := string(inline(leaf(t, ecKey(), "1"), pkcs8(t, ecKey())))
	for _, c := range []struct{ name, data, context, says string }{
		{"another context", good, "d", "no context of that name"},
		{"no current context", strings.Replace(good, "current-context: c", "", 1), "", "no current-context"},
		{"no such user", strings.Replace(good, "user: u", "user: v", 1), "", "not in the file"},
		{"files", strings.NewReplacer("client-certificate-data: ", "client-certificate: /x", "client-key-data: ", "client-key: /y").Replace(good),
			"", "not inline"},
		{"exec alone", string(config("exec: {command: /bin/true}")), "", "not inline"},
		{"malformed", string(config("client-certificate-data: " + b64("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"))), "",
			"malformed"},
		{"no kubeconfig", "a: b", "", "no kubeconfig"},
	} {
		pair, err := Pair([]byte(c.data), c.context)
		if err == nil || !strings.Contains(err.Error(), c.says) || !cmp.Equal(pair, tls.Certificate{}) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// Whatever points elsewhere or holds another secret is named, and nothing of
// it is shown.
func TestNotFollowed(t *testing.T) {
	const secret = "sEcReT"
	var user []string
	for _, k := range userNamed {
		v := secret
		switch k {
		case "exec", "auth-provider", "as-user-extra":
			v = "{x: " + secret + "}"
		case "as-groups":
			v = "[" + secret + "]"
		}
		user = append(user, k+": "+v)
	}
	data := strings.Replace(string(config(user...)), `{server: "https://203.0.113.7:6443"}`,
		`{server: "https://u:sEcReT@203.0.113.7:6443/p?t=sEcReT#sEcReT", certificate-authority: /sEcReT, insecure-skip-tls-verify: true, proxy-url: "http://sEcReT", tls-server-name: sEcReT}`, 1)
	f := must(t, []byte(data))
	c := f.Contexts[0]
	want := []string{"as", "as-groups", "as-uid", "as-user-extra", "auth-provider", "certificate-authority", "client-certificate",
		"client-key", "exec",
		"insecure-skip-tls-verify", "password", "proxy-url", "tls-server-name", "token", "tokenFile", "user information in server", "username"}
	if diff := cmp.Diff(want, c.NotFollowed); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if c.Server != "https://203.0.113.7:6443/p" {
		t.Errorf("server %q", c.Server)
	}
	for _, s := range all(f) {
		if strings.Contains(s, secret) {
			t.Errorf("a secret is in %q", s)
		}
	}
	plain := must(t, config("exec: null", "token: ''", "as-groups: []")).Contexts[0]
	if len(plain.NotFollowed) > 0 {
		t.Errorf("empty keys are named: %q", plain.NotFollowed)
	}
}

// all are the texts of a file as it was read.
func all(f *File) []string {
	texts := append([]string{}, f.Problems...)
	for _, c := range append(append([]Context{}, f.Contexts...), f.Loose...) {
		texts = append(texts, c.Name, c.Cluster, c.Server, string(c.CA), c.User, string(c.Key))
		texts = append(append(append(texts, c.NotFollowed...), c.Problems...), c.ClusterIDs()...)
		if x := c.Certificate; x != nil {
			texts = append(append(texts, x.UID, x.Suffix, x.CommonName, x.Issuer, x.Serial, x.PublicKey), x.Organisations...)
		}
	}
	return texts
}

// What a file says twice, or leaves out, hides nothing that is in it.
func TestRows(t *testing.T) {
	user := func(uid string) string {
		return "{client-certificate-data: " + b64(leaf(t, ecKey(), uid)) + "}"
	}
	f := must(t, []byte(`{clusters: [{name: k, cluster: {server: "https://one"}}, {name: k, cluster: {server: "https://two"}}],
contexts: [{name: z, context: {cluster: k, user: u}}, {name: a, context: {cluster: gone, user: gone}}, {name: a, context: {cluster: k, user: w}}, {name: e}],
users: [{name: u, user: `+user("1")+`}, {name: u, user: `+user("2")+`}, {name: w, user: `+user("3")+`}, {name: x, user: `+user("4")+`}],
current-context: nowhere}`))
	var uids []string
	for _, c := range append(append([]Context{}, f.Contexts...), f.Loose...) {
		uid := "-"
		if c.Certificate != nil {
			uid = c.Certificate.UID
		}
		uids = append(uids, c.Name+"/"+c.User+"/"+uid+"/"+c.Server)
	}
	want := []string{"a/gone/-/", "a/w/3/https://one", "e//-/", "z/u/1/https://one", "/u/2/", "/x/4/"}
	if diff := cmp.Diff(want, uids); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if f.Current() != nil || f.Context("z").Current || f.Context("nope") != nil || len(f.Problems) != 1 {
		t.Errorf("current %+v, problems %q", f.Current(), f.Problems)
	}
	said := strings.Join(all(f), "\n")
	for _, s := range []string{"another user has the same name", "another cluster has the same name", "another context has the same name",
		"the cluster that it names is not in the file", "the user that it names is not in the file"} {
		if !strings.Contains(said, s) {
			t.Errorf("it does not say %q", s)
		}
	}
}

// A hostile file costs no more than its size, and is told what is wrong.
func TestBombs(t *testing.T) {
	cert := leaf(t, ecKey(), "1")
	for _, c := range []struct{ name, data, says string }{
		{"aliases", "a: &a [x, x]\nb: &b [*a, *a]\nusers: [*b]\n", "anchors are not read"},
		{"an unknown alias", "users: *sEcReT\n", "aliases are not read"},
		{"a merge", "users: [{<<: {name: x}}]\n", "merge keys"},
		{"a tag", "users: !sEcReT []\n", "explicit tags"},
		{"another tag", "users: !!binary sEcReT\n", "explicit tags"},
		{"many nodes", "users: [" + strings.Repeat("a,", 5<<20-10) + "]", "lines and separators"},
		{"many lines", "users:\n" + strings.Repeat("- \n", 3<<20), "lines and separators"},
		{"deep", "users: " + strings.Repeat("[", 150_000), "neither YAML nor JSON"},
		{"deep mappings", strings.Repeat("{a: ", 60_000), "neither YAML nor JSON"},
		{"many rows", "users: [" + strings.Repeat("{},", 1001) + "]", "more than 1000 rows"},
		{"a long name", "users: [{name: " + strings.Repeat("x", 1025) + "}]", "more than 1024 bytes"},
		{"documents", "users: []\n---\nusers: []\n", "a second document"},
		{"twice", "users: []\nusers: []\n", "the key users stands twice"},
		{"another kind", "kind: Secret\nusers: []\n", "its kind is not Config"},
		{"control characters", "users: \x00\n", "neither YAML nor JSON"},
		{"no UTF-8", "users: \xff\n", "neither YAML nor JSON"},
		{"no list", "users: {}\n", "users is no list"},
		{"no mapping", "users: [x]\n", "is no mapping"},
		{"nothing", "null", "no mapping"},
		{"blank", "\n \n", "empty"},
	} {
		f, err := Read("leaked", []byte(c.data))
		if f != nil || err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "sEcReT") || len(err.Error()) > 300 {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	for _, c := range []struct{ name, text, says string }{
		{"huge base64", strings.Repeat("A", 513<<10), "it is larger than 512 KiB"},
		{"no base64", "'%'", "it is no base64"},
		{"many blocks", b64(strings.Repeat(cert, 17)), "more than 16 certificates"},
		{"empty blocks", b64(strings.Repeat("-----BEGIN X-----\n-----END X-----\n", 9000)), "something else than a certificate"},
		{"trailing garbage", b64(cert + "garbage"), "something behind its certificates"},
		{"a key", b64(pkcs8(t, ecKey())), "a private key where certificates belong"},
		{"a key behind", b64(cert + pkcs8(t, ecKey())), "a private key where certificates belong"},
		{"no DER", b64("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), "certificate 1 in it is malformed"},
		{"the second no DER", b64(cert + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), "certificate 2 in it is malformed"},
		{"begins only", b64(strings.Repeat("-----BEGIN CERTIFICATE-----\n", 9000)), "there is no certificate in it"},
	} {
		f := must(t, config("client-certificate-data: "+c.text))
		if said := strings.Join(f.Contexts[0].Problems, "\n"); !strings.Contains(said, c.says) {
			t.Errorf("%s: %q", c.name, said)
		}
		ca := must(t, []byte(strings.Replace(string(config("token: x")), "{server:", "{certificate-authority-data: "+c.text+", server:",
			1))).Contexts[0]
		if strings.Contains(string(ca.CA), "PRIVATE") || !strings.Contains(strings.Join(ca.Problems, "\n"), c.says) {
			t.Errorf("%s: as a CA: %q, %s", c.name, ca.Problems, ca.CA)
		}
	}
}

func TestWithheld(t *testing.T) {
	for _, text := range []string{"-----BEGIN X", "my RSA PRIVATE KEY", "x LS0tLS1CRUdJTiBQUklW"} {
		c := must(t, []byte(strings.ReplaceAll(string(inline(leaf(t, ecKey(), text, text), "")), "name: c", "name: '"+text+"'"))).Contexts[0]
		if c.Name != Withheld || c.Certificate.CommonName != Withheld || c.Certificate.Organisations[0] != Withheld ||
			c.Certificate.Issuer != Withheld {
			t.Errorf("%q: %+v, %+v", text, c, c.Certificate)
		}
	}
}

func TestValidity(t *testing.T) {
	c := Certificate{NotBefore: issued, NotAfter: expires}
	for _, x := range []struct {
		now  time.Time
		want Validity
		days int
	}{
		{issued.Add(-time.Second), NotYetValid, 1096}, {issued, Valid, 1096}, {expires.Add(-time.Second), Valid, 0}, {expires, Valid, 0},
		{expires.Add(time.Second), Expired, 0}, {expires.AddDate(400, 0, 0), Expired, 0}, {expires.Add(-24 * time.Hour), Valid, 1},
	} {
		if c.At(x.now) != x.want || c.DaysLeft(x.now) != x.days {
			t.Errorf("%s: %s, %d days", x.now, c.At(x.now), c.DaysLeft(x.now))
		}
	}
}

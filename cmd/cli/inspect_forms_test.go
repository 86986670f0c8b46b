package cli_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/report"
	"ackrevoke/policy"
)

// The forms in which people come upon a kubeconfig.
var leakForms = []struct {
	form, foundIn, says string
	wrap                func(file string) string
}{
	{"base64", "", "base64 of a kubeconfig", func(f string) string { return folded64(f, "\n") }},
	{"base64", "", "base64 of a kubeconfig", func(f string) string { return folded64(f, "\r\n") }},
	{"base64", "", "base64 of a kubeconfig", func(f string) string { return base64.RawURLEncoding.EncodeToString([]byte(f)) }},
	{"answer", "config", "the service's answer with a kubeconfig", func(f string) string {
		return marshalled(map[string]string{"config": f, "expiration": "2034-09-10T11:12:13Z"})
	}},
	{"secret", "stringData.value", "a Secret of Kubernetes", func(f string) string {
		return marshalled(map[string]any{"kind": "Secret", "stringData": map[string]string{"value": f}})
	}},
	{"secret", "data.admin.conf", "a Secret of Kubernetes", func(f string) string {
		return "apiVersion: v1\nkind: Secret\ndata:\n  admin.conf: " + base64.StdEncoding.EncodeToString([]byte(f)) + "\n"
	}},
}

func folded64(text, end string) string {
	var lines []string
	for text := base64.StdEncoding.EncodeToString([]byte(text)); text != ""; text = text[min(76, len(text)):] {
		lines = append(lines, text[:min(76, len(text))])
	}
	return strings.Join(lines, end) + end
}

func marshalled(v any) string { return string(stage.Must(json.Marshal(v))) }

// base64 testdata/leaked.yaml | ackrevoke inspect - says what inspecting the
// file itself says, and so does every other form.
func TestInspectForms(t *testing.T) {
	file := string(stage.Must(os.ReadFile("../../testdata/leaked.yaml")))
	args := []string{"--simulate", "../../testdata/estate.yaml"}
	plain := inspect(t, file, append(args, "--format", "json")...).decode(t)
	if plain.Form != "plain" || plain.Contexts[0].Content != "kubeconfig" || plain.Contexts[0].FoundIn != "" ||
		plain.Contexts[0].Account.PlacedBy != "address" {
		t.Errorf("%+v", plain.Contexts[0])
	}
	if said := inspect(t, file, args...).stdout; !strings.HasPrefix(said, "<stdin>: a kubeconfig, 1 way in, ") {
		t.Error(said)
	}
	for _, f := range leakForms {
		got := inspect(t, f.wrap(file), append(args, "--format", "json")...)
		i := got.decode(t)
		if got.code != 0 || i.Form != f.form || i.Contexts[0].FoundIn != f.foundIn {
			t.Errorf("%s: exit %d, %s in %q", f.form, got.code, i.Form, i.Contexts[0].FoundIn)
		}
		same := cmp.Options{cmpopts.IgnoreFields(report.Inspect{}, "Form"), cmpopts.IgnoreFields(report.InspectedContext{}, "FoundIn")}
		if diff := cmp.Diff(plain, i, same); diff != "" {
			t.Errorf("%s (-want +got):\n%s", f.form, diff)
		}
		text := inspect(t, f.wrap(file), args...).stdout
		if !strings.HasPrefix(text, "<stdin>: "+f.says+", 1 way in, ") || (f.foundIn != "") != strings.Contains(text,
			"  found in      "+f.foundIn+"\n") {
			t.Errorf("%s", text)
		}
		if got := inspect(t, base64.StdEncoding.EncodeToString([]byte(f.wrap(file)))); got.code != 2 || got.stdout != "" {
			t.Errorf("base64 of %s was read: exit %d\n%s", f.form, got.code, got.stdout)
		}
	}
}

// A certificate by itself says whose it is and until when; of the cluster it
// says nothing.
func TestInspectCertificate(t *testing.T) {
	stage.Keys(t, "1234567890123456")
	l := leaked(t, "a", server, "300000000000000001-1676970192", leakExpires)
	block := strings.Fields(l.user)
	cert, key := string(stage.Must(base64.StdEncoding.DecodeString(block[1]))), string(stage.Must(base64.StdEncoding.DecodeString(block[3])))
	der, _ := pem.Decode([]byte(cert))
	for name, file := range map[string]string{"PEM": cert, "base64 of PEM": block[1], "DER": string(der.Bytes),
		"base64 of DER": base64.StdEncoding.EncodeToString(der.Bytes),
		"with its key":  key + cert, "a TLS Secret": "kind: Secret\ndata: {tls.crt: " + block[1] + ", tls.key: " + block[3] + "}"} {
		stage.Bubble(t, []byte(leaky), leakNow, func(w *stage.World) {
			got := inspect(t, file)
			stage.Says(t, got.stdout, "\na certificate by itself\n", "uid           300000000000000001, suffix 1676970192",
				"      - cluster: # missing: write the id of the cluster that it was issued for; ackrevoke inspect --live finds it\n")
			if withKey := strings.Contains(got.stdout, "and the private key is in the file"); withKey != (strings.Contains(file, key) ||
				strings.Contains(file, block[3])) {
				t.Errorf("%s: %s", name, got.stdout)
			}
			live, _ := inspectLive(w, context.Background(), file)
			i := live.decode(t)
			if c := i.Contexts[0]; live.code != 0 || c.Content != "certificate" || c.Account.PlacedBy != "expiry" ||
				c.Account.Pin != "acts" || len(i.Errors) > 0 {
				t.Errorf("%s: exit %d, %+v", name, live.code, c.Account)
			}
			stage.Says(t, i.PolicyYAML, `      - cluster: "c1" # known by the expiry`)
		})
	}
	got := inspect(t, key)
	if got.code != 2 || got.stdout != "" {
		t.Errorf("a key by itself: exit %d\n%s", got.code, got.stdout)
	}
	stage.Says(t, got.stderr, "a key by itself does not say whose it is")
}

func TestInspectSecretOfSeveral(t *testing.T) {
	one, two := leakFile(leaked(t, "a", server, alice, leakExpires)), leakFile(leaked(t, "b", server, "300000000000000001", leakExpires))
	file := marshalled(map[string]any{"kind": "Secret", "data": map[string][]byte{"one": []byte(one), "two": []byte(two),
		"ca.crt": []byte("nothing")}})
	got := inspect(t, file)
	stage.Says(t, got.stdout, "<stdin>: a Secret of Kubernetes, 2 ways in", "note: <stdin> (data.ca.crt): the file is no kubeconfig",
		"context a (current)\n  found in      data.one",
		"context b (current)\n  found in      data.two", `  - uid: "200000000000000001"`, `  - uid: "300000000000000001"`)
	i := inspect(t, file, "--format", "json").decode(t)
	if got.code != 0 || len(i.Contexts) != 2 || i.Contexts[1].FoundIn != "data.two" || len(i.Entries) != 2 {
		t.Errorf("exit %d, %+v", got.code, i)
	}
}

// What a context is named after is offered where somebody has to write an id,
// and never written for them.
func TestInspectOffersTheNamedCluster(t *testing.T) {
	id, other := "c"+strings.Repeat("1a", 16), "c"+strings.Repeat("2b", 16)
	l := leaked(t, alice+"-"+id, server, alice, leakExpires)
	again := l
	again.name = "admin-" + other
	file := leakFile(l, again)
	i := inspect(t, file, "--format", "json").decode(t)
	if diff := cmp.Diff([]report.LeakPin{{Expires: report.At(leakExpires), Server: server, LooksLike: []string{id, other}}},
		i.Entries[0].Certificates); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	stage.Says(t, i.PolicyYAML, "- cluster: # missing: write the id of the cluster whose server "+
		"is "+server+"; ackrevoke inspect --live finds it; perhaps "+
		id+", "+other+", after which the file names its context: check that\n")
	if _, err := policy.Load("p", []byte("version: 1\naccount: \"1\"\nprincipals:\n"+i.PolicyYAML)); err == nil ||
		!strings.Contains(err.Error(), "cluster has no value") {
		t.Errorf("the hint was taken for a fact: %v", err)
	}
	if got := inspect(t, leakFile(leaked(t, id+"-prod", server, alice, leakExpires))); strings.Contains(got.stdout, "perhaps") {
		t.Errorf("a context that only begins with an id:\n%s", got.stdout)
	}
}

// No key leaves the program in any form, beside a certificate or in a file
// that is not read.
func TestInspectKeepsKeysInForms(t *testing.T) {
	l := leaked(t, "a", server, alice, leakExpires)
	key64 := pem64("PRIVATE KEY", l.key)
	key := string(stage.Must(base64.StdEncoding.DecodeString(key64)))
	cert := string(stage.Must(base64.StdEncoding.DecodeString(strings.Fields(l.user)[1])))
	files := map[string]string{
		"a kubeconfig":              leakFile(l),
		"a certificate and a key":   cert + key,
		"a key":                     key,
		"a key as YAML":             "x: " + key64,
		"in a name":                 strings.ReplaceAll(leakFile(l), `"u-a"`, key64),
		"as the name of a block":    cert + "-----BEGIN " + key64 + "-----\n",
		"behind a certificate":      cert + key64,
		"an alias":                  "users: *" + strings.TrimRight(key64, "="),
		"as a key of a Secret":      "kind: Secret\ndata: {" + strings.TrimRight(key64, "=") + ": x}",
		"a value of a Secret":       "kind: Secret\ndata: {a: \"" + key64 + "\"}",
		"a value that is no base64": "kind: Secret\ndata: {a: \"%" + key64 + "\"}",
		"an answer":                 marshalled(map[string]string{"config": key}),
	}
	forms := []string{key64[60:84], key[60:84], string(l.key[40:56]), hex.EncodeToString(l.key)[80:112],
		base64.StdEncoding.EncodeToString(l.key)[60:84]}
	wraps := []func(string) string{func(f string) string { return f }}
	for _, f := range leakForms {
		wraps = append(wraps, f.wrap)
	}
	for name, file := range files {
		for n, wrap := range wraps {
			for _, args := range [][]string{nil, {"--format", "json"}} {
				got := inspect(t, wrap(file), args...)
				for _, form := range forms {
					if bytes.Contains([]byte(got.stdout+got.stderr), []byte(form)) {
						t.Errorf("%s, form %d: the key got out:\n%s%s", name, n, got.stdout, got.stderr)
					}
				}
			}
		}
	}
}

package kubeconfig

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRead(t *testing.T) {
	f, err := Read("leaked", inline(leaf(t, rsaKey(), "200000000000000001-1676970192", "system:users", "dev"), pkcs8(t, rsaKey())))
	if err != nil {
		t.Fatal(err)
	}
	want := &File{Contexts: []Context{{
		Name: "c", Current: true, Cluster: "kubernetes", Server: "https://203.0.113.7:6443", User: "u", Key: KeyInline,
		Certificate: &Certificate{
			UID: "200000000000000001", Suffix: "1676970192", CommonName: "200000000000000001-1676970192",
			Organisations: []string{"dev", "system:users"}, Issuer: "CN=200000000000000001-1676970192,O=dev+O=system:users",
			Serial: "0ABC", PublicKey: "RSA 2048", NotBefore: issued, NotAfter: expires,
		},
	}}}
	if diff := cmp.Diff(want, f); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if c := f.Contexts[0].Certificate; c.At(now) != Valid || c.DaysLeft(now) != 660 {
		t.Errorf("%s, %d days left", c.At(now), c.DaysLeft(now))
	}
}

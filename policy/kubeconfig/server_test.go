package kubeconfig

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSameServer(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"https://203.0.113.7:6443", "https://203.0.113.7:6443/", true},
		{"https://203.0.113.7:6443/api?x=1", "203.0.113.7:6443", true},
		{"https://API.example.com.", "https://api.example.com:443", true},
		{"https://[2001:DB8::7]:6443", "https://[2001:db8:0::7]:6443", true},
		{"https://[::ffff:203.0.113.7]:6443", "https://203.0.113.7:6443", true},
		{"https://u:p@203.0.113.7:6443", "https://203.0.113.7:6443", true},
		{"https://203.0.113.7:6443", "https://203.0.113.7:6444", false},
		{"https://203.0.113.7", "http://203.0.113.7", false},
		{"https://203.0.113.7:6443", "https://203.0.113.70:6443", false},
		{"https://203.0.113.7:6443.evil.example", "https://203.0.113.7:6443", false},
		{"https://203.0.113.7:6443@evil.example", "https://203.0.113.7:6443", false},
		{"", "", false},
		{"https://", "https://", false},
		{"::", "::", false},
	} {
		if got := SameServer(c.a, c.b); got != c.same || SameServer(c.b, c.a) != got {
			t.Errorf("%q and %q: %v, want %v", c.a, c.b, got, c.same)
		}
	}
}

func TestClusterIDs(t *testing.T) {
	id, other := "c"+strings.Repeat("1a", 16), "c"+strings.Repeat("2b", 16)
	c := Context{Name: "2000-" + other, Cluster: id, User: "x" + id, Server: "https://api." + id + ".eu-central-1.example:6443"}
	if diff := cmp.Diff([]string{id, other}, c.ClusterIDs()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := (Context{Name: "kubernetes", Cluster: id + "0"}).ClusterIDs(); got == nil || len(got) > 0 {
		t.Errorf("%q", got)
	}
}

func TestNamedAfter(t *testing.T) {
	id := "c" + strings.Repeat("1a", 16)
	for name, want := range map[string]string{
		"200000000000000001-" + id: id, "kubernetes-admin-" + id: id, id: id,
		id + "-prod": "", "x" + id: "", id + "\n": "", "200000000000000001-" + strings.ToUpper(id): "", "kubernetes": "", "": "",
	} {
		if got := (Context{Name: name, Cluster: id, User: id}).NamedAfter(); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

package cli_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/policy"
)

var (
	leakNow     = time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	leakIssued  = time.Date(2025, 9, 10, 11, 12, 13, 0, time.UTC)
	leakExpires = time.Date(2028, 9, 10, 11, 12, 13, 0, time.UTC)
)

// leak is a user of a kubeconfig with a real certificate and key.
type leak struct {
	name, server string
	user         string // base64 lines of the user, indented
	key          []byte // DER
}

func leaked(t testing.TB, name, server, cn string, expires time.Time, orgs ...string) leak {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return leakedBy(t, private, name, server, cn, expires, orgs...)
}

func leakedBy(t testing.TB, private crypto.Signer, name, server, cn string, expires time.Time, orgs ...string) leak {
	t.Helper()
	x := &x509.Certificate{SerialNumber: big.NewInt(0xabc), NotBefore: leakIssued, NotAfter: expires,
		Subject: pkix.Name{CommonName: cn, Organization: orgs}}
	cert, err := x509.CreateCertificate(rand.Reader, x, x, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return leak{name: name, server: server, key: key,
		user: fmt.Sprintf("    client-certificate-data: %s\n    client-key-data: %s\n", pem64("CERTIFICATE", cert), pem64("PRIVATE KEY", key))}
}

func pem64(kind string, der []byte) string {
	return base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// leakFile writes a file with one context for each leak; the first is current.
func leakFile(leaks ...leak) string {
	var b strings.Builder
	fmt.Fprintf(&b, "apiVersion: v1\nkind: Config\ncurrent-context: %q\nclusters:\n", leaks[0].name)
	for _, l := range leaks {
		fmt.Fprintf(&b, "- name: %q\n  cluster: {server: %q}\n", "k-"+l.name, l.server)
	}
	b.WriteString("contexts:\n")
	for _, l := range leaks {
		fmt.Fprintf(&b, "- name: %q\n  context: {cluster: %q, user: %q}\n", l.name, "k-"+l.name, "u-"+l.name)
	}
	b.WriteString("users:\n")
	for _, l := range leaks {
		fmt.Fprintf(&b, "- name: %q\n  user:\n%s", "u-"+l.name, l.user)
	}
	return b.String()
}

// inspected is what one inspection left behind.
type inspected struct {
	code           int
	stdout, stderr string
}

func inspect(t testing.TB, file string, args ...string) inspected {
	t.Helper()
	var stdout, stderr bytes.Buffer
	p := cli.Program{Args: append([]string{"inspect", "-"}, args...), Env: []string{}, Stdin: strings.NewReader(file), Stdout: &stdout,
		Stderr: &stderr,
		Now:    func() time.Time { return leakNow }}
	return inspected{p.Run(context.Background()), stdout.String(), stderr.String()}
}

func (i inspected) decode(t testing.TB) report.Inspect {
	t.Helper()
	var r report.Inspect
	d := json.NewDecoder(strings.NewReader(i.stdout))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		t.Fatalf("%v\n%s%s", err, i.stdout, i.stderr)
	}
	if strings.Contains(strings.ReplaceAll(strings.ReplaceAll(i.stdout, `"certificate": null`, ""), `"account": null`, ""), "null") {
		t.Errorf("a list is null:\n%s", i.stdout)
	}
	stage.Fits(t, "inspect", []byte(i.stdout))
	return r
}

const (
	alice  = "200000000000000001"
	server = "https://203.0.113.7:6443"
)

func TestInspectText(t *testing.T) {
	l := leaked(t, "prod", server, alice+"-1676970192", leakExpires, "system:users")
	got := inspect(t, leakFile(l))
	want := `<stdin>: a kubeconfig, 1 way in, inspected at 2026-11-20T00:00:00Z

context prod (current)
  server        https://203.0.113.7:6443
  cluster       k-prod, which is the file's own name for it
  uid           200000000000000001, suffix 1676970192
  organisation  system:users
  issuer        CN=200000000000000001-1676970192,O=system:users
  serial        0ABC
  key           ECDSA P-256, and the private key is in the file
  issued        2025-09-10T11:12:13Z
  expires       2028-09-10T11:12:13Z, 660 days left

For the policy, under principals:

  - uid: "200000000000000001"
    reason: compromised
    certificates:
      - cluster: # missing: write the id of the cluster whose server is https://203.0.113.7:6443; ackrevoke inspect --live finds it
        expires: 2028-09-10T11:12:13Z
`
	if diff := cmp.Diff(want, got.stdout); diff != "" || got.code != 0 || got.stderr != "" {
		t.Errorf("exit %d, stderr %q (-want +got):\n%s", got.code, got.stderr, diff)
	}
}

// What is printed goes into a policy as it is: refused until the cluster id is
// there, and accepted then.
func TestInspectEntryLoads(t *testing.T) {
	file := leakFile(leaked(t, "a", server, alice, leakExpires),
		leaked(t, "b", "https://b.example:6443", alice+"-7", leakExpires.AddDate(0, 1, 0)),
		leaked(t, "again", server, alice, leakExpires), leaked(t, "c", server, "300000000000000001", leakExpires))
	i := inspect(t, file, "--format", "json").decode(t)
	head := "version: 1\naccount: \"1234567890123456\"\nprincipals:\n"
	_, err := policy.Load("policy.yaml", []byte(head+i.PolicyYAML))
	if err == nil || strings.Count(err.Error(), "cluster has no value") != 3 || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("before the ids are there: %v", err)
	}
	filled := regexp.MustCompile(`cluster: #`).ReplaceAllString(i.PolicyYAML, "cluster: c1a2 #")
	pol, err := policy.Load("policy.yaml", []byte(head+filled))
	if err != nil {
		t.Fatalf("%v\n%s", err, filled)
	}
	if len(pol.Principals) != 2 || pol.Principals[0].UID != alice || len(pol.Principals[0].Pins) != 2 ||
		!pol.Principals[0].Pins[1].Expires.Equal(leakExpires) && !pol.Principals[0].Pins[0].Expires.Equal(leakExpires) {
		t.Errorf("%+v", pol.Principals)
	}
	if diff := cmp.Diff([]string{"certificates[].cluster"}, i.Entries[0].Missing); diff != "" {
		t.Error(diff)
	}
}

func TestInspectMasters(t *testing.T) {
	file := leakFile(leaked(t, "a", server, alice, leakExpires, "dev", "system:masters"))
	got := inspect(t, file)
	if got.code != 5 || !strings.Contains(got.stdout, "ATTENTION     it is in the group system:masters") ||
		strings.Contains(got.stdout, "For the policy") ||
		!strings.Contains(got.stderr, "no revocation of RBAC ends that one") || !strings.Contains(got.stderr, "hint: rotate the cluster's CA") {
		t.Errorf("exit %d\n%s%s", got.code, got.stdout, got.stderr)
	}
	i := inspect(t, file, "--format", "json").decode(t)
	if !i.Contexts[0].Certificate.Masters || len(i.Entries) != 0 || i.Verdict.ExitCode != 5 || i.Verdict.Reasons[0] != "system:masters" {
		t.Errorf("%+v", i)
	}
}

// Each odd file gets a clear answer.
func TestInspectAnswers(t *testing.T) {
	good := leaked(t, "a", server, alice, leakExpires)
	with := func(lines string) string { l := good; l.user = lines; return leakFile(l) }
	for _, c := range []struct {
		name, file string
		code       int
		says       []string
	}{
		{"not yet valid", leakFile(leaked(t, "a", server, alice, leakExpires)), 0, []string{"660 days left"}},
		{"expired", leakFile(leaked(t, "a", server, alice, leakNow.Add(-time.Second))), 0, []string{"which is past: it opens nothing any more"}},
		{"no uid", leakFile(leaked(t, "a", server, "kubernetes-admin", leakExpires)), 0, []string{"none: the CN is kubernetes-admin"}},
		{"token alone", with("    token: sEcReT-ToKeN\n    tokenFile: /etc/passwd\n"), 0,
			[]string{"not followed  token, tokenFile", "no certificate: the user has token, tokenFile instead"}},
		{"exec", with("    exec: {apiVersion: v1, command: sEcReT-command}\n"), 0, []string{"not followed  exec"}},
		{"paths", with("    client-certificate: /etc/passwd\n    client-key: /etc/shadow\n"), 0,
			[]string{"not followed  client-certificate, client-key"}},
		{"no users", "kind: Config\nusers: []\n", 0, []string{"note: it has no users: there is no credential in it"}},
		{"JSON", `{"kind":"Config","users":[{"name":"u","user":{"token":"sEcReT"}}]}`, 0, []string{"user u, named by no context"}},
		{"malformed", with("    client-certificate-data: " + pem64("CERTIFICATE", []byte{1, 2, 3}) + "\n"), 0,
			[]string{"malformed: no API server would take it"}},
		{"no base64", with("    client-certificate-data: '%%%'\n"), 0, []string{"it is no base64"}},
		{"empty", "", 2, []string{"the file is empty"}},
		{"no kubeconfig", "version: 1\n", 2, []string{"this is no kubeconfig"}},
		{"a list", "[1]\n", 2, []string{"no kubeconfig: at its top is no mapping"}},
		{"PEM", "-----BEGIN PRIVATE KEY-----\nAAAA\n", 2, []string{"the file is PEM"}},
		{"too large", "kind: Config\nusers: []\n#" + strings.Repeat("x", 10<<20), 2, []string{"larger than 10 MiB"}},
		{"alias", "kind: Config\nusers: &u []\ncontexts: *u\n", 2, []string{"anchors are not read"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := inspect(t, c.file)
			all := got.stdout + got.stderr
			for _, s := range c.says {
				if !strings.Contains(all, s) {
					t.Errorf("it does not say %q:\n%s", s, all)
				}
			}
			if got.code != c.code || strings.Contains(all, "sEcReT") || c.code == end.CodeInvalid && got.stdout != "" {
				t.Errorf("exit %d\n%s", got.code, all)
			}
			if c.code == end.CodeClean {
				inspect(t, c.file, "--format", "json").decode(t)
			}
		})
	}
	for _, args := range [][]string{{"--format", "yaml"}, {"--region", "cn-hangzhou"}, {"--live", "--vpc"}} {
		if got := inspect(t, leakFile(good), args...); got.code != 2 {
			t.Errorf("%q: exit %d", args, got.code)
		}
	}
	var stderr bytes.Buffer
	p := cli.Program{Args: []string{"inspect", filepath.Join(t.TempDir(), "none")}, Env: []string{}, Stderr: &stderr, Stdout: &stderr,
		Now: time.Now}
	if code := p.Run(context.Background()); code != 2 {
		t.Errorf("no file: exit %d\n%s", code, stderr.String())
	}
	p.Args, p.Env = []string{"inspect", "-"}, []string{"ACKREVOKE_DRY_RUN=false"}
	if code := p.Run(context.Background()); code != 2 {
		t.Errorf("ACKREVOKE_DRY_RUN: exit %d", code)
	}
}

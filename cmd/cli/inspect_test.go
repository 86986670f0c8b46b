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
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/ack/sim"
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

// leaky is the account that the leaked files open.
const leaky = `
account: "1234567890123456"
caller: {type: RAMUser, uid: "290000000000000001"}
users:
  - {uid: "290000000000000001", name: runner, created: 2024-01-01T00:00:00Z}
  - {uid: "200000000000000001", name: alice, created: 2024-05-06T07:08:09Z}
roles: [{uid: "300000000000000001", name: deploy, created: 2024-01-01T00:00:00Z}]
deleted: [{uid: "200000000000000009", name: gone, kind: role}]
clusters:
  - id: c1
    name: prod
    region: eu-central-1
    created: 2024-01-01T00:00:00Z
    masterURL: '{"api_server_endpoint":"https://203.0.113.7:6443","intranet_api_server_endpoint":"https://10.0.0.7:6443"}'
  - {id: c2, name: two, region: r, created: 2024-01-01T00:00:00Z, masterURL: '{"intranet_api_server_endpoint":"https://10.0.0.7:6443"}'}
  - {id: c3, name: three, region: r, created: 2024-01-01T00:00:00Z, masterURL: "no JSON"}
  - {id: c4, name: four, region: r, created: 2024-01-01T00:00:00Z, state: initial}
credentials:
  - {uid: "200000000000000001", cluster: c1, expires: 2028-09-10T11:12:13Z}
  - {uid: "200000000000000001", cluster: c3, expires: 2028-09-10T11:12:13Z}
  - {uid: "300000000000000001", cluster: c1, expires: 2028-09-10T11:12:13Z}
  - {uid: "200000000000000009", cluster: c1, expires: 2028-09-10T11:12:13Z}
grants:
  - {uid: "290000000000000001", allClusters: true, role: admin}
  - {uid: "200000000000000009", cluster: c1, role: dev}
`

func inspectLive(w *stage.World, ctx context.Context, file string, args ...string) (inspected, []sim.Call) {
	w.T.Helper()
	w.Account.Reset()
	var stdout, stderr bytes.Buffer
	p := cli.Program{
		Args: append([]string{"inspect", "--live", "--format", "json", "--cs-endpoint", "http://127.0.0.1:1", "--ram-endpoint",
			"http://127.0.0.1:1", "--sts-endpoint", "http://127.0.0.1:1", "-"}, args...),
		Env: []string{}, Stdin: strings.NewReader(file), Stdout: &stdout, Stderr: &stderr, Now: w.Now, Dial: w.Pipe.Dial,
	}
	code := p.Run(ctx)
	calls := w.Account.Calls()
	for _, c := range calls {
		if c.Write || c.Operation == "DescribeClusterUserKubeconfig" {
			w.T.Errorf("an inspection called %s", c.Operation)
		}
	}
	return inspected{code, stdout.String(), stderr.String()}, calls
}

func TestInspectLive(t *testing.T) {
	stage.Keys(t, "1234567890123456")
	for _, c := range []struct {
		name, server, uid string
		expires           time.Time
		code              int
		live              report.InspectedLive
		entry             string // a line that it has, or "" for no entry
	}{
		{"found", server, alice, leakExpires, 0, report.InspectedLive{Clusters: []report.Cluster{{ID: "c1", Name: "prod",
			Region: "eu-central-1"}}, Identity: policy.Live, Kind: policy.User, Name: "alice",
			Created: report.At(time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)),
			Shows:   report.Certificate{State: policy.Unexpired, Expires: report.At(leakExpires)}, Pin: "acts", Also: []string{"c3"}},
			`- cluster: "c1"`},
		{"a role", server, "300000000000000001", leakExpires, 0,
			report.InspectedLive{Clusters: []report.Cluster{{ID: "c1", Name: "prod", Region: "eu-central-1"}}, Identity: policy.Live,
				Kind: policy.Role, Name: "deploy",
				Created: report.At(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)),
				Shows:   report.Certificate{State: policy.Unexpired, Expires: report.At(leakExpires)}, Pin: "acts"}, "kind: role"},
		{"deleted", server, "200000000000000009", leakExpires, 0,
			report.InspectedLive{Clusters: []report.Cluster{{ID: "c1", Name: "prod", Region: "eu-central-1"}}, Identity: policy.Deleted,
				Kind: policy.Role, Name: "gone",
				Shows: report.Certificate{State: policy.Unexpired, Expires: report.At(leakExpires)}, Pin: "acts"}, "kind: role"},
		{"another expiry", server, alice, leakExpires.AddDate(0, -2, 0), 0,
			report.InspectedLive{Clusters: []report.Cluster{{ID: "c1", Name: "prod", Region: "eu-central-1"}}, Identity: policy.Live,
				Kind: policy.User, Name: "alice",
				Created: report.At(time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)),
				Shows:   report.Certificate{State: policy.Unexpired, Expires: report.At(leakExpires)}, Pin: "settled"}, `- cluster: "c1"`},
		{"a later expiry", server, alice, leakExpires.AddDate(0, 2, 0), 6,
			report.InspectedLive{Clusters: []report.Cluster{{ID: "c1", Name: "prod", Region: "eu-central-1"}}, Identity: policy.Live,
				Kind: policy.User, Name: "alice",
				Created: report.At(time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)),
				Shows:   report.Certificate{State: policy.Unexpired, Expires: report.At(leakExpires)}, Pin: "unknown", Why: policy.PinNotShown},
			`- cluster: "c1"`},
		{"an address of two networks", "https://10.0.0.7:6443", alice, leakExpires, 0,
			report.InspectedLive{Clusters: []report.Cluster{{ID: "c1", Name: "prod", Region: "eu-central-1"}}, PlacedBy: "address and expiry",
				Identity: policy.Live, Kind: policy.User, Name: "alice", Created: report.At(time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)),
				Shows: report.Certificate{State: policy.Unexpired, Expires: report.At(leakExpires)},
				Pin:   "acts", Also: []string{"c3"}}, `- cluster: "c1" # known by the address and expiry`},
		{"an address of two networks, and another expiry", "https://10.0.0.7:6443", alice, leakExpires.Add(time.Second), 6,
			report.InspectedLive{Clusters: []report.Cluster{{ID: "c1", Name: "prod", Region: "eu-central-1"}, {ID: "c2", Name: "two", Region: "r"}},
				Identity: policy.Live, Kind: policy.User, Name: "alice", Created: report.At(time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)),
				Also: []string{"c1", "c3"}}, "- cluster: # missing: no single cluster"},
		{"nobody's server, and the expiry of one certificate", "https://203.0.113.70:6443", "300000000000000001", leakExpires, 0,
			report.InspectedLive{Clusters: []report.Cluster{{ID: "c1", Name: "prod", Region: "eu-central-1"}}, PlacedBy: "expiry",
				Identity: policy.Live, Kind: policy.Role, Name: "deploy", Created: report.At(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)),
				Shows: report.Certificate{State: policy.Unexpired, Expires: report.At(leakExpires)}, Pin: "acts"},
			`- cluster: "c1" # known by the expiry`},
		{"no server, deleted, and the expiry of one certificate", "", "200000000000000009", leakExpires, 0,
			report.InspectedLive{Clusters: []report.Cluster{{ID: "c1", Name: "prod", Region: "eu-central-1"}}, PlacedBy: "expiry",
				Identity: policy.Deleted, Kind: policy.Role, Name: "gone",
				Shows: report.Certificate{State: policy.Unexpired, Expires: report.At(leakExpires)}, Pin: "acts"},
			`- cluster: "c1" # known by the expiry`},
		{"no server, and nobody's expiry", "", "200000000000000009", leakExpires.AddDate(0, 1, 0), 6,
			report.InspectedLive{Identity: policy.Deleted, Kind: policy.Role, Name: "gone"},
			"- cluster: # missing: no single listed cluster shows a certificate"},
		{"nobody's server", "https://203.0.113.70:6443", alice, leakExpires, 6,
			report.InspectedLive{Identity: policy.Live, Kind: policy.User, Name: "alice",
				Created: report.At(time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)), Also: []string{"c1", "c3"}},
			"- cluster: # missing: no single cluster"},
		{"still coming", "https://c4.invalid:6443", alice, leakExpires, 6,
			report.InspectedLive{Clusters: []report.Cluster{{ID: "c4", Name: "four", Region: "r"}}, Identity: policy.Live, Kind: policy.User,
				Name:    "alice",
				Created: report.At(time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)), Also: []string{"c1", "c3"}, Pin: "unknown",
				Why: policy.MatchesNothing}, `- cluster: "c4"`},
		{"the root account", server, "1234567890123456", leakExpires, 4,
			report.InspectedLive{Clusters: []report.Cluster{{ID: "c1", Name: "prod", Region: "eu-central-1"}}, Identity: policy.Live,
				Name: "root", Pin: "refused"}, ""},
		{"nobody", server, "200000000000000777", leakExpires, 6,
			report.InspectedLive{Clusters: []report.Cluster{{ID: "c1", Name: "prod", Region: "eu-central-1"}}, Identity: policy.Deleted,
				Pin: "unknown", Why: policy.NoTrace}, `- cluster: "c1"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := leakFile(leaked(t, "a", c.server, c.uid, c.expires))
			stage.Bubble(t, []byte(leaky), leakNow, func(w *stage.World) {
				got, _ := inspectLive(w, context.Background(), file)
				i := got.decode(t)
				live := *i.Contexts[0].Account
				c.live.UID = c.uid
				if len(c.live.Clusters) == 1 && c.live.PlacedBy == "" {
					c.live.PlacedBy = "address"
				}
				for _, l := range []*report.InspectedLive{&live, &c.live} {
					if l.Clusters == nil {
						l.Clusters = []report.Cluster{}
					}
					if l.Also == nil {
						l.Also = []string{}
					}
				}
				if c.live.Pin == "refused" != (live.Reason != "") {
					t.Errorf("reason %q", live.Reason)
				}
				live.Reason = ""
				if c.live.Pin == "refused" || c.live.Why == policy.NoTrace || c.live.Why == policy.MatchesNothing {
					live.Shows = report.Certificate{}
				}
				if diff := cmp.Diff(c.live, live); diff != "" || got.code != c.code || i.Verdict.ExitCode != c.code {
					t.Errorf("exit %d, %+v (-want +got):\n%s%s", got.code, i.Verdict, diff, got.stderr)
				}
				if (c.entry == "") != (i.PolicyYAML == "") || !strings.Contains(i.PolicyYAML, c.entry) {
					t.Errorf("entry:\n%s", i.PolicyYAML)
				}
				if _, err := policy.Load("p", []byte("version: 1\naccount: \"1234567890123456\"\nprincipals:\n"+strings.ReplaceAll(i.PolicyYAML,
					"cluster: #", "cluster: c1 #"))); c.entry != "" && err != nil {
					t.Errorf("%v\n%s", err, i.PolicyYAML)
				}
			})
		})
	}
}

// What the entry says, a run does: the pin that was foreseen to act acts.
func TestInspectThenRun(t *testing.T) {
	stage.Keys(t, "1234567890123456")
	file := leakFile(leaked(t, "a", server, alice, leakExpires))
	stage.Bubble(t, []byte(leaky), leakNow, func(w *stage.World) {
		got, _ := inspectLive(w, context.Background(), file)
		i := got.decode(t)
		path := filepath.Join(w.Dir, "policy.yaml")
		if err := os.WriteFile(path, []byte("version: 1\naccount: \"1234567890123456\"\nprincipals:\n"+i.PolicyYAML), 0o600); err != nil {
			t.Fatal(err)
		}
		r := w.Run(context.Background(), "-p", path, "--dry-run=false")
		if diff := cmp.Diff([]string{"CleanClusterUserPermissions c1 " + alice}, r.Writes()); diff != "" || r.Code != 0 {
			t.Errorf("exit %d (-want +got):\n%s%s", r.Code, diff, r.Stderr)
		}
		got, _ = inspectLive(w, context.Background(), file)
		if i := got.decode(t); got.code != 0 || i.Contexts[0].Account.Pin != "settled" {
			t.Errorf("afterwards: exit %d, %+v", got.code, i.Contexts[0].Account)
		}
	})
}

// What becomes of the account never takes the answer about the file away.
func TestInspectLiveFails(t *testing.T) {
	stage.Keys(t, "1234567890123456")
	file := leakFile(leaked(t, "a", server, alice, leakExpires))
	for _, c := range []struct {
		fault  string
		code   int
		reason string
	}{
		{"{on: GetCallerIdentity, do: error, code: InvalidAccessKeyId.NotFound, status: 404}", 1, "error"},
		{"{on: ListUsers, do: error, code: NoPermission, status: 403}", 6, "incomplete"},
		{"{on: DescribeClustersForRegion, region: eu-central-1, do: wrongTotal}", 6, "incomplete"},
		{"{on: ListUserKubeConfigStates, do: error, code: NoPermission, status: 403}", 6, "incomplete"},
	} {
		t.Run(c.fault, func(t *testing.T) {
			faults, err := sim.LoadFaults("faults", []byte("faults: ["+c.fault+"]"))
			if err != nil {
				t.Fatal(err)
			}
			stage.BubbleWith(t, []byte(leaky), faults, leakNow, func(w *stage.World) {
				got, _ := inspectLive(w, context.Background(), file)
				i := got.decode(t)
				if got.code != c.code || i.Verdict.Reasons[0] != c.reason || len(i.Errors) == 0 || i.Errors[0].Hint == "" ||
					!strings.Contains(got.stderr, "hint: ") ||
					i.Contexts[0].Certificate.UID != alice || i.PolicyYAML == "" {
					t.Errorf("exit %d, %+v\n%s%s", got.code, i.Verdict, got.stdout, got.stderr)
				}
			})
		})
	}
}

// A signal and the time limit end the asking; the answer about the file stands.
func TestInspectLiveStopped(t *testing.T) {
	stage.Keys(t, "1234567890123456")
	file := leakFile(leaked(t, "a", server, alice, leakExpires))
	faults, err := sim.LoadFaults("faults", []byte("faults: [{on: ListUserKubeConfigStates, do: hang}]"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args   []string
		code   int
		reason string
	}{
		{nil, 143, "interrupted by SIGTERM"},
		{[]string{"--timeout", "2s"}, 6, end.ErrTimeLimit.Error()},
	} {
		stage.BubbleWith(t, []byte(leaky), faults, leakNow, func(w *stage.World) {
			ctx, cancel := context.WithCancelCause(context.Background())
			defer cancel(nil)
			go func() {
				select {
				case <-time.After(3 * time.Second):
					cancel(end.SIGTERM)
				case <-ctx.Done():
				}
			}()
			got, _ := inspectLive(w, ctx, file, c.args...)
			i := got.decode(t)
			if got.code != c.code || !slices.Contains(i.Verdict.Reasons, c.reason) || i.Contexts[0].Certificate.UID != alice {
				t.Errorf("exit %d, %+v\n%s", got.code, i.Verdict, got.stderr)
			}
		})
	}
}

// The account of an estate file is asked as well, over loopback.
func TestInspectSimulate(t *testing.T) {
	estate := filepath.Join(t.TempDir(), "estate.yaml")
	if err := os.WriteFile(estate, []byte(leaky), 0o600); err != nil {
		t.Fatal(err)
	}
	got := inspect(t, leakFile(leaked(t, "a", server, alice, leakExpires)), "--simulate", estate)
	for _, want := range []string{"account       prod (c1), eu-central-1 has this server",
		"principal     alice, a live RAM user created 2024-05-06T07:08:09Z",
		"shown as      Unexpired, expires 2028-09-10T11:12:13Z", "the pin       will act", `    name: "alice"`} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("it does not say %q:\n%s%s", want, got.stdout, got.stderr)
		}
	}
	if got.code != 0 {
		t.Errorf("exit %d", got.code)
	}
}

// The example of the help works, and its entry is the one of the policy that
// lies beside it.
func TestInspectExample(t *testing.T) {
	var stdout, stderr bytes.Buffer
	p := cli.Program{Args: []string{"inspect", "--simulate", "../../testdata/estate.yaml", "../../testdata/leaked.yaml"}, Env: []string{},
		Stdout: &stdout, Stderr: &stderr, Now: func() time.Time { return leakNow }}
	if code := p.Run(context.Background()); code != 0 || stderr.Len() > 0 {
		t.Errorf("exit %d\n%s", code, stderr.String())
	}
	for _, want := range []string{"principal     bob, a live RAM user", "the pin       will act",
		"  - uid: \"200000000000000002\"\n    name: \"bob\"",
		"- cluster: \"c0a1000000000000000000000000000002\"\n        expires: 2034-09-10T11:12:13Z\n"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, stdout.String())
		}
	}
}

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

package cli_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/report"
)

// apiServer is the API server of c1, behind real TLS. It knows the leaked
// certificate as long as it is known at all, and lets it do what the grants of
// the account say - if it is one of those that grants bring back to life.
type apiServer struct {
	account atomic.Pointer[sim.Account]
	proofs  atomic.Int32
	known   bool  // it authenticates
	revives bool  // grants that are given again reach it
	bound   bool  // somebody bound it by hand: it can do something whatever is granted
	goneAt  int32 // from the n-th proof on nobody answers; 0: never
}

func (s *apiServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body := string(stage.Must(io.ReadAll(r.Body)))
	kind := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	n := s.proofs.Load()
	if kind == "selfsubjectreviews" {
		n = s.proofs.Add(1)
	}
	holds := slices.ContainsFunc(s.account.Load().Truth().Grants,
		func(g sim.Grant) bool { return g.UID == stage.AliceUID && g.Cluster == "c1" })
	// In the namespace alone, so that it is seen only by who asks there.
	alive := s.bound || s.revives && holds && strings.Contains(body, `"payments"`)
	w.Header().Set("Content-Type", "application/json")
	switch {
	case s.goneAt > 0 && n >= s.goneAt:
		panic(http.ErrAbortHandler)
	case !s.known:
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"Unauthorized",`+
			`"reason":"Unauthorized","code":401}`)
	case kind == "selfsubjectreviews":
		fmt.Fprintf(w, `{"kind":"SelfSubjectReview","status":{"userInfo":{"username":%q,"groups":["system:authenticated"]}}}`,
			r.TLS.PeerCertificates[0].Subject.CommonName)
	case kind == "selfsubjectrulesreviews":
		rules := ""
		if alive {
			rules = `{"verbs":["list"],"apiGroups":[""],"resources":["pods"]}`
		}
		fmt.Fprintf(w, `{"kind":"SelfSubjectRulesReview","status":{"resourceRules":[%s],"nonResourceRules":[],"incomplete":false}}`, rules)
	default:
		fmt.Fprintf(w, `{"kind":"SelfSubjectAccessReview","status":{"allowed":%t}}`, alive)
	}
}

// serve puts the server on a loopback port and writes the leaked file for it.
func (s *apiServer) serve(t *testing.T, uid string) (server *httptest.Server, file string) {
	t.Helper()
	server = httptest.NewUnstartedServer(s)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS12, ClientAuth: tls.RequestClientCert}
	server.StartTLS()
	t.Cleanup(server.Close)
	key := stage.Must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: uid + "-1676970192"},
		NotBefore: stage.Noon.AddDate(-1, 0, 0), NotAfter: time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC)}
	b64 := func(kind string, der []byte) string {
		return base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	file = filepath.Join(t.TempDir(), "leaked.yaml")
	stage.NoError(t, os.WriteFile(file, fmt.Appendf(nil, `current-context: leaked
contexts: [{name: leaked, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: %q, certificate-authority-data: %s}}]
users: [{name: u, user: {client-certificate-data: %s, client-key-data: %s}}]
`, server.URL, b64("CERTIFICATE", server.Certificate().Raw),
		b64("CERTIFICATE", stage.Must(x509.CreateCertificate(rand.Reader, template, template, key.Public(), key))),
		b64("PRIVATE KEY", stage.Must(x509.MarshalPKCS8PrivateKey(key)))), 0o600))
	return server, file
}

// fronted is the account after the run, with this server in front of c1.
func fronted(url string) []byte {
	estate := strings.NewReplacer(
		`  - {uid: "200000000000000001", cluster: c1, role: dev}`+"\n", "",
		`  - {uid: "200000000000000001", cluster: c1, namespace: payments, role: restricted}`+"\n", "",
		`  - {uid: "200000000000000001", cluster: c1, role: my-view, custom: true}`+"\n", "",
		`  - {uid: "200000000000000001", cluster: c1, expires: 2028-01-01T00:00:00Z}`,
		`  - {uid: "200000000000000001", cluster: c1, state: Removed}`,
		`{id: c1, name: one, region: r, `, fmt.Sprintf(`{id: c1, name: one, region: r, masterURL: '{"api_server_endpoint":"%s"}', `, url),
	).Replace(stage.Wronged)
	return []byte(estate)
}

// With the leaked file at hand, nothing is given that would revive it.
func TestRestoreProvesTheLeakedFile(t *testing.T) {
	stage.Keys(t, stage.Account)
	pinned := stage.PolicyFile(t, []string{`{uid: "200000000000000001", reason: compromised, certificates: [{cluster: c1, ` +
		`expires: 2028-01-01T00:00:00Z}]}`})
	const patch, remove = "UpdateUserPermissions patch " + stage.AliceUID, "UpdateUserPermissions delete " + stage.AliceUID
	for _, c := range []struct {
		name   string
		server *apiServer
		fault  string
		exit   int
		proofs string
		gives  []string
		held   int // grants on c1 afterwards
		says   string
	}{
		{"dead", &apiServer{}, "", 0, "dead dead", []string{patch}, 3, "given back"},
		{"powerless", &apiServer{known: true}, "", 0, "powerless powerless", []string{patch}, 3, "given back"},
		{"alive before", &apiServer{known: true, bound: true}, "", 5, "alive", nil, 0, "before anything was given"},
		{"nobody answers before", &apiServer{goneAt: 1}, "", 6, "unreachable", nil, 0, "nothing was given"},
		{"brought back to life", &apiServer{known: true, revives: true}, "", 5, "powerless alive", []string{patch, remove}, 0,
			"taken away again"},
		{"brought back, and one answer lost", &apiServer{known: true, revives: true},
			"{on: UpdateUserPermissions, from: 2, do: resetAfter}", 5, "powerless alive", []string{patch, remove}, 0, "taken away again"},
		{"brought back, and stays", &apiServer{known: true, revives: true}, "{on: UpdateUserPermissions, from: 2, times: 0, do: denied}", 5,
			"powerless alive", []string{patch, remove}, 3, "take the grants of the report's rows away now"},
		{"given or not, and back to life", &apiServer{known: true, revives: true},
			"{on: DescribeUserPermission, from: 10, times: 40, do: lag, delay: 1h}", 5, "powerless alive", []string{patch, remove}, 0,
			"back to life"},
		{"nobody answers afterwards", &apiServer{known: true, goneAt: 2}, "", 6, "powerless unreachable", []string{patch}, 3,
			"could not be asked"},
	} {
		t.Run(c.name, func(t *testing.T) {
			server, file := c.server.serve(t, stage.AliceUID)
			var script *sim.Faults
			if c.fault != "" {
				script = stage.Must(sim.LoadFaults("faults.yaml", []byte("faults: ["+c.fault+"]")))
			}
			stage.BubbleWith(t, []byte(stage.Wronged), nil, stage.Noon, func(first *stage.World) {
				first.Must(first.Run(context.Background(), "-p", pinned, "--dry-run=false"), 0)
				source := first.Dir + "/report.json"
				w := first.Another(fronted(server.URL), script)
				defer w.End()
				c.server.account.Store(w.Account)
				got := w.RestoreFrom(context.Background(), reach(w, server), source, pinned, "c1", "--dry-run=false", "--prove-with", file)
				var proofs []string
				for _, p := range got.Restore.Proofs {
					proofs = append(proofs, p.Verdict)
				}
				if got.Code != c.exit || strings.Join(proofs, " ") != c.proofs || !strings.Contains(got.Stderr, c.says) {
					t.Errorf("exit %d, want %d; proofs %v, want %s; want %q\n%s", got.Code, c.exit, proofs, c.proofs, c.says, got.Stderr)
				}
				if diff := cmp.Diff(c.gives, got.Gives()); diff != "" {
					t.Errorf("writes (-want +got):\n%s", diff)
				}
				if n := len(w.Grants(stage.AliceUID, "c1")); n != c.held {
					t.Errorf("%d grants, want %d", n, c.held)
				}
				if n := len(w.Grants(stage.AliceUID, "c2", "c3")); n != 2 {
					t.Errorf("%d grants elsewhere, want the 2 that nobody touched", n)
				}
				for _, row := range got.Restore.Rows {
					if row.State == report.RowGiven && c.held == 0 || row.State == report.RowTakenBack && c.held > 0 {
						t.Errorf("%+v", row)
					}
				}
			})
		})
	}
}

// reach lets the program dial a server of real sockets, beside the account.
func reach(w *stage.World, server *httptest.Server) func(*cli.Program) {
	return func(p *cli.Program) {
		p.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			if address == server.Listener.Addr().String() {
				return new(net.Dialer).DialContext(ctx, network, address)
			}
			return w.Pipe.Dial(ctx, network, address)
		}
	}
}

// A file that proves nothing is refused before anything is written: somebody
// else's, one of another cluster, none at all. A dry run asks nobody.
func TestRestoreProvesNothingByAnotherFile(t *testing.T) {
	stage.Keys(t, stage.Account)
	left, nobody := stage.PolicyFile(t, stage.AliceLeft), stage.PolicyFile(t, nil)
	for _, c := range []struct {
		name, uid, at string
		args          []string
		exit          int
		says          string
		proofs        int32
	}{
		{"somebody else's", "200000000000000002", "", nil, 2, "is not one of " + stage.AliceUID, 0},
		{"of another cluster", stage.AliceUID, "https://203.0.113.7:6443", nil, 2, "is not that of the cluster", 0},
		{"of a server that is named", stage.AliceUID, "https://203.0.113.7:6443", []string{"--server", "SERVER"}, 0, "given back", 2},
		{"no file", stage.AliceUID, "", []string{"--prove-with", "nowhere.yaml"}, 2, "cannot be read", 0},
		{"no kubeconfig", stage.AliceUID, "", []string{"--prove-with", left}, 2, "--prove-with", 0},
		{"a dry run", stage.AliceUID, "", []string{"--dry-run"}, 0, "dry run, nothing was written", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &apiServer{known: true}
			server, file := s.serve(t, c.uid)
			at := c.at
			if at == "" {
				at = server.URL
			}
			stage.Bubble(t, []byte(stage.Wronged), stage.Noon, func(first *stage.World) {
				first.Must(first.Run(context.Background(), "-p", left, "--dry-run=false"), 0)
				w := first.Another(fronted(at), nil)
				defer w.End()
				s.account.Store(w.Account)
				args := []string{"--dry-run=false", "--prove-with", file}
				for _, a := range c.args {
					args = append(args, strings.Replace(a, "SERVER", server.URL, 1))
				}
				got := w.RestoreFrom(context.Background(), reach(w, server), first.Dir+"/report.json", nobody, "c1", args...)
				if got.Code != c.exit || !strings.Contains(got.Stderr, c.says) || s.proofs.Load() != c.proofs {
					t.Errorf("exit %d, want %d and %q; %d proofs, want %d\n%s", got.Code, c.exit, c.says, s.proofs.Load(), c.proofs, got.Stderr)
				}
				if wrote := len(got.Gives()) > 0; wrote != (c.proofs > 0) {
					t.Errorf("writes %v", got.Gives())
				}
			})
		})
	}
}

// TestLeakAndRestore is the whole of a leak with work going on: the pinned
// certificate dies, the grants come back, the person fetches a new certificate,
// and the next run of the same policy leaves both alone.
func TestLeakAndRestore(t *testing.T) {
	stage.Keys(t, stage.Account)
	pinned := stage.PolicyFile(t, []string{`{uid: "200000000000000001", reason: compromised, certificates: [{cluster: c1, ` +
		`expires: 2028-01-01T00:00:00Z}]}`})
	for _, behaviour := range []string{"{}", "{lag: 8s}"} {
		stage.Bubble(t, []byte(stage.Wronged+"behaviour: "+behaviour), stage.Noon, func(w *stage.World) {
			before := w.Account.Truth()
			w.Must(w.Run(context.Background(), "-p", pinned, "--dry-run=false"), 0)
			w.Account.Issue(stage.AliceUID, "c1", stage.Noon.AddDate(3, 0, 0)) // she did not wait
			got := w.Restore(context.Background(), pinned, "c1", "--dry-run=false")
			w.Must(got.Ran, 0)
			if diff := cmp.Diff(before.Grants, w.Account.Truth().Grants); diff != "" {
				t.Errorf("(-before +after):\n%s", diff)
			}
			next := w.Run(context.Background(), "-p", pinned, "--dry-run=false")
			if next.Code != 0 || len(next.Writes()) > 0 || next.Report.Principals[0].Verdict != report.Out {
				t.Errorf("the next run: exit %d, writes %v, %+v", next.Code, next.Writes(), next.Report.Principals[0])
			}
			for _, c := range w.Account.Truth().Certificates {
				if c.UID == stage.AliceUID && c.Cluster == "c1" && c.State == "Unexpired" && c.Expires.Before(stage.Noon.AddDate(2, 0, 0)) {
					t.Errorf("the leaked certificate is in force: %+v", c)
				}
			}
		})
	}
}

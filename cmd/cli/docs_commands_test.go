package cli_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/end"
	"ackrevoke/job/report"
)

// Every command that the documents show is run. A document is played from its
// first line to its last by the real program, in one folder and against one
// simulated account: what the reader types on the way finds what the reader has
// by then. What else a document takes for granted is in takenForGranted.
//
// A command must end with exit 0, or with what the comment beside it says:
//
//	# exit N ...                      that code
//	# stays until a signal comes      143, once the signal has come
//
// Lines that begin with another program are held to what there is of it: the
// targets of the Makefile, the fields of the report. Those of kubectl are not
// run, for they need a cluster; those of helm are rendered by deploy/tools.

// takenForGranted is what has happened before somebody reads a document.
var takenForGranted = map[string]func(s *scene){
	filepath.Join("docs", "ci.md"): func(s *scene) { // a clone, whose working folder has another policy than its branch
		s.git("init", "-q", "-b", "main")
		s.git("add", "policy.yaml")
		s.git("commit", "-qm", "policy")
		text, err := os.ReadFile("policy.yaml")
		if err != nil {
			s.t.Fatal(err)
		}
		s.put("policy.yaml", strings.Replace(string(text), "maxPrincipals: 10", "maxPrincipals: 12", 1))
	},
	filepath.Join("docs", "leaked.md"): func(s *scene) { s.put("policy.yaml", "version: 1\naccount: \"1234567890123456\"\nprincipals: []\n") },
	filepath.Join("docs", "operate.md"): func(s *scene) {
		const role = "assumeRole: acs:ram::1234567890123456:role/ackrevoke\n"
		s.put("accounts/payments.yaml", "version: 1\naccount: \"1234567890123456\"\n"+role+"principals: []\n")
		s.put("hub.yaml", s.estate)
		s.put("payments.yaml", strings.Replace(s.estate, "1234567890123456", "1234567890123457", 1))
	},
	filepath.Join("docs", "undo.md"): func(s *scene) {
		s.enter("ackrevoke run --dry-run=false")
		// and a run of the same was killed before it could write its report
		done, err := filepath.Glob("report.json.journal/*.done.jsonl")
		if err != nil || len(done) != 1 {
			s.t.Fatal("no journal was put away: ", err)
		}
		text, err := os.ReadFile(done[0])
		if err != nil {
			s.t.Fatal(err)
		}
		s.put("report.json.journal/ackrevoke.journal", string(text))
	},
}

// theDay is when the documents are read.
var theDay = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestDocsCommands(t *testing.T) {
	ran := 0
	for _, d := range documents(t) {
		t.Run(d.path, func(t *testing.T) {
			lines := d.commands(t)
			ran += len(lines)
			if len(lines) > 0 {
				d.play(t, lines)
			}
		})
	}
	if ran < 40 {
		t.Errorf("only %d commands were found", ran)
	}
}

// typed is one command of a document.
type typed struct {
	line          int
	text, comment string
}

// commands are the lines to type: those of sh blocks, and those behind a $ of
// console blocks.
func (d document) commands(t *testing.T) []typed {
	t.Helper()
	var all []typed
	fenced, _ := d.blocks(t)
	for _, b := range fenced {
		for i, line := range b.lines {
			if b.language == "console" {
				rest, isTyped := strings.CutPrefix(line, "$ ")
				if !isTyped {
					continue
				}
				line = rest
			} else if b.language != "sh" || strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
				if strings.HasPrefix(line, "ackrevoke ") || strings.HasPrefix(line, "$ ackrevoke ") {
					t.Errorf("%s:%d: a command in a block that is neither sh nor console", d.path, b.line+i)
				}
				continue
			}
			text, comment, _ := strings.Cut(line, "  #")
			all = append(all, typed{b.line + i, strings.TrimSpace(text), strings.TrimSpace(comment)})
		}
	}
	return all
}

// play types the lines of a document one after another.
func (d document) play(t *testing.T, lines []typed) {
	s := newScene(t)
	synctest.Test(t, func(t *testing.T) {
		s.t = t
		end := s.open()
		defer end()
		if before := takenForGranted[d.path]; before != nil {
			before(s)
		}
		for _, l := range lines {
			at := fmt.Sprintf("%s:%d: %s", d.path, l.line, l.text)
			switch program, _, _ := strings.Cut(l.text, " "); program {
			case "ackrevoke":
				s.stays = l.comment == "stays until a signal comes"
				s.account.Reset()
				if code, said := s.enter(l.text); code != l.exit(s.stays) {
					t.Errorf("%s\nexit %d, and the document says %d\n%s", at, code, l.exit(s.stays), said)
				}
				wrote := slices.ContainsFunc(s.account.Calls(), func(c sim.Call) bool { return c.Write })
				if wrote && !strings.Contains(l.text, " --dry-run=false") {
					t.Errorf("%s: it wrote to the account, and does not say so", at)
				}
			case "make":
				for _, target := range strings.Fields(l.text)[1:] {
					if !regexp.MustCompile(`(?m)^` + target + `:`).MatchString(s.makefile) {
						t.Errorf("%s: the Makefile has no such target", at)
					}
				}
			case "jq":
				for _, field := range regexp.MustCompile(`\.([a-zA-Z]+)`).FindAllStringSubmatch(strings.ReplaceAll(l.text, " report.json", ""), -1) {
					if !slices.Contains(s.fields, field[1]) {
						t.Errorf("%s: a report has no field %s", at, field[1])
					}
				}
			case "kubectl": // needs a cluster
			case "curl": // TestRetiredAccount sends it
			case "helm": // deploy/tools renders what it would install
			default:
				t.Errorf("%s: who runs this?", at)
			}
		}
	})
}

var exitBeside = regexp.MustCompile(`^exit (\d+)\b`)

// exit is the code that the document promises.
func (l typed) exit(stays bool) int {
	if stays {
		return 143
	}
	if m := exitBeside.FindStringSubmatch(l.comment); m != nil {
		code, _ := strconv.Atoi(m[1])
		return code
	}
	return 0
}

// scene is where a document is played: a folder with what the documents name,
// a simulated account, and the API server of bob's cluster, which does not take
// his certificate any more.
type scene struct {
	t                *testing.T
	estate, makefile string
	fields           []string // of a report
	account          *sim.Account
	wire             *inMemory
	now              func() time.Time
	stays            bool // the command stays until a signal comes
}

// newScene makes the folder and the files, outside of any bubble.
func newScene(t *testing.T) *scene {
	root := moduleRoot(t)
	read := func(path ...string) string {
		text, err := os.ReadFile(filepath.Join(append([]string{root}, path...)...))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	s := &scene{t: t, makefile: read("Makefile"), estate: read("testdata", "estate.yaml")}
	var schema any
	if err := json.Unmarshal(report.Schema("report"), &schema); err != nil {
		t.Fatal(err)
	}
	s.fields = properties(schema)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Unauthorized","code":401}`)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS12, ClientAuth: tls.RequestClientCert}
	server.StartTLS()
	t.Cleanup(server.Close)
	const cluster = "name: prod-eu, "
	if !strings.Contains(s.estate, cluster) {
		t.Fatal("the estate has no cluster prod-eu")
	}
	s.estate = strings.Replace(s.estate, cluster, fmt.Sprintf(`%smasterURL: '{"api_server_endpoint":"%s"}', `, cluster, server.URL), 1)
	t.Chdir(t.TempDir())
	s.put("policy.yaml", read("policy.yaml"))
	s.put("testdata/estate.yaml", read("testdata", "estate.yaml"))
	s.put("leaked.yaml", leakedFile(t, server))
	return s
}

// leakedFile is a kubeconfig as bob had it, key and all.
func leakedFile(t *testing.T, server *httptest.Server) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	bob := pkix.Name{CommonName: "200000000000000002-1676970192", Organization: []string{"system:users"}}
	template := &x509.Certificate{SerialNumber: big.NewInt(7), Subject: bob,
		NotBefore: time.Date(2024, 9, 10, 11, 7, 13, 0, time.UTC), NotAfter: time.Date(2034, 9, 10, 11, 12, 13, 0, time.UTC)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	b64 := func(kind string, der []byte) string {
		return base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	return fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: bob-prod-eu
clusters: [{name: kubernetes, cluster: {server: %q, certificate-authority-data: %s}}]
contexts: [{name: bob-prod-eu, context: {cluster: kubernetes, user: bob}}]
users: [{name: bob, user: {client-certificate-data: %s, client-key-data: %s}}]
`, server.URL, b64("CERTIFICATE", server.Certificate().Raw), b64("CERTIFICATE", der), b64("PRIVATE KEY", private))
}

func (s *scene) put(path, text string) {
	s.t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// git runs it in the folder of the scene.
func (s *scene) git(args ...string) {
	s.t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		s.t.Skip("there is no git here")
	}
	args = append([]string{"-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"}, args...)
	if out, err := exec.Command("git", args...).CombinedOutput(); err != nil {
		s.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

// open serves the account inside the bubble, where waiting costs nothing.
func (s *scene) open() (end func()) {
	estate, err := sim.Load("estate.yaml", []byte(s.estate))
	if err != nil {
		s.t.Fatal(err)
	}
	began := time.Now()
	s.now = func() time.Time { return theDay.Add(time.Since(began)) }
	s.account, s.wire = sim.New(estate, sim.Options{Now: s.now}), newInMemory()
	id, secret := s.account.Keys()
	for k, v := range map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": id, "ALIBABA_CLOUD_ACCESS_KEY_SECRET": secret,
		"ALIBABA_CLOUD_SECURITY_TOKEN": "", "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true"} {
		s.t.Setenv(k, v)
	}
	server := &http.Server{Handler: s.account}
	go func() { _ = server.Serve(s.wire) }()
	return func() { _ = server.Close(); synctest.Wait() }
}

// asksTheAccount are the commands that take endpoints.
var asksTheAccount = []string{"run", "doctor", "audit", "show", "add", "pin", "inspect", "prove", "restore", "self"}

// enter runs one line of a document, and returns how it ended and what it said.
func (s *scene) enter(line string) (code int, said string) {
	s.t.Helper()
	args := s.words(line)[1:]
	wire := s.wire
	switch {
	case slices.Contains(args, "--simulate"):
		wire = newInMemory()
	case slices.Contains(args, "--server"), args[0] == "inspect" && !slices.Contains(args, "--live"): // make no cloud call
	case slices.Contains(asksTheAccount, args[0]), args[0] == "diff" && slices.Contains(args, "--live"):
		const at = "http://127.0.0.1:1"
		args = append(args, "--cs-endpoint", at, "--ram-endpoint", at, "--sts-endpoint", at)
	}
	for i, a := range args { // the port of the document may be taken here
		args[i] = strings.Replace(a, "127.0.0.1:8866", "127.0.0.1:0", 1)
	}
	ctx, cancel := context.WithCancelCause(s.t.Context())
	defer cancel(nil)
	out := &sayings{}
	if s.stays {
		stop := func() { cancel(end.SIGTERM) }
		if args[0] == "simulate" {
			out.first = stop // what it prints, it prints once it listens
		} else {
			defer time.AfterFunc(25*time.Hour, stop).Stop()
		}
	}
	p := cli.Program{Args: args, Env: []string{}, Stdin: strings.NewReader(""), Stdout: out, Stderr: out, Now: s.now,
		Listen: func() (net.Listener, error) { return wire, nil }, Dial: wire.dial,
		ListenAt: func(string) (net.Listener, error) { return newInMemory(), nil }}
	return p.Run(ctx), out.String()
}

var digestOf = regexp.MustCompile(`"\$\(jq -r \.plan\.digest ([a-z.]+)\)"|"\$(DIGEST)"`)

// words are those of a line, as a shell makes them: with quotes, and the two
// forms in which the documents write the digest of a plan.
func (s *scene) words(line string) []string {
	s.t.Helper()
	line = digestOf.ReplaceAllStringFunc(line, func(asked string) string {
		file := "plan.json"
		if m := digestOf.FindStringSubmatch(asked); m[1] != "" {
			file = m[1]
		}
		r, err := report.Read(file)
		if err != nil {
			s.t.Errorf("%s: %v", line, err)
			return "none"
		}
		return r.Plan.Digest
	})
	var all []string
	for _, m := range regexp.MustCompile(`"([^"]*)"|'([^']*)'|(\S+)`).FindAllStringSubmatch(line, -1) {
		word := m[1] + m[2] + m[3]
		if strings.ContainsAny(m[3], "$<>|;&`\"'") {
			s.t.Errorf("%s: the test does not know what a shell makes of %s", line, word)
		}
		all = append(all, word)
	}
	return all
}

// sayings is what a command says. Some commands are told to stop once they
// have said something.
type sayings struct {
	mu    sync.Mutex
	text  bytes.Buffer
	first func()
}

func (w *sayings) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.first != nil {
		w.first()
		w.first = nil
	}
	return w.text.Write(b)
}

func (w *sayings) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// inMemory is the listener of the stage. Whoever dials another address than that
// of the account gets it.
type inMemory struct{ *stage.Pipe }

func newInMemory() *inMemory { return &inMemory{stage.NewPipe()} }

func (w *inMemory) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if address != w.Addr().String() {
		var d net.Dialer
		return d.DialContext(ctx, network, address)
	}
	return w.Dial(ctx, network, address)
}

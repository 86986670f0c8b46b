package cli_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
)

type conn = net.Conn

// program runs a run in a world; change has the last word on how.
func program(w *stage.World, change func(*cli.Program), args ...string) int {
	const at = "http://127.0.0.1:1"
	p := cli.Program{Args: append([]string{"run", "-o", filepath.Join(w.Dir, "report.json"), "--cs-endpoint", at, "--ram-endpoint", at,
		"--sts-endpoint", at}, args...), Env: []string{}, Stdin: strings.NewReader(""), Stdout: io.Discard, Now: w.Now, Dial: w.Pipe.Dial}
	change(&p)
	return p.Run(context.Background())
}

// closesLast holds the log to its last line being the one that closes the run.
func closesLast(t *testing.T, said string) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(said), "\n")
	var last struct{ Verdict string }
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil || last.Verdict == "" {
		t.Errorf("the closing line is not the last:\n%s", said)
	}
}

// pushgateway is as much of the protocol of a Pushgateway as a push needs: POST
// to the group's path, families in a format of the client's choice, 200.
type pushgateway struct {
	t      *testing.T
	mu     sync.Mutex
	groups map[string]map[string]*dto.MetricFamily // by path: families by name
	users  []string

	deleted []string
}

func (g *pushgateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if r.Method == http.MethodDelete {
		g.deleted = append(g.deleted, r.URL.Path)
		delete(g.groups, r.URL.Path)
		w.WriteHeader(http.StatusAccepted)
		return
	}
	if r.Method != http.MethodPost {
		g.t.Errorf("%s %s: PUT would forget the last success", r.Method, r.URL.Path)
	}
	group := g.groups[r.URL.Path]
	if group == nil {
		group = map[string]*dto.MetricFamily{}
		g.groups[r.URL.Path] = group
	}
	user, password, _ := r.BasicAuth()
	g.users = append(g.users, user+":"+password)
	decoder := expfmt.NewDecoder(r.Body, expfmt.ResponseFormat(r.Header))
	for {
		var f dto.MetricFamily
		if err := decoder.Decode(&f); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			g.t.Error(err)
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if l.GetName() == "job" || l.GetName() == "account" {
					g.t.Errorf("%s has the label %s of the group", f.GetName(), l.GetName())
				}
			}
		}
		group[f.GetName()] = &f
	}
}

func (g *pushgateway) value(path, name string) float64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.groups[path][name].GetMetric()[0].GetGauge().GetValue()
}

// simulated is a run against the embedded account over real loopback.
func simulated(t *testing.T, policy string, env []string, args ...string) (code int, said string) {
	t.Helper()
	var out bytes.Buffer
	p := cli.Program{Args: append([]string{"run", "-p", policy, "--simulate", "../../testdata/estate.yaml", "--read-qps", "1000", "-o",
		filepath.Join(t.TempDir(), "report.json")}, args...), Env: env, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out,
		Now: func() time.Time { return stage.Noon }}
	code = p.Run(t.Context())
	return code, out.String()
}

// A run pushes to the group of its account, as the user of the URL, and what a
// failed run does not say stays there.
func TestPush(t *testing.T) {
	g := &pushgateway{t: t, groups: map[string]map[string]*dto.MetricFamily{}}
	server := httptest.NewServer(g)
	defer server.Close()
	clean := stage.PolicyFile(t, nil)
	const path, nobody = "/base/metrics/job/ackrevoke/account/1234567890123456", "/base/metrics/job/ackrevoke/source/night"
	at := strings.Replace(server.URL, "://", "://robot:hunter%2f2@", 1) + "/base/"
	if code, said := simulated(t, clean, []string{"ACKREVOKE_PUSH=" + at}); code != 0 || strings.Contains(said, "pushed") {
		t.Fatalf("exit %d\n%s", code, said)
	}
	if code, said := simulated(t, "../../policy.yaml", nil, "--check", "--push", at); code != 3 || strings.Contains(said, "hunter") {
		t.Errorf("exit %d\n%s", code, said)
	} else {
		stage.Says(t, said, "--push "+server.URL+"/base --dry-run=false") // the command that goes on
	}
	if d := slices.Sorted(maps.Keys(g.groups)); !slices.Equal(d, []string{path}) {
		t.Errorf("groups %v", d)
	}
	if code, success := g.value(path, "ackrevoke_run_exit_code"), g.value(path, "ackrevoke_last_success_timestamp_seconds"); code != 3 ||
		success != float64(stage.Noon.Unix()) {
		t.Errorf("exit code %v, succeeded at %v", code, success)
	}
	broken := filepath.Join(t.TempDir(), "policy.yaml")
	stage.NoError(t, os.WriteFile(broken, []byte("version: 7\n"), 0o600))
	night := []string{"ACKREVOKE_PUSH_SOURCE=night"}
	if code, _ := simulated(t, broken, night, "--push", at); code != 2 || g.value(nobody, "ackrevoke_run_exit_code") != 2 {
		t.Errorf("a policy that nobody can read: exit %d, groups %v", code, slices.Sorted(maps.Keys(g.groups)))
	}
	if code, _ := simulated(t, clean, night, "--push", at); code != 0 || g.groups[nobody] != nil || g.groups[path] == nil {
		t.Errorf("what was pushed for nobody stays: exit %d, groups %v", code, slices.Sorted(maps.Keys(g.groups)))
	}
	if slices.Contains(g.deleted, path) || len(g.deleted) != 3 {
		t.Errorf("taken away: %v", g.deleted)
	}
	if want := slices.Repeat([]string{"robot:hunter/2"}, 4); !slices.Equal(g.users, want) {
		t.Errorf("pushed by %v", g.users)
	}
}

// A push that fails is a warning before the closing line, which names the host
// and what to do; the exit code stays, and no password is told.
func TestPushThatFails(t *testing.T) {
	policy := stage.PolicyFile(t, nil)
	elsewhere := 0
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere++ }))
	defer other.Close()
	says := func(code int, text string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", other.URL)
			w.WriteHeader(code)
			user, password, _ := r.BasicAuth()
			_, _ = io.WriteString(w, strings.NewReplacer("USER", user, "PASSWORD", password, "HEADER", r.Header.Get("Authorization")).
				Replace(text))
		})
	}
	const secret = "hunter2hunter2"
	for _, c := range []struct {
		name   string
		answer http.Handler
		tls    bool
		says   []string
	}{
		{"it does not take them", says(400, "pushed metrics are invalid\nand so on"), false,
			[]string{"400 Bad Request: pushed metrics are invalid", "pushes to the job ackrevoke"}},
		{"it wants to know who that is", says(401, "not USER with PASSWORD, HEADER"), false, []string{"401 Unauthorized", "ACKREVOKE_PUSH="}},
		{"something else listens there", says(404, "<html>\x1b[2J"), false, []string{"404 Not Found", "something else"}},
		{"it is elsewhere", says(307, ""), false, []string{"307 Temporary Redirect", "something else"}},
		{"it hangs up", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), false,
			[]string{"EOF", "NetworkPolicy"}},
		{"nothing listens there", nil, false, []string{"connection refused", "NetworkPolicy"}},
		{"its certificate is not trusted", says(200, ""), true, []string{"certificate", "SSL_CERT_FILE"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := httptest.NewUnstartedServer(c.answer)
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			if c.tls {
				server.StartTLS()
			} else {
				server.Start()
			}
			defer server.Close()
			if c.answer == nil {
				server.Close()
			}
			code, said := simulated(t, policy, nil, "--push", strings.Replace(server.URL, "://", "://robot:"+secret+"@", 1))
			if code != 0 {
				t.Errorf("exit %d", code)
			}
			stage.Says(t, said, append(c.says, "the metrics were not pushed to "+server.Listener.Addr().String()+": ", `"level":"warn"`)...)
			if strings.Contains(said, secret) || strings.Contains(said, base64.StdEncoding.EncodeToString([]byte("robot:"+secret))) {
				t.Errorf("the password is in:\n%s", said)
			}
			closesLast(t, said)
		})
	}
	if elsewhere > 0 {
		t.Error("a redirect was followed")
	}
}

// A gateway that takes the connection and never answers costs five seconds, also
// when the run was interrupted, and nothing else.
func TestPushThatHangs(t *testing.T) {
	stage.Keys(t, stage.Account)
	stage.Bubble(t, stage.Must(os.ReadFile("../../testdata/estate.yaml")), stage.Noon, func(w *stage.World) {
		pipe := stage.NewPipe()
		server := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // until then a server does not see that the client has gone
			<-r.Context().Done()
		})}
		go func() { _ = server.Serve(pipe) }()
		defer func() { _ = server.Close(); synctest.Wait() }()
		policy := filepath.Join(w.Dir, "policy.yaml")
		stage.NoError(t, os.WriteFile(policy, []byte(nobodyLeft), 0o600))
		took := func(args ...string) (took time.Duration, code int, said string) {
			var out bytes.Buffer
			begun := time.Now()
			code = program(w, func(p *cli.Program) {
				p.Stderr = &out
				p.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
					if address == "pushgateway:9091" {
						return pipe.Dial(ctx, network, address)
					}
					return w.Pipe.Dial(ctx, network, address)
				}
			}, append([]string{"-p", policy}, args...)...)
			return time.Since(begun), code, out.String()
		}
		without, plain, _ := took()
		with, code, said := took("--push", "http://pushgateway:9091")
		if code != plain || with-without != 5*time.Second {
			t.Errorf("exit %d and not %d; it took %v more", code, plain, with-without)
		}
		stage.Says(t, said, "the metrics were not pushed to pushgateway:9091: no answer within 5s")
		closesLast(t, said)
	})
}

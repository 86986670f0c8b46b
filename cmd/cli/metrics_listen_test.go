package cli_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/end"
)

// awaited is a log that says when something has stood in it so many times.
type awaited struct {
	mu    sync.Mutex
	text  bytes.Buffer
	what  string
	times int
	there chan struct{}
}

func (a *awaited) Write(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	n, err := a.text.Write(p)
	if a.there != nil && strings.Count(a.text.String(), a.what) >= a.times {
		close(a.there)
		a.there = nil
	}
	return n, err
}

// A process that stays serves, on a real listener, what its last run left, and
// says that it lives.
func TestResidentServesMetrics(t *testing.T) {
	ctx, stop := context.WithCancelCause(t.Context())
	defer stop(nil)
	there, at := make(chan struct{}), make(chan string, 1)
	log := &awaited{what: "waiting for the next run", times: 2, there: there}
	p := cli.Program{Args: []string{"run", "-p", stage.PolicyFile(t, nil), "--simulate", "../../testdata/estate.yaml", "--read-qps", "1000",
		"-o", filepath.Join(t.TempDir(), "report.json"), "--schedule", "@every 1s", "--metrics-listen", "127.0.0.1:0"},
		Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: log, Now: time.Now,
		ListenAt: func(address string) (net.Listener, error) {
			l, err := net.Listen("tcp", address)
			if err == nil {
				at <- l.Addr().String()
			}
			return l, err
		}}
	ended := make(chan int, 1)
	go func() { ended <- p.Run(ctx) }()
	get := func(address, path string) (int, string) {
		answer, err := http.Get("http://" + address + path)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		return answer.StatusCode, string(stage.Must(io.ReadAll(answer.Body)))
	}
	address := <-at
	if code, text := get(address, "/healthz"); code != 200 || text != "ok\n" {
		t.Errorf("before the first run: %d %s", code, text)
	}
	<-there // the first run has ended
	if code, text := get(address, "/metrics"); code != 200 || !strings.Contains(text, of("run_exit_code")+" 0\n") ||
		!strings.Contains(text, `simulated="true"`) {
		t.Errorf("%d\n%s", code, text)
	}
	for path, want := range map[string]int{"/healthz": 200, "/": 404, "/report.json": 404} {
		if code, _ := get(address, path); code != want {
			t.Errorf("%s: %d", path, code)
		}
	}
	stop(end.SIGTERM)
	if code := <-ended; code != 143 {
		t.Errorf("exit %d", code)
	}
	if _, err := net.Dial("tcp", address); err == nil {
		t.Error("it still listens")
	}
	stage.Says(t, log.text.String(), `"address":"`+address+`"`)
}

// Of a process that stays, a success is remembered without a file, too.
func TestResidentRemembersSuccess(t *testing.T) {
	stage.Keys(t, stage.Account)
	stage.Bubble(t, stage.Must(os.ReadFile("../../testdata/estate.yaml")), stage.Noon, func(w *stage.World) {
		policy, pipe := filepath.Join(w.Dir, "policy.yaml"), stage.NewPipe()
		stage.NoError(t, os.WriteFile(policy, []byte(nobodyLeft), 0o600))
		ctx, cancel := context.WithCancelCause(context.Background())
		ended := make(chan int, 1)
		go func() {
			p := cli.Program{Args: []string{"run", "-p", policy, "-o", filepath.Join(w.Dir, "report.json"), "--cs-endpoint", "http://127.0.0.1:1",
				"--ram-endpoint", "http://127.0.0.1:1", "--sts-endpoint", "http://127.0.0.1:1", "--schedule", "@every 1h", "--metrics-listen", ":9464"},
				Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard, Now: w.Now, Dial: w.Pipe.Dial,
				ListenAt: func(string) (net.Listener, error) { return pipe, nil }}
			ended <- p.Run(ctx)
		}()
		transport := &http.Transport{DialContext: pipe.Dial, DisableKeepAlives: true}
		scrape := func() string {
			answer := stage.Must((&http.Client{Transport: transport}).Get("http://here/metrics"))
			defer answer.Body.Close()
			return string(stage.Must(io.ReadAll(answer.Body)))
		}
		time.Sleep(90 * time.Minute) // of the bubble: one run
		first := line(scrape(), of("last_success_timestamp_seconds"))
		stage.NoError(t, os.WriteFile(policy, []byte("version: 7\n"), 0o600))
		time.Sleep(time.Hour)
		second := scrape()
		if first == "" || line(second, of("last_success_timestamp_seconds")) != first || line(second, of("run_exit_code")) != "2" {
			t.Errorf("it succeeded at %q, and then:\n%s", first, second)
		}
		cancel(end.SIGINT)
		if code := <-ended; code != 130 {
			t.Errorf("exit %d", code)
		}
	})
}

// line is the value of a sample in a text, "" for none.
func line(text, sample string) string {
	for l := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(l, "ackrevoke_"+sample+" "); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// An address that is taken ends the process before anything is called.
func TestMetricsAddressTaken(t *testing.T) {
	taken := stage.Must(net.Listen("tcp", "127.0.0.1:0"))
	defer taken.Close()
	stage.Keys(t, stage.Account)
	stage.Bubble(t, stage.Must(os.ReadFile("../../testdata/estate.yaml")), stage.Noon, func(w *stage.World) {
		got := w.Run(context.Background(), "-p", "../../policy.yaml", "--schedule", "@every 1h", "--metrics-listen", taken.Addr().String())
		if got.Code != 1 || len(got.Calls) > 0 || got.Report != nil {
			t.Errorf("exit %d, %d calls", got.Code, len(got.Calls))
		}
		stage.Says(t, got.Stderr, "address already in use", "nothing was called; give another port")
	})
}

package fleet

import (
	"context"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/end"
)

// A round over many files takes as long as they take; whoever asks whether the process
// lives hears so for as long as each of them is in its own time.
func TestHealthOfALongRound(t *testing.T) {
	dir, out := fleet(t)
	hangs := stage.Must(sim.LoadFaults("faults.yaml", []byte("faults: [{on: read, times: 0, do: hang}]")))
	stage.BubbleOfAccounts(t, stage.HubEstate(), members(1, 2, 3, 4, 5), hangs, func(w *stage.Accounts) {
		pipe, at := stage.NewPipe(), "http://127.0.0.1:1"
		ctx, cancel := context.WithCancelCause(context.Background())
		ended := make(chan int, 1)
		go func() {
			p := cli.Program{Args: []string{"run", "--policy-dir", dir, "-o", out, "--schedule", "@every 12h",
				"--metrics-listen", ":9464", "--accounts-concurrency", "1", "--timeout", "20m", "--call-timeout", "20m",
				"--cs-endpoint", at, "--ram-endpoint", at, "--sts-endpoint", at},
				Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard, Now: w.Now, Dial: w.Pipe.Dial,
				ListenAt: func(string) (net.Listener, error) { return pipe, nil }}
			ended <- p.Run(ctx)
		}()
		transport := &http.Transport{DialContext: pipe.Dial, DisableKeepAlives: true}
		time.Sleep(12 * time.Hour) // of the bubble: the round begins
		for n := range 9 {
			time.Sleep(10 * time.Minute)
			answer := stage.Must((&http.Client{Transport: transport}).Get("http://here/healthz"))
			said := string(stage.Must(io.ReadAll(answer.Body)))
			if stage.NoError(t, answer.Body.Close()); answer.StatusCode != http.StatusOK {
				t.Errorf("after %d0 minutes: %d %s", n+1, answer.StatusCode, said)
			}
		}
		cancel(end.SIGTERM)
		if code := <-ended; code != 143 {
			t.Errorf("exit %d", code)
		}
		s := summaryIn(t, filepath.Join(out, "summary.json"))
		if begun := s.Run.FinishedAt.Sub(s.Run.StartedAt.Time); begun < 80*time.Minute {
			t.Errorf("the round took %v, so nothing is shown", begun)
		}
	})
}

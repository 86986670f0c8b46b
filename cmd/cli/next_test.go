package cli_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/end"
)

// A run over what was kept of an earlier one is refused before any call.
func TestRunNeverTouchesWhatWasKept(t *testing.T) {
	stage.Keys(t, stage.Account)
	stage.Bubble(t, stage.Must(os.ReadFile("../../testdata/estate.yaml")), stage.Noon, func(w *stage.World) {
		first := w.Run(context.Background(), "-p", "../../policy.yaml", "--dry-run=false")
		kept := filepath.Join(w.Dir, "report-"+first.Report.Run.ID+".json")
		before := stage.Must(os.ReadFile(kept))
		for _, mode := range []string{"--dry-run", "--dry-run=false"} {
			got := w.Command(context.Background(), nil, "run", "-p", "../../policy.yaml", "-o", kept, mode)
			if got.Code != 1 || len(got.Calls) > 0 {
				t.Errorf("%s: exit %d, calls %v", mode, got.Code, got.Calls)
			}
			stage.Says(t, got.Stderr, "is never overwritten; give another name")
		}
		if string(stage.Must(os.ReadFile(kept))) != string(before) {
			t.Error("it is another one")
		}
	})
}

// The command that is to be typed next is for one run, where what is approved is one
// plan: --schedule and what goes with it alone are no part of it.
func TestNextOfASchedule(t *testing.T) {
	stage.Keys(t, stage.Account)
	for name, most := range map[string]string{"a plan": "10", "a cap": "1"} {
		t.Run(name, func(t *testing.T) {
			stage.Bubble(t, stage.Must(os.ReadFile("../../testdata/estate.yaml")), stage.Noon, func(w *stage.World) {
				ctx, cancel := context.WithCancelCause(context.Background())
				defer time.AfterFunc(30*time.Hour, func() { cancel(end.SIGTERM) }).Stop()
				got := w.Command(ctx, func(p *cli.Program) {
					p.ListenAt = func(string) (net.Listener, error) { return stage.NewPipe(), nil }
				}, "run", "--max-revocations", most, "-p", "../../policy.yaml", "-o", filepath.Join(w.Dir, "report.json"), "--schedule", "0 6 * * *",
					"--metrics-listen=127.0.0.1:0")
				var next string
				for line := range strings.Lines(got.Stderr) {
					if _, after, found := strings.Cut(line, `"next":"ackrevoke run`); found {
						next, _, _ = strings.Cut(after, `"`)
					}
				}
				if next == "" || strings.Contains(next, "--schedule") || strings.Contains(next, "--metrics-listen") {
					t.Fatalf("next: %q\n%s", next, got.Stderr)
				}
				again := w.Command(context.Background(), nil, append([]string{"run"}, strings.Fields(next)...)...)
				if again.Code == end.CodeInvalid {
					t.Errorf("%s\n%s", next, again.Stderr)
				}
			})
		})
	}
}

// Where the time was up that is the first word, and the next command has more of it.
func TestTimeIsUp(t *testing.T) {
	stage.Keys(t, stage.Account)
	for on, want := range map[string]string{
		"ListUsers":                   "the run could not be made: the time limit of the run (--timeout) was reached",
		"CleanClusterUserPermissions": "skipped; the time limit of the run (--timeout) was reached",
	} {
		t.Run(on, func(t *testing.T) {
			faults := stage.Must(sim.LoadFaults("faults.yaml", []byte("faults: [{on: "+on+", times: 0, do: slow, delay: 20s}]")))
			stage.BubbleWith(t, stage.Must(os.ReadFile("../../testdata/estate.yaml")), faults, stage.Noon, func(w *stage.World) {
				got := w.Run(context.Background(), "-p", "../../policy.yaml", "--dry-run=false", "--timeout=10s")
				stage.Says(t, got.Stderr, want)
				_, next, _ := strings.Cut(got.Stderr, `"next":"`)
				next, _, _ = strings.Cut(next, `"`)
				if !strings.HasPrefix(next, "ackrevoke run ") || strings.Contains(next, "--timeout") {
					t.Errorf("next: %q", next)
				}
			})
		})
	}
}

// A value that is refused is blamed on the variable that set it, where nobody typed it.
func TestBlamesTheVariable(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, c := range []struct {
		env, wants string
		args       []string
	}{
		{"ACKREVOKE_MAX_SHARE=7", `ACKREVOKE_MAX_SHARE="7" in the environment set it`, nil},
		{"ACKREVOKE_MAX_SHARE=abc", "for example ACKREVOKE_MAX_SHARE=0.5", nil},
		{"ACKREVOKE_NO_BULK=yes", "ACKREVOKE_NO_BULK=true or ACKREVOKE_NO_BULK=false", nil},
		{"ACKREVOKE_TIMEOUT=abc", "for example ACKREVOKE_TIMEOUT=90s", nil},
		{"ACKREVOKE_MAX_SHARE=0.3", "hint: the default is 0.5", []string{"--max-share=7"}},
		{"ACKREVOKE_MAX_SHARE=0.3", "hint: the default is 4", []string{"--concurrency=0"}},
	} {
		var said strings.Builder
		p := cli.Program{Args: append([]string{"run", "--simulate", "none.yaml"}, c.args...), Env: []string{c.env}, Stdin: strings.NewReader(""),
			Stdout: &said, Stderr: &said, Now: func() time.Time { return stage.Noon }}
		if code := p.Run(context.Background()); code != 2 || !strings.Contains(said.String(), c.wants) {
			t.Errorf("%s %v: exit %d, and it does not say %q\n%s", c.env, c.args, code, c.wants, said.String())
		}
	}
}

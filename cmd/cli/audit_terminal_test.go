package cli_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
)

// A terminal is told how far it is and how long the rest takes; nothing else
// is, and standard output has the table alone.
func TestAuditProgress(t *testing.T) {
	stage.Keys(t, stage.Account)
	c := stage.City{Caller: "{type: Account}"}
	for i := range 40 {
		c.Clusters = append(c.Clusters, fmt.Sprintf(`{id: c%02d, name: cluster-%d, region: r, created: 2024-01-01T00:00:00Z}`, i, i))
	}
	stage.Bubble(t, c.Yaml(), stage.Noon, func(w *stage.World) {
		for _, terminal := range []bool{true, false} {
			var stdout, stderr bytes.Buffer
			p := cli.Program{Args: []string{"audit", "--cs-endpoint", "http://127.0.0.1:1", "--ram-endpoint", "http://127.0.0.1:1",
				"--sts-endpoint", "http://127.0.0.1:1", "--read-qps", "1"},
				Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Now: w.Now, Dial: w.Pipe.Dial, Terminal: terminal}
			if code := p.Run(context.Background()); code != 0 {
				t.Fatalf("exit %d\n%s", code, stderr.String())
			}
			if told := strings.Contains(stderr.String(), "clusters read: 40 of 40") &&
				strings.Contains(stderr.String(), "clusters read: 30 of 40, about "); told != terminal {
				t.Errorf("terminal %t: %q", terminal, stderr.String())
			}
			if strings.Contains(stdout.String(), "\x1b") ||
				!strings.Contains(stdout.String(), "none-found (exit 0): nothing was found; 40 of 40 clusters read") {
				t.Errorf("%q", stdout.String())
			}
		}
	})
}

// A signal and the time limit end an audit, which then says that it is not
// complete and finds no less than it had.
func TestAuditStopped(t *testing.T) {
	stage.Keys(t, stage.Account)
	for _, c := range []struct {
		name string
		exit int
		args []string
		stop bool
	}{
		{"signal", 143, nil, true},
		{"time limit", 6, []string{"--timeout", "5s"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			script := stage.Must(sim.LoadFaults("faults", []byte("faults: [{on: ListClusterKubeconfigStates, cluster: c2, times: 0, do: hang}]")))
			stage.BubbleWith(t, []byte(stage.Findable), script, stage.Noon, func(w *stage.World) {
				ctx, cancel := context.WithCancelCause(context.Background())
				defer cancel(nil)
				if c.stop {
					go func() {
						<-time.After(5 * time.Second)
						cancel(cli.Interruption(syscall.SIGTERM))
					}()
				}
				a := w.AuditIn(ctx, append([]string{"--format", "json", "--fail-on", "deleted"}, c.args...)...)
				if a.Code != c.exit || len(a.Audit.Coverage.Unread) != 1 || a.Audit.Summary.ByKind["deleted"] != 1 {
					t.Errorf("exit %d, want %d: %+v\n%s", a.Code, c.exit, a.Audit.Coverage, a.Stderr)
				}
			})
		})
	}
}

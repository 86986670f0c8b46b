package cli_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
)

// sentences are the lines of a JSON log that are about one action each, or about
// all of them.
func sentences(t *testing.T, log string, field string) (lines []map[string]any) {
	t.Helper()
	for line := range strings.Lines(log) {
		var l map[string]any
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if l[field] != nil {
			lines = append(lines, l)
		}
	}
	return lines
}

// twoOfAlice is somebody who left with something on two clusters.
const twoOfAlice = `account: "1234567890123456"
caller: {type: Account}
users: [{uid: "200000000000000001", name: alice, created: 2024-01-01T00:00:00Z}]
clusters:
  - {id: c1, name: prod-cn, region: r, created: 2024-01-01T00:00:00Z}
  - {id: c2, name: prod-eu, region: r, created: 2024-01-01T00:00:00Z}
  - {id: c3, name: prod-sg, region: r, created: 2024-01-01T00:00:00Z}
credentials:
  - {uid: "200000000000000001", cluster: c1, expires: 2035-03-04T05:06:07Z}
  - {uid: "200000000000000001", cluster: c2, expires: 2035-03-04T05:06:07Z}
grants:
  - {uid: "200000000000000001", cluster: c1, role: ops}
  - {uid: "200000000000000001", cluster: c3, namespace: web, role: dev}
`

// Off a terminal each planned line is a sentence, with the fields beside it.
func TestPlannedLinesAreSentences(t *testing.T) {
	stage.Keys(t, stage.Account)
	listed := stage.PolicyFile(t, []string{departedAlice})
	for _, c := range []struct {
		args []string
		want []string
	}{
		{nil, []string{"would take from alice on prod-cn: certificate until 2035-03-04T05:06:07Z, grants ops",
			"would take from alice on prod-eu: certificate until 2035-03-04T05:06:07Z", "would take from alice on prod-sg: grants dev in web"}},
		{[]string{"--dry-run=false"}, []string{"takes from alice on prod-cn: certificate until 2035-03-04T05:06:07Z, grants ops",
			"takes from alice on prod-eu: certificate until 2035-03-04T05:06:07Z", "takes from alice on prod-sg: grants dev in web"}},
		{[]string{"--max-revocations", "0"}, []string{
			"refused by maxRevocations: does not take from alice on prod-cn: certificate until 2035-03-04T05:06:07Z, grants ops",
			"refused by maxRevocations: does not take from alice on prod-eu: certificate until 2035-03-04T05:06:07Z",
			"refused by maxRevocations: does not take from alice on prod-sg: grants dev in web"}},
	} {
		stage.Bubble(t, []byte(twoOfAlice), stage.Noon, func(w *stage.World) {
			got := w.Run(context.Background(), append([]string{"-p", listed}, c.args...)...)
			lines := sentences(t, got.Stderr, "because")
			if len(lines) != len(c.want) {
				t.Fatalf("%v: %d planned lines\n%s", c.args, len(lines), got.Stderr)
			}
			for i, l := range lines {
				id := fmt.Sprintf("c%d/%s", i+1, stage.AliceUID)
				if l["message"] != c.want[i] || l["action"] != id || l["uid"] != stage.AliceUID || l["cluster"] == "" || l["refusedBy"] == nil {
					t.Errorf("%v, want %q", l, c.want[i])
				}
			}
		})
	}
}

// A signal is one line, whatever it leaves undone: to people and in the log.
func TestInterruptionIsOneLine(t *testing.T) {
	stage.Keys(t, stage.Account)
	listed := stage.PolicyFile(t, []string{departedAlice})
	for _, terminal := range []bool{false, true} {
		script := stage.Must(sim.LoadFaults("faults", []byte("faults: [{on: CleanClusterUserPermissions, cluster: c1, do: hang}]")))
		stage.BubbleWith(t, []byte(twoOfAlice), script, stage.Noon, func(w *stage.World) {
			ctx, cancel := context.WithCancelCause(context.Background())
			defer cancel(nil)
			defer time.AfterFunc(15*time.Second, func() { cancel(cli.Interruption(syscall.SIGINT)) }).Stop()
			got := w.Command(ctx, func(p *cli.Program) { p.Terminal, p.Env = terminal, []string{"NO_COLOR=1"} },
				"run", "-p", listed, "-o", w.Dir+"/report.json", "--dry-run=false")
			want := "interrupted: 1 unverified, 2 not started; nothing of them was changed; the same command goes on"
			if got.Code != 130 || strings.Count(got.Stderr, "not started") != 1 || !strings.Contains(got.Stderr, want) {
				t.Errorf("terminal %v, exit %d\n%s", terminal, got.Code, got.Stderr)
			}
			if terminal {
				return
			}
			l := sentences(t, got.Stderr, "skipped")
			if len(l) != 1 || l[0]["skipped"] != 2.0 || l[0]["unverified"] != 1.0 || l[0]["revoked"] != 0.0 {
				t.Errorf("%v", l)
			}
		})
	}
}

// What ends all writes is told once as well.
func TestNotStartedIsOneLine(t *testing.T) {
	stage.Keys(t, stage.Account)
	listed := stage.PolicyFile(t, []string{departedAlice})
	script := stage.Must(sim.LoadFaults("faults", []byte("faults: [{on: CleanClusterUserPermissions, cluster: c1, times: 0, do: hang}]")))
	stage.BubbleWith(t, []byte(twoOfAlice), script, stage.Noon, func(w *stage.World) {
		got := w.Run(context.Background(), "-p", listed, "--dry-run=false", "--timeout", "20s")
		lines := sentences(t, got.Stderr, "actions")
		if got.Code != 5 || strings.Count(got.Stderr, "2 actions not started") != 1 || len(lines) == 0 {
			t.Errorf("exit %d\n%s", got.Code, got.Stderr)
		}
	})
}

// From the first call on a terminal says what it waits for, and nothing of that
// gets into a log.
func TestStagesFromTheFirstCall(t *testing.T) {
	stage.Keys(t, stage.Account)
	listed := stage.PolicyFile(t, []string{departedAlice})
	for _, terminal := range []bool{true, false} {
		stage.Bubble(t, []byte(twoOfAlice), stage.Noon, func(w *stage.World) {
			got := w.Command(context.Background(), func(p *cli.Program) { p.Terminal = terminal },
				"run", "-p", listed, "-o", w.Dir+"/report.json", "--dry-run=false")
			at := 0
			for _, told := range []string{"asking whose the credentials are ...", "listed of users, roles, clusters: 0 of 3", "regions read: 0 of 1",
				"states and grants of principals read: 0 of 1", "actions done: 0 of 3", "actions done: 3 of 3"} {
				i := strings.Index(got.Stderr[at:], "\r\x1b[K"+told)
				if i >= 0 != terminal {
					t.Errorf("terminal %v, %q:\n%q", terminal, told, got.Stderr)
				}
				at += max(i, 0)
			}
			if first := strings.HasPrefix(got.Stderr, "\r\x1b[Kasking"); first != terminal {
				t.Errorf("terminal %v: %q", terminal, got.Stderr)
			}
		})
	}
}

// The terminal's own width counts, and COLUMNS before it where that is one.
func TestColumns(t *testing.T) {
	for _, c := range []struct {
		env  string
		want int
	}{{"", 80}, {"COLUMNS=100", 100}, {"COLUMNS=", 80}, {"COLUMNS=wide", 80}, {"COLUMNS=0", 80}, {"COLUMNS=-5", 80},
		{"COLUMNS=10000000", 80}} {
		if got := (cli.Program{Env: []string{c.env}, Width: func() int { return 80 }}).Columns(); got != c.want {
			t.Errorf("%s: %d, want %d", c.env, got, c.want)
		}
	}
	if got := (cli.Program{}).Columns(); got != 0 {
		t.Errorf("%d columns of nothing", got)
	}
}

// Only what is shown on a terminal is laid out to it: a table that goes into a
// file or a pipe is not, even when somebody sits at the other stream.
func TestStreamsThatAreNoTerminal(t *testing.T) {
	stage.Keys(t, stage.Account)
	for _, c := range []struct{ stdout, stderr bool }{{true, true}, {true, false}, {false, true}, {false, false}} {
		stage.Bubble(t, []byte(twoOfAlice), stage.Noon, func(w *stage.World) {
			got := w.Command(context.Background(), func(p *cli.Program) {
				p.Screen, p.Terminal, p.Width = c.stdout, c.stderr, func() int { return 40 }
			}, "show", "alice")
			if laid := !strings.Contains(got.Stdout, "2024-01-01  Unexpired until 2035"); laid != c.stdout {
				t.Errorf("%+v:\n%s", c, got.Stdout)
			}
			if laid := strings.Contains(got.Stderr, "To revoke everything:\nackrevoke add"); laid != c.stderr {
				t.Errorf("%+v:\n%s", c, got.Stderr)
			}
		})
	}
}

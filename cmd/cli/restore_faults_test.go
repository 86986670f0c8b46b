package cli_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/end"
	"ackrevoke/job/report"
)

// Each fault at each call ends in a true report; then a restore without faults
// ends with exactly what was there, and one more writes nothing.
func TestRestoreFaults(t *testing.T) {
	stage.Keys(t, stage.Account)
	left, nobody := stage.PolicyFile(t, stage.AliceLeft), stage.PolicyFile(t, nil)
	var source []byte
	stage.Bubble(t, []byte(stage.Wronged), stage.Noon, func(w *stage.World) {
		first := w.Run(context.Background(), "-p", left, "--dry-run=false")
		w.Must(first, 0)
		source = first.Raw
	})
	after := strings.NewReplacer(
		`  - {uid: "200000000000000001", cluster: c1, role: dev}`+"\n", "",
		`  - {uid: "200000000000000001", cluster: c1, namespace: payments, role: restricted}`+"\n", "",
		`  - {uid: "200000000000000001", cluster: c1, role: my-view, custom: true}`+"\n", "",
		`  - {uid: "200000000000000001", cluster: c1, expires: 2028-01-01T00:00:00Z}`,
		`  - {uid: "200000000000000001", cluster: c1, state: Removed}`,
	).Replace(stage.Wronged)
	want := func() []sim.Grant {
		e := stage.Must(sim.Load("estate.yaml", []byte(stage.Wronged)))
		return slices.DeleteFunc(sim.New(e, sim.Options{}).Truth().Grants,
			func(g sim.Grant) bool { return g.UID != stage.AliceUID || g.Cluster != "c1" })
	}()
	tried := 0
	for _, on := range []string{"GetCallerIdentity", "ListUsers", "ListRoles", "DescribeClustersForRegion", "DescribeUserPermission",
		"ListUserKubeConfigStates", "UpdateUserPermissions"} {
		for _, do := range []string{"throttle", "denied", "empty500", "html502", "redirect", "resetBefore", "resetAfter", "hang",
			"noContent", "truncated", "acceptNothing", "tokenExpires", "slow, delay: 10s", "error, code: ErrAuthorizationConflict, status: 409"} {
			for _, n := range []string{"from: 1", "from: 2", "from: 1, times: 0", "from: 7"} {
				looks := slices.Contains([]string{"DescribeUserPermission", "ListUserKubeConfigStates"}, on) // again and again
				once := !looks && on != "UpdateUserPermissions"
				if do == "acceptNothing" && on != "UpdateUserPermissions" || n == "from: 7" && !looks ||
					once && (n == "from: 2" || !slices.Contains([]string{"denied", "empty500", "truncated", "tokenExpires"}, do)) {
					continue
				}
				fault := fmt.Sprintf("{on: %s, %s, do: %s}", on, n, do)
				tried++
				t.Run(fault, func(t *testing.T) {
					script := stage.Must(sim.LoadFaults("faults.yaml", fmt.Appendf(nil, "faults: [%s]", fault)))
					stage.BubbleWith(t, []byte(after), script, stage.Noon.Add(time.Hour), func(w *stage.World) {
						path := filepath.Join(w.Dir, "report.json")
						if err := os.WriteFile(path, source, 0o600); err != nil {
							t.Fatal(err)
						}
						got := w.Restore(context.Background(), nobody, "c1", "--dry-run=false")
						if got.Restore == nil {
							t.Fatalf("no report\n%s", got.Stderr)
						}
						held := w.Grants(stage.AliceUID, "c1")
						for _, g := range held {
							if !slices.Contains(want, g) {
								t.Errorf("%+v was never in the snapshot", g)
							}
						}
						whole := cmp.Diff(want, held) == ""
						if got.Code == end.CodeClean && !whole {
							t.Errorf("exit 0 over %+v", held)
						}
						if got.Code != 0 && !slices.Contains([]int{1, 5, 6}, got.Code) {
							t.Errorf("exit %d", got.Code)
						}
						for _, row := range got.Restore.Rows {
							if row.State == report.RowGiven && !whole {
								t.Errorf("given, and not there: %+v", row)
							}
						}
						if got.Code != 0 && len(got.Restore.Errors)+len(got.Restore.Writes) == 0 {
							t.Error("the report does not say why")
						}
						if strings.Contains(fault, "times: 0") || do == "tokenExpires" {
							return // the fault does not end
						}
						for range 2 {
							got = w.Restore(context.Background(), nobody, "c1", "--dry-run=false")
						}
						last := w.Restore(context.Background(), nobody, "c1", "--dry-run=false")
						if diff := cmp.Diff(want, w.Grants(stage.AliceUID, "c1")); got.Code != 0 || last.Code != 0 || len(last.Gives()) > 0 || diff != "" {
							t.Errorf("after the fault: exit %d, then %d with writes %v (-want +got):\n%s", got.Code, last.Code, last.Gives(), diff)
						}
					})
				})
			}
		}
	}
	t.Logf("%d faults tried", tried)
}

// A signal ends the waiting at once, and nothing is given.
func TestRestoreIsInterrupted(t *testing.T) {
	stage.Keys(t, stage.Account)
	left, nobody := stage.PolicyFile(t, stage.AliceLeft), stage.PolicyFile(t, nil)
	stage.Bubble(t, []byte(stage.Wronged), stage.Noon, func(w *stage.World) {
		w.Must(w.Run(context.Background(), "-p", left, "--dry-run=false"), 0)
		ctx, cancel := context.WithCancelCause(context.Background())
		defer cancel(nil)
		defer time.AfterFunc(5*time.Second, func() { cancel(cli.Interruption(syscall.SIGTERM)) }).Stop()
		got := w.Restore(ctx, nobody, "c1", "--dry-run=false")
		if got.Code != 143 || len(got.Gives()) > 0 || !got.Restore.Run.Interrupted {
			t.Errorf("exit %d, writes %v", got.Code, got.Gives())
		}
		late := w.Restore(context.Background(), nobody, "c1", "--dry-run=false", "--timeout", "4s")
		if late.Code != 6 || len(late.Gives()) > 0 {
			t.Errorf("exit %d, writes %v\n%s", late.Code, late.Gives(), late.Stderr)
		}
	})
}

// What the account does while a restore waits decides, not what it did before:
// the old certificate that comes back to light is waited out, then refused; a
// row that another gives in between is not given; one role in its place stops it.
func TestRestoreWaits(t *testing.T) {
	stage.Keys(t, stage.Account)
	left, nobody := stage.PolicyFile(t, stage.AliceLeft), stage.PolicyFile(t, nil)
	old := time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name   string
		after  time.Duration // of the start of the restore
		change func(*sim.Account)
		exit   int
		gives  int
		says   string
	}{
		{"the old certificate is back", 5 * time.Second, func(a *sim.Account) { a.Issue(stage.AliceUID, "c1", old) }, 6, 0, "still in force"},
		{"a new certificate", 5 * time.Second, func(a *sim.Account) { a.Issue(stage.AliceUID, "c1", old.AddDate(1, 0, 0)) }, 0, 1,
			"3 grants given back"},
		{"somebody gives a role", 5 * time.Second, func(a *sim.Account) {
			a.Give(sim.Grant{UID: stage.AliceUID, Cluster: "c1",
				Role: "dev"})
		}, 0, 1, "2 grants given back"},
		{"somebody gives another role", 5 * time.Second,
			func(a *sim.Account) { a.Give(sim.Grant{UID: stage.AliceUID, Cluster: "c1", Role: "ops"}) }, 4, 0, "decide by hand"},
		{"somebody gives it all", 5 * time.Second, func(a *sim.Account) {
			for _, g := range []sim.Grant{{Role: "dev"}, {Role: "restricted", Namespace: "payments"}, {Role: "my-view", Custom: true}} {
				g.UID, g.Cluster = stage.AliceUID, "c1"
				a.Give(g)
			}
		}, 0, 0, "nothing is missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			stage.Bubble(t, []byte(stage.Wronged), stage.Noon, func(w *stage.World) {
				w.Must(w.Run(context.Background(), "-p", left, "--dry-run=false"), 0)
				defer time.AfterFunc(c.after, func() { c.change(w.Account) }).Stop()
				got := w.Restore(context.Background(), nobody, "c1", "--dry-run=false")
				if got.Code != c.exit || len(got.Gives()) != c.gives || !strings.Contains(got.Stderr, c.says) {
					t.Errorf("exit %d, want %d; writes %v, want %d; want %q\n%s", got.Code, c.exit, got.Gives(), c.gives, c.says, got.Stderr)
				}
				least := 10 * time.Second
				if c.says == "2 grants given back" {
					least += c.after // from when the last of it changed
				}
				if c.gives > 0 && got.Waited() < least {
					t.Errorf("given after %v", got.Waited())
				}
			})
		})
	}
}

// Straight after a run, reads may still show what is gone: "nothing is missing"
// is not believed at once. Later it is.
func TestRestoreLooksAgain(t *testing.T) {
	stage.Keys(t, stage.Account)
	left, nobody := stage.PolicyFile(t, stage.AliceLeft), stage.PolicyFile(t, nil)
	stage.Bubble(t, []byte(stage.Wronged+"behaviour: {cleanEffect: 8s}"), stage.Noon, func(w *stage.World) {
		before := w.Account.Truth()
		w.Must(w.Run(context.Background(), "-p", left, "--dry-run=false", "--verify-timeout", "2s"), 5)
		got := w.Restore(context.Background(), nobody, "c1", "--dry-run=false")
		if got.Code != 0 || len(got.Gives()) != 1 || !strings.Contains(got.Stderr, "reading again in 10 s") {
			t.Errorf("exit %d, writes %v\n%s", got.Code, got.Gives(), got.Stderr)
		}
		w.Must(w.Restore(context.Background(), nobody, "c2", "--dry-run=false").Ran, 0)
		if diff := cmp.Diff(before.Grants, w.Account.Truth().Grants); diff != "" {
			t.Errorf("(-before +after):\n%s", diff)
		}
		<-time.After(time.Hour)
		began := w.Now()
		w.Must(w.Restore(context.Background(), nobody, "c1", "--dry-run=false").Ran, 0)
		if took := w.Now().Sub(began); took > 5*time.Second {
			t.Errorf("an hour later it took %v to say that nothing is missing", took)
		}
	})
}

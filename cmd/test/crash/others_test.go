package crash

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/test/stage"
)

// The other two commands that write die at each of their calls as well: restore,
// which gives bob's grants on c1 back, and self, with which the caller revokes
// its own credential there. Both wait in real time, so this is of make crash
// alone.
func TestCrashOfTheOthers(t *testing.T) {
	if os.Getenv("CRASH") != "full" {
		t.Skip("make crash runs it")
	}
	ownCity := crashCity
	ownCity.Creds = append(slices.Clone(crashCity.Creds), `{uid: "290000000000000001", cluster: c1, expires: 2048-05-05T00:00:00Z}`)
	bob := stage.PolicyFile(t, crashPolicy[:1])
	for _, c := range []struct {
		name string
		city stage.City
		args []string
		// right says what is wrong with the account in the end, or "".
		right func(was, ran, is sim.Truth) string
	}{
		{"restore", crashCity, []string{"restore", "report.json", "--uid", "200000000000000001", "--cluster", "c1", "-p", bob, "--dry-run=false"},
			func(was, ran, is sim.Truth) string {
				return cmp.Diff(was.Grants, is.Grants) + cmp.Diff(ran.Certificates, is.Certificates)
			}},
		{"self", ownCity, []string{"self", "--cluster", "c1", "--dry-run=false"},
			func(was, ran, is sim.Truth) string {
				own := func(c sim.Certificate) bool { return c.UID == "290000000000000001" }
				if slices.ContainsFunc(is.Certificates, func(c sim.Certificate) bool { return own(c) && slices.Contains(was.Certificates, c) }) {
					return "the caller's old certificate is in force"
				}
				others := func(cs []sim.Certificate) []sim.Certificate { return slices.DeleteFunc(slices.Clone(cs), own) }
				return cmp.Diff(was.Grants, is.Grants) + cmp.Diff(others(ran.Certificates), others(is.Certificates))
			}},
	} {
		var mu sync.Mutex
		tried, good := 0, 0
		t.Run(c.name, func(t *testing.T) {
			// ready is the account before the command: for restore, a run has revoked the pin.
			ready := func(t *testing.T) (st *station, was, ran sim.Truth) {
				st = newStation(t, c.city.Yaml(), bob)
				was = st.account.Truth()
				if c.name == "restore" {
					if code, r := st.apply(); code != 0 || r.Summary.Revoked != 1 {
						t.Fatalf("the run before exits %d\n%s", code, &st.process.stderr)
					}
				}
				return st, was, st.account.Truth()
			}
			whole, was, ran := ready(t)
			before := whole.written()
			if code := whole.begin(nil, whole.program(c.args...)).end(); code != 0 || whole.written() != before+1 {
				t.Fatalf("nobody killed it: exit %d after %d writes\n%s", code, whole.written()-before, &whole.process.stderr)
			}
			if wrong := c.right(was, ran, whole.account.Truth()); wrong != "" {
				t.Fatal(wrong)
			}
			calls := whole.account.Calls()
			var g errgroup.Group
			g.SetLimit(12) // they wait most of the time
			for i, call := range calls {
				for _, how := range []stroke{killBefore, killAfter} {
					if how == killAfter && !call.Write {
						continue
					}
					g.Go(func() error {
						ok := t.Run(fmt.Sprintf("%02d %s %s", i+1, how, call.Operation), func(t *testing.T) {
							st, was, ran := ready(t)
							dying := st.begin(func(n int, _ *http.Request) stroke {
								if n == i+1 {
									return how
								}
								return serve
							}, st.program(c.args...))
							if code := dying.end(); code != -1 {
								t.Fatalf("exit %d: it never came to call %d\n%s", code, i+1, &dying.stderr)
							}
							if code := st.begin(nil, st.program(c.args...)).end(); code != 0 {
								t.Errorf("the next one exits %d\n%s", code, &st.process.stderr)
							}
							if wrong := c.right(was, ran, st.account.Truth()); wrong != "" {
								t.Error(wrong)
							}
							wrote := st.written()
							if c.name == "restore" {
								if code := st.begin(nil, st.program(c.args...)).end(); code != 0 || st.written() != wrote {
									t.Errorf("the one after that exits %d and writes %d times\n%s", code, st.written()-wrote, &st.process.stderr)
								}
							}
							if len(st.naked) > 0 {
								t.Errorf("before their line in the journal: %v", st.naked)
							}
						})
						mu.Lock()
						defer mu.Unlock()
						tried++
						if ok {
							good++
						}
						return nil
					})
				}
			}
			_ = g.Wait()
		})
		fmt.Printf("crash of %s: %d indices tried, %d converged\n", c.name, tried, good)
	}
}

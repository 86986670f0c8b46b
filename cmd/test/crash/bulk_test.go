package crash

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/report"
)

const leaver = "200000000000000002"

// manyCity is an account in which one who left has a certificate and a grant on each
// of five clusters, and one who stays on the first.
func manyCity(task string) stage.City {
	city := crashCity
	city.Behaviour = "{task: " + task + "}"
	city.Clusters, city.Creds = nil, []string{`{uid: "200000000000000003", cluster: c1, expires: 2048-01-01T00:00:00Z}`}
	city.Grants = []string{crashCity.Grants[0], `{uid: "200000000000000003", cluster: c1, role: admin}`}
	for i := range 5 {
		id := fmt.Sprintf("c%d", i+1)
		city.Clusters = append(city.Clusters, fmt.Sprintf("{id: %s, name: n%s, region: cn-hangzhou, created: 2024-01-01T00:00:00Z}", id, id))
		city.Creds = append(city.Creds, fmt.Sprintf(`{uid: "%s", cluster: %s, expires: 2048-02-0%dT00:00:00Z}`, leaver, id, i+1))
		city.Grants = append(city.Grants, fmt.Sprintf(`{uid: "%s", cluster: %s, role: dev}`, leaver, id))
	}
	city.Deleted = nil
	return city
}

var manyPolicy = []string{`{uid: "` + leaver + `", name: alice, reason: departed}`}

// everyLine are the actions of the call of several clusters.
func everyLine() (ids []string) {
	for i := range 5 {
		ids = append(ids, fmt.Sprintf("c%d/%s", i+1, leaver))
	}
	return ids
}

// A process dies at each call of a run that revokes five clusters with one call. The
// line of each is on disk before that call goes out, and the next run does the rest.
func TestCrashBulk(t *testing.T) {
	t.Parallel()
	s := &sweep{city: manyCity("{after: 0s}"), policy: stage.PolicyFile(t, manyPolicy)}
	whole := s.wholeBulk(t, 1)
	var g errgroup.Group
	g.SetLimit(4)
	for i, c := range whole.account.Calls() {
		for _, how := range []stroke{killBefore, killAfter} {
			if how == killAfter && !c.Write {
				continue
			}
			g.Go(func() error {
				t.Run(fmt.Sprintf("%02d %s %s", i+1, how, c.Operation), func(t *testing.T) {
					s.dieInBulk(t, func(call int, _ *http.Request) stroke {
						if call == i+1 {
							return how
						}
						return serve
					})
				})
				return nil
			})
		}
	}
	_ = g.Wait()
}

// The task comes to half of the clusters, and the process dies over the calls of the
// others, or while it waits for them.
func TestCrashBulkHalfway(t *testing.T) {
	t.Parallel()
	s := &sweep{city: manyCity("{ends: halfway, after: 0s}"), policy: stage.PolicyFile(t, manyPolicy)}
	s.wholeBulk(t, 3)
	own := func(how stroke, cluster string) func(int, *http.Request) stroke {
		return first(how, "DELETE", "/cluster/"+cluster+"/user/"+leaver+"/permissions", 0)
	}
	for name, hand := range map[string]func(int, *http.Request) stroke{
		"in the wait":           first(killBefore, "GET", "/permissions/users/"+leaver, 2),
		"before the fourth":     own(killBefore, "c4"),
		"after the fourth":      own(killAfter, "c4"),
		"before the fifth":      own(killBefore, "c5"),
		"after the fifth":       own(killAfter, "c5"),
		"after the call of all": first(killAfter, "DELETE", "/users/"+leaver+"/permissions", 0),
	} {
		t.Run(name, func(t *testing.T) { t.Parallel(); s.dieInBulk(t, hand) })
	}
}

// wholeBulk finds out what becomes of the account in a run that nobody kills.
func (s *sweep) wholeBulk(t *testing.T, writes int) *station {
	t.Helper()
	whole := newStation(t, s.city.Yaml(), s.policy)
	s.was = whole.account.Truth()
	code, r := whole.apply()
	s.is = whole.account.Truth()
	if code != 0 || r.Summary.Revoked != 5 || whole.written() != writes {
		t.Fatalf("the run that nobody kills exits %d after %d writes: %+v", code, whole.written(), r.Summary)
	}
	return whole
}

// dieInBulk kills a run, looks at what is left behind, and lets two more follow.
func (s *sweep) dieInBulk(t *testing.T, hand func(int, *http.Request) stroke) {
	st := newStation(t, s.city.Yaml(), s.policy)
	bare := false
	dying := st.start(func(n int, r *http.Request) stroke {
		if r.Method == http.MethodDelete && r.URL.Path == "/users/"+leaver+"/permissions" {
			bare = !slices.Equal(stage.Each(st.intents(), action), everyLine())
		}
		return hand(n, r)
	}, "--dry-run=false")
	if code := dying.end(); code != -1 {
		t.Fatalf("exit %d: it was not killed\n%s", code, &dying.stderr)
	}
	if bare {
		t.Errorf("the call of all went out, and the journal had not the line of each: %v", stage.Each(st.intents(), action))
	}
	st.holds(s.was, s.is, "killed")
	unfinished := st.intents()
	first, _ := s.again(st, "the run after it")
	told := stage.Each(first.Unfinished, func(u report.Unfinished) string { return u.Action })
	if diff := cmp.Diff(stage.Sorted(stage.Each(unfinished, action)), stage.Sorted(told)); diff != "" {
		t.Errorf("unfinished (-journal +report):\n%s", diff)
	}
	if second, rewrote := s.again(st, "the run after that"); rewrote > 0 || len(second.Unfinished) > 0 {
		t.Errorf("the run after that writes %d times and finds unfinished %+v", rewrote, second.Unfinished)
	}
	if diff := cmp.Diff(s.is, st.account.Truth()); diff != "" {
		t.Errorf("what is so in the end, and without a crash (-want +got):\n%s", diff)
	}
}

func action(l journalLine) string { return l.Action }

// From the journal of a run that died over the call of several clusters, each of
// them can be given back. Each takes real time, so make test asks for one alone.
func TestCrashBulkGivenBack(t *testing.T) {
	t.Parallel()
	city := manyCity("{after: 0s}")
	st := newStation(t, city.Yaml(), stage.PolicyFile(t, manyPolicy))
	was := st.account.Truth()
	dying := st.start(first(killAfter, "DELETE", "/users/"+leaver+"/permissions", 0), "--dry-run=false")
	if code := dying.end(); code != -1 {
		t.Fatalf("exit %d: it was not killed\n%s", code, &dying.stderr)
	}
	if _, grants := taken(was, st.account.Truth()); len(grants) != 5 {
		t.Fatalf("the call took %v", grants)
	}
	nobody := stage.PolicyOf(t, "guards: {allowEmpty: true}")
	asked := []int{4}
	if os.Getenv("CRASH") == "full" {
		asked = []int{0, 1, 2, 3, 4}
	}
	for _, i := range asked {
		back := st.program("restore", "report.json.journal/ackrevoke.journal", "--uid", leaver, "--cluster", fmt.Sprintf("c%d", i+1),
			"-p", nobody, "--dry-run=false")
		if code := st.begin(nil, back).end(); code != 0 {
			t.Errorf("restore of c%d exits %d\n%s", i+1, code, &back.stderr)
		}
	}
	if _, grants := taken(was, st.account.Truth()); len(grants) != 5-len(asked) {
		t.Errorf("still missing: %v", grants)
	}
}

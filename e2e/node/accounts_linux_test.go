package node

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"ackrevoke/e2e/plane"
)

// hub is the account whose keys are used; in the others a role is assumed.
const hub = "1000000000000000"

// fleet writes the estates of the hub and of six accounts, on each of which one
// who left holds a certificate and a grant, and a policy for each of the six.
func fleet(t *testing.T) (estates, policies []string) {
	t.Helper()
	dir := t.TempDir()
	put := func(name, format string, a ...any) string {
		path := filepath.Join(dir, name)
		plane.Write(t, path, fmt.Appendf(nil, format, a...))
		return path
	}
	estates = append(estates, put("hub.yaml", `account: %q
caller: {type: RAMUser, uid: "290000000000000001"}
users: [{uid: "290000000000000001", name: fleet, created: 2024-05-06T07:08:09Z}]
`, hub))
	for n := range 6 {
		id := fmt.Sprintf("100000000000000%d", n+1)
		estates = append(estates, put(fmt.Sprintf("estate-%d.yaml", n), memberEstate, id, n))
		policies = append(policies, put(fmt.Sprintf("team-%d.yaml", n), `version: 1
account: %[1]q
assumeRole: acs:ram::%[1]s:role/ackrevoke
principals: [{uid: "200000000000000001", reason: departed}]
`, id))
	}
	return estates, policies
}

const memberEstate = `account: %[1]q
caller: {type: Account}
users: [{uid: "200000000000000001", name: alice, created: 2024-05-06T07:08:09Z}]
roles: [{uid: "300000000000000001", name: ackrevoke, created: 2024-05-06T07:08:09Z}]
clusters: [{id: cluster-%[2]d, name: prod, region: cn-hangzhou, created: 2024-02-01T10:20:30Z}]
credentials: [{uid: "200000000000000001", cluster: cluster-%[2]d, expires: 2035-01-01T00:00:00Z}]
grants:
  - {uid: "300000000000000001", allClusters: true, role: admin}
  - {uid: "200000000000000001", cluster: cluster-%[2]d, role: dev}
`

// storyOfAFleet kills one of three pods that share six accounts out.
func storyOfAFleet(t *testing.T, n *node) {
	estates, policies := fleet(t)
	// team-1 and team-4 are the second shard's; one at a time, so that one is done when the other hangs.
	a := simulate(t, "faults: [{on: write, cluster: cluster-4, do: hang}]", estates...)
	r := n.prepare(t, "fleet", a, hub, "--call-timeout=20m", "--accounts-concurrency=1")
	values := []string{revoking, "--set=shards=3"}
	for _, path := range policies {
		values = append(values, "--set-file=accounts."+strings.Replace(filepath.Base(path), ".", `\.`, 1)+"="+path)
	}
	r.install(t, values...)
	plane.Step(t, "an Indexed Job over six accounts, one of three pods killed: its shard failed, and summary refuses (exit code 6)",
		func(t *testing.T) {
			r.begin(t, "fleet")
			a.hangs(t)
			plane.Must(t, syscall.Kill(r.process(t, "fleet", "1"), syscall.SIGKILL))
			if e := r.wait(t, "fleet"); e.reason() != "FailedIndexes" || e.Status.CompletedIndexes != "0,2" || e.Status.FailedIndexes != "1" {
				t.Errorf("%+v", e.Status)
			}
			r.summary(t, 6, "missing: shard 1 of 3 has no summary; its files: team-1.yaml, team-4.yaml")
			if done := a.done(); len(done) != 5 {
				t.Errorf("%v was taken away, want all but cluster-4", done)
			}
		})
	plane.Step(t, "once more: every account is handled, and summary accepts (exit code 0)", func(t *testing.T) {
		wantEnd(t, r.run(t, "again"), 0, "")
		r.summary(t, 0, "converged (exit 0): 6 policy files")
		if done := a.done(); len(done) != 6 {
			t.Errorf("%v was taken away in both runs, want six, each once", done)
		}
	})
}

// summary puts the shards together and expects an exit code and words.
func (r *release) summary(t *testing.T, code int, says string) {
	t.Helper()
	said, err := exec.Command(plane.Program, "summary", filepath.Join(r.volume, "reports")).CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	got := 0
	if exit != nil {
		got = exit.ExitCode()
	}
	if got != code || !strings.Contains(string(said), says) {
		t.Errorf("summary: exit code %d, want %d and %q:\n%s", got, code, says, said)
	}
	t.Logf("summary: exit code %d\n%s", got, said)
}

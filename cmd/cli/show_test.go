package cli_test

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/report"
)

// city for show: what can be seen and what cannot, side by side.
const partly = `account: "1234567890123456"
caller: {type: RAMUser, uid: "290000000000000001"}
users:
  - {uid: "290000000000000001", name: runner, created: 2024-01-01T00:00:00Z}
  - {uid: "200000000000000001", name: alice, created: 2024-05-06T07:08:09Z}
  - {uid: "200000000000000005", name: both, created: 2024-05-06T07:08:09Z}
  - {uid: "200000000000000006", name: "200000000000000066", created: 2024-05-06T07:08:09Z}
roles:
  - {uid: "300000000000000005", name: both, created: 2024-05-06T07:08:09Z}
  - {uid: "300000000000000006", name: AliyunServiceRoleForContainer, created: 2024-05-06T07:08:09Z}
clusters:
  - {id: c1, name: seen, region: cn-hangzhou, type: Kubernetes, created: 2018-08-08T08:08:08+08:00}
  - {id: c2, name: blind, region: cn-hangzhou, created: 2024-02-01T10:20:30+08:00}
  - {id: c3, name: free, region: cn-hangzhou, created: 2024-02-01T10:20:30+08:00}
  - {id: c4, name: strange, region: cn-hangzhou, listed: false, created: 2024-02-01T10:20:30+08:00}
  - {id: c5, name: odd, region: cn-hangzhou, type: ExternalKubernetes, created: 2024-02-01T10:20:30+08:00}
  - {id: c6, name: coming, region: cn-hangzhou, state: initial, created: 2026-11-23T10:20:30+08:00}
credentials:
  - {uid: "200000000000000001", cluster: c1, expires: 2028-01-01T00:00:00Z}
  - {uid: "200000000000000001", cluster: c4, expires: 2028-01-01T00:00:00Z}
  - {uid: "200000000000000001", cluster: c5, state: Unknown}
grants:
  - {uid: "290000000000000001", cluster: c1, role: admin}
  - {uid: "290000000000000001", cluster: c3, role: admin}
  - {uid: "290000000000000001", cluster: c5, role: admin}
  - {uid: "290000000000000001", cluster: c6, role: admin}
  - {uid: "200000000000000001", cluster: c1, owner: true}
  - {uid: "200000000000000001", cluster: c1, namespace: payments, role: dev}
  - {uid: "200000000000000001", cluster: c2, role: dev}
`

func TestShow(t *testing.T) {
	stage.Keys(t, stage.Account)
	estate := stage.Must(os.ReadFile("../../testdata/estate.yaml"))
	reads := map[string]int{"GetCallerIdentity": 1, "ListUsers": 1, "ListRoles": 1, "DescribeRegions": 1, "DescribeClustersForRegion": 4,
		"DescribeUserPermission": 2, "ListUserKubeConfigStates": 1}
	for _, who := range []string{stage.AliceUID, "alice", "acs:ram::1234567890123456:user/alice"} {
		stage.Bubble(t, estate, stage.Noon, func(w *stage.World) {
			got := w.Ask("show", who)
			got.MustExit(t, 0)
			want := `alice (200000000000000001), a live RAM user created 2024-05-06T07:08:09Z, account 1234567890123456

CLUSTER                                       REGION        CREATED     CERTIFICATE                           GRANTS           OWN REVOCATION
prod-cn (c0a1000000000000000000000000000001)  cn-hangzhou   2023-02-01  Unexpired until 2035-03-04T05:06:07Z  ops              yes
prod-eu (c0a1000000000000000000000000000002)  eu-central-1  2024-02-01  Unexpired until 2035-04-05T06:07:08Z  dev in payments  yes

All clusters at once: no grant
2 of 8 clusters reached, nothing held on 6.
`
			if diff := cmp.Diff(want, got.Stdout); diff != "" {
				t.Errorf("%s (-want +got):\n%s", who, diff)
			}
			if diff := cmp.Diff(reads, got.By()); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
			stage.Says(t, got.Stderr, "ackrevoke add 200000000000000001 --reason departed --cluster "+
				"c0a1000000000000000000000000000001 --cs-endpoint=http://127.0.0.1:1",
				"--reason compromised --pin c0a1000000000000000000000000000001=2035-03-04T05:06:07Z")
		})
	}
}

// The per-user answers about a deleted principal are undocumented, so every
// cluster is asked, and the name that nobody bears any more comes from there.
func TestShowDeleted(t *testing.T) {
	stage.Keys(t, stage.Account)
	estate := string(stage.Must(os.ReadFile("../../testdata/estate.yaml")))
	for _, behaviour := range []string{"", "behaviour: {deletedUserStates: notFound, deletedUserGrants: notFound}\n",
		"behaviour: {deletedUserStates: empty}\n"} {
		stage.Bubble(t, []byte(estate+behaviour), stage.Noon, func(w *stage.World) {
			got := w.Ask("show", stage.MalloryUID)
			got.MustExit(t, 0)
			stage.Says(t, got.Stdout, "mallory (200000000000000099), a RAM user that is deleted", "Unexpired until 2034-12-12T12:12:12Z",
				"Unexpired until 2034-11-11T11:11:11Z", "no: deleted", "2 of 8 clusters reached")
			stage.Says(t, got.Stderr, "ackrevoke add 200000000000000099 --deleted --reason departed")
			if n := got.By()["ListClusterKubeconfigStates"]; n != 8 {
				t.Errorf("%d clusters of 8 were asked", n)
			}
		})
	}
	stage.Bubble(t, []byte(estate), stage.Noon, func(w *stage.World) {
		got := w.Ask("show", "200000000000000077")
		got.MustExit(t, 6)
		stage.Says(t, got.Stdout, "Nobody has this uid and nothing bears it")
		if strings.Contains(got.Stderr, "To revoke") {
			t.Errorf("a mistyped uid is offered for revoking:\n%s", got.Stderr)
		}
	})
}

// What cannot be seen is said, and never looks like nothing.
func TestShowPartly(t *testing.T) {
	stage.Keys(t, stage.Account)
	stage.Bubble(t, []byte(partly), stage.Noon, func(w *stage.World) {
		got := w.Ask("show", "alice")
		got.MustExit(t, 6)
		want := `alice (200000000000000001), a live RAM user created 2024-05-06T07:08:09Z, account 1234567890123456

CLUSTER                   REGION       CREATED     CERTIFICATE                           GRANTS                    OWN REVOCATION
seen (c1)                 cn-hangzhou  2018-08-08  Unexpired until 2028-01-01T00:00:00Z  creator, dev in payments  no: created before 2019-10-15
blind (c2)                cn-hangzhou  2024-02-01  Unissued                              not visible (blind)       yes
strange (c4), not listed  cn-hangzhou  2024-02-01  Unexpired until 2028-01-01T00:00:00Z  not visible               yes
odd (c5)                  cn-hangzhou  2024-02-01  unclear                               -                         unknown

All clusters at once: not visible to this caller
2 of 6 clusters reached, nothing held on 2, 2 unknown.
`
		if diff := cmp.Diff(want, got.Stdout); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		stage.Says(t, got.Stderr, "incomplete (exit 6): [clusters-not-seen all-clusters-not-visible]")
	})
}

func TestShowReadsThatFail(t *testing.T) {
	stage.Keys(t, stage.Account)
	estate := stage.Must(os.ReadFile("../../testdata/estate.yaml"))
	for name, c := range map[string]struct {
		fault, who string
		code       int
		out, err   string
	}{
		"states": {"{on: ListUserKubeConfigStates, times: 0, do: html502}", "alice", 6, "unclear", "could not be seen in full"},
		"grants": {"{on: DescribeUserPermission, uid: \"200000000000000001\", times: 0, do: denied}", "alice", 6, "not visible",
			"hint: give the caller cs:GetUserPermissions in RAM"},
		"own permissions": {"{on: DescribeUserPermission, uid: \"300000000000000001\", times: 0, do: denied}", "alice", 6,
			"not visible (blind)", "could not be seen in full"},
		"cluster lists": {"{on: ListClusterKubeconfigStates, times: 0, do: html502}", stage.MalloryUID, 6, "unclear",
			"could not be seen in full"},
		"listing": {"{on: ListUsers, times: 0, do: empty500}", "alice", 6, "", "ListUsers"},
		"keys":    {"{on: GetCallerIdentity, times: 0, do: tokenExpires}", "alice", 1, "", "ALIBABA_CLOUD_ACCESS_KEY_ID"},
	} {
		t.Run(name, func(t *testing.T) {
			faults := stage.Must(sim.LoadFaults("faults.yaml", []byte("faults:\n  - "+c.fault+"\n")))
			stage.BubbleWith(t, estate, faults, stage.Noon, func(w *stage.World) {
				got := w.Ask("show", c.who)
				got.MustExit(t, c.code)
				stage.Says(t, got.Stdout, c.out)
				stage.Says(t, got.Stderr, c.err)
				if strings.Contains(got.Stdout, "nothing held on 8") {
					t.Errorf("a failed read was shown as nothing:\n%s", got.Stdout)
				}
			})
		})
	}
}

func TestShowJSON(t *testing.T) {
	stage.Keys(t, stage.Account)
	estate := stage.Must(os.ReadFile("../../testdata/estate.yaml"))
	for _, who := range []string{"alice", stage.MalloryUID, "erin", "ackrevoke", "1234567890123456", "200000000000000077"} {
		stage.Bubble(t, estate, stage.Noon, func(w *stage.World) {
			got := w.Ask("show", who, "--format", "json")
			var a report.Show
			d := json.NewDecoder(strings.NewReader(got.Stdout))
			d.DisallowUnknownFields()
			if err := d.Decode(&a); err != nil {
				t.Fatalf("%s: %v\n%s", who, err, got.Stdout)
			}
			stage.Fits(t, "show", []byte(got.Stdout))
			if a.Schema != "ackrevoke.show/v1" || a.Verdict.ExitCode != got.Code || a.Summary.Clusters != 8 || len(a.Clusters) != 8 {
				t.Errorf("%s: %s, exit %d and %d, %d clusters", who, a.Schema, a.Verdict.ExitCode, got.Code, len(a.Clusters))
			}
			if a.Summary.Held+a.Summary.Free+a.Summary.Unknown != a.Summary.Clusters {
				t.Errorf("%s: does not add up: %+v", who, a.Summary)
			}
			if !slices.IsSortedFunc(a.Clusters, func(a, b report.Reached) int { return strings.Compare(a.ID, b.ID) }) {
				t.Errorf("%s: not sorted", who)
			}
			if nulls := strings.Count(got.Stdout, ": null"); nulls != strings.Count(got.Stdout, `"error": null`) {
				t.Errorf("%s: a list is null:\n%s", who, got.Stdout)
			}
		})
	}
}

func TestShowNobodyInParticular(t *testing.T) {
	stage.Keys(t, stage.Account)
	stage.Bubble(t, []byte(partly), stage.Noon, func(w *stage.World) {
		for who, want := range map[string][]string{
			"alicia":               {`nobody in account 1234567890123456 is named "alicia"; near: user alice (200000000000000001)`},
			"zzzzzz":               {`nobody in account 1234567890123456 is named "zzzzzz"`, "found by the uid"},
			"both":                 {"is not one principal: user both (200000000000000005)", "role both (300000000000000005)"},
			"200000000000000066":   {"is a uid that nobody has, and a name: user 200000000000000066 (200000000000000006)"},
			"acs:ram::1:user/both": {"belongs to the account"},
			"acs:ram::1234567890123456:assumed-role/both/x": {"is a session", "role/both"},
			"acs:ram::1234567890123456:group/both":          {"is no ARN of a user or role"},
			"acs:ram:nothing":                               {"is no ARN of RAM"},
			"\x1b[2J":                                       {"is no uid, name or ARN"},
		} {
			got := w.Ask("show", who)
			got.MustExit(t, 2)
			stage.Says(t, got.Stderr, append(want, "ackrevoke: ")...)
			if got.Stdout != "" {
				t.Errorf("%q: on standard output: %s", who, got.Stdout)
			}
		}
		w.Ask("show", "acs:ram::1234567890123456:role/both").MustExit(t, 6) // found; the rest is blind
		w.Ask("show").MustExit(t, 2)
		w.Ask("show", "a", "b").MustExit(t, 2)
		w.Ask("show", "a", "--format", "yaml").MustExit(t, 2)
		if n := len(w.Ask("show", "a", "--policy", "x").Calls); n != 0 {
			t.Errorf("an unknown flag, and %d calls", n)
		}
	})
}

func TestShowInterrupted(t *testing.T) {
	stage.Keys(t, stage.Account)
	stage.Bubble(t, []byte(partly), stage.Noon, func(w *stage.World) {
		ctx, cancel := context.WithCancelCause(context.Background())
		cancel(cli.Interruption(os.Interrupt))
		got := w.AskAs(ctx, "", nil, "show", "alice")
		got.MustExit(t, 130)
	})
}

package cli_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/policy"
)

const pinned = `version: 1
account: "1234567890123456"
scope: {exclude: [sandbox]}
principals:
  - uid: "200000000000000001" # alice
    reason: departed
  - {uid: "200000000000000002", reason: compromised, until: 2026-12-31} # bob
  - uid: "300000000000000003"
    reason: departed
  - {uid: "200000000000000004", name: somebody, reason: departed}
  - {uid: "200000000000000005", name: was-erin, createdAt: 2025-01-15T08:00:00Z, reason: departed}
  - {uid: "200000000000000077", reason: departed}
  - {uid: "200000000000000099", reason: departed, deleted: true}
  - {uid: "300000000000000004", kind: role, reason: departed}
`

func TestPinCommand(t *testing.T) {
	stage.Keys(t, stage.Account)
	path := filed(t, pinned)
	stage.Bubble(t, stage.Must(os.ReadFile("../../testdata/estate.yaml")), stage.Noon, func(w *stage.World) {
		got := w.Ask("pin", "-p", path)
		got.MustExit(t, 4)
		want := strings.ReplaceAll(`--- PATH
+++ PATH
@@ -3,9 +3,14 @@
 scope: {exclude: [sandbox]}
 principals:
   - uid: "200000000000000001" # alice
+    name: alice
+    createdAt: 2024-05-06T07:08:09Z
     reason: departed
-  - {uid: "200000000000000002", reason: compromised, until: 2026-12-31} # bob
+  - {uid: "200000000000000002", name: bob, createdAt: 2023-02-03T04:05:06Z, reason: compromised, until: 2026-12-31} # bob
   - uid: "300000000000000003"
+    kind: role
+    name: old-pipeline
+    createdAt: 2023-01-02T03:04:05Z
     reason: departed
   - {uid: "200000000000000004", name: somebody, reason: departed}
   - {uid: "200000000000000005", name: was-erin, createdAt: 2025-01-15T08:00:00Z, reason: departed}
`, "PATH", path)
		if diff := cmp.Diff(want, got.Stdout); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		stage.Says(t, got.Stderr,
			path+`:8: 300000000000000003: is the live RAM role "old-pipeline": until now a run refused it`,
			path+`:10: somebody (200000000000000004): left as it is, for a run would refuse it (identity-conflict)`,
			path+`:12: 200000000000000077: nobody has this uid`,
			path+`:14: 300000000000000004: left as it is, for a run would refuse it (protected)`,
			"3 entries of 8 completed\nNothing was written. Next: ackrevoke pin -p "+path)
		if strings.Contains(got.Stderr, ":13:") || strings.Contains(got.Stderr, ":11:") {
			t.Errorf("too much is said:\n%s", got.Stderr)
		}
		if diff := cmp.Diff([]string{"GetCallerIdentity", "ListRoles", "ListUsers"}, got.Operations()); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
		if string(stage.Must(os.ReadFile(path))) != pinned {
			t.Fatal("a change was shown, and written")
		}
		w.Ask("pin", "-p", path, "--write").MustExit(t, 4)
		pol := stage.Must(policy.Load(path, stage.Must(os.ReadFile(path))))
		if e := pol.Principals[2]; e.Kind != policy.Role || e.Name != "old-pipeline" || e.CreatedAt.IsZero() {
			t.Errorf("%+v", e)
		}
		// Once more, and there is nothing left to say but what was refused.
		got = w.Ask("pin", "-p", path, "--write")
		got.MustExit(t, 4)
		stage.Says(t, got.Stderr, "nothing to complete in 8 entries")
		if got.Stdout != "" {
			t.Errorf("completed twice:\n%s", got.Stdout)
		}
		got = w.Ask("pin", "-p", path, "--uid", stage.AliceUID)
		got.MustExit(t, 0)
		stage.Says(t, got.Stderr, "nothing to complete in 1 entry")
	})
}

// A lockout becomes pins: what is in force now, in scope, all of it or nothing.
func TestPinCertificates(t *testing.T) {
	stage.Keys(t, stage.Account)
	estate := string(stage.Must(os.ReadFile("../../testdata/estate.yaml")))
	entry := func(more string) string {
		return "version: 1\naccount: \"1234567890123456\"\nscope: {exclude: [sandbox]}\nprincipals:\n" + more
	}
	const both = "certificates: [{cluster: c0a1000000000000000000000000000002, expires: 2034-09-10T11:12:13Z}, {cluster: " +
		"c0a1000000000000000000000000000003, expires: 2035-01-01T00:00:00Z}]"
	const bob, bobs = "200000000000000002", "  - {uid: \"200000000000000002\", name: bob, createdAt: 2023-02-03T04:05:06Z, " +
		"reason: compromised, "
	for name, c := range map[string]struct {
		entry, fault string
		args         []string
		code         int
		out, err     string
	}{
		"a lockout": {bobs + "until: 2026-12-31}\n", "", nil, 0, "until: 2026-12-31, " + both,
			"from now on exactly 2 certificates are revoked"},
		"narrowed": {bobs + "until: 2026-12-31, clusters: [prod-eu]}\n", "", nil, 0,
			"certificates: [{cluster: c0a1000000000000000000000000000002, expires: 2034-09-10T11:12:13Z}], clusters: [prod-eu]}",
			"exactly 1 certificate is revoked"},
		"pins are left alone": {bobs + "certificates: [{cluster: c0a1000000000000000000000000000002, expires: 2034-09-10T11:12:13Z}]}\n",
			"", nil, 0, "", "has pins already"},
		"pins, and named": {bobs + "certificates: [{cluster: c0a1000000000000000000000000000002, expires: 2034-09-10T11:15:00Z}]}\n", "",
			[]string{"--uid", bob}, 0, "11:15:00Z}, {cluster: c0a1000000000000000000000000000003, expires: 2035-01-01T00:00:00Z}]", ""},
		"lapsed": {bobs + "until: 2026-01-31}\n", "", nil, 0, "", "nothing to complete"},
		"outside the scope": {"  - {uid: \"200000000000000099\", deleted: true, reason: compromised, until: 2026-12-31, " +
			"clusters: [\"prod-*\"]}\n", "", nil, 0, "certificates: [{cluster: c0a1000000000000000000000000000001, expires: " +
			"2034-12-12T12:12:12Z}], clusters: ", ""},
		"nothing is held": {"  - {uid: \"200000000000000005\", name: erin, createdAt: 2025-01-15T08:00:00Z, reason: compromised," +
			" until: 2026-12-31}\n", "", nil, 0, "", "nothing to pin"},
		"a failed read": {bobs + "until: 2026-12-31}\n", "{on: ListUserKubeConfigStates, times: 0, do: html502}", nil, 6, "",
			"no certificate is pinned, for the one on cluster c0a1000000000000000000000000000001 is unclear: ListUserKubeConfigStates"},
		"one of two is unclear": {bobs + "until: 2026-12-31}\n", "", nil, 6, "",
			"no certificate is pinned, for the one on cluster c0a1000000000000000000000000000003 is unclear"},
		"a departed, named": {"  - {uid: \"" + stage.AliceUID + "\", reason: departed}\n", "", []string{"--uid", stage.AliceUID},
			2, "", "is departed: everything goes"},
		"a departed, not named": {"  - {uid: \"" + stage.AliceUID +
			"\", name: alice, createdAt: 2024-05-06T07:08:09Z, reason: departed}\n", "", nil, 0, "", "nothing to complete"},
		"nobody of that uid is listed": {bobs + "until: 2026-12-31}\n", "", []string{"--uid", "1"}, 2, "", "has no entry for 1"},
		"no uid":                       {bobs + "until: 2026-12-31}\n", "", []string{"--uid", ""}, 2, "", "--uid is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			var faults *sim.Faults
			if c.fault != "" {
				faults = stage.Must(sim.LoadFaults("faults.yaml", []byte("faults:\n  - "+c.fault+"\n")))
			}
			estate := estate
			if name == "one of two is unclear" {
				estate = strings.Replace(estate, "000003, expires: 2035-01-01T00:00:00Z}\n  - {uid: \"200000000000000003\"",
					"000003, state: Unknown}\n  - {uid: \"200000000000000003\"", 1)
			}
			path := filed(t, entry(c.entry))
			stage.BubbleWith(t, []byte(estate), faults, stage.Noon, func(w *stage.World) {
				got := w.Ask(append([]string{"pin", "-p", path, "--certificates", "--write"}, c.args...)...)
				got.MustExit(t, c.code)
				stage.Says(t, got.Stderr, c.err)
				stage.Says(t, got.Stdout, c.out)
				if changed := string(stage.Must(os.ReadFile(path))) != entry(c.entry); changed != (c.out != "") || changed != (got.Stdout != "") {
					t.Errorf("changed %v, shown:\n%s", changed, got.Stdout)
				}
				// What was pinned is what a run then acts on, and nothing else of the person.
				if name == "a lockout" {
					r := w.Run(context.Background(), "-p", path, "--only", bob)
					if r.Code != 0 || r.Report.Summary.Actions != 2 || r.Report.Summary.Unknown != 0 {
						t.Errorf("exit %d, %+v", r.Code, r.Report.Summary)
					}
				}
			})
		})
	}
}

func TestPinInterrupted(t *testing.T) {
	stage.Keys(t, stage.Account)
	path := filed(t, pinned)
	faults := stage.Must(sim.LoadFaults("faults.yaml", []byte("faults:\n  - {on: DescribeUserPermission, times: 0, do: slow, delay: 20s}\n")))
	stage.BubbleWith(t, stage.Must(os.ReadFile("../../testdata/estate.yaml")), faults, stage.Noon, func(w *stage.World) {
		got := w.Ask("pin", "-p", path, "--certificates", "--write", "--timeout", "30s")
		got.MustExit(t, 6)
		stage.Says(t, got.Stderr, "the time limit of the run")
	})
	if string(stage.Must(os.ReadFile(path))) != pinned {
		t.Error("an interrupted look was written")
	}
}

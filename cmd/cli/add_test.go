package cli_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/end"
	"ackrevoke/policy"
)

// filed puts a policy where a test can have it changed.
func filed(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "policy.yaml")
	if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAddCommand(t *testing.T) {
	stage.Keys(t, stage.Account)
	old := string(stage.Must(os.ReadFile("../../policy.yaml")))
	path := filed(t, old)
	if err := os.Chmod(path, 0o604); err != nil {
		t.Fatal(err)
	}
	stage.Bubble(t, stage.Must(os.ReadFile("../../testdata/estate.yaml")), stage.Noon, func(w *stage.World) {
		args := []string{"add", "frank", "-p", path, "--reason", "departed", "--ticket", "HR-4990", "--effective", "2026-12-01", "--note",
			"leaves: \"soon\""}
		got := w.Ask(args...)
		got.MustExit(t, 0)
		want := strings.ReplaceAll(`--- PATH
+++ PATH
@@ -53,3 +53,12 @@
     certificates:
       - {cluster: c0a1000000000000000000000000000002, expires: 2034-09-10T11:12:13Z}
     ticket: SEC-118
+
+  - uid: "200000000000000006"
+    kind: user
+    name: frank
+    createdAt: 2025-02-16T08:00:00Z
+    reason: departed
+    effective: 2026-12-01
+    ticket: HR-4990
+    note: "leaves: \"soon\""
`, "PATH", path)
		if diff := cmp.Diff(want, got.Stdout); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		stage.Says(t, got.Stderr, path+":57: frank (200000000000000006), departed",
			"Nothing was written. Next: ackrevoke add frank -p "+path, " --write\n")
		if diff := cmp.Diff(map[string]int{"GetCallerIdentity": 1, "ListUsers": 1, "ListRoles": 1}, got.By()); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
		if now := string(stage.Must(os.ReadFile(path))); now != old {
			t.Fatal("a change was shown, and written")
		}

		got = w.Ask(append(args, "--write")...)
		got.MustExit(t, 0)
		if got.Stdout != want {
			t.Errorf("written is another diff than shown:\n%s", got.Stdout)
		}
		stage.Says(t, got.Stderr, "Next: ackrevoke run --only 200000000000000006 --cs-endpoint=http://127.0.0.1:1 --policy="+path)
		if info := stage.Must(os.Stat(path)); info.Mode().Perm() != 0o604 {
			t.Errorf("the mode was 604 and is %o", info.Mode().Perm())
		}
		now := stage.Must(os.ReadFile(path))
		if !strings.HasPrefix(string(now), old) {
			t.Error("something else changed")
		}
		pol := stage.Must(policy.Load(path, now))
		if e := pol.Principals[7]; e.Name != "frank" || e.Note != `leaves: "soon"` ||
			!e.CreatedAt.Equal(time.Date(2025, 2, 16, 8, 0, 0, 0, time.UTC)) {
			t.Errorf("%+v", e)
		}
		only(t, filepath.Dir(path), "policy.yaml")

		// A second time it is there, and nobody is asked.
		got = w.Ask("add", "200000000000000006", "-p", path, "--reason", "departed")
		got.MustExit(t, 2)
		stage.Says(t, got.Stderr, path+":57: frank (200000000000000006) is listed already, as departed")
		if len(got.Calls) > 0 {
			t.Errorf("%d calls for a uid that is listed", len(got.Calls))
		}
		// What the policy then says is what a run does.
		if r := w.Run(context.Background(), "-p", path, "--only", "200000000000000006"); r.Code != 0 || r.Report.Summary.Pending != 1 {
			t.Errorf("exit %d, %+v", r.Code, r.Report.Summary)
		}
	})
}

// only fails where a folder holds anything else: no temporary file is left.
func only(t *testing.T, dir string, names ...string) {
	t.Helper()
	var got []string
	for _, e := range stage.Must(os.ReadDir(dir)) {
		got = append(got, e.Name())
	}
	if diff := cmp.Diff(names, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// The kinds of entries that the flags make.
func TestAddEntries(t *testing.T) {
	stage.Keys(t, stage.Account)
	old := "version: 1\naccount: \"1234567890123456\"\nprincipals: []\n"
	stage.Bubble(t, stage.Must(os.ReadFile("../../testdata/estate.yaml")), stage.Noon, func(w *stage.World) {
		for _, c := range []struct {
			args []string
			want string
		}{
			{[]string{"deployer", "--reason", "departed", "--cluster", "prod-*,c1"},
				"+  - uid: \"300000000000000002\"\n+    kind: role\n+    name: deployer\n+    createdAt: 2024-01-02T03:04:05Z\n+    " +
					"reason: departed\n+    clusters: [\"prod-*\", c1]\n"},
			{[]string{"bob", "--reason", "compromised", "--until", "2026-12-31"},
				"+    reason: compromised\n+    until: 2026-12-31\n"},
			{[]string{"bob", "--reason", "compromised", "--pin", "c1=2028-09-10T11:12:13Z", "--pin", "c2=2028-09-10T19:12:13+08:00"},
				"+    certificates:\n+      - {cluster: c1, expires: 2028-09-10T11:12:13Z}\n+      - {cluster: c2, expires: 2028-09-10T11:12:13Z}\n"},
			{[]string{stage.MalloryUID, "--deleted", "--reason", "departed"},
				"+  - uid: \"200000000000000099\"\n+    kind: user\n+    reason: departed\n+    deleted: true\n"},
			{[]string{"300000000000000099", "--deleted", "--kind", "role", "--reason", "departed"},
				"+    kind: role\n+    reason: departed\n+    deleted: true\n"},
			{[]string{"acs:ram::1234567890123456:user/mallory", "--reason", "departed"}, "+  - uid: \"200000000000000011\"\n"},
		} {
			got := w.AskAs(context.Background(), old, nil, append([]string{"add", "-p", "-"}, c.args...)...)
			got.MustExit(t, 0)
			stage.Says(t, got.Stdout, "--- <stdin>\n+++ <stdin>\n@@ -1,3 +1,", "-principals: []\n+principals:\n", c.want)
			stage.Says(t, got.Stderr, "Nothing was written.\n")
		}
	})
}

func TestAddRefusals(t *testing.T) {
	stage.Keys(t, stage.Account)
	old := strings.Replace(string(stage.Must(os.ReadFile("../../policy.yaml"))), "breakglass-*", "heid?", 1)
	path := filed(t, old)
	link := filepath.Join(t.TempDir(), "policy.yaml")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	other := filed(t, strings.Replace(old, `"1234567890123456"`, `"1234567890123457"`, 1))
	bad := filed(t, "version: 1\n")
	hard := filed(t, "version: 1\naccount: \"1234567890123456\"\n? principals\n: - uid: \"900000000000000000\"\n    reason: departed\n")
	stage.Bubble(t, stage.Must(os.ReadFile("../../testdata/estate.yaml")), stage.Noon, func(w *stage.World) {
		for _, c := range []struct {
			name  string
			args  []string
			code  int
			calls bool
			want  []string
		}{
			{"no reason", []string{"frank"}, 2, false, []string{"--reason is missing"}},
			{"another reason", []string{"frank", "--reason", "left"}, 2, false, []string{`--reason "left" is neither`}},
			{"compromised with neither", []string{"frank", "--reason", "compromised"}, 2, false,
				[]string{"needs --until or --pin", "locks the principal out"}},
			{"a pin for a departed", []string{"frank", "--reason", "departed", "--pin", "c=2028-01-01T00:00:00Z"}, 2, false,
				[]string{"does not go with --reason departed"}},
			{"no pin", []string{"frank", "--reason", "compromised", "--pin", "c1"}, 2, false, []string{`--pin "c1" is no CLUSTER=EXPIRY`}},
			{"a date", []string{"frank", "--reason", "departed", "--until", "soon, force: false"}, 2, false, []string{"until must be a date"}},
			{"a glob", []string{"frank", "--reason", "departed", "--cluster", "["}, 2, false, []string{"not a valid glob"}},
			{"a kind", []string{"frank", "--reason", "departed", "--kind", "role"}, 2, false,
				[]string{"--kind is for a principal that is --deleted"}},
			{"an invalid policy", []string{"frank", "-p", bad, "--reason", "departed"}, 2, false, []string{":1:1: account is missing"}},
			{"no policy", []string{"frank", "-p", "nowhere.yaml", "--reason", "departed"}, 2, false, []string{"the policy cannot be read"}},
			{"standard input", []string{"frank", "-p", "-", "--reason", "departed", "--write"}, 2, false,
				[]string{"cannot write to standard input"}},
			{"a link", []string{"frank", "-p", link, "--reason", "departed", "--write"}, 1, false,
				[]string{"is a symbolic link: name the file itself, " + path}},
			{"nobody", []string{"fronk", "--reason", "departed"}, 2, true, []string{`is named "fronk"; near: user frank (200000000000000006)`}},
			{"a deleted uid", []string{stage.MalloryUID + "9", "--reason", "departed"}, 2, true,
				[]string{"it is mistyped, or was deleted in RAM", "with --deleted"}},
			{"alive", []string{"frank", "--reason", "departed", "--deleted"}, 2, true, []string{"frank (200000000000000006) is alive"}},
			{"listed by name", []string{"alice", "--reason", "departed"}, 2, true,
				[]string{path + ":21: alice (200000000000000001) is listed already, as departed"}},
			{"the caller", []string{"ackrevoke", "--reason", "departed"}, 4, true, []string{"is protected: this is the caller"}},
			{"root", []string{"1234567890123456", "--reason", "departed"}, 4, true, []string{"root account"}},
			{"a service role", []string{"AliyunServiceRoleForContainer", "--reason", "departed"}, 4, true, []string{"is a service role"}},
			{"guards.protect", []string{"heidi", "--reason", "departed"}, 4, true, []string{`is protected by guards.protect "heid?"`}},
			{"another account", []string{"frank", "-p", other, "--reason", "departed"}, 4, true,
				[]string{"the policy is for account 1234567890123457"}},
			{"a layout of its own", []string{"frank", "-p", hard, "--reason", "departed"}, 1, true,
				[]string{"paste this by hand", "  - uid: \"200000000000000006\"\n    kind: user\n"}},
		} {
			t.Run(c.name, func(t *testing.T) {
				args := append([]string{"add"}, c.args...)
				if !strings.Contains(strings.Join(args, " "), " -p ") {
					args = append(args, "-p", path)
				}
				got := w.AskAs(context.Background(), old, nil, args...)
				got.MustExit(t, c.code)
				stage.Says(t, got.Stderr, c.want...)
				if got.Stdout != "" {
					t.Errorf("on standard output: %s", got.Stdout)
				}
				if c.calls != (len(got.Calls) > 0) {
					t.Errorf("%d calls", len(got.Calls))
				}
				if c.code == end.CodeRefused && c.name == "another account" && len(got.Calls) != 1 {
					t.Errorf("a foreign account was asked %v", got.Operations())
				}
			})
		}
		// Through the link it is shown all the same.
		got := w.Ask("add", "frank", "-p", link, "--reason", "departed")
		got.MustExit(t, 0)
		stage.Says(t, got.Stdout, "+    name: frank\n")
	})
	if string(stage.Must(os.ReadFile(path))) != old {
		t.Error("the policy was changed")
	}
	only(t, filepath.Dir(path), "policy.yaml")
}

package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/policy"
	"ackrevoke/policy/edit"
)

// init asks STS who it is, and nothing else; what it writes is a policy of that
// account, which everybody may read and nobody but the owner may change.
func TestInit(t *testing.T) {
	stage.Keys(t, stage.Account)
	path := filepath.Join(t.TempDir(), "policy.yaml")
	stage.Bubble(t, stage.Must(os.ReadFile("../../testdata/estate.yaml")), stage.Noon, func(w *stage.World) {
		got := w.Ask("init", "-p", path)
		got.MustExit(t, 0)
		if by := got.By(); len(by) != 1 || by["GetCallerIdentity"] != 1 {
			t.Errorf("calls: %v", by)
		}
		if got.Stdout != "" {
			t.Errorf("on standard output: %s", got.Stdout)
		}
		stage.Says(t, got.Stderr, path+": written, for account "+stage.Account+", of acs:ram::", "ackrevoke validate "+path,
			"ackrevoke doctor --policy "+path, "ackrevoke audit --grants --policy "+path)
		text := stage.Must(os.ReadFile(path))
		if pol, err := policy.Load(path, text); err != nil || pol.Account != stage.Account || len(pol.Principals) != 0 {
			t.Errorf("%v %+v", err, pol)
		}
		if info := stage.Must(os.Stat(path)); info.Mode().Perm() != 0o644 {
			t.Errorf("mode %o", info.Mode().Perm())
		}

		stage.NoError(t, os.WriteFile(path, []byte("mine"), 0o600))
		got = w.Ask("init", "-p", path)
		got.MustExit(t, 1)
		stage.Says(t, got.Stderr, path+" is there already, and was left as it is", "hint: ")
		if now := string(stage.Must(os.ReadFile(path))); now != "mine" || len(got.By()) != 0 {
			t.Errorf("%q, and calls %v", now, got.By())
		}
	})
}

// With --account nothing is called, and - is standard output.
func TestInitOffline(t *testing.T) {
	t.Chdir(t.TempDir())
	want := string(edit.First("42", stage.Noon))
	if code, text := said("init", "--account", "42", "--policy", "-"); code != 0 || text != want {
		t.Errorf("exit %d\n%s", code, text)
	}
	if code, text := said("init", "--account", "42"); code != 0 || string(stage.Must(os.ReadFile("policy.yaml"))) != want ||
		!strings.Contains(text, "ackrevoke doctor\n") {
		t.Errorf("exit %d\n%s", code, text)
	}
	stage.NoError(t, os.Symlink("nowhere.yaml", "link.yaml"))
	for _, c := range []struct {
		code  int
		wants string
		args  []string
	}{
		{1, "policy.yaml is there already", nil},
		{1, "link.yaml is there already", []string{"-p", "link.yaml"}},
		{1, "there is no folder conf", []string{"-p", "conf/policy.yaml"}},
		{2, "is no account id", []string{"--account", "alice"}},
		{2, "is no account id", []string{"--account", ""}},
		{2, "--account makes no call, and --region is about one", []string{"--region", "cn-hangzhou"}},
		{2, "init takes flags alone", []string{"policy.yaml"}},
	} {
		code, text := said(append([]string{"init", "--account", "42"}, c.args...)...)
		if code != c.code || !strings.Contains(text, c.wants) || !strings.Contains(text, "hint: ") {
			t.Errorf("%q: exit %d\n%s", c.args, code, text)
		}
	}
	names := stage.Must(os.ReadDir("."))
	if len(names) != 2 { // policy.yaml and the link: nothing half written
		t.Errorf("%v", names)
	}
}

// Without an answer of STS there is no policy: no account is made up.
func TestInitWithoutAnAnswer(t *testing.T) {
	stage.Keys(t, stage.Account)
	estate := stage.Must(os.ReadFile("../../testdata/estate.yaml"))
	t.Chdir(t.TempDir())
	faults := stage.Must(sim.LoadFaults("faults.yaml", []byte(`faults: [{on: GetCallerIdentity, times: 0, do: tokenExpires}]`)))
	stage.BubbleWith(t, estate, faults, stage.Noon, func(w *stage.World) {
		got := w.Ask("init")
		got.MustExit(t, 1)
		if _, err := os.Stat("policy.yaml"); err == nil {
			t.Error("a policy was written")
		}
	})
}

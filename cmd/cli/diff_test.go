package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/change"
	"ackrevoke/job/end"
)

// spoken is how a command ended that calls nothing.
type spoken struct {
	code           int
	stdout, stderr string
}

func offline(t *testing.T, stdin string, args ...string) spoken {
	t.Helper()
	var stdout, stderr bytes.Buffer
	p := cli.Program{Args: args, Env: []string{}, Stdin: strings.NewReader(stdin), Stdout: &stdout, Stderr: &stderr,
		Now: func() time.Time { return stage.Noon }}
	return spoken{p.Run(t.Context()), stdout.String(), stderr.String()}
}

// root is asked for before any test goes elsewhere.
var root = stage.Root()

func pair(name, side string) string {
	return filepath.Join(root, "testdata", "diff", name, side+".yaml")
}

func TestDiff(t *testing.T) {
	t.Parallel()
	old, typo := pair("uid-typo", "old"), pair("uid-typo", "new")
	same := pair("reorder-only", "new")
	for _, x := range []struct {
		name string
		args []string
		code int
		out  []string
		err  []string
	}{
		{"text", []string{old, typo}, 0, []string{"2 removed, 2 added", "Probably one entry with a mistyped uid", "203371936492873465"}, nil},
		{"no change", []string{old, same, "--exit-code"}, 0, []string{"no change: they differ in order, comments or layout alone"}, nil},
		{"exit code", []string{old, typo, "--exit-code"}, 3, []string{"2 removed"}, nil},
		{"markdown", []string{old, typo, "--format", "markdown"}, 0, []string{"**2 removed, 2 added", "- alice (`203371936492837465`)"}, nil},
		{"json", []string{old, typo, "--format", "json", "--exit-code"}, 3, []string{`"schema": "ackrevoke.diff/v1"`}, nil},
		{"both invalid", []string{pair("none", "old"), filepath.Join(root, "testdata", "policies", "bad", "uid-twice.yaml")}, 2, nil,
			[]string{"OLD ", "cannot be read", "uid-twice.yaml:", "is listed twice", "NEW ",
				"is not a valid policy: nothing was compared", "hint: "}},
		{"both standard input", []string{"-", "-"}, 2, nil, []string{"cannot both be standard input"}},
		{"one", []string{old}, 2, nil, []string{"OLD and NEW are two files, not 1"}},
		{"empty", []string{old, ""}, 2, nil, []string{"OLD and NEW"}},
		{"format", []string{old, typo, "--format", "html"}, 2, nil, []string{`--format "html" is none of text, markdown, json`}},
		{"not live", []string{old, typo, "--simulate", "x"}, 2, nil, []string{"--simulate is for --live"}},
		{"not live either", []string{old, typo, "--journal", "x"}, 2, nil, []string{"--journal is for --live"}},
		{"a dash", []string{"git:--output=x:policy.yaml", typo}, 2, nil, []string{"begins with a dash", "hint: for example git:"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			got := offline(t, "", append([]string{"diff"}, x.args...)...)
			if got.code != x.code || len(x.out) == 0 != (got.stdout == "") {
				t.Errorf("exit %d, want %d\n%s%s", got.code, x.code, got.stdout, got.stderr)
			}
			stage.Says(t, got.stdout, x.out...)
			stage.Says(t, got.stderr, x.err...)
		})
	}
	text := string(stage.Must(os.ReadFile(typo)))
	if got := offline(t, text, "diff", old, "-", "--exit-code"); got.code != 3 || !strings.Contains(got.stdout, "-> <stdin>: 2 removed") {
		t.Errorf("standard input: %+v", got)
	}
}

// What a revision held, as a review asks for it.
func TestDiffOfARevision(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git here")
	}
	t.Chdir(t.TempDir())
	git := func(args ...string) {
		t.Helper()
		out, err := exec.Command("git", append([]string{"-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"},
			args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	put := func(side string) {
		stage.NoError(t, os.WriteFile("policy.yaml", stage.Must(os.ReadFile(pair("loosened-guards", side))), 0o600))
	}
	git("init", "-q", "-b", "main")
	git("commit", "-q", "--allow-empty", "-m", "nothing")
	put("old")
	git("add", ".")
	git("commit", "-qm", "one")
	put("new")
	got := offline(t, "", "diff", "git:main:policy.yaml", "policy.yaml", "--exit-code")
	if got.code != 3 || !strings.HasPrefix(got.stdout, "git:main:policy.yaml -> policy.yaml: 4 loosened, 1 tightened") {
		t.Errorf("%+v", got)
	}
	got = offline(t, "", "diff", "git:main~1:policy.yaml", "git:main:policy.yaml")
	if got.code != 0 || !strings.Contains(got.stdout, "(a new file, 3 entries)") {
		t.Errorf("a new file: %+v", got)
	}
	got = offline(t, "", "diff", "git:main:policy.yaml", "git:main~1:policy.yaml")
	if got.code != 0 || !strings.Contains(got.stdout, "(the file is gone, with 3 entries)") {
		t.Errorf("a file that is gone: %+v", got)
	}
	got = offline(t, "", "diff", "policy.yaml", "git:main~1:policy.yaml", "--live")
	if got.code != 2 || !strings.Contains(got.stderr, "there is no plan of it") {
		t.Errorf("the plan of nothing: %+v", got)
	}
	got = offline(t, "", "diff", "git:nowhere:policy.yaml", "policy.yaml")
	stage.Says(t, got.stderr, `no revision "nowhere"`, "hint: see its name, and fetch it")
	if got.code != 2 {
		t.Errorf("no such revision: exit %d", got.code)
	}
}

// The plan that is shown is that of a dry run, call for call; and nothing is
// left behind, neither in the account nor in the folder.
func TestDiffLive(t *testing.T) {
	stage.Keys(t, stage.Account)
	estate := stage.Must(os.ReadFile("../../testdata/estate.yaml"))
	policy := filepath.Join(root, "policy.yaml")
	folder := t.TempDir()
	t.Chdir(folder)
	stage.Bubble(t, estate, stage.Noon, func(w *stage.World) {
		plan := w.Run(context.Background(), "-p", policy)
		var d change.Diff
		got := w.Ask("diff", pair("scope", "old"), policy, "--live", "--format", "json", "--exit-code")
		got.MustExit(t, 3)
		stage.Fits(t, "diff", []byte(got.Stdout))
		stage.NoError(t, json.Unmarshal([]byte(got.Stdout), &d))
		if d.Live == nil || d.Live.Plan.Digest != plan.Report.Plan.Digest || len(d.Live.Plan.Actions) != 9 {
			t.Fatalf("the plan is not that of a dry run: %+v", d.Live)
		}
		operations := (stage.Asked{Calls: plan.Calls}).Operations()
		if !slices.Equal(operations, got.Operations()) || len(got.Calls) != len(plan.Calls) {
			t.Errorf("%d calls %v, and a dry run makes %d: %v", len(got.Calls), got.Operations(), len(plan.Calls), operations)
		}
		text := w.Ask("diff", policy, policy, "--live")
		text.MustExit(t, 0)
		stage.Says(t, text.Stdout, "no change: the same file", "mallory (200000000000000099)", "digest: "+d.Live.Plan.Digest,
			"guard maxPrincipals (departed): 6 found, 10 allowed", "to apply exactly this plan: ackrevoke run --policy "+policy)
		md := w.Ask("diff", policy, policy, "--live", "--format", "markdown")
		stage.Says(t, md.Stdout, "Digest: `"+d.Live.Plan.Digest+"`", "| principal | cluster | taken away | why |", "\n```sh\nackrevoke run ")
		if left := stage.Must(os.ReadDir(folder)); len(left) > 0 {
			t.Errorf("it left %v", left)
		}
		words := strings.Fields(d.Approve)
		applied := w.Run(context.Background(), words[2:]...)
		if applied.Code != 0 || applied.Report.Summary.Revoked != 9 {
			t.Errorf("%s: exit %d, %d revoked\n%s", d.Approve, applied.Code, applied.Report.Summary.Revoked, applied.Stderr)
		}
	})
}

// Where the dry run ends badly, so does the comparison, whatever changed.
func TestDiffLiveEndsAsADryRun(t *testing.T) {
	stage.Keys(t, stage.Account)
	estate := stage.Must(os.ReadFile("../../testdata/estate.yaml"))
	text := string(stage.Must(os.ReadFile("../../policy.yaml")))
	folder := t.TempDir()
	t.Chdir(folder)
	put := func(name, text string) string {
		stage.NoError(t, os.WriteFile(name, []byte(text), 0o600))
		return filepath.Join(folder, name)
	}
	policy := put("policy.yaml", text)
	capped := put("capped.yaml", strings.Replace(text, "maxPrincipals: 10", "maxPrincipals: 2", 1))
	other := put("other.yaml", strings.Replace(text, `"1234567890123456"`, `"1234567890123457"`, 1))
	empty := put("empty.yaml", "version: 1\naccount: \"1234567890123456\"\nprincipals: []\n")
	stage.NoError(t, os.Mkdir("journal", 0o700))
	put("journal/last-list.json", `{"entries": 7, "run": "20261101T000000Z-00000000", "sha256": "`+strings.Repeat("0", 64)+`"}`)
	before := string(stage.Must(os.ReadFile("journal/last-list.json")))
	stage.Bubble(t, estate, stage.Noon, func(w *stage.World) {
		for _, x := range []struct {
			args []string
			code int
			says string
		}{
			{[]string{policy, capped}, 4, "guard maxPrincipals (departed): 6 found, 2 allowed, tripped: "},
			{[]string{policy, other}, 4, "the credentials belong to account 1234567890123456"},
			{[]string{policy, empty, "--journal", "journal"}, 4, "guard emptied, tripped"},
			{[]string{policy, empty}, 0, "0 actions"},
			{[]string{policy, policy, "--timeout", "1ns"}, 6, "(exit 6)"},
		} {
			got := w.Ask(append([]string{"diff", "--live"}, x.args...)...)
			got.MustExit(t, x.code)
			stage.Says(t, got.Stdout, x.says)
			if strings.Contains(got.Stdout, "to apply exactly this plan") != (x.code == end.CodeClean && !strings.Contains(x.says, "0 actions")) {
				t.Errorf("%v: an approval is offered for what is refused:\n%s", x.args, got.Stdout)
			}
		}
		if now := string(stage.Must(os.ReadFile("journal/last-list.json"))); now != before || len(stage.Must(os.ReadDir("journal"))) != 1 {
			t.Errorf("the journal was written: %s", now)
		}
	})
	faults, err := sim.LoadFaults("faults.yaml", []byte(`faults: [{on: ListUserKubeConfigStates, uid: "200000000000000004", times: 0, do: denied}]`))
	stage.NoError(t, err)
	stage.BubbleWith(t, estate, faults, stage.Noon, func(w *stage.World) {
		got := w.Ask("diff", policy, policy, "--live", "--exit-code")
		got.MustExit(t, 6)
		stage.Says(t, got.Stdout, "unknown: 200000000000000004", "to apply exactly this plan")
	})
}

package ci

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ackrevoke/cmd/test/stage"
)

var root = stage.Root()

// checkout is a clone as a pull request has it, its origin, and a runner.
type checkout struct {
	t      *testing.T
	work   string // the working folder
	runner string // RUNNER_TEMP
	asked  string // what gh was asked for
}

// fakeGh writes down its arguments and the body that it was given; to the
// question for comments it answers with ANSWER.
const fakeGh = `#!/bin/sh
printf '%s\n' "$*" >> "$ASKED"
for a in "$@"; do
	case "$a" in body=@*) cp "${a#body=@}" "$ASKED.body" ;; esac
done
case "$*" in
*--paginate*) printf '%s' "$ANSWER" ;;
*PATCH* | *POST*) exit "${REFUSES:-0}" ;;
esac
`

func pullRequest(t *testing.T, old, new string) *checkout {
	t.Helper()
	for _, program := range []string{"git", "bash", "sha256sum"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip("there is no ", program, " here")
		}
	}
	dir := t.TempDir()
	c := &checkout{t, filepath.Join(dir, "work"), filepath.Join(dir, "runner"), filepath.Join(dir, "asked")}
	origin := filepath.Join(dir, "origin")
	for _, d := range []string{origin, c.runner, filepath.Join(dir, "bin")} {
		stage.NoError(t, os.MkdirAll(d, 0o700))
	}
	stage.NoError(t, os.WriteFile(filepath.Join(dir, "bin", "gh"), []byte(fakeGh), 0o700))
	t.Setenv("PATH", filepath.Join(dir, "bin")+":"+os.Getenv("PATH"))
	git(t, origin, "init", "-q", "-b", "main")
	put := func(folder, text string) {
		if text != "" {
			stage.NoError(t, os.WriteFile(filepath.Join(folder, "policy.yaml"), []byte(text), 0o600))
		}
	}
	put(origin, old)
	stage.NoError(t, os.WriteFile(filepath.Join(origin, "README"), nil, 0o600))
	git(t, origin, "add", "-A")
	git(t, origin, "commit", "-qm", "main")
	git(t, dir, "clone", "-q", origin, "work")
	if new == "" {
		git(t, c.work, "rm", "-q", "policy.yaml")
		git(t, c.work, "commit", "-qm", "gone")
	}
	put(c.work, new)
	return c
}

// check runs the script of the action.
func (c *checkout) check(env ...string) (code int, log, summary, output string) {
	c.t.Helper()
	cmd := exec.Command("bash", filepath.Join(root, "deploy/ci/github/check.sh"))
	cmd.Dir = c.work
	summaryFile, outputFile := filepath.Join(c.runner, "summary"), filepath.Join(c.runner, "output")
	cmd.Env = append(os.Environ(), "RUNNER_TEMP="+c.runner, "GITHUB_OUTPUT="+outputFile, "GITHUB_STEP_SUMMARY="+summaryFile,
		"GITHUB_ACTION_PATH="+filepath.Join(root, "deploy/ci/github"), "GITHUB_REPOSITORY=o/r", "POLICIES=policy.yaml", "BASE=main",
		"STRICT=false", "COMMENT=true", "BINARY="+stage.Binary(c.t), "PULL_REQUEST=7", "ASKED="+c.asked, "ANSWER=")
	cmd.Env = append(cmd.Env, env...)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		c.t.Fatal(err)
	}
	read := func(name string) string { text, _ := os.ReadFile(name); return string(text) }
	return cmd.ProcessState.ExitCode(), string(out), read(summaryFile), read(outputFile)
}

func pair(name, side string) string {
	return string(stage.Must(os.ReadFile(filepath.Join(root, "testdata", "diff", name, side+".yaml"))))
}

func TestAction(t *testing.T) {
	c := pullRequest(t, pair("loosened-guards", "old"), pair("loosened-guards", "new"))
	code, log, summary, output := c.check()
	if code != 0 {
		t.Errorf("exit %d\n%s", code, log)
	}
	stage.Says(t, summary, "`git:origin/main:policy.yaml` → `policy.yaml`: **4 loosened, 1 tightened", "**guards.maxPrincipals**: 10 → 60")
	stage.Says(t, output, "changed=true", "sarif="+c.runner)
	sarif := string(stage.Must(os.ReadFile(filepath.Join(c.runner, "ackrevoke.sarif"))))
	stage.Says(t, sarif, `"version": "2.1.0"`)
	asked, body := string(stage.Must(os.ReadFile(c.asked))), string(stage.Must(os.ReadFile(c.asked+".body")))
	stage.Says(t, asked, "api --paginate repos/o/r/issues/7/comments", "-X POST repos/o/r/issues/7/comments")
	if !strings.HasPrefix(body, "<!-- ackrevoke:") || !strings.HasSuffix(body, strings.TrimRight(summary, "\n")+"\n") {
		t.Errorf("the comment is\n%s", body)
	}
	// the second push changes the comment of the first
	if _, log, _, _ := c.check("ANSWER=4711"); strings.Contains(log, "::warning::the comment") {
		t.Error(log)
	}
	stage.Says(t, string(stage.Must(os.ReadFile(c.asked))), "-X PATCH repos/o/r/issues/comments/4711")
	// a pull request of a fork may not comment: the summary is there all the same
	code, log, _, _ = c.check("REFUSES=1")
	if code != 0 || !strings.Contains(log, "::warning::the comment could not be written") {
		t.Errorf("exit %d\n%s", code, log)
	}
}

func TestActionOfWhatIsNotValid(t *testing.T) {
	c := pullRequest(t, pair("loosened-guards", "old"), "version: 1\naccount: 12\n")
	code, log, summary, output := c.check()
	if code != 1 {
		t.Errorf("exit %d\n%s", code, log)
	}
	stage.Says(t, log, "::error file=policy.yaml,line=2,")
	stage.Says(t, summary, "could not be compared")
	stage.Says(t, output, "changed=false")
}

func TestActionOfFilesThatComeAndGo(t *testing.T) {
	c := pullRequest(t, pair("scope", "old"), "")
	code, log, summary, _ := c.check("COMMENT=false")
	if code != 0 {
		t.Errorf("exit %d\n%s", code, log)
	}
	stage.Says(t, summary, "(the file is gone, with 3 entries)")
	if _, err := os.Stat(c.asked); err == nil {
		t.Error("a comment was made that nobody asked for")
	}
	c = pullRequest(t, "", pair("scope", "new"))
	code, log, summary, output := c.check("POLICIES=policy.yaml\n\nnone of mine.yaml")
	if code != 1 || !strings.Contains(log, "neither here nor on the base branch") {
		t.Errorf("exit %d\n%s", code, log)
	}
	stage.Says(t, summary, "(a new file, 3 entries)")
	stage.Says(t, output, "changed=true")
	if code, log, _, _ := c.check("BASE=nowhere"); code != 1 || !strings.Contains(log, "could not be fetched") {
		t.Errorf("without a base: exit %d\n%s", code, log)
	}
}

// git runs it in a folder.
func git(t *testing.T, dir string, args ...string) {
	t.Helper()
	c := exec.Command("git", append([]string{"-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"}, args...)...)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

package revision_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ackrevoke/cmd/cli/revision"
)

// clone is a repository with two commits: the first has policy.yaml and
// gone/old.yaml, the second another policy.yaml, a link and no folder gone.
func clone(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git here")
	}
	dir := t.TempDir()
	git(t, dir, "init", "-q", "-b", "main")
	write(t, filepath.Join(dir, "policy.yaml"), "first\r\n")
	write(t, filepath.Join(dir, "gone", "old.yaml"), "old\n")
	write(t, filepath.Join(dir, "-n.yaml"), "dash\n")
	write(t, filepath.Join(dir, "a*b.yaml"), "star\n")
	git(t, dir, "add", "-A")
	git(t, dir, "commit", "-qm", "one")
	git(t, dir, "tag", "v1")
	if err := os.RemoveAll(filepath.Join(dir, "gone")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "policy.yaml"), "second\n")
	if err := os.Symlink("policy.yaml", filepath.Join(dir, "link.yaml")); err != nil {
		t.Fatal(err)
	}
	git(t, dir, "add", "-A")
	git(t, dir, "commit", "-qm", "two")
	return dir
}

func git(t *testing.T, dir string, args ...string) {
	t.Helper()
	c := exec.Command("git", append([]string{"-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false",
		"-c", "core.autocrlf=false", "-c", "core.hooksPath=/nonexistent"}, args...)...)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestRead(t *testing.T) {
	dir := clone(t)
	write(t, filepath.Join(dir, "sub", "here.yaml"), "not committed\n")
	for _, x := range []struct{ from, rev, path, want string }{
		{dir, "v1", "policy.yaml", "first\r\n"},
		{dir, "HEAD~1", "./policy.yaml", "first\r\n"},
		{dir, "main", "policy.yaml", "second\n"},
		{dir, "@{0}", "policy.yaml", "second\n"},
		{dir, "v1", "gone/old.yaml", "old\n"},
		{dir, "v1", "-n.yaml", "dash\n"},
		{dir, "v1", "a*b.yaml", "star\n"},
		{filepath.Join(dir, "sub"), "v1", "../policy.yaml", "first\r\n"},
		{t.TempDir(), "v1", filepath.Join(dir, "policy.yaml"), "first\r\n"},
	} {
		t.Chdir(x.from)
		got, err := revision.Read(t.Context(), x.rev, x.path, 1<<20)
		if err != nil || string(got) != x.want {
			t.Errorf("%s:%s from %s: %q, %v", x.rev, x.path, x.from, got, err)
		}
	}
	t.Chdir(dir)
	if got, err := revision.Read(t.Context(), "main", "policy.yaml", 3); err != nil || string(got) != "sec" {
		t.Errorf("cut: %q, %v", got, err)
	}
	for _, path := range []string{"none.yaml", "gone/old.yaml", "sub/here.yaml", "a?b.yaml", "*.yaml"} {
		if _, err := revision.Read(t.Context(), "main", path, 1<<20); !errors.Is(err, revision.ErrAbsent) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// Each cause has words of its own, and says what to do about it.
func TestRefused(t *testing.T) {
	dir := clone(t)
	t.Chdir(dir)
	outside := t.TempDir()
	for _, x := range []struct{ rev, path, want string }{
		{"nowhere", "policy.yaml", "no revision \"nowhere\""},
		{"main; touch here", "policy.yaml", "no revision"},
		{"main:policy.yaml", "policy.yaml", "no revision"},
		{"v1", "gone", "no regular file"},
		{"main", "link.yaml", "no regular file"},
		{"main", filepath.Join(outside, "policy.yaml"), "no git repository"},
		{"main", "../policy.yaml", "no git repository"},
	} {
		_, err := revision.Read(t.Context(), x.rev, x.path, 1<<20)
		var told *revision.Error
		if !errors.As(err, &told) || !strings.Contains(told.What, x.want) || told.Hint == "" {
			t.Errorf("%s:%s: %v, want %q", x.rev, x.path, err, x.want)
		}
	}
	if _, err := os.Stat("here"); err == nil {
		t.Error("a shell ran what a revision was called")
	}
	ended, stop := context.WithCancelCause(t.Context())
	over := errors.New("over")
	stop(over)
	if _, err := revision.Read(ended, "main", "policy.yaml", 1<<20); !errors.Is(err, over) {
		t.Errorf("ended early: %v", err)
	}
	t.Setenv("PATH", outside)
	var told *revision.Error
	_, err := revision.Read(t.Context(), "main", "policy.yaml", 1<<20)
	if !errors.As(err, &told) || !strings.Contains(told.What, "git is not there") {
		t.Errorf("without git: %v", err)
	}
}

// What the repository configures is not run, and the bytes are the committed ones.
func TestNothingOfTheRepositoryIsRun(t *testing.T) {
	dir := clone(t)
	t.Chdir(dir)
	ran := filepath.Join(t.TempDir(), "ran")
	write(t, ".gitattributes", "*.yaml diff=x filter=x\n")
	for _, kv := range [][2]string{{"diff.x.textconv", "touch " + ran + "; cat"}, {"filter.x.smudge", "touch " + ran + "; cat"},
		{"core.pager", "touch " + ran}, {"core.fsmonitor", "touch " + ran}} {
		git(t, dir, "config", kv[0], kv[1])
	}
	got, err := revision.Read(t.Context(), "main", "policy.yaml", 1<<20)
	if err != nil || string(got) != "second\n" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := os.Stat(ran); err == nil {
		t.Error("a program that the repository names was run")
	}
}

// git gets no credential of the account.
func TestNoCredentialIsHandedOn(t *testing.T) {
	dir := clone(t)
	real, _ := exec.LookPath("git")
	bin, log := t.TempDir(), filepath.Join(t.TempDir(), "env")
	write(t, filepath.Join(bin, "git"), "#!/bin/sh\nenv >> '"+log+"'\nexec '"+real+"' \"$@\"\n")
	if err := os.Chmod(filepath.Join(bin, "git"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "hush-hush")
	t.Chdir(dir)
	if _, err := revision.Read(t.Context(), "main", "policy.yaml", 1<<20); err != nil {
		t.Fatal(err)
	}
	env, err := os.ReadFile(log)
	if err != nil || !bytes.Contains(env, []byte("LC_ALL=C")) || bytes.Contains(env, []byte("hush-hush")) {
		t.Errorf("%v\n%s", err, env)
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name, rev, path string
		ok              bool
		wrong           string
	}{
		{"policy.yaml", "", "", false, ""},
		{"-", "", "", false, ""},
		{"git:origin/main:policy.yaml", "origin/main", "policy.yaml", true, ""},
		{"git:main:a:b.yaml", "main", "a:b.yaml", true, ""},
		{"git::policy.yaml", "", "", true, "names no revision"},
		{"git:", "", "", true, "names no revision"},
		{"git:main", "", "", true, "names no file"},
		{"git:main:", "", "", true, "names no file"},
		{"git:main:dir/", "", "", true, "names no file"},
		{"git:--output=x:policy.yaml", "", "", true, "begins with a dash"},
		{"git:-n:policy.yaml", "", "", true, "begins with a dash"},
		{"git:main:a\x00b", "", "", true, "no name has"},
	} {
		rev, path, ok, err := revision.Split(x.name)
		said := ""
		if err != nil {
			said = err.Error()
		}
		if rev != x.rev || path != x.path || ok != x.ok || (said == "") != (x.wrong == "") || !strings.Contains(said, x.wrong) {
			t.Errorf("%q: %q, %q, %v, %v", x.name, rev, path, ok, err)
		}
	}
}

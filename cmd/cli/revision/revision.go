// Package revision reads a file as it was in a revision of a git repository, by
// running git. It is the one place of the program that runs another, so what it
// hands to it is little: never through a shell, never an option that somebody
// else wrote, and none of the variables that hold credentials of the account.
//
// Nothing that the repository configures is run: the bytes are those that were
// committed, without the filters that git show would put them through.
package revision

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Error is why a file could not be read, and what to do about that.
type Error struct {
	What, Hint string
}

func (e *Error) Error() string { return e.What }

func failure(hint, format string, a ...any) *Error { return &Error{fmt.Sprintf(format, a...), hint} }

// ErrAbsent says that the revision is there and has no such file.
var ErrAbsent = errors.New("there is no such file in that revision")

// Prefix is what a name of a file in a revision begins with.
const Prefix = "git:"

// Split takes git:REV:PATH apart; ok is false for any other name.
func Split(name string) (rev, path string, ok bool, err error) {
	rest, ok := strings.CutPrefix(name, Prefix)
	if !ok {
		return "", "", false, nil
	}
	rev, path, _ = strings.Cut(rest, ":")
	const example = "for example git:origin/main:policy.yaml"
	switch {
	case rev == "":
		return "", "", true, failure(example, "%q names no revision", name)
	case strings.HasPrefix(rev, "-"):
		return "", "", true, failure(example, "the revision %q begins with a dash: git would take it for an option", rev)
	case path == "" || strings.HasSuffix(path, "/"):
		return "", "", true, failure(example, "%q names no file in the revision", name)
	case strings.ContainsRune(name, 0):
		return "", "", true, failure(example, "%q has a character in it that no name has", name)
	}
	return rev, path, true, nil
}

// Read returns what the file at path held in a revision of the repository that
// it lies in, at most limit bytes. The path is as one names the file today, from
// the working folder. An error is ErrAbsent, an *Error or that of the context.
func Read(ctx context.Context, rev, path string, limit int64) ([]byte, error) {
	git, err := exec.LookPath("git")
	if err != nil {
		return nil, failure("install git, or give the older policy as a file", "git is not there to read %s%s:%s", Prefix, rev, path)
	}
	folder, rest := folderOf(path)
	g := repository{ctx, git, folder}
	if said, err := g.run("rev-parse", "--git-dir"); err != nil {
		return nil, g.failed(err, said, "give the path of a file in a clone of the repository",
			"%s lies in no git repository that can be read", path)
	}
	said, err := g.run("rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
	if err != nil {
		return nil, g.failed(err, said, "see its name, and fetch it first: a CI job often has the last commit alone (fetch-depth: 0)",
			"the repository has no revision %q", rev)
	}
	commit := strings.TrimSpace(said)
	said, err = g.run("ls-tree", "-z", commit, "--", "./"+rest)
	if err != nil {
		return nil, g.failed(err, said, "see that the path lies inside the repository", "%s cannot be found in revision %q", path, rev)
	}
	row := strings.TrimSuffix(said, "\x00")
	if row == "" {
		return nil, ErrAbsent
	}
	what, _, _ := strings.Cut(row, "\t")
	fields := strings.Fields(what) // mode, type, id
	if len(fields) != 3 || fields[1] != "blob" || fields[0] == "120000" || strings.Contains(row, "\x00") {
		return nil, failure("name the file itself", "in revision %q, %s is no regular file", rev, path)
	}
	return g.blob(fields[2], limit)
}

// folderOf is the nearest folder above a file that is still there, and the way
// from it to the file: the revision may know folders that are gone since.
func folderOf(path string) (folder, rest string) {
	folder, rest = filepath.Dir(path), filepath.Base(path)
	for {
		if info, err := os.Stat(folder); err == nil && info.IsDir() {
			return folder, filepath.ToSlash(rest)
		}
		up := filepath.Dir(folder)
		if up == folder {
			return ".", filepath.ToSlash(path)
		}
		folder, rest = up, filepath.Join(filepath.Base(folder), rest)
	}
}

// repository is git in a folder.
type repository struct {
	ctx         context.Context
	git, folder string
}

// mostSaid is how much of what git says is read, where it is a name or an error.
const mostSaid = 64 << 10

// run returns what git prints, or where it fails what it complains of.
func (g repository) run(args ...string) (string, error) {
	c := g.command(args...)
	out, complaint := &capped{most: mostSaid}, &capped{most: mostSaid}
	c.Stdout, c.Stderr = out, complaint
	if err := c.Run(); err != nil {
		return string(complaint.kept), err
	}
	return string(out.kept), nil
}

// blob returns the bytes of one, as they were committed.
func (g repository) blob(id string, limit int64) ([]byte, error) {
	c := g.command("cat-file", "blob", id)
	out, complaint := &capped{most: limit}, &capped{most: mostSaid}
	c.Stdout, c.Stderr = out, complaint
	if err := c.Run(); err != nil {
		return nil, g.failed(err, string(complaint.kept), "fetch the revision again", "the repository does not hold the file of that revision")
	}
	return out.kept, nil
}

func (g repository) command(args ...string) *exec.Cmd {
	c := exec.CommandContext(g.ctx, g.git, append([]string{"--no-pager"}, args...)...)
	c.Dir = g.folder
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "ALIBABA_CLOUD_") && !strings.HasPrefix(kv, "ACKREVOKE_") {
			c.Env = append(c.Env, kv)
		}
	}
	c.Env = append(c.Env, "LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "GIT_LITERAL_PATHSPECS=1")
	return c
}

// failed is the error of a command that did not do what was asked, with the last
// thing that git said about it.
func (g repository) failed(err error, said, hint, format string, a ...any) error {
	if g.ctx.Err() != nil {
		return context.Cause(g.ctx)
	}
	var ended *exec.ExitError
	if !errors.As(err, &ended) {
		return failure("see that git can be run here", "git could not be run: %v", err)
	}
	what := fmt.Sprintf(format, a...)
	for line := range strings.Lines(said) {
		if text := strings.TrimSpace(line); text != "" {
			what += " (git says: " + text + ")"
			break
		}
	}
	return &Error{what, hint}
}

// capped keeps the first bytes of what is written and passes over the rest.
type capped struct {
	kept []byte
	most int64
}

func (c *capped) Write(b []byte) (int, error) {
	if room := c.most - int64(len(c.kept)); room > 0 {
		c.kept = append(c.kept, b[:min(int64(len(b)), room)]...)
	}
	return len(b), nil
}

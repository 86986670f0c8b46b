package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"ackrevoke/cmd/cli/voice"
	"ackrevoke/job/end"
	"ackrevoke/policy/edit"
)

// A policy is written whole or not at all, and only over what was read: the
// new text goes into a file beside it, and takes its place if the old text is
// still there. A symbolic link is refused, as for a report: the name that
// others read is not ours to turn into a file, and behind a ConfigMap it would
// be gone with the next change.

// replaceable says why a policy cannot be written, before anything is called.
func replaceable(path string) error {
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return err
	case info.Mode()&fs.ModeSymlink != 0:
		target, err := filepath.EvalSymlinks(path)
		if err != nil {
			return fmt.Errorf("%s is a symbolic link to nothing: %w", path, err)
		}
		return fmt.Errorf("%s is a symbolic link: name the file itself, %s, if it may be changed there", path, target)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a regular file", path)
	}
	f, err := beside(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

func beside(path string) (*os.File, error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".ackrevoke-*.tmp")
	if err != nil {
		return nil, fmt.Errorf("%s: its folder cannot be written: %w", path, err)
	}
	return f, nil
}

// rewrite puts new in the place of old.
func rewrite(path string, old, now []byte) (err error) {
	f, err := beside(path)
	if err != nil {
		return err
	}
	defer func() {
		// After a rename there is nothing left to remove.
		if rm := os.Remove(f.Name()); rm != nil && !errors.Is(rm, fs.ErrNotExist) {
			err = errors.Join(err, rm)
		}
	}()
	info, err := os.Lstat(path)
	if err == nil {
		_, err = f.Write(now)
	}
	if err == nil {
		err = likeness(f, info)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	// Last of all, so that as little time as can be is left for somebody else.
	is, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if again, err := os.Lstat(path); err != nil || !os.SameFile(info, again) || !info.Mode().IsRegular() || !bytes.Equal(is, old) {
		return fmt.Errorf("%s has changed since it was read: it was left as it is", path)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// likeness gives the new file the mode and the owner of the old one.
func likeness(f *os.File, old fs.FileInfo) error {
	if err := f.Chmod(old.Mode().Perm()); err != nil {
		return err
	}
	was, ok := old.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	now, err := f.Stat()
	if err != nil {
		return err
	}
	is, ok := now.Sys().(*syscall.Stat_t)
	if !ok || is.Uid == was.Uid && is.Gid == was.Gid {
		return nil
	}
	if err := f.Chown(int(was.Uid), int(was.Gid)); err != nil && is.Uid != was.Uid {
		return fmt.Errorf("%s belongs to another user: %w", old.Name(), err)
	}
	return f.Chmod(old.Mode().Perm()) // a change of owner may take bits away
}

// syncFolder makes the new name survive a crash, where the file system can.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		err = nil
	}
	return errors.Join(err, d.Close())
}

// offer shows a change of the policy and, where that was asked for, writes it.
func (p Program) offer(o *options, e *edit.Edit, write bool) (written bool, err error) {
	if _, err := fmt.Fprint(p.Stdout, voice.Diff(e.Diff(displayName(o.policy)))); err != nil {
		return false, &status{code: end.CodeError, err: err}
	}
	if !write {
		return false, nil
	}
	if err := rewrite(o.policy, e.Old, e.New); err != nil {
		return false, &status{code: end.CodeError, err: fmt.Errorf("nothing was written: %w", err), hint: "the same again: it reads the file anew"}
	}
	return true, nil
}

// changed says what a change of the policy is about, whether it was written, and
// what comes next: run, or the same command that writes it.
func (p Program) changed(o *options, what string, written bool, run []string) {
	voice.Say(p.Stderr, "%s", what)
	switch {
	case written:
		voice.Next(p.Stderr, voice.Command(run...))
	case o.policy == "-":
		voice.Say(p.Stderr, "Nothing was written.")
	default:
		fmt.Fprint(p.Stderr, "Nothing was written. ")
		voice.Next(p.Stderr, voice.Command(append(slices.Clone(p.Args), "--write")...))
	}
}

// handOver turns a change that could not be proven into words.
func (p Program) handOver(err error) error {
	var by *edit.ByHand
	if !errors.As(err, &by) {
		return &status{code: end.CodeError, err: err, hint: "nothing was written"}
	}
	voice.Complain(p.Stderr, by, "nothing was written; paste this by hand, then: ackrevoke validate")
	for _, l := range strings.Split(strings.TrimSuffix(by.Text, "\n"), "\n") {
		voice.Say(p.Stderr, "%s", l)
	}
	return exit(end.CodeError)
}

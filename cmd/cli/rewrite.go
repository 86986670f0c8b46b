package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"ackrevoke/job/file"
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
	f, err := file.Beside(path)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// rewrite puts now in the place of old.
func rewrite(path string, old, now []byte) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	return file.Place(path, now, func(f *os.File) error { return likeness(f, info) }, func(from, to string) error {
		// Last of all, so that as little time as can be is left for somebody else.
		is, err := os.ReadFile(to)
		if err != nil {
			return err
		}
		if again, err := os.Lstat(to); err != nil || !os.SameFile(info, again) || !info.Mode().IsRegular() || !bytes.Equal(is, old) {
			return fmt.Errorf("%s has changed since it was read: it was left as it is", to)
		}
		return os.Rename(from, to)
	})
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

package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
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

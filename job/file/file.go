// Package file writes files whole or not at all: until the last moment whatever
// was there before stays, and what has taken its place survives a crash. Reports,
// policies and metrics are written by it.
package file

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

const temporary = ".ackrevoke-*.tmp"

// Beside creates a file that only its owner can read in the folder of path.
func Beside(path string) (*os.File, error) {
	f, err := os.CreateTemp(filepath.Dir(path), temporary)
	if err != nil {
		return nil, fmt.Errorf("its folder cannot be written: %w", err)
	}
	return f, nil
}

// Place writes data to a file beside path, lets dress give it what else it needs
// (nil: nothing), and lets put move it to path.
func Place(path string, data []byte, dress func(*os.File) error, put func(from, to string) error) (err error) {
	f, err := Beside(path)
	if err != nil {
		return err
	}
	defer func() {
		// After a rename there is nothing left to remove.
		if rm := os.Remove(f.Name()); rm != nil && !errors.Is(rm, fs.ErrNotExist) {
			err = errors.Join(err, rm)
		}
	}()
	_, err = f.Write(data)
	if err == nil && dress != nil {
		err = dress(f)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = put(f.Name(), path)
	}
	if err == nil {
		err = SyncFolder(filepath.Dir(path))
	}
	return err
}

// AsNew moves a file to a name that is free, for Place: nothing is overwritten, and
// where the name is taken the error is fs.ErrExist. File systems without links get a
// copy.
func AsNew(from, to string) error {
	err := os.Link(from, to)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	return copyNew(from, to)
}

func copyNew(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Chmod(info.Mode().Perm())
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(to))
	}
	return nil
}

// Replaceable refuses links, folders and special files: a rename would replace
// them. A path where nothing is yet is fine.
func Replaceable(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode()&fs.ModeSymlink != 0:
		return errors.New("is a symbolic link; name the file itself")
	case info.IsDir():
		return errors.New("is a folder; name a file in it")
	case !info.Mode().IsRegular():
		return errors.New("is not a regular file")
	}
	return nil
}

// SyncFolder makes a new name survive a crash. Some file systems cannot sync a
// folder and say so; the file itself is safe by then.
func SyncFolder(dir string) error {
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

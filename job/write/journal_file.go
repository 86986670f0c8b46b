package write

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// What stands at the place of the journal may have been put there by somebody
// else. Nothing is written through a link, no device or pipe is opened, and
// nobody but the owner reads what a run takes away.

// journalPath is the journal's file in a folder.
func journalPath(dir string) (string, error) { return inFolder(dir, journalName) }

// inFolder is a file in the folder of a journal, which is no link to one.
func inFolder(dir, name string) (string, error) {
	info, err := os.Lstat(filepath.Clean(dir))
	if err == nil && info.Mode()&fs.ModeSymlink != 0 {
		return "", fmt.Errorf("journal: the folder %s is a symbolic link: name the folder itself with --journal", dir)
	}
	return filepath.Join(dir, name), nil // a folder that is missing is no error here
}

// openRegular opens a regular file and nothing else; it looks before it opens,
// because to open a device can be an act, and to open a pipe can take for ever.
func openRegular(path string, flag int) (*os.File, error) {
	info, err := os.Lstat(path)
	if err == nil {
		err = regular(path, info)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, journalError(err)
	}
	f, err := os.OpenFile(path, flag|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0o600)
	if err != nil {
		return nil, journalError(err)
	}
	if info, err = f.Stat(); err == nil {
		err = regular(path, info) // it may have been exchanged in between
	}
	if err != nil {
		_ = f.Close()
		return nil, journalError(err)
	}
	return f, nil
}

func journalError(err error) error { return fmt.Errorf("journal: %w", err) }

func regular(path string, info fs.FileInfo) error {
	switch mode := info.Mode(); {
	case mode.IsRegular():
		return nil
	case mode&fs.ModeSymlink != 0:
		return fmt.Errorf("%s is a symbolic link: remove it, or give another folder with --journal", path)
	case mode.IsDir():
		return fmt.Errorf("%s is a folder: give another one with --journal", path)
	}
	return fmt.Errorf("%s is no regular file: give another folder with --journal", path)
}

// narrow keeps others out of a journal that is there already. Whoever cannot
// change the mode does not own the file, so somebody else has made it.
func narrow(f *os.File, info fs.FileInfo) error {
	if info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	if err := f.Chmod(0o600); err != nil {
		return fmt.Errorf("journal: %s can be read or written by others, and is not ours to change: %w: give another folder with --journal",
			f.Name(), err)
	}
	return nil
}

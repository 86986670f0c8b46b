package file

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// A new file is never written over anything, neither by a link nor, where a file
// system has none, by a copy; and it has the mode that it was given.
func TestAsNewNeverOverwrites(t *testing.T) {
	for name, put := range map[string]func(from, to string) error{"link": AsNew, "copy": copyNew} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			from, to, link := filepath.Join(dir, "from"), filepath.Join(dir, "to"), filepath.Join(dir, "link")
			write := func(text string) {
				t.Helper()
				if err := errors.Join(os.RemoveAll(from), os.WriteFile(from, []byte(text), 0o600), os.Chmod(from, 0o644)); err != nil {
					t.Fatal(err)
				}
			}
			write("new")
			if err := put(from, to); err != nil {
				t.Fatal(err)
			}
			write("newer")
			if err := put(from, to); !errors.Is(err, fs.ErrExist) {
				t.Error(err)
			}
			if err := os.Symlink("elsewhere", link); err != nil {
				t.Fatal(err)
			}
			if err := put(from, link); !errors.Is(err, fs.ErrExist) {
				t.Errorf("onto a link to nothing: %v", err)
			}
			got, _ := os.ReadFile(to)
			if info, err := os.Stat(to); err != nil || string(got) != "new" || info.Mode().Perm() != 0o644 {
				t.Errorf("%q %v %v", got, info.Mode(), err)
			}
		})
	}
}

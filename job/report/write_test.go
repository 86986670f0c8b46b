package report

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestWrite(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "report.json")
	for range 2 { // anew, and over the old one
		if err := Write(path, converged()); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v (%v)", info.Mode(), err)
	}
	r, err := Read(path)
	if err != nil || Check(r) != nil {
		t.Errorf("what was written does not read: %v", err)
	}
	alone(t, path)
}

// What was kept of a run is the only record of what it took away: a path with the name
// of one is refused before the run, and again when its report is written.
func TestNothingIsWrittenOverWhatWasKept(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "report.json")
	id := "20261129T150828Z-c2ef7140"
	kept, err := Keep(path, id, []byte("kept"))
	if err != nil {
		t.Fatal(err)
	}
	for what, err := range map[string]error{"probe": Probe(kept), "put": Put(kept, []byte("new")), "write": Write(kept, New())} {
		if err == nil || !strings.Contains(err.Error(), "never overwritten") || !strings.Contains(err.Error(), kept) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if data, err := os.ReadFile(kept); err != nil || string(data) != "kept" {
		t.Errorf("%q, %v", data, err)
	}
	if err := Put(filepath.Join(filepath.Dir(path), "report-20261129T150828Z-00000000.json"), []byte("new")); err != nil {
		t.Errorf("nothing is there: %v", err)
	}
}

func TestWriteNarrowsAnOpenReport(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "report.json")
	put(t, path, "old")
	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := Write(path, New()); err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
}

func TestFailureLeavesTheOldReport(t *testing.T) {
	t.Parallel()
	broken := New()
	broken.Run.StartedAt = Time{time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC)}
	for name, write := range map[string]func(path string) error{
		"it cannot be encoded": func(path string) error { return Write(path, broken) },
		"it cannot be moved": func(path string) error {
			return place(path, []byte("new"), func(string, string) error { return errors.New("no") })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "report.json")
			put(t, path, "old")
			if write(path) == nil {
				t.Error("no error")
			}
			if got, _ := os.ReadFile(path); string(got) != "old" {
				t.Errorf("now holds %q", got)
			}
			alone(t, path)
		})
	}
}

func TestRefusedPaths(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		make func(t *testing.T, path string)
		says string
	}{
		"symbolic link": {func(t *testing.T, path string) {
			elsewhere := filepath.Join(t.TempDir(), "elsewhere")
			put(t, elsewhere, "mine")
			must(t, os.Symlink(elsewhere, path))
			t.Cleanup(func() {
				if got, _ := os.ReadFile(elsewhere); string(got) != "mine" {
					t.Errorf("wrote through the link: %q", got)
				}
			})
		}, "symbolic link"},
		"dangling link": {func(t *testing.T, path string) { must(t, os.Symlink("nowhere", path)) }, "symbolic link"},
		"folder":        {func(t *testing.T, path string) { must(t, os.Mkdir(path, 0o700)) }, "is a folder"},
		"named pipe":    {func(t *testing.T, path string) { must(t, syscall.Mkfifo(path, 0o600)) }, "not a regular file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "report.json")
			tc.make(t, path)
			for verb, err := range map[string]error{"Write": Write(path, New()), "Probe": Probe(path)} {
				if err == nil || !strings.Contains(err.Error(), tc.says) {
					t.Errorf("%s: %v, want %q", verb, err, tc.says)
				}
			}
			alone(t, path)
		})
	}
}

func TestProbe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "report.json")
	if err := Probe(path); err != nil {
		t.Error(err)
	}
	if names, _ := os.ReadDir(dir); len(names) != 0 {
		t.Errorf("left %v", names)
	}
	put(t, path, "old")
	if err := Probe(path); err != nil {
		t.Error(err)
	}
	alone(t, path)
	if err := Probe(filepath.Join(dir, "missing", "report.json")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing folder: %v", err)
	}
}

func TestKeep(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "out.report.json")
	kept, err := Keep(path, "run-1", []byte("one"))
	if err != nil || kept != filepath.Join(dir, "out.report-run-1.json") {
		t.Fatalf("%s, %v", kept, err)
	}
	if info, _ := os.Stat(kept); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	if _, err := Keep(path, "run-1", []byte("another")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second one: %v", err)
	}
	if after, _ := os.ReadFile(kept); string(after) != "one" {
		t.Errorf("overwritten: %q", after)
	}
	alone(t, kept)
	taken := filepath.Join(dir, "out.report-run-2.json")
	must(t, os.Symlink("elsewhere", taken))
	if _, err := Keep(path, "run-2", nil); !errors.Is(err, fs.ErrExist) {
		t.Errorf("onto a link: %v", err)
	}
	must(t, os.Remove(taken))
	for _, id := range []string{"", "../x", "a/b", ".", "a\nb"} {
		if _, err := Keep(path, id, nil); err == nil {
			t.Errorf("run id %q was taken", id)
		}
	}
}

func alone(t *testing.T, path string) {
	t.Helper()
	names, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(names) != 1 || names[0].Name() != filepath.Base(path) {
		t.Errorf("beside %s: %v (%v)", path, names, err)
	}
}

func put(t *testing.T, path, text string) {
	t.Helper()
	must(t, os.WriteFile(path, []byte(text), 0o600))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

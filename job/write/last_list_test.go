package write

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"ackrevoke/policy"
)

var sevenEntries = policy.LastList{Entries: 7, Run: "20261123T120000Z-0a0b0c0d", SHA256: strings.Repeat("ab", 32)}

func TestLastListIsReadAsItWasKept(t *testing.T) {
	dir := t.TempDir()
	if got, err := LastList(dir, true); got != nil || err != nil {
		t.Errorf("before any run: %+v, %v", got, err)
	}
	if got, err := LastList(filepath.Join(dir, "missing"), false); got != nil || err != nil {
		t.Errorf("without the folder: %+v, %v", got, err)
	}
	named := sevenEntries
	named.File = "payments.yaml"
	for _, want := range []policy.LastList{named, sevenEntries, {Entries: 0, Run: "r", SHA256: strings.Repeat("0", 64)}} {
		if err := KeepList(dir, want); err != nil {
			t.Fatal(err)
		}
		if got, err := LastList(dir, true); err != nil || *got != want {
			t.Errorf("%+v, %v, want %+v", got, err, want)
		}
	}
	path := filepath.Join(dir, lastListName)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	want := `{"entries":0,"run":"r","sha256":"` + strings.Repeat("0", 64) + `"}` + "\n"
	if data, err := os.ReadFile(path); err != nil || string(data) != want {
		t.Errorf("%q, %v, want %q", data, err, want)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("left beside it: %v, %v", files, err)
	}
	for range 2 {
		if err := ForgetList(dir); err != nil {
			t.Error(err)
		}
		if got, err := LastList(dir, true); got != nil || err != nil {
			t.Errorf("forgotten: %+v, %v", got, err)
		}
	}
}

// What cannot be believed is never "there was no last run".
func TestLastListThatIsSpoilt(t *testing.T) {
	digest := strings.Repeat("ab", 32)
	for name, text := range map[string]string{
		"empty": "", "torn": `{"entries":7,"ru`, "null": "null", "a list": "[]", "no keys": "{}",
		"no entries": `{"run":"r","sha256":"` + digest + `"}`, "negative": `{"entries":-1,"run":"r","sha256":"` + digest + `"}`,
		"a fraction": `{"entries":1.5,"run":"r","sha256":"` + digest + `"}`, "a text": `{"entries":"7","run":"r","sha256":"` + digest + `"}`,
		"no run": `{"entries":7,"sha256":"` + digest + `"}`, "a strange run": `{"entries":7,"run":"\u001b[2J","sha256":"` + digest + `"}`,
		"no digest": `{"entries":7,"run":"r"}`, "two": `{"entries":7,"run":"r","sha256":"` + digest + `"}{}`,
		"long": `{"entries":7,"run":"r","sha256":"` + digest + `"}` + strings.Repeat(" ", maxLastList),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, lastListName), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			var spoilt *ListError
			if got, err := LastList(dir, true); got != nil || !errors.As(err, &spoilt) || !strings.Contains(err.Error(), lastListName) {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

// As with the journal: nothing is read through a link or from a pipe, and what
// others could change is kept from them.
func TestLastListIsARegularFileOfTheOwners(t *testing.T) {
	for says, put := range map[string]func(path string) error{
		"symbolic link":   func(path string) error { return os.Symlink("nowhere", path) },
		"no regular file": func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"is a folder":     func(path string) error { return os.Mkdir(path, 0o700) },
	} {
		dir := t.TempDir()
		if err := put(filepath.Join(dir, lastListName)); err != nil {
			t.Fatal(err)
		}
		if _, err := LastList(dir, false); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
	dir := t.TempDir()
	if err := KeepList(dir, sevenEntries); err != nil {
		t.Fatal(err)
	}
	path, link := filepath.Join(dir, lastListName), filepath.Join(dir, "link")
	if err := errors.Join(os.Chmod(path, 0o666), os.Symlink(dir, link)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		ours bool
		mode os.FileMode
	}{{false, 0o666}, {true, 0o600}} {
		if _, err := LastList(dir, c.ours); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != c.mode {
			t.Errorf("ours %v: %v, %v", c.ours, info.Mode(), err)
		}
	}
	if _, err := LastList(link, false); err == nil || !strings.Contains(err.Error(), "name the folder itself") {
		t.Errorf("the folder is a link: %v", err)
	}
	if err := KeepList(link, sevenEntries); err == nil {
		t.Error("it is kept through a link")
	}
}

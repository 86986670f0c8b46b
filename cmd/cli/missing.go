package cli

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"ackrevoke/cmd/cli/voice"
)

// unread is why a file that somebody named cannot be read, in words, and what to do
// about that. What cannot be read is not invalid: nobody knows what is in it.
type unread struct {
	text, hint string
	err        error // of the system
}

func (u *unread) Error() string { return u.text }

func (u *unread) Unwrap() error { return u.err }

// notRead says why a file cannot be read: it is not there, and what is; it is a
// folder; it may not be read. What is what it is to the reader, such as "the
// policy"; hint is for whoever has none.
//
//	the policy cannot be read: polcy.yaml: there is no such file
//	hint: did you mean policy.yaml? Else ...
func notRead(what, path string, err error, hint string) *unread {
	u := &unread{hint: hint, err: err}
	said := what + " cannot be read: " + displayName(path) + ": "
	parent := filepath.Dir(path)
	_, noParent := os.Stat(parent)
	switch {
	case path == "":
		u.text, u.hint = what+" has no name", "give the name of a file"
	case errors.Is(err, fs.ErrNotExist) && errors.Is(noParent, fs.ErrNotExist):
		u.text = said + "there is no such file, nor a folder " + parent
	case errors.Is(err, fs.ErrNotExist) && dangling(path):
		u.text, u.hint = said+"it is a symbolic link to nothing", "see that what it leads to is there, or name another file"
	case errors.Is(err, fs.ErrNotExist):
		u.text, u.hint = said+"there is no such file", orElse(beside(path, false), hint)
	case errors.Is(err, syscall.EISDIR):
		u.text, u.hint = said+"it is a folder", "name a file in it"
	case errors.Is(err, syscall.ENOTDIR):
		u.text, u.hint = said+"a part of that path is a file and no folder", "correct the path"
	case errors.Is(err, fs.ErrPermission):
		u.text, u.hint = said+"permission denied", mayNot
	default:
		u.text = what + " cannot be read: " + err.Error()
	}
	return u
}

// mayNot is what to do where the system refuses.
const mayNot = "give this user the right to read it, or run as one who has it"

// orElse asks whether one of these was meant, and says what to do where none was.
func orElse(meant []string, hint string) string {
	if asked := question(meant...); asked != "" {
		return asked + " Else " + hint
	}
	return hint
}

// noFolder says the same of a folder.
func noFolder(what, path string, err error, hint string) *unread {
	u := &unread{hint: hint, err: err}
	said := what + " " + path + ": "
	switch {
	case errors.Is(err, fs.ErrNotExist):
		u.text, u.hint = said+"there is no such folder", orElse(beside(path, true), hint)
	case errors.Is(err, syscall.ENOTDIR):
		u.text = said + "it is a file and no folder"
	case errors.Is(err, fs.ErrPermission):
		u.text, u.hint = said+"permission denied", mayNot
	default:
		u.text = said + err.Error()
	}
	return u
}

// dangling reports whether a link is there, and leads to nothing.
func dangling(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

// beside are the files, or the folders, in the folder of a path whose names are
// near to its own: of policy.yaml above all policy.yml.
func beside(path string, folders bool) []string {
	const most = 1000 // to look at; a folder can have millions
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return nil
	}
	defer d.Close()
	entries, _ := d.ReadDir(most) // what was read before an error counts
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return cmp.Compare(a.Name(), b.Name()) })
	base := filepath.Base(path)
	stem := strings.TrimSuffix(base, filepath.Ext(base))
	var first, names []string
	for _, e := range entries {
		name := e.Name()
		switch {
		case e.IsDir() != folders || strings.HasPrefix(name, ".") && !strings.HasPrefix(base, "."):
		case !folders && slices.Contains([]string{stem + ".yml", stem + ".yaml", base + ".yml", base + ".yaml"}, name):
			first = append(first, name)
		default:
			names = append(names, name)
		}
	}
	if len(first) == 0 {
		first = near(base, names)
	}
	for i, name := range first {
		first[i] = filepath.Join(filepath.Dir(path), name)
	}
	return first
}

// notLoaded says why there is no policy: it cannot be read, or it is not valid. It
// returns the hint, for a report.
func (p Program) notLoaded(v *voice.Voice, err error) (hint string) {
	var u *unread
	if errors.As(err, &u) {
		voice.Complain(p.Stderr, u, u.hint+"; nothing was called")
		return u.hint
	}
	v.Problems(err)
	return "correct the policy; ackrevoke validate checks it without calling anything"
}

// unreadable makes a usage error of a file that cannot be read, with its own hint; any
// other error keeps the hint that is given.
func unreadable(err error, hint string) error {
	var u *unread
	if errors.As(err, &u) {
		hint = u.hint
	}
	return hinted(usage("%w", err), hint)
}

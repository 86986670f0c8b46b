package report

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"ackrevoke/job/file"
)

// Write puts the report at path, whole or not at all: until the last moment
// whatever was there before stays. Only its owner can read it. A path that is
// a symbolic link, a folder or no regular file is refused.
func Write(path string, r interface{ Encode() ([]byte, error) }) error {
	data, err := r.Encode()
	if err != nil {
		return err
	}
	return Put(path, data)
}

// Put is Write for a report that is encoded already.
func Put(path string, data []byte) error {
	if err := replaceable(path); err != nil {
		return err
	}
	return place(path, data, os.Rename)
}

// Probe finds out before a run whether its report can be written afterwards,
// for a run that cannot report must not revoke.
func Probe(path string) error {
	if err := replaceable(path); err != nil {
		return err
	}
	if err := Room(filepath.Dir(path)); err != nil {
		return fmt.Errorf("report %s: %w", path, err)
	}
	return nil
}

// Room finds out whether a folder takes a file of some size: an empty one
// fits on a full disk, a report does not.
func Room(folder string) error {
	f, err := file.Beside(filepath.Join(folder, "report"))
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, room))
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close(), os.Remove(f.Name())); err != nil {
		return fmt.Errorf("its folder has no room: %w", err)
	}
	return nil
}

// room is what a report takes at the least. A larger one may still fail, and
// the journal is there for that.
const room = 64 << 10

// Keep puts the encoded report of a run that wrote to the account beside path, as
// <stem>-<run id>.json, and returns that name. It never overwrites.
func Keep(path, runID string, data []byte) (string, error) {
	if !fitForName.MatchString(runID) {
		return "", fmt.Errorf("run id %q does not fit into a file name", runID)
	}
	stem := strings.TrimSuffix(path, filepath.Ext(path))
	if filepath.Base(path) == filepath.Ext(path) {
		stem = path // a name such as ".json" is all stem
	}
	kept := stem + "-" + runID + ".json"
	if err := place(kept, data, file.AsNew); err != nil {
		return "", err
	}
	return kept, nil
}

var fitForName = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._-]*$`)

// place writes data beside path and lets put move it there.
func place(path string, data []byte, put func(from, to string) error) error {
	if err := file.Place(path, data, nil, put); err != nil {
		return fmt.Errorf("report %s: %w", path, err)
	}
	return nil
}

// keptName is how the files of [Keep] end. It alone tells them from the report that the
// next run may put its own in place of.
var keptName = regexp.MustCompile(`-[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}\.json$`)

// replaceable refuses links, folders, special files, and what was kept of a run.
func replaceable(path string) error {
	err := file.Replaceable(path)
	if err == nil && keptName.MatchString(path) {
		if _, missing := os.Lstat(path); !errors.Is(missing, fs.ErrNotExist) {
			err = errors.New("has the name of what is kept of a run that wrote to the account, and is never overwritten; give another name")
		}
	}
	if err != nil {
		return fmt.Errorf("report %s: %w", path, err)
	}
	return nil
}

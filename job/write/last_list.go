package write

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"

	"ackrevoke/job/file"
	"ackrevoke/policy"
)

// Beside the journal lies how long the list of the policy was when the last run
// read it, so that one which somebody emptied does not read as clean; contract.md
// section 5, guard emptied.
//
//	DIR/last-list.json    {"entries": 7, "run": "<run id>", "sha256": "<of the policy>", "file": "<its name>"}
//
// Of a folder of policies it is also how a file that is not there any more is
// missed: see the accounts of cmd/cli.
const lastListName = "last-list.json"

// A record has three short values; a longer file is something else.
const maxLastList = 4 << 10

// ListError says why what the record says cannot be believed. It is never taken for
// one that is not there: whoever can spoil it could else empty the list unseen.
type ListError struct {
	Path string
	Err  error
}

func (e *ListError) Error() string {
	return fmt.Sprintf("journal: %s, which says how many entries the policy had on the last run, cannot be believed: %v", e.Path, e.Err)
}

func (e *ListError) Unwrap() error { return e.Err }

// listRecord is the file. A missing key is not 0; the name may be missing.
type listRecord struct {
	Entries *int    `json:"entries"`
	Run     *string `json:"run"`
	SHA256  *string `json:"sha256"`
	File    string  `json:"file,omitempty"`
}

var (
	runForm    = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._-]{0,99}$`)
	digestForm = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// LastList reads the record in a folder of a journal; nil where no run has left
// one yet. Whoever is to write it (ours) keeps others out of it as out of the
// journal. An error is a *ListError, or the file or the folder is none to read.
func LastList(dir string, ours bool) (*policy.LastList, error) {
	path, err := inFolder(dir, lastListName)
	if err != nil {
		return nil, err
	}
	f, err := openRegular(path, os.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil {
		return nil, journalError(err)
	} else if ours {
		if err := narrow(f, info); err != nil {
			return nil, err
		}
	}
	data, err := io.ReadAll(io.LimitReader(f, maxLastList+1))
	if err != nil {
		return nil, journalError(err)
	}
	last, err := parseList(data)
	if err != nil {
		return nil, &ListError{path, err}
	}
	return last, nil
}

// parseList reads the record. Keys that a later version may add are passed over.
func parseList(data []byte) (*policy.LastList, error) {
	if len(data) > maxLastList {
		return nil, fmt.Errorf("it is larger than %d bytes", maxLastList)
	}
	var r listRecord
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, fmt.Errorf("it is not the JSON that a run leaves: %w", err)
	}
	switch {
	case r.Entries == nil || *r.Entries < 0:
		return nil, errors.New("it has no number of entries")
	case r.Run == nil || !runForm.MatchString(*r.Run):
		return nil, errors.New("it names no run")
	case r.SHA256 == nil || !digestForm.MatchString(*r.SHA256):
		return nil, errors.New("it has no digest of the policy")
	}
	return &policy.LastList{Entries: *r.Entries, Run: *r.Run, SHA256: *r.SHA256, File: r.File}, nil
}

// ForgetList takes the record out of a folder of a journal; what else lies there stays.
// There may be none.
func ForgetList(dir string) error {
	path, err := inFolder(dir, lastListName)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return journalError(err)
	}
	return nil
}

// KeepList puts the record into a folder of a journal, whole or not at all.
func KeepList(dir string, l policy.LastList) error {
	path, err := inFolder(dir, lastListName)
	if err != nil {
		return err
	}
	data, err := json.Marshal(listRecord{&l.Entries, &l.Run, &l.SHA256, l.File})
	if err != nil {
		return journalError(err)
	}
	if err := file.Place(path, append(data, '\n'), nil, os.Rename); err != nil {
		return fmt.Errorf("journal: %s: %w", path, err)
	}
	return nil
}

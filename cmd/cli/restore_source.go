package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"ackrevoke/cmd/cli/voice"
	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/job/restore"
	"ackrevoke/job/write"
)

// sameFile reports whether two names are one file.
func sameFile(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return filepath.Clean(a) == filepath.Clean(b) || errX == nil && errY == nil && os.SameFile(x, y)
}

// giveSource is what to do without a source that says what was taken away.
const giveSource = "give the report or the journal of a run that revoked, and a uid and cluster of its actions"

// openSource reads what was taken away. A restore that may write holds the folder
// of the journal before it reads for good, so that nobody writes to it any more;
// whoever is given a journal has to close it, also beside an error.
func (o *restoreFlags) openSource() (source *restore.Source, journal *write.Journal, folder string, err error) {
	source, err = o.readSource()
	if err == nil && !o.dryRun {
		if folder, err = o.folder(source); err == nil {
			journal, err = write.OpenJournal(folder)
		}
		if err != nil {
			return nil, nil, "", hinted(&status{code: end.CodeError, err: err}, "nothing was called; name the folder of the journal with --journal")
		}
		source, err = o.readSource()
	}
	var u *unread
	switch {
	case errors.As(err, &u):
		err = unreadable(u, "")
	case err != nil:
		err = hinted(usage("%s: %w", o.source, err), giveSource)
	}
	return source, journal, folder, err
}

// readSource finds in the source what was taken away.
func (o *restoreFlags) readSource() (*restore.Source, error) {
	const most = 1 << 30 // a line of a journal has all that its principal held
	f, err := os.Open(o.source)
	if err != nil {
		return nil, notRead("the source", o.source, err, giveSource)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, notRead("the source", o.source, err, giveSource)
	}
	if len(data) > most {
		return nil, fmt.Errorf("larger than %d MiB: neither a report nor a journal", most>>20)
	}
	s, err := o.sourceOf(data)
	if err != nil {
		return nil, err
	}
	if s.Simulated && o.simulate == "" {
		return nil, errors.New("it is of a simulated account: nothing of it is given back in a real one")
	}
	return s, nil
}

// sourceOf tells a report, one object with a schema, from a journal, lines.
func (o *restoreFlags) sourceOf(data []byte) (*restore.Source, error) {
	var head struct {
		Schema *string `json:"schema"`
	}
	if json.NewDecoder(bytes.NewReader(data)).Decode(&head) == nil && head.Schema != nil {
		r, err := report.Decode(data)
		if err != nil {
			return nil, err
		}
		return restore.FromReport(o.source, r, o.uid, o.cluster)
	}
	lines := write.ReadLines(data)
	if len(lines) == 0 {
		return nil, errors.New("neither a report nor a journal")
	}
	return restore.FromJournal(o.source, lines, o.uid, o.cluster, o.run)
}

// keptForm is the end of the name of a report that is kept: its run id.
var keptForm = regexp.MustCompile(`-[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}(\.[^.]*)$`)

// folder is that of the journal of the source. A restore must hold it: a run
// that is at work with it may be about to take away what is given.
//
//	--journal                      that
//	the source lies in a journal   its own folder
//	the report names a folder      that one, as the run named it, or beside or around the report where that has been moved
//	an older report                the one that a run takes for a report of this name
func (o *restoreFlags) folder(s *restore.Source) (string, error) {
	beside := filepath.Dir(o.source)
	switch {
	case o.journal != "":
		return o.journal, nil
	case s.From == "journal":
		return beside, nil
	case s.Journal == "":
		return keptForm.ReplaceAllString(o.source, "$1") + ".journal", nil
	}
	var found []string
	places := []string{s.Journal, filepath.Join(beside, filepath.Base(s.Journal))}
	if whole, err := filepath.Abs(beside); err == nil && filepath.Base(whole) == filepath.Base(s.Journal) {
		places = append(places, beside) // a run without a report file keeps it in the folder itself
	}
	for _, dir := range places {
		info, err := os.Stat(dir)
		if err == nil && info.IsDir() && !slices.ContainsFunc(found, func(other string) bool { return sameFile(dir, other) }) {
			found = append(found, dir)
		}
	}
	switch len(found) {
	case 0:
		return "", fmt.Errorf("the run kept its journal in %s, and that folder is not there", voice.Name(s.Journal))
	case 1:
		return found[0], nil
	}
	return "", fmt.Errorf("the run kept its journal in %s, and both %s and %s are there",
		voice.Name(s.Journal), voice.Name(found[0]), voice.Name(found[1]))
}

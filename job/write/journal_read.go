package write

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Journals that runs have put away stay in the folder for ever: what they say was
// proven is what a later run knows of the time before it; package history.

// DoneSuffix ends the name of a journal that a run has put away, behind its id.
const DoneSuffix = ".done.jsonl"

// maxLine is more than the longest line that a run writes: all grants of one
// principal on every cluster.
const maxLine = 16 << 20

// Kept is the file of a journal in a folder, and how long it is.
type Kept struct {
	Path string
	Size int64
	Done bool // put away; else that of a run at work, or of one that died
}

// KeptJournals are the journals in a folder: that of a run at work, or of one that
// died, and then those put away, newest first, for their names begin with the time.
// A folder that is not there is an fs.ErrNotExist.
func KeptJournals(dir string) ([]Kept, error) {
	if _, err := journalPath(dir); err != nil {
		return nil, err
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, journalError(err)
	}
	var all []Kept
	for _, f := range files {
		if f.Name() != journalName && !strings.HasSuffix(f.Name(), DoneSuffix) {
			continue
		}
		k := Kept{Path: filepath.Join(dir, f.Name()), Done: f.Name() != journalName}
		if info, err := f.Info(); err == nil && info.Mode().IsRegular() {
			k.Size = info.Size()
		}
		all = append(all, k)
	}
	slices.SortFunc(all, func(a, b Kept) int {
		if a.Done != b.Done {
			return map[bool]int{false: -1, true: 1}[a.Done]
		}
		return strings.Compare(b.Path, a.Path)
	})
	return all, nil
}

// readers are those of journals that have been read: there are thousands of them.
var readers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, 64<<10) }}

// Each reads a journal line by line, so that its length costs no memory. An error
// says what of it cannot be believed, when the rest has been read, or that it cannot
// be read; one that was put away since is none. What a run that died left of its
// last line is passed over, as by [ReadLines]; a line of a type that a later version
// may have added is too.
func (k Kept) Each(tell func(*Line)) error {
	f, err := openRegular(k.Path, os.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	r := readers.Get().(*bufio.Reader)
	defer readers.Put(r)
	r.Reset(f)
	var wrong error
	whole := false // the line before ended in a line end
	for n := 1; ; n++ {
		text, tooLong, err := nextLine(r)
		if len(text) > 0 || tooLong {
			whole = !tooLong && text[len(text)-1] == '\n'
			bad := parseLine(text, tell)
			if tooLong {
				bad = fmt.Errorf("it is longer than %d bytes", maxLine)
			}
			if bad != nil && wrong == nil {
				wrong = fmt.Errorf("line %d is none that a run writes: %w", n, bad)
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			if k.Done && wrong == nil && !whole {
				wrong = errors.New("it ends in the middle of a line, or is empty: a part is lost")
			}
			return wrong
		case err != nil:
			return journalError(err)
		}
	}
}

// nextLine returns a line with its end. The rest of one that is too long is
// passed over.
func nextLine(r *bufio.Reader) (text []byte, tooLong bool, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if !tooLong {
			text = append(text, part...)
		}
		if len(text) > maxLine {
			text, tooLong = nil, true
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return text, tooLong, err
		}
	}
}

// parseLine tells a line that says something. What a crash cut short is no error.
func parseLine(text []byte, tell func(*Line)) error {
	text = bytes.TrimSpace(text)
	if len(text) == 0 {
		return nil
	}
	var l Line
	err := json.Unmarshal(text, &l)
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax) && text[0] == '{' && syntax.Offset >= int64(len(text)):
		return nil // more was to come
	case err != nil:
		return err
	case l.Type == "":
		return errors.New("it has no type")
	case l.Type != "intent" && l.Type != "outcome":
		return nil
	case l.Action == "" || l.Run == "" || !l.timely():
		return errors.New("it names no action, no run or no time")
	}
	tell(&l)
	return nil
}

// timely reports whether a line has a time, and none that a report could not express.
func (l *Line) timely() bool {
	all := append([]time.Time{l.At}, l.Pins...)
	if l.CreatedAt != nil {
		all = append(all, *l.CreatedAt)
	}
	if l.Certificate != nil && l.Certificate.Expires != nil {
		all = append(all, *l.Certificate.Expires)
	}
	return !l.At.IsZero() && !slices.ContainsFunc(all, func(t time.Time) bool { y := t.UTC().Year(); return y < 1 || y > 9999 })
}

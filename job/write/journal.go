package write

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"

	"ackrevoke/job/report"
)

// The journal is what is left when a run dies between a call and its report:
// one line before each write, with everything that the write takes away, and
// one after it. A write whose line is not on disk is not made.
//
//	DIR/ackrevoke.journal       locked while a run holds it, appended, fsynced
//	DIR/<run id>.done.jsonl     once the report is written; never deleted
const journalName = "ackrevoke.journal"

// ErrJournalHeld says that another run is at work with the same journal.
var ErrJournalHeld = errors.New("another run holds it")

// Journal is an open, locked journal.
type Journal struct {
	Unfinished []Line // intents of earlier runs that ended without a report

	dir  string
	file *os.File

	syncing sync.Mutex   // held while the disk works; taken before mu
	flush   func() error // puts on disk what was written
	synced  int          // appends that are on disk: the first so many
	lost    error        // of the disk: what was written before it may be lost, and no later sync tells

	mu      sync.Mutex
	open    map[string]bool // intents of this run without an outcome
	torn    bool            // a line could not be written, or only in part
	written int             // appends so far
}

// OpenJournal opens or creates the journal of a folder and locks it. It fails
// when another run holds the lock, or when the folder cannot be written: this
// is found out before the first write to the account.
func OpenJournal(dir string) (*Journal, error) {
	path, err := journalPath(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("journal folder: %w", err)
	}
	f, err := openRegular(path, os.O_RDWR|os.O_CREATE|os.O_APPEND)
	if err != nil {
		return nil, err
	}
	j := &Journal{dir: dir, file: f, flush: f.Sync, open: map[string]bool{}}
	if err := j.claim(path); err != nil {
		_ = f.Close()
		return nil, err
	}
	return j, nil
}

func (j *Journal) claim(path string) error {
	info, err := j.file.Stat()
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if err := narrow(j.file, info); err != nil {
		return err
	}
	err = syscall.Flock(int(j.file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return fmt.Errorf("journal %s: %w", path, ErrJournalHeld)
	}
	if err != nil {
		return fmt.Errorf("journal: lock %s: %w", path, err)
	}
	// Between open and lock the run that held it may have renamed it away.
	if now, err := os.Stat(path); err != nil || !os.SameFile(info, now) {
		return fmt.Errorf("journal %s: %w, or did a moment ago", path, ErrJournalHeld)
	}
	data, err := io.ReadAll(j.file)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if len(data) > 0 && data[len(data)-1] != '\n' {
		// A torn last line must not swallow the next one.
		if _, err := j.file.Write([]byte("\n")); err != nil {
			return fmt.Errorf("journal: %w", err)
		}
	}
	j.Unfinished = Intents(ReadLines(data))
	return syncDir(j.dir)
}

// ReadLines returns the lines of a journal. A line that does not parse, such
// as the torn last one of a run that died, is passed over.
func ReadLines(data []byte) []Line {
	var lines []Line
	for text := range bytes.Lines(data) { // of any length: a line too long must not hide those behind it
		var l Line
		if json.Unmarshal(text, &l) == nil && (l.Type == "intent" || l.Type == "outcome") && l.Action != "" {
			lines = append(lines, l)
		}
	}
	return lines
}

// Intents returns the writes that were intended. Those of a run are told until a
// run has reported them. A restore and self may leave no report: theirs are told
// only while no line says what became of them.
func Intents(lines []Line) []Line {
	var all []Line
	for i, l := range lines {
		ended := func(o Line) bool { return o.Type == "outcome" && o.Run == l.Run && o.Action == l.Action }
		ofRun := l.Operation != GivesBack && l.Operation != TakesBack && l.Operation != RevokesOwn
		if l.Type == "intent" && (ofRun || !slices.ContainsFunc(lines[i:], ended)) {
			all = append(all, l)
		}
	}
	return all
}

// PeekJournal returns the intents of an unfinished journal without changing
// it: what a dry run may know. A folder without a journal has none, and the
// journal of a run that is at work, or has just put it away, is not unfinished.
func PeekJournal(dir string) ([]Line, error) {
	path, err := journalPath(dir)
	if err != nil {
		return nil, err
	}
	f, err := openRegular(path, os.O_RDONLY)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	// Held for as long as it takes to ask: a run that begins now must not fail.
	if errors.Is(syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB), syscall.EWOULDBLOCK) {
		return nil, nil
	}
	read, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	if now, err := os.Stat(path); err != nil || !os.SameFile(read, now) {
		return nil, nil
	}
	return Intents(ReadLines(data)), nil
}

// Append puts lines on disk. When it returns nil, they survive a crash; else none of
// them may be relied on. All who append while the disk is at work share one sync, the
// next.
func (j *Journal) Append(lines ...Line) error {
	var b []byte
	for _, l := range lines {
		text, err := json.Marshal(l)
		if err != nil {
			return fmt.Errorf("journal: %w", err)
		}
		b = append(append(b, report.EscapeJSON(text)...), '\n') // somebody will look at it with cat
	}
	n, err := j.write(b)
	if err == nil {
		err = j.sync(n)
	}
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, l := range lines {
		if l.Type == "intent" {
			j.open[l.Action] = true
		} else {
			delete(j.open, l.Action)
		}
	}
	return nil
}

// write hands the text of one append to the system, and says which one it is.
func (j *Journal) write(b []byte) (n int, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.torn {
		b = append([]byte("\n"), b...) // what is left of a line that failed must not swallow this one
	}
	j.torn = true
	if _, err := j.file.Write(b); err != nil {
		return 0, err
	}
	j.torn = false
	j.written++
	return j.written, nil
}

// sync waits until the first n appends are on disk. A system tells once that it lost
// something, to whoever asks first: after that nobody is told that a line is safe.
func (j *Journal) sync(n int) error {
	j.syncing.Lock()
	defer j.syncing.Unlock()
	if j.lost != nil {
		return j.lost
	}
	if j.synced >= n {
		return nil
	}
	j.mu.Lock()
	upTo := j.written // before the disk is asked: what is written while it works may be left out
	j.mu.Unlock()
	if j.lost = j.flush(); j.lost == nil {
		j.synced = upTo
	}
	return j.lost
}

// Finish puts the journal away under the name of the run whose report has been
// written, and gives up the lock; not where an intent of this run has no outcome, or the
// disk may have lost one. A journal without a line is not kept.
func (j *Journal) Finish(runID string) error {
	j.syncing.Lock()
	defer j.syncing.Unlock()
	j.mu.Lock()
	defer j.mu.Unlock()
	defer j.file.Close()
	path := filepath.Join(j.dir, journalName)
	info, err := j.file.Stat()
	switch {
	case err != nil:
		return fmt.Errorf("journal: %w", err)
	case len(j.open) > 0 || j.lost != nil:
		return nil
	case info.Size() == 0:
		return os.Remove(path)
	}
	if err := os.Rename(path, filepath.Join(j.dir, runID+".done.jsonl")); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return syncDir(j.dir)
}

// PutAway is Finish for a command that reports nothing of earlier runs: where a
// journal tells of one that was never reported, it stays for the next run.
func (j *Journal) PutAway(runID string) error {
	if len(j.Unfinished) > 0 {
		return j.Close()
	}
	return j.Finish(runID)
}

// Close gives up the lock and leaves the journal as it is.
func (j *Journal) Close() error { return j.file.Close() }

// syncDir makes a name in the folder survive a crash. A report
// tolerates a folder that cannot be synced; a journal does not.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

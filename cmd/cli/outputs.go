package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"ackrevoke/job/report"
	"ackrevoke/job/write"
	"ackrevoke/policy"
)

// outputs are the files of one run: the report, the copy that is kept of a run
// that wrote to the account, and the journal. Whether they can be written is
// found out before the first call.
type outputs struct {
	o          *options
	stdout     io.Writer
	journal    *write.Journal   // of a run that may write
	unfinished []write.Line     // of earlier runs, where the journal is not held
	kept       string           // the copy beside the report
	last       *report.Report   // how the run ended; nil where it did not come to a report
	written    bool             // to the place that was asked for
	noPage     bool             // the page has no place, which is told already
	list       *policy.LastList // as the last run read it; nil: there was none
}

func (out *outputs) open() error {
	err := out.probe()
	if err == nil && out.o.html != "" {
		err = probePage(out.o.html)
		out.noPage = err != nil
	}
	if err == nil {
		err = out.o.meter.fit()
	}
	if err != nil {
		out.peek()
		return err
	}
	if out.o.dryRun {
		out.unfinished, err = write.PeekJournal(out.o.journalDir())
	} else {
		out.journal, err = write.OpenJournal(out.o.journalDir())
	}
	if err == nil {
		err = out.openList()
	}
	return err
}

// peek looks for what earlier runs left unfinished, for a run that does not come
// so far as to hold the journal. Whatever keeps it from that is told already.
func (out *outputs) peek() {
	if out.journal == nil && len(out.unfinished) == 0 {
		out.unfinished, _ = write.PeekJournal(out.o.journalDir())
	}
}

// left are the intents of earlier runs that ended without a report.
func (out *outputs) left() []write.Line {
	if out.journal != nil {
		return out.journal.Unfinished
	}
	return out.unfinished
}

// room finds out whether the folder of the journal takes what a run writes
// into it: a line before each write, how long the list was, and with -o - the
// report that is kept.
func (out *outputs) room() error {
	if err := report.Room(out.o.journalDir()); err != nil {
		return fmt.Errorf("journal in %s: %w", out.o.journalDir(), err)
	}
	return nil
}

// exposed are the folders of this run in which everybody may put files and
// take them away: world-writable, and without the sticky bit that keeps
// others from it. A folder that is not there yet is made for the owner alone.
func (out *outputs) exposed() []string {
	var folders []string
	if out.o.report != "-" {
		folders = append(folders, filepath.Dir(out.o.report))
	}
	if out.o.html != "" {
		folders = append(folders, filepath.Dir(out.o.html))
	}
	if out.remembers() {
		folders = append(folders, filepath.Clean(out.o.journalDir()))
	}
	slices.Sort(folders)
	return slices.DeleteFunc(slices.Compact(folders), func(folder string) bool {
		info, err := os.Stat(folder)
		return err != nil || info.Mode().Perm()&0o002 == 0 || info.Mode()&os.ModeSticky != 0
	})
}

// probe refuses a report path that could not be written later, or that holds
// something that is no report: nothing of anybody's is overwritten.
func (out *outputs) probe() error {
	path := out.o.report
	if path == "-" {
		return nil
	}
	if err := report.Probe(path); err != nil {
		return err
	}
	if foreign(path, report.SchemaName) {
		return fmt.Errorf("report %s: the file is there and is no report of ackrevoke: give another name with --report", path)
	}
	return nil
}

// foreign reports whether something is in a file that is no document of this schema.
func foreign(path, schema string) bool {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
		return false
	}
	return err != nil || report.Recognize(path, schema) != nil
}

// finish writes the report, and the same as a page where that was asked for. A page
// that cannot be written is told, and changes nothing of the rest.
func (out *outputs) finish(r *report.Report, whole bool) error {
	err := out.settle(r, whole)
	if out.o.html == "" || out.noPage || !out.written {
		return err
	}
	return errors.Join(err, writePage(out.o.html, r))
}

// settle writes the report, remembers the list and puts the journal away: but not
// of a run that could not be made, or that a defect ended, because its report may
// not name what earlier runs left unfinished.
func (out *outputs) settle(r *report.Report, whole bool) error {
	if err := out.write(r); err != nil || !whole {
		return err
	}
	err := out.remember(r) // while the journal is held, so that no other run comes between
	if out.journal == nil {
		return err
	}
	j := out.journal
	out.journal = nil
	return errors.Join(err, j.Finish(r.Run.ID))
}

// write puts the report where it was asked for, and keeps a copy of a run that
// wrote to the account.
func (out *outputs) write(r *report.Report) error {
	beside := out.o.report
	data, err := r.Encode()
	if err != nil {
		return err
	}
	if beside == "-" {
		if _, err := out.stdout.Write(data); err != nil {
			return fmt.Errorf("report on standard output: %w", err)
		}
		beside = filepath.Join(out.o.journalDir(), "report.json")
	} else if err := report.Put(beside, data); err != nil {
		return err
	}
	out.written = true
	if wrote(r) {
		kept, err := report.Keep(beside, r.Run.ID, data)
		if err != nil {
			return err
		}
		out.kept = kept
	}
	return nil
}

func (out *outputs) close() {
	if out.journal != nil {
		_ = out.journal.Close()
	}
}

// wrote reports whether the run sent a write, or may have.
func wrote(r *report.Report) bool {
	for _, o := range r.Outcomes {
		if !o.StartedAt.IsZero() {
			return true
		}
	}
	return false
}

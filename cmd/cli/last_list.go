package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"ackrevoke/job/report"
	"ackrevoke/job/write"
	"ackrevoke/policy"
)

// remembers reports whether this run leaves behind how long its list was: one that
// holds the journal does, and a dry run whose journal somebody named. A dry run by
// the way, with another list, must not make the next real one forget.
func (out *outputs) remembers() bool { return !out.o.dryRun || out.o.journal != "" }

// openList reads how long the list was on the last run, and finds out whether that
// can be written anew. Every run asks it: a dry run says what the real one would.
func (out *outputs) openList() (err error) {
	dir := out.o.journalDir()
	if out.list, err = write.LastList(dir, out.remembers()); err != nil {
		return err
	}
	if left := out.left(); out.list == nil && len(left) > 0 { // that run died before it could leave one
		out.list = &policy.LastList{Entries: len(left), Run: left[0].Run}
	}
	if !out.remembers() {
		return nil
	}
	if out.journal == nil {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("journal folder: %w", err)
		}
	}
	return out.room()
}

// remember keeps how long the list of this run was for the next one. A list that was
// refused because it is empty is not remembered: it stays refused until somebody
// puts the entries back, or allows that there are none.
func (out *outputs) remember(r *report.Report) error {
	emptied := slices.ContainsFunc(r.Plan.Guards, func(g report.Guard) bool { return g.Guard == policy.GuardEmptied && g.Tripped })
	if !out.remembers() || emptied {
		return nil
	}
	last := policy.LastList{Entries: r.Policy.Entries, Run: r.Run.ID, SHA256: r.Policy.SHA256}
	if out.o.policy != "-" {
		last.File = filepath.Base(out.o.policy)
	}
	return write.KeepList(out.o.journalDir(), last)
}

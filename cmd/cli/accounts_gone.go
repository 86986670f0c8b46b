package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"ackrevoke/cmd/cli/voice"
	"ackrevoke/job/report"
	"ackrevoke/job/write"
)

// The folder of a journal of one of many accounts, below that of --journal, or
// beside the reports with an ending; see accounts.alone.
var (
	journalOf = regexp.MustCompile(`^([0-9]{1,32})$`)
	besideOf  = regexp.MustCompile(`^([0-9]{1,32})\.journal$`)
)

// gone finds accounts whose journals say that an earlier run looked after them, and
// that no policy file is about any more: a file that somebody took away by mistake
// would else be missed by nobody. What is not gone is a file with another name, one
// that cannot be read today (its run says so), and an account whose last list was
// empty on purpose. Accounts of --forget are meant to be gone.
//
// Every shard looks, for each reads the whole set. A run that had no journal, and one
// whose journal went with its pod, is remembered by nobody.
func (a *accounts) gone(files []policyFile) ([]report.Gone, error) {
	folder, name := a.o.journal, journalOf
	if folder == "" {
		folder, name = a.o.report, besideOf
	}
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the folder of the journals: %w", err)
	}
	var all []report.Gone
	for _, e := range entries {
		m := name.FindStringSubmatch(e.Name())
		if m == nil || !e.IsDir() || slices.ContainsFunc(files, func(f policyFile) bool { return f.account == m[1] }) {
			continue
		}
		g, was := lookedAfter(m[1], filepath.Join(folder, e.Name()))
		broken := slices.ContainsFunc(files, func(f policyFile) bool { return f.account == "" && f.File == g.File })
		if was && !broken && !slices.Contains(a.o.forget, g.Account) {
			all = append(all, g)
		}
	}
	return all, nil
}

// lookedAfter is what a journal says of an account, and whether that was looked after:
// its last list had entries, or a run died on it before it could leave one.
func lookedAfter(account, dir string) (report.Gone, bool) {
	g := report.Gone{Account: account, Journal: dir}
	last, err := write.LastList(dir, false)
	if err == nil && last != nil {
		g.File, g.Entries, g.RunID = last.File, last.Entries, last.Run
	}
	left, wrong := write.PeekJournal(dir)
	if g.RunID == "" && len(left) > 0 {
		g.RunID = left[0].Run
	}
	if err = errors.Join(err, wrong); err != nil {
		g.Error = err.Error()
	}
	return g, err != nil || g.Entries > 0 || len(left) > 0
}

// forget takes away what is remembered of the accounts of --forget, where this run may
// leave something in their journals: from then on the flag is not needed. The way
// back, which lies there too, stays.
func (a *accounts) forget(files []policyFile) error {
	if a.o.dryRun && a.o.journal == "" {
		return nil
	}
	var wrong error
	for _, id := range a.meant(files) {
		_, o := a.alone(policyFile{account: id})
		wrong = errors.Join(wrong, write.ForgetList(o.journalDir()))
	}
	return wrong
}

// meant are the accounts of --forget that no file of the folder is about, of whatever
// shard: what is known of another one is of today.
func (a *accounts) meant(files []policyFile) (ids []string) {
	for _, id := range a.o.forget {
		if !slices.ContainsFunc(files, func(f policyFile) bool { return f.account == id }) {
			ids = append(ids, id)
		}
	}
	return ids
}

// lost finds what is gone and says it, before the first account is asked. unheard
// reports whether that could not be found out, or not be forgotten: the accounts that
// are there are handled all the same.
func (a *accounts) lost(files []policyFile, v *voice.Voice) (all []report.Gone, unheard bool) {
	all, err := a.gone(files)
	if err = errors.Join(err, a.forget(files)); err != nil {
		v.Missed("", "whether every account of earlier runs has a policy file still cannot be told: "+err.Error(),
			"see that this user may read and write there; the accounts that have one are handled as ever")
	}
	missed(v, all)
	return all, err != nil
}

// missed says who is not looked after any more, and what to do about that.
func missed(v *voice.Voice, all []report.Gone) {
	for _, g := range all {
		what := fmt.Sprintf("no policy file is about account %s any more", g.Account)
		switch {
		case g.Error != "":
			what += ": " + g.Error
		case g.File != "":
			what += fmt.Sprintf(": %s had %s on the last run (%s)", g.File, voice.Count(g.Entries, "entry", "entries"), g.RunID)
		default:
			what += fmt.Sprintf(": its policy had %s on the last run (%s)", voice.Count(g.Entries, "entry", "entries"), g.RunID)
		}
		v.Missed(g.Account, what+"; nobody is looked for there, and the other accounts are handled as ever",
			"put the file back; if the account is to be left alone, say so once with --forget "+g.Account+
				", or remove last-list.json in "+g.Journal)
	}
}

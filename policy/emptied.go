package policy

import "fmt"

// LastList is the list of a policy as the last run with the same journal read it.
type LastList struct {
	Entries int    // of the file, whatever --only left of them
	Run     string // the id of that run
	SHA256  string // of the policy's bytes, hex
	File    string // its name, without the folder; "" where the run did not say
}

// Entries is the number of entries of the file.
func (p *Policy) Entries() int { return len(p.Principals) + p.LeftOut }

// Emptied judges the list before anything is read: one that had entries on the
// last run and has none now would read as an account in which nobody is left, and
// is most likely a file that somebody emptied or mounted by mistake. It needs
// nothing of the account. There is no row where there is nothing to judge: the
// list has entries, or had none, or there was no last run.
func Emptied(p *Policy, last *LastList) []GuardRow {
	if last == nil || last.Entries == 0 || p.Entries() > 0 {
		return nil
	}
	row := GuardRow{Guard: GuardEmptied, Found: last.Entries, Tripped: !p.Guards.AllowEmpty,
		Message: "lifted by guards.allowEmpty"}
	if row.Tripped {
		row.Message = fmt.Sprintf("the list is empty, and on the last run (%s) it had %s: whoever left is not looked for any more; put the "+
			"entries back, or set guards.allowEmpty: true in the policy if nobody is to be listed", last.Run, entries(last.Entries))
	}
	return []GuardRow{row}
}

func entries(n int) string {
	if n == 1 {
		return "1 entry"
	}
	return fmt.Sprintf("%d entries", n)
}

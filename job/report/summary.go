package report

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"ackrevoke/job/end"
)

// SummaryName is the name and version of the protocol.
const SummaryName = "ackrevoke.summary/v1"

// Accounts is what a run over a folder of policy files says of all of them: one
// row a file, whose report is a file of its own. Several processes can share the
// files of one folder, a shard each; their summaries are put together by [Merge].
type Accounts struct {
	Schema     string       `json:"schema"` // SummaryName
	Run        AccountsRun  `json:"run"`
	Set        PolicySet    `json:"set"`
	Shard      Shard        `json:"shard"`
	Files      []AccountRow `json:"files"` // by name: those of this shard
	Gone       []Gone       `json:"gone"`  // by account: what earlier runs looked after and this one does not
	Totals     Totals       `json:"totals"`
	Verdict    end.Verdict  `json:"verdict"`    // the weightiest of all rows
	MergedFrom []string     `json:"mergedFrom"` // the summaries that this one was made of; none: a run wrote it
}

// AccountsRun identifies the run over the folder.
type AccountsRun struct {
	ID          string `json:"id"` // "" of one that was merged
	Mode        Mode   `json:"mode"`
	Version     string `json:"version"` // of the program
	StartedAt   Time   `json:"startedAt"`
	FinishedAt  Time   `json:"finishedAt"`
	Interrupted bool   `json:"interrupted"` // a signal ended it: what had not begun did not begin
}

// PolicySet is every policy file of the folder, also those of other shards: the
// state of the policy that the run is about.
type PolicySet struct {
	Folder string       `json:"folder"` // as the user named it
	SHA256 string       `json:"sha256"` // see [PolicySet.Digest]
	Files  []PolicyFile `json:"files"`  // by name
}

// PolicyFile is one file of the set.
type PolicyFile struct {
	File   string `json:"file"`   // its name in the folder
	SHA256 string `json:"sha256"` // of its bytes, hex; "" where it could not be read
}

// Shard says which files of the set a run was about: in order of name, every
// count-th from index on.
type Shard struct {
	Index int `json:"index"` // from 0
	Count int `json:"count"` // 1: all files
}

// AccountRow is one policy file and what became of it.
type AccountRow struct {
	PolicyFile
	Account    string   `json:"account"` // "" where the file does not say
	Report     string   `json:"report"`  // the file beside the summary; "" where none was written
	RunID      string   `json:"runId"`   // of the report
	StartedAt  Time     `json:"startedAt"`
	FinishedAt Time     `json:"finishedAt"`
	Verdict    end.Name `json:"verdict"`
	ExitCode   int      `json:"exitCode"`
	Unfinished int      `json:"unfinished"` // writes of earlier runs that the report names
	Error      string   `json:"error"`      // the first one of the report, or why there was no run
	Summary    Summary  `json:"summary"`    // the report in numbers; zeros where nothing was read
}

// Gone is an account that an earlier run with the same journals looked after, and that
// no policy file of the folder is about any more: somebody took it away, by mistake
// for all that is known. Whatever shard a run is about, it names all of them.
type Gone struct {
	Account string `json:"account"`
	File    string `json:"file"`    // as it was called; "" where nothing says so
	Entries int    `json:"entries"` // that it had on its last run; 0 where it cannot be read
	RunID   string `json:"runId"`   // of that run; "" likewise
	Journal string `json:"journal"` // the folder that remembers it
	Error   string `json:"error"`   // why that cannot be read
}

// Totals is the summary in numbers.
type Totals struct {
	Files    int            `json:"files"`
	Verdicts map[string]int `json:"verdicts"` // how many files ended so; those that occur
	Summary  Summary        `json:"summary"`  // the sums of those of the rows
}

// NewAccounts returns a summary with nothing in it: no list is nil.
func NewAccounts() *Accounts {
	a := &Accounts{Schema: SummaryName}
	fillLists(a)
	return a
}

// Digest is the SHA-256 over one line for each file, in order of name: its own
// SHA-256 in hex, two spaces, and the name. It is what sha256sum says of its own
// output for the sorted files.
func (s PolicySet) Digest() string {
	sum := sha256.New()
	for _, f := range s.Files {
		fmt.Fprintf(sum, "%s  %s\n", f.SHA256, f.File)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// Of returns the files of a shard.
func (s Shard) Of(files []PolicyFile) []PolicyFile {
	var mine []PolicyFile
	for i := s.Index; i < len(files); i += s.Count {
		mine = append(mine, files[i])
	}
	return mine
}

// MostShards is more than an Indexed Job has completions.
const MostShards = 100_000

// Possible reports whether there is such a shard.
func (s Shard) Possible() bool {
	return s.Count >= 1 && s.Count <= MostShards && s.Index >= 0 && s.Index < s.Count
}

// Name is the file in which the summary of a shard lies.
func (s Shard) Name() string {
	if s.Count == 1 {
		return "summary.json"
	}
	return fmt.Sprintf("summary-%d-of-%d.json", s.Index, s.Count)
}

// Complete puts the rows in order, counts them, and names how the whole ended:
// by what its rows hold, and by what else holds. A policy that is gone is refused
// until somebody says that it is meant, and keeps nothing from the others.
func (a *Accounts) Complete(held end.Held) {
	slices.SortFunc(a.Files, func(x, y AccountRow) int { return cmp.Compare(x.File, y.File) })
	a.Totals = totals(a.Files)
	clean := end.Converged
	for _, row := range a.Files {
		held.Add(row.ExitCode)
		if row.Verdict == end.Planned {
			clean = end.Planned
		}
	}
	held.Refused = held.Refused || len(a.Gone) > 0
	a.Verdict = held.Verdict(clean, end.Planned)
	if len(a.Gone) > 0 {
		a.Verdict.Reasons = append(a.Verdict.Reasons, end.PolicyGone)
	}
	if len(a.Idle()) > 0 {
		a.Verdict.Reasons = append(a.Verdict.Reasons, end.NothingInEffect)
	}
}

// Idle are the files of whose policy no entry is in effect.
func (a *Accounts) Idle() (files []string) {
	for i := range a.Files {
		if a.Files[i].idle() {
			files = append(files, a.Files[i].File)
		}
	}
	return files
}

// idle reports whether a policy was read of which no entry is in effect.
func (row *AccountRow) idle() bool {
	return row.RunID != "" && row.Verdict != end.Invalid && row.Summary.InEffect == 0
}

func totals(rows []AccountRow) Totals {
	t := Totals{Files: len(rows), Verdicts: map[string]int{}}
	for _, row := range rows {
		t.Verdicts[string(row.Verdict)]++
		t.Summary.add(row.Summary)
	}
	return t
}

// add adds the numbers of another report.
func (s *Summary) add(o Summary) {
	for _, n := range []struct {
		to   *int
		from int
	}{
		{&s.Entries, o.Entries}, {&s.InEffect, o.InEffect}, {&s.Targets, o.Targets}, {&s.Actions, o.Actions}, {&s.Revoked, o.Revoked},
		{&s.Absent, o.Absent}, {&s.Blocked, o.Blocked}, {&s.Failed, o.Failed}, {&s.Unverified, o.Unverified}, {&s.Skipped, o.Skipped},
		{&s.Collateral, o.Collateral}, {&s.Settled, o.Settled}, {&s.Unknown, o.Unknown}, {&s.Residual, o.Residual},
		{&s.Accepted, o.Accepted}, {&s.Refused, o.Refused}, {&s.Pending, o.Pending}, {&s.Lapsed, o.Lapsed},
		{&s.Resurrected, o.Resurrected},
	} {
		*n.to += n.from
	}
}

// Tell fills in what a row says of its report.
func (row *AccountRow) Tell(r *Report) {
	row.RunID, row.StartedAt, row.FinishedAt = r.Run.ID, r.Run.StartedAt, r.Run.FinishedAt
	row.Verdict, row.ExitCode, row.Summary, row.Unfinished = r.Verdict.Name, r.Verdict.ExitCode, r.Summary, len(r.Unfinished)
	if len(r.Errors) > 0 {
		row.Error = r.Errors[0].Message
	}
}

// Disagrees says in what a report is not the one that the row tells of, "" where
// it is.
func (row *AccountRow) Disagrees(r *Report) string {
	for _, f := range []struct{ what, row, report string }{
		{"run", row.RunID, r.Run.ID}, {"verdict", string(row.Verdict), string(r.Verdict.Name)},
		{"exit code", fmt.Sprint(row.ExitCode), fmt.Sprint(r.Verdict.ExitCode)},
	} {
		if f.row != f.report {
			return fmt.Sprintf("its %s is %s, and that of the summary is %s", f.what, orDash(Plain(f.report)), orDash(Plain(f.row)))
		}
	}
	if r.Policy.SHA256 != "" && r.Policy.SHA256 != row.SHA256 {
		return "it is about another state of the policy file"
	}
	return ""
}

// Encode returns the summary as JSON; see [Report.Encode].
func (a *Accounts) Encode() ([]byte, error) { return encode(a) }

// DecodeAccounts reads a summary; see [Decode].
func DecodeAccounts(data []byte) (*Accounts, error) { return decode[Accounts](data, SummaryName) }

package report

import (
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"ackrevoke/job/end"
)

// SummaryAt is a summary and the file that it was read from.
type SummaryAt struct {
	Path string
	*Accounts
}

// Merge puts the summaries of all shards together, and proves that every policy
// file of the set was handled exactly once. What speaks against that is named,
// and then there is no merged summary:
//
//	damaged   the list of files does not have the digest, or the sums are not those of the rows
//	another   two summaries of different sets, numbers of shards or modes
//	missing   a shard without a summary, a file without a row
//	doubled   a shard with two summaries, a file with two rows
//	foreign   a row of a file that is not in the set, or not in that shard
//
// The first two end the proof: of different things nothing can be missing.
func Merge(parts []SummaryAt) (*Accounts, []string) {
	m := &merger{parts: parts}
	if len(parts) == 0 {
		return nil, []string{"missing: there is no summary at all"}
	}
	slices.SortStableFunc(m.parts, func(a, b SummaryAt) int {
		return slices.Compare([]int{a.Shard.Count, a.Shard.Index}, []int{b.Shard.Count, b.Shard.Index})
	})
	m.same()
	if len(m.wrong) == 0 {
		m.shards()
		m.rows()
	}
	if len(m.wrong) > 0 {
		return nil, m.wrong
	}
	return m.merged(), nil
}

// Superseded takes apart summaries of different numbers of shards, as they lie in a
// folder once that number has been changed: which of them are of now, and which have
// been superseded. Those with the number of the latest run are of now; another one has
// been superseded where its run had ended before the first of these began. What did
// not end by then is of now as well, and is for [Merge] to refuse.
func Superseded(parts []SummaryAt) (now, before []SummaryAt) {
	if len(parts) == 0 {
		return nil, nil
	}
	began := func(a, b SummaryAt) int { return a.Run.StartedAt.Compare(b.Run.StartedAt.Time) }
	count := slices.MaxFunc(parts, began).Shard.Count
	first := slices.MinFunc(slices.DeleteFunc(slices.Clone(parts), func(p SummaryAt) bool { return p.Shard.Count != count }), began)
	for _, p := range parts {
		if p.Shard.Count != count && p.Run.FinishedAt.Before(first.Run.StartedAt.Time) {
			before = append(before, p)
		} else {
			now = append(now, p)
		}
	}
	return now, before
}

type merger struct {
	parts []SummaryAt
	wrong []string
}

func (m *merger) say(format string, a ...any) { m.wrong = append(m.wrong, fmt.Sprintf(format, a...)) }

// same finds what is damaged, and what is of another thing than the first one.
func (m *merger) same() {
	first := m.parts[0]
	for _, p := range m.parts {
		switch {
		case p.Set.Digest() != p.Set.SHA256 || !slices.IsSortedFunc(p.Set.Files, byName):
			m.say("damaged: %s: its list of policy files is not the one of its digest", Plain(p.Path))
		case !p.Shard.Possible():
			m.say("damaged: %s: there is no shard %d of %d", Plain(p.Path), p.Shard.Index, p.Shard.Count)
		case !reflect.DeepEqual(p.Totals, totals(p.Files)):
			m.say("damaged: %s: its totals are not those of its rows", Plain(p.Path))
		case p.Set.SHA256 != first.Set.SHA256:
			m.say("another set of policy files: %s has %s, %s has %s", Plain(first.Path), first.Set.SHA256, Plain(p.Path), p.Set.SHA256)
		case p.Shard.Count != first.Shard.Count:
			m.say("another number of shards: %s is of %d, %s of %d", Plain(first.Path), first.Shard.Count, Plain(p.Path), p.Shard.Count)
		case p.Run.Mode != first.Run.Mode:
			m.say("another mode: %s is of mode %s, %s of mode %s", Plain(first.Path), first.Run.Mode, Plain(p.Path), p.Run.Mode)
		}
	}
}

// shards finds those of which there is no summary, or more than one.
func (m *merger) shards() {
	at := map[int][]string{}
	for _, p := range m.parts {
		at[p.Shard.Index] = append(at[p.Shard.Index], Plain(p.Path))
	}
	for i := range m.parts[0].Shard.Count {
		switch paths := at[i]; len(paths) {
		case 0:
			mine := Shard{i, m.parts[0].Shard.Count}.Of(m.parts[0].Set.Files)
			m.say("missing: shard %d of %d has no summary; its files: %s", i, m.parts[0].Shard.Count, named(mine))
		case 1:
		default:
			m.say("doubled: shard %d of %d has several summaries: %s", i, m.parts[0].Shard.Count, strings.Join(paths, ", "))
		}
	}
}

// rows finds files without a row, files with several, and rows without a file.
func (m *merger) rows() {
	set := m.parts[0].Set.Files
	handled := map[string]int{}
	for _, p := range m.parts {
		mine := p.Shard.Of(set)
		for _, row := range p.Files {
			name := Plain(row.File)
			switch {
			case slices.Contains(mine, row.PolicyFile):
			case !slices.ContainsFunc(set, func(f PolicyFile) bool { return f.File == row.File }):
				m.say("foreign: %s has a row for %s, which is not in the set", Plain(p.Path), name)
			case !slices.Contains(set, row.PolicyFile):
				m.say("foreign: %s has a row for another state of %s", Plain(p.Path), name)
			default:
				m.say("foreign: %s has a row for %s, which is in another shard", Plain(p.Path), name)
			}
			handled[row.File]++
		}
	}
	for i, f := range set {
		switch n := handled[f.File]; {
		case n == 0 && m.has(i%m.parts[0].Shard.Count): // else the shard is named
			m.say("missing: %s was not handled", Plain(f.File))
		case n > 1:
			m.say("doubled: %s was handled %d times", Plain(f.File), n)
		}
	}
}

// has reports whether a shard has a summary.
func (m *merger) has(shard int) bool {
	return slices.ContainsFunc(m.parts, func(p SummaryAt) bool { return p.Shard.Index == shard })
}

// named names files, the first few of them.
func named(files []PolicyFile) string {
	var names []string
	for _, f := range files {
		names = append(names, Plain(f.File))
	}
	return orDash(First(10, names))
}

func byName(a, b PolicyFile) int { return strings.Compare(a.File, b.File) }

// merged is the one summary of all parts, once nothing speaks against it.
func (m *merger) merged() *Accounts {
	first := m.parts[0]
	all := NewAccounts()
	all.Run = AccountsRun{Mode: first.Run.Mode, Version: first.Run.Version, StartedAt: first.Run.StartedAt, FinishedAt: first.Run.FinishedAt}
	all.Set, all.Shard = first.Set, Shard{Count: 1}
	var held end.Held
	for _, p := range m.parts {
		all.MergedFrom = append(all.MergedFrom, p.Path)
		all.Run.Interrupted = all.Run.Interrupted || p.Run.Interrupted
		if p.Run.StartedAt.Before(all.Run.StartedAt.Time) {
			all.Run.StartedAt = p.Run.StartedAt
		}
		if p.Run.FinishedAt.After(all.Run.FinishedAt.Time) {
			all.Run.FinishedAt = p.Run.FinishedAt
		}
		for _, g := range p.Gone {
			if !slices.ContainsFunc(all.Gone, func(x Gone) bool { return x.Account == g.Account }) {
				all.Gone = append(all.Gone, g)
			}
		}
		held.Add(p.Verdict.ExitCode)
		for _, row := range p.Files {
			if row.Report != "" {
				row.Report = filepath.Join(filepath.Dir(p.Path), row.Report)
			}
			all.Files = append(all.Files, row)
		}
	}
	all.Complete(held)
	return all
}

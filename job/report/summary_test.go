package report

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/job/end"
)

// sampleSet is a set of four policy files.
func sampleSet() PolicySet {
	s := PolicySet{Folder: "accounts"}
	for _, name := range []string{"a", "b", "c", "d"} {
		s.Files = append(s.Files, PolicyFile{name + ".yaml", strings.Repeat(name, 64)})
	}
	s.SHA256 = s.Digest()
	return s
}

func moment(text string) Time {
	v, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return At(v)
}

// sampleShard is the summary of a shard of it, in which everything went well.
func sampleShard(index, count int) SummaryAt {
	a := NewAccounts()
	a.Run = AccountsRun{ID: fmt.Sprint("run-", index), Mode: Apply, Version: "devel", StartedAt: moment("2026-11-23T12:00:00Z"),
		FinishedAt: moment(fmt.Sprintf("2026-11-23T12:0%d:00Z", index+1))}
	a.Set, a.Shard = sampleSet(), Shard{index, count}
	for _, f := range a.Shard.Of(a.Set.Files) {
		stem := strings.TrimSuffix(f.File, ".yaml")
		a.Files = append(a.Files, AccountRow{PolicyFile: f, Account: "1", Report: stem + ".json", RunID: stem, Verdict: end.Converged,
			Summary: Summary{Entries: 2, Revoked: 1}})
	}
	a.Complete(end.Held{})
	return SummaryAt{"out/" + a.Shard.Name(), a}
}

func TestMerge(t *testing.T) {
	t.Parallel()
	two := sampleShard(1, 2)
	two.Files[0].Verdict, two.Files[0].ExitCode = end.Refused, end.CodeRefused
	two.Complete(end.Held{})
	all, wrong := Merge([]SummaryAt{two, sampleShard(0, 2)})
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	var rows []string
	for _, r := range all.Files {
		rows = append(rows, r.File+" "+r.Report+" "+string(r.Verdict))
	}
	want := []string{"a.yaml out/a.json converged", "b.yaml out/b.json refused", "c.yaml out/c.json converged", "d.yaml out/d.json converged"}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(Totals{Files: 4, Verdicts: map[string]int{"converged": 3, "refused": 1}, Summary: Summary{Entries: 8, Revoked: 4}},
		all.Totals); diff != "" {
		t.Errorf("totals (-want +got):\n%s", diff)
	}
	if all.Verdict.ExitCode != end.CodeRefused || all.Shard != (Shard{0, 1}) || all.Run.FinishedAt != moment("2026-11-23T12:02:00Z") ||
		!slices.Equal(all.MergedFrom, []string{"out/summary-0-of-2.json", "out/summary-1-of-2.json"}) {
		t.Errorf("%+v %+v %v", all.Verdict, all.Run, all.MergedFrom)
	}
	data, err := all.Encode()
	must(t, err)
	again, err := DecodeAccounts(data)
	must(t, err)
	if diff := cmp.Diff(all, again); diff != "" {
		t.Errorf("read back (-written +read):\n%s", diff)
	}
	doc := parse(t, data)
	for i, s := range []any{parse(t, Schema("summary")), closed(parse(t, Schema("summary")))} {
		if err := compile(t, s).Validate(doc); err != nil {
			t.Errorf("schema (closed: %t): %v", i == 1, err)
		}
	}
}

// What is gone is gone for all shards, and said once.
func TestMergeOfWhatIsGone(t *testing.T) {
	t.Parallel()
	parts := []SummaryAt{sampleShard(0, 2), sampleShard(1, 2)}
	for i, gone := range [][]Gone{{{Account: "7", File: "x.yaml", Entries: 3}}, {{Account: "7", File: "x.yaml", Entries: 3}, {Account: "8"}}} {
		parts[i].Gone = gone
		parts[i].Complete(end.Held{})
	}
	all, wrong := Merge(parts)
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	if len(all.Gone) != 2 || all.Verdict.ExitCode != end.CodeRefused ||
		!slices.Equal(all.Verdict.Reasons[:2], []string{"refused", end.PolicyGone}) {
		t.Errorf("%+v %+v", all.Gone, all.Verdict)
	}
}

// What speaks against "every file exactly once" is named, and nothing is merged.
func TestMergeRefuses(t *testing.T) {
	t.Parallel()
	drop := func(s SummaryAt, i int) SummaryAt {
		s.Files = slices.Delete(s.Files, i, i+1)
		s.Complete(end.Held{})
		return s
	}
	put := func(s SummaryAt, row AccountRow) SummaryAt {
		row.Verdict = end.Converged
		s.Files = append(s.Files, row)
		s.Complete(end.Held{})
		return s
	}
	changed := func(s SummaryAt, change func(*Accounts)) SummaryAt { change(s.Accounts); return s }
	set := sampleSet().Files
	for name, c := range map[string]struct {
		parts []SummaryAt
		want  []string
	}{
		"nothing": {nil, []string{"missing: there is no summary at all"}},
		"a missing shard": {[]SummaryAt{sampleShard(1, 3), sampleShard(2, 3)},
			[]string{"missing: shard 0 of 3 has no summary; its files: a.yaml, d.yaml"}},
		"a doubled shard": {[]SummaryAt{sampleShard(0, 2), sampleShard(1, 2), {"other/summary-1-of-2.json", sampleShard(1, 2).Accounts}},
			[]string{"doubled: shard 1 of 2 has several summaries: out/summary-1-of-2.json, other/summary-1-of-2.json",
				"doubled: b.yaml was handled 2 times", "doubled: d.yaml was handled 2 times"}},
		"a missing file": {[]SummaryAt{sampleShard(0, 2), drop(sampleShard(1, 2), 0)}, []string{"missing: b.yaml was not handled"}},
		"a doubled file": {[]SummaryAt{put(sampleShard(0, 1), AccountRow{PolicyFile: set[1]})}, []string{"doubled: b.yaml was handled 2 times"}},
		"a file of another shard": {[]SummaryAt{sampleShard(0, 2), put(sampleShard(1, 2), AccountRow{PolicyFile: set[0]})},
			[]string{"foreign: out/summary-1-of-2.json has a row for a.yaml, which is in another shard", "doubled: a.yaml was handled 2 times"}},
		"a foreign file": {[]SummaryAt{put(sampleShard(0, 1), AccountRow{PolicyFile: PolicyFile{"x.yaml", set[0].SHA256}})},
			[]string{"foreign: out/summary.json has a row for x.yaml, which is not in the set"}},
		"another state of a file": {[]SummaryAt{changed(sampleShard(0, 1), func(a *Accounts) { a.Files[2].SHA256 = strings.Repeat("f", 64) })},
			[]string{"foreign: out/summary.json has a row for another state of c.yaml"}},
		"another set": {[]SummaryAt{sampleShard(0, 2), changed(sampleShard(1, 2), func(a *Accounts) {
			a.Set.Files[0].SHA256 = strings.Repeat("f", 64)
			a.Set.SHA256 = a.Set.Digest()
		})}, []string{"another set of policy files: out/summary-0-of-2.json has " + sampleSet().SHA256 + ", out/summary-1-of-2.json has "}},
		"another number of shards": {[]SummaryAt{sampleShard(0, 1), sampleShard(1, 2)},
			[]string{"another number of shards: out/summary.json is of 1, out/summary-1-of-2.json of 2"}},
		"another mode": {[]SummaryAt{sampleShard(0, 2), changed(sampleShard(1, 2), func(a *Accounts) { a.Run.Mode = DryRun })},
			[]string{"another mode: out/summary-0-of-2.json is of mode apply, out/summary-1-of-2.json of mode dry-run"}},
		"a list that is not that of the digest": {[]SummaryAt{changed(sampleShard(0, 1), func(a *Accounts) { a.Set.Files = a.Set.Files[1:] })},
			[]string{"damaged: out/summary.json: its list of policy files is not the one of its digest"}},
		"a shard that cannot be": {[]SummaryAt{changed(sampleShard(0, 1), func(a *Accounts) { a.Shard = Shard{3, 2} })},
			[]string{"damaged: out/summary.json: there is no shard 3 of 2"}},
		"sums that are not those of the rows": {[]SummaryAt{changed(sampleShard(0, 1), func(a *Accounts) { a.Totals.Summary.Revoked++ })},
			[]string{"damaged: out/summary.json: its totals are not those of its rows"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all, wrong := Merge(c.parts)
			if all != nil || len(wrong) != len(c.want) {
				t.Fatalf("merged: %t; said:\n%s", all != nil, strings.Join(wrong, "\n"))
			}
			for i, w := range c.want {
				if !strings.HasPrefix(wrong[i], w) {
					t.Errorf("said %q, want %q", wrong[i], w)
				}
			}
		})
	}
}

// Shards of any number have every file once between them, and an empty shard is one too.
func TestShards(t *testing.T) {
	t.Parallel()
	for count := 1; count < 7; count++ {
		var parts []SummaryAt
		for i := range count {
			parts = append(parts, sampleShard(i, count))
		}
		all, wrong := Merge(parts)
		if len(wrong) > 0 || len(all.Files) != 4 {
			t.Errorf("%d shards: %v", count, wrong)
		}
	}
	for _, s := range []Shard{{0, 0}, {-1, 2}, {2, 2}, {0, MostShards + 1}} {
		if s.Possible() {
			t.Errorf("%+v is possible", s)
		}
	}
}

// A summary and a report that lies beside it must be of one run.
func TestRowAndReport(t *testing.T) {
	t.Parallel()
	r := converged()
	row := AccountRow{PolicyFile: PolicyFile{"a.yaml", r.Policy.SHA256}}
	row.Tell(r)
	if why := row.Disagrees(r); why != "" || row.Summary != r.Summary {
		t.Errorf("its own report: %s", why)
	}
	for want, change := range map[string]func(*Report){
		"its run is":           func(r *Report) { r.Run.ID = "another" },
		"its verdict is":       func(r *Report) { r.Verdict.Name = end.Failed },
		"its exit code is":     func(r *Report) { r.Verdict.ExitCode = 5 },
		"it is about another ": func(r *Report) { r.Policy.SHA256 = strings.Repeat("f", 64) },
	} {
		r := converged()
		if change(r); !strings.HasPrefix(row.Disagrees(r), want) {
			t.Errorf("%q, want %q", row.Disagrees(r), want)
		}
	}
}

// Every number of a report is in the sums.
func TestTotalsHaveEveryNumber(t *testing.T) {
	t.Parallel()
	var one, sum Summary
	v := reflect.ValueOf(&one).Elem()
	for i := range v.NumField() {
		v.Field(i).SetInt(int64(i) + 1)
	}
	sum.add(one)
	if sum != one {
		t.Errorf("%+v is not %+v", sum, one)
	}
}

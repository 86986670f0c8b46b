package page

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"ackrevoke/job/report"
)

// calls show the attempts by operation, as bars of what came of each.
func (p *Page) calls(c report.Calls) {
	if len(c.ByOperation) == 0 {
		return
	}
	names := slices.SortedFunc(maps.Keys(c.ByOperation), func(a, b string) int {
		return cmp.Or(c.ByOperation[b]-c.ByOperation[a], cmp.Compare(a, b))
	})
	longest := max(1, c.ByOperation[names[0]])
	t := Table{Caption: "Calls by operation", Columns: columns("Operation", "#Calls", "#Throttled", "#Failed", "Of the most frequent")}
	t.Columns[4].Bars = true
	for _, name := range names {
		n, by := c.ByOperation[name], c.ByResult[name]
		bar := []Part{{Tone: Good, Share: 1000 * max(0, n-by.Throttled-by.Failed) / longest}}
		for _, part := range []Part{{Tone: Act, Share: 1000 * by.Throttled / longest}, {Tone: Bad, Share: 1000 * by.Failed / longest}} {
			last := bar[len(bar)-1]
			part.At = last.At + last.Share
			bar = append(bar, part)
		}
		t.Lines = append(t.Lines, Line{Cells: []Cell{{Text: report.Plain(name), Code: true}, {Text: thousands(n)},
			{Text: thousands(by.Throttled)},
			{Text: thousands(by.Failed)}, {Text: fmt.Sprintf("%d%%", 100*n/longest), Bar: bar}}})
	}
	lead := sentence(fmt.Sprintf("%s and %s; %s, %s throttled", count(c.Reads, "read", "reads"), count(c.Writes, "write", "writes"),
		count(c.Retries, "repetition", "repetitions"), thousands(c.Throttled)))
	if r := c.Rate; r != nil {
		lead += fmt.Sprintf(" The service was found to allow %.1f calls a second, of which a share of %g was to be used; %.1f were used.",
			r.Found, r.Share, r.Used)
	}
	p.section(Section{ID: "calls", Title: "Calls", Count: c.Reads + c.Writes, Tables: []Table{t}, Lead: lead})
}

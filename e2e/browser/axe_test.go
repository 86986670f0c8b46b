package browser

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// found is what axe-core says of a page.
type found struct {
	Violations, Incomplete []string
	Rules                  []string // that had something to look at
	All                    int      // that were run
}

const runAxe = `axe.run(document, { resultTypes: ["violations", "incomplete"] }).then(function (r) {
	function each(list) { return list.reduce(function (all, rule) { return all.concat(rule.nodes.map(function (n) {
		return rule.id + " (" + rule.impact + "): " + n.html.slice(0, 160) + " " +
			(n.failureSummary || "").replace(/\s+/g, " ").slice(0, 300); })); }, []); }
	var seen = r.violations.concat(r.passes, r.incomplete);
	return { violations: each(r.violations), incomplete: each(r.incomplete), rules: seen.map(function (rule) { return rule.id; }),
		all: seen.length + r.inapplicable.length };
})`

// axe-core, with all of its rules, finds nothing on any page: light, dark, and at
// the width of a telephone. What it cannot decide is counted, and measured by
// [TestContrast].
func TestAxe(t *testing.T) {
	r := shows(t, "axe-core finds no violation: light, dark and 360 px")
	if axeLack != nil {
		t.Skip("make test-browser: skipped,", axeLack)
	}
	rules, undecided, pages, all := map[string]bool{}, map[string]int{}, 0, 0
	for _, d := range documents(t) {
		b := open(t, d.page, desk)
		ask[int](b, axe+";0")
		ask[int](b, `look.open(), 0`)
		for _, l := range []look{desk, {width: 1280, height: 800, dark: true}, {width: 360, height: 740}} {
			b.looks(l)
			got := ask[found](b, runAxe)
			none(t, fmt.Sprintf("%s, %v", d.name, l), got.Violations)
			for _, rule := range got.Rules {
				rules[rule] = true
			}
			for _, what := range got.Incomplete {
				id, _, _ := strings.Cut(what, " ")
				undecided[id]++
			}
			pages, all = pages+1, got.All
		}
		b.close()
	}
	r.measured("%d views, %d rules, of which %d had something to look at; undecided: %v", pages, all, len(rules), undecided)
	t.Logf("axe-core looked with: %s", strings.Join(slices.Sorted(maps.Keys(rules)), ", "))
}

// What axe-core leaves open is measured: every text stands out from what is behind
// it by 4.5 to 1 or more, signs in the matrix too.
func TestContrast(t *testing.T) {
	r := shows(t, "every text has a contrast of 4.5 or more: light, dark and on paper")
	least := 21.0
	for _, d := range documents(t) {
		b := open(t, d.page, desk)
		ask[int](b, `look.open(), 0`)
		for _, l := range []look{desk, {width: 1280, height: 800, dark: true}, {width: 1280, height: 800, media: "print"}} {
			b.looks(l)
			got := ask[struct {
				Least float64
				Faint []string
			}](b, `look.faint(4.5)`)
			none(t, fmt.Sprintf("%s, %v, faint", d.name, l), got.Faint)
			least = min(least, got.Least)
		}
		if dark := ask[bool](b, `look.luminance(look.behind(document.body)) < 0.1`); dark {
			t.Errorf("%s is dark on paper", d.name)
		}
		b.close()
	}
	r.measured("%.1f at least", least)
}

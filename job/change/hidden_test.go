package change

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ackrevoke/job/report"
	"ackrevoke/policy"
)

// Of two lists that are too long to be shown, what is in one alone is shown.
func TestWhatDiffersInLongListsIsShown(t *testing.T) {
	t.Parallel()
	var many []string
	for i := range 30 {
		many = append(many, fmt.Sprintf("a%02d", i))
	}
	for name, change := range map[string]func(p *policy.Policy, list []string){
		"scope.exclude": func(p *policy.Policy, list []string) { p.Scope.Exclude = list },
		"scope.include": func(p *policy.Policy, list []string) { p.Scope.Include = list },
		"clusters":      func(p *policy.Policy, list []string) { p.Principals[0].Clusters = list },
	} {
		before, after := full(), full()
		change(before, append(many[:29:29], "prod-old"))
		change(after, append(many[:29:29], "prod-new"))
		var text, md strings.Builder
		d := diffOf(before, after)
		if err := d.Text(&text, report.Look{}); err != nil {
			t.Fatal(err)
		}
		if err := d.Markdown(&md); err != nil {
			t.Fatal(err)
		}
		for _, said := range []string{text.String(), md.String()} {
			if !strings.Contains(said, "prod-old") || !strings.Contains(said, "prod-new") {
				t.Errorf("%s: which cluster it is about is not told:\n%s", name, said)
			}
		}
	}
}

// An exception that lowers one cap and raises another loosens where it ends, for
// the lower one is gone.
func TestEndOfAMixedException(t *testing.T) {
	t.Parallel()
	n := func(n int) *int { return &n }
	end := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, to := range map[string]*policy.Raise{
		"taken out": nil,
		"sooner":    {MaxPrincipals: n(2), MaxRevocations: n(500), Until: end.AddDate(0, -1, 0)},
		"later":     {MaxPrincipals: n(2), MaxRevocations: n(500), Until: end.AddDate(0, 1, 0)},
	} {
		before, after := full(), full()
		before.Guards.Raise = &policy.Raise{MaxPrincipals: n(2), MaxRevocations: n(500), Until: end}
		after.Guards.Raise = to
		if d := diffOf(before, after); d.Summary.Loosened != 1 || d.Summary.Tightened != 0 {
			t.Errorf("%s: %+v", name, d.Changes)
		}
	}
}

// The titles have colours where the terminal has them, and no text of others brings any.
func TestTitlesHaveColours(t *testing.T) {
	t.Parallel()
	before, after := full(), full()
	before.Guards.AllowEmpty, after.Guards.AllowEmpty = false, true
	after.Principals[0].Note = "\x1b[32m"
	var text strings.Builder
	style := func(tone report.Tone, text string) string { return "<" + string(tone) + ">" + text }
	if err := diffOf(before, after).Text(&text, report.Look{Style: style}); err != nil {
		t.Fatal(err)
	}
	s := text.String()
	if !strings.Contains(s, "\n<refused>Loosened") || !strings.Contains(s, "\n<acting>Changed") || strings.Contains(s, "\x1b") {
		t.Errorf("%q", s)
	}
}

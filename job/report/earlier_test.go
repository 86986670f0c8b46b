package report

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A report of a version that knew nothing of earlier runs is read and adds up.
func TestReportsBeforeResurrections(t *testing.T) {
	t.Parallel()
	data := encoded(t, converged())
	old := regexp.MustCompile(`,\s*"resurrected": 0`).ReplaceAll(data, nil)
	if bytes.Equal(old, data) {
		t.Fatal("nothing was taken out")
	}
	r, err := Decode(old)
	must(t, err)
	must(t, Check(r))
	if err := compile(t, parse(t, Schema("report"))).Validate(parse(t, old)); err != nil {
		t.Error(err)
	}
}

// The word, the earlier run and the number go together.
func TestResurrectionsAreCounted(t *testing.T) {
	t.Parallel()
	if n := incomplete().Summary.Resurrected; n != 3 {
		t.Fatalf("%d resurrected, want two actions and a residual", n)
	}
	for name, spoil := range map[string]func(r *Report){
		"because says":        func(r *Report) { r.Plan.Actions[0].Because = []string{Resurrected} },
		"summary.resurrected": func(r *Report) { r.Summary.Resurrected++ },
		"was given back":      func(r *Report) { r.Plan.Actions[0].GivenBack = &Earlier{}; r.Plan.Actions[0].Resurrect(Earlier{}) },
	} {
		r := converged()
		must(t, Check(r))
		if spoil(r); Check(r) == nil || !strings.Contains(Check(r).Error(), name) {
			t.Errorf("%s: %v", name, Check(r))
		}
	}
	a := Action{Because: []string{"all-clusters"}}
	for range 2 {
		if a.Resurrect(Earlier{}); !slices.Equal(a.Because, []string{"all-clusters", Resurrected}) {
			t.Errorf("%q", a.Because)
		}
	}
}

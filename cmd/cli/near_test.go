package cli

import (
	"slices"
	"strings"
	"testing"
)

// A question names what few slips make of a word, and never what is far off.
func TestNear(t *testing.T) {
	words := []string{"policy", "policy-dir", "report", "region", "dry-run", "push", "max-principals", "max-revocations"}
	for typed, want := range map[string][]string{
		"polcy": {"policy"}, "policy": {"policy"}, "POLICY": {"policy"}, "plciy": {"policy"}, "dryrun": {"dry-run"}, "repotr": {"report"},
		"max": {"max-principals", "max-revocations"}, "psuh": {"push"}, "zzz": nil, "": nil, "x": nil,
		strings.Repeat("a", 1000): nil,
	} {
		if got := near(typed, words); !slices.Equal(got, want) {
			t.Errorf("near(%.20q) = %q, want %q", typed, got, want)
		}
	}
	if got := question("a", "b"); got != "did you mean a or b?" || question() != "" {
		t.Error(got)
	}
}

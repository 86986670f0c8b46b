package report

import (
	"slices"
	"testing"
)

func TestFirst(t *testing.T) {
	t.Parallel()
	names := []string{"a", "b", "c", "d"}
	for most, want := range []string{"and 4 more", "a, and 3 more", "a, b, and 2 more", "a, b, c, and 1 more", "a, b, c, d", "a, b, c, d"} {
		if got := First(most, names); got != want {
			t.Errorf("the first %d: %q, want %q", most, got, want)
		}
	}
	if !slices.Equal(names, []string{"a", "b", "c", "d"}) {
		t.Errorf("the list itself was changed: %q", names)
	}
	if got := First(3, nil); got != "" {
		t.Errorf("of nothing: %q", got)
	}
}

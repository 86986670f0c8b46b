package end

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Whatever holds beside it, the weightiest is how it ended, and all are named.
func TestTheWeightiestWins(t *testing.T) {
	all := Held{Invalid: true, Error: true, Signal: 143, Failed: true, Refused: true, Incomplete: true, Left: true}
	codes := []int{2, 1, 143, 5, 4, 6, 3, 0} // contract.md section 4
	names := []string{"invalid", "error", "interrupted", "failed", "refused", "incomplete", "planned"}
	for i, clear := range []func(){func() { all.Invalid = false }, func() { all.Error = false }, func() { all.Signal = 0 },
		func() { all.Failed = false },
		func() { all.Refused = false }, func() { all.Incomplete = false }, func() { all.Left = false }, func() {}} {
		v := all.Verdict(Converged, Planned)
		if v.ExitCode != codes[i] || !slices.Equal(v.Reasons, names[i:]) {
			t.Errorf("%+v: %+v, want exit code %d and %v", all, v, codes[i], names[i:])
		}
		clear()
	}
}

// A context that ended says once why: a signal is no lack of time.
func TestCut(t *testing.T) {
	for _, c := range []struct {
		cause error
		held  Held
		late  error
	}{
		{SIGINT, Held{Signal: 130}, nil},
		{ErrTimeLimit, Held{Incomplete: true}, ErrTimeLimit},
	} {
		ctx, cancel := context.WithCancelCause(t.Context())
		var held Held
		if late := held.Cut(ctx); late != nil || held != (Held{}) {
			t.Errorf("before the end: %v, %+v", late, held)
		}
		cancel(c.cause)
		if late := held.Cut(ctx); !errors.Is(late, c.late) || !reflect.DeepEqual(held, c.held) {
			t.Errorf("%v: %v, %+v", c.cause, late, held)
		}
	}
}

// No other exit number stands in the code: whoever wants to know how a command
// can end reads this package.
func TestNoOtherExitNumber(t *testing.T) {
	number := regexp.MustCompile(`\b(exit|code|Code) ?[:=]+ ?[0-9]`)
	seen := 0
	for _, root := range []string{"../../cmd", "../../job"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") ||
				strings.Contains(path, "job/end/") {
				return err
			}
			seen++
			source, err := os.ReadFile(path)
			if found := number.FindAllString(string(source), -1); len(found) > 0 {
				t.Errorf("%s has exit numbers of its own: %q", path, found)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if seen < 80 {
		t.Errorf("only %d files were looked at", seen)
	}
}

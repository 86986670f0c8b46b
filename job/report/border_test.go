package report

import (
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"
)

// The report outlives the program: it may know what policy believes, and
// nothing of how a run came about, or it could not be read without one. No
// network and no log either: it is a protocol.
func TestBorder(t *testing.T) {
	t.Parallel()
	forbidden := []string{"net", "log", "os/exec", "math/rand"}
	files, err := os.ReadDir(".")
	must(t, err)
	seen := 0
	for _, file := range files {
		name := file.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		seen++
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		must(t, err)
		for _, spec := range parsed.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			must(t, err)
			first, _, _ := strings.Cut(path, "/")
			if ours := first == "ackrevoke"; ours && path != "ackrevoke/policy" && path != "ackrevoke/policy/audit" && path != "ackrevoke/job/end" &&
				path != "ackrevoke/job/file" || strings.Contains(first, ".") && path != "github.com/mattn/go-runewidth" {
				t.Errorf("%s imports %s: only policy, endings, files, widths of characters and the standard library may be known", name, path)
			}
			for _, f := range forbidden {
				if path == f || strings.HasPrefix(path, f+"/") {
					t.Errorf("%s imports %s: a report is written and read, it does not act", name, path)
				}
			}
		}
		source, err := os.ReadFile(name)
		must(t, err)
		if strings.Contains(string(source), "time.Now(") {
			t.Errorf("%s reads the clock: moments come in with what is reported", name)
		}
	}
	if seen == 0 {
		t.Error("no source was looked at")
	}
}

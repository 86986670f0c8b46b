package job

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// job knows policy, the report and errgroup: not ack (the ports are satisfied
// by shape, so that a run can be tested against anything), not cmd (nothing
// imports the porch), no logger (it tells events, the porch words them).
func TestBorders(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	allowed := map[string]bool{"ackrevoke/policy": true, "ackrevoke/policy/kubeconfig": true, "ackrevoke/job/report": true, "golang.org/x/sync/errgroup": true}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range f.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			if first, _, _ := strings.Cut(path, "/"); (strings.Contains(first, ".") || first == "ackrevoke") && !allowed[path] {
				t.Errorf("%s imports %s", name, path)
			}
			if path == "net/http" || path == "log" || path == "testing" {
				t.Errorf("%s imports %s", name, path)
			}
		}
	}
}

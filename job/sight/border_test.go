package sight

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Looking needs what is believed, and a limit of reads at a time: not the journal
// nor anything else that writes, and not the report, whose form is no matter here.
func TestBorder(t *testing.T) {
	allowed := map[string]bool{"ackrevoke/policy": true, "ackrevoke/policy/kubeconfig": true, "golang.org/x/sync/errgroup": true}
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
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
			if first, _, _ := strings.Cut(path, "/"); (strings.Contains(first, ".") || first == "ackrevoke") && !allowed[path] || path == "net/http" || path == "log" {
				t.Errorf("%s imports %s", name, path)
			}
		}
	}
}

package policy

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// The deciding room has no I/O, no clock, no chance and no log: the same input
// must give the same plan, or a plan that was reviewed is worth nothing.
func TestBorders(t *testing.T) {
	why := map[string]string{
		"os": "files are the porch's", "io/fs": "files are the porch's", "net": "the wire is ack's", "net/http": "the wire is ack's",
		"log": "a planner does not log", "log/slog": "a planner does not log", "math/rand": "a plan has no chance in it",
		"math/rand/v2": "a plan has no chance in it",
		"context":      "nothing here waits", "testing": "that is for tests", "sync": "nothing here runs side by side",
	}
	files, err := filepath.Glob("*.go")
	folded, errAudit := filepath.Glob("audit/*.go")
	if err != nil || errAudit != nil || len(files) == 0 || len(folded) == 0 {
		t.Fatal("no files", err, errAudit)
	}
	for _, name := range append(files, folded...) {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range f.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			first, _, _ := strings.Cut(path, "/")
			if reason := why[path]; reason != "" {
				t.Errorf("%s imports %s: %s", name, path, reason)
			}
			if (strings.Contains(first, ".") || first == "ackrevoke") && path != "gopkg.in/yaml.v3" &&
				(path != "ackrevoke/policy" || !strings.HasPrefix(name, "audit")) {
				t.Errorf("%s imports %s: this room needs the standard library and yaml.v3 only", name, path)
			}
		}
		ast.Inspect(f, func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := s.X.(*ast.Ident); ok && x.Name == "time" && (s.Sel.Name == "Now" || s.Sel.Name == "Since" || s.Sel.Name == "Until") {
				t.Errorf("%s calls time.%s: now is an argument", name, s.Sel.Name)
			}
			return true
		})
	}
}

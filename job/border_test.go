package job

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ackrevoke/job/sight"
)

// job knows policy, the report and errgroup: not ack (the ports are satisfied
// by shape, so that a run can be tested against anything), not cmd (nothing
// imports the porch), no logger (it tells events, the porch words them).
func TestBorders(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	allowed := map[string]bool{"ackrevoke/policy": true, "ackrevoke/policy/kubeconfig": true, "ackrevoke/job/report": true, "ackrevoke/job/end": true, "ackrevoke/job/sight": true, "ackrevoke/job/write": true, "golang.org/x/sync/errgroup": true}
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

// Giving, and the caller's own credential, are commands of their own, and a run
// has no path to them: what their files declare for others is named in no other
// file, nobody else makes such a call, and the ports of a run have none.
func TestARunCannotGive(t *testing.T) {
	apart := []string{"restore.go", "give.go", "prove.go", "own.go"}
	journal := []string{"GivesBack", "TakesBack", "RevokesOwn"} // what a journal may hold, all must be able to read
	calls := []string{"Grant", "RevokeOwn"}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	parsed, theirs := map[string]*ast.File{}, map[string]string{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(apart, name) {
			parsed[name] = f
			continue
		}
		for _, o := range f.Scope.Objects { // of the package
			if o.Kind == ast.Typ || ast.IsExported(o.Name) && !slices.Contains(journal, o.Name) {
				theirs[o.Name] = name
			}
		}
	}
	for _, name := range []string{"Granter", "GiveBack", "RestoreConfig", "restore", "OwnRevoker", "Disown", "OwnConfig"} {
		if theirs[name] == "" {
			t.Errorf("%s is not declared where it is looked for", name)
		}
	}
	for name, f := range parsed {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				if where := theirs[n.Name]; where != "" {
					t.Errorf("%s names %s of %s", name, n.Name, where)
				}
			case *ast.CallExpr:
				if s, ok := n.Fun.(*ast.SelectorExpr); ok && slices.Contains(calls, s.Sel.Name) {
					t.Errorf("%s calls %s", name, s.Sel.Name)
				}
			}
			return true
		})
	}
	for _, port := range []reflect.Type{reflect.TypeFor[sight.Reader](), reflect.TypeFor[Revoker]()} {
		for _, method := range calls {
			if _, has := port.MethodByName(method); has {
				t.Errorf("%s has %s", port, method)
			}
		}
	}
}

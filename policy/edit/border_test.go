package edit

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Changing a text is as pure as deciding: bytes in, bytes out. Who reads and
// writes the file, and asks whether it has changed meanwhile, is the porch.
func TestBorders(t *testing.T) {
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
			first, _, _ := strings.Cut(path, "/")
			switch {
			case path == "gopkg.in/yaml.v3", path == "ackrevoke/policy", path == "github.com/aymanbagabas/go-udiff":
			case strings.Contains(first, "."), first == "ackrevoke":
				t.Errorf("%s imports %s: this room needs the standard library, yaml.v3, a diff and policy", name, path)
			case path == "os", path == "io/fs", path == "net", path == "log", path == "context", path == "math/rand/v2", path == "testing":
				t.Errorf("%s imports %s: this room changes text and touches nothing", name, path)
			}
		}
	}
}

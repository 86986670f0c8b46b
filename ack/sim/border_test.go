package sim_test

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestBorder keeps the room closed. It may use the standard library and the YAML parser. Nothing of ours: a fake that shares our
// types shares our mistakes. None of the vendor's SDKs: the wire is known here from the documentation, and the tests hold it
// against the SDKs. And not testing: a command serves the account to people.
func TestBorder(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range f.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			first, _, _ := strings.Cut(path, "/")
			switch {
			case path == "gopkg.in/yaml.v3":
			case strings.Contains(first, "."), first == "ackrevoke", first == "testing":
				t.Errorf("%s imports %s", file, path)
			}
		}
	}
}

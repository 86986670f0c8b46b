package sim_test

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
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

// TestKeys keeps the making of private keys in one file: there the account's own CA is, and nowhere else may a key come from.
func TestKeys(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	found := false
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range f.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			makes := slices.Contains([]string{"crypto/ecdsa", "crypto/ecdh", "crypto/ed25519", "crypto/rsa", "crypto/dsa", "crypto/rand",
				"crypto/x509"}, path)
			found = found || makes
			if makes && file != "authority.go" && !strings.HasSuffix(file, "_test.go") {
				t.Errorf("%s imports %s", file, path)
			}
		}
	}
	if !found {
		t.Error("the file that makes keys is gone; so can this test be")
	}
}

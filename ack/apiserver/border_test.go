package apiserver

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// The file that this room opens comes from an attacker: it can run nothing,
// open nothing and tell nobody.
func TestBorders(t *testing.T) {
	refused := map[string]string{
		"os/exec": "a kubeconfig may name a program; nothing here could run it",
		"os":      "a kubeconfig may name files; nothing here could open one",
		"log":     "a log line is a way out for a key", "log/slog": "a log line is a way out for a key",
		"ackrevoke/ack": "the cloud is another service with other keys", "ackrevoke/job": "job names the port it needs by shape",
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	looked := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		looked++
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range f.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			if why := refused[path]; why != "" {
				t.Errorf("%s imports %s: %s", name, path, why)
			}
			first, _, _ := strings.Cut(path, "/")
			if (strings.Contains(first, ".") || first == "ackrevoke") && path != "ackrevoke/policy/kubeconfig" {
				t.Errorf("%s imports %s: only policy/kubeconfig and the standard library belong here", name, path)
			}
		}
	}
	if looked < 5 {
		t.Errorf("only %d files were looked at", looked)
	}
}

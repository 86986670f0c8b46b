package cli_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"ackrevoke/cmd/test/stage"
)

// Who may not import what in cmd, and why. A rule is about the files of a folder
// and of those below it that are part of the program.
var borders = []struct{ folder, not, why string }{
	{"cmd", "testing", "what only tests need is no part of the program"},
	{"cmd", "ackrevoke/cmd/test/", "nor is the stage on which they play"},
	{"cmd/cli/voice", "ackrevoke/ack", "words are about what was found, whoever found it; but see sim"},
	{"cmd/cli/voice", "github.com/spf13/cobra", "nor do they know the command line"},
	{"cmd/cli/findings", "ackrevoke/ack", "a format knows findings, and no account"},
	{"cmd/cli/findings", "github.com/spf13/cobra", "nor the command line"},
	{"cmd/cli/schedule", "ackrevoke/", "when a run is due is a matter of clocks alone"},
	{"cmd/cli/revision", "ackrevoke/", "what a revision held is bytes, whatever they mean"},
	{"cmd", "os/exec", "one package runs another program, and only git"},
	{"cmd/ackrevoke", "ackrevoke/ack", "the process knows the program, and not what it does"},
	{"cmd/ackrevoke", "ackrevoke/job", "likewise"},
	{"cmd/ackrevoke", "ackrevoke/policy", "likewise"},
}

// allowed are the exceptions, each with its reason in the file that needs it.
var allowed = map[string]string{
	"cmd/cli/voice":    "ackrevoke/ack/sim", // the problems of an estate are listed like those of a policy
	"cmd/cli/revision": "os/exec",
}

func TestBorders(t *testing.T) {
	files := 0
	err := filepath.WalkDir(filepath.Join(stage.Root(), "cmd"), func(path string, d fs.DirEntry, err error) error {
		name := filepath.ToSlash(strings.TrimPrefix(path, stage.Root()+string(filepath.Separator)))
		program := strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") && !strings.HasPrefix(name, "cmd/test/")
		if err != nil || d.IsDir() || !program {
			return err
		}
		files++
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range f.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value)
			for _, b := range borders {
				inside := strings.HasPrefix(name, b.folder+"/")
				hit := imported == b.not || strings.HasPrefix(imported, strings.TrimSuffix(b.not, "/")+"/")
				excepted := allowed[filepath.ToSlash(filepath.Dir(name))] == imported
				if inside && hit && !excepted {
					t.Errorf("%s imports %s: %s", name, imported, b.why)
				}
			}
		}
		return nil
	})
	if err != nil || files < 20 {
		t.Errorf("%d files: %v", files, err)
	}
}

// A function that is longer than a screen hides something, and so does a line that
// is wider than one; a text of several lines stands as it is.
func TestNothingIsTooLong(t *testing.T) {
	files := 0
	err := filepath.WalkDir(stage.Root(), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		files++
		set := token.NewFileSet()
		source := stage.Must(os.ReadFile(path))
		f, err := parser.ParseFile(set, path, source, 0)
		if err != nil {
			return err
		}
		raw := map[int]bool{}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BasicLit:
				if strings.HasPrefix(n.Value, "`") {
					for line := set.Position(n.Pos()).Line; line <= set.Position(n.End()).Line; line++ {
						raw[line] = true
					}
				}
			case *ast.FuncDecl:
				lines := set.Position(n.End()).Line - set.Position(n.Pos()).Line + 1
				if lines > 60 && !strings.HasSuffix(path, "_test.go") && !strings.Contains(path, filepath.Join("cmd", "test")) {
					t.Errorf("%s: %s has %d lines", path, n.Name.Name, lines)
				}
			}
			return true
		})
		n := 0
		for line := range strings.Lines(string(source)) {
			if n++; len(line) > 141 && !raw[n] {
				t.Errorf("%s:%d is %d wide", path, n, len(line)-1)
			}
		}
		return nil
	})
	if err != nil || files < 300 {
		t.Errorf("%d files: %v", files, err)
	}
}

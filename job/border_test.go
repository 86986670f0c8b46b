package job

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// rooms are the packages below this one, and what of ours each may import. None
// knows ack: the ports are satisfied by shape, so that a command can be tested
// against anything. None knows cmd or a logger: they tell events, and it words
// them. Who may write is told apart by what stands here.
var rooms = map[string]string{
	".":            "policy job/sight job/write job/history job/end job/report",          // a run, which cannot give
	"history":      "policy job/write job/report",                                        // what earlier runs left: no way to the account
	"end":          "",                                                                   // a table, which all can read
	"sight":        "policy policy/kubeconfig",                                           // reads, and nothing of what comes of it
	"file":         "",                                                                   // bytes and names, whoever writes them
	"report":       "policy policy/audit job/end job/file",                               // outlives the program: nothing of how it came about
	"markdown":     "job/report",                                                         // text of others in Markdown: knows a terminal
	"change":       "policy job/report job/markdown",                                     // two policies, and one dry run at most, in words
	"metrics":      "policy job/end job/report",                                          // a report in numbers: sends and serves nothing
	"write":        "policy job/sight job/end job/report job/file",                       // the loop and the journal, for whatever writes
	"look":         "policy policy/kubeconfig policy/audit job/sight job/end job/report", // cannot reach what writes
	"restore":      "policy job/sight job/write job/end job/report",                      // gives, and takes the same back
	"page":         "policy policy/audit job/end job/report",                             // a stored document as it is shown: opens nothing
	"page/web":     "job/page job/report",                                                // as HTML
	"page/comment": "job/page job/markdown",                                              // as Markdown
	"page/sheet":   "job/page job/report",                                                // as CSV
	"page/plain":   "job/page job/report",                                                // as text
	"self":         "policy job/sight job/write job/end job/report",                      // its own credential alone
}

// libraries are what a room may import of others, for all rooms and for one alone.
var libraries = map[string]string{
	"":        "golang.org/x/sync/errgroup github.com/mattn/go-runewidth",
	"metrics": "github.com/prometheus/client_golang/prometheus", // the form that is scraped and pushed
}

func TestRooms(t *testing.T) {
	for room, allowed := range rooms {
		for _, name := range sources(t, room) {
			f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			for _, spec := range f.Imports {
				path, _ := strconv.Unquote(spec.Path.Value)
				first, rest, _ := strings.Cut(path, "/")
				switch {
				case first == "ackrevoke" && !slices.Contains(strings.Fields(allowed), rest):
					t.Errorf("%s imports %s", name, path)
				case strings.Contains(first, ".") && !slices.Contains(strings.Fields(libraries[""]+" "+libraries[room]), path):
					t.Errorf("%s imports %s", name, path)
				case path == "net/http" || path == "log" || path == "testing":
					t.Errorf("%s imports %s", name, path)
				}
			}
		}
	}
}

// What only looks cannot reach what writes, by whatever way.
func TestLookReachesNothingThatWrites(t *testing.T) {
	reached := map[string]bool{}
	var follow func(room string)
	follow = func(room string) {
		if reached[room] {
			return
		}
		reached[room] = true
		for _, name := range sources(t, filepath.Join("..", room)) {
			f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			for _, spec := range f.Imports {
				path, _ := strconv.Unquote(spec.Path.Value)
				if rest, ours := strings.CutPrefix(path, "ackrevoke/"); ours {
					follow(rest)
				}
			}
		}
	}
	follow("job/look")
	if !reached["job/sight"] || !reached["policy"] {
		t.Fatalf("only %v was looked at", slices.Collect(maps.Keys(reached)))
	}
	for _, room := range []string{"job", "job/write", "job/restore", "job/self"} {
		if reached[room] {
			t.Errorf("job/look can reach %s", room)
		}
	}
}

// Each call that writes is made in one place of the whole tree, and one function
// puts an intent on disk.
func TestOnePlaceForEveryWrite(t *testing.T) {
	want := map[string][]string{
		"Clean":        {"job/apply.go send"},
		"RevokeGrants": {"job/apply.go send", "job/restore/give.go apply"}, // a restore takes back what it gave
		"Grant":        {"job/restore/give.go apply"},
		"RevokeOwn":    {"job/self/self.go revoke"},
		"Append":       {"job/write/write.go Note", "job/write/write.go intend"},
		"Send":         {"job/write/write.go send"},
	}
	got := map[string][]string{}
	for name := range want {
		got[name] = []string{}
	}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && (d.Name() == "e2e" || d.Name() == "ack") {
			if d != nil && d.IsDir() && err == nil {
				return filepath.SkipDir
			}
			return err
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "jobtest") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		var packages []string
		for _, spec := range f.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			packages = append(packages, path[strings.LastIndex(path, "/")+1:])
		}
		for _, decl := range f.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			called := map[ast.Expr]bool{}
			ast.Inspect(fn, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok {
					called[call.Fun] = true
				}
				s, ok := n.(*ast.SelectorExpr)
				if !ok || want[s.Sel.Name] == nil {
					return true
				}
				x, plain := s.X.(*ast.Ident)
				if plain && slices.Contains(packages, x.Name) {
					return true // a name of a package
				}
				through, port := s.X.(*ast.SelectorExpr)
				handed := port && slices.Contains([]string{"Revoker", "Granter"}, through.Sel.Name)
				if !called[s] && !handed {
					return true // a field
				}
				got[s.Sel.Name] = append(got[s.Sel.Name], strings.TrimPrefix(filepath.ToSlash(path), "../")+" "+fn.Name.Name)
				return true
			})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, places := range want {
		slices.Sort(got[name])
		if !slices.Equal(got[name], places) {
			t.Errorf("%s is called by %q, want %q", name, got[name], places)
		}
	}
}

// sources are the files of a package without its tests.
func sources(t *testing.T, room string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(room, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	files = slices.DeleteFunc(files, func(name string) bool { return strings.HasSuffix(name, "_test.go") })
	if len(files) == 0 {
		t.Fatalf("%s has no files", room)
	}
	return files
}

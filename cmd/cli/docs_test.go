package cli_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"ackrevoke/job/report"
	"ackrevoke/policy"
)

// The documents are the README, in two languages, the change log and all of docs/. What they
// say is held to the program by these tests, by docs_commands_test.go, and where
// a table or a screen of theirs is the program's own, by the test of that.

// document is one of them, by its path from the root of the module.
type document struct{ path, text string }

func documents(t *testing.T) []document {
	t.Helper()
	root := moduleRoot(t)
	names, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil || len(names) == 0 {
		t.Fatal("no documents: ", err)
	}
	var all []document
	names = append(names, filepath.Join(root, chinese))
	for _, name := range append([]string{filepath.Join(root, "README.md"), filepath.Join(root, "CHANGELOG.md")}, names...) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		path, err := filepath.Rel(root, name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, document{path, string(text)})
	}
	return all
}

// moduleRoot is the folder of go.mod, wherever this package lies in it.
func moduleRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("there is no go.mod above this folder")
		}
		dir = filepath.Dir(dir)
	}
}

// block is a fenced block of a document, without its indentation in a list.
type block struct {
	language string
	line     int // of its first line in the document, from 1
	lines    []string
}

// blocks returns the fenced blocks of a document, and its prose: all the rest,
// with an empty line for each line of a block.
func (d document) blocks(t *testing.T) (fenced []block, prose []string) {
	t.Helper()
	var open *block
	indent := ""
	for i, line := range strings.Split(d.text, "\n") {
		fence, isFence := strings.CutPrefix(strings.TrimLeft(line, " "), "```")
		switch {
		case isFence && open == nil:
			indent = line[:len(line)-len(strings.TrimLeft(line, " "))]
			open = &block{language: fence, line: i + 2}
		case isFence:
			fenced, open = append(fenced, *open), nil
		case open != nil:
			open.lines = append(open.lines, strings.TrimPrefix(line, indent))
		}
		if isFence || open != nil {
			line = ""
		}
		prose = append(prose, line)
	}
	if open != nil {
		t.Fatalf("%s:%d: a block without an end", d.path, open.line)
	}
	return fenced, prose
}

// Who opens the README reads it: longer than this it would be skimmed, and what
// does not fit has a place in docs/.
func TestReadmeIsShort(t *testing.T) {
	const most = 12 << 10
	for _, d := range documents(t) {
		if d.path == "README.md" && len(d.text) > most {
			t.Errorf("the README has %d bytes, and at most %d are allowed", len(d.text), most)
		}
	}
}

var (
	inlineLink = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading    = regexp.MustCompile(`^#{1,6} +(.+?) *$`)
	codeSpan   = regexp.MustCompile("`[^`]*`")
)

// Every relative link of the documents leads to a file of the tree, and every
// anchor to a heading of it. Every document of docs/ is in the README's index.
func TestDocsLinks(t *testing.T) {
	root, anchors := moduleRoot(t), map[string]map[string]bool{}
	all := documents(t)
	for _, d := range all {
		anchors[d.path] = d.anchors(t)
	}
	for _, d := range all {
		_, prose := d.blocks(t)
		for i, line := range prose {
			for _, m := range inlineLink.FindAllStringSubmatch(codeSpan.ReplaceAllString(line, "code"), -1) {
				target, anchor, hasAnchor := strings.Cut(m[1], "#")
				if strings.Contains(target, "://") {
					continue
				}
				path := d.path
				if target != "" {
					path = filepath.Join(filepath.Dir(d.path), target)
				}
				if _, err := os.Stat(filepath.Join(root, path)); err != nil {
					t.Errorf("%s:%d: the link %s leads to no file", d.path, i+1, m[1])
				} else if hasAnchor && !anchors[path][anchor] {
					t.Errorf("%s:%d: the link %s leads to no heading", d.path, i+1, m[1])
				}
			}
		}
	}
	for _, d := range all[2:] {
		if !strings.Contains(all[0].text, "]("+filepath.ToSlash(d.path)+")") {
			t.Errorf("the index of the README lacks %s", d.path)
		}
	}
}

// anchors are the names that a renderer gives the headings of a document: in
// lower case, a hyphen for each space, and no punctuation.
func (d document) anchors(t *testing.T) map[string]bool {
	t.Helper()
	_, prose := d.blocks(t)
	names := map[string]bool{}
	for _, line := range prose {
		m := heading.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		name := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, m[1])
		for n, twice := name, 1; ; twice++ {
			if !names[n] {
				names[n] = true
				break
			}
			n = fmt.Sprintf("%s-%d", name, twice)
		}
	}
	return names
}

// Sections that comments in the code cite exist: "contract.md section 6",
// "[semantics.md 3]".
func TestDocsHaveTheSectionsThatTheCodeCites(t *testing.T) {
	cited := regexp.MustCompile(`\b(contract|semantics)\.md (?:section )?(\d+[a-z]?)\b`)
	root, sections, found := moduleRoot(t), map[string]bool{}, 0
	for _, d := range documents(t) {
		for name := range d.anchors(t) {
			number, _, _ := strings.Cut(name, "-")
			sections[strings.TrimSuffix(filepath.Base(d.path), ".md")+" "+number] = true
		}
	}
	err := filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Ext(path) != ".go" || filepath.Base(path) == "docs_test.go" {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range cited.FindAllSubmatch(text, -1) {
			found++
			if !sections[string(m[1])+" "+string(m[2])] {
				t.Errorf("%s cites %s, and there is no such section", path, m[0])
			}
		}
		return err
	})
	if err != nil || found == 0 {
		t.Error("no comment cites a section: ", err)
	}
}

// docs/semantics.md tells all that a run cannot end, word for word as reports do.
func TestDocsTellTheLimits(t *testing.T) {
	for _, d := range documents(t) {
		if d.path != filepath.Join("docs", "semantics.md") {
			continue
		}
		text := strings.ReplaceAll(d.text, "`", "")
		for _, limit := range report.Limits() {
			if !strings.Contains(text, "\n- "+limit+"\n") {
				t.Errorf("%s lacks: %s", d.path, limit)
			}
		}
	}
}

// Every policy that the documents show loads, and the one of the contract shows
// every key that there is.
func TestDocsPoliciesLoad(t *testing.T) {
	var schema any
	if err := json.Unmarshal(policy.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	for _, d := range documents(t) {
		fenced, _ := d.blocks(t)
		for _, b := range fenced {
			if b.language != "yaml" {
				continue
			}
			text, name := strings.Join(b.lines, "\n")+"\n", fmt.Sprintf("%s, block at line %d", d.path, b.line)
			if strings.HasPrefix(text, "accepted:") { // the rest of the policy is left out there
				text = "version: 1\naccount: \"1\"\nprincipals: []\n" + text
			}
			if _, err := policy.Load(name, []byte(text)); err != nil {
				t.Error(err)
			}
			if d.path != filepath.Join("docs", "contract.md") {
				continue
			}
			for _, key := range properties(schema) {
				if !strings.Contains(text, key+":") {
					t.Errorf("%s does not show the key %s", name, key)
				}
			}
		}
	}
}

// properties are the names of all that a JSON Schema knows.
func properties(schema any) []string {
	var names []string
	switch node := schema.(type) {
	case []any:
		for _, child := range node {
			names = append(names, properties(child)...)
		}
	case map[string]any:
		for key, child := range node {
			if of, ok := child.(map[string]any); ok && key == "properties" {
				names = append(names, slices.Sorted(maps.Keys(of))...)
			}
			names = append(names, properties(child)...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

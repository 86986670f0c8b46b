package main

import (
	"go/parser"
	"go/token"
	"testing"
)

// The texts that mutants break follow the program: make mutants takes ten minutes, and
// finds out too late that one of them breaks nothing any more.
func TestMutantsFollowTheProgram(t *testing.T) {
	t.Chdir("../..")
	all, err := load()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 60 {
		t.Errorf("only %d mutants", len(all))
	}
	seen := map[string]bool{}
	for _, m := range all {
		text, err := m.broken()
		if err == nil {
			_, err = parser.ParseFile(token.NewFileSet(), m.In, text, 0)
		}
		if err != nil || m.Is == m.Was {
			t.Errorf("%q: %v", m.Does, err)
		}
		if seen[m.Does] {
			t.Errorf("%q is there twice", m.Does)
		}
		seen[m.Does] = true
	}
}

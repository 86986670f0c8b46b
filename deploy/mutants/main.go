// Command mutants breaks the program in the ways that matter most and asks its
// tests to notice, for make mutants. testdata/mutants.yaml says what each mutant
// does and which text of which file becomes which other one; an overlay does it,
// so no file of the tree is touched.
//
// The liar test goes first, and stops at the first world in which something is
// wrong. What survives it meets the tests of the other rooms, the cheapest first,
// without the race detector and without those of hostile texts and of crashes,
// which take long and are about other things. With FULL=1 all of them run, and
// every test that notices is named. ONLY=TEXT takes the mutants that say so.
package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// mutant is one way to break the program.
type mutant struct {
	Does string `yaml:"does"`
	In   string `yaml:"in"`
	Was  string `yaml:"was"`
	Is   string `yaml:"is"`
	Liar string `yaml:"liar"` // the part of the liar test that is asked first
	At   string `yaml:"at"`   // its package, "" for that of the liar test

	dir, overlay, binary string
	err                  error // it could not be made or built
}

// rooms are where the other tests are, the cheapest first.
var rooms = [][]string{
	{"./policy/...", "./job/..."},
	{"./ack/..."},
	{"./cmd/..."},
}

func main() {
	if err := mutants(os.Getenv("FULL") != ""); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func mutants(full bool) error {
	began := time.Now()
	all, err := load()
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(m *mutant) bool { return !strings.Contains(m.Does, os.Getenv("ONLY")) })
	base, err := os.MkdirTemp("", "mutants-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(base) }()
	built := make(chan *mutant) // the next one is built while this one is asked about
	go func() {
		defer close(built)
		for i, m := range all {
			m.dir = filepath.Join(base, fmt.Sprint(i))
			m.err = m.build()
			built <- m
		}
	}()
	var alive []string
	liars := 0
	for m := range built {
		if m.err != nil {
			return fmt.Errorf("%q: %w", m.Does, m.err)
		}
		at := time.Now()
		caught := m.ask(full)
		_ = os.RemoveAll(m.dir)
		fmt.Printf("%s\n", m.Does)
		for _, name := range caught {
			fmt.Printf("  caught by %s\n", name)
		}
		fmt.Printf("  %.0f s\n", time.Since(at).Seconds())
		switch {
		case len(caught) == 0:
			alive = append(alive, m.Does)
			fmt.Println("  NOT caught")
		case strings.Contains(caught[0], "TestLiar"):
			liars++
		}
	}
	fmt.Printf("%d mutants, %d caught, %d of them by the liar test, in %.0f s\n", len(all), len(all)-len(alive), liars,
		time.Since(began).Seconds())
	if len(alive) > 0 {
		return fmt.Errorf("no test noticed:\n  %s", strings.Join(alive, "\n  "))
	}
	return nil
}

func load() (all []*mutant, err error) {
	raw, err := os.ReadFile("testdata/mutants.yaml")
	if err != nil {
		return nil, fmt.Errorf("%w: start this in the root of the project", err)
	}
	if err := yaml.Unmarshal(raw, &all); err != nil {
		return nil, fmt.Errorf("testdata/mutants.yaml: %w", err)
	}
	return all, nil
}

// broken is the file with the one text changed.
func (m *mutant) broken() ([]byte, error) {
	source, err := os.ReadFile(m.In)
	if err != nil {
		return nil, err
	}
	if n := bytes.Count(source, []byte(m.Was)); n != 1 || m.Was == "" {
		return nil, fmt.Errorf("%s has the text %d times; put it right in testdata/mutants.yaml:\n%s", m.In, n, m.Was)
	}
	return bytes.Replace(source, []byte(m.Was), []byte(m.Is), 1), nil
}

// build writes the overlay and builds the tests of the program with it.
func (m *mutant) build() error {
	text, err := m.broken()
	if err != nil {
		return err
	}
	real, err := filepath.Abs(m.In)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(m.dir, 0o700); err != nil {
		return err
	}
	changed := filepath.Join(m.dir, filepath.Base(m.In))
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{real: changed}})
	if err != nil {
		return err
	}
	m.overlay, m.binary = filepath.Join(m.dir, "overlay.json"), filepath.Join(m.dir, "ackrevoke.test")
	if err := errors.Join(os.WriteFile(changed, text, 0o600),
		os.WriteFile(m.overlay, overlay, 0o600)); err != nil {
		return err
	}
	out, err := exec.Command("go", "test", "-c", "-vet=off", "-overlay", m.overlay, "-o", m.binary, "./"+m.at()).CombinedOutput()
	if err != nil {
		return fmt.Errorf("it does not compile, so it proves nothing: %w\n%s", err, out)
	}
	return nil
}

// ask runs the tests on a mutant and returns those that failed: the first, or
// with full all of them.
func (m *mutant) ask(full bool) []string {
	caught := m.lie()
	for _, room := range rooms {
		if len(caught) > 0 && !full {
			return caught
		}
		args := []string{"test", "-vet=off", "-json", "-skip", "^Test(Liar|Hostile|Crash)"}
		if !full {
			args = append(args, "-failfast")
		}
		test := exec.Command("go", append(args, room...)...)
		// Tests of the real process build it themselves: it has to be the broken one.
		test.Env = append(os.Environ(), "GOFLAGS="+strings.TrimSpace(os.Getenv("GOFLAGS")+" -overlay="+m.overlay))
		out, _ := test.Output() // that it fails is the point
		caught = append(caught, failures(out)...)
	}
	return caught
}

// at is the package that is asked first.
func (m *mutant) at() string { return cmp.Or(m.At, "cmd/test/liar") }

// lie asks the liar test.
func (m *mutant) lie() []string {
	part := cmp.Or(m.Liar, "TestLiar")
	test := exec.Command(m.binary, "-test.run", "^"+part+"$", "-test.failfast", "-test.timeout", "10m")
	test.Dir = m.at()
	test.Env = append(os.Environ(), "LIAR_PLAIN=1")
	out, err := test.CombinedOutput()
	if err == nil {
		return nil
	}
	for line := range strings.Lines(string(out)) {
		if _, name, failed := strings.Cut(line, "--- FAIL: "); failed {
			name, _, _ = strings.Cut(name, " ")
			return []string{m.at() + " " + strings.TrimSpace(name) + told(string(out))}
		}
	}
	return []string{m.at() + " " + part + ", which ended in a panic"}
}

// told is what the liar test says of the first world in which something was
// wrong.
func told(out string) string {
	for line := range strings.Lines(out) {
		if _, world, ok := strings.Cut(line, ": seed "); ok {
			return fmt.Sprintf(", seed %.150s", strings.TrimSpace(world))
		}
	}
	return ""
}

// failures are the tests that failed, without their subtests, sorted.
func failures(events []byte) []string {
	var names []string
	for line := range bytes.Lines(events) {
		var e struct{ Action, Package, Test string }
		if json.Unmarshal(line, &e) == nil && e.Action == "fail" && e.Test != "" && !strings.Contains(e.Test, "/") {
			names = append(names, strings.TrimPrefix(e.Package, "ackrevoke/")+" "+e.Test)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

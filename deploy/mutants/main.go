// Command mutants breaks the program in the ways that matter most and asks its
// tests to notice, for make mutants. Each testdata/mutants/*.patch is one
// mutant: a line that says what it does wrong, and a diff. The tests of all
// rooms run on it, but for those of hostile texts and of crashes, which take
// long and are about other things. An overlay does it: no file of the tree is
// touched.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

func main() {
	if err := mutants(); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func mutants() error {
	patches, err := filepath.Glob("testdata/mutants/*.patch")
	if err != nil || len(patches) == 0 {
		return errors.Join(err, errors.New("no testdata/mutants/*.patch: start this in the root of the project"))
	}
	var alive []string
	for _, patch := range patches {
		caught, err := try(patch)
		if err != nil {
			return fmt.Errorf("%s: %w", patch, err)
		}
		if len(caught) == 0 {
			alive = append(alive, patch)
		}
	}
	if len(alive) > 0 {
		return fmt.Errorf("no test noticed %s", strings.Join(alive, ", "))
	}
	fmt.Printf("%d mutants, each caught\n", len(patches))
	return nil
}

// try runs the tests on one mutant and returns the tests that failed.
func try(patch string) ([]string, error) {
	text, err := os.ReadFile(patch)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "mutant-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	overlay, err := mutate(dir, text)
	if err != nil {
		return nil, err
	}
	environ := append(os.Environ(), "GOFLAGS=-overlay="+overlay, "LIAR_PLAIN=1")
	build := exec.Command("go", "build", "-o", os.DevNull, "./cmd/ackrevoke")
	build.Env = environ
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("it does not compile, so it proves nothing: %w\n%s", err, out)
	}
	test := exec.Command("go", "test", "-vet=off", "-json", "-skip", "^Test(Hostile|Crash)", "./...")
	test.Env = environ
	out, _ := test.Output() // that it fails is the point
	caught := failures(out)
	why, _, _ := bytes.Cut(text, []byte("\n"))
	fmt.Printf("%s: %s\n", strings.TrimSuffix(filepath.Base(patch), ".patch"), why)
	if len(caught) == 0 {
		fmt.Println("  NOT caught")
	}
	for _, name := range caught {
		fmt.Println("  caught by", name)
	}
	return caught, nil
}

var touched = regexp.MustCompile(`(?m)^--- a/(\S+)$`)

// mutate writes the patched files below dir, and the overlay that puts them in
// the place of the real ones.
func mutate(dir string, patch []byte) (overlay string, err error) {
	replace := map[string]string{}
	for _, m := range touched.FindAllSubmatch(patch, -1) {
		name := string(m[1])
		real, err := filepath.Abs(name)
		if err != nil {
			return "", err
		}
		mutant := filepath.Join(dir, name)
		source, err := os.ReadFile(real)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(mutant), 0o700)
		}
		if err == nil {
			err = os.WriteFile(mutant, source, 0o600)
		}
		if err != nil {
			return "", err
		}
		replace[real] = mutant
	}
	apply := exec.Command("git", "apply", "-")
	apply.Dir, apply.Stdin = dir, bytes.NewReader(patch)
	if out, err := apply.CombinedOutput(); err != nil {
		return "", fmt.Errorf("the patch does not fit any more; make it anew: %w\n%s", err, out)
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	overlay = filepath.Join(dir, "overlay.json")
	return overlay, os.WriteFile(overlay, text, 0o600)
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

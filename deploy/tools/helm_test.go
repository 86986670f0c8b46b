package tools

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Where things are, seen from this folder.
const (
	root  = "../.."
	chart = "../chart/ackrevoke"
	ci    = "../chart/ci"
)

// helmBinary is the helm of this module's go.mod, as `make helm` builds it.
var helmBinary string

// TestMain builds helm first: minutes in an empty build cache, else a second.
func TestMain(m *testing.M) {
	out, err := exec.Command("make", "-C", root, "--no-print-directory", "helm").CombinedOutput()
	if err != nil {
		fmt.Fprintf(os.Stderr, "make helm: %v\n%s", err, out)
		os.Exit(1)
	}
	if helmBinary, err = filepath.Abs(filepath.Join(root, "bin", "helm")); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// helm runs it, and returns standard output and, where it fails, what it says.
func helm(args ...string) (stdout string, err error) {
	c := exec.Command(helmBinary, args...)
	var out, said bytes.Buffer
	c.Stdout, c.Stderr = &out, &said
	if err := c.Run(); err != nil {
		return "", fmt.Errorf("helm %s: %w\n%s%s", strings.Join(args, " "), err, out.String(), said.String())
	}
	return out.String(), nil
}

// rendered is what an install as `ackrevoke` into the namespace `ackrevoke` would
// create, with the values of one file of deploy/chart/ci and some flags more.
func rendered(t *testing.T, file string, flags ...string) objects {
	t.Helper()
	args := []string{"template", "ackrevoke", chart, "--namespace", "ackrevoke", "--values", filepath.Join(ci, file)}
	out, err := helm(append(args, flags...)...)
	if err != nil {
		t.Fatal(err)
	}
	return decode(t, out)
}

// combinations are the files of deploy/chart/ci.
func combinations(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(ci, "*.yaml"))
	if err != nil || len(files) < 6 {
		t.Fatalf("%d combinations of values: %v", len(files), err)
	}
	for i, f := range files {
		files[i] = filepath.Base(f)
	}
	return files
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
